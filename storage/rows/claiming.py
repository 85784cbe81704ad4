"""Which deliveries may be sent now, by whom, and when there will be something to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    Update,
    and_,
    bindparam,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from bot.model import Community, Delivery, Place
from storage.columns import Name, Names, Number
from storage.rows.base import Rows, is_among, names
from storage.rows.deliveries import live, unleased
from storage.rows.mentions import WAITS
from storage.rows.records import delivery_of
from storage.tables import deliveries, disabled, mentions, pauses
from storage.transitions import scope_of

_candidate = deliveries.alias("candidate")
_older = deliveries.alias("older")
_flying = deliveries.alias("flying")
_LIMIT = bindparam("limit", type_=Number)
_DISABLED = select(disabled.c.channel, disabled.c.reason).where(disabled.c.community == bindparam("this"))
_PLACE = ("community", "channel", "thread")


class ClaimRows(Rows):
    async def claim(
        self, owner: str, now: datetime, lease: timedelta, limit: int, communities: Sequence[Community]
    ) -> list[Delivery]:
        ours = {"communities": [str(community) for community in communities], "now": now, "limit": limit}
        if self._postgres:
            places = await self._lock_places(ours)
            if not places:
                return []
            rows, _ = await self._prepared(_oldest_in_places(), {**places, **ours})
        else:
            rows, _ = await self._prepared(_oldest_of_each(postgres=False), ours)
        if not rows:
            return []
        until = now + lease
        taken = {"keys": [row.key for row in rows], "leased_by": owner, "leased_until": until}
        await self._prepared(_taking(postgres=self._postgres), taken)
        return [replace(delivery_of(row), leased_by=owner, leased_until=until) for row in rows]

    async def _lock_places(self, ours: Mapping[str, Any]) -> dict[str, list[str]]:
        """Places with something to claim, none of which anybody else can claim from before we commit.

        Row locks alone would not do. Two claims that run at the same time see different states of a place, and each
        may find another delivery to be its oldest. What is read after the lock was taken, in a statement of its own,
        is all that earlier claims committed.
        """
        rows, _ = await self._prepared(_locked_places(), ours)
        if not rows:
            return {}
        return {f"locked_{name}": [getattr(row, name) for row in rows] for name in _PLACE}

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
        rows, _ = await self._prepared(_DISABLED, {"this": str(community)})
        return {row.channel: row.reason for row in rows}

    async def next_due(self, communities: Sequence[Community]) -> datetime | None:
        if not communities:
            return None
        ours = {"communities": [str(community) for community in communities]}
        due, _ = await self._prepared(_next_mention(postgres=self._postgres), ours)
        places, _ = await self._prepared(_next_in_places(postgres=self._postgres), ours)
        instants = [row.due_at for row in due if row.due_at is not None]
        instants += [max(instant for instant in place if instant is not None) for place in places]
        return min(instants, default=None)


# Each is put together once: that costs several times as much as the database does.


@cache
def _next_mention(*, postgres: bool) -> Select[Any]:
    """One row for each community: a step into the index, where the least of them all would read all of it."""
    community = names("communities", postgres=postgres)
    due = select(func.min(mentions.c.due_at)).where(
        WAITS, mentions.c.due_at.is_not(None), mentions.c.community == community
    )
    return select(due.scalar_subquery().label("due_at")).select_from(community.table)


@cache
def _next_in_places(*, postgres: bool) -> Select[Any]:
    """For each place the instants that must all have come before something of it can be claimed."""
    paused_until = (
        select(func.max(pauses.c.until)).where(_covers(pauses, deliveries)).correlate(deliveries).scalar_subquery()
    )
    return (
        select(
            func.min(deliveries.c.due_at).label("due_at"),
            func.max(deliveries.c.leased_until).label("leased_until"),
            func.max(paused_until).label("paused_until"),
        )
        .where(
            live(deliveries), is_among(deliveries.c.community, "communities", postgres=postgres), ~_closed(deliveries)
        )
        .group_by(*_place_columns(deliveries))
    )


@cache
def _oldest(*, postgres: bool) -> Select[Any]:
    """The oldest due delivery of each place in which nothing is in flight, oldest first."""
    now: BindParameter[datetime] = bindparam("now")
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
            is_among(_candidate.c.community, "communities", postgres=postgres),
            _candidate.c.due_at <= now,
            unleased(_candidate),
            ~older,
            ~flying,
            ~paused,
            ~_closed(_candidate),
        )
        .order_by(*age)
    )


@cache
def _oldest_of_each(*, postgres: bool) -> Select[Any]:
    return _oldest(postgres=postgres).limit(_LIMIT)


@cache
def _locked_places() -> Select[Any]:
    # OFFSET keeps the planner from asking for the lock of every place before it knows which are wanted.
    found = _oldest(postgres=True).offset(literal_column("0")).subquery("found")
    name = func.concat_ws("/", found.c.community, found.c.channel, found.c.thread)
    return (
        select(found.c.community, found.c.channel, found.c.thread)
        .where(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))
        .limit(_LIMIT)
    )


@cache
def _oldest_in_places() -> Select[Any]:
    locked = func.unnest(*(bindparam(f"locked_{name}", type_=Names) for name in _PLACE))
    places = locked.table_valued(*(column(name, Name) for name in _PLACE)).render_derived()
    there = _place(_candidate).in_(select(*places.c))
    return _oldest(postgres=True).where(there).limit(_LIMIT).with_for_update(of=_candidate, skip_locked=True)


@cache
def _taking(*, postgres: bool) -> Update:
    return update(deliveries).where(is_among(deliveries.c.key, "keys", postgres=postgres))


def _place_columns(table: FromClause) -> tuple[ColumnElement[str], ...]:
    return tuple(table.c[name] for name in _PLACE)


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
