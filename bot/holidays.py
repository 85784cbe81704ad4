"""The days on which a team does not work: a country's public holidays and the team's own dates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache


class Holidays:
    """Public holidays of a country (or one of its subdivisions), plus dates of one's own.

    `date in holidays` is what schedules and working hours ask. Two objects built from the same arguments are
    equal and hash alike. Public holidays come from the `holidays` package, which knows years up to 2100.
    """

    def __init__(
        self,
        country: str | None = None,
        subdivision: str | None = None,
        dates: Mapping[date, str] | Collection[date] = (),
    ) -> None:
        """Check the arguments at once, so that a configuration fails at the start.

        Args:
            country: an ISO 3166-1 code such as "FR" (any case), or None for no public holidays.
            subdivision: an ISO 3166-2 subdivision, or its name, such as "57" or "Moselle"; None for the whole country.
            dates: further days off; a mapping gives each its name.

        Raises:
            ValueError: an unknown country or subdivision, or something that is not a date; names the valid choices.
        """
        self.country = None if country is None else _country(country)
        self.subdivision = None if subdivision is None else _subdivision(self.country, subdivision)
        for day in dates:
            if not isinstance(day, date) or isinstance(day, datetime):
                raise ValueError(f"dates: {day!r} is not a date; write year-month-day, such as 2027-05-14")  # noqa: TRY004 (one error type for all of a configuration)
        own = dates.items() if isinstance(dates, Mapping) else ((day, "") for day in dates)
        self._own: dict[date, str] = dict(sorted(own))
        self._key = (self.country, self.subdivision, tuple(self._own.items()))

    def __contains__(self, day: object) -> bool:
        # A datetime is a date to Python but never equals one: without this, a caller's slip would read "no holiday".
        if not isinstance(day, date) or isinstance(day, datetime):
            raise TypeError(f"expected a date, got {day!r}")
        return day in self._own or day in self._public(day.year, "")

    def __bool__(self) -> bool:
        """False if no day can ever be in it."""
        return bool(self.country or self._own)

    def name(self, day: date, language: str) -> str | None:
        """The name of this holiday, or None if it is no holiday or has no name.

        A public holiday is named in `language` ("fr", "en") where the package knows it in that language, else in the
        country's own.
        """
        return self._own.get(day) or self._public(day.year, language).get(day)

    def _public(self, year: int, language: str) -> Mapping[date, str]:
        if self.country is None:
            return {}
        return _public_holidays(self.country, self.subdivision, year, language)

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Holidays) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"Holidays({self.country!r}, {self.subdivision!r}, {self._own!r})"


@lru_cache(maxsize=512)
def _public_holidays(country: str, subdivision: str | None, year: int, language: str) -> Mapping[date, str]:
    import holidays  # 0.2 s: paid only by those who name a country

    calendar = holidays.country_holidays(country, subdiv=subdivision, expand=False)
    spoken = next((known for known in calendar.supported_languages if known.split("_")[0] == language), None)
    # Without a language the package follows the machine's locale, so that two copies of us could differ.
    return dict(
        holidays.country_holidays(
            country, subdiv=subdivision, years=year, expand=False, language=spoken or calendar.default_language
        )
    )


def _country(text: str) -> str:
    from holidays.registry import COUNTRIES

    # Each entry: a class name, the alpha-2 code, then other codes of the same country ("FR", "FRA").
    codes = {code: entry[1] for entry in COUNTRIES.values() for code in entry[1:] if len(code) <= 3}
    wanted = text.strip().upper()
    if wanted in codes:
        return codes[wanted]
    names = {module.replace("_", " ").upper(): entry[1] for module, entry in COUNTRIES.items()}
    named = {code: name.title() for name, code in names.items()}
    near = dict.fromkeys((names | codes)[match] for match in get_close_matches(wanted, names | codes, n=4, cutoff=0.5))
    hint = ", ".join(f"{code} ({named[code]})" for code in near) or ", ".join(sorted(named))
    raise ValueError(
        f"country: {text!r} is not a known ISO 3166-1 country code; {'nearest' if near else 'valid'}: {hint}"
    )


def _subdivision(country: str | None, text: str) -> str:
    if country is None:
        raise ValueError(f"subdivision: {text!r} needs a country; set country too, such as FR")
    import holidays

    calendar = holidays.country_holidays(country, expand=False)
    aliases: dict[str, str] = calendar.subdivisions_aliases
    known = {code.casefold(): code for code in calendar.subdivisions}
    known |= {alias.casefold(): code for alias, code in aliases.items()}
    wanted = text.strip().casefold()
    if wanted in known:
        return known[wanted]
    if not known:
        raise ValueError(f"subdivision: {text!r} is unknown; {country} has none: leave subdivision out")
    # Of several aliases the longest is the name that people know: "974" is RE, LRE and La Réunion.
    named = {code: alias for alias, code in sorted(aliases.items(), key=lambda pair: len(pair[0]))}
    hint = ", ".join(f"{code} ({named[code]})" if code in named else code for code in calendar.subdivisions)
    raise ValueError(f"subdivision: {text!r} is not a subdivision of {country}; valid: {hint}")
