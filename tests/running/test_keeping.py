"""A connection belongs to one process at a time, and is taken over when that one dies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.errors import StoreUnavailable
from bot.keeping import StoreKeeper
from bot.ports import Store, Transaction
from storage.memory import MemoryStore
from tests.fakes import FakeClock


class Broken:
    """A store that is down while `down` is set."""

    def __init__(self, store: Store) -> None:
        self.down = False
        self._store = store

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        if self.down:
            raise StoreUnavailable("down")
        async with self._store.begin() as tx:
            yield tx

    async def close(self) -> None:
        await self._store.close()


class Copy:
    """One process: holds what it is told to until it is told to stop, or killed."""

    def __init__(self, store: Store, clock: FakeClock, name: str = "copy") -> None:
        self.holds = False
        self.lost = False
        self._keeper = StoreKeeper(store, clock, name)
        self._done = asyncio.Event()
        self._task = asyncio.create_task(self._live())

    async def _live(self) -> None:
        async with self._keeper.hold("slack/A1") as lease:
            self.holds = True
            done = asyncio.create_task(self._done.wait())
            lost = asyncio.create_task(lease.lost.wait())
            await asyncio.wait({done, lost}, return_when=asyncio.FIRST_COMPLETED)
            self.lost = lease.lost.is_set()
            done.cancel()
            lost.cancel()
        self.holds = False

    async def stop(self) -> None:
        self._done.set()
        await self._task


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def test_one_at_a_time_and_handed_over_at_once(clock: FakeClock) -> None:
    """The second waits however long the first renews, and follows within seconds of its leaving."""
    store = MemoryStore()
    first, second = Copy(store, clock), Copy(store, clock)
    await clock.advance(timedelta(hours=1))
    assert (first.holds, second.holds) == (True, False)
    await first.stop()
    await clock.advance(timedelta(seconds=5))
    assert second.holds
    await second.stop()


async def test_taken_over_within_thirty_seconds_of_a_death(clock: FakeClock) -> None:
    """Whoever dies gives nothing back: here its store is cut off, as by a kill."""
    shared = MemoryStore()
    cut_off = Broken(shared)
    first = Copy(cut_off, clock)
    await clock.advance(timedelta(seconds=7))
    cut_off.down = True
    second = Copy(shared, clock)
    await clock.advance(timedelta(seconds=30))
    assert second.holds
    assert first.lost
    await second.stop()


async def test_never_two_at_once(clock: FakeClock) -> None:
    """Whoever cannot renew knows that the lease is lost no later than another can take it."""
    shared = MemoryStore()
    cut_off = Broken(shared)
    first = Copy(cut_off, clock)
    await clock.advance(timedelta(seconds=3))
    second = Copy(shared, clock)
    cut_off.down = True
    for _ in range(400):
        await clock.advance(timedelta(milliseconds=100))
        assert not (first.holds and second.holds)
    assert second.holds
    await second.stop()


async def test_a_short_outage_of_the_database_loses_nothing(clock: FakeClock) -> None:
    """Several renewals may fail; and a database that is down at the start is waited for."""
    store = Broken(MemoryStore())
    store.down = True
    only = Copy(store, clock)
    await clock.advance(timedelta(minutes=1))
    assert not only.holds
    store.down = False
    await clock.advance(timedelta(seconds=6))
    store.down = True
    await clock.advance(timedelta(seconds=12))
    store.down = False
    await clock.advance(timedelta(minutes=1))
    assert only.holds
    assert not only.lost
    await only.stop()


async def test_what_was_lost_is_not_given_back_by_its_former_holder(clock: FakeClock) -> None:
    """Two of the same name in one process are two holders."""
    store = MemoryStore()
    keeper = StoreKeeper(store, clock, "copy")
    async with keeper.hold("a"):
        waiting = asyncio.create_task(_hold_once(keeper))
        await clock.advance(timedelta(seconds=30))
        assert not waiting.done()
    await clock.through(waiting)


async def _hold_once(keeper: StoreKeeper) -> None:
    async with keeper.hold("a"):
        pass


async def test_counts_survive_the_process(clock: FakeClock) -> None:
    """What one process noted, the next one counts."""
    store = MemoryStore()
    for _ in range(3):
        await StoreKeeper(store, clock, "copy").note("logins", clock.now())
        await clock.advance(timedelta(hours=8))
    assert await StoreKeeper(store, clock, "copy").count("logins", clock.now() - timedelta(hours=24)) == 3
    assert await StoreKeeper(store, clock, "copy").count("logins", clock.now() - timedelta(hours=16)) == 2
