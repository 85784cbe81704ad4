"""Deliveries: adding them, how they went, what a digest takes over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, bindparam, func, or_, select, update

from bot.model import Community, Delivery, DeliveryKind, DeliveryState, Place
from storage.rows.base import Rows
from storage.rows.records import delivery_of, delivery_values, outcome_values, place_values
from storage.tables import deliveries
from storage.transitions import LIVE, SETTLED, asked_again, landed

_BY_KEY = select(deliveries).where(deliveries.c.key == bindparam("this"))


def live(table: FromClause) -> ColumnElement[bool]:
    # Literal, since a partial index serves only a query that visibly asks for no more than it holds.
    states = [state.value for state in LIVE]
    return table.c.state.in_(bindparam("live", states, expanding=True, literal_execute=True, unique=True))


def unleased(table: FromClause, now: datetime) -> ColumnElement[bool]:
    return or_(table.c.leased_until.is_(None), table.c.leased_until <= now)


class DeliveryRows(Rows):
    async def add_delivery(self, delivery: Delivery) -> bool:
        return await self._add(deliveries, delivery_values(delivery))

    async def ask_look(self, delivery: Delivery) -> None:
        if await self.add_delivery(delivery):
            return
        row = await self._first(select(deliveries).where(deliveries.c.key == delivery.key).with_for_update())
        if row is None:
            self._conflict(f"delivery {delivery.key} was removed meanwhile")
        await self._replace(asked_again(delivery_of(row), delivery))

    async def delivery(self, key: str) -> Delivery | None:
        rows, _ = await self._prepared(_BY_KEY, {"this": key})
        return delivery_of(rows[0]) if rows else None

    async def save_delivery(self, delivery: Delivery, owner: str) -> bool:
        if delivery.state not in SETTLED:
            return await self._land(delivery, delivery, owner)
        if await self._land(delivery, delivery, owner, deliveries.c.revision <= delivery.revision):
            return True
        renewed = replace(delivery, revision=delivery.revision + 1)
        return await self._land(renewed, delivery, owner, deliveries.c.revision > delivery.revision)

    async def _land(self, stored: Delivery, saved: Delivery, owner: str, *conditions: ColumnElement[bool]) -> bool:
        values = outcome_values(landed(stored, saved))
        if saved.state is not DeliveryState.SENDING:
            values |= {"leased_by": None, "leased_until": None}
        held = (deliveries.c.key == saved.key, deliveries.c.leased_by == owner)
        return await self._count(update(deliveries).where(*held, *conditions).values(values)) == 1

    async def _replace(self, delivery: Delivery) -> None:
        await self._run(update(deliveries).where(deliveries.c.key == delivery.key).values(delivery_values(delivery)))

    async def pending_nudges(self, place: Place, now: datetime) -> list[Delivery]:
        where = place_values(place)
        rows = await self._all(
            select(deliveries)
            .where(*(deliveries.c[name] == value for name, value in where.items()))
            .where(
                live(deliveries),
                deliveries.c.state == DeliveryState.PENDING.value,
                deliveries.c.kind == DeliveryKind.NUDGE.value,
                deliveries.c.due_at <= now,
                deliveries.c.tried_at.is_(None),
                unleased(deliveries, now),
            )
            .order_by(deliveries.c.due_at, deliveries.c.created_at, deliveries.c.key)
            # One that another process is claiming now will be said by it: a digest must not say it as well.
            .with_for_update(skip_locked=True)
        )
        return [delivery_of(row) for row in rows]

    async def fold(self, keys: Sequence[str], into: str) -> None:
        if not keys:
            return
        await self._run(
            update(deliveries)
            .where(deliveries.c.key.in_(keys), deliveries.c.state == DeliveryState.PENDING.value)
            .values(state=DeliveryState.FOLDED.value, problem=into, leased_by=None, leased_until=None)
        )

    async def deliveries(self, community: Community, limit: int) -> list[Delivery]:
        rows = await self._all(
            select(deliveries)
            .where(deliveries.c.community == str(community))
            .order_by(deliveries.c.created_at.desc(), deliveries.c.key.desc())
            .limit(limit)
        )
        return [delivery_of(row) for row in rows]

    async def count_sent(self, community: Community, since: datetime, kinds: Collection[DeliveryKind]) -> int:
        rows = await self._all(
            select(func.count()).where(
                deliveries.c.community == str(community),
                deliveries.c.state == DeliveryState.SENT.value,
                deliveries.c.sent_at >= since,
                deliveries.c.kind.in_([kind.value for kind in kinds]),
            )
        )
        count: int = rows[0][0]
        return count
