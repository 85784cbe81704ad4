from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date

import pytest

from bot.errors import Conflict, StoreError
from bot.model import Cursor, MentionState, MessageRef
from bot.ports import Store, Transaction
from bot.tips.deck import Deck
from storage.store import SqlStore
from tests.storage.samples import (
    LEASE,
    MINUTE,
    NOW,
    OTHERS,
    OURS,
    Opening,
    add,
    claim,
    decision,
    delivery,
    look,
    mention,
    place,
    ref,
    settled,
    stored,
)


class Broken(Exception):
    pass


async def everything(store: Store) -> list[object]:
    """All that can be read, to compare with."""
    async with store.begin() as tx:
        return [
            *[await tx.mention(f"m{n}") for n in range(4)],
            *[await tx.messages_of(f"m{n}") for n in range(4)],
            *[await tx.decisions(f"m{n}") for n in range(4)],
            *[await tx.mention_of(ref(str(n))) for n in range(4)],
            await tx.waiting(OURS),
            await tx.due_mentions(OURS, NOW),
            await tx.deliveries(OURS, 100),
            await tx.disabled(OURS),
            await tx.settled(settled().schedule, date(2000, 1, 1)),
            await tx.deck(OURS),
            await tx.tip_verdicts(OURS),
            await tx.cursors(OURS),
            await tx.known(),
            await tx.next_due([OURS, OTHERS]),
        ]


async def some_rows(tx: Transaction) -> None:
    await tx.add_mention(mention("m1", "1", due_at=NOW))
    await tx.attach("m1", ref("2"))
    await tx.record(decision())
    await tx.add_mention(mention("m2", "3", state=MentionState.ANSWERED, closed_at=NOW))
    await tx.add_delivery(delivery("d1"))
    await tx.ask_look(look())
    await tx.pause(f"{OURS}/general", NOW + MINUTE)
    await tx.disable(place("random"), "gone", NOW)
    await tx.settle(settled())
    await tx.save_deck(OURS, Deck(1))
    await tx.judge_tip(OURS, "a", "U1", "useful", NOW)
    await tx.save_cursors([Cursor(place(), "1", NOW)])
    await tx.take_lease("x", "a", NOW, LEASE)
    await tx.know(OURS, NOW)


async def change_all(tx: Transaction) -> None:
    found = await tx.mention("m1")
    assert found is not None
    await tx.save_mention(mention("m1", "1", state=MentionState.GONE))
    await tx.note_told("m1", "d1")
    await tx.detach(ref("1"))
    await tx.attach("m1", ref("0"))
    await tx.record(decision(after=1))
    await tx.add_mention(mention("m3", "1"))
    await tx.claim("a", NOW + MINUTE, LEASE, 5, [OURS])
    await tx.ask_look(look(after=1))
    await tx.fold(["d1"], "digest")
    await tx.add_delivery(delivery("d2", "random"))
    await tx.pause(f"{OURS}/general", NOW + 9 * MINUTE)
    await tx.enable(place("random"))
    await tx.settle(settled("2026-03-03"))
    await tx.save_deck(OURS, Deck(2))
    await tx.judge_tip(OURS, "a", "U1", "known", NOW)
    await tx.save_cursors([Cursor(place(), "2", NOW), Cursor(place("new"), "2", NOW)])
    await tx.give_lease("x", "a")
    await tx.know(OTHERS, NOW)


async def purge(tx: Transaction) -> None:
    await change_all(tx)
    assert await tx.purge(NOW + 99 * MINUTE)
    await tx.add_mention(mention("m2", "7"))


async def forget(tx: Transaction) -> None:
    await change_all(tx)
    assert await tx.forget_member(OURS, "U1")
    assert await tx.forget_community(OURS)
    await tx.add_mention(mention("m1", "9"))


