"""Holding what a platform recorded against what must have happened. Knows nothing of the bot: no key, row or class of it.

A history is what somebody who sees all channels could write down: who asked what and when it was over, what the bot said
where and when, and what was agreed beforehand (hours, ladder, daily tip). `check` says what is wrong with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    LOST = "lost"
    DOUBLED = "doubled"
    EARLY = "early"
    OUT_OF_HOURS = "out of hours"
    ANSWERED = "about an answered mention"
    BEYOND = "beyond the ladder"
    ELSEWHERE = "in another channel than agreed"
    UNKNOWN = "about nothing that is known"


@dataclass(frozen=True)
class Wrong:
    kind: Kind
    what: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.at:%d %H:%M:%S} {self.kind}: {self.what}"


@dataclass(frozen=True)
class Span:
    """From `start` on, before `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Asked:
    """Somebody waits for the team from `at` on, until `over`. `marker` stands in every message about it, in no other."""

    marker: str
    at: datetime
    over: datetime | None = None


@dataclass(frozen=True)
class Uttered:
    """A message of the bot that the platform accepted. `key`: whatever tells two intentions apart, if anything does."""

    at: datetime
    channel: str
    text: str
    key: str = ""


@dataclass(frozen=True)
class Rung:
    """After so much working time, a message in that channel."""

    after: timedelta
    channel: str


@dataclass(frozen=True)
class Daily:
    """One message in `channel` for each of these instants, at most `window` later."""

    channel: str
    at: Sequence[datetime]
    window: timedelta


@dataclass(frozen=True)
class Agreed:
    """`late`: how much working time something may take to be said. `slack`: how far what is said and what people do may
    overlap, since a message that is on its way cannot be called back.

    Messages in channels of neither the ladder nor the tip are held against the hours alone.
    """

    hours: Sequence[Span]
    ladder: Sequence[Rung]
    daily: Daily | None = None
    late: timedelta = timedelta(minutes=1)
    slack: timedelta = timedelta(0)

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two instants."""
        parts = (min(end, span.end) - max(start, span.start) for span in self.hours)
        return sum((part for part in parts if part > timedelta(0)), timedelta(0))

    def is_open(self, at: datetime) -> bool:
        return any(span.start <= at < span.end + self.slack for span in self.hours)


@dataclass(frozen=True)
class History:
    """All that there was until `end`."""

    asked: Sequence[Asked]
    said: Sequence[Uttered]
    end: datetime


def check(history: History, agreed: Agreed) -> list[Wrong]:
    """What is wrong, in the order in which it happened; nothing when all is well."""
    found = [*_twice(history), *_hours(history, agreed), *_strays(history, agreed)]
    for asked in history.asked:
        found += _about(asked, history, agreed)
    if agreed.daily is not None:
        found += _daily(agreed.daily, history, agreed)
    return sorted(found, key=lambda wrong: wrong.at)


def _twice(history: History) -> Iterator[Wrong]:
    """One intention, said more than once."""
    times = Counter(said.key for said in history.said if said.key)
    last = {said.key: said.at for said in history.said}
    for key, count in times.items():
        if count > 1:
            yield Wrong(Kind.DOUBLED, f"{key} was said {count} times", last[key])


def _hours(history: History, agreed: Agreed) -> Iterator[Wrong]:
    for said in history.said:
        if agreed.daily is not None and said.channel == agreed.daily.channel:
            continue
        if not agreed.is_open(said.at):
            yield Wrong(Kind.OUT_OF_HOURS, _shown(said), said.at)


def _strays(history: History, agreed: Agreed) -> Iterator[Wrong]:
    """A message where people are nudged that is about nobody who asked."""
    channels = {rung.channel for rung in agreed.ladder}
    for said in history.said:
        if said.channel in channels and not any(asked.marker in said.text for asked in history.asked):
            yield Wrong(Kind.UNKNOWN, _shown(said), said.at)


def _about(asked: Asked, history: History, agreed: Agreed) -> Iterator[Wrong]:
    """One message for each rung that was reached before it was over, in its channel, not before its time."""
    said = sorted((one for one in history.said if asked.marker in one.text), key=lambda one: one.at)
    for number, one in enumerate(said):
        if asked.over is not None and one.at > asked.over + agreed.slack:
            yield Wrong(Kind.ANSWERED, f"{asked.marker}: {_shown(one)}", one.at)
        if number >= len(agreed.ladder):
            yield Wrong(Kind.BEYOND, f"{asked.marker}: {_shown(one)}", one.at)
            continue
        rung = agreed.ladder[number]
        if one.channel != rung.channel:
            yield Wrong(Kind.ELSEWHERE, f"{asked.marker}: {_shown(one)}, agreed was {rung.channel}", one.at)
        if agreed.worked(asked.at, one.at) < rung.after - agreed.slack:
            kind = Kind.DOUBLED if number else Kind.EARLY
            yield Wrong(kind, f"{asked.marker}, number {number + 1}: {_shown(one)}", one.at)
    yield from _missing(asked, said, history, agreed)


def _missing(asked: Asked, said: list[Uttered], history: History, agreed: Agreed) -> Iterator[Wrong]:
    """The next rung keeps its distance from the one before it, which may have been late."""
    number = len(said)
    if number >= len(agreed.ladder):
        return
    over = min(asked.over or history.end, history.end)
    before = agreed.ladder[number - 1].after if number else timedelta(0)
    since = said[-1].at if said else asked.at
    if agreed.worked(since, over) >= agreed.ladder[number].after - before + agreed.late:
        yield Wrong(Kind.LOST, f"{asked.marker}, number {number + 1}", over)


def _daily(daily: Daily, history: History, agreed: Agreed) -> Iterator[Wrong]:
    told: Counter[datetime] = Counter()
    for said in history.said:
        if said.channel != daily.channel:
            continue
        due = [instant for instant in daily.at if instant <= said.at]
        if not due or said.at > due[-1] + daily.window + agreed.late:
            yield Wrong(Kind.EARLY, f"a tip at no time for one: {_shown(said)}", said.at)
            continue
        told[due[-1]] += 1
        if told[due[-1]] > 1:
            yield Wrong(Kind.DOUBLED, f"the tip of {due[-1]:%d %H:%M}: {_shown(said)}", said.at)
    for instant in daily.at:
        if not told[instant] and instant + agreed.late <= history.end:
            yield Wrong(Kind.LOST, f"the tip of {instant:%d %H:%M}", instant)


def _shown(said: Uttered) -> str:
    return f"{said.key or said.text[:40]!r} in {said.channel}"
