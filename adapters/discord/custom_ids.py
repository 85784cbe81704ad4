"""The custom id of a component or a modal: for which guild, and what it does. Pure.

A button under a private message is pressed where no guild is told, so that the id carries it: `v1|GUILD|ACTION|VALUE`.
It is all that a button needs, so that those posted by an earlier process work as well.

What does not fit 100 characters, such as the long name of a team's own tip, is packed: two characters of ASCII into one
CJK ideograph, `v2|…`. That holds every value of up to 150 characters.
"""

from __future__ import annotations

from typing import NamedTuple

LENGTH = 100
"""Characters: https://discord.com/developers/docs/components/reference#anatomy-of-a-component"""

PLAIN, PACKED = "v1|", "v2|"
PADDING = "\0"
"""After an odd number of characters; it cannot be told from one of the value's own, which therefore has none."""
_FIRST = 0x4E00
"""The first of the 20,992 CJK unified ideographs, of which 2 × 7 bits need 16,384."""


class CustomId(NamedTuple):
    guild: str
    action: str
    value: str


def encode(guild: str, action: str, value: str) -> str | None:
    """None for what cannot be carried; no two different ones are ever equal."""
    if "|" in guild or "|" in action:
        return None
    text = f"{guild}|{action}|{value}"
    if len(PLAIN + text) <= LENGTH and text.isprintable():
        return PLAIN + text
    packed = PACKED + _pack(text) if text.isascii() and PADDING not in text else ""
    return packed if 0 < len(packed) <= LENGTH else None


def decode(custom_id: object) -> CustomId | None:
    """None for what is not ours."""
    if not isinstance(custom_id, str) or len(custom_id) > LENGTH:
        return None
    text = custom_id[len(PLAIN) :]
    if custom_id.startswith(PACKED):
        text = _unpack(text)
    elif not custom_id.startswith(PLAIN):
        return None
    guild, bar, rest = text.partition("|")
    action, second_bar, value = rest.partition("|")
    return CustomId(guild, action, value) if bar and second_bar else None


def _pack(text: str) -> str:
    padded = text + PADDING * (len(text) % 2)
    pairs = zip(padded[::2], padded[1::2], strict=True)
    return "".join(chr(_FIRST + (ord(first) << 7 | ord(second))) for first, second in pairs)


def _unpack(packed: str) -> str:
    """Empty for what was not packed by `_pack`."""
    codes = [ord(char) - _FIRST for char in packed]
    if any(not 0 <= code < 1 << 14 for code in codes):
        return ""
    return "".join(chr(code >> 7) + chr(code & 0x7F) for code in codes).removesuffix(PADDING)
