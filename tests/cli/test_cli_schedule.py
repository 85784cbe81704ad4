"""`vigie schedule`: one occurrence for each local date, whatever the clocks do."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from tests.cli.conftest import Vigie

# Zone, time, date, and the one instant of it in UTC.
CLOCK_CHANGES = {
    "Paris springs over 02:30": ("Europe/Paris", "02:30", "2026-03-29", "2026-03-29T01:00"),
    "Paris has 02:30 twice": ("Europe/Paris", "02:30", "2026-10-25", "2026-10-25T00:30"),
    "São Paulo has no midnight": ("America/Sao_Paulo", "00:00", "2018-11-04", "2018-11-04T03:00"),
    "São Paulo has 23:30 twice": ("America/Sao_Paulo", "23:30", "2018-02-17", "2018-02-18T01:30"),
    "São Paulo gave summer time up": ("America/Sao_Paulo", "00:00", "2019-11-03", "2019-11-03T03:00"),
    "Lord Howe springs by half an hour": ("Australia/Lord_Howe", "02:15", "2026-10-04", "2026-10-03T15:30"),
    "Lord Howe has 01:45 twice": ("Australia/Lord_Howe", "01:45", "2026-04-05", "2026-04-04T14:45"),
}


@pytest.mark.parametrize(("zone", "at", "day", "instant"), CLOCK_CHANGES.values(), ids=CLOCK_CHANGES)
def test_clock_changes(vigie: Vigie, zone: str, at: str, day: str, instant: str) -> None:
    """A time that does not exist is the first that does, one that exists twice is the first of the two."""
    ran = vigie("schedule", "--zone", zone, "--at", at, "--from", day, "--count", 1, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == [{"local_date": day, "instant": f"{instant}:00+00:00"}]


def test_every_date_once(vigie: Vigie) -> None:
    """Over two years each local date comes exactly once, and instants only ever rise."""
    ran = vigie("schedule", "--zone", "Europe/Paris", "--at", "02:30", "--from", "2026-01-01", "--count", 730, "--json")
    found = json.loads(ran.out)
    days = [date.fromisoformat(occurrence["local_date"]) for occurrence in found]
    assert days == [date(2026, 1, 1) + timedelta(days=n) for n in range(730)]
    assert all(first["instant"] < then["instant"] for first, then in pairwise(found))


def test_chosen_days(vigie: Vigie) -> None:
    """Only the days asked for come, in English or French, minus a country's holidays."""
    plain = vigie("schedule", "--at", "9:00", "--days", "mon,tue", "--from", "2026-04-05", "--count", 2, "--json")
    assert [o["local_date"] for o in json.loads(plain.out)] == ["2026-04-06", "2026-04-07"]
    french = ("--at", "9h", "--days", "lun", "--from", "2026-04-05", "--country", "FR", "--count", 1)
    assert json.loads(vigie("schedule", *french, "--json").out)[0]["local_date"] == "2026-04-13"  # after Easter Monday


def test_from_today(vigie: Vigie) -> None:
    """Without a first date the list begins today, and has ten entries."""
    found = json.loads(vigie("schedule", "--at", "09:00", "--json").out)
    assert len(found) == 10
    assert abs(date.fromisoformat(found[0]["local_date"]) - datetime.now(UTC).date()) <= timedelta(days=1)


def test_for_people(vigie: Vigie) -> None:
    """Without --json a line tells the weekday, the date, the local time and the instant."""
    ran = vigie("schedule", "--zone", "Europe/Paris", "--at", "02:30", "--from", "2026-03-29", "--count", 1)
    assert ran.out == "Sun 2026-03-29  03:00 CEST  2026-03-29T01:00Z\n"


WRONG = {
    "unknown zone": (("--at", "9:00", "--zone", "Europ/Paris"), ("--zone: ", '"Europ/Paris"', "Europe/Paris")),
    "no zone": (("--at", "9:00", "--zone", ""), ("--zone: ", "Europe/Paris")),
    "impossible time": (("--at", "25:00"), ("--at: ", '"25:00"', "00:00 to 23:59")),
    "no time": ((), ("--at", "vigie schedule --help")),
    "time without a value": (("--at",), ("--at",)),
    "unknown day": (("--at", "9:00", "--days", "mon,fryday"), ("--days: ", '"fryday"', "mon, tue, wed")),
    "no day": (("--at", "9:00", "--days", ""), ("--days: ", "mon-fri")),
    "date that is none": (("--at", "9:00", "--from", "2026-02-30"), ("--from: ", '"2026-02-30"', "2026-03-01")),
    "no date": (("--at", "9:00", "--from", ""), ("--from: ", "2026-03-01")),
    "end of the calendar": (("--at", "9:00", "--from", "9999-12-30"), ("--from: ", "9999")),
    "count of nothing": (("--at", "9:00", "--count", "0"), ('--count: "0" is not a whole number from 1 to 100000',)),
    "count in words": (("--at", "9:00", "--count", "ten"), ('--count: "ten" is not a whole number from 1 to 100000',)),
    "count beyond reason": (("--at", "9:00", "--count", "9" * 5000), ("--count: ", "from 1 to 100000")),
    "date without hyphens": (("--at", "9:00", "--from", "20260203"), ("--from: ", '"20260203"', "2026-03-01")),
    "date of a week": (("--at", "9:00", "--from", "2026-W05-1"), ("--from: ", '"2026-W05-1"', "2026-03-01")),
    "unknown country": (("--at", "9:00", "--country", "Frence"), ("--country: ", "FR (France)")),
    "unknown option": (("--at", "9:00", "--zoen", "UTC"), ("--zoen", "vigie schedule --help")),
}


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_wrong_use(vigie: Vigie, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    """What is wrong is told in one line that names the option and shows what is valid; nothing else is printed."""
    ran = vigie("schedule", *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("vigie: ")
    assert ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err
