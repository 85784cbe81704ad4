"""What a driver's error means for the core: again later, judge again, or something that a person has to mend."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import Conflict, StoreError, StoreUnavailable

# https://sqlite.org/rescode.html
_SQLITE_TRANSIENT = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
}
_SQLITE_CONFLICTS = {
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES_CONFLICTS = ("40001", "40P01", "23503", "23505")
_POSTGRES_TRANSIENT = ("08", "25006", "25P03", "25P04", "53", "55P03", "57", "58")
_POSTGRES_MISSING = ("42P01", "42703", "3F000")
_LOST = ("OperationalError", "InterfaceError")
"""By name, as the standard of drivers has it (PEP 249): psycopg need not be there."""


@contextmanager
def translated(named: str = "the database") -> Iterator[None]:
    """Errors of the database leave as errors of the core. Nothing of a statement or its values is in their text."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise translate(error, named) from error


def translate(error: Exception, named: str = "the database") -> StoreError:
    """An error of SQLAlchemy, or of a driver that SQLAlchemy has not seen, as the core knows it."""
    if isinstance(error, PoolTimeout):
        return StoreUnavailable("every connection to the database is in use")
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _sqlite(cause, named)
    if cause is None or isinstance(cause, SQLAlchemyError | ValueError):
        return StoreError(f"the database layer refused: {type(error).__name__}")
    return _postgres(cause, invalidated=isinstance(error, DBAPIError) and error.connection_invalidated)


def _sqlite(error: sqlite3.Error, named: str) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # raised by Python or aiosqlite themselves, as for a connection that was closed
        lost = isinstance(error, sqlite3.OperationalError)
        return StoreUnavailable(f"{named}: {error}") if lost else StoreError(f"{named}: {error}")
    if code in _SQLITE_CONFLICTS:
        return Conflict(f"somebody else changed it meanwhile: {error}")
    if code & 0xFF in _SQLITE_TRANSIENT:  # the low byte is the kind, the rest the detail
        return StoreUnavailable(f"{named}: {error}")
    if code == sqlite3.SQLITE_ERROR and "no such" in str(error):
        return _missing()
    if code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreError(f"{named} is damaged, or is none ({error}): restore a backup")
    return StoreError(f"{named}: {error}")


def _postgres(error: BaseException, *, invalidated: bool) -> StoreError:
    state = getattr(error, "sqlstate", None)
    text = str(error).partition("\n")[0]
    if state is None:
        lost = invalidated or any(kind.__name__ in _LOST for kind in type(error).__mro__)
        return StoreUnavailable(f"the database: {text}") if lost else StoreError(f"the database: {text}")
    if state in _POSTGRES_CONFLICTS:
        return Conflict(f"somebody else changed it meanwhile: {text}")
    if state.startswith(_POSTGRES_TRANSIENT):
        return StoreUnavailable(f"the database: {text}")
    if state in _POSTGRES_MISSING:
        return _missing()
    return StoreError(f"the database: {text}")


def _missing() -> StoreError:
    return StoreError("the database lacks tables of this version of Vigie: it has to be upgraded first")
