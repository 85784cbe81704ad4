"""Which waiting mention does this message answer? One pure function, to be deepened without touching anything else.

Where the platform says what answers what (a thread, a reply, a ping of the asker), nothing is inferred. In a flat
channel a message answers the one it names or follows on from; what is said to somebody else answers nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.mentions.reading import fold
from bot.mentions.room import Heard, Room, Waiting

FOLLOWS_WITHIN = timedelta(minutes=10)
"""How long after the asker's last word a message that names nobody may still be taken as an answer to it."""

TALKING = timedelta(minutes=5)
"""How long two people who spoke to each other by name go on doing so without names."""


@dataclass(frozen=True, slots=True)
class Answered:
    mention: str
    rule: str
    reasons: tuple[str, ...] = ()


def answers(heard: Heard, text: str, room: Room) -> list[Answered]:
    """The mentions that this message of somebody other than their asker answers, each with its rule.

    An answer is never earlier than what it answers. Whether its author's answers count is for the caller to say.
    """
    candidates = [
        w
        for w in room.waiting.values()
        if w.mention.asker != heard.author and w.mention.opened_at <= heard.at and w.mention.ref.id != heard.id
    ]
    if not candidates:
        return []
    exact = [Answered(w.mention.id, rule) for w in candidates if (rule := _said_so(heard, w))]
    if exact or heard.thread is not None or heard.reply_to is not None:
        return exact
    flat = [w for w in candidates if w.thread is None]
    named = [Answered(w.mention.id, "names-asker") for w in flat if w.mention.asker in heard.members]
    if named or heard.members:
        return named
    return _inferred(heard, text, room, flat)


def _said_so(heard: Heard, waiting: Waiting) -> str | None:
    """The platform's own word: in the thread of the asker's message, or as a reply to one of them."""
    if heard.thread is not None and (heard.thread == waiting.thread or heard.thread in waiting.messages):
        return "thread"
    if heard.reply_to is not None and heard.reply_to in waiting.messages:
        return "reply"
    return None


def _inferred(heard: Heard, text: str, room: Room, flat: Sequence[Waiting]) -> list[Answered]:
    if called := _called(text, room, heard):
        return [Answered(w.mention.id, "names-asker", ("without @",)) for w in flat if w.mention.asker == called]
    if heard.reading.polite:
        return []
    partner = _partner(heard, room)
    if partner is not None:
        return [Answered(w.mention.id, "goes-on-talking") for w in flat if w.mention.asker == partner]
    for earlier in room.recent():
        if earlier.author == heard.author or earlier.bot:
            continue
        waiting = room.mention_with(earlier.id)
        if waiting is None or waiting not in flat or heard.at - earlier.at > FOLLOWS_WITHIN:
            return []
        return [Answered(waiting.mention.id, "follows-on")]
    return []


def _called(text: str, room: Room, heard: Heard) -> str | None:
    """The person whose name, written without @, this message begins with: `ada: …`, `ada, …`."""
    head = fold(text[:40]).lstrip()
    for separator in (":", ","):
        name, found, _ = head.partition(separator)
        if found and name and " " not in name.strip():
            for earlier in room.recent():
                if earlier.author != heard.author and fold(earlier.name) == name.strip():
                    return earlier.author
    return None


def _partner(heard: Heard, room: Room) -> str | None:
    """The person to whom the author last spoke by name, while that is fresh."""
    for earlier in room.recent():
        if heard.at - earlier.at > TALKING:
            return None
        if earlier.author == heard.author and earlier.members:
            return next(iter(earlier.led or earlier.members))
    return None