@pytest.mark.parametrize("work", [change_all, purge, forget], ids=lambda work: work.__name__)
@pytest.mark.parametrize("error", [Broken, asyncio.CancelledError])
async def test_an_exception_undoes_all_of_it(
    store: Store, work: Callable[[Transaction], Awaitable[None]], error: type[BaseException]
) -> None:
    """Whatever was written in the block, by whichever method, is as it was before; the exception goes through."""
    async with store.begin() as tx:
        await some_rows(tx)
    before = await everything(store)

    async def fail() -> None:
        async with store.begin() as tx:
            await work(tx)
            raise error

    with pytest.raises(error):
        await fail()
    assert await everything(store) == before
    async with store.begin() as tx:
        assert not await tx.take_lease("x", "b", NOW, LEASE)
        await change_all(tx)
    assert await everything(store) != before


async def test_reads_see_what_this_transaction_wrote(store: Store) -> None:
    """Before it is committed."""
    async with store.begin() as tx:
        await some_rows(tx)
        assert await tx.mention_of(ref("2")) == mention("m1", "1", due_at=NOW)
        assert await tx.decisions("m1") == [decision()]
        assert await tx.next_due([OURS]) == NOW
        assert await tx.due_mentions(OURS, NOW) == [mention("m1", "1", due_at=NOW)]
        assert await tx.claim("a", NOW + MINUTE, LEASE, 1, [OURS])
        assert await tx.tip_verdicts(OURS) == {"a": {"useful": 1}}


async def test_an_error_that_was_caught_inside_still_undoes_it(store: Store) -> None:
    """Nothing half done is ever committed: leaving the block raises it again."""

    async def work() -> None:
        async with store.begin() as tx:
            await tx.add_delivery(delivery())
            with suppress(Conflict):
                await tx.attach("unknown", MessageRef(place(), "1"))

    with pytest.raises(Conflict):
        await work()
    async with store.begin() as tx:
        assert await tx.delivery("d1") is None


async def test_a_cancelled_transaction_leaves_nothing_behind(store: Store) -> None:
    """Wherever a cancellation strikes: the transaction happened or it did not, and the next one begins at once."""

    async def work(key: str) -> None:
        async with store.begin() as tx:
            await tx.add_delivery(delivery(f"{key}/1"))
            await tx.waiting(OURS)
            await tx.add_delivery(delivery(f"{key}/2"))

    for steps in range(0, 400, 5):
        task = asyncio.create_task(work(str(steps)))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        async with store.begin() as tx:
            halves = [await tx.delivery(f"{steps}/{half}") for half in (1, 2)]
        assert (halves[0] is None) == (halves[1] is None)


async def test_a_cancelled_wait_for_a_turn_harms_nobody(store: Store) -> None:
    """Neither the transaction it waited for nor the one behind it."""
    async with store.begin() as tx:
        waiting = [asyncio.create_task(claim(store)) for _ in range(3)]
        await tx.add_delivery(delivery())
        waiting[1].cancel()
        with suppress(asyncio.CancelledError):
            await waiting[1]
    assert sorted([*await waiting[0], *await waiting[2]]) in ([], ["d1"])
    assert (await stored(store, "d1")).key == "d1"


async def test_a_closed_store_says_so(sql_store: SqlStore) -> None:
    """Closing twice is harmless; beginning afterwards is an error of the core, not of a driver."""
    await add(sql_store, delivery())
    await sql_store.close()
    await sql_store.close()
    with pytest.raises(StoreError, match="closed"):
        await claim(sql_store)


async def test_closing_waits_for_what_is_going_on(sqlite_url: str, opening: Opening) -> None:
    """The transaction ends as it would have; nothing is begun after it, not even what waits for its turn."""
    store = opening(sqlite_url)
    async with store.begin() as tx:
        closing = asyncio.create_task(store.close())
        for _ in range(20):
            await asyncio.sleep(0)
        await tx.add_delivery(delivery())
        late = asyncio.create_task(claim(store))
    await closing
    with pytest.raises(StoreError, match="closed"):
        await late
    assert (await stored(opening(sqlite_url), "d1")).key == "d1"
