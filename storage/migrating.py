"""Changing a schema, with Alembic: in one transaction, by one process at a time, after a backup."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text

from bot.errors import StoreError
from storage.engine import file_of, prepare, shown
from storage.schema import Upgrade, copy, dated, opened, revision, there

_LOCK = 0x5669676965
"""`Vigie` in ASCII: the advisory lock of whoever changes a schema on PostgreSQL."""


def migrate(url: URL, migrations: Path) -> Upgrade:
    """See `storage.schema.upgrade`."""
    config = _config(migrations)
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    if head is None:
        raise StoreError(f"there are no migrations in {migrations}: Vigie is not installed as it should be")
    prepare(url)
    there(url)
    path = file_of(url)
    saved = None
    with opened(url) as engine:
        with engine.connect() as connection:
            before = revision(connection)
        _require_known(scripts, before, head, url)
        if path is not None and before not in (None, head):
            saved = copy(path, dated(path, before))
        with engine.begin() as connection:
            if path is None:
                connection.execute(text("SET LOCAL lock_timeout = '5min'"))  # another process may be at it
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _require_known(scripts, revision(connection), head, url)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _require_whole(connection)
    return Upgrade(before, head, saved)


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config


def _require_known(scripts: ScriptDirectory, found: str | None, head: str, url: URL) -> None:
    # Alembic's own look-up would also take the beginning of a revision for it.
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(
            f"the database {shown(url)} has schema {found}, and this version of Vigie knows schemas up to {head}: "
            "install the version that made it, or restore the backup made before it was upgraded"
        )


def _require_whole(connection: Connection) -> None:
    """SQLite's foreign keys are off while tables are rebuilt, so they are checked before the commit."""
    if connection.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise StoreError("the upgrade would leave rows that refer to nothing: nothing was changed, please report this")
