"""Taking JSON by somebody else for what it should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard


class Malformed(ValueError):
    """One message that is not as its format promises; the text says in which way."""


def as_dict(value: object) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else []


def is_id(value: object) -> TypeGuard[str]:
    """Whether it may be the platform's id of something. All of them are ASCII, without control characters."""
    return isinstance(value, str) and value.isascii() and value.isprintable() and value != ""


def kind_of(value: object) -> str:
    """What it is instead, in words for an error."""
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def clean(text: str) -> str:
    """Without NUL, and halves of surrogate pairs: texts cut in the middle of an emoji, which cannot be printed."""
    text = text.replace("\x00", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text
