"""Ten thousand who are not Slack: none is believed, and none gets a server error. Here 300 of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.memory import MemoryStore
from tests.hostile.signatures import forged, replayed, taken_by
from tests.slack.scenarios.living import Life, living
from tests.stores import Severed


@pytest.fixture
def line() -> Severed:
    """To the database, which can be cut."""
    return Severed(MemoryStore())


@pytest.fixture
async def life(line: Severed) -> AsyncIterator[Life]:
    async with living(line, "http") as life:
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


async def test_a_true_request_counts_once_whoever_takes_it(life: Life) -> None:
    """A command that one copy took is refused by another one behind the same address."""
    other = Life(life.slack, life.town, life.store, life.clock, "http")
    await other.stands_by()
    try:
        assert await taken_by(life, other) == [200, 401]
    finally:
        await other.dies()
    assert other.heard == []


async def test_without_the_database_a_copy_still_refuses_what_it_took(life: Life, line: Severed) -> None:
    """And takes what it did not, which is then answered as ever when the database is down."""
    line.cut = True
    assert await taken_by(life, life) == [200, 401]
