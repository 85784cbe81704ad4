"""Several copies on one database are one bot: no occurrence twice, and whoever dies is replaced within 30 seconds."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from storage.memory import MemoryStore
from tests.fakes import FakeClock
from tests.faults.occurring import tips_told
from tests.slack.scenarios.living import SUPPORT, Life, populate
from tests.slack.server.slack import Slack
from tests.slack.server.waiting import until
from tests.stores import Severed

DAYS = 50
"""1,000 in the long form: `python -m tests.faults --occurrences 1000`."""

TAKEOVER = timedelta(seconds=30)


async def test_five_copies_tell_each_occurrence_once(postgres_url: str) -> None:
    """The same instant for all five, every day, one of them cut off in the midst of it: one tip a day."""
    told = await tips_told(postgres_url, copies=5, days=DAYS)
    assert Counter(Counter(told).values()) == {1: DAYS}


async def test_within_thirty_seconds_of_a_kill_another_copy_has_taken_over() -> None:
    """Nothing is given back by the dead; five seconds at a time, the other one is connected before the 30 are over."""
    clock, store = FakeClock(), MemoryStore()
    async with Slack(clock.now) as slack:
        town = slack.workspace("acme")
        populate(town)
        cable = Severed(store)
        first, second = Life(slack, town, cable, clock), Life(slack, town, store, clock)
        first.lease_clock = second.lease_clock = clock
        await first.starts()
        await second.stands_by()
        await clock.advance(12)
        missed = await first.asks()
        cable.cut = True
        died = clock.now()
        await first.dies()
        try:
            while not second.heard and clock.now() - died < TAKEOVER:
                await clock.advance(1)
            await until(lambda: second.connections, "the second one's turn")
            assert clock.now() - died <= TAKEOVER
            assert await second.state(missed, SUPPORT) == "open"
        finally:
            await second.dies()
