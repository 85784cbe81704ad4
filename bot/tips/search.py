"""Finds the tips that answer what somebody typed, in French or in English, misspelt or not."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.tips.analysis import analysers, fold, singular, tokens
from bot.tips.index import InvertedIndex
from bot.tips.library import Library
from bot.tips.model import LANGUAGES, Tip, Topic
from bot.tips.phrases import Phrases, longest
from bot.tips.query import LONGEST_QUERY, Query, QueryReader, Sense, Word
from bot.tips.suggest import Suggestions

# A search reads about this many postings. Of the tips found so, that many have their score completed from what was
# not read. In a library of a few hundred tips everything is read.
_MOST_READ, _COMPLETED = 8_000, 100
# Of these, that many are read again for whole phrases.
_REREAD = 24
# How much of what a score lacks is made up by a tip's being about the very topic asked for, and by a search phrase of
# its own that is all of the query.
_TOPIC, _PHRASE = 0.5, 0.8
# A tip that answers less of the query than this has nothing to do with it, unless a word of the query, not a guess,
# weighs that much there: as much as one of its search words.
_LEAST, _NAMING = 0.12, 0.4
# A topic that two tips have both counts for more than all words that they may share.
_KIN = 1_000.0
# How rare a word is taken to be that no tip has, next to a word of a single tip.
_STRANGE = 0.5

_NUMBER = re.compile(r"\W*(?:(?:tip|rule|number|no|n|conseil|astuce|regle|numero)\W*){0,2}0*(\d{1,4})\W*")


@dataclass(frozen=True, slots=True)
class Hit:
    """A tip found. `score` goes from 0 to 1: how much of the query it answers, rare words counting for more; 1 is for
    the tip that was named. `why` holds the words it was found by, a guessed one as the tips write it."""

    tip: Tip
    score: float
    why: tuple[str, ...] = ()


class Index:
    """Search over one library. Build it once, and anew when the library changes; use it from one thread at a time."""

    def __init__(self, library: Library) -> None:
        self._tips: Sequence[Tip] = tuple(library.tips.values())
        self._place = {tip.slug: place for place, tip in enumerate(self._tips)}
        self._numbers = {tip.number: place for place, tip in reversed(list(enumerate(self._tips)))}
        self._analysers = analysers()
        self._index = InvertedIndex(library, self._analysers)
        self._reader = QueryReader(self._index, self._analysers)
        self._phrases = Phrases(self._tips, self._index)
        self._suggestions = Suggestions(library)
        self._longest = max(map(len, self._index.small), default=0)
        self._unknown = _STRANGE * self._index.rarity_of(0)
        self._topics: dict[tuple[str, str], set[str]] = {}
        for topic in library.topics.values():
            self._name(topic)

    def search(self, query: str, language: str, limit: int = 5) -> list[Hit]:
        """The best tips for a query in either language, best first; `language` ("en" or "fr") settles ties.

        A number (`16`, `#16`) or a slug gives that tip first. No tip for an empty query or for nonsense.
        """
        if limit < 1 or not query.strip():
            return []
        named = self._named(query)
        read = self._reader.read(query, language)
        hits = [self._hit(score, place, read.words) for score, place in self._rank(read, limit)]
        if read.small and (exact := self._word_for_word(read)):
            others = [hit for hit in hits if all(hit.tip is not found.tip for found in exact)]
            hits = sorted([*exact, *others], key=lambda hit: -hit.score)
        if named is not None:
            hits = [hit for hit in hits if hit.tip is not self._tips[named]]
            hits.insert(0, Hit(self._tips[named], 1.0, (query.strip(),)))
        return hits[:limit]

    def topics_near(self, query: str, language: str, limit: int = 3) -> list[Topic]:
        """The topics most like what was typed, nearest first; none when nothing is like it."""
        return self._suggestions.topics_near(query, language, limit)

    def popular(self, limit: int = 3) -> list[Topic]:
        """The topics that are asked for most."""
        return self._suggestions.popular(limit)

    def like(self, tip: Tip, language: str, limit: int = 3) -> list[Tip]:
        """Other tips, the nearest to this one first: by the topics that both have, then by what both are asked for."""
        here = self._place[tip.slug]
        near: dict[int, float] = {}
        for term in self._phrases.terms(here, language):
            unit = self._index.rarity(term) * self._index.weight(term, here)
            for place, gain in self._index.gains(term, unit).items():
                near[place] = near.get(place, 0.0) + gain
        for place, other in enumerate(self._tips):
            if shared := len(set(other.topics).intersection(tip.topics)):
                near[place] = near.get(place, 0.0) + shared * _KIN
        near.pop(here, None)
        return [self._tips[place] for place in heapq.nsmallest(limit, near, key=lambda place: (-near[place], place))]

    def complete(self, prefix: str, language: str, limit: int = 10) -> list[tuple[str, str]]:
        """What a query that begins so may become, as (value to search for, label to show): topics, then titles.

        Accents and case are ignored. An empty prefix gives the most asked topics.
        """
        return self._suggestions.complete(prefix, language, limit)

    def _word_for_word(self, query: Query) -> list[Hit]:
        """The tips with a search phrase of small words that stands in a query of nothing but small words."""
        phrase = longest(query.sequence, self._index.small, self._longest)
        score = round(_PHRASE * len(phrase) / (len(query.sequence) or 1), 4)
        return [Hit(self._tips[place], score, (" ".join(phrase),)) for place in self._index.small.get(phrase, ())]

    def _named(self, query: str) -> int | None:
        """The place of the tip called by its number or its slug, the slug's hyphens being optional."""
        folded = fold(query[:LONGEST_QUERY])
        if (number := _NUMBER.fullmatch(folded)) and int(number[1]) in self._numbers:
            return self._numbers[int(number[1])]
        return self._place.get("-".join(tokens(folded)))

    def _rank(self, query: Query, limit: int) -> list[tuple[float, int]]:
        """(score, place) of the best tips, best first, equals in the library's order."""
        total = sum(self._rarity(word) for word in query.words)
        if not total:
            return []
        asked = self._asked(query.words)
        ranked = []
        for place, gain in self._candidates(query.words, max(limit + 1, _COMPLETED)):
            score = gain / total
            if not asked.isdisjoint(self._tips[place].topics):
                score += (1 - score) * _TOPIC
            ranked.append((score, place))
        ranked = heapq.nsmallest(max(limit + 1, _REREAD), ranked, key=_best_first)
        ranked = [
            (score + (1 - score) * _PHRASE * self._phrases.covered(place, query), place) for score, place in ranked
        ]
        ranked.sort(key=_best_first)
        typed = {sense.term for word in query.words for sense in word.senses if not sense.guess}
        told = (found for found in ranked if found[0] >= _LEAST or self._meant_by(found[1], typed))
        return list(islice(told, limit + 1))

    def _candidates(self, words: Sequence[Word], most: int) -> list[tuple[int, float]]:
        """The places that gain most from these words, each with its gain."""
        found, whole = self._gather(words)
        least = sorted(found.values(), reverse=True)[:most][-1] if found else 0.0
        best = sorted((-gain, place) for place, gain in found.items() if gain >= least)[:most]
        if whole:
            return [(place, -loss) for loss, place in best]
        return [(place, sum(self._gain(word, place) for word in words)) for _, place in best]

    def _gather(self, words: Sequence[Word]) -> tuple[dict[int, float], bool]:
        """Place → sum over the words of the best that one of a word's senses gives there; and whether that is all.

        Rare words are read first. The common ones that are too many to read only matter among the tips found by then.
        """
        found: dict[int, float] = {}
        whole, left = True, _MOST_READ
        for word in sorted(words, key=self._rarity, reverse=True):
            if left <= 0:
                return found, False
            gains: dict[int, float] = {}
            for sense in word.senses:
                one = self._index.gains(sense.term, sense.factor * self._index.rarity(sense.term))
                whole = whole and not self._index.cut(sense.term)
                left -= len(one)
                if gains:
                    for place in gains.keys() & one.keys():
                        if (gain := gains[place]) > one[place]:
                            one[place] = gain
                gains |= one
            for place in found.keys() & gains.keys():
                gains[place] += found[place]
            found |= gains
        return found, whole

    def _gain(self, word: Word, place: int) -> float:
        return max(
            (
                sense.factor * self._index.rarity(sense.term) * self._index.weight(sense.term, place)
                for sense in word.senses
            ),
            default=0.0,
        )

    def _rarity(self, word: Word) -> float:
        return max((self._index.rarity(sense.term) for sense in word.senses), default=self._unknown)

    def _meant_by(self, place: int, terms: Iterable[int]) -> bool:
        """Whether one of these terms is one that this tip is meant to be found by."""
        return any(self._index.weight(term, place) >= _NAMING for term in terms)

    def _hit(self, score: float, place: int, words: Sequence[Word]) -> Hit:
        why = []
        for word in words:
            senses = [sense for sense in word.senses if self._index.weight(sense.term, place)]
            if senses:
                why.append(max(senses, key=lambda sense: sense.factor).word)
        return Hit(self._tips[place], round(score, 4), tuple(dict.fromkeys(why)))

    def _name(self, topic: Topic) -> None:
        """Remembers what a topic is called in each language: without plurals, but whole, for stems are too coarse."""
        for language in LANGUAGES:
            small = self._analysers[language].stop_words
            for name in (topic.id, topic.label(language), *topic.synonyms.get(language, ())):
                words = [singular(word) for word in map(fold, tokens(name)) if word not in small]
                self._topics.setdefault((language, " ".join(words)), set()).add(topic.id)

    def _asked(self, words: Sequence[Word]) -> set[str]:
        """The topics that the query as a whole is a name of."""
        asked: set[str] = set()
        for language in LANGUAGES:
            meant = [next((_written(word, s) for s in word.senses if s.language == language), "?") for word in words]
            asked |= self._topics.get((language, " ".join(meant)), set())
        return asked


def _written(word: Word, sense: Sense) -> str:
    """The word that a sense stands for: what was typed, or what was guessed from it."""
    return singular(fold(sense.word) if sense.guess else word.typed)


def _best_first(found: tuple[float, int]) -> tuple[float, int]:
    score, place = found
    return -score, place
