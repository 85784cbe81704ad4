"""A post as plain text: what a notification shows, a screen reader reads, and search finds. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import groupby

from adapters.slack import grammar
from adapters.slack.splitting import NOTHING, addresses, lines_of, size
from bot.excerpt import shorten, signs
from bot.markup import LineKind, Markup, Span
from bot.post import Post

TEXT = 4000
"""Slack advises not to exceed that, and cuts at 40,000: https://docs.slack.dev/reference/methods/chat.postMessage"""


def fallback(post: Post) -> str:
    """Those who are called, the title, and all that follows, without the buttons; never empty."""
    title = " ".join([*grammar.calls(post.pings), grammar.escaped(shorten(post.title, TEXT))]).strip()
    parts = [title, said(post.body, addresses(post.buttons))]
    parts += [f"{grammar.escaped(field.name)} – {_in_one_line(said(field.value))}" for field in post.fields]
    parts += [f"• {_in_one_line(said(item.body, addresses(item.buttons)))}" for item in post.items]
    parts.append(said(post.context))
    text = "\n".join(part for part in parts if part.strip())
    if not text and post.picture is not None:
        text = grammar.escaped(post.picture.alt)
    return cut(text, TEXT) or NOTHING


def said(text: Markup, buttoned: Collection[str] = ()) -> str:
    """Markup without its marks. What somebody wrote stands in quotation marks, so that it is not taken for ours."""
    shown: list[str] = []
    for kind, lines in groupby(lines_of(text, buttoned), key=lambda line: line.kind):
        words = [found for line in lines if (found := "".join(map(_span, line.spans)).strip())]
        if kind is LineKind.QUOTE and words:
            words = [f"“{' '.join(words)}”"]
        shown += [f"• {word}" for word in words] if kind is LineKind.ITEM else words
    return "\n".join(shown)


def cut(text: str, limit: int) -> str:
    """`text`, as Slack writes it, shortened visibly; never inside a reference, an entity or what people see as one."""
    if size(text) <= limit:
        return text
    kept, length = "", size(NOTHING)
    for part in re.findall(r"<[^<>]*>|&(?:amp|lt|gt);|[^<&]+|.", text, re.DOTALL):
        for sign in [part] if part[0] in "<&" else signs(part):
            length += size(sign)
            if length > limit:
                return f"{kept.rstrip()}{NOTHING}"
            kept += sign
    return kept


def _span(span: Span) -> str:
    return grammar.channel(span.channel, span.text) if span.channel is not None else grammar.escaped(span.text)


def _in_one_line(text: str) -> str:
    return " · ".join(line.removeprefix("• ") for line in text.splitlines())
