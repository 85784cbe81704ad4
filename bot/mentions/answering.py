"""Which waiting mention does this message answer? One pure function, to be deepened without touching anything else.

Where the platform says what answers what (a thread, a reply, a ping of the asker), nothing is inferred. In a flat
channel a message answers the one it names or follows on from; what is said to somebody else answers nobody.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from bot.mentions.clues import meant_for, told
from bot.mentions.room import Heard, Room
from bot.mentions.weights import MEANT

ENOUGH = -0.6
"""The log-odds from which on a message that names nobody is an answer to the likeliest of those who spoke lately.

Rather too early than too late: the team's next words to them would be read so anyway, and *still waiting* stands under
every closed nudge. Between -0.8 and -0.4 it makes little difference, see docs/accuracy.md.
"""


TOGETHER = timedelta(hours=1)
"""Who asks again so soon is answered about both: often it is one matter, and the team has both before its eyes."""


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
        if heard.led and heard.addresses_team and heard.reading.asks and not any(map(room.of_asker, heard.led)):
            return []  # handed on to a colleague, who has not answered yet: *@tim can you help @ada, please?*
        return _answerable(_of(heard.members, "names-asker", room), heard, room)
    return _answerable(_inferred(heard, room), heard, room)


def _answerable(found: list[Answered], heard: Heard, room: Room) -> list[Answered]:
    """Each mention once, and none by its own asker or from after the answer."""
    mentions: dict[str, Answered] = {}
    for answered in found:
        mentions.setdefault(answered.mention, answered)
    return [
        answered
        for mention_id, answered in mentions.items()
        if (mention := room.waiting[mention_id].mention).asker != heard.author
        and mention.opened_at <= heard.at
        and mention.ref.id != heard.id
    ]


def _of(askers: Collection[str], rule: str, room: Room, *reasons: str) -> list[Answered]:
    """What these people wait for in the channel itself, in an order that does not depend on how sets are hashed.

    What somebody had asked long before they asked again is another matter: the team's words are about the latter.
    """
    found = []
    for asker in sorted(askers):
        flat = [w.mention for w in room.of_asker(asker) if w.thread is None]
        latest = max((m.opened_at for m in flat), default=None)
        found += [Answered(m.id, rule, reasons) for m in flat if latest and latest - m.latest_at <= TOGETHER]
    return found


def _inferred(heard: Heard, room: Room) -> list[Answered]:
    """From who spoke to whom, when and about what, in a flat channel."""
    if heard.called:
        return _of(heard.called, "names-asker", room, "without @")
    if heard.reading.polite and not heard.reading.verdict:
        return []
    if not any(room.of_asker(person.last.author) for person in room.people.around(heard)):
        return []
    likely = max(meant_for(heard, room), key=lambda found: found.likely, default=None)
    if likely is None or likely.likely < ENOUGH:
        return []
    whom, reasons = (likely.person.last.author,), told(likely.clues, MEANT)
    if "named-them" in likely.clues or "named-by-them" in likely.clues:
        return _of(whom, "goes-on-talking", room, *reasons)
    return _of(whom, "follows-on", room, *reasons)
