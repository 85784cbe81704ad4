"""Databases and processes for stories about faults."""

from __future__ import annotations

from tests.postgres import postgres
from tests.storage.conftest import opening, postgres_template, postgres_url, sqlite_template, sqlite_url, url

__all__ = ["opening", "postgres", "postgres_template", "postgres_url", "sqlite_template", "sqlite_url", "url"]
