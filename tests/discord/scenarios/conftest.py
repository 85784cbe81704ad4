from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.ports import Store
from storage.engine import parse
from storage.memory import MemoryStore
from storage.migrating import migrate
from storage.schema import MIGRATIONS
from storage.store import open_store
from tests.discord.scenarios.harbour import Harbour
from tests.discord.wire.server import WireDiscord
from tests.fakes import FakeClock


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


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the schema: copying it is faster than migrating another one."""
    path = tmp_path_factory.mktemp("migrated") / "vigie.db"
    migrate(parse(f"sqlite:///{path}"), MIGRATIONS)
    return path


@pytest.fixture
async def database(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """A store in a file."""
    path = tmp_path / "vigie.db"
    shutil.copyfile(migrated, path)
    opened = open_store(f"sqlite:///{path}")
    yield opened
    await opened.close()
