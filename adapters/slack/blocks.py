"""A post as Slack's blocks, and as the plain text of its notification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.post import Picture, Post


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message: its blocks, and the text that notifications and screen readers use."""

    text: str
    blocks: list[dict[str, Any]]
    picture: Picture | None = None


def rendered(post: Post) -> list[Rendered]:
    raise NotImplementedError
