"""What Vigie's contenders share: a store that counts its transactions, and a keeper that keeps nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

from bot.ports import Store, Transaction
from storage.memory import MemoryStore
from storage.schema import ensure
from storage.store import open_store


class Counting:
    """A store that counts how often it was asked for a transaction."""

    def __init__(self, store: Store) -> None:
        self.begun = 0
        self._store = store

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        self.begun += 1
        return self._store.begin()

    async def close(self) -> None:
        await self._store.close()


def counting(store: Store) -> Counting:
    return Counting(store)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """The store at an address; `memory` for the one that keeps nothing."""
    if url != "memory":
        await ensure(url)
    store: Store = MemoryStore() if url == "memory" else open_store(url)
    try:
        yield store
    finally:
        await store.close()


class Held:
    def __init__(self) -> None:
        self.lost = asyncio.Event()


class Kept:
    """Everything is ours, and nothing is noted."""

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[Held]:  # noqa: ARG002  # the port's
        yield Held()

    async def note(self, name: str, at: datetime) -> None:
        pass

    async def count(self, name: str, since: datetime) -> int:  # noqa: ARG002  # the port's
        return 0
