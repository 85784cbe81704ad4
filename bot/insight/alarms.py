"""How often the team was alarmed for nothing, by rule and channel: pure functions of what became of the mentions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from bot.model import MentionState, Wait

HANDLED = "not-a-mention:handled"
"""What was dismissed since somebody had answered elsewhere did await an answer: the rule was right."""

TRACKED = "tracked"
"""What the team asked to be watched by hand alarmed nobody."""

ENOUGH = 5
"""Fewer false alarms than that are no reason to change anything."""

BADLY = 0.3
"""From this share of false alarms on, a rule does badly: the team learns not to look at what it says."""

SURE = 1.64
"""Of the normal distribution: a share is *surely* above what 95 % of the samples of that size would show."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """What the team said of the mentions that `rule` opened in `channel`: `false` of `judged` were none.

    `judged` are those answered or dismissed; who still waits, or whose message is gone, was not judged.
    """

    channel: str
    rule: str
    judged: int
    false: int

    @property
    def rate(self) -> float:
        return self.false / self.judged

    @property
    def badly(self) -> bool:
        """Whether the rate surely is at least `BADLY`, so that two unlucky days are no reason to change anything.

        The lower end of Wilson's score interval, which holds for few observations too (E. B. Wilson, *Probable
        inference, the law of succession, and statistical inference*, 1927).
        """
        n, z = self.judged, SURE
        middle = self.rate + z * z / (2 * n)
        margin = z * sqrt(self.rate * (1 - self.rate) / n + z * z / (4 * n * n))
        return self.false >= ENOUGH and (middle - margin) / (1 + z * z / n) >= BADLY


def alarms(waits: Iterable[Wait], since: datetime) -> list[Alarms]:
    """One for each rule and channel with a false alarm among the mentions opened since; the most first."""
    judged: dict[tuple[str, str], int] = {}
    false: dict[tuple[str, str], int] = {}
    for wait in waits:
        if wait.opened_at < since or wait.rule == TRACKED:
            continue
        if wait.state not in (MentionState.ANSWERED, MentionState.DISMISSED):
            continue
        key = (wait.channel, wait.rule)
        judged[key] = judged.get(key, 0) + 1
        if wait.state is MentionState.DISMISSED and wait.closing_rule != HANDLED:
            false[key] = false.get(key, 0) + 1
    found = [Alarms(*key, judged[key], count) for key, count in false.items()]
    return sorted(found, key=lambda a: (-a.false, -a.rate, a.channel, a.rule))
