"""What speaks for and against: *this message is meant for that person*, *this message awaits an answer*.

A clue is a name, and what it weighs stands in `weights`. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from bot.mentions.people import Heard, Person
from bot.mentions.room import Room
from bot.mentions.weights import AWAITS, MEANT

TALKING = timedelta(minutes=10)
"""How long two people who spoke to each other by name may go on doing so without names."""

BREATH = timedelta(minutes=2)
"""A further message so soon goes on with the one before it."""

A_WHILE = timedelta(minutes=3)

SILENCE = timedelta(minutes=30)
"""After so long without a word, whoever speaks begins anew."""

LIKELY = 0.0
"""Above these log-odds a message is meant for somebody rather than not."""

SPOKEN_TO = ("they-asked", "meant-for-team", "meant-for-another")
"""The clues of to whom it may be said: one of them at the most."""

TOLD = 3
"""How many clues a reason names: those that weighed most."""


class Addressee(NamedTuple):
    """Somebody for whom a message may be meant, and how likely that is, as log-odds."""

    person: Person
    clues: list[str]
    likely: float


def weigh(clues: Iterable[str], weights: Mapping[str, float]) -> float:
    """The log-odds that the clues add up to. A clue that was never weighed says nothing."""
    return sum([weights.get(clue, 0.0) for clue in clues])


def told(clues: Iterable[str], weights: Mapping[str, float]) -> tuple[str, ...]:
    """The clues that spoke for a decision, the weightiest first."""
    spoke = sorted((clue for clue in clues if weights.get(clue, 0.0) > 0), key=lambda clue: -weights[clue])
    return tuple(spoke[:TOLD])


def meant_for(heard: Heard, room: Room) -> list[Addressee]:
    """The people for whom a message that names nobody may be meant, newest first."""
    around = room.people.around(heard)
    if not around:
        return []
    me = _before(heard, room)
    said = _said(heard, me, room)
    partner = me.named.to if me is not None and me.named is not None and heard.at - me.named.at <= TALKING else None
    topics = heard.reading.topics
    shared = [topics & person.topics for person in around] if topics else []
    found = []
    for rank, person in enumerate(around):
        clues = said + _between(heard, me, partner, person)
        if rank < 2:
            clues.append("spoke-before" if rank else "spoke-last")
        if shared and shared[rank]:
            own = shared[rank].difference(*shared[:rank], *shared[rank + 1 :])
            if own:
                clues.append("subject" if len(own) == 1 else "subjects")
        found.append(Addressee(person, clues, weigh(clues, MEANT)))
    return found


def _before(heard: Heard, room: Room) -> Person | None:
    """Its author, unless this is the very message by which we know them."""
    me = room.people.get(heard.author)
    return None if me is None or me.last.id == heard.id else me


def _said(heard: Heard, me: Person | None, room: Room) -> list[str]:
    """What weighs the same for everybody for whom it may be meant."""
    reading = heard.reading
    clues = ["any"]
    if reading.words <= 2:
        clues.append("brief")
    if reading.verdict:
        clues.append("verdict")
    if reading.first_person and not reading.second_person:
        clues.append("own-question" if reading.asks else "of-oneself")
    if me is None:
        return clues
    asked, by, latest = me.asked, me.named_by, room.people.latest
    if asked is not None and asked.to is None and asked.reading.first_person and heard.at - asked.at < SILENCE:
        clues.append("asked-oneself")
    if by is not None and by.team and heard.at - by.at < TALKING:
        clues.append("with-a-colleague")
    if latest is not None and latest.author == heard.author and heard.at - latest.at < BREATH:
        clues.append("same-breath")
    return clues


def _between(heard: Heard, me: Person | None, partner: str | None, person: Person) -> list[str]:
    """What passed between its author and that person."""
    last, named = person.last, person.named
    clues = []
    if heard.at - last.at > A_WHILE:
        clues.append("a-while-ago")
    if me is None or last.at > me.last.at:
        clues.append("spoke-since")
    if partner is not None:
        clues.append("named-them" if partner == last.author else "named-another")
    if named is not None and heard.at - named.at < TALKING:
        clues.append("named-by-them" if named.to == heard.author else "they-named-another")
    if last.reading.polite:
        clues.append("was-polite")
    asked = person.asked
    if asked is not None and heard.reading.second_person and heard.at - asked.at < TALKING:
        clues.append("asked-and-you")
    return clues


def awaiting(heard: Heard, room: Room) -> list[str]:
    """What speaks for and against a message of somebody outside the team as one that awaits an answer."""
    return _by_itself(heard, room) + _spoken_to(heard, room)


def awaits(heard: Heard, room: Room, enough: float) -> list[str] | None:
    """The clues by which a message awaits an answer, given that their log-odds are `enough`; None when they are not.

    For whom it may be meant costs more to tell than all the rest, and is asked only where it can make the difference.
    """
    clues = _by_itself(heard, room)
    likely, swing = weigh(clues, AWAITS), [AWAITS.get(clue, 0.0) for clue in SPOKEN_TO]
    if likely + min(0.0, *swing) < enough <= likely + max(0.0, *swing):
        clues += _spoken_to(heard, room)
        likely = weigh(clues, AWAITS)
    return clues if likely >= enough else None


def _by_itself(heard: Heard, room: Room) -> list[str]:
    """How it reads, and whether its author begins something."""
    reading, words = heard.reading, heard.reading.words
    clues = ["any"]
    if reading.marked:
        clues.append("marked")
    elif reading.question:
        clues.append("question-form")
    if reading.help:
        clues.append("help-form")
    if reading.greets:
        clues.append("greets")
    elif reading.goes_on:
        clues.append("goes-on")
    if reading.second_person:
        clues.append("you")
    if words <= 2:
        clues.append("brief")
    elif words <= 5:
        clues.append("short")
    elif words >= 15:
        clues.append("long")
    if not reading.asks and (reading.grateful or reading.link):
        clues.append("thanks-or-link")
    if heard.addresses_team:
        clues.append("names-team")
    return clues + _standing(heard, room)


def begins(heard: Heard, room: Room) -> bool:
    """Whether these are its author's first words after a silence; a greeting just before is none."""
    me = _before(heard, room)
    return me is None or me.serious is None or heard.at - me.serious.at > SILENCE


