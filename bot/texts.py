"""Every text that people see, in their language: gettext catalogues, and Babel for dates, durations and numbers.

English is written in the code and is the key; `locales/fr/LC_MESSAGES/vigie.po` holds the French, `vigie.mo` the same
compiled, which takes no time to read. A message is looked up whole and filled in afterwards:
`texts.t("Tip {number} of {total}", number=3, total=21)`.
"""

from __future__ import annotations

import gettext
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

from bot.markup import Markup

LANGUAGES: Final = ("en", "fr")
KEYWORDS: Final = ("t", "rich", "later")
PLURAL_KEYWORDS: Final = ("plural", "rich_plural")


def later(message: str) -> str:
    """Mark a text for the catalogue where it is declared; it is looked up where it is shown."""
    return message


def closest(locale: str | None, default: str) -> str:
    """The language to speak to somebody whose client tells `locale` (`fr-FR`, `en_GB`, or nothing)."""
    language = (locale or "").replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else default


@lru_cache(maxsize=4096)
def _unit(value: int, name: str, form: Literal["long", "short"], language: str) -> str:
    from babel.units import format_unit

    return format_unit(value, f"duration-{name}", form, locale=language).replace("hr", "h")


@lru_cache(maxsize=512)
def _day(value: date, language: str) -> str:
    from babel.dates import format_date

    return format_date(value, "EEEE d MMMM", locale=language)


class Texts:
    """The texts of one language. `t` and `plural` give plain text, `rich` and `rich_plural` give Markup.

    In Markup, every parameter that is not Markup itself is escaped, so what a person wrote cannot become markup.
    """

    def __init__(self, language: str, translations: gettext.NullTranslations) -> None:
        self.language = language
        self._translations = translations

    def t(self, message: str, /, **values: object) -> str:
        return self._translations.gettext(message).format(**values)

    def rich(self, message: str, /, **values: object) -> Markup:
        return Markup(self._translations.gettext(message)).format(**values)

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The form for `n` by the language's own rule; `{n}` is written as the locale writes numbers."""
        return self._translations.ngettext(one, many, n).format(n=self.number(n), **values)

    def rich_plural(self, one: str, many: str, n: int, /, **values: object) -> Markup:
        return Markup(self._translations.ngettext(one, many, n)).format(n=self.number(n), **values)

    def number(self, value: float) -> str:
        from babel.numbers import format_decimal

        return format_decimal(value, locale=self.language)

    def percent(self, share: float) -> str:
        """`share` is between 0 and 1."""
        from babel.numbers import format_percent

        return format_percent(share, locale=self.language)

    def duration(self, length: timedelta) -> str:
        """The two largest units that say something: 2 h 30 min, 3 days 4 h; under a minute, seconds."""
        seconds = max(0, round(length.total_seconds()))
        if seconds >= 60:
            seconds = round(seconds / 60) * 60
        days, rest = divmod(seconds, 86_400)
        hours, rest = divmod(rest, 3600)
        minutes, rest = divmod(rest, 60)
        units: tuple[tuple[str, int, Literal["long", "short"]], ...] = (
            ("day", days, "long"),
            ("hour", hours, "short"),
            ("minute", minutes, "short"),
            ("second", rest, "short"),
        )
        said = [unit for unit in units if unit[1]][:2] or [("minute", 0, "short")]
        return " ".join(_unit(value, name, form, self.language) for name, value, form in said)

    def effort(self, length: timedelta) -> str:
        """Working time, in hours and minutes however long: a working day is no day of 24 hours."""
        hours, minutes = divmod(max(0, round(length.total_seconds() / 60)), 60)
        if not hours:
            return self.duration(length)
        parts = [_unit(hours, "hour", "short", self.language)]
        if minutes and hours < 24:
            parts.append(_unit(minutes, "minute", "short", self.language))
        return " ".join(parts)

    def day(self, value: date) -> str:
        """Monday 14 September: the weekday and the date in words."""
        return _day(value, self.language)

    def clock(self, instant: datetime, zone: tzinfo) -> str:
        """14:05 in `zone`: both languages write it so."""
        return f"{instant.astimezone(zone):%H:%M}"

    def when(self, instant: datetime, zone: tzinfo, now: datetime) -> str:
        """The clock time, with the day before it when that is not today."""
        local = instant.astimezone(zone)
        if local.date() == now.astimezone(zone).date():
            return self.clock(instant, zone)
        return self.t("{day}, {time}", day=self.day(local.date()), time=self.clock(instant, zone))


@lru_cache
def texts(language: str) -> Texts:
    """The texts of a language of `LANGUAGES`."""
    if language == "en":
        return Texts("en", gettext.NullTranslations())
    compiled = files("bot") / "locales" / language / "LC_MESSAGES" / "vigie.mo"
    with compiled.open("rb") as file:
        return Texts(language, gettext.GNUTranslations(file))
