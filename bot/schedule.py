"""Civil time: which instants a wall-clock schedule falls on. Pure; what wakes us is in `bot.alarm`."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

LOOK_AHEAD = timedelta(days=2 * 366)
"""How far ahead an eligible date is looked for before a schedule counts as never due."""

LOOK_BACK = timedelta(days=31)
"""How far back missed occurrences are still recorded."""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class NeverDue(ValueError):
    """No date within LOOK_AHEAD is eligible: every one is a day off."""


@dataclass(frozen=True)
class Schedule:
    """A wall-clock time in a zone, on some weekdays, minus days off.

    Raises:
        ValueError: no name, no day, a day outside 0 (Monday) to 6, or a time that carries a zone of its own.
    """

    name: str
    zone: ZoneInfo
    at: time
    days: frozenset[int]
    off: Container[date] = field(default=frozenset())

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a schedule needs a name")
        if not self.days or not self.days <= set(range(7)):
            raise ValueError(
                f"schedule {self.name}: days must be one or more of 0 (Monday) to 6, not {sorted(self.days)}"
            )
        if self.at.tzinfo is not None:
            raise ValueError(f"schedule {self.name}: the time {self.at} must have no zone, the schedule has one")


@dataclass(frozen=True)
class Occurrence:
    """One (schedule, local date), which happens once, ever, and the UTC instant it falls on."""

    schedule: str
    local_date: date
    instant: datetime


def instant_of(local_date: date, at: time, zone: ZoneInfo) -> datetime | None:
    """The first instant (UTC) at which the clocks of `zone` show `at` on `local_date`, or later.

    That one rule covers every clock change: a time that exists twice is the first of the two, and one that does not
    exist is the end of the gap. A gap may end on the next date (America/Nuuk jumps from 23:00 to midnight): the
    occurrence still belongs to the date it was asked for. None if that whole date never existed (Pacific/Apia had
    no 30 December 2011).
    """
    wanted = datetime.combine(local_date, at)
    instant = wanted.replace(tzinfo=zone).astimezone(UTC)
    if _shown(instant, zone) == wanted:
        return instant
    end = _gap_end(wanted, zone)
    if _shown(end, zone).date() > local_date:
        midnight = datetime.combine(local_date, time())
        if _shown(midnight.replace(tzinfo=zone).astimezone(UTC), zone) != midnight and _gap_end(midnight, zone) == end:
            return None
    return end


def _shown(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _gap_end(missing: datetime, zone: ZoneInfo) -> datetime:
    # PEP 495: inside a gap fold=0 takes the offset from before it, fold=1 the one from after, and the instants so
    # computed lie on either side of the change. Offsets change on whole seconds.
    late = missing.replace(tzinfo=zone, fold=0, microsecond=0).astimezone(UTC) + _SECOND
    early = missing.replace(tzinfo=zone, fold=1, microsecond=0).astimezone(UTC) - _SECOND
    before = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = early + (late - early) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late


def occurrences(schedule: Schedule, from_date: date) -> Iterator[Occurrence]:
    """Every occurrence from this local date on: one per eligible date, with strictly increasing instants.

    Raises:
        NeverDue: two years went by without an eligible date.
    """
    day, last = from_date, from_date
    while day - last <= LOOK_AHEAD:
        if found := _occurrence(schedule, day):
            last = day
            yield found
        day += _DAY
    raise NeverDue(f"schedule {schedule.name}: every day from {last} to {day} is a day off")


def _occurrence(schedule: Schedule, day: date) -> Occurrence | None:
    if day.weekday() not in schedule.days or day in schedule.off:
        return None
    instant = instant_of(day, schedule.at, schedule.zone)
    return None if instant is None else Occurrence(schedule.name, day, instant)


def next_occurrence(schedule: Schedule, after: datetime) -> Occurrence:
    """The first occurrence strictly after this instant.

    Raises:
        ValueError: `after` has no zone.
        NeverDue: nothing is eligible in the two years that follow.
    """
    # What falls after an instant is asked for on the date shown at that instant, or on a later one.
    return next(o for o in occurrences(schedule, _local_date(after, schedule.zone)) if o.instant > after)


Verdict = Literal["tell", "skip"]


def due(schedule: Schedule, now: datetime, since: date | None, catch_up: timedelta) -> list[tuple[Occurrence, Verdict]]:
    """What has fallen due and is not settled yet, oldest first.

    At most one is to be told: the most recent, if it is no older than `catch_up`. Everything older was missed for
    good and is to be recorded as skipped, as far back as LOOK_BACK.

    Args:
        since: the last local date already settled (told or skipped). None if none ever was: then nothing is
            skipped, because nothing was promised before there was a schedule.
    """
    today = _local_date(now, schedule.zone)
    day = max(since + _DAY, today - LOOK_BACK) if since else today - LOOK_BACK
    found: list[Occurrence] = []
    # Two days more: clocks set back over midnight show yesterday again after today's occurrence.
    while day <= today + 2 * _DAY:
        occurrence = _occurrence(schedule, day)
        if occurrence and occurrence.instant <= now:
            found.append(occurrence)
        day += _DAY
    if not found:
        return []
    fresh = now - found[-1].instant <= catch_up
    if since is None:
        return [(found[-1], "tell")] if fresh else []
    return [(o, "tell" if fresh and o is found[-1] else "skip") for o in found]


def _local_date(instant: datetime, zone: ZoneInfo) -> date:
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no zone: an instant must be aware")
    return instant.astimezone(zone).date()


def parse_time(text: str) -> time:
    """A time of day: "9:00", "09:00", "9h" or "9h30".

    Raises:
        ValueError: anything else.
    """
    match = re.fullmatch(r"([0-9]{1,2})(?::([0-9]{2})|[hH]([0-9]{2})?)", text.strip())
    hour, minute = (int(match[1]), int(match[2] or match[3] or 0)) if match else (99, 99)
    if hour > 23 or minute > 59:
        raise ValueError(f'"{text}" is not a time of day; write hours and minutes, from 00:00 to 23:59, such as 09:00')
    return time(hour, minute)


_DAYS = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    *("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
)


def parse_days(days: str | Iterable[str]) -> frozenset[int]:
    """Days of the week in English or French, short or long, alone or as ranges: "mon-fri", ["lun", "mer"].

    A range may pass the end of the week ("fri-mon"). The answer counts from 0, Monday.

    Raises:
        ValueError: an unknown day, or none at all.
    """
    words = [days] if isinstance(days, str) else list(days)
    found: set[int] = set()
    for word in words:
        for part in re.sub(r"\s*[-–]\s*", "-", word).replace(",", " ").split():
            first, _, last = part.partition("-")
            start = _weekday(first, part)
            length = (_weekday(last, part) - start) % 7 if "-" in part else 0
            found.update((start + step) % 7 for step in range(length + 1))
    if not found:
        raise ValueError("no day of the week is given; write for example mon-fri, or mon, wed, sat")
    return frozenset(found)


def _weekday(name: str, part: str) -> int:
    plain = name.casefold().rstrip(".")
    # Three letters tell every day from every other, in both languages at once.
    for number, day in enumerate(_DAYS):
        if len(plain) >= 3 and day.startswith(plain):
            return number % 7
    raise ValueError(
        f'"{part}" is not a day of the week; write mon, tue, wed, thu, fri, sat, sun '
        "(or lun, mar, mer, jeu, ven, sam, dim), or a range such as mon-fri"
    )


@cache
def _listed() -> frozenset[str]:
    """The zones of our own copy of the zone database, which has a list of them."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


