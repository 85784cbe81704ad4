"""Statements of one transaction, and the words in which dialects differ."""

from __future__ import annotations

from collections.abc import Sequence
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

    async def _run(self, statement: Executable, values: Sequence[dict[str, Any]] | None = None) -> CursorResult[Any]:
        try:
            return await self._connection.execute(statement, values, execution_options=_OPTIONS)
        except (SQLAlchemyError, UnicodeError) as error:  # drivers let UnicodeError pass for half a surrogate pair
            self.failure = translate(error)
            raise self.failure from error

    def _conflict(self, message: str) -> NoReturn:
        self.failure = Conflict(message)
        raise self.failure

    async def _count(self, statement: Executable) -> int:
        """Execute, and tell how many rows that changed."""
        return (await self._run(statement)).rowcount

    async def _all(self, statement: Executable) -> Sequence[Row[Any]]:
        return (await self._run(statement)).all()

    async def _first(self, statement: Executable) -> Row[Any] | None:
        return (await self._run(statement)).first()

    def _insert(self, table: Table) -> Any:
        """The dialect's own INSERT, which knows ON CONFLICT; SQLAlchemy gives the two no common type."""
        return postgresql.insert(table) if self._postgres else sqlite.insert(table)

    async def _add(self, table: Table, values: dict[str, Any]) -> bool:
        """Insert; false, and nothing changed, when a row with one of its unique values is there."""
        return await self._count(self._insert(table).values(values).on_conflict_do_nothing()) == 1
