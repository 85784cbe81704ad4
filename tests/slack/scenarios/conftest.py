"""A life in Slack for every scenario, over sockets unless a test says otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.ports import Store
from storage.memory import MemoryStore
from tests.slack.scenarios.living import Life, living
from tests.slack.server import schemas
from tests.stores import file_store, migrated

__all__ = ["file_store", "migrated"]


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
async def life(store: Store) -> AsyncIterator[Life]:
    """Whatever a scenario is about: all that the bot asked of Slack was asked in Slack's own words."""
    async with living(store) as life:
        yield life
        if schemas.available():
            assert schemas.problems(life.slack.journal.calls) == []
