"""What is remembered of a schedule between two wakes never hides an occurrence."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.coming import Coming
from bot.schedule import Schedule, due

BEGIN = datetime(2026, 10, 22, tzinfo=UTC)
"""Some days before the clocks go back in Europe, and on other days elsewhere."""

SCHEDULES = st.builds(
    Schedule,
    st.just("tip"),
    st.sampled_from([ZoneInfo(name) for name in ("Europe/Paris", "America/Nuuk", "Pacific/Apia", "UTC")]),
    st.times().map(lambda at: at.replace(microsecond=0)),
    st.frozensets(st.integers(0, 6), min_size=1),
)
STEPS = st.lists(st.integers(-600, 3000).map(lambda minutes: timedelta(minutes=minutes)), max_size=20)


@given(SCHEDULES, STEPS)
def test_nothing_that_has_come_is_hidden(schedule: Schedule, steps: list[timedelta]) -> None:
    """Asked at any instants, the clock set back among them: wherever it says that nothing has come, nothing has.

    What is told is settled by its local date, as the database has it; the next one is the same as computed anew.
    """
    coming, now, since = Coming(schedule), BEGIN, None
    for step in steps:
        now += step
        fallen = due(schedule, now, since, timedelta(hours=2))
        if not coming.may_have_come(now):
            assert fallen == []
        if fallen:
            since = fallen[-1][0].local_date
        coming.settled_at = now
        assert coming.after(now) == Coming(schedule).after(now)


def test_the_calendar_is_looked_at_once_until_the_next_one() -> None:
    """However often it is asked, as it is at every wake of thousands of communities."""
    looked: list[date] = []

    class Off:
        def __contains__(self, day: object) -> bool:
            assert isinstance(day, date)
            looked.append(day)
            return False

    coming = Coming(Schedule("tip", ZoneInfo("UTC"), time(9), frozenset(range(7)), Off()))
    coming.settled_at = BEGIN
    assert coming.after(BEGIN) == BEGIN + timedelta(hours=9)
    before = len(looked)
    for minutes in range(9 * 60):
        assert not coming.may_have_come(BEGIN + timedelta(minutes=minutes))
        assert coming.after(BEGIN + timedelta(minutes=minutes)) == BEGIN + timedelta(hours=9)
    assert len(looked) == before
    assert coming.may_have_come(BEGIN + timedelta(hours=9))


def test_where_there_is_no_schedule_nothing_comes() -> None:
    """A community without a channel for tips; and one whose every day is off, which is looked at again later."""
    assert not Coming(None).may_have_come(BEGIN)
    assert Coming(None).after(BEGIN) is None

    class Always:
        def __contains__(self, day: object) -> bool:
            return day < date(2030, 1, 1)  # type: ignore[operator]  # days alone are asked for

    never = Coming(Schedule("tip", ZoneInfo("UTC"), time(9), frozenset(range(7)), Always()))
    never.settled_at = BEGIN
    assert never.after(BEGIN) is None
    assert not never.may_have_come(BEGIN + timedelta(hours=12))
    assert never.after(datetime(2029, 12, 31, tzinfo=UTC)) == datetime(2030, 1, 1, 9, tzinfo=UTC)
