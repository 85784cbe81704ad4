"""A Discord on loopback, and the library that tests and adapter share."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator

import pytest

with warnings.catch_warnings():
    # discord.py imports audioop for voice, which we never use; CPython warns that 3.13 drops it.
    warnings.simplefilter("ignore", DeprecationWarning)
    import discord  # noqa: F401

from tests.discord.wire.server import WireDiscord


@pytest.fixture
async def wire() -> AsyncIterator[WireDiscord]:
    """Discord over the wire. At the end, nothing was said to it, or by it, that its own documents do not allow."""
    server = WireDiscord()
    await server.start()
    yield server
    await server.stop()
    assert server.rest.problems == []
