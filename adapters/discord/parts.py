"""What cards and lists are made of: titles, pings, buttons, pictures. Pure.

Types and limits: https://discord.com/developers/docs/components/reference
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from adapters.discord import custom_ids
from adapters.discord.text import escape, size
from bot.excerpt import shorten, signs
from bot.markup import Markup, link, parse
from bot.model import Ping, PingKind
from bot.post import Button, Picture, Post, Style

Body = dict[str, Any]

ROW, BUTTON, SELECT = 1, 2, 3
ROWS, IN_A_ROW = 5, 5
LABEL = 80
ADDRESS = 512
"""Of a link button."""

LINK_STYLE = 5
STYLES = {Style.PRIMARY: 1, Style.DEFAULT: 2, Style.DANGER: 4}

PICTURE_TEXT = 1024
"""Characters of an attachment's description: what a screen reader says of it."""

COLOUR = 0x1F6F8B
"""Of the line beside a post: the sea."""

NOTHING = "…"
"""Stands where Discord wants a text and there is none."""

_SNOWFLAKE = re.compile(r"[0-9]{1,20}")
_ADDRESS = re.compile(r"https?://[^\s()<>]+")


class File(NamedTuple):
    """To be uploaded beside the first body, as `files[0]`; the body's `attachments` names it already."""

    name: str
    data: bytes
    mime: str


def file_of(post: Post) -> File | None:
    """The picture that belongs to the first body."""
    if post.picture is None:
        return None
    return File(file_name(post.picture), post.picture.data, post.picture.mime)


def file_name(picture: Picture) -> str:
    """Only letters: `attachment://` finds no other names."""
    return f"picture.{re.sub('[^a-z]', '', picture.mime.partition('/')[2]) or 'png'}"


def attachments(picture: Picture) -> list[Body]:
    return [{"id": "0", "filename": file_name(picture), "description": fitted(picture.alt, PICTURE_TEXT)}]


def fitted(text: str, limit: int) -> str:
    """Plain text on one line, shortened visibly to `limit` UTF-16 units; never empty."""
    text = shorten(text, limit)
    if size(text) > limit:
        kept, length = "", 1
        for sign in signs(text):
            length += size(sign)
            if length > limit:
                break
            kept += sign
        text = f"{kept.rstrip()}…"
    return text or NOTHING


def heading(title: str, limit: int) -> str:
    """A title on one line, escaped; empty when there is none."""
    flat = shorten(title, limit)
    while size(escape(flat)) > limit:
        flat = shorten(flat, max(1, len(flat) * 3 // 4))
    return escape(flat)


def calls(pings: Iterable[Ping]) -> list[str]:
    """How those whom a post may call are written, each once; everybody at once cannot be."""
    forms = {PingKind.MEMBER: "<@{}>", PingKind.ROLE: "<@&{}>"}
    known = [ping for ping in pings if ping.kind in forms and _SNOWFLAKE.fullmatch(ping.id)]
    return list(dict.fromkeys(forms[ping.kind].format(ping.id) for ping in known))


def allowed(written: str, called: Iterable[str]) -> Body:
    """The allowed mentions of a text: those of `called` that stand in it, and nobody else, whatever else it says."""
    here = [form for form in called if form in written]
    return {
        "parse": [],
        "users": [form[2:-1] for form in here if "&" not in form],
        "roles": [form[3:-1] for form in here if "&" in form],
        "replied_user": False,
    }


def rows(buttons: Iterable[Button], guild: str) -> list[Body]:
    """Action rows of up to five buttons; one that does what an earlier one does already is left out."""
    made = {str(b.get("custom_id") or b.get("url")): b for b in reversed([*components(buttons, guild)])}
    listed = list(reversed(made.values()))
    return [{"type": ROW, "components": listed[at : at + IN_A_ROW]} for at in range(0, len(listed), IN_A_ROW)]


def components(buttons: Iterable[Button], guild: str) -> Iterable[Body]:
    for number, button in enumerate(buttons):
        label = fitted(button.label, LABEL)
        if button.url is not None:
            if opens(button):
                yield {"type": BUTTON, "style": LINK_STYLE, "label": label, "url": button.url}
            continue
        id_ = custom_ids.encode(guild, button.action, button.value)
        yield {
            "type": BUTTON,
            "style": STYLES[button.style],
            "label": label,
            "custom_id": id_ or f"v0|{number}",
            "disabled": id_ is None,
        }


def opens(button: Button) -> bool:
    """Whether it can be a link button."""
    return button.url is not None and len(button.url) <= ADDRESS and _ADDRESS.fullmatch(button.url) is not None


def linked(text: Markup, buttons: Sequence[Button]) -> Markup:
    """`text` with the addresses of link buttons that it does not tell yet."""
    told = {span.url for line in parse(text) for span in line.spans}
    links = [link(button.label, button.url) for button in buttons if button.url and button.url not in told]
    return Markup("\n").join(part for part in (text, Markup(" · ").join(links)) if part)
