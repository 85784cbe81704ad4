"""What the deliverer's tests share: a store, a platform, a clock, and a composer that keeps count."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.attempt import Cancel, Later, Say
from bot.delivery import Deliverer
from bot.errors import ChatError
from bot.model import Delivery, DeliveryKind, DeliveryState, OccurrenceState, Place, Settled
from bot.patience import Timing
from bot.ports import Store, Transaction
from bot.post import Post
from storage.memory import MemoryStore
from tests.fakes import COMMUNITY, FAKE, MONDAY, FakeChat, FakeClock, give_way

TIMING = Timing()
AFTER_A_DEATH = TIMING.lease + TIMING.post + TIMING.settle
"""By then whatever a dead owner had in hand can be claimed, looked up and trusted not to land any more."""

A_WHILE = timedelta(minutes=20)
"""Longer than any back-off."""


def place(channel: str = "general") -> Place:
    return Place(COMMUNITY, channel)


def delivery(key: str, channel: str = "general", *, after: float = 0) -> Delivery:
    due_at = MONDAY + timedelta(seconds=after)
    return Delivery(key=key, kind=DeliveryKind.TIP, place=place(channel), subject={}, due_at=due_at, created_at=MONDAY)


def look(of: str, channel: str = "general") -> Delivery:
    """A delivery that edits the message of the delivery `of`."""
    return Delivery(
        key=f"look/{of}",
        kind=DeliveryKind.LOOK,
        place=place(channel),
        subject={"of": of},
        due_at=MONDAY + timedelta(seconds=1),
        created_at=MONDAY,
    )


@dataclass
class Follower:
    """A composer that says the key, unless `words` has something else to do for it.

    Of each message sent it leaves one mark in the store, and fails if it is told twice.
    """

    words: dict[str, Say | Cancel | Later | Exception] = field(default_factory=dict)
    overtaken: dict[str, Cancel | Later] = field(default_factory=dict)
    broken: Exception | None = None
    meanwhile: Callable[[str], Awaitable[None]] = give_way
    composed: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    async def compose(self, delivery: Delivery) -> Say | Cancel | Later:
        self.composed.append(delivery.key)
        await self.meanwhile(delivery.key)
        words = self.words.get(delivery.key) or Say(Post(title=delivery.key), delivery.place)
        if isinstance(words, Exception):
            raise words
        return words

    async def still(self, tx: Transaction, delivery: Delivery, waiting: tuple[str, ...]) -> Cancel | Later | None:
        return self.overtaken.pop(delivery.key, None)

    async def sent(self, tx: Transaction, delivery: Delivery) -> None:
        if self.broken is not None:
            raise self.broken
        mark = Settled(f"said/{delivery.key}", "2026-03-02", MONDAY, OccurrenceState.TOLD)
        first = await tx.settle(mark)
        assert first or delivery.kind is DeliveryKind.LOOK, f"{delivery.key} was recorded twice"

    async def refused(self, tx: Transaction, delivery: Delivery, error: ChatError) -> None:
        self.refusals.append(delivery.key)


@dataclass
class World:
    clock: FakeClock = field(default_factory=FakeClock)
    store: Store = field(default_factory=MemoryStore)
    composer: Follower = field(default_factory=Follower)
    chat: FakeChat = field(init=False)
    corpses: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chat = FakeChat(self.clock)

    def deliverer(self, owner: str = "first", concurrency: int = 8) -> Deliverer:
        chats = {FAKE: self.chat}
        return Deliverer(self.store, chats, self.clock, self.composer, owner=owner, concurrency=concurrency)

    async def add(self, *deliveries: Delivery) -> None:
        async with self.store.begin() as tx:
            for one in deliveries:
                assert await tx.add_delivery(one)

    async def deliver(self, owner: str = "first") -> int:
        """Deliver what is due now, however long the platform takes."""
        return await self.clock.through(self.deliverer(owner).deliver_due([COMMUNITY]))

    async def finish(self, owner: str = "last", *, rounds: int = 12) -> None:
        """Deliver again and again with time between, until nothing is left to send."""
        for turn in range(rounds):
            await self.clock.advance(AFTER_A_DEATH if turn == 0 else A_WHILE)
            await self.deliver(owner)
            if not await self.left():
                return

    async def row(self, key: str) -> Delivery:
        async with self.store.begin() as tx:
            found = await tx.delivery(key)
        assert found is not None
        return found

    async def rows(self) -> list[Delivery]:
        async with self.store.begin() as tx:
            return await tx.deliveries(COMMUNITY, 1000)

    async def left(self) -> list[str]:
        live = (DeliveryState.PENDING, DeliveryState.SENDING)
        return [row.key for row in await self.rows() if row.state in live]

    async def followed(self, key: str) -> bool:
        """Whether what follows from having sent it was committed."""
        async with self.store.begin() as tx:
            return bool(await tx.settled(f"said/{key}", date(2026, 1, 1)))

    async def assert_each_sent_once(self) -> None:
        """Every message out exactly once, every row and what follows recorded, every edit visible."""
        rows = await self.rows()
        messages = [row for row in rows if row.kind is not DeliveryKind.LOOK]
        assert Counter(entry.key for entry in self.chat.accepted()) == Counter(row.key for row in messages)
        for row in rows:
            assert row.state is DeliveryState.SENT, row
            assert row.sent_ref is not None
            assert await self.followed(row.key)
            if row.kind is DeliveryKind.LOOK:
                shown = self.chat.look(row.sent_ref)
                assert shown is not None
                assert shown.title == row.key
