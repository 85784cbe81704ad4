"""`SqlStore`: the Store on SQLite or PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import StoreError
from bot.logger import get_logger
from storage.engine import async_engine, parse, prepare
from storage.failures import translated
from storage.prepared import Wordings
from storage.rows.calendar import CalendarRows
from storage.rows.claiming import ClaimRows
from storage.rows.deliveries import DeliveryRows
from storage.rows.forgetting import ForgettingRows
from storage.rows.mentions import MentionRows
from storage.rows.tracing import TraceRows
from storage.transactions import CLOSED, SqliteTransactions, Transactions, transactions

log = get_logger(__name__)

RETRY = 60.0
"""Seconds before what could not be overwritten is tried again: that rewrites the file."""


class SqlTransaction(MentionRows, DeliveryRows, ClaimRows, CalendarRows, TraceRows, ForgettingRows):
    """See `bot.ports.Transaction` for what is promised."""


class SqlStore:
    """Made by `open_store`.

    An error that came out of a transaction undoes all of it, even if it was caught inside the block: leaving raises
    it again.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._closed = False
        self._transactions = transactions(engine)
        self._wordings = Wordings(engine.dialect)
        self._residue = _Residue(self._transactions)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlTransaction]:
        """Raises StoreUnavailable when it cannot be begun or committed, Conflict when judging again may help."""
        if self._closed:
            raise StoreError(CLOSED)
        with translated():
            async with self._transactions.begin() as session:
                tx = SqlTransaction(session, self._wordings)
                yield tx
                if tx.failure is not None:
                    raise tx.failure
        if tx.removed:
            await self._residue.wipe()
        elif self._residue.left:
            await self._residue.wipe_the_rest()

    async def close(self) -> None:
        """Give every connection back. Nothing can be begun afterwards; closing twice is harmless."""
        if self._closed:
            return
        if self._residue.left:
            await self._residue.wipe()
        self._closed = True
        with translated():
            await self._transactions.close()
            await self._engine.dispose()


class _Residue:
    """What a SQLite file still holds of removed rows: copies of old pages in its log, and of rows that moved in pages.

    `secure_delete` overwrites what is deleted, but neither of those. PostgreSQL has its own vacuum.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self.left = False
        self._next_try = 0.0  # of the event loop's clock

    async def wipe_the_rest(self) -> None:
        """Try again what could not be done, now and then."""
        if asyncio.get_running_loop().time() >= self._next_try:
            await self.wipe()

    async def wipe(self) -> None:
        """Overwrite it. While another process reads, or the disk is full, some of it is left for later."""
        if not isinstance(self._transactions, SqliteTransactions):
            return
        self.left = True
        self._next_try = asyncio.get_running_loop().time() + RETRY
        try:
            async with self._transactions.driver() as driver:
                [(patience,)] = await driver.execute_fetchall("PRAGMA busy_timeout")
                # What was asked for is committed: nobody shall wait long for this.
                await driver.execute_fetchall("PRAGMA busy_timeout = 500")
                try:
                    await driver.execute_fetchall("VACUUM")
                    [(busy, *_)] = await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
                    self.left = bool(busy)
                finally:
                    await driver.execute_fetchall(f"PRAGMA busy_timeout = {patience}")
        except (SQLAlchemyError, sqlite3.Error) as error:
            log.warning("removed rows are not overwritten yet", error=type(error).__name__)


def open_store(url: str) -> SqlStore:
    """The store at `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`, whose schema `storage.schema` keeps.

    Connects when first used. `StoreError` when the address or its driver will not do, or the file cannot be made.
    """
    parsed = parse(url)
    prepare(parsed)
    return SqlStore(async_engine(parsed))
