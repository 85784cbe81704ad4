"""A guild as translation sees it, payloads as Discord sends them, and bodies held against its documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import strategies as st

from bot.model import Community, Platform, Team
from tests.discord.wire import limits
from tests.discord.wire.schema import Schema

Json = dict[str, Any]

GUILD, CHANNEL, FORUM, THREAD, DM = "100000000000000001", "200000000000000001", "200000000000000002", "300", "900"
ME, ADA, TESS = "400000000000000001", "400000000000000002", "400000000000000003"
STAFF, MY_ROLE = "500000000000000001", "500000000000000002"
TEAM = Team(ME, frozenset({TESS}), frozenset({STAFF}))
COMMUNITY = Community(Platform("discord"), GUILD)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MESSAGE = str(int((NOW - datetime(2015, 1, 1, tzinfo=UTC)).total_seconds() * 1000) << 22)


PINGS = re.compile(r"@everyone|@here|<@[!&]?\d+>", re.IGNORECASE)
"""What the server looks for, whatever the markdown around it says."""

MARKS = (
    ["@everyone", "@here", "<@", "<@!", "<@&", "<#", "<:a:", "<t:", "</x:", ">", "123", "*", "**", "_", "__", "~~", "`",
     "```", "||", "\\", "[a](", "https://x.y", ")", "# ", "- ", "-# ", "> ", ">>> ", "1. ", "\n", " ", "\u202e", "a"]
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(MARKS) | st.text(max_size=3), max_size=30).map("".join)


def thousand() -> list[str]:
    """The same thousand hostile strings every time, as `HOSTILE` makes them and a hundred times as fast."""
    dice = Random(7)
    signs = "".join(map(chr, [*range(1, 0x250), *range(0x2000, 0x2070), *range(0xFF00, 0xFF60), 0x1F642, 0x1F468]))
    bits = [*MARKS, *MARKS, *signs]
    return ["".join(dice.choices(bits, k=dice.randint(1, 30))) for _ in range(1000)]


@dataclass(frozen=True)
class KnownGuild:
    """One with two channels, a forum with the post `THREAD` in it, a team of Tess, and the role `STAFF`."""

    community: Community = COMMUNITY
    me: str = ME
    my_role: str | None = MY_ROLE
    team: Team | None = TEAM
    channels: Json = field(default_factory=lambda: {CHANNEL: "support", FORUM: "help"})

    def channel_name(self, id: str) -> str | None:  # noqa: A002
        return self.channels.get(id)

    def parent_of(self, channel: str) -> str | None:
        return FORUM if channel == THREAD else None

    def member_name(self, id: str) -> str | None:  # noqa: A002
        return {ME: "Vigie", TESS: "Tess"}.get(id)

    def role_name(self, id: str) -> str | None:  # noqa: A002
        return {STAFF: "Staff", MY_ROLE: "Vigie"}.get(id)


def user(id_: str, name: str, **more: Any) -> Json:
    return {"id": id_, "username": name.lower(), "global_name": name, "discriminator": "0", "avatar": None, **more}


def message(content: str = "hello", **more: Any) -> Json:
    """What MESSAGE_CREATE tells of something that Ada says."""
    return {
        "id": MESSAGE,
        "type": 0,
        "channel_id": CHANNEL,
        "guild_id": GUILD,
        "author": user(ADA, "Ada"),
        "member": {"nick": None, "roles": ["1"], "joined_at": "2020-01-01T00:00:00+00:00"},
        "content": content,
        "timestamp": "2026-03-02T09:00:00.000000+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "flags": 0,
        **more,
    }


def interaction(type_: int, data: Json, **more: Any) -> Json:
    """What INTERACTION_CREATE tells of something that Ada does in a channel of the guild."""
    return {
        "id": "1",
        "application_id": ME,
        "type": type_,
        "token": "t",
        "version": 1,
        "guild_id": GUILD,
        "channel_id": CHANNEL,
        "channel": {"id": CHANNEL, "type": 0, "name": "support", "parent_id": "7"},
        "member": {"user": user(ADA, "Ada"), "nick": "Ada L.", "roles": [STAFF], "permissions": "0"},
        "locale": "fr",
        "guild_locale": "en-US",
        "data": data,
        **more,
    }


def in_private(payload: Json) -> Json:
    """The same in the private channel with the bot: no guild, no member."""
    rest = {key: value for key, value in payload.items() if key not in ("guild_id", "member", "guild_locale")}
    return {**rest, "channel_id": DM, "channel": {"id": DM, "type": 1}, "user": payload["member"]["user"]}


def wrong_message(body: Json) -> list[str]:
    """What Discord's document or its limits do not allow, of a new message as well as of an edit."""
    found = [f"{path}: {what}" for path, what in limits.message(body, new=True).items()]
    if schema := Schema.load():
        found += schema.wrong_request("POST", f"/channels/{CHANNEL}/messages", body)
    return found


def wrong_edit(body: Json) -> list[str]:
    found = [f"{path}: {what}" for path, what in limits.message(body, new=False).items()]
    if schema := Schema.load():
        found += schema.wrong_request("PATCH", f"/channels/{CHANNEL}/messages/1", body)
    return found


def parts(body: Json) -> list[Json]:
    """Every component, however deep."""
    return list(limits.parts(body.get("components") or []))


def texts_of(body: Json) -> Iterator[str]:
    """Every text of a body that is shown as markdown."""
    yield body.get("content") or ""
    for embed in body.get("embeds") or ():
        yield embed.get("description", "")
        for each in embed.get("fields", ()):
            yield each["name"]
            yield each["value"]
    yield from (part["content"] for part in parts(body) if part["type"] == 10)


def told(bodies: Iterable[Json]) -> str:
    """All that can be read in them, small print included."""
    lines: list[str] = []
    for body in bodies:
        lines += texts_of(body)
        lines += [embed["footer"]["text"] for embed in body.get("embeds") or () if "footer" in embed]
    return "\n".join(line for line in lines if line)
