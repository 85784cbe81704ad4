"""What the project wants of its figures, held against what a bench found, so that the page says what falls short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

EACH = "each"
"""Stands for every name at its place: the worst of them counts."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A figure, found under these names, that should be at most or at least so much."""

    what: str
    where: tuple[str, ...]
    most: float | None = None
    least: float | None = None

    def told(self, figures: Mapping[str, Any]) -> list[Any] | None:
        """What is wanted, what was found, and whether that holds. None where there is no such figure."""
        found = list(_values(figures, self.where))
        if not found:
            return None
        if self.least is not None:
            worst = min(found)
            return [self.what, f"at least {self.least:,g}", worst, "held" if worst >= self.least else "SHORT"]
        assert self.most is not None
        worst = max(found)
        return [self.what, f"at most {self.most:,g}", worst, "held" if worst <= self.most else "SHORT"]


def _values(figures: Any, where: tuple[str, ...]) -> Iterator[float]:
    if not where:
        yield figures
    elif isinstance(figures, Mapping):
        names = figures if where[0] == EACH else [name for name in figures if name == where[0]]
        for name in names:
            yield from _values(figures[name], where[1:])


WANTED: dict[str, tuple[Wanted, ...]] = {
    "backtest": (
        Wanted("messages a second, the slowest chat", ("speed", EACH, "messages_per_second"), least=10_000),
        Wanted("memory of five times as long a chat, x", ("memory", "ratio"), most=1.1),
    ),
    "platforms": (
        *(
            Wanted(f"Slack, {how}, x bare slack-bolt", ("Slack", f"Vigie, {how}", "x"), most=1.0)
            for how in ("in memory", "SQLite", "PostgreSQL", "watched and nothing changed")
        ),
        *(
            Wanted(f"Discord, {how}, x bare discord.py", ("Discord", f"Vigie, {how}", "x"), most=1.5)
            for how in ("in memory", "SQLite", "PostgreSQL", "watched and nothing changed")
        ),
    ),
    "scale": (
        Wanted("10,000 waiting, x 10 waiting", ("a message", "10,000 waiting", "x"), most=1.25),
        Wanted("2,500 workspaces, x one", ("a message", "2,500 communities", "x"), most=1.25),
        Wanted("what is due among 1,000,000, x among 10,000", ("due", EACH, "due, x"), most=2),
        Wanted("the next instant among 1,000,000, x among 10,000", ("due", EACH, "next, x"), most=2),
        Wanted("burst on Slack, p99 ms late", ("burst", "Slack", "p99 ms late"), most=50),
        Wanted("burst on Discord, p99 ms late", ("burst", "Discord", "p99 ms late"), most=50),
    ),
    "startup": (
        Wanted("ready on both platforms, x the imports", ("Vigie ready on both platforms", "x"), most=1.5),
        Wanted("MB resident", ("Vigie ready on both platforms", "MB resident"), most=110),
    ),
    "tips": (
        Wanted("p99 ms at 1,000 tips, the worst kind of query", ("1000", "queries", EACH, "p99_ms"), most=2),
        Wanted("p99 ms at 100,000 tips, the worst kind of query", ("100000", "queries", EACH, "p99_ms"), most=20),
        Wanted("seconds to build the index of 100,000 tips", ("100000", "build_s"), most=15),
    ),
}


def held(name: str, figures: Mapping[str, Any]) -> list[list[Any]]:
    """The rows of a table for one bench; none where nothing is wanted of it."""
    told = (wanted.told(figures) for wanted in WANTED.get(name, ()))
    return [row for row in told if row is not None]
