"""The alarm, with APScheduler's real scheduler. Time is travelled, never slept through."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
import structlog
import time_machine
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.alarm import Alarm, CivilTrigger
from bot.schedule import Schedule, occurrences

PARIS = ZoneInfo("Europe/Paris")
EVERY_DAY = frozenset(range(7))
NIGHT = Schedule("night", PARIS, time(2, 30), EVERY_DAY)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NEVER = timedelta(days=1)  # a heartbeat that does not beat within a test
HOUR = timedelta(hours=1)


class Wakes:
    """Counts the wakes, and lets a test wait for the n-th."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = asyncio.Condition()

    async def __call__(self) -> None:
        async with self._changed:
            self.count += 1
            self._changed.notify_all()

    async def reached(self, count: int) -> None:
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: self.count >= count), 10)


async def settle() -> None:
    """Let everything run that can run without time passing."""
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.fixture
def wakes() -> Wakes:
    return Wakes()


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Alarm]]:
    alarms: list[Alarm] = []

    def started(wake: Callable[[], Awaitable[None]], heartbeat: timedelta = NEVER) -> Alarm:
        alarm = Alarm(wake, heartbeat)
        alarm.start()
        alarms.append(alarm)
        return alarm

    yield started
    for alarm in alarms:
        await alarm.stop()


def daily(name: str, instant: datetime) -> Schedule:
    return Schedule(name, ZoneInfo("UTC"), instant.time(), EVERY_DAY)


class StoppedClock:
    """A wall clock that moves only when told; a schedule changed along with it makes APScheduler look at it."""

    def __init__(self, travel: time_machine.Traveller) -> None:
        self._travel = travel
        self._moves = 0

    async def move(self, alarm: Alarm, instant: datetime, *schedules: Schedule) -> None:
        self._moves += 1
        self._travel.move_to(instant)
        alarm.set_schedules([*schedules, daily(f"other {self._moves}", NOON - HOUR)])
        await settle()


@pytest.fixture
def clock() -> Iterator[StoppedClock]:
    with time_machine.travel(NOON, tick=False) as travel:
        yield StoppedClock(travel)


@pytest.mark.parametrize(
    "zone", ["Europe/Paris", "Australia/Lord_Howe", "America/Nuuk", "Africa/Cairo", "Europe/Dublin"]
)
@pytest.mark.parametrize("at", [time(0), time(1, 30), time(2, 30), time(23, 30)])
def test_the_trigger_fires_once_for_each_occurrence_of_a_year(zone: str, at: time) -> None:
    """Asked as APScheduler asks, from wherever one starts, it walks through them, none twice, none left out."""
    schedule = Schedule("tip", ZoneInfo(zone), at, EVERY_DAY)
    trigger = CivilTrigger(schedule)
    instants = [o.instant for o in islice(occurrences(schedule, date(2026, 1, 1)), 400)]
    for first, second in pairwise(instants):
        assert trigger.get_next_fire_time(None, first) == first
        assert trigger.get_next_fire_time(None, first + timedelta(seconds=1)) == second
        assert trigger.get_next_fire_time(first, first) == second
        assert trigger.get_next_fire_time(first, second + timedelta(days=3)) == second  # missed: still told about it
        assert trigger.get_next_fire_time(first, first - timedelta(hours=1)) == second  # the wall clock was set back


def test_a_restarted_trigger_goes_on_where_time_is() -> None:
    """At whatever instant a process starts, the trigger's first fire is the first occurrence not yet past."""
    random = Random(5)
    instants = [o.instant for o in islice(occurrences(NIGHT, date(2026, 1, 1)), 400)]
    trigger = CivilTrigger(NIGHT)
    for _ in range(2000):
        now = instants[0] + timedelta(seconds=random.uniform(0, 365 * 86_400))
        assert trigger.get_next_fire_time(None, now) == next(i for i in instants if i >= now)


class EveryDay:
    def __contains__(self, day: object) -> bool:
        return True


def test_a_schedule_that_is_never_due_ends_its_job_and_says_so() -> None:
    """No endless search: the job has no next time, and the log names the schedule."""
    never = Schedule("tip", PARIS, time(9), EVERY_DAY, EveryDay())
    with structlog.testing.capture_logs() as logs:
        assert CivilTrigger(never).get_next_fire_time(None, NOON) is None
    assert [(entry["event"], entry["schedule"]) for entry in logs] == [("schedule.never_due", "tip")]


async def test_a_simulated_year_of_the_real_scheduler() -> None:
    """APScheduler itself, its clock moved from due time to due time, runs 02:30 in Paris 365 times a year."""
    fired: list[datetime] = []

    async def job() -> None:
        fired.append(datetime.now(UTC))

    with time_machine.travel(datetime(2025, 12, 31, 22, 59, tzinfo=UTC), tick=False) as clock:
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True})
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        scheduler.start()
        added = scheduler.add_job(job, CivilTrigger(NIGHT), id="night")
        for number in range(365):
            clock.move_to(added.next_run_time)
            scheduler.wakeup()
            await settle()
            assert len(fired) == number + 1
        scheduler.shutdown(wait=False)
        await settle()
    assert fired == [o.instant for o in islice(occurrences(NIGHT, date(2026, 1, 1)), 365)]


