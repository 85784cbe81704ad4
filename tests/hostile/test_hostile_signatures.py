"""Ten thousand who are not Slack: none is believed, and none gets a server error. Here 300 of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.memory import MemoryStore
from tests.hostile.signatures import forged, replayed
from tests.slack.scenarios.living import Life, living


@pytest.fixture
async def life() -> AsyncIterator[Life]:
    async with living(MemoryStore(), "http") as life:
        yield life


async def test_nobody_else_is_believed(life: Life) -> None:
    """Forged, stale, altered, oddly written: 401 for all of them; nothing is heard, asked, stored or said."""
    before = len(life.heard), len(life.slack.journal.calls), len(life.slack.journal.accepted)
    assert await forged(life, 300) == {401: 300}
    await life.settle()
    assert (len(life.heard), len(life.slack.journal.calls), len(life.slack.journal.accepted)) == before
    assert await life.waiting() == []


async def test_a_true_request_counts_once(life: Life) -> None:
    """Replayed within the five minutes an event is known and a command refused; later both are refused."""
    assert await replayed(life) == [200, 401] * 3 + [401, 401]
    assert len(await life.waiting()) == 1
