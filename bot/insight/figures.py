"""Response-time figures of a community: pure functions of what became of its mentions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from bot.model import MentionState, Wait


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 90th percentile (nearest rank) of a set of durations."""

    median: timedelta
    p90: timedelta


@dataclass(frozen=True, slots=True)
class Figures:
    """How the mentions opened in a period fared.

    `in_time` is the share answered within the first step of the ladder, among those answered or already later than
    that; `None` when there are none. Those that were no mentions count in `dismissed` alone, and those whose message is
    gone nowhere. `answered` are those whom somebody answered, not those who solved it themselves. `worked` and `wall`
    are of the first human answer, in working time and by the clock on the wall.
    """

    opened: int
    waiting: int
    answered: int
    dismissed: int
    in_time: float | None
    worked: Spread | None
    wall: Spread | None


def figures(
    waits: Sequence[Wait], since: datetime, in_time: timedelta, late: Callable[[Wait], bool] = lambda w: w.step > 0
) -> Figures:
    """The figures of the mentions opened at or after `since`; an answer is in time within `in_time` of working time.

    `late` tells whether somebody who waits does so longer than that; unless told otherwise, those who were nudged for.
    """
    period = [wait for wait in waits if wait.opened_at >= since]
    real = [w for w in period if w.state is not MentionState.DISMISSED and w.state is not MentionState.GONE]
    answered = [w for w in real if w.worked is not None and w.wall is not None]
    overdue = sum(w.worked is None and w.state.waits and late(w) for w in real)
    settled = len(answered) + overdue
    prompt = sum(1 for w in answered if w.worked is not None and w.worked <= in_time)
    return Figures(
        opened=len(real),
        waiting=sum(w.state.waits for w in real),
        answered=len(answered),
        dismissed=sum(w.state is MentionState.DISMISSED for w in period),
        in_time=prompt / settled if settled else None,
        worked=spread([w.worked for w in answered if w.worked is not None]),
        wall=spread([w.wall for w in answered if w.wall is not None]),
    )


def spread(durations: Sequence[timedelta]) -> Spread | None:
    """None for no durations at all."""
    if not durations:
        return None
    ordered = sorted(durations)
    return Spread(_rank(ordered, 0.5), _rank(ordered, 0.9))


def _rank(ordered: Sequence[timedelta], share: float) -> timedelta:
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
