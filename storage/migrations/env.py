"""Alembic's entry: runs the migrations on the connection that it was given, in that connection's transaction."""

from __future__ import annotations

from alembic import context

from storage.schema import REVISION_TABLE
from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=REVISION_TABLE,
    compare_type=True,
    render_as_batch=True,  # SQLite can change little of a table: it is copied instead
)
with context.begin_transaction():
    context.run_migrations()