async def test_the_alarm_wakes_once_at_the_start(start: Callable[..., Alarm], wakes: Wakes) -> None:
    """Something may have fallen due while nobody was running."""
    start(wakes)
    await wakes.reached(1)
    await settle()
    assert wakes.count == 1


async def test_an_instant_that_has_passed_wakes_at_once(start: Callable[..., Alarm], wakes: Wakes) -> None:
    """A due row found late is not made to wait for the heartbeat."""
    alarm = start(wakes)
    await wakes.reached(1)
    alarm.wake_at(datetime.now(UTC) - timedelta(hours=3))
    await wakes.reached(2)


async def test_an_instant_given_before_the_start_counts(wakes: Wakes) -> None:
    """Order does not matter: what was set is kept until there is a scheduler."""
    alarm = Alarm(wakes, NEVER)
    alarm.wake_at(datetime.now(UTC) - HOUR)
    alarm.set_schedules([NIGHT])
    alarm.start()
    await settle()
    await alarm.stop()
    assert wakes.count == 2


async def test_the_same_passed_instant_wakes_only_once(start: Callable[..., Alarm], wakes: Wakes) -> None:
    """Work that fails and stays due must not spin: its retry is the heartbeat's."""
    alarm = start(wakes)
    passed = datetime.now(UTC) - timedelta(hours=3)
    alarm.wake_at(passed)
    await wakes.reached(2)
    alarm.wake_at(passed)
    await settle()
    assert wakes.count == 2


async def test_an_earlier_instant_replaces_a_later_one(
    start: Callable[..., Alarm], wakes: Wakes, clock: StoppedClock
) -> None:
    """There is one next instant: a later one is forgotten when an earlier one comes, and none when there is none."""
    alarm = start(wakes)
    alarm.wake_at(NOON + 2 * HOUR)
    alarm.wake_at(NOON + HOUR)
    await clock.move(alarm, NOON + HOUR)
    assert wakes.count == 2
    await clock.move(alarm, NOON + 2 * HOUR)
    assert wakes.count == 2
    alarm.wake_at(NOON + 3 * HOUR)
    alarm.wake_at(None)
    await clock.move(alarm, NOON + 3 * HOUR)
    assert wakes.count == 2


async def test_what_is_announced_only_makes_it_wake_earlier(
    start: Callable[..., Alarm], wakes: Wakes, clock: StoppedClock
) -> None:
    """The instant that was set stays unless an earlier one is announced; the first to be announced counts as well."""
    alarm = start(wakes)
    alarm.wake_by(NOON + 2 * HOUR)
    alarm.wake_by(NOON + 3 * HOUR)
    await clock.move(alarm, NOON + 2 * HOUR)
    assert wakes.count == 2
    alarm.wake_at(NOON + 5 * HOUR)
    alarm.wake_by(NOON + 4 * HOUR)
    await clock.move(alarm, NOON + 4 * HOUR)
    assert wakes.count == 3
    await clock.move(alarm, NOON + 5 * HOUR)
    assert wakes.count == 3
    with pytest.raises(ValueError, match="no zone"):
        alarm.wake_by(datetime(2020, 1, 1))  # noqa: DTZ001  # that is what is refused


async def test_each_schedule_wakes(start: Callable[..., Alarm], wakes: Wakes, clock: StoppedClock) -> None:
    """At its time, day after day; and one that did not change keeps its place when others do."""
    one, two = daily("one", NOON + HOUR), daily("two", NOON + 2 * HOUR)
    alarm = start(wakes)
    alarm.set_schedules([one, two])
    for number, instant in enumerate([NOON + HOUR, NOON + 2 * HOUR, NOON + 25 * HOUR, NOON + 26 * HOUR], start=2):
        await clock.move(alarm, instant, one, two)
        assert wakes.count == number


async def test_schedules_are_replaced_and_removed(
    start: Callable[..., Alarm], wakes: Wakes, clock: StoppedClock
) -> None:
    """Neither the old time of a changed schedule nor a removed one wakes any more."""
    alarm = start(wakes)
    alarm.set_schedules([daily("changed", NOON + HOUR), daily("removed", NOON + HOUR)])
    changed = daily("changed", NOON + 3 * HOUR)
    await clock.move(alarm, NOON, changed)
    await clock.move(alarm, NOON + 2 * HOUR, changed)
    assert wakes.count == 1
    await clock.move(alarm, NOON + 3 * HOUR, changed)
    assert wakes.count == 2


