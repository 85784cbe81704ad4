"""What the gateway tells, to the core's events. Pure: nothing is asked, nothing is raised.

Payloads are the raw ones, whatever their shape: what cannot be read is no event. Messages themselves are read in
`messages`, what people do with the bot's own commands, buttons and forms in `asked`; both are to be had from here.
https://discord.com/developers/docs/events/gateway-events
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.discord.asked import action_of, command_of, completing_of, form_of, guild_of
from adapters.discord.content import after_our_name, said
from adapters.discord.messages import Guild, member_of, message_of, place_of
from adapters.discord.payloads import as_dict, as_id, as_ids, as_list, as_text, instant
from adapters.discord.refusals import GONE, WORDS
from bot.events import (
    Addressed,
    ChannelLost,
    Event,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionAdded,
    ReactionRemoved,
    TeamChanged,
)
from bot.model import Member, MessageKind, MessageRef, Place

__all__ = [
    "Guild",
    "action_of",
    "command_of",
    "completing_of",
    "events_of",
    "form_of",
    "guild_of",
    "member_of",
    "message_of",
    "place_of",
]

JUST_EDITED = timedelta(hours=1)
"""An update that comes later than this after the edit that it tells is about something else: a pin, an embed, flags.
Updates say what a message is like, not what changed; those that a RESUME repeats are minutes old at most."""

Payload = Mapping[str, Any]


def events_of(name: str, payload: Any, guild: Guild, now: datetime) -> list[Event]:
    """What a dispatch of the gateway means; `[]` for what matters not."""
    translate = KINDS.get(name)
    return translate(as_dict(payload), guild, now) if translate is not None else []


def _posted(payload: Payload, guild: Guild, _now: datetime) -> list[Event]:
    message = message_of(payload, guild)
    if not message.ref.id or not message.ref.place.channel or not message.author.id:
        return []
    private = not as_id(payload.get("guild_id"))
    events: list[Event] = [] if private else [MessagePosted(message)]
    if message.author.bot or message.kind is MessageKind.SYSTEM:
        return events
    if not private and not message.text.startswith("@"):
        return events  # whoever speaks to us begins with our name
    rest = after_our_name(as_text(payload.get("content")), guild)
    if private or rest is not None:
        text = message.text if rest is None else said({**payload, "content": rest}, guild).text
        events.append(Addressed(message.ref.place, message.author, text, message.at, private))
    return events


def _edited(payload: Payload, guild: Guild, now: datetime) -> list[Event]:
    """An embed that was resolved, a pin, a thread begun: updates, and no edits."""
    at = instant(payload.get("edited_timestamp"))
    if at is None or now - at > JUST_EDITED or not as_id(payload.get("guild_id")):
        return []
    message = message_of(payload, guild)
    complete = isinstance(payload.get("content"), str) and message.author.id and message.ref.place.channel
    if not complete or not message.ref.id or message.kind is MessageKind.SYSTEM:
        return []
    return [MessageEdited(message, at)]


def _deleted(payload: Payload, guild: Guild, now: datetime) -> list[Event]:
    return [MessageDeleted(ref, now) for ref in _refs(payload, guild, [payload.get("id")])]


def _deleted_in_bulk(payload: Payload, guild: Guild, now: datetime) -> list[Event]:
    return [MessageDeleted(ref, now) for ref in _refs(payload, guild, as_list(payload.get("ids")))]


def _reacted(payload: Payload, guild: Guild, now: datetime) -> list[Event]:
    member, emoji = _reacting(payload, guild), _emoji(payload)
    refs = _refs(payload, guild, [payload.get("message_id")])
    return [ReactionAdded(ref, member, emoji, now) for ref in refs if member.id and emoji]


def _unreacted(payload: Payload, guild: Guild, now: datetime) -> list[Event]:
    member, emoji = _reacting(payload, guild), _emoji(payload)
    refs = _refs(payload, guild, [payload.get("message_id")])
    return [ReactionRemoved(ref, member, emoji, now) for ref in refs if member.id and emoji]


def _refs(payload: Payload, guild: Guild, ids: list[Any]) -> list[MessageRef]:
    """None for what happens in private channels: nothing is watched there."""
    channel = as_id(payload.get("channel_id"))
    if not channel or not as_id(payload.get("guild_id")):
        return []
    place = place_of(channel, guild)
    return [MessageRef(place, id_) for id_ in map(as_id, ids) if id_]


def _reacting(payload: Payload, guild: Guild) -> Member:
    """Who took a reaction back is told by id alone."""
    member = as_dict(payload.get("member"))
    user = as_dict(member.get("user")) or {"id": payload.get("user_id")}
    return member_of(user, member, guild)


def _emoji(payload: Payload) -> str:
    """The character, or a custom emoji's name; empty for one that was deleted since."""
    return as_text(as_dict(payload.get("emoji")).get("name"))


