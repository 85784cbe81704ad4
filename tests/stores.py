"""Stores for the stories of every adapter: in a file that is copied rather than migrated; one that can be cut off."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.errors import StoreUnavailable
from bot.ports import Store, Transaction
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
async def file_store(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """A store in a file."""
    path = tmp_path / "vigie.db"
    shutil.copyfile(migrated, path)
    opened = open_store(f"sqlite:///{path}")
    yield opened
    await opened.close()


class Severed:
    """A store as a process sees it that can be cut off from it: nothing is read, stored or given back."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.cut = False

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        if self.cut:
            raise StoreUnavailable("cut off")
        async with self._store.begin() as tx:
            yield tx

    async def close(self) -> None:
        await self._store.close()
