"""`MemoryStore`: the whole Store in memory, for the backtest and for tests of the core."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from heapq import nlargest, nsmallest
from typing import TYPE_CHECKING, NoReturn, Self

from bot.copying import replace
from bot.errors import Conflict
from bot.model import (
    Community,
    Decision,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Mention,
    MentionState,
    MessageRef,
    Place,
    Wait,
)
from storage.clearing import forget_community, forget_member, purge, traces
from storage.memory_calendar import MemoryCalendar
from storage.shelves import Shelves
from storage.transitions import asked_again, folded, landed, scope_of, wait

if TYPE_CHECKING:
    from bot.ports import Transaction
    from bot.traces import Traces


class MemoryStore:
    """Transactions take turns; one that is not contended begins without giving way to another task.

    An error that came out of one undoes all of it, even if it was caught inside the block, as in `SqlStore`.
    """

    def __init__(self) -> None:
        self._shelves = Shelves()
        self._turn = asyncio.Lock()

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        return MemoryTransaction(self._shelves, self._turn)

    async def close(self) -> None:
        """Nothing to close: what is remembered goes with the object."""


class MemoryTransaction(MemoryCalendar):
    """See `bot.ports.Transaction` for what is promised; the block that begins one is the transaction itself.

    `failure` is the error after which nothing may be committed, even if somebody caught it.
    """

    __slots__ = ("_turn", "failure")

    def __init__(self, shelves: Shelves, turn: asyncio.Lock) -> None:
        super().__init__(shelves)
        self._turn = turn
        self.failure: Conflict | None = None

    async def __aenter__(self) -> Self:
        await self._turn.acquire()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        failure = self.failure
        if kind is None and failure is None:
            self._s.commit()
        else:
            self._s.undo()
        self._turn.release()
        if kind is None and failure is not None:
            raise failure

    def _conflict(self, message: str) -> NoReturn:
        self.failure = Conflict(message)
        raise self.failure

    async def mention(self, mention_id: str) -> Mention | None:
        return self._s.mentions.get(mention_id)

    async def mention_of(self, ref: MessageRef) -> Mention | None:
        id_ = self._s.messages.get(ref.key)
        return None if id_ is None else self._s.mentions[id_]

    async def add_mention(self, mention: Mention) -> bool:
        key = mention.ref.key
        if key in self._s.messages or mention.id in self._s.mentions:
            return False
        self._s.put_mention(mention.id, mention)
        self._s.attach(mention.id, key)
        return True

    async def attach(self, mention_id: str, ref: MessageRef) -> bool:
        key = ref.key
        if key in self._s.messages:
            return False
        if mention_id not in self._s.mentions:
            self._conflict(f"mention {mention_id} is not there any more")
        self._s.attach(mention_id, key)
        return True

    async def detach(self, ref: MessageRef) -> None:
        key = ref.key
        id_ = self._s.messages.get(key)
        if id_ is not None:
            self._s.put(self._s.messages, key, None)
            self._s.put(self._s.attached, id_, tuple(other for other in self._s.attached[id_] if other != key))

    async def messages_of(self, mention_id: str) -> list[str]:
        return [message for _, _, message in self._s.attached.get(mention_id, ())]

    async def messages_of_waiting(self, community: Community) -> Mapping[str, list[str]]:
        found = {id_: await self.messages_of(id_) for _, id_ in self._s.waiting.get(community, ())}
        return {id_: messages for id_, messages in found.items() if messages}

    async def save_mention(self, mention: Mention) -> Mention:
        stored = self._s.mentions.get(mention.id)
        if stored is None or stored.version != mention.version:
            self._conflict(f"mention {mention.id} was changed meanwhile")
        saved = replace(mention, told_by=stored.told_by, version=mention.version + 1)
        self._s.put_mention(mention.id, saved)
        return saved

    async def note_told(self, mention_id: str, key: str) -> None:
        stored = self._s.mentions.get(mention_id)
        if stored is not None:
            self._s.put_mention(mention_id, replace(stored, told_by=key))

    async def waiting(self, community: Community, limit: int | None = None) -> list[Mention]:
        return [self._s.mentions[id_] for _, id_ in self._s.waiting.get(community, [])[:limit]]

    async def due_mentions(self, community: Community, now: datetime) -> list[Mention]:
        due = [self._s.mentions[id_] for id_ in self._s.due_by(community, now)]
        return sorted(due, key=lambda mention: (mention.opened_at, mention.id)) if len(due) > 1 else due

    async def due_communities(self, communities: Collection[Community], now: datetime) -> set[Community]:
        return {community for community in communities if self._s.due_by(community, now)}

    async def ended(self, place: Place, rule: str, since: datetime) -> list[Mention]:
        ended = [
            mention
            for mention in self._s.mentions.values()
            if mention.place.flat == place.flat
            and mention.closing_rule == rule
            and mention.closed_at is not None
            and mention.closed_at >= since
        ]
        return sorted(ended, key=lambda mention: (mention.opened_at, mention.id))

    async def mention_states(self, communities: Collection[Community]) -> Mapping[MentionState, int]:
        return Counter(mention.state for mention in self._s.mentions.values() if mention.community in communities)

    async def record(self, decision: Decision) -> None:
        if decision.mention not in self._s.mentions:
            self._conflict(f"mention {decision.mention} is not there any more")
        before = self._s.decisions.get(decision.mention, ())
        self._s.put(self._s.decisions, decision.mention, (*before, decision))

    async def decisions(self, mention_id: str) -> list[Decision]:
        return sorted(self._s.decisions.get(mention_id, ()), key=lambda decision: decision.at)

    async def waits(self, community: Community, since: datetime) -> list[Wait]:
        opened = [m for m in self._s.mentions.values() if m.community == community and m.opened_at >= since]
        return [wait(mention) for mention in sorted(opened, key=lambda mention: (mention.opened_at, mention.id))]

    async def add_delivery(self, delivery: Delivery) -> bool:
        if delivery.key in self._s.deliveries:
            return False
        self._s.put_delivery(delivery.key, delivery)
        return True

    async def ask_look(self, delivery: Delivery) -> None:
        stored = self._s.deliveries.get(delivery.key)
        self._s.put_delivery(delivery.key, delivery if stored is None else asked_again(stored, delivery))

    async def delivery(self, key: str) -> Delivery | None:
        return self._s.deliveries.get(key)

    async def claim(
        self, owner: str, now: datetime, lease: timedelta, limit: int, communities: Sequence[Community]
    ) -> list[Delivery]:
        oldest = [
            queue.rows[0]
            for place, queue in self._s.queues_of(communities)
            if queue.rows[0][0] <= now and queue.free_at() <= now and self._s.paused_until(place) <= now
        ]
        claimed = []
        for *_, key in nsmallest(limit, oldest):
            delivery = replace(self._s.deliveries[key], leased_by=owner, leased_until=now + lease)
            self._s.put_delivery(key, delivery)
            claimed.append(delivery)
        return claimed

    async def save_delivery(self, delivery: Delivery, owner: str) -> bool:
        stored = self._s.deliveries.get(delivery.key)
        if stored is None or stored.leased_by != owner:
            return False
        self._s.put_delivery(delivery.key, landed(stored, delivery))
        return True

    async def pending_nudges(self, place: Place, now: datetime) -> list[Delivery]:
        queue = self._s.queues.get(place)
        live = [self._s.deliveries[key] for *_, key in queue.rows] if queue else []
        return [
            nudge
            for nudge in live
            if nudge.kind in (DeliveryKind.NUDGE, DeliveryKind.DIGEST)
            and nudge.state is DeliveryState.PENDING
            and nudge.due_at <= now
            and nudge.tried_at is None
            and (nudge.leased_until is None or nudge.leased_until <= now)
        ]

    async def fold(self, keys: Sequence[str], into: str) -> None:
        for key in keys:
            stored = self._s.deliveries.get(key)
            if stored is not None and stored.state is DeliveryState.PENDING:
                self._s.put_delivery(key, folded(stored, into))

    async def deliveries(self, community: Community, limit: int) -> list[Delivery]:
        ours = (delivery for delivery in self._s.deliveries.values() if delivery.place.community == community)
        return nlargest(limit, ours, key=lambda delivery: (delivery.created_at, delivery.key))

    async def count_sent(self, community: Community, since: datetime, kinds: Collection[DeliveryKind]) -> int:
        return sum(
            delivery.state is DeliveryState.SENT and delivery.sent_at is not None and delivery.sent_at >= since
            for delivery in self._s.deliveries.values()
            if delivery.place.community == community and delivery.kind in kinds
        )

    async def pause(self, scope: str, until: datetime) -> None:
        key = scope_of(scope)
        stored = self._s.pauses.get(key)
        self._s.put(self._s.pauses, key, until if stored is None else max(stored, until))

    async def disable(self, place: Place, reason: str, at: datetime) -> bool:
        key = (str(place.community), place.channel)
        if key in self._s.disabled:
            return False
        self._s.put(self._s.disabled, key, (reason, at))
        return True

    async def enable(self, place: Place) -> bool:
        key = (str(place.community), place.channel)
        was = key in self._s.disabled
        self._s.put(self._s.disabled, key, None)
        return was

    async def disabled(self, community: Community) -> dict[str, str]:
        return {channel: why for (owner, channel), (why, _) in self._s.disabled.items() if owner == str(community)}

    async def know(self, community: Community, now: datetime) -> bool:
        if community in self._s.communities:
            return False
        self._s.put(self._s.communities, community, now)
        return True

    async def known(self) -> list[Community]:
        return sorted(self._s.communities)

    async def traces(self, community: Community, member: str) -> Traces:
        return traces(self._s, community, member)

    async def forget_member(self, community: Community, member: str) -> int:
        return forget_member(self._s, community, member)

    async def forget_community(self, community: Community) -> int:
        return forget_community(self._s, community)

    async def purge(self, before: datetime) -> int:
        return purge(self._s, before)

    async def next_due(self, communities: Sequence[Community]) -> datetime | None:
        instants = [rows[0][0] for community in communities if (rows := self._s.due.get(community))]
        for place, queue in self._s.queues_of(communities):
            instants.append(max(queue.rows[0][0], queue.free_at(), self._s.paused_until(place)))
        return min(instants, default=None)