def _standing(heard: Heard, room: Room) -> list[str]:
    """Whether its author begins something or goes on with something."""
    me, asks, latest = _before(heard, room), heard.reading.asks, room.people.latest
    clues = []
    if latest is not None and latest.reading.asks and not (asks or latest.team or latest.author == heard.author):
        clues += ["replies"] if heard.at - latest.at < SILENCE else []
    if me is None or me.serious is None or heard.at - me.serious.at > SILENCE:
        clues.append("fresh")
        if not asks and heard.reading.trouble:
            clues.append("fresh-trouble")
        return clues
    if heard.at - me.last.at < BREATH:
        clues.append("same-breath")
    by = me.named_by
    if by is not None and by.team and heard.at - by.at < TALKING:
        clues.append("team-asked" if by.reading.question else "team-spoke")
    return clues


def _spoken_to(heard: Heard, room: Room) -> list[str]:
    """To whom it may be said: whoever it names, or else whoever it seems to be meant for."""
    if heard.members or heard.called:
        people = [room.people.get(name) for name in heard.members | heard.called]
        asked = any(p is not None and p.last.team and p.asked and heard.at - p.asked.at < SILENCE for p in people)
        return ["they-asked"] if asked else []
    likely = max(meant_for(heard, room), key=lambda found: found.likely, default=None)
    if likely is None or likely.likely <= LIKELY:
        return []
    return ["meant-for-team" if likely.person.last.team else "meant-for-another"]