@cache
def _zones() -> frozenset[str]:
    # It opens every file of the machine's zone database: some 20 ms. `localtime` is wherever that machine stands.
    return frozenset(available_timezones() - {"localtime"})


def parse_zone(name: str) -> ZoneInfo:
    """An IANA time zone, such as "Europe/Paris".

    Raises:
        ValueError: no such zone; names the nearest ones.
    """
    if name in _listed() or name in _zones():
        return ZoneInfo(name)
    choices: dict[str, str] = {}
    # Etc/GMT+2 lies two hours *west*: whoever wrote UTC+2 must not be led there.
    for zone in sorted(zone for zone in _zones() if not zone.startswith("Etc/")):
        # People remember the city, not the continent.
        choices.setdefault(zone.rpartition("/")[2].casefold(), zone)
        choices[zone.casefold()] = zone
    near = get_close_matches(name.strip().replace(" ", "_").casefold(), choices, n=5, cutoff=0.6)
    hint = ", ".join(dict.fromkeys(choices[match] for match in near))
    hint = f"nearest: {hint}" if near else "write for example Europe/Paris, America/New_York or UTC"
    raise ValueError(f'"{name}" is not an IANA time zone, which is named after a city; {hint}')


_UNITS = {"d": 86_400, "j": 86_400, "h": 3600, "m": 60, "min": 60, "s": 1}


def parse_duration(text: str) -> timedelta:
    """A length of time: "90s", "30m", "2h", "1h30", "1d" (24 hours; French "1j" too). Zero is allowed.

    Raises:
        ValueError: anything else, or more than 3650 days.
    """
    plain = re.sub(r"\s+", "", text).casefold()
    plain = re.sub(r"(?<=h)([0-9]{2})$", r"\1m", plain)
    parts = re.findall(r"([0-9]{1,9})(min|[djhms])", plain)
    seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
    if not parts or "".join(number + unit for number, unit in parts) != plain or seconds > 3650 * 86_400:
        raise ValueError(
            f'"{text}" is not a duration; write a whole number and a unit (s, m, h or d), '
            "such as 90s, 30m, 1h30, 2h or 1d, at most 3650d"
        )
    return timedelta(seconds=seconds)
