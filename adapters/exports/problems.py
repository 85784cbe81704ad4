"""What was wrong with single messages of an export, in words."""

from __future__ import annotations

from collections.abc import Sequence

LIMIT = 100
"""So many problems are kept in words; the others are only counted, because a foreign file can hold millions."""


class Problems:
    """The messages that were skipped and why: the first `LIMIT` in words, all of them as a figure."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._count = 0

    def note(self, text: str) -> None:
        self._count += 1
        if len(self._texts) < LIMIT:
            self._texts.append(text)

    def forget_after(self, count: int) -> None:
        """Keep the first `count` problems only, so that reading an export again does not tell the same twice."""
        self._count = min(self._count, count)
        del self._texts[count:]

    @property
    def count(self) -> int:
        return self._count

    @property
    def texts(self) -> Sequence[str]:
        return tuple(self._texts)
