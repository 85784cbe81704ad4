"""What a live bot knows about one watched channel: who spoke lately, and who is waiting. Memory only, no I/O."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.copying import replace
from bot.mentions.names import NOBODY, Names
from bot.mentions.people import Heard as Heard
from bot.mentions.people import People
from bot.mentions.reading import LONGEST, fold, read_folded
from bot.model import Mention, Message, Ping, PingKind, Team
from bot.settings import Mode

RECENT_MESSAGES = 200
RECENT = timedelta(hours=3)


@dataclass(slots=True)
class Waiting:
    """A mention that waits, and the ids of its asker's messages."""

    mention: Mention
    messages: set[str] = field(default_factory=set)

    @property
    def thread(self) -> str | None:
        return self.mention.place.thread


class Room:
    """One watched channel. `waiting` is by mention id, oldest first; the recent messages are by id, in order.

    `latest_at` is the latest instant at which anything was said that was heard.
    """

    def __init__(self, channel: str, mode: Mode) -> None:
        self.channel = channel
        self.mode = mode
        self.waiting: dict[str, Waiting] = {}
        self._by_message: dict[str, str] = {}
        self._recent: OrderedDict[str, Heard] = OrderedDict()
        self._spoke: dict[str, datetime] = {}
        self.people = People()
        self.latest_at = datetime.min.replace(tzinfo=UTC)
        self._names = Names()
        self._by_asker: defaultdict[str, dict[str, Waiting]] = defaultdict(dict)
        self._by_thread: defaultdict[str, dict[str, Waiting]] = defaultdict(dict)

    @property
    def has_heard(self) -> bool:
        """Whether anything said here is remembered."""
        return bool(self._recent)

    def knows(self, message_id: str) -> bool:
        """Whether this message was heard already: a second delivery of it changes nothing."""
        return message_id in self._recent

    def heard(self, message_id: str) -> Heard | None:
        return self._recent.get(message_id)

    def hear(self, message: Heard) -> None:
        """Remember a message; what is old is forgotten."""
        recent, author, at = self._recent, message.author, message.at
        recent[message.id] = message
        if at > self.latest_at:
            self.latest_at = at
        oldest = at - RECENT  # which the message itself never is: it stops the loop
        while len(recent) > RECENT_MESSAGES or next(iter(recent.values())).at < oldest:
            _, gone = recent.popitem(last=False)
            if self._spoke.get(gone.author) == gone.at:
                del self._spoke[gone.author]
                self._names.remove(gone.name)
                self.people.forget(gone.author)
        if author not in self._spoke:
            self._names.add(message.name, author)
        self._spoke[author] = at
        if message.thread is None:
            self.people.hear(message)

    def forget(self, message_id: str) -> None:
        """A message is to be heard anew."""
        self._recent.pop(message_id, None)

    def revise(self, message: Heard) -> None:
        """A message that was heard reads differently now; it stays where it was said."""
        if known := self._recent.get(message.id):
            self._recent[message.id] = replace(message, at=known.at)

    def recent(self) -> Iterator[Heard]:
        """Newest first."""
        return reversed(self._recent.values())

    def spoke(self, author: str) -> datetime | None:
        """When this person was last heard here."""
        return self._spoke.get(author)

    def called(self, folded: str, but: str) -> frozenset[str]:
        """The people heard lately whose names stand in a folded text, except its author."""
        return self._names.called(folded, but)

    def mention_with(self, message_id: str | None) -> Waiting | None:
        """The waiting mention to which a message belongs."""
        mention_id = self._by_message.get(message_id) if message_id else None
        return self.waiting.get(mention_id) if mention_id else None

    def opened_by(self, message_id: str) -> bool:
        """Whether a waiting mention was opened by that very message."""
        waiting = self.mention_with(message_id)
        return waiting is not None and waiting.mention.ref.id == message_id

    def mention_of(self, asker: str, thread: str | None) -> Waiting | None:
        """The latest waiting mention of that person in that conversation: the thread, or else the channel itself."""
        known = self._by_asker.get(asker)
        if known:
            for waiting in reversed(known.values()):
                if waiting.thread == thread:
                    return waiting
        return None

    def of_asker(self, asker: str) -> list[Waiting]:
        """What one person waits for, oldest first."""
        known = self._by_asker.get(asker)
        return list(known.values()) if known else []

    def in_thread(self, thread: str) -> list[Waiting]:
        """What waits in a thread: opened inside it, or by the message at its root."""
        inside = list(self._by_thread.get(thread, {}).values())
        root = self.mention_with(thread)
        return [root, *inside] if root is not None and root not in inside else inside

    def keep(self, mention: Mention, *messages: str) -> None:
        """Remember a mention as it now is: with further messages of its asker, or no more once it stopped waiting."""
        known = self.waiting.get(mention.id)
        if not mention.state.waits:
            if known is not None:
                self._drop(known)
            return
        if known is None:
            known = self.waiting[mention.id] = Waiting(mention, {mention.ref.id})
            self._by_message[mention.ref.id] = mention.id
            self._by_asker[mention.asker][mention.id] = known
            if known.thread is not None:
                self._by_thread[known.thread][mention.id] = known
        if known.mention.latest_at > mention.latest_at:
            # The database learns of follow-ups later than we do.
            mention = replace(mention, latest=known.mention.latest, latest_at=known.mention.latest_at)
        known.mention = mention
        for message_id in messages:
            known.messages.add(message_id)
            self._by_message[message_id] = mention.id

    def _drop(self, waiting: Waiting) -> None:
        mention = waiting.mention
        del self.waiting[mention.id]
        for message_id in waiting.messages:
            self._by_message.pop(message_id, None)
        _forget(self._by_asker, mention.asker, mention.id)
        if waiting.thread is not None:
            _forget(self._by_thread, waiting.thread, mention.id)

    def release(self, message_id: str) -> None:
        """A message left its mention."""
        if waiting := self.mention_with(message_id):
            waiting.messages.discard(message_id)
        self._by_message.pop(message_id, None)


