"""A Discord on loopback for every test that wants one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.discord.wire.server import WireDiscord


@pytest.fixture
async def wire() -> AsyncIterator[WireDiscord]:
    """Discord over the wire. At the end, nothing was said to it, or by it, that its own documents do not allow."""
    server = WireDiscord()
    await server.start()
    yield server
    await server.stop()
    assert server.rest.problems == []
