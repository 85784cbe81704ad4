"""Markup as pieces of Discord's markdown that each fit a limit. Pure.

A piece ends after a line, else after a word, else after what people see as one sign. It never ends inside a bold run,
a link or an escape: the markup is cut first and rendered afterwards. (A code block cannot be cut either: posts have
none, and what looks like one in a person's text is escaped.)
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace

from adapters.discord.text import escape, rendered_line, rendered_span, size
from bot.excerpt import signs
from bot.markup import Line, Markup, Span, parse

_WORDS = re.compile(r"\s*\S+\s*|\s+")
_RESERVE = 4
"""The longest prefix of a line, `> ` or `- `, and two signs that need a backslash only once they stand together."""


def pieces(text: Markup, limit: int) -> list[str]:
    """`text` in Discord's markdown, in pieces of at most `limit` UTF-16 units; none for an empty text."""
    if not text.strip():
        return []
    done: list[str] = []
    for line in parse(text):
        for at, part in enumerate(_narrowed(line, limit)):
            _add(done, rendered_line(part), limit, "\n", apart=at > 0)
    return _trimmed(done)


def packed(paragraphs: Iterable[str], limit: int, between: str = "\n") -> list[str]:
    """As many paragraphs in each piece as fit; each of them must fit alone. What is blank at an edge is left out."""
    done: list[str] = []
    for paragraph in paragraphs:
        _add(done, paragraph, limit, between, apart=False)
    return _trimmed(done)


def _add(done: list[str], paragraph: str, limit: int, between: str, *, apart: bool) -> None:
    """To the last piece, unless it does not fit there or is to begin a piece: a line is not broken for nothing."""
    joined = f"{done[-1]}{between}{paragraph}" if done else paragraph
    if done and not apart and size(joined) <= limit:
        done[-1] = joined
    else:
        done.append(paragraph)


def _trimmed(done: list[str]) -> list[str]:
    return [piece for piece in (piece.strip("\n") for piece in done) if piece.strip()]


def _narrowed(line: Line, limit: int) -> Iterator[Line]:
    """The line itself, or as many of its kind as are needed."""
    if size(rendered_line(line)) <= limit:
        yield line
        return
    current: list[Span] = []
    length = _RESERVE
    for atom in _atoms(line.spans, limit - _RESERVE):
        alike = bool(current) and _alike(current[-1], atom)
        if current and length + size(escape(atom.text) if alike else rendered_span(atom)) > limit:
            yield replace(line, spans=_merged(current))
            current, length, alike = [], _RESERVE, False
        length += size(escape(atom.text) if alike else rendered_span(atom))
        current.append(atom)
    yield replace(line, spans=_merged(current))


def _atoms(spans: Iterable[Span], limit: int) -> Iterator[Span]:
    """Words, and signs where a word is too long; an address that is too long itself is left out."""
    for span in spans:
        if size(rendered_span(span)) <= limit:
            words = [span.text] if span.channel is not None else _WORDS.findall(span.text)
        else:
            words = _WORDS.findall(span.text)
            if span.url is not None and size(span.url) > limit // 2:
                span = replace(span, url=None)
        for word in words:
            atom = replace(span, text=word)
            if size(rendered_span(atom)) <= limit:
                yield atom
            else:
                yield from _signs(atom, limit)


def _signs(span: Span, limit: int) -> Iterator[Span]:
    """As many signs as fit together; one with more marks than fit is cut all the same."""
    rest = list(signs(span.text))
    while rest:

        def length(count: int) -> int:
            return size(rendered_span(replace(span, text="".join(rest[:count]))))

        fits = bisect_right(range(1, min(len(rest), limit) + 1), limit, key=length)
        while fits > 1 and length(fits) > limit:
            fits -= 1
        if not fits and len(rest[0]) > 1:
            rest[:1] = rest[0]
            continue
        yield replace(span, text="".join(rest[: fits or 1]))
        del rest[: fits or 1]


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Neighbours that were one span are one again."""
    merged: list[Span] = []
    for span in spans:
        if merged and _alike(merged[-1], span):
            merged[-1] = replace(span, text=merged[-1].text + span.text)
        else:
            merged.append(span)
    return tuple(merged)


def _alike(before: Span, span: Span) -> bool:
    """Whether both can be one; a channel stands alone."""
    return span.channel is None and replace(before, text="") == replace(span, text="")
