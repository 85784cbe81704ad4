"""Two processes on one database: one looks after the app, the other takes over, and nothing happens twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.events import Disconnected, MessagePosted
from bot.ports import Store
from tests.fakes import FakeClock
from tests.slack.scenarios.living import MODS, SUPPORT, Life, populate
from tests.slack.server.slack import Slack
from tests.slack.server.waiting import until
from tests.stores import Severed


@dataclass
class Pair:
    """`first` holds the lease, `second` stands by, each with its line to the database.

    The lease's time is the story's.
    """

    first: Life
    second: Life
    line: Severed
    other_line: Severed

    @property
    def clock(self) -> FakeClock:
        return self.first.clock

    async def change_over(self) -> None:
        """Time passes until the second one has taken over."""
        for _ in range(12):
            await self.clock.advance(5)
            if self.second.heard:
                break
        await until(lambda: self.second.connections, "the second one's turn")


@pytest.fixture(params=["socket", "http"])
async def pair(request: pytest.FixtureRequest, store: Store) -> AsyncIterator[Pair]:
    clock = FakeClock()
    async with Slack(clock.now) as slack:
        town = slack.workspace("acme")
        populate(town)
        line, other_line = Severed(store), Severed(store)
        first, second = (Life(slack, town, each, clock, request.param) for each in (line, other_line))
        first.lease_clock = second.lease_clock = clock
        await first.starts()
        await second.stands_by()
        slack.telling.events_url = first.address or None
        yield Pair(first, second, line, other_line)
        await first.dies()
        await second.dies()


async def test_one_at_a_time_listens(pair: Pair) -> None:
    """The second process opens no socket and judges nothing while the first one lives."""
    said = await pair.first.asks()
    assert await pair.first.state(said) == "open"
    assert pair.second.heard == []
    assert len(pair.first.slack.sockets.all) <= 1


async def test_the_second_takes_over_when_the_first_stops(pair: Pair) -> None:
    """Stopped in good order: the other one catches up and goes on, and what was nudged is not nudged again."""
    said = await pair.first.asks()
    await pair.first.nudged(said)
    await pair.first.dies()
    missed = pair.first.person("bob").wrote(pair.first.channel(SUPPORT), "Where is the manual?")
    await pair.change_over()
    pair.first.slack.telling.events_url = pair.second.address or None
    assert await pair.second.state(missed) == "open"
    await pair.second.wait(35)
    nudged = [accepted.key for accepted in pair.second.said_in(MODS)]
    mentions = [await pair.second.the_mention(one) for one in (said, missed)]
    assert nudged == [f"nudge/{mention.id}/0" for mention in mentions]


async def test_one_that_is_cut_off_gives_up(pair: Pair) -> None:
    """Without the database the lease lapses: the first one stops judging and says so, the second one goes on."""
    await pair.first.asks()
    pair.line.cut = True
    await pair.change_over()
    await until(lambda: pair.first.count(Disconnected), "the first one's end")
    pair.first.slack.telling.events_url = pair.second.address or None
    if pair.first.mode == "socket":
        await until(lambda: len(pair.first.slack.sockets.open) == 1, "one socket")
    before = pair.first.count(MessagePosted)
    said = await pair.second.asks("bob", "Where is the manual?")
    assert await pair.second.state(said) == "open"
    assert pair.first.count(MessagePosted) == before


async def test_events_at_the_wrong_door_are_passed_on(pair: Pair) -> None:
    """Over HTTP an event may reach the process that stands by: acknowledged once stored, judged by the other one."""
    slack, support = pair.first.slack, pair.first.channel(SUPPORT)
    if pair.first.mode != "http":
        await pair.first.asks()
        assert slack.journal.told[-1].attempts[-1].via == 1
        return
    ada, bob, cleo, tess = (pair.first.person(name) for name in ("ada", "bob", "cleo", "tess"))
    slack.telling.retry_delays = [0.02] * 200  # the second one may only just have begun
    slack.telling.events_url = pair.second.address
    asked = await ada.says(support, "How do I reset my password?")
    answered = await bob.says(support, "Where is the manual?")
    await slack.quiet()
    await pair.first.until_state(asked, "open")
    await pair.first.until_state(answered, "open")
    await tess.says(support, "In the box", thread=answered)
    await pair.first.until_state(answered, "answered")
    await tess.reacts(support, asked, "white_check_mark")
    await pair.first.until_state(asked, "answered")
    edited = await cleo.says(support, "I have a shop with two tills and some printers")
    await cleo.edits(support, edited, "<@U0TESS> can you look at my printers?")
    await pair.first.until_state(edited, "open")
    await cleo.deletes(support, edited)
    await pair.first.until_state(edited, "none")
    assert pair.second.heard == []


async def test_what_nobody_could_store_is_read_when_it_can_be(pair: Pair) -> None:
    """The process that stands by meets a database that is down until Slack gives up: it is passed on all the same."""
    if pair.first.mode != "http":
        return
    slack, support = pair.first.slack, pair.first.channel(SUPPORT)
    await pair.first.asks("bob", "Where is the manual?")
    slack.telling.events_url = pair.second.address
    pair.other_line.cut = True
    lost = await pair.first.person("ada").says(support, "How do I reset my password?")
    told = slack.journal.told[-1]
    await until(lambda: told.attempts[-1].status, "an answer")
    assert told.attempts[-1].status == 503
    told.given_up = True
    slack.telling.events_url = pair.first.address
    await pair.first.asks("cleo", "Is there an invoice somewhere?")
    pair.other_line.cut = False
    await pair.first.until_state(lost, "open")


async def test_commands_are_answered_by_whoever_gets_them(pair: Pair) -> None:
    """What a person asks for directly does not wait for the lease."""
    if pair.first.mode == "http":
        pair.first.slack.telling.events_url = pair.second.address
    told = await pair.first.person("ada").types(pair.first.channel(SUPPORT), "/tip")
    assert "Today’s tip" in str(await pair.first.answer_to(told))
