from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from bot.errors import Conflict
from bot.model import Community, DeliveryState, Place, Platform
from bot.ports import Store
from bot.tips.deck import Deck
from storage.schema import ensure
from storage.store import SqlStore
from tests.postgres import Postgres
from tests.storage.samples import (
    LEASE,
    MINUTE,
    NOW,
    OURS,
    Opening,
    add,
    claim,
    delivery,
    land,
    look,
    mention,
    place,
    ref,
    settled,
    stored,
)

COPIES = 5


@pytest.fixture
def copies(url: str, opening: Opening) -> list[SqlStore]:
    """Several stores on one database, as several processes have."""
    return [opening(url) for _ in range(COPIES)]


async def test_no_update_is_lost(copies: list[SqlStore]) -> None:
    """Whoever read a mention that was changed meanwhile is told so, and judges again."""
    await add(copies[0], mention())

    async def count_up(store: Store) -> None:
        for _ in range(10):
            while True:
                try:
                    async with store.begin() as tx:
                        found = await tx.mention("m1")
                        assert found is not None
                        await tx.save_mention(replace(found, step=found.step + 1))
                    break
                except Conflict:
                    continue

    await asyncio.gather(*(count_up(store) for store in copies * 2))
    async with copies[0].begin() as tx:
        found = await tx.mention("m1")
    assert found is not None
    assert (found.step, found.version) == (100, 100)


async def test_no_draw_is_lost(copies: list[SqlStore]) -> None:
    """A deck that is read to be drawn from is drawn from by one at a time."""

    async def draw(store: Store) -> None:
        for _ in range(10):
            async with store.begin() as tx:
                deck = await tx.deck(OURS) or Deck(1)
                await tx.save_deck(OURS, replace(deck, position=deck.position + 1))

    await asyncio.gather(*(draw(store) for store in copies * 2))
    async with copies[0].begin() as tx:
        assert await tx.deck(OURS) == Deck(1, position=100)


async def test_every_delivery_is_claimed_once(copies: list[SqlStore]) -> None:
    """And never two of one place at the same time, whoever claims and whenever."""
    places = 20
    await add(copies[0], *(delivery(f"d{n:03}", f"c{n % places}", after=-n / 1000) for n in range(200)))
    said: list[str] = []
    busy: Counter[Place] = Counter()

    async def deliver(store: Store, owner: str) -> None:
        while len(said) < 200:
            async with store.begin() as tx:
                held = await tx.claim(owner, NOW, LEASE, 7, [OURS])
            busy.update(one.place for one in held)
            assert max(busy.values(), default=0) <= 1
            for one in held:
                async with store.begin() as tx:
                    assert await tx.save_delivery(replace(one, state=DeliveryState.SENDING), owner)
                said.append(one.key)
                busy[one.place] -= 1
                async with store.begin() as tx:
                    assert await tx.save_delivery(replace(one, state=DeliveryState.SENT, sent_at=NOW), owner)

    await asyncio.gather(*(deliver(store, f"owner{n}") for n, store in enumerate(copies)))
    assert len(said) == len(set(said)) == 200
    for number in range(places):
        of_place = [int(key[1:]) for key in said if int(key[1:]) % places == number]
        assert of_place == sorted(of_place, reverse=True)


async def test_a_place_is_never_held_twice_while_it_changes(copies: list[SqlStore]) -> None:
    """Deliveries come, are put off and are taken up again by others while several claim from the same two places."""
    held: dict[str, str] = {}

    async def add_older(store: Store) -> None:
        for number in range(60):
            await add(store, delivery(f"d{number}", f"c{number % 2}", after=-number))

    async def deliver(store: Store, owner: str) -> None:
        for turn in range(60):
            async with store.begin() as tx:
                claimed = await tx.claim(owner, NOW, LEASE, 5, [OURS])
            for one in claimed:
                assert held.setdefault(one.place.channel, owner) == owner
            for one in claimed:
                del held[one.place.channel]
                state = DeliveryState.SENT if turn % 2 else DeliveryState.PENDING
                assert await land(store, one.key, owner, state=state)

    await asyncio.gather(add_older(copies[0]), *(deliver(store, f"owner{n}") for n, store in enumerate(copies)))


async def test_a_claim_does_not_wait_for_a_row_in_use(postgres_url: str, opening: Opening) -> None:
    """Rows that another process holds are skipped, and so is the rest of their place; others are not."""
    ours, theirs = opening(postgres_url), opening(postgres_url)
    await add(ours, look(after=-1), delivery("behind"), delivery("free", "random"))
    async with theirs.begin() as tx:
        await tx.ask_look(look())
        assert await claim(ours) == ["free"]
    assert await claim(ours, "b") == ["look/d1"]


