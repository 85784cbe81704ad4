"""Working hours against an oracle that does nothing but look at the wall clock, minute by minute."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.holidays import Holidays
from bot.mentions.worktime import LOOK_AHEAD_DAYS, NeverOpen, WorkingHours

PARIS = ZoneInfo("Europe/Paris")
OFFICE = "mon-fri 09:00-12:30, mon-fri 13:30-18:00"
MINUTE = timedelta(minutes=1)

# A zone, and days (UTC) near which something odd happens to its clocks.
ODD = {
    "Europe/Paris": [(2026, 3, 29), (2026, 10, 25)],
    "Europe/Dublin": [(2026, 3, 29), (2026, 10, 25)],  # its daylight saving is negative, in winter
    "America/New_York": [(2026, 3, 8), (2026, 11, 1)],
    "Australia/Lord_Howe": [(2026, 4, 4), (2026, 10, 3)],  # by half an hour
    "Pacific/Apia": [(2011, 12, 30), (2021, 4, 3)],  # a whole day skipped
    "Pacific/Kiritimati": [(1994, 12, 31)],
    "Africa/Casablanca": [(2026, 2, 15), (2026, 3, 22)],  # Ramadan
    "Asia/Kathmandu": [(2026, 6, 1)],  # 5 h 45 min
    "Antarctica/Troll": [(2026, 3, 29), (2026, 10, 25)],  # by two hours
    "America/Sao_Paulo": [(2018, 11, 4), (2018, 2, 18)],  # at midnight
    "America/St_Johns": [(2010, 3, 14), (2010, 11, 7)],  # at one minute past midnight
    "America/Nuuk": [(2026, 3, 29), (2026, 10, 25)],  # the gap ends at midnight
    "Asia/Beirut": [(2026, 3, 28), (2026, 10, 24)],
    "Africa/Cairo": [(2026, 4, 23), (2026, 10, 29)],
    "Pacific/Chatham": [(2026, 4, 4), (2026, 9, 26)],
    "Asia/Tehran": [(2022, 3, 21), (2022, 9, 21)],
}


@st.composite
def intervals(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    edges = sorted(draw(st.sets(st.integers(0, 1440) | st.sampled_from([0, 60, 120, 180, 1380, 1440]), max_size=6)))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


@st.composite
def cases(draw: st.DrawFn) -> tuple[WorkingHours, datetime]:
    """Hours in an odd zone, and an instant within two days of an odd moment."""
    name = draw(st.sampled_from(sorted(ODD)))
    day = datetime(*draw(st.sampled_from(ODD[name])), 12, tzinfo=UTC)
    week = draw(st.tuples(*[intervals()] * 7).filter(any))
    holidays = draw(st.frozensets(st.integers(-3, 4), max_size=3))
    hours = WorkingHours(ZoneInfo(name), week, frozenset(day.date() + timedelta(n) for n in holidays))
    return hours, day + draw(st.integers(-2880, 2880)) * MINUTE


spans = st.integers(0, 3 * 1440)
odd_durations = st.timedeltas(timedelta(), timedelta(days=20))


def open_by_wall_clock(hours: WorkingHours, at: datetime) -> bool:
    local = at.astimezone(hours.zone)
    minute = local.hour * 60 + local.minute
    return local.date() not in hours.holidays and any(a <= minute < b for a, b in hours.week[local.weekday()])


def by_the_minute(hours: WorkingHours, start: datetime, minutes: int) -> timedelta:
    return sum(open_by_wall_clock(hours, start + n * MINUTE) for n in range(minutes)) * MINUTE


@settings(max_examples=150, deadline=None)
@given(cases(), spans)
def test_between_counts_the_minutes_that_the_wall_clock_shows_as_working(
    case: tuple[WorkingHours, datetime], minutes: int
) -> None:
    """Working time between two instants is what one counts watching the clock on the wall."""
    hours, start = case
    assert hours.between(start, start + minutes * MINUTE) == by_the_minute(hours, start, minutes)


@settings(max_examples=200, deadline=None)
@given(cases(), st.lists(spans, min_size=5, max_size=40))
def test_open_is_what_the_wall_clock_says(case: tuple[WorkingHours, datetime], minutes: list[int]) -> None:
    """is_open looks at the local weekday, time and date, and at nothing else."""
    hours, start = case
    for n in minutes:
        at = start + n * MINUTE
        assert hours.is_open(at) == open_by_wall_clock(hours, at)
        assert hours.is_open(at + timedelta(seconds=59, microseconds=999_999)) == open_by_wall_clock(hours, at)


@settings(max_examples=200, deadline=None)
@given(cases(), odd_durations)
def test_add_is_the_earliest_instant_with_that_much_working_time(
    case: tuple[WorkingHours, datetime], duration: timedelta
) -> None:
    """between undoes add, and not a microsecond earlier."""
    hours, at = case
    end = hours.add(at, duration)
    assert hours.between(at, end) == duration
    if duration:
        assert hours.between(at, end - timedelta(microseconds=1)) == duration - timedelta(microseconds=1)
    else:
        assert end == at


@settings(max_examples=200, deadline=None)
@given(cases(), odd_durations, odd_durations)
def test_working_time_adds_up(case: tuple[WorkingHours, datetime], first: timedelta, second: timedelta) -> None:
    """between is additive, and add by parts is add at once."""
    hours, a = case
    b, c = a + first, a + first + second
    assert hours.between(a, b) + hours.between(b, c) == hours.between(a, c)
    assert hours.between(b, a) == (timedelta() if first else hours.between(a, a)) == timedelta()
    assert hours.add(hours.add(a, first), second) == hours.add(a, first + second)


@settings(max_examples=200, deadline=None)
@given(cases(), st.timedeltas(timedelta(), timedelta(minutes=1)))
def test_the_next_opening_is_open_and_none_is_earlier(case: tuple[WorkingHours, datetime], fraction: timedelta) -> None:
    """next_open is the instant itself when open; otherwise nothing is open before it."""
    hours, at = case
    at += fraction
    opening = hours.next_open(at)
    assert opening >= at
    assert hours.is_open(opening)
    assert hours.between(at, opening) == timedelta()
    if hours.is_open(at):
        assert opening == at


@settings(max_examples=100, deadline=None)
@given(cases())
def test_the_next_day_opens_on_a_later_date_and_not_later_than_it_could(case: tuple[WorkingHours, datetime]) -> None:
    """next_day_open is the first working minute whose local date is after today's."""
    hours, at = case
    opening = hours.next_day_open(at)
    today = at.astimezone(hours.zone).date()
    assert hours.is_open(opening)
    assert opening.astimezone(hours.zone).date() > today
    for n in range(min(int((opening - at) / MINUTE), 5000)):
        between = at + n * MINUTE
        assert not (open_by_wall_clock(hours, between) and between.astimezone(hours.zone).date() > today)


