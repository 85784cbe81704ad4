"""A Post as a card: its title as the message's content, all else in one embed, buttons in rows beneath. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.discord.parts import (
    COLOUR,
    NOTHING,
    ROWS,
    Body,
    allowed,
    attachments,
    calls,
    file_name,
    heading,
    linked,
    rows,
)
from adapters.discord.splitting import packed, pieces
from adapters.discord.text import leads_somewhere, size
from bot.markup import Markup, parse, plain
from bot.post import Field, Post

CONTENT = 2000
TITLE = 256
DESCRIPTION, FIELD_NAME, FIELD_VALUE, FIELDS, FOOTER = 4096, 256, 1024, 25, 2048
"""Of an embed: https://discord.com/developers/docs/resources/message#embed-object-embed-limits"""

EMBED, EMBEDS = 6000, 10
"""Characters of all embeds of a message together, and how many they may be."""


def card(post: Post, guild: str) -> list[Body]:
    """The first body carries the pings and the picture, the last one the buttons."""
    title = heading(post.title, TITLE)
    called = calls(post.pings)
    contents = packed([*called, *([f"**{title}**"] if title else [])], CONTENT, " ") or [""]
    cards = _together(_embeds(post)) or [[]]
    buttons = rows(post.buttons, guild)
    hands = [buttons[at : at + ROWS] for at in range(0, len(buttons), ROWS)] or [[]]
    bodies = [_body(content) for content in contents[:-1]]
    bodies += [_body("" if at else contents[-1], embeds) for at, embeds in enumerate(cards)]
    bodies[-1]["components"] = hands[0]
    bodies += [_body("", components=hand) for hand in hands[1:]]
    for body in bodies:
        body["allowed_mentions"] = allowed(body["content"], called)
        if not body["content"] and not body["embeds"]:
            body["content"] = NOTHING
    if post.picture is not None:
        first = bodies[0]
        first["embeds"] = first["embeds"] or [{"color": COLOUR}]
        first["embeds"][0]["image"] = {"url": f"attachment://{file_name(post.picture)}"}
        first["attachments"] = attachments(post.picture)
    return bodies


def _body(content: str, embeds: Sequence[Body] = (), components: Sequence[Body] = ()) -> Body:
    return {"content": content, "embeds": [*embeds], "components": [*components]}


def _together(embeds: Iterable[Body]) -> list[list[Body]]:
    """As many embeds in each message as it may hold, so that a long list stays one message."""
    messages: list[list[Body]] = []
    for embed in embeds:
        if messages and sum(map(_length, [*messages[-1], embed])) <= EMBED and len(messages[-1]) < EMBEDS:
            messages[-1].append(embed)
        else:
            messages.append([embed])
    return messages


def _embeds(post: Post) -> list[Body]:
    """As many as its texts need."""
    paragraphs = [*pieces(post.body, DESCRIPTION)]
    for item in post.items:
        paragraphs += pieces(linked(item.body, item.buttons), DESCRIPTION)
    footer, note = _small_print(post.context)
    between = "\n\n" if post.items else "\n"
    embeds: list[Body] = [
        {"color": COLOUR, "description": text} for text in packed([*paragraphs, *note], DESCRIPTION, between)
    ]
    for field in _fields(post.fields):
        if not embeds or not _takes(embeds[-1], field):
            embeds.append({"color": COLOUR})
        embeds[-1].setdefault("fields", []).append(field)
    if footer:
        if not embeds or _length(embeds[-1]) + size(footer) > EMBED:
            embeds.append({"color": COLOUR})
        embeds[-1]["footer"] = {"text": footer}
    return embeds


def _small_print(context: Markup) -> tuple[str, list[str]]:
    """The context as a footer; one with links, which a footer would not show, as small lines under the text instead."""
    text = plain(context).strip()
    spans = [span for line in parse(context) for span in line.spans]
    leads = any(span.url or span.channel or leads_somewhere(span.text) for span in spans)
    if not leads and size(text) <= FOOTER:
        return text, []
    return "", [f"-# {line}" for piece in pieces(context, DESCRIPTION - 100) for line in piece.splitlines() if line]


def _fields(fields: Iterable[Field]) -> Iterable[Body]:
    """A value that is too long goes on in a further field."""
    for field in fields:
        for at, value in enumerate(pieces(field.value, FIELD_VALUE) or [NOTHING]):
            name = (not at and heading(field.name, FIELD_NAME)) or NOTHING
            yield {"name": name, "value": value, "inline": False}


def _takes(embed: Body, field: Body) -> bool:
    fits = _length(embed) + size(field["name"]) + size(field["value"]) <= EMBED
    return fits and len(embed.get("fields", ())) < FIELDS


def _length(embed: Body) -> int:
    fields = sum(size(field["name"]) + size(field["value"]) for field in embed.get("fields", ()))
    return size(embed.get("description", "")) + fields + size(embed.get("footer", {}).get("text", ""))
