"""The messages that every contender is given, as Slack and as Discord would tell them: real chats, where they are."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from zipfile import ZipFile

ROOT = Path(__file__).parent.parent
CHATS = ROOT.parent / "shared" / "chats"
DEMO = ROOT / "adapters" / "exports" / "demo" / "slack-export"

TEAM = 5
"""Where nobody says who the team is, those who wrote most stand for it."""

ME = "UVIGIE"
MY_NUMBER = "1000000000000000001"
GUILD = "1100000000000000000"
_DISCORD_EPOCH = 1_420_070_400_000
_SLACK_NAME = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")


@dataclass(frozen=True)
class Said:
    """One message. `channel` is the Slack id of the chat that it is from."""

    channel: str
    user: str
    text: str
    ts: str


@dataclass(frozen=True)
class Stream:
    """Messages in the order in which they come, and the ids of those who are the team."""

    said: list[Said]
    team: list[str]
    source: str

    @property
    def channels(self) -> list[str]:
        return sorted({said.channel for said in self.said})

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def load(cls, path: Path) -> Stream:
        told = json.loads(path.read_text("utf-8"))
        return cls([Said(**said) for said in told["said"]], told["team"], told["source"])


def stream(messages: int) -> Stream:
    """So many messages, of each given community as many; without the given chats those of the demo, over and over."""
    if not CHATS.exists():
        files = {path.relative_to(DEMO).as_posix(): path.read_bytes() for path in DEMO.rglob("*.json")}
        chat = _read("C0DEMO", files)
        team = {user for user, _ in Counter(said.user for said in chat).most_common(TEAM)}
        return Stream(_repeated(chat, messages), sorted(team), "the demo's chat, repeated")
    said: list[Said] = []
    team = set()
    kinds = [list(paths) for _, paths in groupby(sorted(CHATS.glob("*.zip")), key=lambda p: p.stem.partition("-")[0])]
    for paths in kinds:
        left = messages // len(kinds)
        for path in paths:
            with ZipFile(path) as archive:
                chat = _read(f"C{len(said):07}", {name: archive.read(name) for name in archive.namelist()})
            team |= _team(path, chat)
            said += chat[:left]
            left -= min(left, len(chat))
    return Stream(said, sorted(team), f"given chats of {len(kinds)} communities")


def _read(channel: str, files: Mapping[str, bytes]) -> list[Said]:
    """What people said in all channels of an export, as if it had been one."""
    found = [
        Said(channel, told["user"], told["text"], told["ts"])
        for name, text in files.items()
        if re.search(r"\d{4}-\d\d-\d\d\.json$", name)
        for told in json.loads(text)
        if told.get("text") and told.get("user") and not told.get("subtype")
    ]
    return sorted(found, key=lambda said: float(said.ts))


def _team(path: Path, chat: list[Said]) -> set[str]:
    truth = path.with_suffix(".truth.json")
    if truth.exists():
        return set(json.loads(truth.read_text("utf-8"))["team"])
    return {user for user, _ in Counter(said.user for said in chat).most_common(TEAM)}


def _repeated(chat: list[Said], messages: int) -> list[Said]:
    """Each time as if it were later, so that no message comes twice."""
    span = float(chat[-1].ts) - float(chat[0].ts) + 86_400
    return [
        Said(one.channel, one.user, one.text, f"{float(one.ts) + span * (n // len(chat)):.6f}")
        for n in range(messages)
        for one in (chat[n % len(chat)],)
    ]


# as Slack tells them


def slack_bodies(told: Stream, team: str) -> Iterator[dict[str, Any]]:
    """Envelopes of the Events API, as new objects: https://docs.slack.dev/apis/events-api/#callback-field"""
    for number, said in enumerate(told.said):
        block = {
            "type": "rich_text",
            "block_id": f"b{number}",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": said.text}]}],
        }
        yield {
            "token": "none",
            "team_id": team,
            "context_team_id": team,
            "context_enterprise_id": None,
            "api_app_id": "A0BENCH",
            "event": {
                "type": "message",
                "user": said.user,
                "ts": said.ts,
                "client_msg_id": f"{number:032x}",
                "text": said.text,
                "team": team,
                "blocks": [block],
                "channel": said.channel,
                "event_ts": said.ts,
                "channel_type": "channel",
            },
            "type": "event_callback",
            "event_id": f"Ev{team}{number}",
            "event_time": int(float(said.ts)),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team,
                    "user_id": ME,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"ec{number}",
        }