async def test_what_is_being_claimed_is_not_folded(postgres_url: str, opening: Opening) -> None:
    """Or else a nudge would be said twice: by itself and by the digest."""
    ours, theirs = opening(postgres_url), opening(postgres_url)
    await add(ours, delivery("first", after=-1), delivery("second"))
    async with theirs.begin() as tx:
        assert [one.key for one in await tx.claim("b", NOW, LEASE, 1, [OURS])] == ["first"]
        async with ours.begin() as mine:
            assert [one.key for one in await mine.pending_nudges(place(), NOW)] == ["second"]


async def test_an_occurrence_happens_once(copies: list[SqlStore]) -> None:
    """Whoever settles: one of them is told that it was the first, and the tip is decided once."""

    async def settle(store: Store, day: int) -> bool:
        async with store.begin() as tx:
            first = await tx.settle(settled(f"day-{day:03}"))
            if first:
                assert await tx.add_delivery(delivery(f"tip/{day}"))
            return first

    firsts = await asyncio.gather(*(settle(store, day) for day in range(100) for store in copies))
    assert sum(firsts) == 100


async def test_a_message_opens_one_mention_whoever_hears_it(copies: list[SqlStore]) -> None:
    """Even under different ids: the message decides, and what lost leaves nothing behind."""

    async def hear(store: Store, copy: int, number: int) -> bool:
        async with store.begin() as tx:
            return await tx.add_mention(mention(f"m{copy}-{number}", str(number)))

    heard = [hear(store, copy, number) for number in range(40) for copy, store in enumerate(copies)]
    assert sum(await asyncio.gather(*heard)) == 40
    async with copies[0].begin() as tx:
        waiting = await tx.waiting(OURS)
        assert len(waiting) == 40
        assert {one.id for one in waiting} == {(await tx.mention_of(ref(str(n)))).id for n in range(40)}  # type: ignore[union-attr]


async def test_a_lease_is_taken_by_one(copies: list[SqlStore]) -> None:
    """Of all that ask at the same time; and a community is new to one of them."""

    async def take(store: Store, name: str, holder: int) -> tuple[bool, bool]:
        async with store.begin() as tx:
            known = await tx.know(Community(Platform("x"), name), NOW)
            return await tx.take_lease(name, str(holder), NOW, LEASE), known

    taken = await asyncio.gather(*(take(store, str(n), copy) for n in range(30) for copy, store in enumerate(copies)))
    assert sum(first for first, _ in taken) == sum(known for _, known in taken) == 30


async def test_pauses_only_grow(copies: list[SqlStore]) -> None:
    """Whoever writes last: the longest one counts."""
    await add(copies[0], delivery())

    async def pause(store: Store, minutes: int) -> None:
        async with store.begin() as tx:
            await tx.pause(str(OURS), NOW + minutes * MINUTE)

    await asyncio.gather(*(pause(copies[n % COPIES], (n * 37) % 100) for n in range(100)))
    async with copies[0].begin() as tx:
        assert await tx.next_due([OURS]) == NOW + 99 * MINUTE


async def test_a_look_counts_every_asking(copies: list[SqlStore]) -> None:
    """The revision grows with each, and nobody waits for ever for another."""

    async def ask(store: Store) -> None:
        for _ in range(10):
            async with store.begin() as tx:
                await tx.ask_look(look())

    await asyncio.gather(*(ask(store) for store in copies))
    assert (await stored(copies[0], "look/d1")).revision == 49


async def test_a_crossing_of_locks_is_a_conflict(postgres_url: str, opening: Opening) -> None:
    """Two that wait for each other: one is told to judge again, the other goes on."""
    one, two = opening(postgres_url), opening(postgres_url)
    await add(one, mention("m1"), mention("m2"))
    ready = asyncio.Barrier(2)

    async def change(store: Store, first: str, second: str) -> None:
        async with store.begin() as tx:
            await tx.note_told(first, "x")
            await ready.wait()
            await tx.note_told(second, "x")

    outcomes = await asyncio.gather(change(one, "m1", "m2"), change(two, "m2", "m1"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [Conflict]


async def test_five_copies_start_at_once(postgres: Postgres, opening: Opening) -> None:
    """On an empty PostgreSQL: one makes the schema, the others find it made."""
    with postgres.database() as name:
        done = await asyncio.gather(*(ensure(postgres.url(name)) for _ in range(COPIES)))
        assert {one.to_revision for one in done} == {"0001"}
        store = opening(postgres.url(name))
        await add(store, mention())
        await store.close()
