"""Reading what a page asks for: whatever arrives is either a Request with all that its kind needs, or refused."""

from __future__ import annotations

import json
import math
from typing import Any, cast

from adapters.sandbox.protocol import Request
from bot.texts import later

LONGEST_TEXT = 4000
"""Characters of a message, as on the platforms."""

LONGEST_WORD = 200
"""Characters of an id, a name or anything else that is no message."""

MALFORMED = later("The page sent something that cannot be understood. Please load it again.")
TOO_LONG = later("That is too long: at most 4,000 characters.")

NEEDS: dict[str, tuple[str, ...]] = {
    "say": ("person", "channel", "text"),
    "edit": ("person", "message", "text"),
    "delete": ("person", "message"),
    "react": ("person", "message", "emoji", "on"),
    "press": ("person", "channel", "action", "value"),
    "submit": ("person", "channel", "form", "value", "values"),
    "clock": (),
    "older": ("channel", "before"),
    "complete": ("person", "text"),
    "language": ("language",),
    "restart": (),
    "replay": (),
}

_WORDS = frozenset(
    ("person", "channel", "thread", "message", "emoji", "action", "value", "private_id", "form", "move", "before")
) | {"language"}
_FLAGS = frozenset(("on", "running", "playing"))


class Refused(Exception):
    """A request that is not done. The text is one of the catalogue's; `id` is the request's, where it has one."""

    def __init__(self, message: str, id_: str = "") -> None:
        super().__init__(message)
        self.id = id_


def read(data: str) -> Request:
    """The request in a frame. Raises `Refused` for anything else."""
    try:
        asked = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused(MALFORMED) from None
    if not isinstance(asked, dict):
        raise Refused(MALFORMED)
    id_ = asked.get("id")
    if not isinstance(id_, str) or not 0 < len(id_) <= LONGEST_WORD:
        raise Refused(MALFORMED)
    id_ = clean(id_)
    kind = asked.get("kind")
    if asked.get("type") != "request" or not isinstance(kind, str) or kind not in NEEDS:
        raise Refused(MALFORMED, id_)
    given = {key: value for key, value in asked.items() if value is not None}
    if any(key not in given for key in NEEDS[kind]):
        raise Refused(MALFORMED, id_)
    try:
        return cast("Request", {key: _checked(key, value) for key, value in given.items()})
    except Refused as error:
        raise Refused(str(error), id_) from None


def _checked(key: str, value: object) -> Any:
    if key == "text":
        return _text(value, LONGEST_TEXT)
    if key == "values":
        if not isinstance(value, dict) or len(value) > 20:
            raise Refused(MALFORMED)
        return {_text(name, LONGEST_WORD): _text(text, LONGEST_TEXT) for name, text in value.items()}
    if key in _WORDS:
        return _text(value, LONGEST_WORD)
    if key in _FLAGS and not isinstance(value, bool):
        raise Refused(MALFORMED)
    if key == "speed" and not _is_number(value):
        raise Refused(MALFORMED)
    return clean(value) if isinstance(value, str) else value


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise Refused(MALFORMED)
    if len(value) > longest:
        raise Refused(TOO_LONG if longest == LONGEST_TEXT else MALFORMED)
    return clean(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def clean(text: str) -> str:
    """`text` without what is no text: control characters but tabs and line ends, and halves of characters."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\r\n", "\n")
    return "".join(char for char in whole if char in "\n\t" or (char.isprintable() or ord(char) > 159))
