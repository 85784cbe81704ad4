"""What a live bot knows about one watched channel: who spoke lately, and who is waiting. Memory only, no I/O."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.mentions.reading import Reading, read
from bot.model import Mention, Message, PingKind, Team
from bot.settings import Mode

RECENT_MESSAGES = 200
RECENT = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the room remembers it: who spoke to whom and how it read. Its text is not kept."""

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
    addresses_team: bool
    reading: Reading


@dataclass(slots=True)
class Waiting:
    """A mention that waits, and the ids of its asker's messages."""

    mention: Mention
    messages: set[str] = field(default_factory=set)

    @property
    def thread(self) -> str | None:
        return self.mention.place.thread


class Room:
    """One watched channel. `waiting` is by mention id, oldest first; the recent messages are by id, in order."""

    def __init__(self, channel: str, mode: Mode) -> None:
        self.channel = channel
        self.mode = mode
        self.waiting: dict[str, Waiting] = {}
        self._by_message: dict[str, str] = {}
        self._recent: OrderedDict[str, Heard] = OrderedDict()
        self._spoke: dict[str, datetime] = {}

    def knows(self, message_id: str) -> bool:
        """Whether this message was heard already: a second delivery of it changes nothing."""
        return message_id in self._recent

    def heard(self, message_id: str) -> Heard | None:
        return self._recent.get(message_id)

    def hear(self, message: Heard) -> None:
        """Remember a message; what is old is forgotten."""
        self._recent[message.id] = message
        oldest = message.at - RECENT
        while len(self._recent) > RECENT_MESSAGES or next(iter(self._recent.values())).at < oldest:
            _, gone = self._recent.popitem(last=False)
            if self._spoke.get(gone.author) == gone.at:
                del self._spoke[gone.author]
            if not self._recent:
                break
        self._spoke[message.author] = message.at

    def recent(self) -> Iterator[Heard]:
        """Newest first."""
        return reversed(self._recent.values())

    def spoke(self, author: str) -> datetime | None:
        """When this person was last heard here."""
        return self._spoke.get(author)

    def mention_with(self, message_id: str | None) -> Waiting | None:
        """The waiting mention to which a message belongs."""
        mention_id = self._by_message.get(message_id) if message_id else None
        return self.waiting.get(mention_id) if mention_id else None

    def mention_of(self, asker: str, thread: str | None) -> Waiting | None:
        """The latest waiting mention of that person in that conversation: the thread, or else the channel itself."""
        return next(
            (w for w in reversed(self.waiting.values()) if w.mention.asker == asker and w.thread == thread), None
        )

    def keep(self, mention: Mention, *messages: str) -> None:
        """Remember a mention as it now is: with further messages of its asker, or no more once it stopped waiting."""
        known = self.waiting.get(mention.id)
        if not mention.state.waits:
            for message_id in known.messages if known else ():
                self._by_message.pop(message_id, None)
            self.waiting.pop(mention.id, None)
            return
        if known is None:
            known = self.waiting[mention.id] = Waiting(mention, {mention.ref.id})
            self._by_message[mention.ref.id] = mention.id
        known.mention = mention
        for message_id in messages:
            known.messages.add(message_id)
            self._by_message[message_id] = mention.id

    def release(self, message_id: str) -> None:
        """A message left its mention."""
        if waiting := self.mention_with(message_id):
            waiting.messages.discard(message_id)
        self._by_message.pop(message_id, None)


def listen(message: Message, team: Team) -> Heard:
    """What the room is to remember of a message."""
    members = frozenset(p.id for p in message.pings if p.kind in (PingKind.MEMBER, PingKind.REPLY))
    return Heard(
        id=message.ref.id,
        author=message.author.id,
        name=message.author.name,
        at=message.at,
        team=team.has(message.author),
        bot=message.author.bot or message.author.id == team.me,
        thread=message.ref.place.thread,
        reply_to=message.reply_to,
        members=members,
        led=frozenset(p.id for p in message.pings if p.leading and p.kind is PingKind.MEMBER),
        addresses_team=any(_is_team(p.kind, p.id, team) for p in message.pings),
        reading=read(message.text),
    )


def _is_team(kind: PingKind, target: str, team: Team) -> bool:
    if kind is PingKind.ROLE:
        return target in team.roles
    return kind in (PingKind.MEMBER, PingKind.REPLY) and (target in team.members or target == team.me)
