"""What the library is made of: tips, topics, and the problems found while reading them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

LANGUAGES = ("en", "fr")


class Source(StrEnum):
    """Where a tip comes from."""

    SHIPPED = "shipped"
    OWN = "own"


class Level(StrEnum):
    """How bad a problem is: an error leaves the tip out, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class TipText:
    """One tip in one language. `words` are what people might type when they look for it; they are never shown."""

    title: str
    body: str
    try_today: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tip:
    """One piece of advice. `number` is unique where there is one; a team's own tips may go without."""

    slug: str
    number: int | None
    topics: tuple[str, ...]
    texts: Mapping[str, TipText] = field(hash=False)
    source: Source = Source.OWN

    def text(self, language: str) -> TipText:
        """The text in `language`, or in the first language that this tip has."""
        found = self.texts.get(language)
        return found if found is not None else next(self.texts[known] for known in LANGUAGES if known in self.texts)

    @property
    def place(self) -> tuple[float, str]:
        """The sort key of the library's order: numbered tips first, then by slug."""
        return (self.number if self.number is not None else float("inf"), self.slug)


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject that tips are about, and the other words people use for it, in each language."""

    id: str
    labels: Mapping[str, str] = field(hash=False)
    synonyms: Mapping[str, tuple[str, ...]] = field(hash=False)

    def label(self, language: str) -> str:
        """The name to show in `language`, or in the first language that this topic has."""
        found = self.labels.get(language)
        return found if found is not None else next(self.labels[known] for known in LANGUAGES if known in self.labels)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file or folder of tips. `line` counts from 1; `fix` says what to do about it."""

    path: Path
    line: int | None
    message: str
    fix: str | None = None
    level: Level = Level.ERROR

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line is not None else f"{self.path}"
        return f"{where}: {self.level}: {self.message}" + (f" ({self.fix})" if self.fix else "")