def _forget(index: dict[str, dict[str, Waiting]], key: str, mention_id: str) -> None:
    index[key].pop(mention_id, None)
    if not index[key]:
        del index[key]


def listen(message: Message, team: Team, room: Room) -> Heard:
    """What `room` is to remember of a message, from what it knows so far."""
    ref, author, folded = message.ref, message.author, fold(message.text[:LONGEST])
    author_id, thread = author.id, ref.place.thread
    members, led, addresses_team = _pinged(message.pings, team) if message.pings else (NOBODY, NOBODY, False)
    called = room.called(folded, author_id) if thread is None else NOBODY
    return Heard(
        ref.id,
        author_id,
        author.name,
        message.at,
        team.has(author),
        author.bot or author_id == team.me,
        thread,
        message.reply_to,
        members,
        led,
        called,
        _only_one(led, members, called),
        addresses_team,
        read_folded(folded),
    )


def _only_one(*groups: frozenset[str]) -> str | None:
    """Whoever is alone in the first of these groups that is of one."""
    for people in groups:
        if len(people) == 1:
            return next(iter(people))
    return None


def _pinged(pings: Iterable[Ping], team: Team) -> tuple[frozenset[str], frozenset[str], bool]:
    """Whom the pings call, with whom of them the message begins, and whether the team is among them."""
    members, led, addresses_team = [], [], False
    for ping in pings:
        kind, id_ = ping.kind, ping.id
        if kind is PingKind.ROLE:
            addresses_team |= id_ in team.roles
        elif kind is PingKind.MEMBER or kind is PingKind.REPLY:
            addresses_team |= id_ in team.members or id_ == team.me
            members.append(id_)
            if ping.leading and kind is PingKind.MEMBER:
                led.append(id_)
    return frozenset(members), frozenset(led), addresses_team
