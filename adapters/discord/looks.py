"""A Post as bodies for *create message*, *edit message* and interaction responses. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from bot.model import Community
from bot.post import Post

COMPONENTS_V2 = 1 << 15
"""Message flag IS_COMPONENTS_V2: once set it stays; content and embeds are forbidden."""


class File(NamedTuple):
    """To be uploaded beside the first body, as `files[0]`; the body's `attachments` names it already."""

    name: str
    data: bytes
    mime: str


def rendered(
    post: Post, speak_language: str | None, origin: Community, *, components_v2: bool = False
) -> list[dict[str, Any]]:
    """Bodies in the order in which they are to be sent; several when limits demand splitting.

    `components_v2` when they are to replace a message that has that flag already (`has_components_v2`), since it cannot
    be taken away again. Flags are to be combined (`|`) with the caller's own, such as EPHEMERAL.
    """
    raise NotImplementedError


def as_edit(body: dict[str, Any]) -> dict[str, Any]:
    """The same body for an edit: what it does not have is taken away from the message."""
    raise NotImplementedError


def has_components_v2(message: Any) -> bool:
    """Whether this message's payload has the flag."""
    raise NotImplementedError


def file_of(post: Post) -> File | None:
    """The picture that belongs to the first body."""
    raise NotImplementedError
