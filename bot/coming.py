"""When a community's next tip is to be told, and whether one may have to be."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.model import Community
from bot.schedule import NeverDue, Schedule, next_occurrence
from bot.settings import Settings

_LATER = timedelta(days=1)
"""Where every day to come is off, the calendar is looked at again after so long."""


def schedule_of(community: Community, settings: Settings) -> Schedule | None:
    """When a community's tip is told; None where no channel was chosen for it."""
    tips = settings.tips
    if tips.channel is None:
        return None
    return Schedule(f"tip/{community}", settings.zone, tips.at, tips.days, settings.holidays)


class Coming:
    """The occurrences of one schedule, if there is one. Each is computed once: thousands may be asked at every wake.

    `settled_at` is the instant up to which all of them are known to be told or skipped.
    """

    def __init__(self, schedule: Schedule | None) -> None:
        self.schedule = schedule
        self.settled_at: datetime | None = None
        self._known: tuple[datetime, datetime, datetime | None] | None = None

    def after(self, instant: datetime) -> datetime | None:
        """The first after that instant; None where there is none."""
        if self.schedule is None:
            return None
        if self._known is None or not self._known[0] <= instant < self._known[1]:
            coming = _next(self.schedule, instant)
            self._known = (instant, coming or instant + _LATER, coming)
        return self._known[2]

    def may_have_come(self, now: datetime) -> bool:
        """Whether one may have come that is not settled. A clock that was set back is asked about everything again."""
        if self.schedule is None:
            return False
        if self.settled_at is None or now < self.settled_at:
            return True
        coming = self.after(self.settled_at)
        return coming is not None and coming <= now


def _next(schedule: Schedule, instant: datetime) -> datetime | None:
    try:
        return next_occurrence(schedule, instant).instant
    except NeverDue:
        return None
