"""Small exports, written as Slack and DiscordChatExporter write them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from adapters.exports.export import PLATFORM, Export
from adapters.exports.guild import Guild
from adapters.exports.workspace import Workspace, read_workspace
from bot.events import MessagePosted
from bot.model import Community, Message, Place

TEAM = "T1"
COMMUNITY = Community(PLATFORM, TEAM)
GENERAL = Place(COMMUNITY, "C1")
GUILD = Community(PLATFORM, "900")
HELP = Place(GUILD, "100")

USERS: list[dict[str, Any]] = [
    {"id": "U1", "team_id": TEAM, "name": "ines", "profile": {"display_name": "Inès", "real_name": "Inès Caron"}},
    {"id": "U2", "team_id": TEAM, "name": "karim", "deleted": True, "profile": {"real_name": "Karim H."}},
    {"id": "U3", "team_id": TEAM, "name": "forge", "is_bot": True, "profile": {"real_name": "La Forge"}},
    {"id": "USLACKBOT", "team_id": TEAM, "name": "slackbot", "is_bot": False, "profile": {"real_name": "Slackbot"}},
    {"id": "U9", "team_id": "T9", "name": "ann", "is_stranger": True, "profile": {"real_name": "Ann Other"}},
]
CHANNELS: list[dict[str, Any]] = [{"id": "C1", "name": "general"}, {"id": "C2", "name": "support"}]

DAY = 86_400
START = 1_788_998_400  # 2026-09-10 00:00 UTC

Days = Mapping[str, Sequence[object]]


def workspace() -> Workspace:
    return read_workspace(USERS, {"C1": "general", "C2": "support"})


def said(ts: str, text: str = "hello", user: str = "U1", **more: object) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": ts, "team": TEAM, **more}


def slack_files(days: Days, **lists: object) -> dict[str, bytes]:
    """`days` are `channel/2026-09-10` to messages."""
    files = {"users.json": USERS, "channels.json": CHANNELS, **{f"{name}.json": its for name, its in lists.items()}}
    files |= {f"{name}.json": list(messages) for name, messages in days.items()}
    return {name: json.dumps(data).encode() for name, data in files.items()}


def as_folder(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return path


def as_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def guild() -> Guild:
    return Guild(GUILD, {"100": "help", "101": "lounge"})


def person(
    id_: str, name: str, nickname: str | None = None, roles: Iterable[tuple[str, str]] = (), *, bot: bool = False
) -> dict[str, Any]:
    return {
        "id": id_,
        "name": name,
        "discriminator": "0000",
        "nickname": nickname or name,
        "color": None,
        "isBot": bot,
        "roles": [{"id": role, "name": its, "color": None, "position": 1} for role, its in roles],
        "avatarUrl": "https://cdn.example.org/0.png",
    }


ALICE = person("1", "alice", "Alice A.")
STAFF = person("2", "bob", "Bob", [("55", "Helpers")])


def posted(id_: int, content: str = "hello", author: Mapping[str, Any] = ALICE, **more: object) -> dict[str, Any]:
    """One second later for each `id_`."""
    return {
        "id": str(id_),
        "type": "Default",
        "timestamp": f"2026-09-10T08:{id_ // 60 % 60:02}:{id_ % 60:02}.5+00:00",
        "timestampEdited": None,
        "isPinned": False,
        "content": content,
        "author": author,
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
        **more,
    }


def discord_file(messages: Sequence[object], channel: Mapping[str, Any] | None = None, guild_id: str = "900") -> bytes:
    text_channel = {"id": "100", "type": "GuildTextChat", "categoryId": "7", "category": "Talk", "name": "help"}
    data = {
        "guild": {"id": guild_id, "name": "Cambouis", "iconUrl": ""},
        "channel": {**text_channel, **(channel or {})},
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2026-09-20T00:00:00+00:00",
        "messages": list(messages),
        "messageCount": len(messages),
    }
    return json.dumps(data, indent=2, ensure_ascii=False).encode()


def messages(export: Export, *channels: str) -> list[Message]:
    events = export.events(channels or None)
    return [event.message for event in events if isinstance(event, MessagePosted)]


def texts(export: Export, *channels: str) -> list[str]:
    return [message.text for message in messages(export, *channels)]


def two_days() -> Days:
    return {
        "general/2026-09-10": [said(f"{START + 10}.000001", "a"), said(f"{START + 40}.0", "d")],
        "support/2026-09-10": [said(f"{START + 30}.0", "c"), said(f"{START + 20}.0", "b")],
        "general/2026-09-11": [said(f"{START + DAY + 2}.0", "g"), said(f"{START + 50}.0", "e")],
        "support/2026-09-11": [said(f"{START + DAY + 1}.0", "f")],
    }
