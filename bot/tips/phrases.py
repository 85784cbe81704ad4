"""Search phrases word for word: *what to post* is another question than *when to post*, though both are about posts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from bot.tips.index import InvertedIndex
from bot.tips.model import Tip
from bot.tips.query import Query, Spelling, spell

_REMEMBERED = 4_096


# What it counts for when the words of a phrase are there in order, but the small words between them differ.
_LOOSELY = 0.6


class Phrases:
    """The titles and search phrases of tips: of all, or of those last among the best when tips are too many."""

    def __init__(self, tips: Sequence[Tip], index: InvertedIndex) -> None:
        self._tips, self._index = tips, index
        self._of = lru_cache(maxsize=_REMEMBERED)(self._read)
        for place in range(len(tips)) if len(tips) <= _REMEMBERED else ():
            self._of(place)

    def covered(self, place: int, query: Query) -> float:
        """The largest share of the query's words (0 to 1) that one phrase of the tip at `place` holds in that order."""
        best = 0.0
        for language, exact, loose in self._of(place):
            if exact.text in query.exact[language].text:
                best = max(best, exact.length / query.exact[language].length)
            elif loose.length > 1 and loose.text in query.loose[language].text:
                best = max(best, _LOOSELY * loose.length / query.loose[language].length)
        return best

    def _read(self, place: int) -> tuple[tuple[str, Spelling, Spelling], ...]:
        found = []
        for language, text in self._tips[place].texts.items():
            for phrase in (text.title, *text.words):
                numbers = self._index.numbers(language, phrase)
                if len(numbers) > 1 and max(numbers) >= 0:
                    found.append((language, *spell(numbers)))
        return tuple(found)
