"""Schedules in civil time: what falls due, when, and what becomes of what was missed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.holidays import Holidays
from bot.schedule import LOOK_BACK, NeverDue, Schedule, due, instant_of, next_occurrence, occurrences

PARIS = ZoneInfo("Europe/Paris")
WORKING_DAYS = frozenset(range(5))
EVERY_DAY = frozenset(range(7))
CATCH_UP = timedelta(hours=2)
NIGHT = Schedule("night", PARIS, time(2, 30), EVERY_DAY)
TIP = Schedule("tip", PARIS, time(9), WORKING_DAYS, Holidays("FR"))


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0, *, fold: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS, fold=fold).astimezone(UTC)


def test_a_time_that_does_not_exist_is_the_first_that_does() -> None:
    """02:30 on the night clocks go forward in Paris is 03:00, the end of the gap; not 03:30, and not never."""
    assert instant_of(date(2026, 3, 29), time(2, 30), PARIS) == local(2026, 3, 29, 3)


def test_a_time_that_exists_twice_is_the_first() -> None:
    """02:30 on the night clocks go back happens once, before the change."""
    assert instant_of(date(2026, 10, 25), time(2, 30), PARIS) == local(2026, 10, 25, 2, 30, fold=0)
    assert next_occurrence(NIGHT, local(2026, 10, 25, 2, 30, fold=0)).local_date == date(2026, 10, 26)


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("America/Sao_Paulo", date(2018, 11, 4), time(0), "2018-11-04T01:00:00-02:00"),
        ("Asia/Beirut", date(2026, 3, 29), time(0, 30), "2026-03-29T01:00:00+03:00"),
        ("Africa/Cairo", date(2026, 4, 24), time(0), "2026-04-24T01:00:00+03:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-04T02:30:00+11:00"),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), "2026-04-05T01:45:00+11:00"),
        ("America/St_Johns", date(2010, 11, 7), time(0), "2010-11-07T00:00:00-02:30"),
        ("America/Nuuk", date(2026, 3, 28), time(23, 30), "2026-03-29T00:00:00-01:00"),
        ("Pacific/Apia", date(2011, 12, 29), time(23, 59), "2011-12-29T23:59:00-10:00"),
        ("Pacific/Apia", date(2011, 12, 31), time(0), "2011-12-31T00:00:00+14:00"),
    ],
)
def test_midnight_gaps_half_hours_and_skipped_days(zone: str, day: date, at: time, expected: str) -> None:
    """The first instant that shows the time or a later one, even if that is on the next date (Nuuk)."""
    assert instant_of(day, at, ZoneInfo(zone)) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Kwajalein", date(1993, 8, 21)),
        ("Pacific/Kiritimati", date(1994, 12, 31)),
    ],
)
def test_a_date_that_never_was_has_no_occurrence(zone: str, skipped: date) -> None:
    """The date line moved: the day before and the day after are told, the one between never existed."""
    schedule = Schedule("tip", ZoneInfo(zone), time(9), EVERY_DAY)
    told = [o.local_date for o in islice(occurrences(schedule, skipped - timedelta(1)), 2)]
    assert instant_of(skipped, time(9), schedule.zone) is None
    assert told == [skipped - timedelta(1), skipped + timedelta(1)]


def test_weekends_and_holidays_are_off() -> None:
    """After Thursday 30 April 2026 comes Monday 4 May: Friday is May Day."""
    assert [o.local_date.day for o in islice(occurrences(TIP, date(2026, 4, 30)), 3)] == [30, 4, 5]


def test_the_next_occurrence_is_strictly_later() -> None:
    """At the very instant of an occurrence the next one is another."""
    first = next_occurrence(TIP, local(2026, 5, 4, 8, 59))
    assert first.instant == local(2026, 5, 4, 9)
    assert next_occurrence(TIP, first.instant).local_date == date(2026, 5, 5)
    assert next_occurrence(TIP, first.instant - timedelta(microseconds=1)) == first


class EveryDay:
    def __contains__(self, day: object) -> bool:
        return True


def test_a_schedule_whose_every_day_is_off_is_never_due() -> None:
    """Looking ahead ends with an error that names the schedule; what is due is nothing."""
    never = Schedule("tip", PARIS, time(9), EVERY_DAY, EveryDay())
    with pytest.raises(NeverDue, match="tip"):
        next_occurrence(never, local(2026, 5, 4))
    assert due(never, local(2026, 5, 4), date(2026, 5, 1), CATCH_UP) == []


@pytest.mark.parametrize(
    ("name", "at", "days", "promised"),
    [
        ("", time(9), EVERY_DAY, "name"),
        ("tip", time(9), frozenset(), "days"),
        ("tip", time(9), frozenset({7}), "Monday"),
        ("tip", time(9, tzinfo=UTC), EVERY_DAY, "zone"),
    ],
)
def test_a_schedule_that_makes_no_sense_cannot_be_built(
    name: str, at: time, days: frozenset[int], promised: str
) -> None:
    """Each is refused with what is wrong."""
    with pytest.raises(ValueError, match=promised):
        Schedule(name, PARIS, at, days)


def test_a_naive_instant_is_refused() -> None:
    """A local time without a zone could mean anything."""
    naive = datetime(2026, 5, 4)  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        next_occurrence(TIP, naive)
    with pytest.raises(ValueError, match="aware"):
        due(TIP, naive, None, CATCH_UP)


@pytest.mark.parametrize("since", [None, date(2026, 3, 28)])
def test_started_at_ten_past_three_on_the_night_of_the_change(since: date | None) -> None:
    """What APScheduler's CronTrigger loses: 02:30 did not exist, we start at 03:10, and still tell it."""
    [(occurrence, verdict)] = due(NIGHT, local(2026, 3, 29, 3, 10), since, CATCH_UP)
    assert (occurrence.local_date, verdict) == (date(2026, 3, 29), "tell")


