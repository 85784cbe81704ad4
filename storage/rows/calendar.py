"""Schedules and tips, cursors, leases, communities: small tables, written seldom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, literal_column, or_, select

from bot.model import Community, Cursor, Letter, OccurrenceState, Settled
from bot.ports import NOTED_FOR
from bot.tips.deck import Deck
from storage.rows.base import Rows, inserting, literals
from storage.rows.records import cursor_of, letter_of, place_values, settled_of, settled_values
from storage.tables import communities, cursors, decks, leases, letters, notes, occurrences, verdicts
from storage.transitions import ONCE, owner_of

_OF_SCHEDULE = select(occurrences).where(occurrences.c.schedule == bindparam("this"))
_LATEST = occurrences.c.local_date.desc()
_LAST = _OF_SCHEDULE.order_by(_LATEST).limit(literal_column("1"))
_LAST_TOLD = _LAST.where(occurrences.c.state.in_(literals([OccurrenceState.TOLD])))
_CURSORS = select(cursors).where(cursors.c.community == bindparam("this")).order_by(cursors.c.channel, cursors.c.thread)


class CalendarRows(Rows):
    async def settle(self, occurrence: Settled) -> bool:
        return await self._add(occurrences, settled_values(occurrence))

    async def settled(self, schedule: str, since: date) -> list[Settled]:
        rows = await self._all(
            select(occurrences)
            .where(occurrences.c.schedule == schedule, occurrences.c.local_date >= since.isoformat())
            .order_by(occurrences.c.local_date)
        )
        return [settled_of(row) for row in rows]

    async def last_settled(self, schedule: str) -> Settled | None:
        return await self._last(_LAST, schedule)

    async def last_told(self, schedule: str) -> Settled | None:
        return await self._last(_LAST_TOLD, schedule)

    async def _last(self, among: Select[Any], schedule: str) -> Settled | None:
        rows, _ = await self._prepared(among, {"this": schedule})
        return settled_of(rows[0]) if rows else None

    async def deck(self, community: Community) -> Deck | None:
        if self._postgres:
            # A deck is read to be drawn from: two who read the same one would draw the same tip.
            await self._run(select(func.pg_advisory_xact_lock(func.hashtextextended(f"deck/{community}", 0))))
        row = await self._first(select(decks.c.deck).where(decks.c.community == str(community)))
        return None if row is None else Deck.from_plain(row.deck)

    async def save_deck(self, community: Community, deck: Deck) -> None:
        insert = self._insert(decks).values(community=str(community), deck=deck.plain())
        await self._run(
            insert.on_conflict_do_update(index_elements=[decks.c.community], set_={"deck": insert.excluded.deck})
        )

    async def judge_tip(self, community: Community, slug: str, member: str, verdict: str, at: datetime) -> None:
        insert = self._insert(verdicts).values(
            community=str(community), slug=slug, member=member, verdict=verdict, at=at
        )
        await self._run(
            insert.on_conflict_do_update(
                index_elements=[verdicts.c.community, verdicts.c.slug, verdicts.c.member],
                set_={"verdict": insert.excluded.verdict, "at": insert.excluded.at},
            )
        )

    async def tip_verdicts(self, community: Community) -> dict[str, dict[str, int]]:
        rows = await self._all(
            select(verdicts.c.slug, verdicts.c.verdict, func.count().label("count_"))
            .where(verdicts.c.community == str(community))
            .group_by(verdicts.c.slug, verdicts.c.verdict)
        )
        counts: dict[str, dict[str, int]] = {}
        for row in rows:
            counts.setdefault(row.slug, {})[row.verdict] = row.count_
        return counts

    async def save_cursors(self, saved: Sequence[Cursor]) -> None:
        if not saved:
            return
        values = [
            {**place_values(place), "after": cursor.after, "at": cursor.at}
            for place, cursor in {cursor.place: cursor for cursor in saved}.items()
        ]
        # In one order, so that two processes that save the same places cannot wait for each other.
        values.sort(key=lambda row: (row["community"], row["channel"], row["thread"]))
        for row in values:
            await self._prepared(_saving_cursor(postgres=self._postgres), row)

    async def cursors(self, community: Community) -> list[Cursor]:
        rows, _ = await self._prepared(_CURSORS, {"this": str(community)})
        return [cursor_of(row) for row in rows]

    async def take_lease(self, name: str, holder: str, now: datetime, ttl: timedelta) -> bool:
        insert = self._insert(leases).values(name=name, community=owner_of(name), holder=holder, until=now + ttl)
        taken = insert.on_conflict_do_update(
            index_elements=[leases.c.name],
            set_={"holder": insert.excluded.holder, "until": insert.excluded.until},
            where=or_(leases.c.holder == holder, leases.c.until <= now),
        )
        return await self._count(taken) == 1

    async def give_lease(self, name: str, holder: str) -> None:
        await self._run(leases.delete().where(leases.c.name == name, leases.c.holder == holder))

    async def once(self, name: str, now: datetime, until: datetime) -> bool:
        await self._run(leases.delete().where(leases.c.holder == ONCE, leases.c.until <= now))
        return await self._add(leases, {"name": f"{ONCE}/{name}", "community": None, "holder": ONCE, "until": until})

    async def note(self, name: str, at: datetime) -> None:
        await self._run(notes.delete().where(notes.c.name == name, notes.c.at < at - NOTED_FOR))
        await self._run(notes.insert().values(name=name, at=at))

    async def noted(self, name: str, since: datetime) -> int:
        row = await self._first(
            select(func.count().label("count_")).select_from(notes).where(notes.c.name == name, notes.c.at >= since)
        )
        return 0 if row is None else int(row.count_)

    async def put_letter(self, letter: Letter) -> None:
        values = {"box": letter.box, "community": str(letter.community), "member": letter.member, "at": letter.at}
        await self._run(letters.insert().values(**values, body=letter.body))

    async def letters(self, box: str, limit: int) -> list[Letter]:
        rows = await self._all(select(letters).where(letters.c.box == box).order_by(letters.c.number).limit(limit))
        return [letter_of(row) for row in rows]

    async def drop_letter(self, number: int) -> None:
        await self._run(letters.delete().where(letters.c.number == number))

    async def know(self, community: Community, now: datetime) -> bool:
        return await self._add(communities, {"community": str(community), "known_since": now})

    async def known(self) -> list[Community]:
        rows = await self._all(select(communities.c.community))
        return sorted(Community.parse(row.community) for row in rows)


@cache
def _saving_cursor(*, postgres: bool) -> Any:
    insert = inserting(cursors, postgres=postgres)
    return insert.on_conflict_do_update(
        index_elements=[cursors.c.community, cursors.c.channel, cursors.c.thread],
        set_={"after": insert.excluded.after, "at": insert.excluded.at},
    )
