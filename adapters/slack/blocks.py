"""A post as Slack's blocks, and as the plain text of its notification. Pure.

What is said stands in this order: title, those who are called, body, figures, list, small print, buttons. The limits
are from https://docs.slack.dev/reference/block-kit/blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.slack import grammar
from adapters.slack.fallback import TEXT, cut, fallback
from adapters.slack.interactions import action_id
from adapters.slack.splitting import NOTHING, addresses, fitted, packed, pieces, size
from bot.post import Button, Field, Item, Post, Style

Block = dict[str, Any]

BLOCKS = 50
TOGETHER = 10_000
"""Characters in all blocks of one message. Slack refuses some 13,000 (`msg_blocks_too_long`) and documents no limit."""

HEADER, SECTION, FIELD, FIELDS, CONTEXT = 150, 3000, 2000, 10, 3000
LABEL, VALUE, ADDRESS, ID, IN_A_ROW = 75, 2000, 3000, 255, 25


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message: its blocks, and the text that notifications and screen readers use."""

    text: str
    blocks: list[Block]


@dataclass
class Rows:
    """Buttons of one message or view, in which no two may have the same id."""

    taken: dict[str, int] = field(default_factory=dict)

    def of(self, buttons: Iterable[Button]) -> list[Block]:
        """The buttons, without those that could not be pressed: no button at all is better than one that fails."""
        return [shown for button in buttons if (shown := self._button(button)) is not None]

    def _button(self, button: Button) -> Block | None:
        shown: Block = {"type": "button", "text": plain(button.label, LABEL)}
        if button.url is not None:
            opens = button.url.startswith(("https://", "http://")) and size(button.url) <= ADDRESS
            return shown | {"url": button.url, "action_id": self._id("open", "open")} if opens else None
        shown["action_id"] = self._id(button.action, action_id(button.action, 1))
        if button.value:
            shown["value"] = button.value
        if button.style is not Style.DEFAULT:
            shown["style"] = str(button.style)
        return shown if len(shown["action_id"]) <= ID and size(button.value) <= VALUE else None

    def _id(self, name: str, first: str) -> str:
        number = self.taken[first] = self.taken.get(first, 0) + 1
        if number == 1:
            return first
        return action_id(name, number) if first != name else f"{name}#{number}"


def rendered(post: Post) -> list[Rendered]:
    """Messages in the order in which they are to be sent; several when limits demand splitting.

    The first carries the title and the pings, the last one the buttons.
    """
    hands: list[list[Block]] = [[]]
    for together in groups(post, Rows()):
        length = sum(map(weight, together))
        if hands[-1] and not _takes(hands[-1], len(together), length):
            hands.append([])
        hands[-1] += together
    return [Rendered(_goes_on(blocks) if at else fallback(post), blocks) for at, blocks in enumerate(hands)]


def groups(post: Post, rows: Rows) -> Iterator[list[Block]]:
    """Blocks that are to stay together, in order."""
    buttons = rows.of(post.buttons)
    yield [*_heading(post), *map(section, packed(grammar.calls(post.pings), SECTION, " "))]
    for text in pieces(post.body, SECTION, addresses(post.buttons)):
        yield [section(text)]
    yield from ([block] for block in _figures(post.fields))
    for number, item in enumerate(post.items):
        yield from _item(item, rows, divided=number > 0)
    for text in pieces(post.context, CONTEXT):
        yield [context(text)]
    for at in range(0, len(buttons), IN_A_ROW):
        yield [{"type": "actions", "elements": buttons[at : at + IN_A_ROW]}]


def plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": fitted(text, limit), "emoji": True}


def mrkdwn(text: str) -> Block:
    """`verbatim`: Slack makes no link or name of anything that we did not write as one."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def section(text: str) -> Block:
    """`expand`: shown whole, not behind *See more*."""
    return {"type": "section", "text": mrkdwn(text), "expand": True}


def context(text: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text)]}


def weight(block: Block) -> int:
    """Characters of all texts in a block."""
    texts = [block.get("text"), *block.get("fields", ()), *block.get("elements", ()), block.get("accessory")]
    inside = [told["text"] if isinstance(told["text"], dict) else told for told in texts if told and "text" in told]
    return sum(size(text["text"]) for text in inside)


def _takes(blocks: Sequence[Block], more: int, length: int) -> bool:
    return len(blocks) + more <= BLOCKS and sum(map(weight, blocks)) + length <= TOGETHER


def _heading(post: Post) -> list[Block]:
    return [{"type": "header", "text": plain(post.title, HEADER)}] if post.title.strip() else []


def _figures(fields: Iterable[Field]) -> Iterator[Block]:
    """A value that is too long goes on in a further field."""
    shown: list[Block] = []
    for one in fields:
        name = f"*{fitted(one.name, HEADER, grammar.literal)}*"
        for at, value in enumerate(pieces(one.value, FIELD - size(name) - 1) or [NOTHING]):
            shown.append(mrkdwn(value if at else f"{name}\n{value}"))
    for at in range(0, len(shown), FIELDS):
        yield {"type": "section", "fields": shown[at : at + FIELDS]}


def _item(item: Item, rows: Rows, *, divided: bool) -> Iterator[list[Block]]:
    """A list's entry. One button stands beside the text, several in a row of their own beneath it."""
    buttons = rows.of(item.buttons)
    texts = [section(text) for text in pieces(item.body, SECTION, addresses(item.buttons))] or [section(NOTHING)]
    if len(buttons) == 1:
        texts[-1]["accessory"] = buttons[0]
        buttons = []
    rest = [{"type": "actions", "elements": buttons[at : at + IN_A_ROW]} for at in range(0, len(buttons), IN_A_ROW)]
    parts = [[text] for text in texts]
    if divided and rest:
        parts[0].insert(0, {"type": "divider"})
    parts[-1] += rest
    yield from parts


def _goes_on(blocks: Iterable[Block]) -> str:
    """The notification of a message that goes on where another one ended."""
    texts = [block["text"]["text"] for block in blocks if "text" in block]
    return cut("\n".join(texts), TEXT) or NOTHING
