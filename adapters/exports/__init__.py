"""A Slack workspace export or a DiscordChatExporter file as a stream of events.

`demo/slack-export` is a chat that we made up, in Slack's own format, so that everything can be tried without a token:
nobody in it exists.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from adapters.exports.export import Export
from adapters.exports.opening import open_export

__all__ = ["DEMO_TEAM", "Export", "demo_export", "open_export"]

DEMO_TEAM: tuple[str, ...] = ("U0INES", "U0MALO", "U0RUTH")
"""The ids of those who look after the made-up community."""


def demo_export() -> Path:
    """The folder of the made-up chat, also when we are installed from a wheel."""
    return Path(str(resources.files(__name__) / "demo" / "slack-export"))
