"""One value as people write it, in the file or in the environment, made into what the code uses.

Every function takes anything and raises ValueError with words for whoever wrote it. A list may be written as one
text with commas, which is how the environment says it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot.mentions.worktime import WorkingHours
from bot.model import Community
from bot.schedule import parse_days, parse_duration, parse_time, parse_zone
from bot.settings import Mode, emoji_key

PLATFORMS = ("slack", "discord", "sandbox")

_COMMUNITY_IDS = {
    "slack": (re.compile(r"[ET][A-Z0-9]+(:T[A-Z0-9]+)?"), "slack:T0123ABCD"),
    "discord": (re.compile(r"[0-9]+"), "discord:123456789012345678"),
    "sandbox": (re.compile(r"\S+"), "sandbox:demo"),
}


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{_kind(value)} is not expected here; write text in quotes")  # noqa: TRY004 (pydantic collects only ValueError)
    return value.strip()


def host(value: Any) -> str:
    """Never empty: that would be every address that the machine has."""
    if not text(value):
        raise ValueError('is empty; write an address of this machine, or "0.0.0.0" for all that it has')
    return text(value)


def identifier(value: Any) -> str | None:
    """A channel, member, role or user group; None when empty. A bare number is what Discord's ids look like."""
    plain = str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)
    if not re.fullmatch(r"[\w.:-]*", plain):
        raise ValueError(
            f'"{plain}" is not an id, it looks like a name. In Slack, the id stands at the end of "View details"; '
            'in Discord, switch the developer mode on, right-click and choose "Copy ID"'
        )
    return plain or None


def identifiers(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(identifier, _items(value)))))


def keywords(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (text(item).casefold() for item in _items(value)))))


def reactions(value: Any) -> frozenset[str]:
    return frozenset(filter(None, (emoji_key(text(item)) for item in _items(value))))


def choice(valid: type[StrEnum]) -> Callable[[Any], Any]:
    def parse(value: Any) -> StrEnum:
        word = text(value).casefold()
        if word not in list(valid):
            raise ValueError(f'"{word}" is not one of {", ".join(valid)}{did_you_mean(word, valid)}')
        return valid(word)

    return parse


