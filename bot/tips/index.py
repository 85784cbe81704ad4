"""The inverted index: which tips hold which stem, and how much it says about them."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Set

from bot.tips.analysis import PLAIN, Analyser, fold, tokens
from bot.tips.library import Library
from bot.tips.model import LANGUAGES

# How much a word says about a tip, by where it stands. A title names the tip, search words and topics say what it is
# asked for; the body only mentions.
TITLE, TOPIC, WORDS, SYNONYM, BODY = 3.0, 3.0, 2.5, 1.5, 0.4
# Saturation, as in BM25: a word at one strong place counts almost as much as a word at several.
_SATURATION = 2.0
# A list with more search words than this counts less for each, so that a long list wins nothing.
_PIVOT = 100

# What a word of a search phrase of one, two, three, four or more words is worth.
_SHARE = (1.0, 1.0, 0.7, 0.55, 0.45)
# Search phrases remembered while building.
_REMEMBERED = 200_000

# A term that is in more tips than this is read only where it weighs most: bounds the time of a search in a library of
# any size, and changes no result of a smaller one.
DEEPEST = 1_000

# A posting is one integer: 255 - weight in the high byte, the tip's place below. Compact, and its natural order is
# the order of relevance.
_PLACE = 0xFFFFFF
MAX_TIPS = _PLACE + 1

# The number of a word that no tip has; stop words have other negative numbers.
UNKNOWN = -1
# In a text, of a word that says nothing.
NOTHING = -1


class _Terms(dict[str, int]):
    """Lower-case word → number of its stem in one language. Each distinct word is stemmed once.

    Stop words have negative numbers: they are not indexed, but a search phrase is read with them.
    """

    def __init__(self, analyser: Analyser, stems: dict[str, int], postings: list[array[int]]) -> None:
        super().__init__()
        self._analyser, self._stems, self._postings = analyser, stems, postings

    def __missing__(self, word: str) -> int:
        folded = fold(word)
        number = self._analyser.stop_words.get(folded)
        if number is None:
            number = self._stems.setdefault(self._analyser.stem(folded), len(self._postings))
            if number == len(self._postings):
                self._postings.append(array("I"))
        self[word] = number
        return number


class InvertedIndex:
    """Stems of each language → postings, for tips numbered by their place in the library's order."""

    def __init__(self, library: Library, analysers: dict[str, Analyser]) -> None:
        """Raises ValueError for more than 16,777,216 tips."""
        if len(library.tips) > MAX_TIPS:
            raise ValueError(f"{len(library.tips)} tips are too many: the most is {MAX_TIPS}")
        self.size = len(library.tips)
        self._postings: list[array[int]] = []
        self._stems: dict[str, dict[str, int]] = {language: {} for language in LANGUAGES}
        self._words = {lang: _Terms(analysers[lang], self._stems[lang], self._postings) for lang in LANGUAGES}
        self.small: dict[tuple[str, ...], list[int]] = {}
        """Titles and search phrases of small words alone, as folded words → the places of the tips that have them."""
        for language in LANGUAGES:
            self._add_all(library, language)
        self._best = {
            term: array("I", sorted(postings)[:DEEPEST])
            for term, postings in enumerate(self._postings)
            if len(postings) > DEEPEST
        }

    def term(self, language: str, stem: str) -> int | None:
        """The number of a stem, or None if no tip has it in that language."""
        return self._stems[language].get(stem)

    def numbers(self, language: str, words: Iterable[str]) -> list[int]:
        """The numbers of words that were indexed, stop words included."""
        known = self._words[language]
        return [known.get(word, UNKNOWN) for word in words]

    def count(self, term: int) -> int:
        """In how many tips a term occurs."""
        return len(self._postings[term])

    def rarity(self, term: int) -> float:
        """BM25's inverse document frequency: near 0 for a term of every tip, high for a term of one."""
        return self.rarity_of(len(self._postings[term]))

    def rarity_of(self, count: int) -> float:
        """The inverse document frequency of a term that `count` tips have."""
        return math.log1p((self.size - count + 0.5) / (count + 0.5))

    def cut(self, term: int) -> bool:
        """Whether `read` leaves out the tips where this term weighs least."""
        return term in self._best

    def read(self, term: int) -> array[int]:
        """The postings of a term, or the best of them."""
        return self._best.get(term, self._postings[term])

    def gains(self, term: int, unit: float) -> dict[int, float]:
        """Place → weight of a term there times `unit`, over what `read` gives."""
        unit /= 255
        return {posting & _PLACE: unit * (255 - (posting >> 24)) for posting in self.read(term)}

    def weight(self, term: int, place: int) -> float:
        """What a term says about the tip at `place`, from 0 (it does not occur) to 1."""
        postings = self._postings[term]
        at = bisect_left(postings, place, key=_PLACE.__and__)
        if at < len(postings) and postings[at] & _PLACE == place:
            return (255 - (postings[at] >> 24)) / 255
        return 0.0

    def words(self) -> Iterator[tuple[str, str, str, int]]:
        """Every known word: folded, as written, its language, and its term."""
        for language, terms in self._words.items():
            for word, term in terms.items():
                if term >= 0:
                    yield fold(word), word, language, term

    def _add_all(self, library: Library, language: str) -> None:
        written = _Written(self._words[language])
        phrases = _Phrases(written)
        subjects = _Subjects(library, language, phrases)
        postings, high = self._postings, _HighByte()
        mentioned = high[BODY]
        for place, tip in enumerate(library.tips.values()):
            text = tip.texts.get(language)
            weights = subjects[tip.topics]
            if text is not None:
                body = written.terms(f"{text.body}\n{text.try_today}")
                title, shares = written.terms(text.title), phrases.shares(text.words)
                if not title or not phrases.small.isdisjoint(text.words):
                    self._add_small((*phrases.small.intersection(text.words), *([] if title else [text.title])), place)
                weights = _weights(weights, shares, title, body)
                body.difference_update(weights)
                posting = mentioned | place
                for term in body:
                    postings[term].append(posting)
            for term, weight in weights.items():
                postings[term].append(high[weight] | place)

    def _add_small(self, phrases: Iterable[str], place: int) -> None:
        for phrase in phrases:
            places = self.small.setdefault(tuple(map(fold, tokens(phrase))), [])
            if place not in places[-1:]:
                places.append(place)