async def test_a_wake_up_that_comes_late_still_wakes(
    start: Callable[..., Alarm], wakes: Wakes, clock: StoppedClock
) -> None:
    """APScheduler drops what is a second late by default; asleep for three days, we wake once."""
    tip = daily("tip", NOON + HOUR)
    alarm = start(wakes)
    alarm.set_schedules([tip])
    await clock.move(alarm, NOON + timedelta(days=3), tip)
    assert wakes.count == 2


def test_two_schedules_of_one_name_are_refused(wakes: Wakes) -> None:
    """One would silently replace the other."""
    with pytest.raises(ValueError, match="night"):
        Alarm(wakes).set_schedules([NIGHT, NIGHT])


async def test_overlapping_wakes_become_one_more(start: Callable[..., Alarm]) -> None:
    """However many come while one is running, exactly one follows."""
    running, release, count = asyncio.Event(), asyncio.Event(), 0

    async def slow() -> None:
        nonlocal count
        count += 1
        running.set()
        await release.wait()

    alarm = start(slow)
    await running.wait()
    for hours in range(1, 20):
        alarm.wake_at(datetime.now(UTC) - timedelta(hours=hours))
        await settle()
    assert count == 1
    release.set()
    await settle()
    assert count == 2


@pytest.mark.parametrize("error", [RuntimeError("database down"), asyncio.CancelledError()])
async def test_a_wake_that_fails_is_logged_and_the_next_one_comes(error: BaseException) -> None:
    """Whatever it raises, even a cancellation that was not meant for us."""
    count, again = 0, asyncio.Event()

    async def failing() -> None:
        nonlocal count
        count += 1
        if count == 1:
            raise error
        again.set()

    with structlog.testing.capture_logs() as logs:
        alarm = Alarm(failing, timedelta(milliseconds=1))
        alarm.start()
        await asyncio.wait_for(again.wait(), 10)
        await alarm.stop()
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("alarm.wake_failed", "error")]


@pytest.mark.parametrize(
    "jump", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=20_000), timedelta(days=-20_000)]
)
async def test_the_heart_beats_on_when_the_wall_clock_jumps(
    start: Callable[..., Alarm], wakes: Wakes, jump: timedelta
) -> None:
    """Set back an hour, or forward half a century: the next wake is still one heartbeat away."""
    with time_machine.travel(NOON) as clock:
        alarm = start(wakes, timedelta(milliseconds=1))
        alarm.set_schedules([NIGHT])
        await wakes.reached(3)
        clock.shift(jump)
        await wakes.reached(wakes.count + 3)


async def test_stopping_waits_for_a_running_wake_and_no_other_follows() -> None:
    """A transaction is not cut in two."""
    running, release, finished = asyncio.Event(), asyncio.Event(), 0

    async def slow() -> None:
        nonlocal finished
        running.set()
        await release.wait()
        finished += 1

    alarm = Alarm(slow, timedelta(milliseconds=1))
    alarm.start()
    await running.wait()
    stopping = asyncio.create_task(alarm.stop())
    await settle()
    assert not stopping.done()
    release.set()
    await stopping
    assert finished == 1
    await alarm.stop()  # twice does no harm


async def test_a_wake_may_stop_the_alarm() -> None:
    """A fatal error found in a wake ends the alarm without waiting for itself."""
    stopped = asyncio.Event()

    async def fatal() -> None:
        await alarm.stop()
        stopped.set()

    alarm = Alarm(fatal, NEVER)
    alarm.start()
    await asyncio.wait_for(stopped.wait(), 10)
    await settle()


async def test_an_alarm_can_be_started_again_but_not_twice(wakes: Wakes) -> None:
    """After a stop it goes on with the schedules and the instant it had."""
    alarm = Alarm(wakes, NEVER)
    alarm.start()
    with pytest.raises(RuntimeError, match="already"):
        alarm.start()
    await wakes.reached(1)
    await alarm.stop()
    alarm.wake_at(datetime.now(UTC) - HOUR)
    await settle()
    assert wakes.count == 1
    alarm.start()
    await wakes.reached(3)
    await alarm.stop()


async def test_a_naive_instant_is_refused(wakes: Wakes) -> None:
    """A local time without a zone could mean anything."""
    with pytest.raises(ValueError, match="aware"):
        Alarm(wakes).wake_at(datetime(2026, 5, 4))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("before", "after"),
    [(logging.NOTSET, logging.WARNING), (logging.DEBUG, logging.DEBUG), (logging.ERROR, logging.ERROR)],
)
async def test_apscheduler_is_quiet_unless_asked(wakes: Wakes, before: int, after: int) -> None:
    """It reports each wake-up twice; an operator who set its level keeps it."""
    logger = logging.getLogger("apscheduler")
    was = logger.level
    logger.setLevel(before)
    try:
        alarm = Alarm(wakes, NEVER)
        alarm.start()
        await alarm.stop()
        assert logger.level == after
    finally:
        logger.setLevel(was)
