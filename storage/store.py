"""`SqlStore`: the Store on SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import StoreError
from storage.engine import async_engine, parse, prepare
from storage.failures import translated
from storage.rows.calendar import CalendarRows
from storage.rows.claiming import ClaimRows
from storage.rows.deliveries import DeliveryRows
from storage.rows.forgetting import ForgettingRows
from storage.rows.mentions import MentionRows


class SqlTransaction(MentionRows, DeliveryRows, ClaimRows, CalendarRows, ForgettingRows):
    """See `bot.ports.Transaction` for what is promised."""


class SqlStore:
    """Made by `open_store`.

    An error that a transaction raised undoes all of it, even if it was caught inside the block: leaving raises it again.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._closed = False
        self._wiping = _Wiping(engine) if engine.dialect.name == "sqlite" else None
