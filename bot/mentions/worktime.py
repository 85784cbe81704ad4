"""Working time: when the team can be expected to answer, and how much of that has gone by."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.schedule import parse_days, parse_time

LOOK_AHEAD_DAYS = 2 * 366
"""How many days in a row may be closed before the hours count as never open."""

EXAMPLE = "mon-fri 09:00-12:30, mon-fri 13:30-18:00; sat 10:00-12:00"

Intervals = tuple[tuple[int, int], ...]
"""Of one weekday: (start, end) in minutes after midnight, end exclusive, in order and apart."""

_DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)
_NOTHING = timedelta(0)
_MINUTE = 60_000_000
_DAY = 1440 * _MINUTE
_ALL_WEEK: tuple[Intervals, ...] = (((0, 1440),),) * 7


class NeverOpen(ValueError):
    """The working hours do not open in the two years that follow: every day is a holiday."""


class _Segment(NamedTuple):
    """An unbroken stretch of working time: microseconds since the epoch, and the local date (days since the epoch)."""

    start: int
    end: int
    local_day: int


class _Day(NamedTuple):
    """The working time of one UTC day."""

    segments: tuple[_Segment, ...]
    total: int


@dataclass(frozen=True)
class WorkingHours:
    """Weekly working hours in a zone, minus holidays.

    An instant is working if and only if the local wall clock then lies in an interval [start, end) of that local
    weekday and the local date is no holiday. So the wall clock rules where clocks change: an hour shown twice counts
    twice, one that is skipped not at all. Instants in must be aware (else ValueError), instants out are UTC.

    Raises:
        ValueError: not seven days, no interval at all, or one that is impossible, out of order or overlapping.
    """

    zone: ZoneInfo
    week: tuple[Intervals, ...]
    holidays: Container[date] = field(default=frozenset())
    _always: bool = field(init=False, repr=False, compare=False)
    _day: Callable[[int], _Day] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check(self.week)
        object.__setattr__(self, "_always", self.week == _ALL_WEEK and not self.holidays)
        # Three years of days: a look-ahead that finds nothing must not push out what is in use.
        object.__setattr__(self, "_day", lru_cache(maxsize=1100)(self._segments_of))

    @classmethod
    def parse(cls, hours: str | Iterable[str], zone: ZoneInfo, holidays: Container[date] = frozenset()) -> WorkingHours:
        """Hours as people write them: "mon-fri 09:00-12:30, mon-fri 13:30-18:00; sat 10:00-12:00", or "always".

        Pieces are separated by commas, semicolons or new lines; a list of such strings is joined. A piece without
        days has those of the piece before it. Days may be French. "always" is every hour of every day, holidays too.

        Raises:
            ValueError: names the piece and what is wrong with it, and shows a valid example.
        """
        text = hours if isinstance(hours, str) else ";".join(hours)
        if text.strip().casefold() == "always":
            return cls(zone, _ALL_WEEK)
        week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
        days: frozenset[int] = frozenset()
        for piece in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
            try:
                days, interval = _parse_piece(piece, days)
                for day in days:
                    week[day] = _with(week[day], interval, day)
            except ValueError as error:
                raise ValueError(f'working hours "{piece}": {error}. A valid example: {EXAMPLE}') from None
        if not days:
            raise ValueError(f'working hours are empty; write "always", or for example: {EXAMPLE}')
        return cls(zone, tuple(map(tuple, week)), holidays)

    def is_open(self, at: datetime) -> bool:
        """Whether this instant is working time."""
        at = _utc(at)
        if self._always:
            return True
        moment = _micros(at)
        return any(s.start <= moment < s.end for s in self._day(moment // _DAY).segments)

    def next_open(self, at: datetime) -> datetime:
        """This very instant if it is working time, else the next opening.

        Raises:
            NeverOpen: there is none in the next two years.
        """
        at = _utc(at)
        if self._always:
            return at
        moment = _micros(at)
        return _instant(max(moment, next(self._from(moment)).start))

    def next_day_open(self, at: datetime) -> datetime:
        """The first working instant on a local date later than the one shown at `at`.

        Raises:
            NeverOpen: there is none in the two years that follow.
        """
        moment = _micros(at)
        today = at.astimezone(self.zone).toordinal() - _EPOCH_ORDINAL
        return _instant(next(s.start for s in self._from(moment) if s.local_day > today))

    def add(self, at: datetime, duration: timedelta) -> datetime:
        """The earliest instant at which this much working time has passed since `at`; `at` itself for zero.

        It may be a closing time, which is no working time any more: `next_open` of it is when one may act.

        Raises:
            ValueError: the duration is negative.
            NeverOpen: two years pass without any working time.
        """
        at = _utc(at)
        if duration < _NOTHING:
            raise ValueError(f"working time cannot be negative: {duration}")
        if self._always or not duration:
            return at + duration
        moment, left = _micros(at), duration // _MICROSECOND
        number, closed = moment // _DAY, 0
        left += self._passed(moment)
        while (day := self._day(number)).total < left:
            left -= day.total
            number += 1
            closed = 0 if day.total else closed + 1
            if closed > LOOK_AHEAD_DAYS:
                raise self._never_open(at)
        for start, end, _ in day.segments:
            if left <= end - start:
                return _instant(start + left)
            left -= end - start
        raise AssertionError("a day's total is the sum of its segments")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time in [start, end); zero if end is not after start."""
        start, end = _utc(start), _utc(end)
        if end <= start:
            return _NOTHING
        if self._always:
            return end - start
        first, last = _micros(start), _micros(end)
        whole = sum(self._day(number).total for number in range(first // _DAY, last // _DAY))
        return timedelta(microseconds=whole + self._passed(last) - self._passed(first))

    def _passed(self, moment: int) -> int:
        """The working time since the beginning of the UTC day."""
        return sum(min(s.end, moment) - s.start for s in self._day(moment // _DAY).segments if s.start < moment)

    def _from(self, moment: int) -> Iterator[_Segment]:
        """Segments that end after this moment, in order."""
        number, closed = moment // _DAY, 0
        while closed <= LOOK_AHEAD_DAYS:
            day = self._day(number)
            yield from (s for s in day.segments if s.end > moment)
            number += 1
            closed = 0 if day.total else closed + 1
        raise self._never_open(_instant(moment))

    def _never_open(self, after: datetime) -> NeverOpen:
        return NeverOpen(
            f"working hours do not open within {LOOK_AHEAD_DAYS} days after {after:%Y-%m-%d}: all holidays"
        )

    def _segments_of(self, number: int) -> _Day:
        segments: list[_Segment] = []
        for start, end, offset in self._pieces(number * _DAY, (number + 1) * _DAY):
            for local_day in range((start + offset) // _DAY, (end - 1 + offset) // _DAY + 1):
                day = date.fromordinal(_EPOCH_ORDINAL + local_day)
                intervals = self.week[day.weekday()]
                if not intervals or day in self.holidays:
                    continue
                midnight = local_day * _DAY - offset
                for opening, closing in intervals:
                    a, b = max(start, midnight + opening * _MINUTE), min(end, midnight + closing * _MINUTE)
                    if a < b:
                        segments.append(_Segment(a, b, local_day))
        return _Day(tuple(segments), sum(s.end - s.start for s in segments))

    def _pieces(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Split a UTC day where the offset changes. In no zone of the database does it change twice in 48 hours."""
        before, after = self._offset(start), self._offset(end - 1)
        if before == after:
            yield start, end, before
            return
        low, high = start, end - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(middle) == before else (low, middle)
        yield start, high, before
        yield high, end, after

    def _offset(self, moment: int) -> int:
        offset = _instant(moment).astimezone(self.zone).utcoffset()
        assert offset is not None, "a ZoneInfo knows its offset"  # noqa: S101 (for the type checker)
        return offset // _MICROSECOND


def _utc(at: datetime) -> datetime:
    if at.tzinfo is UTC:  # as all of the core's are
        return at
    if at.tzinfo is None:
        raise ValueError(f"{at} has no zone: an instant must be aware")
    return at.astimezone(UTC)


def _micros(at: datetime) -> int:
    return (_utc(at) - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def _check(week: tuple[Intervals, ...]) -> None:
    if len(week) != 7 or not any(week):
        raise ValueError("working hours need seven days, Monday first, at least one of them with an interval")
    for day, intervals in enumerate(week):
        last = 0
        for start, end in intervals:
            if not last <= start < end <= 1440:
                raise ValueError(f"working hours of {_DAY_NAMES[day]}: {intervals} are not in order within 0 to 1440")
            last = end


def _parse_piece(piece: str, inherited: frozenset[int]) -> tuple[frozenset[int], tuple[int, int]]:
    # The hours are what begins with a digit; days never do.
    match = re.fullmatch(r"(\D*?)\s*(\d[\dhH:]*)\s*[-–]\s*(\d[\dhH:]*)", piece)
    if match is None:
        raise ValueError("expected days, then hours from-to")
    days = parse_days(match[1]) if match[1] else inherited
    if not days:
        raise ValueError("no day of the week before the hours")
    start, end = _parse_minute(match[2]), 1440 if match[3] in ("24:00", "24h", "24h00") else _parse_minute(match[3])
    if start >= end:
        raise ValueError(
            f"ends at {match[3]}, not after its beginning at {match[2]}; "
            f"to cross midnight write two: {match[2]}-24:00, and 00:00-{match[3]} on the next day"
        )
    return days, (start, end)


def _parse_minute(text: str) -> int:
    at = parse_time(text)
    return at.hour * 60 + at.minute


def _with(intervals: list[tuple[int, int]], new: tuple[int, int], day: int) -> list[tuple[int, int]]:
    for start, end in intervals:
        if new[0] < end and start < new[1]:
            raise ValueError(f"overlaps {_clock(start)}-{_clock(end)} on {_DAY_NAMES[day]}")
    return sorted([*intervals, new])


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
