"""Messages, members and places of a guild, from their raw payloads. Pure, and total: nothing is raised.

https://discord.com/developers/docs/resources/message#message-object
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from adapters.discord.content import called, said
from adapters.discord.payloads import as_dict, as_id, as_ids, as_list, created_at, instant
from bot.model import Community, Member, Message, MessageKind, MessageRef, Place, Team

SAID = frozenset({0, 19, 20, 23})
"""The types in which somebody says something: default, a reply, and apps' answers to commands. All others (joins, pins,
boosts, `thread created`, a thread's copy of the message that it began with) are the system's.
https://discord.com/developers/docs/resources/message#message-object-message-types
"""

REPLY = 19


class Guild(Protocol):
    """What translation must know of one guild.

    `me` is our user id, `my_role` the role that Discord made for us (people ping it instead of us), `team` who looks
    after the guild as far as known: it decides whose change of roles matters.
    """

    @property
    def community(self) -> Community: ...
    @property
    def me(self) -> str: ...
    @property
    def my_role(self) -> str | None: ...
    @property
    def team(self) -> Team | None: ...

    def channel_name(self, id: str) -> str | None: ...  # noqa: A002
    def parent_of(self, channel: str) -> str | None:
        """The channel or forum that a thread belongs to; None for what is no thread."""

    def member_name(self, id: str) -> str | None: ...  # noqa: A002
    def role_name(self, id: str) -> str | None: ...  # noqa: A002


def place_of(channel_id: str, guild: Guild) -> Place:
    """A thread is `Place(channel=its parent, thread=its id)`."""
    parent = guild.parent_of(channel_id)
    return Place(guild.community, parent, channel_id) if parent else Place(guild.community, channel_id)


def member_of(user: Any, member: Any, guild: Guild, *, locale: str | None = None) -> Member:
    """An account as a member of the guild. `member` is the part of it that belongs to the guild, where that is told."""
    user, member = as_dict(user), as_dict(member)
    id_ = as_id(user.get("id"))
    return Member(
        guild.community,
        id_,
        called(user, member) or guild.member_name(id_) or "",
        bot=user.get("bot") is True or user.get("system") is True or id_ == guild.me,
        roles=as_ids(member.get("roles")),
        locale=locale,
    )


def message_of(payload: Any, guild: Guild, place: Place | None = None) -> Message:
    """MESSAGE_CREATE, MESSAGE_UPDATE and the messages of REST; those of REST tell no roles of their author.

    `place` where it is known better than `guild` knows. What has no id gets an empty one.
    """
    payload = as_dict(payload)
    id_ = as_id(payload.get("id"))
    author = member_of(payload.get("author"), payload.get("member"), guild)
    if payload.get("webhook_id") is not None and not author.bot:
        author = Member(author.community, author.id, author.name, bot=True)
    kind = payload.get("type", 0)
    spoken = isinstance(kind, int) and kind in SAID
    words = said(payload, guild)
    return Message(
        MessageRef(place or place_of(as_id(payload.get("channel_id")), guild), id_),
        author,
        instant(payload.get("timestamp")) or created_at(id_),
        words.text,
        words.pings if spoken else (),
        _reply_to(payload),
        MessageKind.NORMAL if spoken else MessageKind.SYSTEM,
        _attachments(payload),
    )


def _reply_to(payload: Mapping[str, Any]) -> str | None:
    """Pins, forwarded messages and thread starters refer to a message too, without being a reply to it."""
    if payload.get("type") != REPLY:
        return None
    return as_id(as_dict(payload.get("message_reference")).get("message_id")) or None


def _attachments(payload: Mapping[str, Any]) -> int:
    """Files, stickers, forwarded messages, a poll: what says something besides the text."""
    number = 1 if as_dict(payload.get("poll")) else 0
    for kind in ("attachments", "sticker_items", "message_snapshots"):
        if told := payload.get(kind):
            number += len(as_list(told))
    return number
