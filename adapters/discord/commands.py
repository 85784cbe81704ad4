"""The core's commands as Discord's application commands. Pure."""

from __future__ import annotations

from typing import Any

from bot.app import Names


def application_commands(names: Names) -> list[dict[str, Any]]:
    """For `PUT /applications/{id}/commands`."""
    raise NotImplementedError


def fingerprint(commands: list[dict[str, Any]]) -> str:
    """The same for the same commands, in whatever process."""
    raise NotImplementedError
