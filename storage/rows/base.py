"""Statements of one transaction, and the words in which dialects differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NoReturn

from sqlalchemy import Executable, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import Conflict, StoreError
from storage.failures import translate

# Without it the number of inserted rows is lost where the driver closes its cursor at once.
_OPTIONS = {"preserve_rowcount": True}


class Rows:
    """Runs statements. `failure` is the error after which nothing may be committed, even if somebody caught it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._postgres = connection.dialect.name == "postgresql"
        self.failure: StoreError | None = None

    async def _run(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[dict[str, Any]] | None = None
    ) -> CursorResult[Any]:
        try:
            return await self._connection.execute(statement, values, execution_options=_OPTIONS)
        except (SQLAlchemyError, UnicodeError) as error:  # drivers let UnicodeError pass for half a surrogate pair
            self.failure = translate(error)
            raise self.failure from error

    def _conflict(self, message: str) -> NoReturn:
        self.failure = Conflict(message)
        raise self.failure

    async def _count(self, statement: Executable, values: Mapping[str, Any] | None = None) -> int:
        """Execute, and tell how many rows that changed."""
        return (await self._run(statement, values)).rowcount

    async def _all(self, statement: Executable) -> Sequence[Row[Any]]:
        return (await self._run(statement)).all()

    async def _first(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        return (await self._run(statement, values)).first()

    def _insert(self, table: Table) -> Any:
        """The dialect's own INSERT, which knows ON CONFLICT; SQLAlchemy gives the two no common type."""
        return _insert(table, postgres=self._postgres)

    async def _add(self, table: Table, values: dict[str, Any]) -> bool:
        """Insert; false, and nothing changed, when a row with one of its unique values is there."""
        return await self._count(_adding(table, postgres=self._postgres), values) == 1


def _insert(table: Table, *, postgres: bool) -> Any:
    return postgresql.insert(table) if postgres else sqlite.insert(table)


@cache
def _adding(table: Table, *, postgres: bool) -> Any:
    """Made once: to put a statement together and to look it up costs several times as much as the database does."""
    return _insert(table, postgres=postgres).on_conflict_do_nothing().inline()