class _HighByte(dict[float, int]):
    """Weight → the high byte of a posting. Few weights are distinct, so each is worked out once."""

    def __missing__(self, weight: float) -> int:
        self[weight] = byte = 255 - int(255 * weight / (_SATURATION + weight)) << 24
        return byte


class _Subjects(dict[tuple[str, ...], dict[int, float]]):
    """A tip's topics → the weights of the terms that name them. A tip without a text is found by these alone."""

    def __init__(self, library: Library, language: str, phrases: _Phrases) -> None:
        super().__init__()
        self._topics: dict[str, dict[int, float]] = {}
        for topic in library.topics.values():
            synonyms = phrases.shares(topic.synonyms.get(language, ()))
            weights = {term: SYNONYM * share for term, share in synonyms.items()}
            for name in (topic.id, topic.label(language)):
                weights |= dict.fromkeys(phrases[name], TOPIC)
            self._topics[topic.id] = weights

    def __missing__(self, topics: tuple[str, ...]) -> dict[int, float]:
        weights: dict[int, float] = {}
        for topic in topics:
            for term, weight in self._topics.get(topic, {}).items():
                weights[term] = max(weight, weights.get(term, 0.0))
        self[topics] = weights
        return weights


def _weights(
    subject: Mapping[int, float], shares: Mapping[int, float], title: Set[int], body: set[int]
) -> dict[int, float]:
    """The weights of the terms that say more about a tip than that its body mentions them."""
    weights = dict(subject)
    each = WORDS * min(1.0, _PIVOT / (len(shares) or 1))
    for term, share in shares.items():
        weights[term] = weights.get(term, 0.0) + each * share
    for term in title:
        weights[term] = weights.get(term, 0.0) + TITLE
    for term in body.intersection(weights):
        weights[term] += BODY
    return weights


class _Written(dict[bytes, int]):
    """A word of a text in small letters, other punctuation than ASCII's still on it → its term, or NOTHING.

    Most of a library is the same words over and over: looking these up is faster than taking them apart each time. In
    UTF-8 they are, since dividing a text goes faster so.
    """

    def __init__(self, words: _Terms) -> None:
        super().__init__()
        self._words = words
        self._several: dict[int, set[int]] = {}

    def __missing__(self, word: bytes) -> int:
        terms = {term for part in tokens(word.decode()) if (term := self._words[part]) >= 0}
        if len(terms) > 1:  # divided by other punctuation: the number stands for all of them
            number = NOTHING - 1 - len(self._several)
            self._several[number] = terms
        else:
            number = max(terms, default=NOTHING)
        self[word] = number
        return number

    def terms(self, text: str) -> set[int]:
        """The terms of a text."""
        found = set(map(self.__getitem__, text.encode().translate(PLAIN).split()))
        found.discard(NOTHING)
        for number in self._several.keys() & found:
            found.remove(number)
            found |= self._several[number]
        return found


class _Phrases(dict[str, dict[int, float]]):
    """A search phrase → what each of its terms is worth: all of it when it stands alone, less as one of several.

    `small` holds those without any term.
    """

    def __init__(self, written: _Written) -> None:
        super().__init__()
        self._written = written
        self.small: set[str] = set()

    def __missing__(self, phrase: str) -> dict[int, float]:
        if len(self) >= _REMEMBERED:
            self.clear()
        terms = self._written.terms(phrase)
        if not terms:
            self.small.add(phrase)
        self[phrase] = worth = dict.fromkeys(terms, _SHARE[min(len(terms), len(_SHARE) - 1)])
        return worth

    def shares(self, phrases: Iterable[str]) -> dict[int, float]:
        """The most that each term of some phrases is worth."""
        largest: dict[int, float] = {}
        for worth in sorted(map(self.__getitem__, phrases), key=len, reverse=True):  # the longer, the less
            largest |= worth
        return largest
