"""The daily tip: once per local date whatever happens."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from village import TIPS, TIPS_AT_TEN, Trouble, Village, place, settings

from bot.app import Bot
from bot.delivery import Deliverer
from bot.errors import Unavailable
from bot.events import Connected
from bot.holidays import Holidays
from bot.model import OccurrenceState
from bot.ports import Store
from bot.post import Post
from bot.settings import Settings, TipSettings
from tests.fakes import COMMUNITY, FAKE, MONDAY, FakeClock, Fault

DAILY = settings(tips=TIPS_AT_TEN)
PARIS, TOKYO = ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Tokyo")


@pytest.fixture
async def village(store: Store) -> Village:
    """A community that gets its tip at ten."""
    village = Village(store, DAILY)
    await village.connect()
    return village


def tips(village: Village) -> list[Post]:
    return village.said_in(TIPS)


async def test_every_working_day_one_tip(village: Village) -> None:
    """Every working day the team gets one tip, at its time, none twice before all have been told."""
    await village.wait(timedelta(days=28))
    told = [accepted for accepted in village.said if accepted.ref.place == place(TIPS)]
    assert [accepted.at.hour for accepted in told] == [10] * 20
    assert {accepted.at.weekday() for accepted in told} == {0, 1, 2, 3, 4}
    assert len({accepted.post.title for accepted in told}) == 20
    assert told[0].post.title.startswith("Tip of the day · ")
    assert [button.label for button in told[0].post.buttons] == ["Useful", "Not for us", "Another one"]


async def test_a_hundred_restarts_around_due_tell_it_once(village: Village) -> None:
    """Whenever the process dies around the instant, the day's tip is told once."""
    await village.time_passes(59)
    for number in range(100):
        await village.restart()
        await village.time_passes(timedelta(seconds=1.3))
        if number % 3:
            await village.bot.tick()
        if number % 7 == 3:
            await village.deliverer.deliver_due([COMMUNITY])
    await village.wait(5)
    assert len(tips(village)) == 1


async def test_two_bots_on_one_store_tell_it_once(village: Village) -> None:
    """Two processes at the same instant are one bot."""
    other = Bot(village.store, {FAKE: village.chat}, village.clock, lambda _: DAILY, village.shelf)
    speaker = Deliverer(village.store, {FAKE: village.chat}, village.clock, other.voice, owner="other")
    await other.handle(Connected(COMMUNITY))
    for _ in range(5):
        await village.time_passes(timedelta(hours=1) if not village.said else timedelta(days=1))
        await asyncio.gather(village.bot.tick(), other.tick())
        await asyncio.gather(village.deliverer.deliver_due([COMMUNITY]), speaker.deliver_due([COMMUNITY]))
    assert max(Counter(accepted.at.date() for accepted in village.said).values()) == 1
    assert len(tips(village)) == 5


@pytest.mark.parametrize(("late", "told"), [(119, 1), (121, 0)])
async def test_a_missed_tip_is_caught_up_or_recorded_as_skipped(village: Village, late: int, told: int) -> None:
    """Missed by less than two hours it is told; later it is skipped, and the record says so."""
    await village.wait(120)
    await village.time_passes(timedelta(days=1, hours=-1, minutes=late))
    await village.restart()
    await village.wait(2)
    assert len(tips(village)) == 1 + told
    async with village.store.begin() as tx:
        tuesday = await tx.settled(f"tip/{COMMUNITY}", date(2026, 3, 3))
    assert [settled.state for settled in tuesday] == [OccurrenceState.TOLD if told else OccurrenceState.SKIPPED]


async def test_a_tip_that_could_not_get_out_in_time_is_not_told_at_night(village: Village) -> None:
    """A platform that was down for half a day does not get the tip of the day in the evening."""
    await village.time_passes(60)
    await village.bot.tick()
    await village.time_passes(timedelta(hours=8))
    await village.settle()
    assert not tips(village)
    await village.wait(timedelta(hours=18))
    assert len(tips(village)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        replace(DAILY, tips=replace(DAILY.tips, at=time(15))),
        replace(DAILY, tips=replace(DAILY.tips, at=time(8))),
        Settings(zone=ZoneInfo("America/Los_Angeles"), tips=replace(DAILY.tips, at=time(9))),
        Settings(zone=TOKYO, tips=replace(DAILY.tips, at=time(19, 30))),
    ],
)
async def test_a_time_or_zone_changed_during_the_day_gives_no_second_tip(village: Village, changed: Settings) -> None:
    """Once told, a local date is over, whatever time or zone is configured during that day."""
    await village.wait(61)
    assert len(tips(village)) == 1
    village.settings = changed
    await village.restart()
    zone = changed.zone
    while village.clock.now().astimezone(zone).date() <= MONDAY.date():
        await village.wait(30)
    assert len(tips(village)) == 1
    await village.wait(timedelta(hours=30))
    assert len(tips(village)) >= 2


async def test_no_tip_on_a_holiday_nor_on_the_weekend(store: Store) -> None:
    """Holidays are days off for the tip as well."""
    decided = replace(DAILY, holidays=Holidays(dates=[date(2026, 3, 4)]))
    village = Village(store, decided)
    await village.connect()
    await village.wait(timedelta(days=7) - timedelta(seconds=1))
    assert [accepted.at.day for accepted in village.said] == [2, 3, 5, 6]


async def test_the_tip_is_told_on_the_days_when_clocks_change(store: Store) -> None:
    """At 02:30 in Paris, which does not exist in spring and exists twice in autumn, there is one tip a day."""
    nightly = Settings(zone=PARIS, tips=TipSettings(channel=TIPS, at=time(2, 30), days=frozenset(range(7))))
    for begin in (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)):
        village = Village(store, nightly, FakeClock(begin))
        await village.connect()
        await village.wait(timedelta(days=3))
        days = [accepted.at.astimezone(PARIS).date() for accepted in village.said]
        assert days == sorted(set(days))
        assert len(days) == 3


async def test_a_failed_tick_is_tried_again_soon(store: Store) -> None:
    """A database that is down at ten does not cost the day's tip."""
    trouble = Trouble(store)
    village = Village(trouble, DAILY)
    await village.connect()
    await village.time_passes(60)
    trouble.failures = 3
    await village.bot.tick()
    trouble.failures = 0
    again = await village.bot.next_due()
    assert again is not None
    assert again - village.clock.now() <= timedelta(minutes=1)
    await village.wait(1)
    assert len(tips(village)) == 1


async def test_one_failing_send_is_repeated_and_told_once(village: Village) -> None:
    """A send that fails is tried again within the window."""
    village.chat.script("post", Fault(Unavailable("down")), Fault(Unavailable("down")))
    await village.wait(90)
    assert len(tips(village)) == 1
