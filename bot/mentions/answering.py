"""Which waiting mention does this message answer? One pure function, to be deepened without touching anything else.

Where the platform says what answers what (a thread, a reply, a ping of the asker), nothing is inferred. In a flat
channel a message answers the one it names or follows on from; what is said to somebody else answers nobody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from bot.mentions.room import Heard, Room

FOLLOWS_WITHIN = timedelta(minutes=10)
"""How long after the asker's last word a message that names nobody may still be taken as an answer to it."""

TALKING = timedelta(minutes=5)
"""How long two people who spoke to each other by name go on doing so without names."""


@dataclass(frozen=True, slots=True)
class Answered:
    mention: str
    rule: str
    reasons: tuple[str, ...] = ()


def answers(heard: Heard, room: Room) -> list[Answered]:
    """The mentions that this message of somebody other than their asker answers, each with its rule.

    An answer is never earlier than what it answers. Whether its author's answers count is for the caller to say.
    """
    if not room.waiting:
        return []
    exact = [
        *(Answered(w.mention.id, "thread") for w in (room.in_thread(heard.thread) if heard.thread else ())),
        *(Answered(w.mention.id, "reply") for w in (room.mention_with(heard.reply_to),) if w is not None),
    ]
    if exact or heard.thread is not None or heard.reply_to is not None:
        return _answerable(exact, heard, room)
    if heard.members:
        return _answerable(_of(heard.members, "names-asker", room), heard, room)
    return _answerable(_inferred(heard, room), heard, room)


def _answerable(found: list[Answered], heard: Heard, room: Room) -> list[Answered]:
    """Each mention once, and none by its own asker or from after the answer."""
    mentions = {a.mention: a for a in reversed(found)}
    return [
        answered
        for mention_id, answered in mentions.items()
        if (mention := room.waiting[mention_id].mention).asker != heard.author
        and mention.opened_at <= heard.at
        and mention.ref.id != heard.id
    ]


def _of(askers: Collection[str], rule: str, room: Room, *reasons: str) -> list[Answered]:
    """What these people wait for in the channel itself."""
    return [Answered(w.mention.id, rule, reasons) for asker in askers for w in room.of_asker(asker) if w.thread is None]


def _inferred(heard: Heard, room: Room) -> list[Answered]:
    """From who spoke to whom and when, in a flat channel."""
    if heard.called:
        return _of(heard.called, "names-asker", room, "without @")
    if heard.reading.polite or heard.reading.asks_for_self:
        return []
    partner = _partner(heard, room)
    if partner is not None:
        return _of((partner,), "goes-on-talking", room)
    for earlier in room.recent():
        if earlier.author == heard.author or earlier.bot:
            continue
        waiting = room.mention_with(earlier.id)
        if waiting is None or waiting.thread is not None or heard.at - earlier.at > FOLLOWS_WITHIN:
            return []
        return [Answered(waiting.mention.id, "follows-on")]
    return []


def _partner(heard: Heard, room: Room) -> str | None:
    """Whom the author is talking with: who was named last between them, by either, while that is fresh."""
    for earlier in room.recent():
        if heard.at - earlier.at > TALKING:
            return None
        named = earlier.led or earlier.members or earlier.called
        if earlier.author == heard.author and named:
            return next(iter(named))
        if heard.author in earlier.members or heard.author in earlier.called:
            return earlier.author
    return None
