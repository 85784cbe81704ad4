"""`SqlStore`: the Store on SQLite or PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import StoreError
from storage.engine import PATIENCE, async_engine, parse, prepare
from storage.failures import translated
from storage.rows.calendar import CalendarRows
from storage.rows.claiming import ClaimRows
from storage.rows.deliveries import DeliveryRows
from storage.rows.forgetting import ForgettingRows
from storage.rows.mentions import MentionRows

log = structlog.get_logger(__name__)


class SqlTransaction(MentionRows, DeliveryRows, ClaimRows, CalendarRows, ForgettingRows):
    """See `bot.ports.Transaction` for what is promised."""


class SqlStore:
    """Made by `open_store`.

    An error that came out of a transaction undoes all of it, even if it was caught inside the block: leaving raises
    it again.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._closed = False
        self._residue = _Residue(engine)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlTransaction]:
        """Raises StoreUnavailable when it cannot be begun or committed, Conflict when judging again may help."""
        if self._closed:
            raise StoreError("the store was closed")
        with translated():
            async with self._engine.begin() as connection:
                tx = SqlTransaction(connection)
                yield tx
                if tx.failure is not None:
                    raise tx.failure
        if tx.removed and self._engine.dialect.name == "sqlite":
            self._residue.there = True
        await self._residue.wipe()

    async def close(self) -> None:
        """Give every connection back. Nothing can be begun afterwards; closing twice is harmless."""
        self._closed = True
        with translated():
            await self._engine.dispose()


class _Residue:
    """What a SQLite file still holds of removed rows: copies of old pages in its log, and of rows that moved in pages.

    `secure_delete` overwrites what is deleted, but neither of those. PostgreSQL has its own vacuum.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.there = False

    async def wipe(self) -> None:
        """Overwrite it. When another process reads just now, it is left for the next time."""
        if not self.there:
            return
        try:
            async with self._engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                # What was asked for is committed: nobody shall wait long for this.
                await driver.execute_fetchall("PRAGMA busy_timeout = 500")
                try:
                    await driver.execute_fetchall("VACUUM")
                    [(busy, *_)] = await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
                    self.there = bool(busy)
                finally:
                    await driver.execute_fetchall(f"PRAGMA busy_timeout = {PATIENCE * 1000}")
        except (SQLAlchemyError, sqlite3.Error) as error:
            log.warning("removed rows are not overwritten yet", error=type(error).__name__)


def open_store(url: str) -> SqlStore:
    """The store at `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`, whose schema `storage.schema` keeps.

    Connects when first used. `StoreError` when the address or its driver will not do, or the file cannot be made.
    """
    parsed = parse(url)
    prepare(parsed)
    return SqlStore(async_engine(parsed))
