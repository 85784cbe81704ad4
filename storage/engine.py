"""From the address of a database to an engine that keeps our promises on it."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import StoreError
from bot.paths import is_there
from storage.driver import BEGIN, connect
from storage.driver import Connection as Connected

ACCEPTED = "sqlite:///vigie.db or postgresql://USER:PASSWORD@HOST/NAME"

PATIENCE = 10
"""Seconds to wait for a connection, and for what another process has locked."""

_POSTGRES_LIMITS = (
    "-c timezone=UTC "
    f"-c lock_timeout={PATIENCE}s "
    # A process that hangs inside a transaction must not keep the others waiting.
    "-c idle_in_transaction_session_timeout=60s"
)


def parse(url: str) -> URL:
    """The address with the driver we use. `StoreError` says what is accepted; no password is ever in it."""
    scheme = re.match(r"([a-z0-9+]+)://", url)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(f"the database's address cannot be read: use {ACCEPTED}") from None
    match parsed.drivername:
        case "sqlite" | "sqlite+aiosqlite":
            if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
                raise StoreError(
                    "the database needs a file: sqlite:///vigie.db, with a fourth slash for an absolute path"
                )
            if others := parsed.query.keys() - {"timeout"}:
                raise StoreError(f"the database's address: SQLite has no option {min(others)} here, only timeout")
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres" | "postgresql+psycopg":
            if find_spec("psycopg") is None:
                raise StoreError('the driver for PostgreSQL is missing: pip install "vigie[postgres]"')
            return parsed.set(drivername="postgresql+psycopg")
        case _:
            named = f"{scheme[1]!r} is" if scheme else "the database's address has"
            raise StoreError(f"{named} not a kind of database that we know: use {ACCEPTED}")


def file_of(url: URL) -> Path | None:
    """The file of a SQLite database, None for PostgreSQL."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def named(url: URL) -> str:
    """What an error calls it: a file by its path."""
    path = file_of(url)
    return "the database" if path is None else f"the database {path}"


def shown(url: URL) -> str:
    """The address as people may see it: without the password, wherever it stands."""
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)


def prepare(url: URL) -> None:
    """Make a SQLite database's file, if it is not there, for nobody but us. `StoreError` when that cannot be done."""
    path = file_of(url)
    if path is None or is_there(path, StoreError):
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"the database's file {path} cannot be made: {error.strerror}") from error


def async_engine(url: URL) -> AsyncEngine:
    options = _options(url)
    if file_of(url) is not None:
        arguments = options.pop("connect_args")

        async def opened() -> Connected:
            (path,), given = engine.dialect.create_connect_args(url)
            return await connect(path, **{**given, **arguments, "check_same_thread": False})

        options["async_creator"] = opened
    engine = create_async_engine(url, **options)
    _listen(engine.sync_engine, foreign_keys=True, begins=False)  # `SqliteTransactions` does
    return engine


def plain_engine(url: URL) -> Engine:
    """A blocking engine, to look at a schema or change it.

    Without SQLite's foreign keys: to change a table there is to copy and drop it, and dropping would cascade.
    """
    if file_of(url) is not None:
        url = url.set(drivername="sqlite")
    engine = create_engine(url, **_options(url))
    _listen(engine, foreign_keys=False, begins=True)
    return engine


def _options(url: URL) -> dict[str, Any]:
    if file_of(url) is not None:
        # One connection: our own transactions then queue for it in order, where SQLite would have them poll for its
        # lock. isolation_level None leaves BEGIN to us.
        arguments: dict[str, Any] = {"timeout": PATIENCE, "isolation_level": None}
        pool = {"pool_size": 1, "max_overflow": 0}
    else:
        arguments = {"connect_timeout": PATIENCE, "application_name": "vigie", "options": _POSTGRES_LIMITS}
        pool = {"pool_size": 5, "max_overflow": 5}
    given = url.normalized_query
    return {
        **pool,
        "pool_timeout": 2 * PATIENCE,
        "connect_args": {name: value for name, value in arguments.items() if name not in given},
        "hide_parameters": True,
    }


def _listen(engine: Engine, *, foreign_keys: bool, begins: bool) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        # FULL: a committed intention to send outlives a power cut, too; NORMAL may lose the last commits to one.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.execute("PRAGMA secure_delete = ON")  # forgotten is overwritten, not only unlinked
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.close()

    if begins:
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(BEGIN))
