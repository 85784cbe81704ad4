"""A store in a file, and the sandbox served from it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from visiting import House, opened

from adapters.sandbox.scene import demo_scene
from bot.ports import Store
from tests.stores import file_store, migrated

__all__ = ["file_store", "migrated"]


@pytest.fixture
def store(file_store: Store) -> Store:
    return file_store


@pytest.fixture
async def house(store: Store) -> AsyncIterator[House]:
    """The made-up community on its Friday at five to nine."""
    async with opened(store, demo_scene()) as house:
        yield house
