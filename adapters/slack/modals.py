"""Forms, and private replies where there is no channel to show them in, as Slack's modals."""

from __future__ import annotations

from typing import Any

from bot.model import Place
from bot.post import Form, Post


def form_view(form: Form, place: Place) -> dict[str, Any]:
    raise NotImplementedError


def post_view(post: Post, title: str) -> dict[str, Any]:
    raise NotImplementedError
