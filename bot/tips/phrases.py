"""Search phrases word for word: *what to post* is another question than *when to post*, though both are about posts."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from bot.tips.analysis import fold, singular, tokens
from bot.tips.index import InvertedIndex
from bot.tips.model import Tip
from bot.tips.query import Query, Spelling, spell

_REMEMBERED = 4_096

# What it counts for when the words of a phrase are there in order, but the small words between them differ; and when
# all of the query is one word, which the tip has as a search phrase of its own.
_LOOSELY, _ALONE = 0.6, 0.8


class _Asked(NamedTuple):
    """What a tip is asked for: phrases with their language, and (language, word) of those of one word."""

    phrases: tuple[tuple[str, Spelling, Spelling], ...]
    words: frozenset[tuple[str, str]]


class Phrases:
    """The titles and search phrases of tips: of all, or of those last among the best when tips are too many."""

    def __init__(self, tips: Sequence[Tip], index: InvertedIndex) -> None:
        self._tips, self._index = tips, index
        self._of = lru_cache(maxsize=_REMEMBERED)(self._read)
        for place in range(len(tips)) if len(tips) <= _REMEMBERED else ():
            self._of(place)

    def covered(self, place: int, query: Query) -> float:
        """The largest share of the query's words (0 to 1) that one phrase of the tip at `place` holds in that order."""
        phrases, words = self._of(place)
        if len(query.sequence) == 1:
            word = singular(query.sequence[0])
            return max(
                (_ALONE * factor for lang, factor in query.factors.items() if (lang, word) in words), default=0.0
            )
        best = 0.0
        for language, exact, loose in phrases:
            if exact.text in query.exact[language].text:
                best = max(best, exact.length / query.exact[language].length)
            elif loose.length > 1 and loose.text in query.loose[language].text:
                best = max(best, _LOOSELY * loose.length / query.loose[language].length)
        return best

    def terms(self, place: int, language: str) -> set[int]:
        """What the words of the titles and search phrases of the tip at `place` are, in `language` if it has that."""
        tip = self._tips[place]
        spoken, text = (language if language in tip.texts else next(iter(tip.texts))), tip.text(language)
        numbers = (self._index.numbers(spoken, tokens(phrase)) for phrase in (text.title, *text.words))
        return {number for number in chain.from_iterable(numbers) if number >= 0}

    def _read(self, place: int) -> _Asked:
        phrases, alone = [], []
        for language, text in self._tips[place].texts.items():
            for phrase in (text.title, *text.words):
                words = tokens(phrase)
                if len(words) == 1:
                    alone.append((language, singular(fold(words[0]))))
                    continue
                numbers = self._index.numbers(language, words)
                if numbers and max(numbers) >= 0:
                    phrases.append((language, *spell(numbers)))
        return _Asked(tuple(phrases), frozenset(alone))


def longest(words: Sequence[str], phrases: Container[tuple[str, ...]], most: int) -> tuple[str, ...]:
    """The longest of some phrases of two to `most` words that stands in `words`, the first of equals; else `words`
    themselves if they are one of the phrases, and empty if there is none."""
    lengths = range(min(most, len(words)), 1, -1)
    spans = (tuple(words[at : at + length]) for length in lengths for at in range(len(words) - length + 1))
    return next((span for span in chain(spans, [tuple(words)]) if span in phrases), ())
