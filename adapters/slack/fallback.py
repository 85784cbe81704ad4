"""A post as plain text: what a notification shows, a screen reader reads, and search finds. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

from adapters.slack import grammar
from adapters.slack.splitting import NOTHING, size
from bot.excerpt import signs
from bot.markup import LineKind, Markup, parse
from bot.post import Post

TEXT = 4000
"""Slack advises not to exceed that, and cuts at 40,000: https://docs.slack.dev/reference/methods/chat.postMessage"""

_EMPTIED = re.compile(r" ?\(\0\)")


def fallback(post: Post) -> str:
    """Those who are called, the title, and all that follows, without the buttons; never empty.

    A link to where a button leads as well is left out: nobody can follow it from a notification.
    """
    title = " ".join([*grammar.calls(post.pings), grammar.escaped(" ".join(post.title.split()))]).strip()
    parts = [title, said(post.body, _addresses(post))]
    parts += [f"{grammar.escaped(field.name)}: {_in_one_line(said(field.value))}" for field in post.fields]
    parts += [f"• {_in_one_line(said(item.body, {b.url for b in item.buttons if b.url}))}" for item in post.items]
    parts.append(said(post.context))
    text = "\n".join(part for part in parts if part.strip())
    if not text and post.picture is not None:
        text = grammar.escaped(post.picture.alt)
    return cut(text, TEXT) or NOTHING


def said(text: Markup, elsewhere: Collection[str] = ()) -> str:
    """Markup without its marks. What somebody wrote stands in quotation marks, so that it is not taken for ours."""
    lines: list[str] = []
    quoted: list[str] = []
    for line in [*parse(text), None]:
        shown = (
            ""
            if line is None
            else "".join(
                "\0" if span.url in elsewhere and span.url else _span(span.text, span.channel) for span in line.spans
            )
        )
        shown = _EMPTIED.sub("", shown).replace("\0", "").strip()
        if line is not None and line.kind is LineKind.QUOTE:
            quoted.append(shown)
            continue
        if quoted:
            lines.append(f"“{' '.join(part for part in quoted if part)}”")
            quoted = []
        if shown:
            lines.append(f"• {shown}" if line is not None and line.kind is LineKind.ITEM else shown)
    return "\n".join(lines)


def cut(text: str, limit: int) -> str:
    """`text`, as Slack writes it, shortened visibly; never inside a reference, an entity or what is seen as one sign."""
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


def _addresses(post: Post) -> set[str]:
    return {button.url for button in post.buttons if button.url}


def _span(text: str, channel: str | None) -> str:
    return grammar.channel(channel, text) if channel is not None else grammar.escaped(text)


def _in_one_line(text: str) -> str:
    return " · ".join(line.removeprefix("• ") for line in text.splitlines())