@settings(max_examples=10, deadline=None)
@given(cases(), st.integers(20, 60))
def test_months_are_counted_like_minutes(case: tuple[WorkingHours, datetime], days: int) -> None:
    """Long spans agree with the oracle too."""
    hours, start = case
    assert hours.between(start, start + timedelta(days)) == by_the_minute(hours, start, days * 1440)


def paris(hours: str, holidays: Container[date] = frozenset()) -> WorkingHours:
    return WorkingHours.parse(hours, PARIS, holidays)


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, *, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS, fold=fold).astimezone(UTC)


def test_the_repeated_hour_counts_twice_and_the_skipped_one_not_at_all() -> None:
    """On the night of the change, 02:00 to 03:00 is two hours long in October and does not exist in March."""
    night = paris("sun 01:00-04:00")
    assert night.between(local(2026, 10, 25), local(2026, 10, 26)) == timedelta(hours=4)
    assert night.between(local(2026, 3, 29), local(2026, 3, 30)) == timedelta(hours=2)
    assert paris("sun 02:00-03:00").between(local(2026, 3, 29), local(2026, 3, 30)) == timedelta()
    assert night.add(local(2026, 3, 29), timedelta(hours=2)) == local(2026, 3, 29, 4)


def test_a_ladder_step_waits_through_the_night_the_weekend_and_a_holiday() -> None:
    """Two working hours after Thursday 17:30, with Friday 1 May a holiday, is Monday 10:30."""
    hours = paris(OFFICE, Holidays("FR"))
    asked = local(2026, 4, 30, 17, 30)
    assert hours.add(asked, timedelta(hours=2)) == local(2026, 5, 4, 10, 30)
    assert hours.between(asked, local(2026, 5, 4, 10, 30)) == timedelta(hours=2)
    assert hours.next_open(local(2026, 5, 1, 10)) == local(2026, 5, 4, 9)
    assert hours.next_day_open(asked) == local(2026, 5, 4, 9)


