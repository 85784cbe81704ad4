"""Reads what somebody typed: its language, the words that matter, and the terms each of them may stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from bot.tips.analysis import LONGEST_WORD, SETTINGS, Analyser, fold, tokens
from bot.tips.index import UNKNOWN, InvertedIndex
from bot.tips.model import LANGUAGES
from bot.tips.vocabulary import Vocabulary

# A search takes bounded time whatever is typed: the rest of a longer query is not read.
LONGEST_QUERY = 400
MOST_WORDS = 12
# What so many unknown words may stand for is looked into: whoever mistypes more than that means something else.
MOST_GUESSED = 6

# How far a word stands for what was typed: found as such in the other language than the query's, when that is clear or
# when it is not; completed; with one slip or two.
_OTHER_LANGUAGE, _EITHER_LANGUAGE = 0.5, 0.85
_COMPLETED = 0.8
_SLIPS = (1.0, 0.8, 0.6)
_MOST_GUESSES = 3
# A word in the middle of a query is finished, unless it is an abbreviation: notif, admin.
_ABBREVIATION = 4


@dataclass(frozen=True, slots=True)
class Sense:
    """A term that a typed word may stand for, how far (0 to 1), and that term's word as it is written."""

    term: int
    language: str
    factor: float
    word: str
    guess: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query. One without any sense is a word that no tip knows."""

    typed: str
    senses: tuple[Sense, ...]


class Spelling(NamedTuple):
    """Words as a text of numbers, in which another such text is found at whole words only, and how many there are."""

    text: str
    length: int


@dataclass(frozen=True, slots=True)
class Query:
    """What was typed: the words that matter, and all of it spelled in numbers for each language, see `spell`.

    `sequence` holds every word, folded; `small` tells that none of them says anything by itself, and `factors` how far
    a word stands for what was typed in each language.
    """

    words: tuple[Word, ...]
    exact: Mapping[str, Spelling]
    loose: Mapping[str, Spelling]
    sequence: tuple[str, ...]
    small: bool
    factors: Mapping[str, float]


class QueryReader:
    """Reads queries against one index."""

    def __init__(self, index: InvertedIndex, analysers: dict[str, Analyser]) -> None:
        self._index, self._analysers = index, analysers
        self._written: dict[str, str] = {}
        self._terms: dict[str, list[tuple[str, int]]] = {}
        counts: dict[str, int] = {}
        for folded, written, language, term in index.words():
            self._written.setdefault(folded, written)
            self._terms.setdefault(folded, []).append((language, term))
            counts[folded] = max(counts.get(folded, 0), index.count(term))
        self._vocabulary = Vocabulary(counts)

    def read(self, query: str, language: str) -> Query:
        """Reads a query; at most twelve of its words matter. `language` settles what the words leave open."""
        sequence = _split(query)
        typed = list(dict.fromkeys(sequence))
        stems = {word: {lang: self._analysers[lang].stem(word) for lang in LANGUAGES} for word in typed}
        main, clear = self._language(typed, stems, language)
        other = _OTHER_LANGUAGE if clear else _EITHER_LANGUAGE
        factors = {lang: 1.0 if lang == main else other for lang in LANGUAGES}
        kept = self._telling(typed, stems, main)
        words = self._words(kept, stems, factors, typed[-1:])
        if len(typed) == 1 and not kept:  # a small word may still be a word of the other language: *but*, *comment*
            known = self._known(typed[0], stems[typed[0]], factors)
            words = [Word(typed[0], tuple(known))] if known else []
        spelled = {
            lang: spell([self._number(word, lang, stems[word][lang]) for word in sequence]) for lang in LANGUAGES
        }
        exact = {lang: with_small_words for lang, (with_small_words, _) in spelled.items()}
        loose = {lang: without for lang, (_, without) in spelled.items()}
        return Query(tuple(words), exact, loose, tuple(sequence), not kept, factors)

    def _number(self, word: str, language: str, stem: str) -> int:
        stop = self._analysers[language].stop_words.get(word)
        if stop is not None:
            return stop
        term = self._index.term(language, stem)
        return UNKNOWN if term is None else term

    def _language(self, typed: list[str], stems: dict[str, dict[str, str]], language: str) -> tuple[str, bool]:
        """The language most words belong to alone, and whether that is clear."""
        votes = dict.fromkeys(LANGUAGES, 0)
        for word in typed:
            for lang in LANGUAGES:
                if word in self._analysers[lang].stop_words:
                    votes[lang] += 2  # *comment* is how before it is a comment
                elif self._index.term(lang, stems[word][lang]) is not None:
                    votes[lang] += 1
        preferred = language if language in LANGUAGES else LANGUAGES[0]
        main = max(LANGUAGES, key=lambda lang: (votes[lang], lang == preferred))
        return main, all(votes[main] > votes[lang] for lang in LANGUAGES if lang != main)

    def _telling(self, typed: list[str], stems: dict[str, dict[str, str]], main: str) -> list[str]:
        """The first words that say something, as many as are read; where the conversation is only if no other does."""
        telling: list[str] = []
        settings: list[str] = []
        for word in typed:
            if len(telling) == MOST_WORDS:
                break
            if not self._says_nothing(word, stems[word], main):
                (settings if word in SETTINGS else telling).append(word)
        return telling or settings

    def _says_nothing(self, word: str, stems: dict[str, str], main: str) -> bool:
        if word in self._analysers[main].stop_words or (len(word) == 1 and not word.isdigit()):
            return True
        if self._index.term(main, stems[main]) is not None:
            return False
        small = any(word in analyser.stop_words for analyser in self._analysers.values())
        return small or self._analysers[main].nearly_stops(word)

    def _words(
        self, kept: list[str], stems: dict[str, dict[str, str]], factors: dict[str, float], last: list[str]
    ) -> list[Word]:
        words, guessed = [], 0
        for typed in kept:
            senses = self._known(typed, stems[typed], factors)
            if not senses and guessed < MOST_GUESSED:
                guessed += 1
                senses = self._guesses(typed, factors, typed in last)
            words.append(Word(typed, tuple(senses)))
        return words

    def _known(self, typed: str, stems: dict[str, str], factors: dict[str, float]) -> list[Sense]:
        """The senses of a word that tips have as it was typed."""
        senses = []
        for language, factor in factors.items():
            term = self._index.term(language, stems[language])
            if term is not None and self._trusted(typed, stems[language], language):
                senses.append(Sense(term, language, factor, self._written.get(typed, typed)))
        return senses

    def _trusted(self, typed: str, stem: str, language: str) -> bool:
        """Whether a stem can be taken for this word's: three letters are too few, *sit* is not a site."""
        if typed in self._analysers[language].stop_words:
            return False
        return len(stem) > 3 or any(word in self._terms for word in (typed, typed + "s", typed.removesuffix("s")))

    def _guesses(self, typed: str, factors: dict[str, float], last: bool) -> list[Sense]:
        """The senses of a word that is not known: unfinished, or else mistyped."""
        guesses: list[tuple[str, float]] = []
        if not typed.isdigit() and (last or len(typed) >= _ABBREVIATION):
            guesses = [(word, _COMPLETED) for word in self._vocabulary.completions(typed, _MOST_GUESSES)]
        if not guesses:
            guesses = [(word, _SLIPS[slips]) for word, slips in self._vocabulary.near(typed, _MOST_GUESSES)]
        return [
            Sense(
                term,
                language,
                factor * factors[language],
                self._written[word],
                guess=True,
            )
            for word, factor in guesses
            for language, term in self._terms[word]
        ]


def spell(numbers: Sequence[int]) -> tuple[Spelling, Spelling]:
    """Words' numbers as texts to find one in another: all of them, and without the stop words."""
    telling = [number for number in numbers if number >= UNKNOWN]
    return _spelling(numbers), _spelling(telling)


def _spelling(numbers: Sequence[int]) -> Spelling:
    return Spelling(f" {' '.join(map(str, numbers))} ", len(numbers))


def _split(query: str) -> list[str]:
    folded = (fold(word)[:LONGEST_WORD] for word in tokens(query[:LONGEST_QUERY]))
    return list(islice((word for word in folded if word), 4 * MOST_WORDS))
