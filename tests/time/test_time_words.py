"""Times, days, zones and durations as people write them in a configuration."""

from __future__ import annotations

from datetime import time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.schedule import parse_days, parse_duration, parse_time, parse_zone

WORKING_DAYS = {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:00", time(9)),
        ("09:00", time(9)),
        (" 23:59 ", time(23, 59)),
        ("0:00", time(0)),
        ("9h", time(9)),
        ("9h30", time(9, 30)),
        ("17H05", time(17, 5)),
    ],
)
def test_times_of_day(text: str, expected: time) -> None:
    """With or without a leading zero, and as the French write them."""
    assert parse_time(text) == expected


@pytest.mark.parametrize("text", ["", "9", "24:00", "12:60", "9:5", "9am", "-1:00", "09:00:00", "noon", "٠٩:٠٠"])
def test_what_is_no_time_of_day(text: str) -> None:
    """The error names it and shows one that works."""
    with pytest.raises(ValueError, match="not a time of day") as caught:
        parse_time(text)
    assert f'"{text}"' in str(caught.value)
    assert "09:00" in str(caught.value)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("mon-fri", WORKING_DAYS),
        ("lun-ven", WORKING_DAYS),
        ("Monday - Friday", WORKING_DAYS),
        ("lundi–vendredi", WORKING_DAYS),
        (["mon", "Tues", "WED"], {0, 1, 2}),
        (["lun", "mer.", "ven-sam"], {0, 2, 4, 5}),
        ("mon, wed sat", {0, 2, 5}),
        ("fri-mon", {4, 5, 6, 0}),
        ("mar", {1}),
        ("sun-sun", {6}),
        ("mon-sun", set(range(7))),
    ],
)
def test_days_of_the_week(days: str | list[str], expected: set[int]) -> None:
    """English or French, short or long, alone, in lists, or as ranges that may pass the end of the week."""
    assert parse_days(days) == expected


@pytest.mark.parametrize("days", ["mo", "monx", "mondy", "mon-", "-fri", "mon-tue-wed", "1-5", ["mon", "holiday"]])
def test_what_is_no_day(days: str | list[str]) -> None:
    """The error names it and every valid choice."""
    with pytest.raises(ValueError, match="not a day of the week") as caught:
        parse_days(days)
    assert f'"{days if isinstance(days, str) else days[-1]}"' in str(caught.value)
    assert "mon, tue, wed, thu, fri, sat, sun" in str(caught.value)
    assert "lun, mar, mer, jeu, ven, sam, dim" in str(caught.value)


@pytest.mark.parametrize("days", ["", " , ", []])
def test_no_day_at_all(days: str | list[str]) -> None:
    """A schedule for no day would silently never run."""
    with pytest.raises(ValueError, match="no day"):
        parse_days(days)


def test_every_zone_of_the_database_is_known() -> None:
    """By its exact name; `localtime` is none of it, but whatever zone this machine is set to."""
    for name in available_timezones() - {"localtime"}:
        assert parse_zone(name) == ZoneInfo(name)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("Europe/Pairs", "Europe/Paris"),
        ("europe/paris", "Europe/Paris"),
        ("Paris", "Europe/Paris"),
        ("New York", "America/New_York"),
        ("Montréal", "America/Montreal"),
        ("right/Europe/Paris", "Europe/Paris"),
        ("", "UTC"),
        ("../../etc/passwd", "Europe/Paris"),
        ("Europe", "Europe/"),
        ("a\0b", "Europe/Paris"),
        ("x" * 5000, "Europe/Paris"),
    ],
)
def test_what_is_no_zone(name: str, nearest: str) -> None:
    """The error names it and the nearest ones, or shows some if nothing is near."""
    with pytest.raises(ValueError, match="not an IANA time zone") as caught:
        parse_zone(name)
    assert f'"{name}"' in str(caught.value)
    assert nearest in str(caught.value)


def test_an_offset_is_not_led_to_the_opposite_side() -> None:
    """Etc/GMT+2 is two hours behind UTC: it is never proposed to someone who wrote UTC+2."""
    with pytest.raises(ValueError, match="city") as caught:
        parse_zone("UTC+2")
    assert "Etc" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("30 min", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        ("1h30", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1 H 05", timedelta(minutes=65)),
        ("1d", timedelta(days=1)),
        ("1j 12h", timedelta(hours=36)),
        ("0m", timedelta()),
        ("3650d", timedelta(days=3650)),
    ],
)
def test_durations(text: str, expected: timedelta) -> None:
    """A number and a unit, several in a row, and the short form 1h30."""
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "30", "m", "-2h", "1.5h", "1h5", "1h5m3", "1d12", "2 weeks", "3h-", "3651d", "999999999999999999d", "٣h"],
)
def test_what_is_no_duration(text: str) -> None:
    """The error names it, the units, and some that work."""
    with pytest.raises(ValueError, match="not a duration") as caught:
        parse_duration(text)
    assert f'"{text}"' in str(caught.value)
    assert "s, m, h or d" in str(caught.value)
    assert "1h30" in str(caught.value)
