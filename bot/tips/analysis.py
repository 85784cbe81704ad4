"""Turns text into what search compares: words without accents, their stems, and which words say nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import groupby

import snowballstemmer

from bot.tips.model import LANGUAGES

# Longer than any word of either language; the rest of a longer one is noise.
LONGEST_WORD = 40

_WORD = re.compile(r"\w+")
_SMALL = (ord(chr(code).lower()) if chr(code).isalnum() else 0x20 for code in range(0x80))
PLAIN = bytes((*_SMALL, *range(0x80, 0x100)))
"""For `bytes.translate`: capitals become small, and what is no letter or digit a space; beyond ASCII all stays."""
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
_PARTICIPLE = re.compile(r"ee(?=s?$)")

# Question words and verbs of asking included: "how do I get people to…" is about people, not about getting.
STOP_WORDS = {
    "en": frozenset(
        """
        a about advice after again all also although always am an and any anybody anyone anything are aren as
        at be because been before being best better between both but by can cannot come comes coming could
        couldn day days did didn do does doesn doing don done dont during each either else even ever every few
        for from further get gets getting go goes going gone good got had hadn has hasn have haven having he
        help her here hers him his how however i if im in into is isn it its itself just let like ll look make
        makes making many may maybe me might mine more most must my myself need needs neither no nor not now
        of off ok okay on once one only onto or other others our ours out over own please put re really s said
        same say says see seem shall she should shouldn since so some somebody someone something still such
        sure t take taken takes taking tell than that the their theirs them then there these they thing things
        think this those though through thus tip tips to today toward try under until up upon us use using ve
        very want wants was wasn way ways we week weeks well were weren what whatever when where whether which
        while who whom whose why will with within without won would wouldn yes yet you your yours
        yourself
        """.split()
    ),
    "fr": frozenset(
        """
        a afin ai aie aient ainsi aller alors apres as assez astuce astuces au aucun aucune aujourd aupres
        auquel aura aurai aurait aussi autre autres aux auxquels avaient avais avait avant avec avez avoir
        avons ayant bien bon bonne c ca car ce ceci cela celle celles celui ces cet cette ceux chaque chez ci
        comme comment conseil conseils d dans de dedans dehors deja depuis des deux devez devons devrais
        devrait dire dis disent dit dites dois doit doivent donc dont du elle elles en encore entre es est et
        etaient etais etait ete etes etre eu eux faire fais fait faites faut fois font hui il ils j je jour
        jours jusqu jusque l la laquelle le lequel les lesquels leur leurs lors lorsqu lorsque lui m ma mais
        me meme mes mettre mien moi mon n ne ni non nos notre nous on ont ou par parce pas peu peut peuvent
        peux plus plutot pour pourquoi pourrais pourrait pouvez pouvoir prend prendre prends pu puis puisqu
        puisque qu quand que quel quelle quelles quelqu quelque quelques quels qui quoi quoique regarder
        rendre rien s sa sans sauf se selon semaine semaines sembler sera serai serait ses si sien soi soit
        sommes son sont sous soyez suis sur ta tandis tant te tel telle tels tes toi tous tout toute toutes
        travailler tres tu un une va vais vers veut veux voici voila voir vont vos votre voudrais voulez
        vouloir vous vraiment y
        """.split()
    ),
}

# Where the conversation is, which says nothing about it unless it stands alone.
SETTINGS = frozenset("discord slack server servers serveur serveurs workspace guild".split())


def fold(text: str) -> str:
    """`text` in small letters, without accents, ligatures or fancy letter forms."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).translate(_LIGATURES)


def undouble(word: str) -> str:
    """`word` with each run of a letter as one: the slip people make most is to double a letter, or not to."""
    return "".join(letter for letter, _ in groupby(word))


def singular(folded: str) -> str:
    """`folded` without the *s* or *x* of a plural. Unlike a stem, it takes no *chart* for a *charte*."""
    return folded[:-1] if folded.endswith(("s", "x")) else folded


def tokens(text: str) -> list[str]:
    """The words of a text in small letters, accents kept; apostrophes, hyphens, punctuation and emoji divide."""
    if text.isascii():  # four times as fast, and most words are
        return text.encode().translate(PLAIN).decode().split()
    return _WORD.findall(unicodedata.normalize("NFC", text).lower().replace("_", " "))


class Analyser:
    """Stems the words of one language. The stemmer is not to be shared between threads.

    `stop_words` gives each word that says nothing a number of its own, from -2 down.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.stop_words = {word: -2 - place for place, word in enumerate(sorted(STOP_WORDS[language]))}
        self._undoubled = {undouble(word) for word in self.stop_words if len(word) > 4}
        stemmer = snowballstemmer.stemmer({"en": "english", "fr": "french"}[language])
        stemmer.maxCacheSize = 0  # PyStemmer's own cache costs more than it saves: the index stems each word once
        self._stem: Callable[[str], str] = stemmer.stemWord

    def nearly_stops(self, folded: str) -> bool:
        """Whether this is a stop word but for a doubled letter: *coment*, *pourrquoi*."""
        return undouble(folded) in self._undoubled

    def stem(self, folded: str) -> str:
        """The stem of one folded word. Accents go first, so that *modere* and *modéré* cannot part ways."""
        if self.language == "fr":
            folded = _PARTICIPLE.sub("e", folded)  # the stemmer knows -ée but not -ee
        return self._stem(folded)


def analysers() -> dict[str, Analyser]:
    """One analyser for each language."""
    return {language: Analyser(language) for language in LANGUAGES}
