"""The app's manifest: what an admin pastes into Slack, generated from what the code uses."""

from __future__ import annotations

from typing import Any, Literal

from bot.app import Names

BOT_SCOPES: dict[str, str] = {}
BOT_EVENTS: dict[str, str] = {}


def manifest(names: Names, mode: Literal["socket", "http"], language: str, url: str | None = None) -> dict[str, Any]:
    raise NotImplementedError
