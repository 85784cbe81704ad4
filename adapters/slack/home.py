"""The App Home tab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.post import Post


def home_view(posts: Sequence[Post]) -> dict[str, Any]:
    raise NotImplementedError
