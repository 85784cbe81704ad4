"""What the options of the command line mean. Whatever is wrong with one is a ConfigError that begins with its name.

What no file, export or database could make right is a Misuse.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from bot.errors import ConfigError, VigieError
from bot.paths import is_folder, told

if TYPE_CHECKING:
    from bot.schedule import Occurrence, Schedule

T = TypeVar("T")


class Misuse(ConfigError):
    """A command line that means nothing: exit code 2."""


def parsed(option: str, parse: Callable[[], T]) -> T:
    """What an option means; its parser's own words, with the option's name, where it means nothing."""
    try:
        return parse()
    except ValueError as error:
        # Some parsers name the setting of the configuration that they are for.
        raise Misuse(f"{option}: {str(error).removeprefix(option.strip('-') + ': ')}") from None


def one_of(option: str, text: str, choices: Sequence[str]) -> str:
    """The one of `choices` that `text` is, in whatever letters."""
    if text.casefold() in choices:
        return text.casefold()
    raise Misuse(f'{option}: "{text}" is not known; choose one of {", ".join(choices)}')


def language(text: str) -> str:
    """A language of ours."""
    from bot.texts import LANGUAGES

    return one_of("--lang", text, LANGUAGES)


def whole(option: str, text: str, least: int, most: int) -> int:
    """A whole number between two others."""
    if re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most:
        return int(text)
    raise Misuse(f'{option}: "{text}" is not a whole number from {least} to {most}')


def times(option: str, text: str, most: int) -> float:
    """How many times as fast: from 1 to `most`, a fraction too."""
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) and 1 <= float(text) <= most:
        return float(text)
    raise Misuse(f'{option}: "{text}" is not a number from 1 to {most}')


def day(option: str, text: str) -> date:
    """A local date."""
    with suppress(ValueError):
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    raise Misuse(f'{option}: "{text}" is not a date; write year-month-day, such as 2026-03-01')


def coming(schedule: Schedule, first: date, count: int) -> list[Occurrence]:
    """The first `count` occurrences from a local date on."""
    from bot.schedule import NeverDue, occurrences

    try:
        return list(islice(occurrences(schedule, first), count))
    except NeverDue as error:
        raise Misuse(str(error)) from None
    except OverflowError:
        raise Misuse("--from: the calendar has the years 1 to 9999, and no more") from None


def ladder_step(option: str, text: str) -> timedelta:
    """How long somebody waits before the nudge."""
    from bot.schedule import parse_duration

    duration = parsed(option, lambda: parse_duration(text))
    if not duration:
        raise Misuse(f"{option}: must be longer than nothing, such as 10m")
    return duration


def team(lists: Sequence[str], file: Path | None) -> list[str]:
    """Ids and names, from `--team` and from a file with one on each line; what follows a # there is a remark."""
    if not lists and file is None:
        raise Misuse(
            "--team: who is on the team? Give ids or names, separated by commas, or --team-file with one on each line"
        )
    named = [name for listed in lists for name in listed.replace("\n", ",").split(",")]
    if file is not None:
        named += [line.partition("#")[0] for line in _lines(file)]
    found = [stripped for name in named if (stripped := name.strip().strip(",").removeprefix("@"))]
    if not found:
        error = ConfigError if file else Misuse
        raise error(f"{'--team' if lists else '--team-file'}: nobody is named; give at least one id or name")
    return list(dict.fromkeys(found))


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ConfigError(f"--team-file: {file} is not a text file") from None
    except OSError as error:
        raise ConfigError(f"--team-file: {told(file, error, 'read')}") from None


def own_tips(own: Path | None, config: Path | None) -> Path | None:
    """A team's own tips: the folder given, else that of the configuration, if there is one."""
    if own is not None:
        try:
            if is_folder(own):
                return own
        except VigieError as error:
            raise ConfigError(f"--own: {error}") from None
        raise ConfigError(f"--own: {own} is not a folder of tips; create it, or correct its path")
    from bot.config import exists, load

    return load(config, os.environ).own_tips if config or exists(os.environ) else None


class WholeFile:
    """A file to write that appears under its name only when it is whole; entering tells whether it can be written."""

    def __init__(self, option: str, path: Path) -> None:
        self._option = option
        self._path = path

    def __enter__(self) -> Self:
        with self._told():
            # A directory refuses; a pipe or a device is simply written to, and must not be replaced by a file.
            self._replaces = not self._path.exists() or self._path.is_file()
            # Behind a link to a pipe, such as /dev/stdout, there is no path: only a file's is looked for.
            self._target = self._path.resolve() if self._replaces else self._path
            self._part = self._target.with_name(f".vigie.{os.getpid()}.part") if self._replaces else self._target
            if self._replaces:
                self._part.unlink(missing_ok=True)
            self._file = self._part.open("x" if self._replaces else "w", encoding="utf-8")
        return self

    def write(self, text: str) -> None:
        """All of it, once."""
        with self._told():
            with self._file:
                self._file.write(text)
            if self._replaces:
                self._part.replace(self._target)

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._file.close()
        if self._replaces:
            self._part.unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:  # whoever read it has seen enough
            raise
        except OSError as error:
            raise ConfigError(f"{self._option}: {told(self._path, error, 'written')}") from None
