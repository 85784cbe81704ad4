"""How a message carries the key of its delivery, so that it can be found again. Pure.

Discord keeps a `nonce` for some minutes and does not give it back in a channel's history ("not stored long term",
discord.py's `Message.nonce`). So the key travels in the message itself, where people see nothing of it, in two ways of
which each is enough: as the `id` of its first row of components, a number that is ours to choose
(https://docs.discord.com/developers/components/reference#anatomy-of-a-component), and as characters without a width at
the end of its text, which servers that only resemble Discord keep as well.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Iterator
from typing import Any, NamedTuple

from adapters.discord.text import size

PARTS = 8
"""Messages of one post, at most: three bits each for a message's number and for how many there are."""

CONTENT, FOOTER, DESCRIPTION = 2000, 2048, 4096
"""Characters: https://docs.discord.com/developers/resources/message#embed-object-embed-limits"""

_SIGNS = "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}\N{WORD JOINER}\N{INVISIBLE SEPARATOR}"
_LENGTH = 16
"""Signs of two bits each."""

_STARTS = "\N{WORD JOINER}\N{INVISIBLE SEPARATOR}" * 2
_WIDTH = _LENGTH + len(_STARTS)
_OF = (1 << 24) - 1


class Mark(NamedTuple):
    """`part` of `parts` messages, from 0; `of` is the same for all messages of one delivery."""

    of: int
    part: int
    parts: int

    @property
    def number(self) -> int:
        """Between 1 and 2^31-1."""
        return 1 << 30 | (self.of & _OF) << 6 | self.part << 3 | self.parts - 1

    @classmethod
    def of_number(cls, number: object) -> Mark | None:
        if not isinstance(number, int) or number >> 30 != 1:
            return None
        part, parts = number >> 3 & 7, (number & 7) + 1
        return cls(number >> 6 & _OF, part, parts) if part < parts else None


def digest(key: str) -> int:
    """What stands for a key in a `Mark`: 24 bits, as it is looked for only among our own latest messages of a place."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:3])


def nonce(key: str, part: int = 0) -> str:
    """25 characters, the same for the same key whatever the process."""
    named = key if part == 0 else f"{key}#{part}"
    return b32encode(hashlib.sha256(named.encode()).digest()).decode()[:25]


def marked(body: dict[str, Any], mark: Mark) -> dict[str, Any]:
    """The body of a message, carrying the mark; the given one stays as it is."""
    if body.get("components"):
        first, *others = body["components"]
        body = {**body, "components": [{**first, "id": mark.number}, *others]}
        if not (body.get("embeds") or body.get("content")):
            return body  # Components V2, which have no other text
    signs = _written(mark.number)
    content = body.get("content") or ""
    # A moderator may hide a message's embeds, after which Discord gives none: what has words keeps the mark there.
    if embeds := body.get("embeds") if not 0 < size(content) <= CONTENT - _WIDTH else None:
        *rest, last = embeds
        if (ending := _ending(last, signs)) is not None:
            return {**body, "embeds": [*rest, ending]}
    return {**body, "content": f"{content}{signs}"}


def mark_of(message: Any) -> Mark | None:
    """The mark of a message of ours; None when it carries none."""
    for component in message.get("components") or ():
        if (mark := Mark.of_number(component.get("id"))) is not None:
            return mark
    for text in _texts(message):
        if (at := text.rfind(_STARTS)) >= 0:
            signs = text[at + len(_STARTS) : at + len(_STARTS) + _LENGTH]
            if len(signs) == _LENGTH and all(sign in _SIGNS for sign in signs):
                number = sum(_SIGNS.index(sign) << 2 * i for i, sign in enumerate(signs))
                if (mark := Mark.of_number(number)) is not None:
                    return mark
    return None


def _written(number: int) -> str:
    return _STARTS + "".join(_SIGNS[number >> 2 * i & 3] for i in range(_LENGTH))


def _ending(embed: dict[str, Any], signs: str) -> dict[str, Any] | None:
    """An embed whose last text with room for them ends with `signs`."""
    footer, description = embed.get("footer"), embed.get("description")
    if footer and len(footer["text"]) <= FOOTER - _WIDTH:
        return {**embed, "footer": {**footer, "text": f"{footer['text']}{signs}"}}
    if description and len(description) <= DESCRIPTION - _WIDTH:
        return {**embed, "description": f"{description}{signs}"}
    return None


def _texts(message: Any) -> Iterator[str]:
    for embed in message.get("embeds") or ():
        yield str((embed.get("footer") or {}).get("text") or "")
        yield str(embed.get("description") or "")
    yield str(message.get("content") or "")
