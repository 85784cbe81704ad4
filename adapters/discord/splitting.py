"""Markup as pieces of Discord's markdown that each fit a limit. Pure.

A piece ends after a line, else after a word, else after what people see as one sign. It never ends inside a bold run,
a link or an escape: the markup is cut first and rendered afterwards. (A code block cannot be cut either: posts have
none, and what looks like one in a person's text is escaped.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from adapters.discord.text import rendered_line, rendered_span, size
from bot.excerpt import signs
from bot.markup import Line, Markup, Span, parse

_WORDS = re.compile(r"\s*\S+\s*|\s+")
_PREFIX = 2
"""The longest prefix of a line: `> ` or `- `."""


def pieces(text: Markup, limit: int) -> list[str]:
    """`text` in Discord's markdown, in pieces of at most `limit` UTF-16 units; none for an empty text."""
    if not text.strip():
        return []
    narrow = (part for line in parse(text) for part in _narrowed(line, limit))
    return packed((rendered_line(line) for line in narrow), limit)


def packed(paragraphs: Iterable[str], limit: int, between: str = "\n") -> list[str]:
    """As many paragraphs in each piece as fit; each of them must fit alone. What is blank at an edge is left out."""
    done: list[str] = []
    for paragraph in paragraphs:
        joined = f"{done[-1]}{between}{paragraph}" if done else paragraph
        if done and size(joined) <= limit:
            done[-1] = joined
        else:
            done.append(paragraph)
    return [piece for piece in (piece.strip("\n") for piece in done) if piece.strip()]


def _narrowed(line: Line, limit: int) -> Iterator[Line]:
    """The line itself, or as many of its kind as are needed."""
    if size(rendered_line(line)) <= limit:
        yield line
        return
    current: list[Span] = []
    length = _PREFIX
    for atom in _atoms(line.spans, limit - _PREFIX):
        more = size(rendered_span(atom))
        if current and length + more > limit:
            yield replace(line, spans=_merged(current))
            current, length = [], _PREFIX
        current.append(atom)
        length += more
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
    held = ""
    for sign in signs(span.text):
        for part in [sign] if size(rendered_span(replace(span, text=sign))) <= limit else sign:
            if held and size(rendered_span(replace(span, text=held + part))) > limit:
                yield replace(span, text=held)
                held = ""
            held += part
    if held:
        yield replace(span, text=held)


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Neighbours that were one span are one again."""
    merged: list[Span] = []
    for span in spans:
        if merged and replace(merged[-1], text="") == replace(span, text="") and span.channel is None:
            merged[-1] = replace(span, text=merged[-1].text + span.text)
        else:
            merged.append(span)
    return tuple(merged)
