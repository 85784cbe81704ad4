"""Slack's payloads as the core's events. Pure: nothing is asked for, nothing is remembered.

What is of no interest, or no payload as Slack writes it, gives no event; nothing raises but `message_of`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.slack import grammar
from adapters.slack.interactions import action_of, command_of, form_of, shortcut_of
from adapters.slack.payloads import (
    PLATFORM,
    Malformed,
    Workspace,
    as_dict,
    as_list,
    community_of,
    id_of,
    instant,
    is_rewritten,
    member,
    message_of,
    said_by_somebody,
    text_of,
    thread_of,
    ts_of,
)
from bot.events import (
    Addressed,
    ChannelFound,
    ChannelLost,
    CommunityLost,
    Event,
    HomeOpened,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionAdded,
    ReactionRemoved,
    TeamChanged,
)
from bot.model import Message, MessageRef, Place

__all__ = [
    "PLATFORM",
    "Malformed",
    "Workspace",
    "action_of",
    "channel_of",
    "command_of",
    "community_of",
    "events_of",
    "form_of",
    "matters",
    "message_of",
    "shortcut_of",
]

Body = Mapping[str, Any]

LOST = ("channel_archive", "channel_deleted", "channel_left", "group_archive", "group_deleted", "group_left")
FOUND = ("channel_unarchive", "group_unarchive")
TEAM = ("subteam_updated", "subteam_members_changed")
REACTIONS = ("reaction_added", "reaction_removed")
EVERYWHERE = frozenset(
    (
        *("app_home_opened", "app_mention", "app_uninstalled", "channel_id_changed"),
        *("member_joined_channel", "member_left_channel", "tokens_revoked"),
        *LOST,
        *FOUND,
        *TEAM,
    )
)
"""Events that matter whether or not their channel is watched."""


def events_of(event: Body, workspace: Workspace, *, now: datetime | None = None) -> list[Event]:
    """What the inner event of an `event_callback` means; nothing for what matters not.

    `now` is for the few events that Slack does not date.
    """
    try:
        found = _translated(event, workspace, now)
    except Malformed:
        return []
    return [] if found is None else [found]


def channel_of(body: Body) -> str | None:
    """The channel that an envelope is about, if any."""
    event = as_dict(body.get("event")) if "event" in body else body
    if id_ := id_of(event.get("channel")):
        return id_  # as in every message: the other places are not worth a look
    for told in (
        as_dict(event.get("channel")).get("id"),
        event.get("channel_id"),
        as_dict(event.get("item")).get("channel"),
        as_dict(event.get("container")).get("channel_id"),
        event.get("old_channel_id"),
    ):
        if id_ := id_of(told) or id_of(as_dict(told).get("id")):
            return id_
    return None


def matters(body: Body, watched: Container[str]) -> bool:
    """Whether an envelope is worth more than a glance. What people ask for directly always is."""
    if body.get("type") != "event_callback":
        return True
    event = as_dict(body.get("event"))
    kind = event.get("type")
    if kind == "message":
        subtype = event.get("subtype")
        if not (subtype in ("message_changed", "message_deleted") or said_by_somebody(event)):
            return False
        return _is_private(event) or channel_of(event) in watched
    if kind in REACTIONS:
        return channel_of(event) in watched
    return isinstance(kind, str) and kind in EVERYWHERE


def _translated(event: Body, workspace: Workspace, now: datetime | None) -> Event | None:
    match event.get("type"):
        case "message":
            return _message(event, workspace)
        case "app_mention":
            return _mentioned(event, workspace)
        case "reaction_added" | "reaction_removed":
            return _reaction(event, workspace)
        case "app_home_opened" if event.get("tab", "home") == "home":  # the *Messages* tab opens with the same event
            who = member(event, workspace)
            return HomeOpened(who, _at(event)) if who.id else None
        case "app_uninstalled" | "tokens_revoked" as kind:
            # Tokens of single people are none of ours.
            over = kind == "app_uninstalled" or as_list(as_dict(event.get("tokens")).get("bot"))
            return CommunityLost(workspace.community, kind, now or datetime.now(UTC)) if over else None
        case str(kind) if kind in TEAM:
            return TeamChanged(workspace.community)
        case str(kind):
            return _around_a_channel(kind, event, workspace)
    return None


def _around_a_channel(kind: str, event: Body, workspace: Workspace) -> ChannelLost | ChannelFound | None:
    """Whether we can still read there; the coming and going of others changes nothing."""
    ours = kind in ("member_joined_channel", "member_left_channel") and id_of(event.get("user")) == workspace.me
    if kind in LOST or (ours and kind == "member_left_channel"):
        return ChannelLost(Place(workspace.community, _channel(event)), kind, _at(event))
    if kind in FOUND or (ours and kind == "member_joined_channel"):
        return ChannelFound(Place(workspace.community, _channel(event)), _at(event))
    if kind == "channel_id_changed":
        # A private channel that is shared with another organisation has a new id: under the old one it is lost.
        return ChannelLost(Place(workspace.community, _channel(event)), kind, _at(event))
    return None


def _message(event: Body, workspace: Workspace) -> Event | None:
    channel = _channel(event)
    match event.get("subtype"):
        case "message_changed":
            return None if _is_private(event) else _edited(event, channel, workspace)
        case "message_deleted":
            before = as_dict(event.get("previous_message"))
            return None if _is_private(event) else _deleted(event, event.get("deleted_ts"), before, workspace)
    if not said_by_somebody(event):
        return None
    message = message_of(event, channel, workspace)
    if not message.author.id:
        return None  # nobody could be answered
    if not _is_private(event):
        return MessagePosted(message)
    return None if message.author.bot else _addressed(event, message, workspace, private=True)


def _mentioned(event: Body, workspace: Workspace) -> Event | None:
    """In the private channel the message itself is enough; an edit asks for nothing anew."""
    if _is_private(event) or event.get("edited") or not said_by_somebody(event):
        return None
    message = message_of(event, _channel(event), workspace)
    nobody = message.author.bot or not message.author.id
    return None if nobody else _addressed(event, message, workspace, private=False)


def _addressed(event: Body, message: Message, workspace: Workspace, *, private: bool) -> Addressed | None:
    text = text_of(event.get("text"))
    after = grammar.after_name(text, workspace.me)
    if after is None and not private:
        return None
    said = grammar.seen(text if after is None else after, workspace.names, addresses=True)
    return Addressed(message.ref.place, message.author, said.text.strip(), message.at, private)


def _edited(event: Body, channel: str, workspace: Workspace) -> Event | None:
    after = as_dict(event.get("message"))
    if after.get("subtype") == "tombstone":
        return _deleted(event, after.get("ts"), after, workspace)
    if not said_by_somebody(after):
        return None
    if not is_rewritten(event):
        return None
    message = message_of(after, channel, workspace)
    return MessageEdited(message, _at(event)) if message.author.id else None


def _deleted(event: Body, ts: object, before: Body, workspace: Workspace) -> MessageDeleted:
    id_ = ts_of(ts)
    place = Place(workspace.community, _channel(event), thread_of(before, id_))
    return MessageDeleted(MessageRef(place, id_), _at(event))


def _reaction(event: Body, workspace: Workspace) -> Event | None:
    item, emoji = as_dict(event.get("item")), text_of(event.get("reaction")).strip(":")
    if item.get("type") != "message" or not emoji:
        return None
    ref = MessageRef(Place(workspace.community, _channel(item)), ts_of(item.get("ts")))
    kind, who = ReactionAdded if event.get("type") == "reaction_added" else ReactionRemoved, member(event, workspace)
    return kind(ref, who, emoji, _at(event)) if who.id else None


def _is_private(event: Body) -> bool:
    """Whether it is the private channel of one member with the bot."""
    told = event.get("channel_type")
    return told == "im" if isinstance(told, str) else (channel_of(event) or "").startswith("D")


def _channel(event: Body) -> str:
    if id_ := channel_of(event):
        return id_
    raise Malformed("no channel")


def _at(event: Body) -> datetime:
    """When it happened; a few kinds have `ts` alone."""
    return instant(event.get("event_ts") or event.get("ts"))
