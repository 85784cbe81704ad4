"""Which events a session is told of, and what it may read of them."""

from __future__ import annotations

from copy import deepcopy
from enum import IntFlag

from tests.discord.wire.permissions import Json, Permission
from tests.discord.wire.world import Dispatch, World


class Intent(IntFlag):
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT
KNOWN = (1 << 26) - 1
"""Bits beyond are no intents: close code 4013."""

CONTENT = ("content", "embeds", "attachments", "components")


def needed(dispatch: Dispatch) -> int:
    """Any of these intents lets an event through; 0: it always comes."""
    name = dispatch.name
    if name.startswith("MESSAGE_REACTION"):
        return Intent.GUILD_MESSAGE_REACTIONS if dispatch.guild else Intent.DIRECT_MESSAGE_REACTIONS
    if name.startswith("MESSAGE_"):
        return Intent.GUILD_MESSAGES if dispatch.guild else Intent.DIRECT_MESSAGES
    if name.startswith(("GUILD_MEMBER_", "THREAD_MEMBERS")):
        return Intent.GUILD_MEMBERS
    if name.startswith(("GUILD_", "CHANNEL_", "THREAD_")):
        return Intent.GUILDS
    return 0


def told(world: World, dispatch: Dispatch, intents: int, shard: int, count: int) -> Json | None:
    """What the session of a shard reads of an event; None when it is not told."""
    if (int(dispatch.guild) >> 22) % count != shard if dispatch.guild else shard != 0:
        return None
    about_me = dispatch.name == "GUILD_MEMBER_UPDATE" and dispatch.data["user"]["id"] == world.me["id"]
    if (need := needed(dispatch)) and not (intents & need or about_me):
        return None
    if dispatch.guild is not None and not _seen(world, dispatch):
        return None
    if dispatch.name in ("MESSAGE_CREATE", "MESSAGE_UPDATE") and not intents & Intent.MESSAGE_CONTENT:
        return _without_content(world, dispatch)
    return dispatch.data


def _seen(world: World, dispatch: Dispatch) -> bool:
    """Messages and threads only of channels that the bot sees; a bot is told of all channels. Nothing in an outage."""
    assert dispatch.guild is not None
    if dispatch.name in ("GUILD_CREATE", "GUILD_DELETE"):
        return True
    guild = world.guilds[dispatch.guild]
    if not guild.joined or not guild.available:
        return False
    if dispatch.channel is None or not dispatch.name.startswith(("MESSAGE_", "THREAD_")):
        return True
    if dispatch.name == "THREAD_DELETE":
        return bool(guild.allows(world.me["id"], dispatch.data["parent_id"]) & Permission.VIEW_CHANNEL)
    return bool(guild.allows(world.me["id"], dispatch.channel) & Permission.VIEW_CHANNEL)


def _without_content(world: World, dispatch: Dispatch) -> Json:
    """Without the message content intent a bot reads its own messages, private ones and those that ping it."""
    data, me = dispatch.data, world.me["id"]
    pinged = any(user["id"] == me for user in data["mentions"])
    if dispatch.guild is None or data["author"]["id"] == me or pinged:
        return data
    blank = deepcopy(data)
    for key in CONTENT:
        blank[key] = "" if key == "content" else []
    return blank
