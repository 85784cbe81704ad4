"""Every zone of the IANA database, every date: compared with offsets sampled in UTC, which know nothing of PEP 495.

VIGIE_ZONE_YEARS=2026-2035 runs ten years instead of two, some minutes of work.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.schedule import Schedule, due, instant_of, next_occurrence, occurrences

FIRST, LAST = map(int, os.environ.get("VIGIE_ZONE_YEARS", "2026-2027").split("-"))
TIMES = (time(0), time(0, 30), time(1, 30), time(2, 30), time(9))
EVERY_DAY = frozenset(range(7))
SHARDS = 8

Period = tuple[int, int, int]
"""A stretch of one offset: first second, last second + 1, offset, all in seconds since the epoch."""


def offset(second: int, zone: ZoneInfo) -> int:
    found = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    assert found is not None
    return int(found.total_seconds())


def periods(zone: ZoneInfo, first: date, last: date) -> tuple[Period, ...]:
    """The stretches of one offset around these dates; no zone changes its offset twice in 48 hours."""
    start, end = epoch(first) - 2 * 86_400, epoch(last) + 3 * 86_400
    found, since = [], start
    for day in range(start, end, 86_400):
        if offset(day, zone) != offset(day + 86_400, zone):
            low, high = day, day + 86_400
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle, zone) == offset(day, zone) else (low, middle)
            found.append((since, high, offset(day, zone)))
            since = high
    return (*found, (since, end, offset(since, zone)))


def epoch(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 86_400


def first_shown(stretches: tuple[Period, ...], shown: int) -> int:
    """The first second at which the local clock shows this or later (in seconds as if local time were UTC)."""
    return next(max(start, shown - off) for start, end, off in stretches if shown < end + off)


def exists(stretches: tuple[Period, ...], day: date) -> bool:
    midnight = epoch(day)
    return any(start + off < midnight + 86_400 and midnight < end + off for start, end, off in stretches)


@cache
def expected(stretches: tuple[Period, ...], at: time) -> list[tuple[date, int]]:
    """Each existing date and the second it is due. Cached: most zones are alike in these years."""
    seconds = at.hour * 3600 + at.minute * 60
    dates = days(date(FIRST, 1, 1), date(LAST, 12, 31))
    return [(day, first_shown(stretches, epoch(day) + seconds)) for day in dates if exists(stretches, day)]


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(n) for n in range((last - first).days + 1))


@pytest.mark.parametrize("shard", range(SHARDS))
def test_each_date_of_each_zone_has_one_occurrence_at_the_first_such_instant(shard: int) -> None:
    """Exactly one occurrence per existing local date, strictly increasing, at the first instant that shows the time."""
    first, last = date(FIRST, 1, 1), date(LAST, 12, 31)
    for name in sorted(available_timezones())[shard::SHARDS]:
        zone = ZoneInfo(name)
        stretches = periods(zone, first, last)
        for at in TIMES:
            schedule = Schedule("tip", zone, at, EVERY_DAY)
            told = list(takewhile(lambda o: o.local_date <= last, occurrences(schedule, first)))
            assert [(o.local_date, int(o.instant.timestamp())) for o in told] == expected(stretches, at), (name, at)
            assert all(a.instant < b.instant for a, b in pairwise(told)), (name, at)


def test_around_each_clock_change_the_next_and_the_due_occurrence_agree() -> None:
    """From every half hour around every change, next_occurrence and due split the same list, nothing lost or double."""
    seen = set()
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        stretches = periods(zone, date(FIRST, 1, 1), date(FIRST, 12, 31))
        if stretches in seen:
            continue
        seen.add(stretches)
        for _, change, _ in stretches[:-1]:
            middle = datetime.fromtimestamp(change, UTC)
            for at in (time(0, 30), time(2, 30)):
                schedule = Schedule("tip", zone, at, EVERY_DAY)
                start = middle.date() - timedelta(4)
                all_of = list(islice(occurrences(schedule, start), 9))
                for step in range(-50, 51, 2):
                    now = middle + timedelta(minutes=30 * step)
                    past = [o for o in all_of if o.instant <= now]
                    assert next_occurrence(schedule, now) == all_of[len(past)], (name, at, now)
                    verdicts = due(schedule, now, start - timedelta(1), timedelta(hours=2))
                    assert [o for o, _ in verdicts] == past, (name, at, now)
                    tell = [o for o, verdict in verdicts if verdict == "tell"]
                    assert tell == [o for o in past[-1:] if now - o.instant <= timedelta(hours=2)], (name, at, now)


@pytest.mark.parametrize(
    ("name", "years"),
    [
        ("Pacific/Apia", (2011, 2012)),  # no 30 December 2011
        ("Pacific/Fakaofo", (2011, 2012)),
        ("Pacific/Kwajalein", (1993, 1994)),  # no 21 August 1993
        ("Pacific/Kwajalein", (1969, 1970)),  # set back 23 hours
        ("Pacific/Kiritimati", (1994, 1995)),
        ("America/Sao_Paulo", (2017, 2019)),  # midnight does not exist
        ("America/St_Johns", (2009, 2011)),  # changed at one minute past midnight
        ("America/Juneau", (1867, 1868)),  # 18 October 1867 came twice
        ("Asia/Manila", (1844, 1845)),
        ("Antarctica/Troll", (2010, 2012)),  # two hours at once
        ("Africa/Monrovia", (1971, 1972)),  # offset in seconds
        ("Europe/Dublin", (1968, 1972)),
        ("Asia/Gaza", (2008, 2020)),
        ("America/Scoresbysund", (2023, 2025)),
    ],
)
def test_the_oddest_changes_of_history(name: str, years: tuple[int, int]) -> None:
    """Skipped dates have no occurrence, repeated ones have one, at any time of the day."""
    zone = ZoneInfo(name)
    first, last = date(years[0], 1, 1), date(years[1], 12, 31)
    stretches = periods(zone, first, last)
    for minutes in range(0, 1440, 45):
        at = time(minutes // 60, minutes % 60)
        for day in days(first, last):
            expected = first_shown(stretches, epoch(day) + minutes * 60) if exists(stretches, day) else None
            found = instant_of(day, at, zone)
            assert (found and int(found.timestamp())) == expected, (day, at)
