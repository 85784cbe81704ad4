"""What the options of the command line mean. Whatever is wrong with one is a ConfigError that begins with its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.schedule import Occurrence, Schedule

T = TypeVar("T")


def parsed(option: str, parse: Callable[[], T]) -> T:
    """What an option means; its parser's own words, with the option's name, where it means nothing."""
    try:
        return parse()
    except ValueError as error:
        # Some parsers name the setting of the configuration that they are for.
        raise ConfigError(f"{option}: {str(error).removeprefix(option.strip('-') + ': ')}") from None


def one_of(option: str, text: str, choices: Sequence[str]) -> str:
    """`text`, which must be one of `choices`."""
    if text in choices:
        return text
    raise ConfigError(f'{option}: "{text}" is not known; choose one of {", ".join(choices)}')


def language(text: str) -> str:
    """A language of ours."""
    from bot.texts import LANGUAGES

    return one_of("--lang", text, LANGUAGES)


def day(option: str, text: str) -> date:
    """A local date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f'{option}: "{text}" is not a date; write year-month-day, such as 2026-03-01') from None


def coming(schedule: Schedule, first: date, count: int) -> list[Occurrence]:
    """The first `count` occurrences from a local date on."""
    from bot.schedule import NeverDue, occurrences

    try:
        return list(islice(occurrences(schedule, first), count))
    except NeverDue as error:
        raise ConfigError(str(error)) from None
    except OverflowError:
        raise ConfigError("--from: the calendar has the years 1 to 9999, and no more") from None


def ladder_step(option: str, text: str) -> timedelta:
    """How long somebody waits before the nudge."""
    from bot.schedule import parse_duration

    duration = parsed(option, lambda: parse_duration(text))
    if not duration:
        raise ConfigError(f"{option}: must be longer than nothing, such as 10m")
    return duration


def team(lists: Sequence[str], file: Path | None) -> list[str]:
    """Ids and names, from `--team` and from a file with one on each line; what follows a # there is a remark."""
    if not lists and file is None:
        raise ConfigError(
            "--team: who is on the team? Give ids or names, separated by commas, or --team-file with one on each line"
        )
    named = [name for listed in lists for name in listed.replace("\n", ",").split(",")]
    if file is not None:
        named += [line.partition("#")[0] for line in _lines(file)]
    found = [stripped for name in named if (stripped := name.strip().strip(",").removeprefix("@"))]
    if not found:
        raise ConfigError(f"{'--team' if lists else '--team-file'}: nobody is named; give at least one id or name")
    return list(dict.fromkeys(found))


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ConfigError(f"--team-file: {file} is not a text file") from None
    except OSError as error:
        raise ConfigError(f"--team-file: {file} cannot be read: {error.strerror}") from None


def own_tips(own: Path | None) -> Path | None:
    """A team's own tips: the folder given, else that of the configuration, if there is one."""
    if own is not None:
        if not own.is_dir():
            raise ConfigError(f"--own: {own} is not a folder of tips; create it, or correct its path")
        return own
    if not (os.environ.get("VIGIE_CONFIG") or Path("config.toml").exists()):
        return None
    from bot.config import load

    return load(None, os.environ).own_tips


class WholeFile:
    """A file to write that appears under its name only when it is whole; entering tells whether it can be written."""

    def __init__(self, option: str, path: Path) -> None:
        self._option = option
        self._path = path.resolve()
        # A directory refuses; a pipe or a device is simply written to, and must not be replaced by a file.
        self._replaces = not self._path.exists() or self._path.is_file()
        self._part = self._path.with_name(f".{self._path.name}.{os.getpid()}.part") if self._replaces else self._path

    def __enter__(self) -> Self:
        with self._told():
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
                self._part.replace(self._path)

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._file.close()
        if self._replaces:
            self._part.unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigError(f"{self._option}: {self._path} cannot be written: {error.strerror}") from None
