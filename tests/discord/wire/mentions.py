"""Whom a message pings, as Discord reads its text, its reply and its `allowed_mentions`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.discord.wire.permissions import Json, Permission
from tests.discord.wire.world import Guild, World

MEMBER = re.compile(r"<@!?(\d+)>")
ROLE = re.compile(r"<@&(\d+)>")
EVERYONE = re.compile(r"@(everyone|here)")
REPLY = 19


@dataclass(frozen=True, slots=True)
class Allowed:
    """What `allowed_mentions` leaves; without it everything is pinged, the author replied to included."""

    parse: frozenset[str] = frozenset({"users", "roles", "everyone"})
    users: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    replied_user: bool = True

    @classmethod
    def of(cls, body: Json) -> Allowed:
        told = body.get("allowed_mentions")
        if told is None:
            return cls()
        return cls(
            frozenset(told.get("parse") or ()),
            frozenset(map(str, told.get("users") or ())),
            frozenset(map(str, told.get("roles") or ())),
            bool(told.get("replied_user", False)),
        )


def texts(body: Json) -> str:
    """All of a message that pings: its content, and the texts among its components. Embeds ping nobody."""
    found = [body.get("content") or ""]
    waiting = list(body.get("components") or ())
    while waiting:
        component = waiting.pop(0)
        if component.get("type") == 10:
            found.append(component.get("content", ""))
        waiting += component.get("components") or ()
    return "\n".join(found)


def ping(world: World, guild: Guild | None, message: Json, body: Json, replied_to: Json | None) -> None:
    """Fill in `mentions`, `mention_roles` and `mention_everyone` of a message."""
    allowed, text, author = Allowed.of(body), texts(body), message["author"]["id"]
    people = dict.fromkeys(MEMBER.findall(text))
    if "users" not in allowed.parse:
        people = {id_: None for id_ in people if id_ in allowed.users}
    if replied_to is not None and allowed.replied_user:
        people[replied_to["author"]["id"]] = None
    message["mentions"] = [world.users[id_] for id_ in people if id_ in world.users]
    if guild is None:
        return
    anyone = bool(guild.allows(author, message["channel_id"]) & Permission.MENTION_EVERYONE)
    message["mention_roles"] = [
        id_
        for id_ in dict.fromkeys(ROLE.findall(text))
        if id_ in guild.roles
        and (anyone or guild.roles[id_]["mentionable"])
        and ("roles" in allowed.parse or id_ in allowed.roles)
    ]
    message["mention_everyone"] = bool(anyone and "everyone" in allowed.parse and EVERYONE.search(text))
