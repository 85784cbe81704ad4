from __future__ import annotations

from tests.cli.conftest import vigie
from tests.storage.conftest import (
    opening,
    postgres,
    postgres_template,
    postgres_url,
    sqlite_template,
    sqlite_url,
    store,
    url,
)

__all__ = [
    "opening",
    "postgres",
    "postgres_template",
    "postgres_url",
    "sqlite_template",
    "sqlite_url",
    "store",
    "url",
    "vigie",
]