# as Discord tells them


def number_of(slack_id: str) -> str:
    """A snowflake for an id of Slack's, the same whoever asks."""
    return str(1_100_000_000_000_000_000 + int.from_bytes(slack_id.encode()[-7:], "big") % (1 << 50) + 1)


def discord_bodies(told: Stream, guild: str) -> Iterator[dict[str, Any]]:
    """The payloads of MESSAGE_CREATE: https://docs.discord.com/developers/events/gateway-events#message-create"""
    for number, said in enumerate(told.said):
        named = list(dict.fromkeys(_SLACK_NAME.findall(said.text)))
        at = float(said.ts) % 31_536_000 + 1_700_000_000  # Discord is younger than some of the chats
        yield {
            "id": str(((int(at * 1000) - _DISCORD_EPOCH) << 22) + number),
            "channel_id": number_of(said.channel),
            "guild_id": guild,
            "type": 0,
            "author": _user(said.user),
            "member": _member(),
            "content": _SLACK_NAME.sub(lambda name: f"<@{number_of(name[1])}>", said.text)[:2000],
            "timestamp": f"{_iso(at)}",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [{**_user(user), "member": _member()} for user in named],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "flags": 0,
            "nonce": str(number),
        }


def discord_ready() -> dict[str, Any]:
    user = {"id": MY_NUMBER, "username": "Vigie", "discriminator": "0", "avatar": None, "bot": True, "flags": 0}
    return {
        "user": {**user, "verified": True, "mfa_enabled": False},
        "guilds": [],
        "session_id": "s",
        "resume_gateway_url": "wss://gateway.discord.gg",
        "shard": [0, 1],
        "application": {"id": "1", "flags": 0},
    }


def discord_guild(guild: str, channels: list[str]) -> dict[str, Any]:
    """The payload of GUILD_CREATE, with these channels."""
    shared = {"guild_id": guild, "type": 0, "permission_overwrites": [], "nsfw": False, "parent_id": None}
    everyone = {
        "id": guild,
        "name": "@everyone",
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": 0,
        "permissions": "104324673",
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
    me = {"user": discord_ready()["user"], **_member()}
    empty = ("threads", "emojis", "stickers", "features", "presences", "voice_states", "stage_instances")
    return {
        "id": guild,
        "name": "Guild",
        "owner_id": MY_NUMBER,
        "member_count": 400,
        "large": True,
        "channels": [
            {**shared, "id": id_, "name": f"channel-{n}", "position": n, "topic": None, "last_message_id": None}
            for n, id_ in enumerate(channels)
        ],
        "roles": [everyone],
        "members": [me],
        **{name: [] for name in (*empty, "guild_scheduled_events")},
        **dict.fromkeys(("verification_level", "default_message_notifications", "explicit_content_filter"), 0),
        **dict.fromkeys(("mfa_level", "premium_tier", "nsfw_level", "afk_timeout", "system_channel_flags"), 0),
        "preferred_locale": "en-US",
        "premium_progress_bar_enabled": False,
    }


def _user(slack_id: str) -> dict[str, Any]:
    return {
        "id": number_of(slack_id),
        "username": slack_id.lower(),
        "global_name": slack_id,
        "discriminator": "0",
        "avatar": None,
        "public_flags": 0,
    }


def _member() -> dict[str, Any]:
    joined = "2026-03-02T09:00:00.000000+00:00"
    return {"roles": [], "joined_at": joined, "deaf": False, "mute": False, "nick": None, "flags": 0}


def _iso(at: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).isoformat()
