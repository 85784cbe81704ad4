"""Statements of one transaction, and the words in which dialects differ."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NoReturn

from sqlalchemy import (
    ColumnElement,
    Executable,
    Table,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import Conflict, StoreError
from storage.columns import Name, Names
from storage.failures import translate
from storage.prepared import Row, Wordings
from storage.transactions import Session

# Without it the number of inserted rows is lost where the driver closes its cursor at once.
_OPTIONS = {"preserve_rowcount": True}


AT_ONCE = 500
"""Rows that are read from what a driver brought before others have a turn: some five milliseconds."""


class Rows:
    """Runs statements. `failure` is the error after which nothing may be committed, even if somebody caught it."""

    def __init__(self, session: Session, wordings: Wordings) -> None:
        self._session = session
        self._wordings = wordings
        self._postgres = session.connection.dialect.name == "postgresql"
        self._driver_error: type[Exception] = session.connection.dialect.loaded_dbapi.Error
        self.failure: StoreError | None = None

    async def _run(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[dict[str, Any]] | None = None
    ) -> CursorResult[Any]:
        try:
            return await self._session.connection.execute(statement, values, execution_options=_OPTIONS)
        except (SQLAlchemyError, UnicodeError) as error:  # drivers let UnicodeError pass for half a surrogate pair
            self._fail(error)

    async def _prepared(self, statement: Executable, values: Mapping[str, Any]) -> tuple[list[Row], int]:
        """Run one of the constant statements of nearly every transaction, with values for all it asks for."""
        prepared = self._wordings.of(statement, values)
        try:
            found, count = await self._session.run(prepared.sql, prepared.bind(values), rows=prepared.brings_rows)
        except (self._driver_error, SQLAlchemyError, ValueError) as error:  # ValueError: a type takes no such value
            self._fail(error)
        rows = []
        for number, row in enumerate(found, 1):
            rows.append(prepared.row(row))
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)  # the figures of a month may be thousands: whoever waits has a turn
        return rows, count

    def _fail(self, error: Exception) -> NoReturn:
        self.failure = translate(error)
        raise self.failure from error

    def _conflict(self, message: str) -> NoReturn:
        self.failure = Conflict(message)
        raise self.failure

    async def _count(self, statement: Executable, values: Mapping[str, Any] | None = None) -> int:
        """Execute, and tell how many rows that changed."""
        return (await self._run(statement, values)).rowcount

    async def _all(self, statement: Executable) -> Sequence[Row]:
        return (await self._run(statement)).all()

    async def _first(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Row | None:
        return (await self._run(statement, values)).first()

    def _insert(self, table: Table) -> Any:
        return inserting(table, postgres=self._postgres)

    async def _add(self, table: Table, values: dict[str, Any]) -> bool:
        """Insert; false, and nothing changed, when a row with one of its unique values is there."""
        return (await self._prepared(_adding(table, postgres=self._postgres), values))[1] == 1


def inserting(table: Table, *, postgres: bool) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT; SQLAlchemy gives the two no common type."""
    if not postgres:
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # only where it is needed: that takes a while

    return postgresql.insert(table)


def literals(words: Iterable[str]) -> list[ColumnElement[str]]:
    """Words of ours that stand in the statement: a partial index serves only a query that visibly asks for its part."""
    return [literal_column(f"'{word}'", Name) for word in words]


def names(parameter: str, *, postgres: bool) -> ColumnElement[str]:
    """The names that are handed over as one value, a row for each: so many as there are, the statement stays the same.

    Statements that list them are worded anew for each number of them, which takes longer than to carry them out.
    """
    given = bindparam(parameter, type_=Names)
    if postgres:
        return func.unnest(given).table_valued(column("name", Name), name=parameter).render_derived().c.name
    return func.json_each(given).table_valued(column("value", Name), name=parameter).c.value


def is_among(name: ColumnElement[str], parameter: str, *, postgres: bool) -> ColumnElement[bool]:
    """Whether a column has one of the names that are handed over as one value."""
    if postgres:
        return name == any_(bindparam(parameter, type_=Names))
    return name.in_(select(names(parameter, postgres=False)))


@cache
def _adding(table: Table, *, postgres: bool) -> Any:
    """Made once: to put a statement together and to look it up costs several times as much as the database does."""
    return inserting(table, postgres=postgres).on_conflict_do_nothing().inline()