def test_an_interval_is_half_open() -> None:
    """Open at its first instant, closed at its last; what ends at closing time ends that evening, not next morning."""
    hours = paris(OFFICE)
    assert hours.is_open(local(2026, 5, 4, 9))
    assert not hours.is_open(local(2026, 5, 4, 12, 30))
    assert hours.next_open(local(2026, 5, 4, 12, 30)) == local(2026, 5, 4, 13, 30)
    assert hours.add(local(2026, 5, 4, 17), timedelta(hours=1)) == local(2026, 5, 4, 18)


def test_always_is_always() -> None:
    """Every hour of every day, holidays included: working time is elapsed time, however far."""
    hours = paris("always", frozenset({date(2026, 5, 4)}))
    at, later = local(2026, 3, 28, 12), local(2926, 3, 29, 12)
    assert hours.is_open(local(2026, 5, 4, 3))
    assert hours.next_open(at) == at
    assert hours.between(at, later) == later - at
    assert hours.add(at, later - at) == later
    assert hours.next_day_open(at) == local(2026, 3, 29)


def test_instants_come_out_in_utc_whatever_zone_they_come_in() -> None:
    """The same instant in another zone gives the same answer, in UTC."""
    for hours in (paris(OFFICE), paris("always")):
        at = datetime(2026, 5, 4, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
        for found in (hours.next_open(at), hours.add(at, MINUTE), hours.add(at, timedelta()), hours.next_day_open(at)):
            assert found.tzinfo is UTC
        assert hours.next_open(at) == hours.next_open(at.astimezone(UTC))


def test_a_naive_instant_is_refused() -> None:
    """A local time without a zone could mean anything: every method says so."""
    naive, aware = datetime(2026, 5, 4), local(2026, 5, 4)  # noqa: DTZ001
    for hours in (paris(OFFICE), paris("always")):
        calls: list[Any] = [
            lambda h=hours: h.is_open(naive),
            lambda h=hours: h.next_open(naive),
            lambda h=hours: h.next_day_open(naive),
            lambda h=hours: h.add(naive, MINUTE),
            lambda h=hours: h.between(naive, aware),
            lambda h=hours: h.between(aware, naive),
        ]
        for call in calls:
            with pytest.raises(ValueError, match="aware"):
                call()


class EveryDay:
    def __contains__(self, day: object) -> bool:
        return True


def test_hours_that_never_open_say_so() -> None:
    """If every day is a holiday, looking ahead ends with a clear error; counting gives zero."""
    hours = paris(OFFICE, EveryDay())
    at = local(2026, 5, 4)
    for call in (hours.next_open, hours.next_day_open, lambda t: hours.add(t, MINUTE)):
        with pytest.raises(NeverOpen, match="do not open"):
            call(at)
    assert hours.between(at, at + timedelta(LOOK_AHEAD_DAYS)) == timedelta()
    assert hours.add(at, timedelta()) == at


def test_a_long_closure_is_not_never() -> None:
    """Closed for 23 months and then open again is found."""
    closed = frozenset(date(2026, 1, 1) + timedelta(n) for n in range(700))
    hours = paris(OFFICE, closed)
    assert hours.next_open(local(2026, 1, 1)) == local(2027, 12, 2, 9)
    assert hours.add(local(2026, 1, 1), MINUTE) == local(2027, 12, 2, 9, 1)


def test_negative_working_time_is_refused() -> None:
    """One cannot add less than nothing."""
    with pytest.raises(ValueError, match="negative"):
        paris(OFFICE).add(local(2026, 5, 4), -MINUTE)


MORNING, DAY = (540, 750), ((540, 750), (810, 1080))


@pytest.mark.parametrize(
    ("text", "week"),
    [
        (OFFICE + "; sat 10:00-12:00", (DAY,) * 5 + (((600, 720),), ())),
        ("lun-ven 9h-12h30, 13h30-18h", (DAY,) * 5 + ((), ())),
        (["mon 13:30-18:00", "mon 09:00-12:30"], (DAY,) + ((),) * 6),
        ("sun 20:00-24:00; mon 00:00-02:00", (((0, 120),),) + ((),) * 5 + (((1200, 1440),),)),
        ("sat – mon  9:00 – 12:30", ((MORNING,),) + ((),) * 4 + ((MORNING,),) * 2),
        ("mon-fri 9:00-12:00\nmon-fri 12:00-18:00", (((540, 720), (720, 1080)),) * 5 + ((), ())),
        ("Always", (((0, 1440),),) * 7),
        (["always"], (((0, 1440),),) * 7),
    ],
)
def test_hours_are_read_as_people_write_them(text: str | list[str], week: Any) -> None:
    """Ranges of days, several intervals, French, lists, and 24:00 as the end of a day."""
    assert WorkingHours.parse(text, PARIS).week == week


@pytest.mark.parametrize(
    ("text", "promised"),
    [
        ("", ["empty", "always"]),
        (" ; , ", ["empty"]),
        ([], ["empty"]),
        ("mon-fri", ['"mon-fri"', "hours"]),
        ("09:00-12:00", ["no day"]),
        ("mondy 09:00-12:00", ['"mondy"', "mon, tue, wed"]),
        ("mon 9-17", ['"9"', "09:00"]),
        ("mon 09:00-25:00", ['"25:00"', "00:00 to 23:59"]),
        ("mon 24:00-24:00", ['"24:00"']),
        ("mon 09:61-10:00", ['"09:61"']),
        ("mon 12:00-12:00", ["not after"]),
        ("mon-fri 22:00-06:00", ["cross midnight", "write two", "22:00-24:00", "00:00-06:00"]),
        ("mon-wed 09:00-12:00, tue 11:00-13:00", ['"tue 11:00-13:00"', "overlaps 09:00-12:00 on tue"]),
        ("mon 09:00-12:00, mon 09:00-12:00", ["overlaps"]),
        ("mon 09:00-12:00, always", ['"always"']),
        ("mon 09:00-12:00 13:00-14:00", ["expected days, then hours"]),
    ],
)
def test_hours_that_make_no_sense_are_refused_with_the_reason(text: str | list[str], promised: list[str]) -> None:
    """The error names the piece, what is wrong with it, and shows hours that work."""
    with pytest.raises(ValueError, match="working hours") as caught:
        WorkingHours.parse(text, PARIS)
    for words in [*promised, "mon-fri 09:00-12:30"]:
        assert words in str(caught.value)


@pytest.mark.parametrize(
    "week",
    [
        (),
        ((),) * 7,
        (((0, 1440),),) * 6,
        (((60, 60),),) + ((),) * 6,
        (((60, 30),),) + ((),) * 6,
        (((0, 1441),),) + ((),) * 6,
        (((0, 60), (30, 90)),) + ((),) * 6,
        (((60, 90), (0, 30)),) + ((),) * 6,
    ],
)
def test_an_impossible_week_cannot_be_built(week: Any) -> None:
    """Not by the constructor either."""
    with pytest.raises(ValueError, match="working hours"):
        WorkingHours(PARIS, week)


def test_hours_are_values() -> None:
    """Equal by zone, week and holidays; a copy with other holidays forgets what was computed for the old ones."""
    one, other = paris(OFFICE, Holidays("FR")), paris(OFFICE, Holidays("FR"))
    assert one == other
    assert hash(one) == hash(other)
    first_of_may = local(2026, 5, 1, 10)
    assert not one.is_open(first_of_may)
    assert replace(one, holidays=frozenset()).is_open(first_of_may)