def _thread_changed(payload: Payload, guild: Guild, now: datetime) -> list[Event]:
    """A locked thread is closed to those who wait in it. An archived one is not: writing there opens it again."""
    if as_dict(payload.get("thread_metadata")).get("locked") is not True:
        return []
    return _thread_lost(payload, guild, now, "thread_locked")


def _thread_deleted(payload: Payload, guild: Guild, now: datetime) -> list[Event]:
    return _thread_lost(payload, guild, now, "thread_deleted")


def _thread_lost(payload: Payload, guild: Guild, now: datetime, reason: str) -> list[Event]:
    """Its parent is told, so that it does not matter whether the thread was known."""
    thread, parent = as_id(payload.get("id")), as_id(payload.get("parent_id"))
    if not thread or not parent:
        return []
    return [ChannelLost(Place(guild.community, parent, thread), reason, now)]


def _channel_deleted(payload: Payload, guild: Guild, now: datetime) -> list[Event]:
    channel = as_id(payload.get("id"))
    if not channel or not as_id(payload.get("guild_id")):
        return []
    place, why = Place(guild.community, channel), "channel_deleted"
    return [ChannelLost(place, why, now, words=WORDS[why], fix=GONE)]


def _role_changed(payload: Payload, guild: Guild, _now: datetime) -> list[Event]:
    """Only a role of the team matters. Deleting one tells its id alone."""
    role = as_id(as_dict(payload.get("role")).get("id")) or as_id(payload.get("role_id"))
    if guild.team is None or role not in guild.team.roles:
        return []
    return [TeamChanged(guild.community)]


def _member_changed(payload: Payload, guild: Guild, _now: datetime) -> list[Event]:
    """A member got or lost a role of the team; nicknames and the roles of others matter not."""
    id_, team = as_id(as_dict(payload.get("user")).get("id")), guild.team
    if team is None or not id_ or not isinstance(payload.get("roles"), list):
        return []
    belongs = not team.roles.isdisjoint(as_ids(payload.get("roles")))
    return [TeamChanged(guild.community)] if belongs != (id_ in team.members) else []


def _member_left(payload: Payload, guild: Guild, _now: datetime) -> list[Event]:
    id_, team = as_id(as_dict(payload.get("user")).get("id")), guild.team
    return [TeamChanged(guild.community)] if team is not None and id_ in team.members else []


KINDS: Mapping[str, Callable[[Payload, Guild, datetime], list[Event]]] = {
    "MESSAGE_CREATE": _posted,
    "MESSAGE_UPDATE": _edited,
    "MESSAGE_DELETE": _deleted,
    "MESSAGE_DELETE_BULK": _deleted_in_bulk,
    "MESSAGE_REACTION_ADD": _reacted,
    "MESSAGE_REACTION_REMOVE": _unreacted,
    "THREAD_UPDATE": _thread_changed,
    "THREAD_DELETE": _thread_deleted,
    "CHANNEL_DELETE": _channel_deleted,
    "GUILD_ROLE_CREATE": _role_changed,
    "GUILD_ROLE_UPDATE": _role_changed,
    "GUILD_ROLE_DELETE": _role_changed,
    "GUILD_MEMBER_UPDATE": _member_changed,
    "GUILD_MEMBER_REMOVE": _member_left,
}
"""Guilds that come and go are the connection's to tell. A new thread or forum post is told by its first message, a new
member by the first that they do. Reactions that a moderator removes all at once name nobody
whose they were, so that they cannot be taken back here."""
