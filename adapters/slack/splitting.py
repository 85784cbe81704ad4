"""Markup as pieces of Slack's own that each fit a limit, and plain texts that do. Pure.

A piece ends after a line, else after a word, else after what people see as one sign. It never ends inside a bold run, a
link or an entity: the markup is cut first and rendered afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from adapters.slack import grammar
from bot.excerpt import shorten, signs
from bot.markup import Line, LineKind, Markup, Span, parse
from bot.post import Button

NOTHING = "…"
"""Stands where Slack wants a text and there is none."""

_WORDS = re.compile(r"\s*\S+\s*|\s+")
_PREFIX = {LineKind.TEXT: "", LineKind.QUOTE: "> ", LineKind.ITEM: "• "}
_ROOM = max(map(len, _PREFIX.values()))
_TOUCHING = re.compile(r"\w")


def size(text: str) -> int:
    """Length in UTF-16 units, as Slack's clients count; in characters it is never longer."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def addresses(buttons: Iterable[Button]) -> set[str]:
    """Where buttons lead."""
    return {button.url for button in buttons if button.url}


def lines_of(text: Markup, buttoned: Collection[str] = ()) -> list[Line]:
    """The lines of `text`, without links in brackets to where a button leads as well: *in #support (open)*."""
    return [replace(line, spans=tuple(_without(line.spans, buttoned))) for line in parse(text)]


def pieces(text: Markup, limit: int, buttoned: Collection[str] = ()) -> list[str]:
    """`text` in Slack's markup, in pieces of at most `limit`; none for an empty text. `buttoned` as in `lines_of`."""
    lines = [part for line in lines_of(text, buttoned) for part in _narrowed(line, limit)]
    return packed((rendered_line(line) for line in lines), limit)


def packed(paragraphs: Iterable[str], limit: int, between: str = "\n") -> list[str]:
    """As many paragraphs in each piece as fit; each of them must fit alone. What is blank at an edge is left out."""
    done: list[str] = []
    for paragraph in paragraphs:
        joined = f"{done[-1]}{between}{paragraph}" if done else paragraph
        if done and size(joined) <= limit:
            done[-1] = joined
        else:
            done.append(paragraph)
    return [piece for piece in (piece.strip("\n") for piece in done) if piece.strip(f" \t{grammar.APART}")]


def fitted(text: str, limit: int, write: Callable[[str], str] = grammar.inert) -> str:
    """Plain text on one line, shortened visibly so that it fits once it is written; never empty."""
    flat = shorten(text, limit)
    if size(write(flat)) > limit:
        kept = list(signs(flat))
        while kept and size(write(f"{''.join(kept).rstrip()}{NOTHING}")) > limit:
            kept.pop()
        flat = f"{''.join(kept).rstrip()}{NOTHING}"
    return write(flat) or NOTHING


def rendered_line(line: Line) -> str:
    """A line in Slack's markup. A bold run is set apart from a letter that it touches, or it would not be bold."""
    done = _PREFIX[line.kind]
    bold = False
    for span in line.spans:
        shown = rendered_span(span)
        touching = (span.bold and done[-1:]) or (bold and shown[:1])
        if touching and _TOUCHING.match(touching):
            done += grammar.APART
        done += shown
        bold = span.bold
    return done


def rendered_span(span: Span) -> str:
    if span.channel is not None:
        return grammar.channel(span.channel, span.text)
    if span.url is not None:
        return grammar.linked(span.text, span.url)
    return grammar.bold(span.text) if span.bold else grammar.literal(span.text)


def _without(spans: Sequence[Span], buttoned: Collection[str]) -> Iterator[Span]:
    ends = ("", *(span.text if not span.url else "" for span in spans), "")
    dropped = {
        at
        for at, span in enumerate(spans)
        if span.url in buttoned and ends[at].endswith("(") and ends[at + 2].startswith(")")
    }
    for at, span in enumerate(spans):
        if at in dropped:
            continue
        text = span.text.removeprefix(")") if at - 1 in dropped else span.text
        if at + 1 in dropped:
            text = text.removesuffix("(").rstrip()
        if text:
            yield replace(span, text=text)


def _narrowed(line: Line, limit: int) -> Iterator[Line]:
    """The line itself, or as many of its kind as are needed."""
    if size(rendered_line(line)) <= limit:
        yield line
        return
    current: list[Span] = []
    length = _ROOM
    for atom in _atoms(line.spans, limit - _ROOM):
        # Together they are never longer than one by one, and bold ones shorter.
        length += _length(atom)
        if current and length > limit:
            length = size(rendered_line(replace(line, spans=_merged([*current, atom]))))
        if current and length > limit:
            yield replace(line, spans=_merged(current))
            current = []
            length = _ROOM + _length(atom)
        current.append(atom)
    yield replace(line, spans=_merged(current))


def _atoms(spans: Iterable[Span], limit: int) -> Iterator[Span]:
    """Words, and signs where a word is too long; an address that is too long itself is left out."""
    for span in spans:
        if span.url is not None and size(grammar.escaped(span.url)) > limit // 2:
            span = replace(span, url=None)
        whole = span.channel is not None or (span.url is not None and _length(span) <= limit)
        for word in [span.text] if whole else _WORDS.findall(span.text):
            atom = replace(span, text=word)
            if _length(atom) <= limit:
                yield atom
            else:
                yield from _few_signs(atom, limit)


def _few_signs(span: Span, limit: int) -> Iterator[Span]:
    """As many signs as fit together; one with more marks than fit is cut all the same."""
    held, length = "", 0
    for sign in signs(span.text):
        for part in [sign] if _length(replace(span, text=sign)) <= limit else sign:
            more = _length(replace(span, text=part))
            if held and length + more > limit:
                yield replace(span, text=held)
                held, length = "", 0
            held += part
            length += more
    if held:
        yield replace(span, text=held)


def _length(span: Span) -> int:
    """Of a span as it is rendered, with what may be needed to set it apart if it is bold."""
    return size(rendered_span(span)) + (2 if span.bold else 0)


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Neighbours that were one span are one again."""
    merged: list[Span] = []
    for (bold, url, channel), alike in groupby(spans, key=lambda span: (span.bold, span.url, span.channel)):
        texts = [span.text for span in alike]
        merged += [Span(text, bold, url, channel) for text in (texts if channel is not None else ["".join(texts)])]
    return tuple(merged)
