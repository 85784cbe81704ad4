"""The App Home tab: https://docs.slack.dev/surfaces/app-home. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.slack.views import stacked
from bot.post import Post


def home_view(posts: Sequence[Post]) -> dict[str, Any]:
    """A member's page: the posts that the core chose for them, one beneath the other."""
    return {"type": "home", "blocks": stacked(posts)}