def test_told_once_on_the_night_when_half_past_two_comes_twice() -> None:
    """Due at the first 02:30; once that date is settled the second 02:30 brings nothing."""
    first, second = local(2026, 10, 25, 2, 30, fold=0), local(2026, 10, 25, 2, 30, fold=1)
    assert due(NIGHT, first - timedelta(seconds=1), date(2026, 10, 24), CATCH_UP) == []
    assert [v for _, v in due(NIGHT, first, date(2026, 10, 24), CATCH_UP)] == ["tell"]
    assert due(NIGHT, second, date(2026, 10, 25), CATCH_UP) == []


def test_due_even_while_the_clock_shows_yesterday_again() -> None:
    """At 00:01 St. John's went back to 23:01 of the day before: what was due at midnight stays due."""
    schedule = Schedule("midnight", ZoneInfo("America/St_Johns"), time(0), EVERY_DAY)
    [(occurrence, verdict)] = due(schedule, datetime(2010, 11, 7, 3, tzinfo=UTC), date(2010, 11, 6), CATCH_UP)
    assert (occurrence.local_date, verdict) == (date(2010, 11, 7), "tell")


def test_missed_while_down_is_told_within_two_hours_else_skipped() -> None:
    """At 11:00 sharp the tip of 09:00 is still told; a second later it is skipped."""
    eleven, settled = local(2026, 5, 4, 11), date(2026, 4, 30)
    assert [v for _, v in due(TIP, eleven, settled, CATCH_UP)] == ["tell"]
    assert [v for _, v in due(TIP, eleven + timedelta(seconds=1), settled, CATCH_UP)] == ["skip"]


def test_after_a_long_outage_only_the_last_is_told() -> None:
    """A week down: every missed date is recorded as skipped, in order, and only today's tip is told."""
    verdicts = due(TIP, local(2026, 5, 13, 9, 5), date(2026, 5, 6), CATCH_UP)
    assert [(o.local_date.day, v) for o, v in verdicts] == [(7, "skip"), (11, "skip"), (12, "skip"), (13, "tell")]


def test_a_wide_window_still_tells_only_one() -> None:
    """Catching up three days' tips at once would be a storm."""
    verdicts = due(TIP, local(2026, 5, 13, 9, 5), date(2026, 5, 10), timedelta(days=7))
    assert [v for _, v in verdicts] == ["skip", "skip", "tell"]


def test_a_new_schedule_skips_nothing() -> None:
    """Nothing was promised before there was a schedule; what fell due a moment ago is told."""
    assert due(TIP, local(2026, 5, 13, 15), None, CATCH_UP) == []
    assert [o.local_date.day for o, _ in due(TIP, local(2026, 5, 13, 9, 5), None, CATCH_UP)] == [13]


def test_years_of_absence_are_not_recorded_day_by_day() -> None:
    """Skips go back 31 days at most."""
    verdicts = due(NIGHT, local(2026, 5, 13, 12), date(2020, 1, 1), CATCH_UP)
    assert verdicts[0][0].local_date == date(2026, 5, 13) - LOOK_BACK
    assert {v for _, v in verdicts} == {"skip"}


def test_a_clock_set_back_repeats_nothing() -> None:
    """If the settled date lies in the future of a corrected clock, nothing is due until it has passed."""
    assert due(TIP, local(2026, 5, 13, 9, 5), date(2026, 5, 20), CATCH_UP) == []


@given(
    st.sampled_from(["Europe/Paris", "Pacific/Apia", "America/St_Johns", "America/Nuuk", "Africa/Cairo"]),
    st.times().map(lambda at: at.replace(microsecond=0)),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.lists(st.timedeltas(timedelta(), timedelta(days=3)), max_size=60),
)
def test_restarted_at_any_moments_each_date_is_settled_once(
    zone: str, at: time, days: frozenset[int], pauses: list[timedelta]
) -> None:
    """Whenever we wake, what is settled is each eligible date once, in order, with none left out."""
    schedule = Schedule("tip", ZoneInfo(zone), at, days)
    now, settled = datetime(2011, 12, 1, tzinfo=UTC), date(2011, 11, 30)
    record: list[date] = []
    for pause in [timedelta(), *pauses]:
        now += pause
        for occurrence, _ in due(schedule, now, settled, CATCH_UP):
            record.append(occurrence.local_date)
            settled = occurrence.local_date
    assert record == [o.local_date for o in islice(occurrences(schedule, date(2011, 12, 1)), len(record))]
    assert next(islice(occurrences(schedule, date(2011, 12, 1)), len(record), None)).instant > now
