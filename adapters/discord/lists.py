"""A Post in Components V2: one container in which each item is followed by its own buttons. Pure.

A message holds 40 components, those inside others counted, and a page of `/mentions` has 8 items of 5 buttons. Where
the buttons of all do not fit, each item that has several gets one menu instead: it costs 2 components whatever it
offers, and on a phone one wide line to tap rather than two lines of buttons. An address stands in the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adapters.discord import custom_ids
from adapters.discord.parts import (
    COLOUR,
    NOTHING,
    ROW,
    SELECT,
    Body,
    allowed,
    attachments,
    calls,
    components,
    file_name,
    fitted,
    heading,
    linked,
    rows,
)
from adapters.discord.splitting import pieces
from adapters.discord.text import size
from bot.markup import Markup
from bot.post import Button, Item, Picture, Post
from bot.texts import Texts

COMPONENTS_V2 = 1 << 15
"""Message flag IS_COMPONENTS_V2: once set it stays; content and embeds are forbidden."""

COMPONENTS, TEXT = 40, 4000
"""Of a message: https://discord.com/developers/docs/components/reference#component-object-component-types and
…/reference#legacy-message-component-behavior. Labels are counted as text too, to be on the safe side."""

CONTAINER, TEXT_DISPLAY, GALLERY = 17, 10, 12
PART = 3000
"""Characters of one text, so that something of the next fits beside it."""

OPTIONS, OPTION, PLACEHOLDER = 25, 100, 150
TITLE = 256

Block = list[Body]
"""Components that are not to be torn apart."""


def listed(post: Post, guild: str, speak: Texts) -> list[Body]:
    """The first body carries the pings and the picture, the last one the post's own buttons."""
    blocks = _blocks(post, guild, speak, menus=False)
    if len(_messages(blocks)) > 1:
        blocks = _blocks(post, guild, speak, menus=True)
    called = calls(post.pings)
    bodies = [_body(block, called) for block in _messages(blocks)]
    if post.picture is not None:
        bodies[0]["attachments"] = attachments(post.picture)
    return bodies


def _body(inside: Block, called: Sequence[str]) -> Body:
    written = "\n".join(str(part.get("content", "")) for part in inside)
    return {
        "flags": COMPONENTS_V2,
        "components": [{"type": CONTAINER, "accent_color": COLOUR, "components": [*_once(inside)]}],
        "allowed_mentions": allowed(written, called),
    }


def _once(inside: Block) -> Iterator[Body]:
    """Without what does the same as something before it: a message must not have one custom id twice."""
    seen: set[str] = set()
    for part in inside:
        if part["type"] == ROW:
            kept = [c for c in part["components"] if c.get("custom_id") not in seen]
            seen |= {c["custom_id"] for c in kept if "custom_id" in c}
            part = {**part, "components": kept}
        if part.get("components") != []:
            yield part


def _blocks(post: Post, guild: str, speak: Texts, *, menus: bool) -> list[Block]:
    title = heading(post.title, TITLE)
    called = calls(post.pings)
    head = [*([" ".join(called)] if called else []), *([f"### {title}"] if title else [])]
    blocks = [_text("\n".join(head))] if head else []
    if post.picture is not None:
        blocks.append([_picture(post.picture)])
    blocks += map(_text, pieces(post.body, PART))
    for field in post.fields:
        name = heading(field.name, TITLE)
        values = pieces(field.value, PART) or [NOTHING]
        blocks += map(_text, [f"**{name}**\n{values[0]}" if name else values[0], *values[1:]])
    for number, item in enumerate(post.items):
        blocks += _item(item, guild, speak, number, menus=menus)
    blocks += _small_print(post.context)
    blocks += [[row] for row in rows(post.buttons, guild)]
    return blocks or [_text(NOTHING)]


def _item(item: Item, guild: str, speak: Texts, number: int, *, menus: bool) -> Iterator[Block]:
    """Its text, the last part of which stays together with its buttons."""
    does = [button for button in item.buttons if button.url is None]
    texts = pieces(linked(item.body, item.buttons), PART) or [NOTHING]
    yield from map(_text, texts[:-1])
    hands = _menus(does, guild, speak, number) if menus and len(does) > 1 else rows(does, guild)
    yield [*_text(texts[-1]), *hands[:1]]
    yield from ([hand] for hand in hands[1:])


def _menus(buttons: Sequence[Button], guild: str, speak: Texts, number: int) -> list[Body]:
    """Choosing an option is pressing the button: its value is the button's own custom id."""
    ids = {b["custom_id"]: b["label"] for b in reversed([*components(buttons, guild)]) if not b["disabled"]}
    options = [{"label": fitted(label, OPTION), "value": id_} for id_, label in reversed(ids.items())]
    return [
        {
            "type": ROW,
            "components": [
                {
                    "type": SELECT,
                    "custom_id": custom_ids.encode(guild, "menu", f"{number}/{at}"),
                    "placeholder": fitted(speak.t("What is to be done?"), PLACEHOLDER),
                    "options": options[at : at + OPTIONS],
                }
            ],
        }
        for at in range(0, len(options), OPTIONS)
    ]


def _small_print(context: Markup) -> Iterable[Block]:
    for piece in pieces(context, PART // 2):
        yield _text("\n".join(f"-# {line}" for line in piece.splitlines() if line.strip()))


def _text(content: str) -> Block:
    return [{"type": TEXT_DISPLAY, "content": content}]


def _picture(picture: Picture) -> Body:
    media = {"url": f"attachment://{file_name(picture)}"}
    return {"type": GALLERY, "items": [{"media": media, "description": fitted(picture.alt, 256)}]}


def _messages(blocks: Iterable[Block]) -> list[Block]:
    """As many blocks in each message as it may hold."""
    done: list[Block] = []
    for block in blocks:
        if done and _count([*done[-1], *block]) < COMPONENTS and _length([*done[-1], *block]) <= TEXT:
            done[-1] += block
        else:
            done.append([*block])
    return done


def _count(parts: Iterable[Body]) -> int:
    """Components, without the container around them."""
    return sum(1 + len(part.get("components", ())) for part in parts)


def _length(parts: Iterable[Body]) -> int:
    total = 0
    for part in parts:
        total += size(part.get("content", "")) + size(part.get("label", "")) + size(part.get("placeholder", ""))
        total += sum(size(option["label"]) for option in part.get("options", ()))
        total += _length(part.get("components", ()))
    return total
