"""Who may do what where, computed as Discord's documentation computes it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag
from typing import Any

Json = dict[str, Any]


class Permission(IntFlag):
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38


ALL = (1 << 50) - 1
P = Permission
EVERYONE = (
    P.ADD_REACTIONS
    | P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY
    | P.USE_APPLICATION_COMMANDS
    | P.CREATE_PUBLIC_THREADS
    | P.SEND_MESSAGES_IN_THREADS
)
"""What a new guild lets everybody do. Pinging everyone is not among it here."""


def base(guild_id: str, owner: str, roles: dict[str, Json], member: Json) -> int:
    """What a member may do in the guild, before any channel says otherwise."""
    if member["user"]["id"] == owner:
        return ALL
    allowed = int(roles[guild_id]["permissions"])
    for role in member["roles"]:
        allowed |= int(roles[role]["permissions"])
    return ALL if allowed & P.ADMINISTRATOR else allowed


def within(allowed: int, guild_id: str, overwrites: Iterable[Json], member: Json) -> int:
    """What remains of `allowed` in a channel with these overwrites: everyone's, then the roles', then the member's."""
    if allowed == ALL:
        return ALL
    by_id = {overwrite["id"]: overwrite for overwrite in overwrites}
    mine = [by_id[role] for role in member["roles"] if role in by_id]
    layers = [[by_id[guild_id]] if guild_id in by_id else [], mine]
    layers.append([by_id[member["user"]["id"]]] if member["user"]["id"] in by_id else [])
    for layer in layers:
        for overwrite in layer:
            allowed &= ~int(overwrite["deny"])
        for overwrite in layer:
            allowed |= int(overwrite["allow"])
    # Whoever does not see a channel, or may not speak, can do nothing of the kind there.
    if not allowed & P.VIEW_CHANNEL:
        return 0
    return allowed
