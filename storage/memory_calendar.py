"""What `rows/calendar.py` is on a database, in memory: schedules and tips, cursors, leases, notes, letters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from bot.model import Community, Cursor, Letter, OccurrenceState, Settled
from bot.ports import NOTED_FOR
from storage.shelves import Shelves
from storage.transitions import ONCE

if TYPE_CHECKING:
    from bot.tips.deck import Deck


class MemoryCalendar:
    __slots__ = ("_s",)

    def __init__(self, shelves: Shelves) -> None:
        self._s = shelves

    async def settle(self, occurrence: Settled) -> bool:
        dates = self._s.settled[occurrence.schedule]
        if occurrence.local_date in dates:
            return False
        self._s.put(dates, occurrence.local_date, occurrence)
        return True

    async def settled(self, schedule: str, since: date) -> list[Settled]:
        dates = self._s.settled.get(schedule, {})
        return [dates[day] for day in sorted(dates) if day >= since.isoformat()]

    async def last_settled(self, schedule: str) -> Settled | None:
        dates = self._s.settled.get(schedule)
        return dates[max(dates)] if dates else None

    async def last_told(self, schedule: str) -> Settled | None:
        dates = self._s.settled.get(schedule, {})
        told = [day for day, settled in dates.items() if settled.state is OccurrenceState.TOLD]
        return dates[max(told)] if told else None

    async def deck(self, community: Community) -> Deck | None:
        return self._s.decks.get(community)

    async def save_deck(self, community: Community, deck: Deck) -> None:
        self._s.put(self._s.decks, community, deck)

    async def judge_tip(self, community: Community, slug: str, member: str, verdict: str, at: datetime) -> None:
        self._s.put(self._s.verdicts, (community, slug, member), (verdict, at))

    async def tip_verdicts(self, community: Community) -> dict[str, dict[str, int]]:
        counts: dict[str, dict[str, int]] = {}
        for (owner, slug, _), (verdict, _) in self._s.verdicts.items():
            if owner == community:
                of_slug = counts.setdefault(slug, {})
                of_slug[verdict] = of_slug.get(verdict, 0) + 1
        return counts

    async def save_cursors(self, cursors: Sequence[Cursor]) -> None:
        for cursor in cursors:
            self._s.put(self._s.cursors, cursor.place, cursor)

    async def cursors(self, community: Community) -> list[Cursor]:
        ours = [cursor for cursor in self._s.cursors.values() if cursor.place.community == community]
        return sorted(ours, key=lambda cursor: (cursor.place.channel, cursor.place.thread or ""))

    async def take_lease(self, name: str, holder: str, now: datetime, ttl: timedelta) -> bool:
        stored = self._s.leases.get(name)
        if stored is not None and stored[0] != holder and stored[1] > now:
            return False
        self._s.put(self._s.leases, name, (holder, now + ttl))
        return True

    async def give_lease(self, name: str, holder: str) -> None:
        stored = self._s.leases.get(name)
        if stored is not None and stored[0] == holder:
            self._s.put(self._s.leases, name, None)

    async def once(self, name: str, now: datetime, until: datetime) -> bool:
        for lapsed in [key for key, (holder, end) in self._s.leases.items() if holder == ONCE and end <= now]:
            self._s.put(self._s.leases, lapsed, None)
        if f"{ONCE}/{name}" in self._s.leases:
            return False
        self._s.put(self._s.leases, f"{ONCE}/{name}", (ONCE, until))
        return True

    async def note(self, name: str, at: datetime) -> None:
        kept = [instant for instant in self._s.notes.get(name, ()) if instant >= at - NOTED_FOR]
        self._s.put(self._s.notes, name, (*kept, at))

    async def noted(self, name: str, since: datetime) -> int:
        return sum(instant >= since for instant in self._s.notes.get(name, ()))

    async def put_letter(self, letter: Letter) -> None:
        number = max(self._s.letters, default=0) + 1
        kept = Letter(letter.box, letter.community, letter.member, letter.body, letter.at, number)
        self._s.put(self._s.letters, number, kept)

    async def letters(self, box: str, limit: int) -> list[Letter]:
        ours = (letter for _, letter in sorted(self._s.letters.items()) if letter.box == box)
        return list(islice(ours, limit))

    async def drop_letter(self, number: int) -> None:
        self._s.put(self._s.letters, number, None)
