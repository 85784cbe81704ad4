"""A message of a DiscordChatExporter file to an Event. Pure: no file is read here.

The fields are those that `JsonMessageWriter.cs` writes: https://github.com/Tyrrrz/DiscordChatExporter
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from adapters.exports.discord_text import plain
from adapters.exports.guild import Guild
from adapters.exports.shapes import Malformed, as_dict, as_list, clean, is_id
from bot.events import MessagePosted
from bot.model import Message, MessageKind, MessageRef, Place, Reaction

SAID = frozenset({"Default", "Reply", "20", "23"})
"""The types in which somebody says something, 20 and 23 being an app's answers to its commands. All others (joins,
pins, boosts, `ThreadCreated`, a thread's copy of its first message) become SYSTEM messages, and none is dropped.
A type that the exporter has no name for is written as its number in Discord's documentation.
"""

THREADS = frozenset({"GuildNewsThread", "GuildPublicThread", "GuildPrivateThread", "10", "11", "12"})
"""The channel types whose `categoryId` is the channel, or the forum, that they belong to."""

_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")


def translate(payload: object, place: Place, guild: Guild) -> MessagePosted:
    """`place` is the channel, or the thread in its channel. `Malformed` when it is no message of that format."""
    if not isinstance(payload, dict):
        raise Malformed("it is not an object")
    id_ = payload.get("id")
    if not is_id(id_):
        raise Malformed("it has no id")
    content = payload.get("content") or ""
    if not isinstance(content, str):
        raise Malformed("its content is not a text")
    try:
        author = guild.author(payload.get("author"))
        reply_to = _reply_to(payload)
        text, pings = plain(clean(content), payload.get("mentions"), guild, reply=reply_to is not None)
        said = payload.get("type", "Default") in SAID
    except TypeError:  # an unhashable id; see the same place in slack.py
        raise Malformed("a list or an object stands where an id should be") from None
    message = Message(
        MessageRef(place, id_),
        author,
        instant(payload.get("timestamp")),
        text,
        pings if said else (),
        reply_to,
        MessageKind.NORMAL if said else MessageKind.SYSTEM,
        len(as_list(payload.get("attachments"))),
        _reactions(payload["reactions"]) if payload.get("reactions") else (),
    )
    return MessagePosted(message)


def instant(timestamp: object) -> datetime:
    """ISO 8601 with the offset of the zone that the exporter was told to use. `Malformed` for anything else."""
    if isinstance(timestamp, str):
        try:
            at = datetime.fromisoformat(timestamp)
            if at.tzinfo is UTC:
                return at
            if at.tzinfo is not None:
                return at.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise Malformed(
        "it has no timestamp" if timestamp is None else f"its timestamp is {repr(timestamp)[:40]}, not an instant"
    )


def _reply_to(payload: dict[str, Any]) -> str | None:
    """Pins, forwarded messages and thread starters refer to a message too, without being a reply to it."""
    if payload.get("type") != "Reply":
        return None
    id_ = as_dict(payload.get("reference")).get("messageId")
    return id_ if is_id(id_) else None


def _reactions(reactions: object) -> tuple[Reaction, ...]:
    """An emoji is the character itself, without the colour of its skin, or a custom emoji's name.

    Exports by old versions say how many reacted and not who: nothing is known of those.
    """
    return tuple(
        Reaction(_SKIN.sub("", clean(emoji["name"])), user["id"])
        for reaction in as_list(reactions)
        for emoji in [as_dict(as_dict(reaction).get("emoji"))]
        if isinstance(emoji.get("name"), str)
        for user in as_list(as_dict(reaction).get("users"))
        if isinstance(user, dict) and is_id(user.get("id"))
    )
