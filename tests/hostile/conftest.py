"""Databases of both kinds, for what must not be found in them."""

from __future__ import annotations

from tests.storage.conftest import (
    opening,
    postgres,
    postgres_template,
    postgres_url,
    sqlite_template,
    sqlite_url,
    url,
)

__all__ = ["opening", "postgres", "postgres_template", "postgres_url", "sqlite_template", "sqlite_url", "url"]
