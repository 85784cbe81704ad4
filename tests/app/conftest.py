from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from village import Village

from bot.ports import Store
from storage.engine import parse
from storage.memory import MemoryStore
from storage.migrating import migrate
from storage.schema import MIGRATIONS
from storage.store import open_store


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the schema: copying it is faster than migrating another one."""
    path = tmp_path_factory.mktemp("migrated") / "vigie.db"
    migrate(parse(f"sqlite:///{path}"), MIGRATIONS)
    return path


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    path = tmp_path / "vigie.db"
    shutil.copyfile(migrated, path)
    opened = open_store(f"sqlite:///{path}")
    yield opened
    await opened.close()


@pytest.fixture
async def village(store: Store) -> Village:
    """A community whose bot is connected, on a Monday morning at nine."""
    village = Village(store)
    await village.connect()
    return village
