"""What opens a mention: one pure function of a message, the mode of its channel and what was said before it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.mentions.reading import fold
from bot.mentions.room import Heard, Room
from bot.model import Message, MessageKind, Ping, PingKind, Team
from bot.settings import Mode

CONVERSATION = timedelta(minutes=30)
"""Silence after which somebody's next message in a flat channel begins a conversation of its own."""

SPOKEN_TO = timedelta(minutes=15)
"""How long somebody who was called by name is taken to be answering when they speak."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Why a message awaits the team; `rule` is stored, `reasons` are told by `why`."""

    rule: str
    reasons: tuple[str, ...] = ()

    @property
    def addressed(self) -> bool:
        """The team was called, rather than the message's form or place telling so."""
        return self.rule in ADDRESSED


ADDRESSED = ("ping-bot", "ping-member", "ping-role", "ping-reply", "keyword")


def opens(message: Message, heard: Heard, room: Room, team: Team, keywords: tuple[str, ...]) -> Opening | None:
    """Why this message awaits the team, or None.

    Never: messages by bots, webhooks, the team or ourselves; thanks, emoji only, greetings alone.
    """
    if message.kind is MessageKind.SYSTEM or heard.bot or heard.team:
        return None
    if heard.reading.polite and not (heard.reading.empty and message.attachments):
        return None
    if called := _addressed(message.pings, team):
        return None if _goes_on(heard, room) else called
    if keyword := _keyword(message.text, keywords):
        return keyword
    if room.mode is Mode.PINGS or heard.reading.solved or _to_somebody_else(heard, room, team):
        return None
    if heard.reading.asks:
        return Opening("question" if heard.reading.question else "help")
    if room.mode is Mode.EVERYTHING and _begins(heard, room):
        return Opening("conversation")
    return None


def _addressed(pings: tuple[Ping, ...], team: Team) -> Opening | None:
    for ping in pings:
        if ping.kind is PingKind.ROLE and ping.id in team.roles:
            return Opening("ping-role", (f"role {ping.id}",))
        if ping.kind is PingKind.MEMBER and ping.id == team.me:
            return Opening("ping-bot")
        if ping.kind is PingKind.MEMBER and ping.id in team.members:
            return Opening("ping-member", (f"member {ping.id}",))
        if ping.kind is PingKind.REPLY and ping.id in team.members:
            return Opening("ping-reply", (f"member {ping.id}",))
    return None


def _goes_on(heard: Heard, room: Room) -> bool:
    """Whether a ping only goes on with a conversation: the team spoke to them lately, and they ask for nothing more.

    *@Malo ok, I will check* awaits nobody; *@Malo 4.1.7*, after *which version?*, does.
    """
    if heard.reading.asks:
        return False
    for earlier in room.recent():
        if heard.at - earlier.at > CONVERSATION:
            return False
        if earlier.team and heard.author in earlier.members | earlier.called:
            return earlier.author not in heard.members or not earlier.reading.question
    return False


def _keyword(text: str, keywords: tuple[str, ...]) -> Opening | None:
    if not keywords:
        return None
    folded = fold(text)
    found = next((word for word in keywords if re.search(rf"(?<!\w){re.escape(fold(word))}(?!\w)", folded)), None)
    return Opening("keyword", (f"keyword {found}",)) if found else None


def _to_somebody_else(heard: Heard, room: Room, team: Team) -> bool:
    """Whether the message speaks to another outsider: by a ping, as a reply, or inside that person's thread."""
    others = {m for m in heard.members if m not in team.members and m != heard.author}
    if others:
        return True
    for above in (heard.reply_to, heard.thread):
        root = room.heard(above) if above else None
        if root is not None and not root.team and not root.bot and root.author != heard.author:
            return True
    return False


def _begins(heard: Heard, room: Room) -> bool:
    """Whether a conversation starts here: a thread's root or a first word after silence, when nobody spoke to them."""
    if heard.thread is not None:
        # A forum's post is a thread that has its first message's own id: whatever it says, it begins something.
        return heard.thread == heard.id
    if heard.reading.words < 3:
        return False
    last = room.spoke(heard.author)
    if last is not None and heard.at - last < CONVERSATION:
        return False
    for earlier in room.recent():
        if heard.at - earlier.at > SPOKEN_TO:
            break
        if heard.author in earlier.members:
            return False
    return True
