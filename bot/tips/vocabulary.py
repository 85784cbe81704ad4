"""Finds the known words that a mistyped or unfinished word may stand for."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.tips.analysis import undouble

# A shorter word differs from a real one by too little for a slip of one letter to be told from nonsense.
SHORTEST_TYPO = 4
SHORTEST_PREFIX = 3
LONGEST_TYPO = 24
_MOST_SCANNED = 2_000


class Vocabulary:
    """The known words (folded), each with how many tips it occurs in, which settles between equals."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._sorted = sorted(counts)
        # A slip at one place leaves either the first or the last two letters alone: only words that share one of the
        # two, and are nearly as long, have to be compared.
        self._buckets: dict[tuple[int, str], list[str]] = defaultdict(list)
        for word in self._sorted:
            if SHORTEST_TYPO - 1 <= len(word) <= LONGEST_TYPO and not word.isdigit():
                self._buckets[len(word), word[:2]].append(word)
                self._buckets[len(word), "…" + word[-2:]].append(word)

    def completions(self, prefix: str, limit: int) -> list[str]:
        """Known words that begin with `prefix`, the most frequent first; none for fewer than three letters."""
        if len(prefix) < SHORTEST_PREFIX:
            return []
        start = bisect_left(self._sorted, prefix)
        end = bisect_left(self._sorted, prefix + "\U0010ffff")
        found = self._sorted[start : min(end, start + _MOST_SCANNED)]
        return sorted(found, key=lambda word: (-self._counts[word], word))[:limit]

    def near(self, word: str, limit: int) -> list[tuple[str, int]]:
        """Known words at the smallest distance from `word`, with it: one slip, or two in a word of eight letters.

        A slip is a letter too many, too few, wrong, or swapped with its neighbour.
        """
        if not SHORTEST_TYPO <= len(word) <= LONGEST_TYPO or word.isdigit():
            return []
        most = 2 if len(word) >= 8 else 1
        found: dict[str, int] = {}
        for length in range(len(word) - most, len(word) + most + 1):
            for key in (word[:2], "…" + word[-2:]):
                bucket = self._buckets.get((length, key), ())
                for known, distance, _ in process.extract(
                    word, bucket, scorer=OSA.distance, score_cutoff=most, limit=None
                ):
                    found[known] = int(distance)
        if not found:
            return []
        least = min(found.values())
        nearest = [known for known, distance in found.items() if distance == least]
        # *trols* is trolls before it is tools.
        nearest = [known for known in nearest if undouble(known) == undouble(word)] or nearest
        ranked = sorted(nearest, key=lambda known: (known[0] != word[0], -self._counts[known], known))
        return [(known, least) for known in ranked[:limit]]