def did_you_mean(word: str, choices: Any) -> str:
    """`; did you mean X?`, or nothing when nothing is near."""
    near = get_close_matches(word, list(choices), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def whole_number(least: int, most: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,9}\s*", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"{_kind(value)} is not a whole number from {least} to {most}")
        return value

    return parse


def zone(value: Any) -> ZoneInfo:
    return parse_zone(text(value))


def hours(value: Any) -> tuple[str, ...]:
    """Checked here, built later: it takes the zone and the holidays too."""
    pieces = (text(value),) if isinstance(value, str) else tuple(text(item) for item in _items(value))
    WorkingHours.parse(pieces, ZoneInfo("UTC"))
    return pieces


def clock(value: Any) -> time:
    if isinstance(value, time) and value.tzinfo is None:
        return value.replace(microsecond=0)
    return parse_time(text(value))


def days(value: Any) -> frozenset[int]:
    return parse_days([text(item) for item in _items(value)])


def duration(value: Any) -> timedelta:
    if isinstance(value, int) and not isinstance(value, bool):
        example = f'"{abs(value)}m" for minutes'
        raise ValueError(f"{value} has no unit; write it in quotes with one, such as {example}")  # noqa: TRY004 (as above)
    return parse_duration(text(value))


def some_duration(value: Any) -> timedelta:
    length = duration(value)
    if not length:
        raise ValueError("must be longer than zero")
    return length


def dates(value: Any) -> Mapping[date, str]:
    """A list of dates, or dates with what they are."""
    return {_date(day): text(name) for day, name in _pairs(value)}


def watch(value: Any) -> Mapping[str, Mode | None]:
    """Channels and their modes; None where none is said, as in a list."""
    return {
        key: choice(Mode)(mode) if mode != "" else None
        for channel, mode in _pairs(value)
        if (key := identifier(channel))
    }


def command(value: Any) -> str:
    name = text(value)
    if not re.fullmatch(r"[a-z0-9_-]{1,32}", name):
        slash = " and no slash" if name.startswith("/") else ""
        raise ValueError(f'"{name}" is not a command name: 1 to 32 of a-z, 0-9, _ and -{slash}')
    return name


def path(value: Any) -> Path | None:
    plain = text(value)
    if "\0" in plain:
        raise ValueError("a path cannot hold a null character")
    return _at_home(Path(plain)) if plain else None


def _at_home(path: Path) -> Path:
    """As it is: only that somebody's home directory, should it begin with one, is known."""
    try:
        path.expanduser()
    except RuntimeError:
        raise ValueError(f"there is no home directory for {path.parts[0]}") from None
    return path


def http_url(value: Any) -> str:
    plain = text(value)
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", plain):
        raise ValueError("is not an address that begins with https:// or http://")
    return plain if plain.endswith("/") else f"{plain}/"


def some_http_url(value: Any) -> str:
    """As `http_url`, without a slash at its end; may be empty."""
    return http_url(value).rstrip("/") if text(value) else ""


def some_socket_url(value: Any) -> str:
    """Of a WebSocket; may be empty."""
    plain = text(value)
    if plain and not re.fullmatch(r"wss?://[^\s/]+(/\S*)?", plain):
        raise ValueError("is not an address that begins with wss:// or ws://")
    return plain


def database_url(value: Any) -> SecretStr:
    """Never quoted in an error: it may hold a password."""
    plain = value.get_secret_value() if isinstance(value, SecretStr) else text(value)
    if plain.startswith("postgres://"):
        plain = plain.replace("postgres", "postgresql", 1)
    if plain and not re.fullmatch(r"sqlite(\+\w+)?:///.+|postgresql(\+\w+)?://\S+", plain):
        raise ValueError("is not a database address; write sqlite:///FILE or postgresql://USER@HOST/DATABASE")
    if plain.startswith("sqlite"):
        _at_home(Path(plain.partition(":///")[2]))
    return SecretStr(plain)


def community(value: Any) -> Community:
    parsed = Community.parse(text(value))
    if parsed.platform not in _COMMUNITY_IDS:
        near = did_you_mean(parsed.platform, PLATFORMS)
        raise ValueError(f'"{parsed.platform}" is not one of {", ".join(PLATFORMS)}{near}')
    shape, example = _COMMUNITY_IDS[parsed.platform]
    if not shape.fullmatch(parsed.id):
        raise ValueError(f'"{parsed}" is not the id of a community; one looks like {example}')
    return parsed


def spoken(length: timedelta) -> str:
    """A duration in the units in which it is written: `1h30m`."""
    left, words = int(length.total_seconds()), ""
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        words += f"{count}{unit}" if count else ""
    return words or "0s"


def _items(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list | tuple | frozenset):
        return list(value)
    raise ValueError(f'{_kind(value)} is not expected here; write a list, such as ["one", "two"]')


def _pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    """A table, or a list where each item may say `key=value`."""
    if isinstance(value, Mapping):
        yield from value.items()
        return
    for item in _items(value):
        key, _, said = item.partition("=") if isinstance(item, str) else (item, "", "")
        yield key, said


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    plain = text(value) if isinstance(value, str) else ""
    try:
        # strptime alone would also take 2027-5-1.
        if len(plain) == len("2027-05-14"):
            return datetime.strptime(plain, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        pass
    shown = f'"{plain}"' if plain else _kind(value)
    raise ValueError(f"{shown} is not a date; write year-month-day, such as 2027-05-14")


def _kind(value: Any) -> str:
    """What was written, in words and without its value."""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, date | time):
        return "a date or a time"
    return "text" if isinstance(value, str) else "this"
