"""What to offer while somebody types, and instead of a topic that does not exist."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice

from rapidfuzz import fuzz

from bot.tips.analysis import fold, tokens
from bot.tips.library import Library
from bot.tips.model import LANGUAGES, Tip, Topic

LONGEST_PREFIX = 100
_FOREIGN_PREFIX = 4
# Below this likeness (0 to 100) two words have nothing to do with each other.
_ALIKE = 55.0
# A topic that much less like the query than the nearest is not worth naming beside it.
_APART = 20.0


class Suggestions:
    """Topics and titles, looked up by how their words begin."""

    def __init__(self, library: Library) -> None:
        self._topics: list[Topic] = list(library.topics.values())
        self._names = [(topic, _names(topic)) for topic in self._topics]
        self._tips: list[Tip] = list(library.tips.values())
        self._titles = {language: _Titles(self._tips, language) for language in LANGUAGES}

    def complete(self, prefix: str, language: str, limit: int) -> list[tuple[str, str]]:
        """See `Index.complete`."""
        begun = _plain(prefix[:LONGEST_PREFIX])
        chosen = {topic.id: topic.label(language) for topic in self._topics_beginning(begun, language)}
        if begun and len(chosen) < limit:
            titles = self._titles.get(language) or self._titles[LANGUAGES[0]]
            for place in islice(titles.beginning(begun), limit - len(chosen)):
                chosen[self._tips[place].slug] = self._tips[place].text(language).title
        return list(chosen.items())[:limit]

    def topics_near(self, query: str, language: str, limit: int) -> list[Topic]:
        """See `Index.topics_near`."""
        asked = _plain(query[:LONGEST_PREFIX])
        scores = {
            topic.id: max(fuzz.ratio(asked, name) + (lang == language) for lang, name in names)
            for topic, names in self._names
        }
        ranked = sorted(self._topics, key=lambda topic: -scores[topic.id])
        least = max(_ALIKE, max(scores.values(), default=0.0) - _APART)
        return [topic for topic in ranked if scores[topic.id] >= least][:limit]

    def popular(self, limit: int) -> list[Topic]:
        """See `Index.popular`."""
        return self._topics[:limit]

    def _topics_beginning(self, begun: str, language: str) -> list[Topic]:
        """Topics whose label begins so, then those with another name that does, or a later word of one."""
        ranked: list[tuple[int, Topic]] = []
        for topic, names in self._names:
            # Few letters begin too many words of the other language to mean one of them.
            spoken = [name for lang, name in names if lang == language or len(begun) >= _FOREIGN_PREFIX]
            if _plain(topic.label(language)).startswith(begun):
                ranked.append((0, topic))
            elif any(name.startswith(begun) for name in spoken):
                ranked.append((1, topic))
            elif any(f" {begun}" in name for name in spoken):
                ranked.append((2, topic))
        return [topic for _, topic in sorted(ranked, key=lambda pair: pair[0])]


class _Titles:
    """All titles in one text, so that looking for the words that begin so is one scan at the speed of C."""

    def __init__(self, tips: list[Tip], language: str) -> None:
        lines = [f"\n {_plain(tip.text(language).title)}" for tip in tips]
        self._text = "".join(lines)
        self._starts: list[int] = []
        at = 0
        for line in lines:
            self._starts.append(at)
            at += len(line)

    def beginning(self, begun: str) -> Iterator[int]:
        """Places of the titles that begin so, then of those with a later word that does."""
        seen: set[int] = set()
        for needle in (f"\n {begun}", f" {begun}"):
            at = self._text.find(needle)
            while at >= 0:
                place = bisect_right(self._starts, at) - 1
                if place not in seen:
                    seen.add(place)
                    yield place
                at = self._text.find(needle, at + 1)


def _names(topic: Topic) -> list[tuple[str, str]]:
    """(language, name) for everything a topic is called."""
    named = [(language, topic.id) for language in LANGUAGES]
    named += [(language, topic.label(language)) for language in LANGUAGES]
    named += [(language, word) for language, words in topic.synonyms.items() for word in words]
    return [(language, _plain(name)) for language, name in named]


def _plain(text: str) -> str:
    return " ".join(tokens(fold(text)))
