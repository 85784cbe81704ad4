"""How a transaction is begun and ended on each database, and how its statements reach the driver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import StoreError
from storage.driver import Connection
from storage.engine import PATIENCE

CLOSED = "the store was closed"


class Session(Protocol):
    """A transaction that has begun. `connection` is SQLAlchemy's, for whatever is not prepared."""

    connection: AsyncConnection

    async def run(self, sql: str, values: Any, *, rows: bool) -> tuple[Sequence[Sequence[Any]], int]:
        """Hand a statement to the driver: the rows it brings, if there are any, and how many it concerned."""


class Transactions(Protocol):
    def begin(self) -> AbstractAsyncContextManager[Session]:
        """Commits at the end, undoes everything when an error comes out of it."""

    async def close(self) -> None: ...


class SqliteTransactions:
    """SQLite's one connection, kept open; transactions take turns.

    They are begun and ended by the driver, not by SQLAlchemy, for which the connection never leaves autocommit.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()
        self._session: _SqliteSession | None = None
        self._closed = False

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Session]:
        await self._take_turn()
        try:
            session = await self._connected()
            try:
                await session.driver.begin()
                yield session
                await session.driver.commit()
            except BaseException:
                if not session.connection.invalidated:
                    session.driver.abandon()
                raise
        finally:
            self._turn.release()

    @asynccontextmanager
    async def driver(self) -> AsyncIterator[Connection]:
        """The connection outside of any transaction."""
        await self._take_turn()
        try:
            yield (await self._connected()).driver
        finally:
            self._turn.release()

    async def close(self) -> None:
        """After the transaction that is going on, unless that takes forever."""
        self._closed = True
        try:
            await self._take_turn()
        except PoolTimeout:
            await self._let_go()  # whoever has the turn gives it back
            return
        try:
            await self._let_go()
        finally:
            self._turn.release()

    async def _take_turn(self) -> None:
        if not self._turn.locked():
            await self._turn.acquire()
            return
        try:
            async with asyncio.timeout(2 * PATIENCE):
                await self._turn.acquire()
        except TimeoutError as error:
            raise PoolTimeout from error

    async def _connected(self) -> _SqliteSession:
        """What is open, or opened anew, to whoever has the turn."""
        if self._closed:
            raise StoreError(CLOSED)
        if self._session is None or self._session.connection.invalidated:
            await self._let_go()
            self._session = await self._connect()
        return self._session

    async def _connect(self) -> _SqliteSession:
        connection = await self._engine.connect()
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            driver: Any = (await connection.get_raw_connection()).driver_connection
            return _SqliteSession(connection, driver)
        except BaseException:
            await connection.close()
            raise

    async def _let_go(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.connection.close()


class _SqliteSession:
    def __init__(self, connection: AsyncConnection, driver: Connection) -> None:
        self.connection = connection
        self.driver = driver

    async def run(
        self,
        sql: str,
        values: Any,
        *,
        rows: bool,  # noqa: ARG002  # psycopg wants to know; here no rows are an empty list
    ) -> tuple[Sequence[Sequence[Any]], int]:
        return await self.driver.run(sql, values)


class PostgresTransactions:
    """SQLAlchemy's pool. Statements that are prepared go to psycopg within the transaction that SQLAlchemy began."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Session]:
        async with self._engine.begin() as connection:
            yield _PostgresSession(connection, (await connection.get_raw_connection()).driver_connection)

    async def close(self) -> None:
        """Every connection is the pool's."""


class _PostgresSession:
    def __init__(self, connection: AsyncConnection, driver: Any) -> None:
        self.connection = connection
        self._driver = driver

    async def run(self, sql: str, values: Any, *, rows: bool) -> tuple[Sequence[Sequence[Any]], int]:
        try:
            cursor = await self._driver.execute(sql, values)
            return (await cursor.fetchall() if rows else ()), cursor.rowcount
        except Exception:
            if self._driver.closed:
                # SQLAlchemy shall meet the dead connection itself: it then gives up all that are as old.
                await self.connection.execute(text("SELECT 1"))
            raise


def transactions(engine: AsyncEngine) -> Transactions:
    return SqliteTransactions(engine) if engine.dialect.name == "sqlite" else PostgresTransactions(engine)
