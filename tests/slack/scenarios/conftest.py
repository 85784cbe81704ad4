"""A life in Slack for every scenario, over sockets unless a test says otherwise."""

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
from tests.slack.scenarios.living import Life, living
from tests.slack.server import schemas


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the schema: copying it is faster than migrating another one."""
    path = tmp_path_factory.mktemp("migrated") / "vigie.db"
    migrate(parse(f"sqlite:///{path}"), MIGRATIONS)
    return path


@pytest.fixture
async def sqlite(migrated: Path, tmp_path: Path) -> AsyncIterator[Store]:
    path = tmp_path / "vigie.db"
    shutil.copyfile(migrated, path)
    opened = open_store(f"sqlite:///{path}")
    yield opened
    await opened.close()


@pytest.fixture
async def life(store: Store) -> AsyncIterator[Life]:
    """Whatever a scenario is about: all that the bot asked of Slack was asked in Slack's own words."""
    async with living(store) as life:
        yield life
        if schemas.available():
            assert schemas.problems(life.slack.journal.calls) == []
