"""Days off."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime, timedelta
from typing import Any

import holidays
import pytest

from bot.holidays import Holidays

MAY_DAY = date(2026, 5, 1)


def test_public_holidays_are_those_of_the_country_and_its_subdivision() -> None:
    """Good Friday is a holiday in Moselle, not in Paris; code and name of a subdivision are the same."""
    good_friday = date(2026, 4, 3)
    assert MAY_DAY in Holidays("FR")
    assert MAY_DAY + timedelta(1) not in Holidays("FR")
    assert good_friday not in Holidays("FR")
    assert good_friday in Holidays("FR", "57")
    assert good_friday in Holidays("fr", "moselle")
    assert MAY_DAY not in Holidays()


@pytest.mark.parametrize("country", ["FR", "US", "GB", "JP", "IL", "MA", "BR", "SE"])
def test_each_year_is_known_on_demand(country: str) -> None:
    """Year by year we know what the package knows, observed days that move across New Year included."""
    ours, theirs = Holidays(country), holidays.country_holidays(country)
    for n in range(365 * 12):
        day = date(2020, 1, 1) + timedelta(n)
        assert (day in ours) == (day in theirs), day


def test_holidays_are_named_in_the_language_asked_for() -> None:
    """In French and English where known, else in the country's own; never by the machine's locale."""
    assert Holidays("FR").name(MAY_DAY, "fr") == "Fête du Travail"
    assert Holidays("FR").name(MAY_DAY, "en") == "Labor Day"
    assert Holidays("DE").name(MAY_DAY, "fr") == "Erster Mai"
    assert Holidays("FR").name(MAY_DAY + timedelta(1), "fr") is None


def test_dates_of_ones_own_are_days_off() -> None:
    """With their own names, if they have one; a nameless date that is a public holiday too has that name."""
    closing = date(2026, 8, 14)
    named = Holidays("FR", None, {closing: "Pont de l’Assomption"})
    assert closing in named
    assert named.name(closing, "en") == "Pont de l’Assomption"
    bare = Holidays("FR", None, [closing, MAY_DAY])
    assert closing in bare
    assert bare.name(closing, "en") is None
    assert bare.name(MAY_DAY, "en") == "Labor Day"


def test_holidays_are_values() -> None:
    """Same arguments, however written: equal, and one key in a dictionary."""
    a, b = Holidays("fr", "Moselle", [MAY_DAY, date(2026, 1, 2)]), Holidays("FRA", "57", {date(2026, 1, 2), MAY_DAY})
    assert a == b
    assert len({a, b, Holidays("FR")}) == 2
    assert a != Holidays("FR", "57")
    assert a != "FR"
    assert not Holidays()
    assert Holidays("FR")
    assert Holidays(dates=[MAY_DAY])


def test_only_a_date_can_be_a_holiday() -> None:
    """A datetime is a slip that would read as "no holiday": it is refused."""
    with pytest.raises(TypeError, match="date"):
        assert datetime(2026, 5, 1) in Holidays("FR")  # noqa: DTZ001


@pytest.mark.parametrize(
    ("arguments", "promised"),
    [
        (("France",), ["country", "'France'", "FR (France)"]),
        (("GRMANY",), ["DE (Germany)"]),
        (("XYZQ",), ["valid", "AD", "FR", "ZW"]),
        (("",), ["country", "valid"]),
        (("FR", "Bretagne"), ["subdivision", "'Bretagne'", "57 (Moselle)", "974 (La Réunion)"]),
        (("MC", "x"), ["subdivision", "MC has none"]),
        ((None, "57"), ["subdivision", "country"]),
        ((None, None, ["2026-05-01"]), ["dates", "2026-05-01", "such as"]),
        ((None, None, [datetime(2026, 5, 1)]), ["dates"]),  # noqa: DTZ001
    ],
)
def test_a_wrong_argument_is_refused_with_the_valid_choices(arguments: Any, promised: list[str]) -> None:
    """The error names the key, what is wrong with it and what to write instead."""
    with pytest.raises(ValueError, match=r"country|subdivision|dates") as caught:
        Holidays(*arguments)
    for words in promised:
        assert words in str(caught.value)


def test_the_heavy_package_is_imported_only_for_a_country() -> None:
    """Whoever names no country does not pay for the calendars of them all."""
    code = "import sys, bot.holidays; bot.holidays.Holidays(); assert 'holidays' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
