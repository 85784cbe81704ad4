"""Who spoke lately in a channel, to whom, and about what: what somebody who reads along would remember. Memory only."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from bot.making import value
from bot.mentions.reading import Reading

LATELY = timedelta(minutes=10)
"""How long after somebody's last word a message that names nobody may still be meant for them."""

AROUND = 5
"""How many of the last speakers a message that names nobody may be meant for: those before are out of mind."""

SUBJECT = timedelta(minutes=10)
"""After so long a silence somebody's words are about something else."""

SUBJECT_WORDS = 60
"""So many words tell what somebody is talking about; who writes more at a stretch is not read more closely."""


@value(frozen=True, slots=True)
class Heard:
    """A message as the room remembers it: who spoke to whom and how it read. Its text is not kept.

    `members` are those it pings, `led` those among them with whom it begins, `called` those whose names it writes
    without a ping, `to` the one person to whom it says that it speaks.
    """

    id: str
    author: str
    name: str
    at: datetime
    team: bool
    bot: bool
    thread: str | None
    reply_to: str | None
    members: frozenset[str]
    led: frozenset[str]
    called: frozenset[str]
    to: str | None
    addresses_team: bool
    reading: Reading


class Person:
    """Somebody who spoke in the channel itself: the `last` message of theirs, the last that was more than politeness,
    the last that asked, the last that named somebody, the last that named them, and their latest `topics`.
    """

    __slots__ = ("asked", "last", "named", "named_by", "serious", "topics")

    def __init__(self, first: Heard) -> None:
        self.last = first
        self.serious: Heard | None = None
        self.asked: Heard | None = None
        self.named: Heard | None = None
        self.named_by: Heard | None = None
        self.topics: set[str] = set()

    def speak(self, message: Heard) -> None:
        """They said something more."""
        reading, known = message.reading, len(self.topics)
        if 0 < known < SUBJECT_WORDS and message.at - self.last.at < SUBJECT:
            self.topics |= reading.topics
        else:
            self.topics = set(reading.topics)
        self.last = message
        if not reading.polite:
            self.serious = message
        if reading.asks:
            self.asked = message
        if message.to is not None:
            self.named = message


class People:
    """Those who spoke in the channel itself, in the order in which they last did; `latest` is the last message."""

    def __init__(self) -> None:
        self._people: OrderedDict[str, Person] = OrderedDict()
        self.latest: Heard | None = None

    def hear(self, message: Heard) -> None:
        person = self._people.get(message.author)
        if person is None:
            person = self._people[message.author] = Person(message)
        else:
            self._people.move_to_end(message.author)
        person.speak(message)
        self.latest = message
        for name in message.members or message.called:
            if (named := self._people.get(name)) is not None:
                named.named_by = message

    def forget(self, author: str) -> None:
        self._people.pop(author, None)

    def get(self, author: str) -> Person | None:
        return self._people.get(author)

    def around(self, message: Heard) -> list[Person]:
        """The last few people who spoke before `message`, but its author and bots: newest first."""
        found: list[Person] = []
        since = message.at - LATELY
        for author, person in reversed(self._people.items()):
            last = person.last
            if last.at < since:
                break
            if author == message.author or last.bot or last.at > message.at:
                continue
            found.append(person)
            if len(found) == AROUND:
                break
        return found
