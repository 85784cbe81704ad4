"""What opens a mention: one pure function of a message, the mode of its channel and what was said before it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from unicodedata import category

from bot.mentions.clues import awaits, begins, told
from bot.mentions.reading import NAMES, fold
from bot.mentions.room import Heard, Room
from bot.mentions.weights import AWAITS
from bot.model import Message, MessageKind, Ping, PingKind, Team
from bot.settings import Mode

CONVERSATION = timedelta(minutes=30)
"""How long two people who spoke to each other are taken to be in one conversation."""

SPOKEN_TO = timedelta(minutes=15)
"""How long somebody who was called by name is taken to be answering when they speak."""

ASKS = -0.5
"""The log-odds from which on what has the form of a question or of a call for help awaits an answer.

Below even odds, since whoever is forgotten loses more than whoever is nudged in vain. Between -0.8 and -0.3 it makes
little difference, see docs/accuracy.md.
"""

BEGINS = -0.95
"""The same for any other first words in the mode `everything`, which promises to open every conversation: a statement
of some length opens, unless something speaks against it.
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """Why a message awaits the team; `rule` is stored, `reasons` are told by `why`."""

    rule: str
    reasons: tuple[str, ...] = ()

    @property
    def addressed(self) -> bool:
        """The team was called, rather than the message's form or place telling so."""
        return self.rule in ADDRESSED


PINGED = ("ping-bot", "ping-member", "ping-role")
ADDRESSED = (*PINGED, "ping-reply", "keyword")


def opens(message: Message, heard: Heard, room: Room, team: Team, keywords: tuple[str, ...]) -> Opening | None:
    """Why this message awaits the team, or None.

    Never: messages by bots, webhooks, the team or ourselves; thanks, emoji only, greetings alone. Somebody's name and
    no word more is none of these: it calls.
    """
    if message.kind is MessageKind.SYSTEM or heard.bot or heard.team:
        return None
    if heard.reading.polite and not (heard.reading.empty and (message.attachments or _only_calls(message))):
        return None
    if called := _addressed(message.pings, team):
        return None if _goes_on(heard, room) else called
    if keyword := _keyword(message.text, keywords):
        return keyword
    if room.mode is Mode.PINGS or heard.reading.solved or _to_somebody_else(heard, room, team):
        return None
    return _by_its_form(heard, room)


def _by_its_form(heard: Heard, room: Room) -> Opening | None:
    """What calls nobody: a question, a call for help, the beginning of a conversation.

    Inside a thread, where the platform says what belongs together, the form alone decides.
    """
    if heard.reading.asks:
        asks = heard.thread is not None or _awaits(heard, room)
        return Opening("question" if heard.reading.question else "help") if asks else None
    if room.mode is not Mode.EVERYTHING:
        return None
    if heard.thread is not None:
        # A forum's post is a thread that has its first message's own id: whatever it says, it begins something.
        return Opening("conversation") if heard.thread == heard.id else None
    if heard.reading.words < 3 or not begins(heard, room) or _was_called(heard, room):
        return None
    clues = awaits(heard, room, BEGINS)
    return Opening("conversation", told(clues, AWAITS)) if clues else None


def _was_called(heard: Heard, room: Room) -> bool:
    for earlier in room.recent():
        if heard.at - earlier.at > SPOKEN_TO:
            return False
        if heard.author in earlier.members or heard.author in earlier.called:
            return True
    return False


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


def _only_calls(message: Message) -> bool:
    """Whether a message is a ping and nothing else, not even an emoji: *@staff*, *@Malo !!*."""
    rest = NAMES.sub("", message.text)
    return bool(message.pings) and all(char.isspace() or category(char).startswith("P") for char in rest)


def _goes_on(heard: Heard, room: Room) -> bool:
    """Whether a ping only goes on with a conversation: they spoke to each other lately, and nothing more is asked.

    *@Malo ok, I will check* awaits nobody; *@Malo 4.1.7*, after *which version?*, does. Whoever helps Malo with a
    question of Malo's own awaits nothing either.
    """
    if heard.reading.asks:
        return heard.thread is None and _in_conversation(heard, room) and not _awaits(heard, room)
    for earlier in room.recent():
        if heard.at - earlier.at > CONVERSATION:
            break
        if earlier.team and heard.author in earlier.members | earlier.called:
            return earlier.author not in heard.members or not earlier.reading.question
        if heard.thread is None and earlier.author in heard.members and earlier.reading.asks and earlier.to is None:
            return True
    return False


def _in_conversation(heard: Heard, room: Room) -> bool:
    """Whether somebody whom it names spoke here lately: otherwise a ping begins something, whatever its form."""
    for earlier in room.recent():
        if heard.at - earlier.at > CONVERSATION:
            return False
        if earlier.author in heard.members:
            return True
    return False


def _awaits(heard: Heard, room: Room) -> bool:
    """Whether a question or a call for help awaits an answer; one of no words but its mark never does by itself."""
    if not heard.reading.words and not heard.addresses_team:
        return False
    return awaits(heard, room, ASKS) is not None


def _keyword(text: str, keywords: tuple[str, ...]) -> Opening | None:
    if not keywords:
        return None
    folded = fold(text)
    found = next((word for word in keywords if re.search(rf"(?<!\w){re.escape(fold(word))}(?!\w)", folded)), None)
    return Opening("keyword", (f"keyword {found}",)) if found else None


def _to_somebody_else(heard: Heard, room: Room, team: Team) -> bool:
    """Whether the message speaks to another outsider: by a ping, as a reply, or inside that person's thread."""
    if heard.members and any(m not in team.members and m != heard.author for m in heard.members):
        return True
    for above in (heard.reply_to, heard.thread):
        root = room.heard(above) if above else None
        if root is not None and not root.team and not root.bot and root.author != heard.author:
            return True
    return False
