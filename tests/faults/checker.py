"""Holding what a platform recorded against what must have happened. Knows no key, row or class of the bot.

A history is what somebody who sees all channels could write down: who asked what and when it was over, and what the bot
said where and when. `check` holds it against what was agreed beforehand: hours, ladder, daily tip.
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
    """Somebody waits for the team from `at` on, until `over`. `marker` stands in every message about it alone."""

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
    """All that there was until `end`. Whatever falls due in `trouble` may wait until it is over."""

    asked: Sequence[Asked]
    said: Sequence[Uttered]
    end: datetime
    trouble: Sequence[Span] = ()


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
    """One message for each rung that was reached before it was over, in its channel, not before its time.

    Channels do not wait for each other: one that is limited may hear of its rung after another heard of a later one.
    """
    said = sorted((one for one in history.said if asked.marker in one.text), key=lambda one: one.at)
    for one in said:
        if asked.over is not None and one.at > asked.over + agreed.slack:
            yield Wrong(Kind.ANSWERED, f"{asked.marker}: {_shown(one)}", one.at)
    reached: dict[int, Uttered] = {}
    left = list(said)
    for number, rung in enumerate(agreed.ladder):
        here = [one for one in left if one.channel == rung.channel]
        if here:
            reached[number] = here[0]
            left.remove(here[0])
            if agreed.worked(asked.at, here[0].at) < rung.after:
                again = any(agreed.ladder[other].channel == rung.channel for other in reached if other != number)
                kind = Kind.DOUBLED if again else Kind.EARLY
                yield Wrong(kind, f"{asked.marker}, number {number + 1}: {_shown(here[0])}", here[0].at)
    known = {rung.channel for rung in agreed.ladder}
    for one in left:
        yield Wrong(Kind.BEYOND if one.channel in known else Kind.ELSEWHERE, f"{asked.marker}: {_shown(one)}", one.at)
    yield from _missing(asked, reached, history, agreed)


def _missing(asked: Asked, reached: dict[int, Uttered], history: History, agreed: Agreed) -> Iterator[Wrong]:
    """A rung keeps its distance from the ones before it, which may have been late.

    One that was so late that the next one was due for the same channel is said for both: nothing piles up.
    """
    over = min(asked.over or history.end, history.end)
    for number, rung in enumerate(agreed.ladder):
        if number in reached:
            continue
        before_it = (one for other, one in reached.items() if other < number and one.channel == rung.channel)
        late = next((one for one in before_it if agreed.worked(asked.at, one.at) >= rung.after), None)
        if late is not None:
            reached[number] = late
            continue
        before = agreed.ladder[number - 1].after if number else timedelta(0)
        since = max([asked.at, *(one.at for other, one in reached.items() if other < number)])
        if number and number - 1 not in reached:
            return  # it waits for the one before it, which is told of
        calm = agreed.worked(since, over) - _overlap(history.trouble, since, over)
        if calm >= rung.after - before + agreed.late:
            yield Wrong(Kind.LOST, f"{asked.marker}, number {number + 1}", over)


def _overlap(spans: Sequence[Span], start: datetime, end: datetime) -> timedelta:
    """How much of the time between two instants is covered, counted once where spans overlap."""
    covered, reached = timedelta(0), start
    for span in sorted(spans, key=lambda span: span.start):
        begin, stop = max(span.start, reached), min(span.end, end)
        if stop > begin:
            covered += stop - begin
            reached = stop
    return covered


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
