"""A store in a file, and the sandbox served from it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from visiting import House, opened

from adapters.sandbox.scene import demo_scene
from bot.ports import Store
from storage.engine import parse
from storage.migrating import migrate
from storage.schema import MIGRATIONS
from storage.store import open_store


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the schema: copying it is faster than migrating another one."""
    path = tmp_path_factory.mktemp("migrated") / "vigie.db"
    migrate(parse(f"sqlite:///{path}"), MIGRATIONS)
    return path


@pytest.fixture
async def store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    path = tmp_path / "vigie.db"
    shutil.copyfile(migrated, path)
    opened_store = open_store(f"sqlite:///{path}")
    yield opened_store
    await opened_store.close()


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    """The made-up community on its Friday at five to nine."""
    async with opened(store, demo_scene()) as house:
        yield house
