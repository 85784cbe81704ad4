"""Deliveries: adding them, how they went, what a digest takes over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Update, bindparam, func, or_, select, update

from bot.model import Community, Delivery, DeliveryKind, DeliveryState, Place
from storage.rows.base import Rows, literals
from storage.rows.records import delivery_of, delivery_values, outcome_values, place_values
from storage.tables import deliveries
from storage.transitions import LIVE, SETTLED, asked_again, landed

_BY_KEY = select(deliveries).where(deliveries.c.key == bindparam("this"))


def live(table: FromClause) -> ColumnElement[bool]:
    return table.c.state.in_(literals(LIVE))


def unleased(table: FromClause) -> ColumnElement[bool]:
    """By the instant `now`, which the statement is given."""
    return or_(table.c.leased_until.is_(None), table.c.leased_until <= bindparam("now"))


def _held(*conditions: ColumnElement[bool]) -> Update:
    return update(deliveries).where(
        deliveries.c.key == bindparam("this"), deliveries.c.leased_by == bindparam("owner"), *conditions
    )


# One for each set of columns that are given values, see `Wordings`.
_GO_ON, _GIVE_BACK = _held(), _held()
_SETTLE = _held(deliveries.c.revision <= bindparam("seen"))
_RENEW = _held(deliveries.c.revision > bindparam("seen"))
_PENDING = (
    select(deliveries)
    .where(
        *(deliveries.c[name] == bindparam(f"its_{name}") for name in ("community", "channel", "thread")),
        live(deliveries),
        deliveries.c.state.in_(literals([DeliveryState.PENDING])),
        deliveries.c.kind.in_(literals([DeliveryKind.NUDGE, DeliveryKind.DIGEST])),
        deliveries.c.due_at <= bindparam("now"),
        deliveries.c.tried_at.is_(None),
        unleased(deliveries),
    )
    .order_by(deliveries.c.due_at, deliveries.c.created_at, deliveries.c.key)
    # One that another process is claiming now will be said by it: a digest must not say it as well.
    .with_for_update(skip_locked=True)
)


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
        if delivery.state is DeliveryState.SENDING:
            return await self._land(_GO_ON, {}, delivery, owner)
        free: dict[str, Any] = {"leased_by": None, "leased_until": None}
        if delivery.state not in SETTLED:
            return await self._land(_GIVE_BACK, free, delivery, owner)
        free["seen"] = delivery.revision
        if await self._land(_SETTLE, free, delivery, owner):
            return True
        renewed = landed(replace(delivery, revision=delivery.revision + 1), delivery)
        return await self._land(_RENEW, free, renewed, owner)

    async def _land(self, how: Update, values: Mapping[str, Any], delivery: Delivery, owner: str) -> bool:
        given = {**outcome_values(delivery), **values, "this": delivery.key, "owner": owner}
        return (await self._prepared(how, given))[1] == 1

    async def _replace(self, delivery: Delivery) -> None:
        await self._run(update(deliveries).where(deliveries.c.key == delivery.key).values(delivery_values(delivery)))

    async def pending_nudges(self, place: Place, now: datetime) -> list[Delivery]:
        where = {f"its_{name}": value for name, value in place_values(place).items()}
        rows, _ = await self._prepared(_PENDING, {**where, "now": now})
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
