"""Small Slack and Discord exports in which it is known who waits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.exports.making import ALICE, STAFF, as_folder, discord_file, person, posted, said, slack_files

MONDAY = 1_789_344_000
"""2026-09-14 00:00 UTC, a Monday."""


def ts(hours: float) -> str:
    """So many hours into that Monday, as Slack writes it."""
    return f"{MONDAY + hours * 3600:.6f}"


def slack(path: Path, *messages: dict[str, Any], channel: str = "support") -> Path:
    """Of Slack, with one day of messages in one channel. Inès (U1) is of the team, Karim (U2) is not."""
    return as_folder(path, slack_files({f"{channel}/2026-09-14": messages}))


def day(path: Path) -> Path:
    """Karim asks three times: answered after five minutes, after an hour, never; and the day goes on until 20:00."""
    return slack(
        path,
        said(ts(8), "How do I reset my password?", "U2"),
        said(ts(8.08), "From the settings page.", "U1", thread_ts=ts(8)),
        said(ts(10), "Why is the export empty?", "U2"),
        said(ts(11), "Because of the filter.", "U1", thread_ts=ts(10)),
        said(ts(15.9), "Can I have two accounts?", "U2"),
        said(ts(20), "thanks all", "U9"),
    )


def guild(path: Path) -> Path:
    """Of Discord: Alice pings the role 55, and Bob, who has it, speaks an hour before."""
    zoe = person("3", "zoe", "Zoé")
    return as_folder(
        path,
        {
            "help.json": discord_file(
                [
                    posted(10, "Good morning everybody, the new version is out", STAFF),
                    posted(3000, "@Helpers the invite link does not work", ALICE),
                    posted(3590, "nice weather", zoe),
                ]
            )
        },
    )
