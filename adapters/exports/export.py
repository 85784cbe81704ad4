"""What a chat export is to the rest of the program, whatever platform wrote it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import TracebackType
from typing import Self

from adapters.exports.files import Files
from adapters.exports.problems import Problems
from bot.errors import ExportError
from bot.events import Event
from bot.model import Community, Member, Platform

PLATFORM = Platform("export")

Progress = Callable[[int], None]
"""Told now and then how many of an export's `size` bytes are done."""

_SHOWN = 30


class Export(ABC):
    """One export, open for reading. A context manager: leaving it closes the zip.

    `community.id` is the Slack team or the Discord guild; `channels` are ids to names; `size` is in bytes, unpacked.
    """

    platform_name: str
    community: Community
    channels: dict[str, str]
    size: int

    def __init__(self, files: Files, label: str) -> None:
        self._files = files
        self._label = label
        self.label = label
        self._problems = Problems()

    @property
    @abstractmethod
    def members(self) -> Mapping[str, Member]:
        """All accounts by id. A Discord export names them in its messages only: the first look reads all its files."""

    @property
    def problems(self) -> Sequence[str]:
        """Which messages were skipped or look wrong, in words, since the events were last asked for.

        The first hundred; `problem_count` counts them all.
        """
        return self._problems.texts

    @property
    def problem_count(self) -> int:
        return self._problems.count

    def events(self, channels: Collection[str] | None = None, progress: Progress | None = None) -> Iterator[Event]:
        """Everything that happened in these channels (ids or names; `None`: all), in the order of its instants.

        May be asked for several times. `ExportError`: at once for a channel that there is not, while iterating for a
        file that is broken.
        """
        return self._events(choose(channels, self.channels, self._label), progress or _nobody)

    @abstractmethod
    def _events(self, chosen: frozenset[str], progress: Progress) -> Iterator[Event]: ...

    def close(self) -> None:
        self._files.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def choose(wanted: Collection[str] | None, channels: Mapping[str, str], label: str) -> frozenset[str]:
    """The ids that these ids and names (with or without `#`) stand for; a name that several channels share means all.

    `ExportError` naming the nearest and the valid ones.
    """
    if wanted is None:
        return frozenset(channels)
    chosen: set[str] = set()
    for text in wanted:
        name = text.removeprefix("#")
        ids = {name} & channels.keys() or {id_ for id_, its in channels.items() if its == name}
        if not ids:
            raise ExportError(_no_channel(name, channels, label))
        chosen |= ids
    return frozenset(chosen)


def _no_channel(name: str, channels: Mapping[str, str], label: str) -> str:
    names = sorted(set(channels.values()))
    near = get_close_matches(name.lower(), names, n=1)
    hint = f" Did you mean #{near[0]}?" if near else ""
    listed = ", ".join(f"#{one}" for one in names[:_SHOWN]) or "no channel at all"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{label} has no channel #{name}.{hint} It has {listed}{more}."


def _nobody(_done: int) -> None: ...
