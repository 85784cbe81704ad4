"""What Vigie's contenders share: a store that counts its transactions, and a keeper that keeps nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from time import thread_time
from typing import TypeVar

from bot.ports import Store, Transaction
from storage.memory import MemoryStore
from storage.schema import ensure
from storage.store import open_store

Taken = TypeVar("Taken")


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


class Changing:
    """The messages that change something, and how long these took in a lap.

    Which they are is learnt in the lap that warms up: later laps look at the clock for those alone, since to look at it
    costs a fiftieth of any other message.
    """

    def __init__(self, counted: Counting) -> None:
        self.known: set[str] = set()
        self.seconds = 0.0
        self._counted = counted
        self._laps = 0

    def begin(self) -> None:
        self._laps += 1
        self.seconds = 0.0

    def are(self, message: str) -> bool:
        """Whether this message is to be timed."""
        return message in self.known or self._laps == 1

    async def timed(self, message: str, work: Awaitable[Taken]) -> Taken:
        before, begun = self._counted.begun, thread_time()
        taken = await work
        if self._counted.begun != before:
            self.known.add(message)
            self.seconds += thread_time() - begun
        return taken

    def quiet(self, seconds: float, messages: int) -> dict[str, float]:
        """Microseconds of each message that changed nothing, of a lap that took so long; and the part of the others."""
        changes = len(self.known)
        return {
            "quiet": (seconds - self.seconds) / max(messages - changes, 1) * 1e6,
            "changes": changes / messages,
        }


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
