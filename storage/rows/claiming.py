"""Which deliveries may be sent now, by whom, and when there will be something to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    column,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
    values,
)

from bot.model import Community, Delivery, Place
from storage.columns import Name
from storage.rows.base import Rows
from storage.rows.deliveries import live, unleased
from storage.rows.mentions import WAITS
from storage.rows.records import delivery_of
from storage.tables import deliveries, disabled, mentions, pauses
from storage.transitions import scope_of

_candidate = deliveries.alias("candidate")
_older = deliveries.alias("older")
_flying = deliveries.alias("flying")


class ClaimRows(Rows):
    async def claim(
        self, owner: str, now: datetime, lease: timedelta, limit: int, communities: Sequence[Community]
    ) -> list[Delivery]:
        oldest = _oldest(now, communities)
        if self._postgres:
            places = await self._lock_places(oldest, limit)
            if not places:
                return []
            oldest = oldest.where(_place(_candidate).in_(places)).with_for_update(of=_candidate, skip_locked=True)
        rows = await self._all(oldest.limit(limit))
        if not rows:
            return []
        until = now + lease
        keys = [row.key for row in rows]
        await self._run(
            update(deliveries).where(deliveries.c.key.in_(keys)).values(leased_by=owner, leased_until=until)
        )
        return [replace(delivery_of(row), leased_by=owner, leased_until=until) for row in rows]

    async def _lock_places(self, oldest: Select[Any], limit: int) -> list[tuple[str, str, str]]:
        """Places with something to claim, none of which anybody else can claim from before we commit.

        Row locks alone would not do. Two claims that run at the same time see different states of a place, and each
        may find another delivery to be its oldest. What is read after the lock was taken, in a statement of its own,
        is all that earlier claims committed.
        """
        # OFFSET keeps the planner from asking for the lock of every place before it knows which are wanted.
        found = oldest.offset(0).subquery("found")
        name = func.concat_ws("/", found.c.community, found.c.channel, found.c.thread)
        rows = await self._all(
            select(found.c.community, found.c.channel, found.c.thread)
            .where(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))
            .limit(limit)
        )
        return [(row.community, row.channel, row.thread) for row in rows]

    async def pause(self, scope: str, until: datetime) -> None:
        community, channel = scope_of(scope)
        insert = self._insert(pauses).values(community=community, channel=channel, until=until)
        await self._run(
            insert.on_conflict_do_update(
                index_elements=[pauses.c.community, pauses.c.channel],
                set_={"until": insert.excluded.until},
                where=pauses.c.until < insert.excluded.until,
            )
        )

    async def disable(self, place: Place, reason: str, at: datetime) -> bool:
        values = {"community": str(place.community), "channel": place.channel, "reason": reason, "at": at}
        return await self._add(disabled, values)

    async def enable(self, place: Place) -> bool:
        return (
            await self._count(
                disabled.delete().where(
                    disabled.c.community == str(place.community), disabled.c.channel == place.channel
                )
            )
            == 1
        )

    async def disabled(self, community: Community) -> dict[str, str]:
        rows = await self._all(
            select(disabled.c.channel, disabled.c.reason).where(disabled.c.community == str(community))
        )
        return {row.channel: row.reason for row in rows}

    async def next_due(self, communities: Sequence[Community]) -> datetime | None:
        if not communities:
            return None
        names = [str(community) for community in communities]
        ours = values(column("community", Name)).data([(name,) for name in names]).cte("ours")
        # One for each community: that is a step into the index, where the least of them all would read all of it.
        due = select(func.min(mentions.c.due_at)).where(
            WAITS, mentions.c.due_at.is_not(None), mentions.c.community == ours.c.community
        )
        instants = [
            row.due_at for row in await self._all(select(due.scalar_subquery().label("due_at")).select_from(ours))
        ]
        paused_until = (
            select(func.max(pauses.c.until)).where(_covers(pauses, deliveries)).correlate(deliveries).scalar_subquery()
        )
        places = await self._all(
            select(func.min(deliveries.c.due_at), func.max(deliveries.c.leased_until), func.max(paused_until))
            .where(live(deliveries), deliveries.c.community.in_(names), ~_closed(deliveries))
            .group_by(*_place_columns(deliveries))
        )
        instants += [max(instant for instant in place if instant is not None) for place in places]
        return min((instant for instant in instants if instant is not None), default=None)


def _oldest(now: datetime, communities: Sequence[Community]) -> Select[Any]:
    """The oldest due delivery of each place in which nothing is in flight, oldest first."""
    age = (_candidate.c.due_at, _candidate.c.created_at, _candidate.c.key)
    flying = exists().where(_same_place(_flying), live(_flying), _flying.c.leased_until > now)
    older = exists().where(
        _same_place(_older),
        live(_older),
        tuple_(_older.c.due_at, _older.c.created_at, _older.c.key) < tuple_(*age),
    )
    paused = exists().where(_covers(pauses, _candidate), pauses.c.until > now)
    return (
        select(_candidate)
        .where(
            live(_candidate),
            _candidate.c.community.in_([str(community) for community in communities]),
            _candidate.c.due_at <= now,
            unleased(_candidate, now),
            ~older,
            ~flying,
            ~paused,
            ~_closed(_candidate),
        )
        .order_by(*age)
    )


def _place_columns(table: FromClause) -> tuple[ColumnElement[str], ...]:
    return (table.c.community, table.c.channel, table.c.thread)


def _place(table: FromClause) -> ColumnElement[Any]:
    return tuple_(*_place_columns(table))


def _same_place(table: FromClause) -> ColumnElement[bool]:
    pairs = zip(_place_columns(table), _place_columns(_candidate), strict=True)
    return and_(*(ours == theirs for ours, theirs in pairs))


def _covers(table: FromClause, told: FromClause) -> ColumnElement[bool]:
    channel = or_(table.c.channel == "", table.c.channel == told.c.channel)
    return and_(table.c.community == told.c.community, channel)


def _closed(told: FromClause) -> ColumnElement[bool]:
    return exists().where(disabled.c.community == told.c.community, disabled.c.channel == told.c.channel)
