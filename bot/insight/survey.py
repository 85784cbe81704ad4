"""A first look at a history: from when to when it goes, who speaks in it, and who seems to look after the others."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from bot.events import Event, MessagePosted
from bot.model import Member, MessageKind

LARGEST_TEAM = 8


class Survey:
    """Shown every event, it remembers people and who answered whom; of messages, their author alone."""

    def __init__(self) -> None:
        self.people: dict[str, Member] = {}
        self.first: datetime | None = None
        self.last: datetime | None = None
        self._authors: dict[tuple[str, str], str] = {}
        self._answered: defaultdict[str, set[str]] = defaultdict(set)

    def see(self, event: Event) -> None:
        if not isinstance(event, MessagePosted):
            return
        message = event.message
        place, author = message.ref.place, message.author
        self.first = self.first or message.at
        self.last = message.at
        self.people[author.id] = author
        if message.kind is MessageKind.SYSTEM:
            return
        self._authors[place.channel, message.ref.id] = author.id
        for above in (place.thread, message.reply_to):
            asked_by = self._authors.get((place.channel, above)) if above else None
            if asked_by is not None and asked_by != author.id and not author.bot:
                self._answered[author.id].add(asked_by)

    def likely_team(self) -> list[str]:
        """Those who answer the most people: at least half as many as whoever answers most. Nobody if nobody does."""
        most = max(map(len, self._answered.values()), default=0)
        busy = [id_ for id_, people in self._answered.items() if 2 * len(people) >= most]
        return sorted(busy, key=lambda id_: (-len(self._answered[id_]), id_))[:LARGEST_TEAM]
