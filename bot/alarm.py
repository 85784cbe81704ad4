"""What wakes the bot. It only wakes: what is due, the database alone says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger

from bot.logger import get_logger
from bot.schedule import NeverDue, Schedule, next_occurrence

HEARTBEAT = timedelta(seconds=15)

_log = get_logger(__name__)
_MICROSECOND = timedelta(microseconds=1)


class CivilTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Fires once for each occurrence of a schedule, on days when the clocks change too.

    APScheduler's own CronTrigger skips or doubles a time on such days, and its CalendarIntervalTrigger never fires
    inside the gap.
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The next instant to fire at; None, which ends the job, if there is none within two years.

        As APScheduler asks: without a previous time the first that is not before `now`; else the one that follows the
        previous time even if it has passed as well, which is how it learns what was missed.
        """
        try:
            return next_occurrence(self.schedule, previous_fire_time or now - _MICROSECOND).instant
        except NeverDue as error:
            _log.warning("schedule.never_due", schedule=self.schedule.name, reason=str(error))
            return None

    def __str__(self) -> str:
        return f"civil[{self.schedule.name} {self.schedule.at:%H:%M} {self.schedule.zone.key}]"


class Alarm:
    """Calls `wake` at the start, when a schedule or the instant given to `wake_at` falls due, and every few seconds.

    Wakes that arrive while one is running coalesce into exactly one more. Whatever `wake` raises is logged and the
    alarm goes on. Use it on the event loop it was started on.
    """

    def __init__(self, wake: Callable[[], Awaitable[None]], heartbeat: timedelta = HEARTBEAT) -> None:
        self._wake = wake
        self._heartbeat = heartbeat
        self._schedules: dict[str, Schedule] = {}
        self._due: datetime | None = None
        self._rung = asyncio.Event()
        self._stopping = False
        self._scheduler: Any = None
        self._worker: asyncio.Task[None] | None = None
        self._beat: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin, and wake once: something may have fallen due while nobody was running.

        Raises:
            RuntimeError: already started, or no running event loop.
        """
        if self._worker is not None:
            raise RuntimeError("the alarm is already started")
        logger = logging.getLogger("apscheduler")
        if logger.level == logging.NOTSET:
            # It reports each wake-up at INFO, twice. An operator who wants that sets the level first.
            logger.setLevel(logging.WARNING)
        self._stopping = False
        self._worker = asyncio.get_running_loop().create_task(self._work(), name="alarm")
        # No grace time and coalescing: a wake-up that comes late is still one wake-up, where the default of one
        # second drops it. In memory: a job store shared by two processes runs each job twice.
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        self._scheduler.start()
        for schedule in self._schedules.values():
            self._add_civil(schedule)
        self._add_due()
        self._ring_and_repeat()

    async def stop(self) -> None:
        """Wake no more, and wait until a wake that is running has finished. Cancelling this cancels that wake."""
        if self._worker is None:
            return
        worker, self._worker = self._worker, None
        if self._beat is not None:
            self._beat.cancel()
        self._scheduler.shutdown(wait=False)
        self._scheduler = None
        self._stopping = True
        self._rung.set()
        if worker is not asyncio.current_task():
            await worker
        await asyncio.sleep(0)  # APScheduler's shutdown happens on the loop's next turn

    def set_schedules(self, schedules: Iterable[Schedule]) -> None:
        """Wake for exactly these from now on. One that did not change keeps its place.

        Raises:
            ValueError: two schedules of one name.
        """
        wanted: dict[str, Schedule] = {}
        for schedule in schedules:
            if schedule.name in wanted:
                raise ValueError(f"two schedules are named {schedule.name}")
            wanted[schedule.name] = schedule
        old, self._schedules = self._schedules, wanted
        if self._scheduler is None:
            return
        for name in old.keys() - wanted.keys():
            self._remove(_civil(name))
        for name, schedule in wanted.items():
            if old.get(name) != schedule:
                self._add_civil(schedule)

    def wake_at(self, instant: datetime | None) -> None:
        """Wake at this instant instead of the one given before; None: at no such instant.

        One that has passed wakes at once; but the same one again does nothing, so that work which fails and stays due
        is retried by the heartbeat, not in a hot loop.

        Raises:
            ValueError: the instant has no zone.
        """
        if instant is not None:
            _check(instant)
        if instant == self._due:
            return
        self._due = instant
        if self._scheduler is not None:
            self._add_due()

    def wake_by(self, instant: datetime) -> None:
        """Wake at this instant unless an earlier one was given to `wake_at`.

        Raises:
            ValueError: the instant has no zone.
        """
        _check(instant)
        if self._due is None or instant < self._due:
            self.wake_at(instant)

    def _add_civil(self, schedule: Schedule) -> None:
        self._scheduler.add_job(
            self._ring, CivilTrigger(schedule), id=_civil(schedule.name), name=schedule.name, replace_existing=True
        )

    def _add_due(self) -> None:
        if self._due is None:
            self._remove("due")
        else:
            self._scheduler.add_job(self._ring, DateTrigger(self._due, UTC), id="due", replace_existing=True)

    def _remove(self, job: str) -> None:
        if self._scheduler.get_job(job) is not None:
            self._scheduler.remove_job(job)

    def _ring_and_repeat(self) -> None:
        # The heartbeat counts the loop's monotonic clock, not APScheduler's wall clock: a wall clock that is set
        # back an hour would silence an interval job for that hour, one set forward by years would make it count
        # every missed interval. It also mends a wake-up lost while the machine slept. Either costs seconds.
        self._rung.set()
        self._beat = asyncio.get_running_loop().call_later(self._heartbeat.total_seconds(), self._ring_and_repeat)

    async def _ring(self) -> None:
        # A coroutine, because APScheduler runs plain functions in a thread.
        self._rung.set()

    async def _work(self) -> None:
        while True:
            await self._rung.wait()
            if self._stopping:
                return
            self._rung.clear()
            try:
                await self._wake()
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
                # Not ours: something that `wake` awaited was cancelled.
                _log.exception("alarm.wake_failed")
            except Exception:  # noqa: BLE001 (whatever it is, the next wake must come)
                _log.exception("alarm.wake_failed")


def _check(instant: datetime) -> None:
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no zone: an instant must be aware")


def _civil(name: str) -> str:
    return f"civil/{name}"
