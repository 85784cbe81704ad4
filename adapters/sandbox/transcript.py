"""What was said in the sandbox: every channel's messages in their order, in memory only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from bot.model import Message, MessageRef, Reaction
from bot.post import Post


@dataclass(slots=True)
class Entry:
    """One message: somebody's, or one of ours with its `post`. A deleted one keeps its place and nothing else.

    `alone`: it was said in a thread whose beginning is not known, as in some histories, and is shown in the channel.
    """

    message: Message
    post: Post | None = None
    key: str | None = None
    edited: bool = False
    deleted: bool = False
    alone: bool = False
    replies: int = 0
    reactions: dict[str, list[str]] = field(default_factory=dict)  # emoji → members, in the order in which they reacted

    @property
    def ref(self) -> MessageRef:
        return self.message.ref

    @property
    def thread(self) -> str | None:
        return self.message.ref.place.thread

    @property
    def name(self) -> str:
        """What pages call it: an id counts in its channel only."""
        return name_of(self.ref)

    def known(self) -> Message:
        """The message as the chat would tell of it now."""
        reactions = (Reaction(emoji, member) for emoji, members in self.reactions.items() for member in members)
        return replace(self.message, reactions=tuple(reactions))


def name_of(ref: MessageRef) -> str:
    """What pages call a message."""
    return f"{ref.place.channel}/{ref.id}"


class Transcript:
    """The channels are those given; an id counts in its channel only."""

    def __init__(self, channels: Iterable[str]) -> None:
        self._channels: dict[str, list[Entry]] = {channel: [] for channel in channels}
        self._at: dict[tuple[str, str], int] = {}
        self._threads: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
        self._keys: dict[str, Entry] = {}
        self._count = 0

    def has(self, channel: str) -> bool:
        return channel in self._channels

    def new_id(self, channel: str, at: datetime) -> str:
        """An id that is free in that channel and sorts after those given out before."""
        while True:
            self._count += 1
            id_ = f"{int(at.timestamp())}.{self._count:06}"
            if (channel, id_) not in self._at:
                return id_

    def add(self, entry: Entry) -> bool:
        """False, and nothing changed, when that message is there already."""
        place, where = entry.ref.place, (entry.ref.place.channel, entry.ref.id)
        if where in self._at:
            return False
        entries = self._channels[place.channel]
        self._at[where] = len(entries)
        entries.append(entry)
        if entry.key is not None:
            self._keys[entry.key] = entry
        if place.thread is not None:
            self._threads[place.channel, place.thread].append(entry)
            root = self.get(place.channel, place.thread)
            entry.alone = root is None
            if root is not None:
                root.replies += 1
        return True

    def get(self, channel: str, id_: str) -> Entry | None:
        """The message, unless it was deleted."""
        at = self._at.get((channel, id_))
        entry = None if at is None else self._channels[channel][at]
        return None if entry is None or entry.deleted else entry

    def find(self, name: str) -> Entry | None:
        """The message that pages call so, unless it was deleted."""
        channel, _, id_ = name.rpartition("/")
        return self.get(channel, id_)

    def sent_with(self, key: str) -> Entry | None:
        """Our message that was sent with that key, unless it was deleted."""
        entry = self._keys.get(key)
        return None if entry is None or entry.deleted else entry

    def remove(self, entry: Entry) -> None:
        entry.deleted = True
        entry.message = replace(entry.message, text="", pings=())
        entry.post = None
        entry.reactions.clear()
        place = entry.ref.place
        if place.thread is not None and (root := self.get(place.channel, place.thread)):
            root.replies -= 1

    def react(self, entry: Entry, member: str, emoji: str, *, on: bool) -> bool:
        """Add or take back a reaction; False when nothing changed by it."""
        members = entry.reactions.setdefault(emoji, [])
        changed = (member in members) is not on
        if changed:
            (members.append if on else members.remove)(member)
        if not members:
            del entry.reactions[emoji]
        return changed

    def flat_after(self, channel: str, after: str | None) -> Iterator[Entry]:
        """Messages outside threads later than `after`, oldest first; all of them where that one is not known."""
        start = self._at.get((channel, after), -1) + 1 if after else 0
        there = islice(self._channels[channel], start, None)
        return (entry for entry in there if entry.thread is None and not entry.deleted)

    def replies_after(self, channel: str, thread: str, after: str | None) -> Iterator[Entry]:
        """Replies in a thread later than the message `after`, oldest first."""
        start = self._at.get((channel, after), -1) if after else -1
        for entry in self._threads.get((channel, thread), ()):
            if self._at[channel, entry.ref.id] > start and not entry.deleted:
                yield entry

    def latest(self, channel: str, limit: int, before: str | None = None) -> tuple[list[Entry], bool]:
        """The last `limit` messages outside threads, with their replies, and whether there are older ones.

        In the order in which they were said. `before`: those that stand before that message.
        """
        entries = self._channels[channel]
        end = self._at.get((channel, before), 0) if before else len(entries)
        roots: list[Entry] = []
        older = False
        for entry in reversed(entries[:end]):
            if entry.deleted or (entry.thread is not None and not entry.alone):
                continue
            if len(roots) == limit:
                older = True
                break
            roots.append(entry)
        replies = [reply for root in roots if root.replies for reply in self.replies_after(channel, root.ref.id, None)]
        return sorted([*roots, *replies], key=lambda entry: self._at[channel, entry.ref.id]), older
