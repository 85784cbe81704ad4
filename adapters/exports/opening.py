"""Recognising what wrote an export."""

from __future__ import annotations

from pathlib import Path

from adapters.exports.discord_export import DiscordExport, Part, read_part
from adapters.exports.export import Export
from adapters.exports.files import Files, open_files, printable
from adapters.exports.slack_export import SlackExport, slack_root
from bot.errors import ExportError

_OTHER_FORMATS = frozenset({".csv", ".htm", ".html", ".txt"})


def open_export(path: Path) -> Export:
    """A Slack workspace export, as a zip or unpacked, or DiscordChatExporter's JSON: a file, a folder or a zip of them.

    `ExportError` when it is neither, naming what was looked for, and when a part of it is broken.
    """
    files = open_files(path)
    try:
        return _recognised(files, printable(path.name or path.resolve().name))
    except ExportError:
        files.close()
        raise


def _recognised(files: Files, label: str) -> Export:
    root = slack_root(files)
    if root is not None:
        return SlackExport(files, root, label)
    parts = _discord_parts(files)
    if parts:
        return DiscordExport(files, parts, label)
    raise ExportError(_neither(files, label))


def _discord_parts(files: Files) -> list[Part]:
    parts = (read_part(files, name) for name in files.names if name.lower().endswith(".json"))
    return [part for part in parts if part is not None]


def _neither(files: Files, label: str) -> str:
    text = (
        f"{label} is not a chat export. It is not a Slack export: no users.json and channels.json were found; expected "
        "the zip that Slack makes, or its unpacked folder. It is not a DiscordChatExporter export either: no JSON file "
        "with guild, channel and messages was found"
    )
    if any(Path(name).suffix.lower() in _OTHER_FORMATS for name in files.names):
        return f"{text}, and pages or tables cannot be read; export again with --format Json."
    return f"{text}; expected what it makes with --format Json."
