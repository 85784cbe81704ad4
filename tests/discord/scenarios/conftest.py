from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.memory import MemoryStore
from tests.discord.scenarios.harbour import Harbour
from tests.discord.wire.server import WireDiscord
from tests.fakes import FakeClock
from tests.stores import file_store, migrated

__all__ = ["file_store", "migrated"]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def wire(clock: FakeClock) -> AsyncIterator[WireDiscord]:
    """Discord over the wire, at the time of the story. Nothing may be said to it that it does not know."""
    server = WireDiscord(clock.now)
    await server.start()
    yield server
    await server.stop()
    assert server.rest.problems == []


@pytest.fixture
async def harbour(wire: WireDiscord, clock: FakeClock) -> AsyncIterator[Harbour]:
    """A guild whose bot is not started yet, with a store in memory."""
    harbour = Harbour(wire, clock, MemoryStore())
    yield harbour
    await harbour.die()
