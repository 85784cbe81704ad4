"""What all of Slack's payloads share: whose they are, who acts in them, messages, ids and instants. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.slack import grammar
from bot.model import Community, Member, Message, MessageKind, MessageRef, Place, Platform, Reaction

PLATFORM = Platform("slack")

SAID = frozenset(("bot_message", "file_comment", "file_share", "me_message", "slackbot_response", "thread_broadcast"))
"""Subtypes in which somebody says something; a message with any other subtype is a notice by Slack itself:
https://docs.slack.dev/reference/events/message"""

SLACKBOT = "USLACKBOT"

LONGEST_ID = 64
_ID = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_ID}}}")
_TS = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,6}))?")
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Malformed(ValueError):
    """Something is not as Slack writes it."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """What translation must know of one installation.

    `me` is the bot's user id and `bot` its bot id (B…), by which our own messages are recognised. Whoever is not of
    `team`, nor of the same organisation, is not at home there. `names` tells from memory what people see instead of
    the id of a user, a user group or a channel.
    """

    community: Community
    me: str
    bot: str
    team: str
    names: Callable[[str], str | None]


def as_dict(value: object) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: object) -> str:
    """The text, or an empty one, without what neither a database nor a terminal can hold."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "") if value.isascii() else _UNFIT.sub("", value)


def id_of(value: object) -> str:
    """The id, or an empty text."""
    if not isinstance(value, str):
        return ""
    if value.isalnum() and value.isascii() and len(value) <= LONGEST_ID:
        return value  # as nearly all are: no expression is as fast
    return value if _ID.fullmatch(value) else ""


def ts_of(value: object) -> str:
    """The id of a message, which is also its instant. Raises `Malformed`."""
    if isinstance(value, str) and _TS.fullmatch(value):
        return value
    raise Malformed("no ts")


def instant(ts: object) -> datetime:
    """Seconds and microseconds, exactly. Raises `Malformed`."""
    match = _TS.fullmatch(ts) if isinstance(ts, str) else None
    if match is None or not isinstance(ts, str):
        raise Malformed("no instant")
    if len(ts) == 17 and ts[10] == "." and ts < "4":
        # As Slack writes it. Up to 2**32 s a float's steps are half a microsecond; beyond, digits would be lost.
        return datetime.fromtimestamp(float(ts), UTC)
    return _EPOCH + timedelta(seconds=int(match[1]), microseconds=int((match[2] or "").ljust(6, "0")))


def community_of(body: Mapping[str, Any]) -> Community | None:
    """Whose an envelope is, of whatever kind: the workspace in which we are installed, not the sender's.

    In a channel shared between organisations the two differ. Where a whole organisation installed us, it is the
    workspace in which it happened, and the organisation itself where no workspace is told.
    """
    authorized = as_dict((as_list(body.get("authorizations")) or [None])[0])
    of_all = (authorized or body).get("is_enterprise_install") in (True, "true")
    if authorized:
        e, t = id_of(authorized.get("enterprise_id")), id_of(authorized.get("team_id"))
        t = t or (id_of(body.get("context_team_id")) or id_of(body.get("team_id")) if of_all else "")
    else:
        team, enterprise = as_dict(body.get("team")), as_dict(body.get("enterprise"))
        e = id_of(enterprise.get("id")) or id_of(body.get("enterprise_id")) or id_of(team.get("enterprise_id"))
        installed = id_of(as_dict(body.get("view")).get("app_installed_team_id"))
        t = installed or id_of(team.get("id")) or id_of(body.get("team_id"))
        t = t or (id_of(as_dict(body.get("user")).get("team_id")) if of_all else "")
    if t == e or not t.startswith("T"):
        t = "" if e else t
    id_ = f"{e}:{t}" if e and t else e or t
    return Community(PLATFORM, id_) if id_ else None


def is_rewritten(event: Mapping[str, Any]) -> bool:
    """Whether an edit changes what was said.

    A link's preview, a thread's first reply, a pin: Slack tells them as edits that leave the text as it was.
    """
    after, before = as_dict(event.get("message")), as_dict(event.get("previous_message"))
    return after.get("text") != before.get("text") if "text" in before else bool(after.get("edited"))


def said_by_somebody(message: Mapping[str, Any]) -> bool:
    """Whether it is no notice by Slack itself."""
    subtype = message.get("subtype")
    return subtype is None or subtype == "" or (isinstance(subtype, str) and subtype in SAID)


def message_of(message: Mapping[str, Any], channel: str, workspace: Workspace) -> Message:
    """A message as events, `conversations.history` and shortcuts tell it. Raises `Malformed` where it has no `ts`."""
    id_ = ts_of(message.get("ts"))
    text = grammar.seen(text_of(message.get("text")), workspace.names)
    notice = not said_by_somebody(message)
    return Message(
        ref=MessageRef(Place(workspace.community, channel, thread_of(message, id_)), id_),
        author=member(message, workspace),
        at=instant(id_),
        text=text.text,
        pings=() if notice else text.pings,
        kind=MessageKind.SYSTEM if notice else MessageKind.NORMAL,
        attachments=len(as_list(message.get("files"))),
        reactions=_reactions(message),
    )


def thread_of(message: Mapping[str, Any], id_: str) -> str | None:
    """The thread that a message stands in; its first message stands in the channel. Raises `Malformed`."""
    thread = message.get("thread_ts")
    return None if thread in (None, "", id_) else ts_of(thread)


def member(told: Mapping[str, Any], workspace: Workspace) -> Member:
    """Who wrote a message, or acted in an event; a bot that is no user is called by its bot id."""
    user, bot = id_of(told.get("user")), id_of(told.get("bot_id"))
    profile = as_dict(told.get("user_profile"))
    is_bot = bool(bot) or user in (workspace.me, SLACKBOT) or told.get("subtype") == "bot_message"
    team = told.get("user_team") or told.get("team") or profile.get("team")
    return Member(
        community=workspace.community,
        id=user or bot,
        name=workspace.names(user or bot) or _told_name(told, profile),
        bot=is_bot,
        home=at_home(team, told.get("enterprise"), workspace),
    )


def _told_name(told: Mapping[str, Any], profile: Mapping[str, Any]) -> str:
    """What somebody is called in what they did; empty where that is not told."""
    bot = as_dict(told.get("bot_profile"))
    named = (profile.get("display_name"), profile.get("real_name"), told.get("username"), bot.get("name"))
    return next((text_of(name) for name in named if text_of(name)), "")


def at_home(team: object, enterprise: object, workspace: Workspace) -> bool:
    """Whether somebody of this team is one of the workspace's own; where nothing is told, nobody is a stranger.

    Being at home makes nobody a member of the team: that takes an id or a user group of the configuration.
    """
    ours = workspace.community.id.partition(":")[0]
    if not workspace.team or not id_of(team):
        return True
    return team in (workspace.team, ours) or (ours.startswith("E") and enterprise == ours)


def _reactions(message: Mapping[str, Any]) -> tuple[Reaction, ...]:
    if not message.get("reactions"):
        return ()
    found = []
    for reaction in map(as_dict, as_list(message.get("reactions"))):
        emoji = text_of(reaction.get("name")).strip(":")
        found += [Reaction(emoji, id_of(user)) for user in as_list(reaction.get("users")) if emoji and id_of(user)]
    return tuple(found)
