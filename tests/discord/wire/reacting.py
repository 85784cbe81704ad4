"""Reactions come and go. An emoji is its character, or `name:id` for a guild's own."""

from __future__ import annotations

from tests.discord.wire.permissions import Json
from tests.discord.wire.world import World


def emoji_of(text: str) -> Json:
    name, colon, id_ = text.partition(":")
    return {"id": id_, "name": name} if colon else {"id": None, "name": text}


def react(world: World, message: Json, user: str, emoji: str) -> None:
    people = world.reactors.setdefault(message["id"], {}).setdefault(emoji, [])
    if user in people:
        return
    people.append(user)
    _count(world, message)
    told = {**_told(message, user, emoji), "message_author_id": message["author"]["id"]}
    guild = world.guild_of(message["channel_id"])
    if guild is not None and user in guild.members:
        told["member"] = guild.members[user]
    world.happen_in("MESSAGE_REACTION_ADD", message["channel_id"], told)


def unreact(world: World, message: Json, user: str, emoji: str) -> None:
    people = world.reactors.get(message["id"], {}).get(emoji, [])
    if user not in people:
        return
    people.remove(user)
    _count(world, message)
    world.happen_in("MESSAGE_REACTION_REMOVE", message["channel_id"], _told(message, user, emoji))


def _told(message: Json, user: str, emoji: str) -> Json:
    return {
        "user_id": user,
        "type": 0,
        "message_id": message["id"],
        "channel_id": message["channel_id"],
        "emoji": emoji_of(emoji),
        "burst": False,
    }


def _count(world: World, message: Json) -> None:
    """The counts that a message fetched later carries."""
    reactions = [
        {
            "emoji": emoji_of(emoji),
            "count": len(people),
            "count_details": {"burst": 0, "normal": len(people)},
            "burst_colors": [],
            "burst_count": 0,
            "me_burst": False,
            "burst_me": False,
            "me": world.me["id"] in people,
        }
        for emoji, people in world.reactors.get(message["id"], {}).items()
        if people
    ]
    if reactions:
        message["reactions"] = reactions
    else:
        message.pop("reactions", None)
