"""Cutting what people wrote, where it is too long to be shown whole: at a word, and never inside a sign."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile("[^\\S\u00a0\u202f]+")  # but those that hold words together: French has one before ? and !
_JOINERS = "\u200c\u200d"


def shorten(text: str, limit: int) -> str:
    """`text` on one line, cut at a word where it is longer than `limit`; never inside what people see as one sign."""
    # What turns the direction of writing, or steers a terminal, would do so to our own words after it as well.
    flat = _SPACES.sub(" ", _CONTROLS.sub("", text)).strip()
    if len(flat) <= limit:
        return flat
    cut = flat.rfind(" ", limit // 2, limit)
    if cut < 0:
        cut = limit - 1
        while cut > 0 and _joined(flat, cut):
            cut -= 1
    return flat[:cut].rstrip() + "…"


def signs(text: str) -> Iterator[str]:
    """What people see as one sign each; joined again they are `text`."""
    start = 0
    for at in range(1, len(text)):
        if not _joined(text[max(start, at - 2) : at + 1], min(at - start, 2)):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def _joined(text: str, at: int) -> bool:
    """Whether the character at `at` is part of the sign before it: https://unicode.org/reports/tr29/ in short."""
    before, char = text[at - 1], text[at]
    if _is_flag_letter(char):
        start = at
        while start and _is_flag_letter(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 1
    return before == "\u200d" or _extends(char) or _is_jamo(before, char) or _is_conjunct(text, at)


def _extends(char: str) -> bool:
    tag = "\U000e0020" <= char <= "\U000e007f"
    return char in _JOINERS or "🏻" <= char <= "🏿" or tag or unicodedata.category(char) in ("Mn", "Mc", "Me")


def _is_flag_letter(char: str) -> bool:
    return "🇦" <= char <= "🇿"


def _is_jamo(before: str, char: str) -> bool:
    """Korean letters that make one syllable: a lead, then vowels, then tails."""
    if "\u1160" <= char <= "\u11ff":
        return "\u1100" <= before <= "\u11ff" or "가" <= before <= "힣"
    return "\u1100" <= char <= "\u115f" and "\u1100" <= before <= "\u115f"


def _is_conjunct(text: str, at: int) -> bool:
    """A consonant bound to the one before it by a virama (combining class 9)."""
    return unicodedata.combining(text[at - 1]) == 9 and unicodedata.category(text[at]) == "Lo"
