"""Whose name does a text write without a ping? *tony you can only…*, *sorry Tex-Twil*, *buntu, try this*."""

from __future__ import annotations

from collections import defaultdict

from bot.mentions.reading import fold, is_common

MISSPELT = 4
"""Letters that two names must share at an end for one to be a short form of the other."""

FORGIVEN = 4
"""Letters that a short form may leave out."""

NOBODY: frozenset[str] = frozenset()

_AROUND = ",:;.!?()[]<>\"'*~@"


class Names:
    """The people heard lately, by name. Constant time per word, however many they are."""

    def __init__(self) -> None:
        self._authors: dict[str, str] = {}
        self._ends: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, name: str, author: str) -> None:
        folded = fold(name)
        if not folded:
            return
        self._authors[folded] = author
        if len(folded) >= MISSPELT:
            self._ends[folded[:MISSPELT]].add(folded)
            self._ends[folded[-MISSPELT:]].add(folded)

    def remove(self, name: str) -> None:
        folded = fold(name)
        self._authors.pop(folded, None)
        for end in (folded[:MISSPELT], folded[-MISSPELT:]):
            if names := self._ends.get(end):
                names.discard(folded)
                if not names:
                    del self._ends[end]

    def called(self, folded: str, but: str) -> frozenset[str]:
        """The people whose names stand in a folded text, except `but`, who wrote it.

        Where names are many, some are everyday words: one in the middle counts only when it is long or looks like no
        word. A short form counts only where a text begins with it, as when speaking to somebody.
        """
        if not self._authors:
            return NOBODY
        words = [word.strip(_AROUND) for word in folded[:500].split()]
        if not words:
            return NOBODY
        found = []
        for word in self._authors.keys() & words:
            author = self._authors[word]
            if author != but and _counts(word, edge=word in (words[0], words[-1])):
                found.append(author)
        if not found:
            near = self._resembling(words[0])
            found = [author for name in near if (author := self._authors[name]) != but] if near else near
        return frozenset(found) if found else NOBODY

    def _resembling(self, word: str) -> list[str]:
        if len(word) < MISSPELT:
            return []
        begun, ended = self._ends.get(word[:MISSPELT]), self._ends.get(word[-MISSPELT:])
        if not (begun or ended) or is_common(word):
            return []
        return [
            name
            for name in (begun or set()) | (ended or set())
            if 0 <= len(name) - len(word) <= FORGIVEN and (name.startswith(word) or name.endswith(word))
        ]


def _counts(word: str, *, edge: bool) -> bool:
    if edge:
        return len(word) > 2 and not is_common(word)
    return len(word) > 4 or not word.isalpha()
