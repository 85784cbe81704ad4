"""Follow-ups that only memory knows: stored with what comes next, each once, and none forgotten on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from village import Village

from bot.errors import Conflict
from bot.follow_ups import FollowUps
from bot.model import Mention, MessageRef, Place
from bot.ports import Store, Transaction
from tests.fakes import COMMUNITY

SUPPORT = Place(COMMUNITY, "support")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def ref(number: int) -> MessageRef:
    return MessageRef(SUPPORT, str(number))


async def asked(store: Store) -> Mention:
    mention = Mention("m", ref(0), "ada", NOW, "question", since=NOW, latest_at=NOW)
    async with store.begin() as tx:
        await tx.add_mention(mention)
    return mention


async def known(store: Store) -> list[str]:
    async with store.begin() as tx:
        return await tx.messages_of("m")


async def test_what_joins_while_others_are_being_stored_is_stored_next(store: Store) -> None:
    """Two savings that overlap forget only what they have stored themselves."""
    await asked(store)
    follow_ups = FollowUps()
    follow_ups.add("m", ref(1))
    async with store.begin() as tx:
        slow = await follow_ups.write(tx)
    async with store.begin() as tx:
        quick = await follow_ups.write(tx, ["m"])
    quick()
    follow_ups.add("m", ref(2))
    slow()
    async with store.begin() as tx:
        (await follow_ups.write(tx))()
    assert await known(store) == ["0", "1", "2"]
    assert not follow_ups


async def test_a_transaction_that_failed_forgets_nothing(store: Store) -> None:
    """What was not committed is stored with the next attempt."""
    mention = await asked(store)
    follow_ups = FollowUps()
    follow_ups.add("m", ref(1))

    async def fail() -> None:
        async with store.begin() as tx:
            await follow_ups.write(tx)
            await tx.save_mention(replace(mention, version=7))

    with pytest.raises(Conflict):
        await fail()
    assert await known(store) == ["0"]
    async with store.begin() as tx:
        (await follow_ups.write(tx))()
    assert await known(store) == ["0", "1"]


async def test_follow_ups_of_a_mention_that_was_forgotten_block_nothing(store: Store) -> None:
    """They belong to nothing any more, and the others are stored."""
    mention = await asked(store)
    follow_ups = FollowUps()
    follow_ups.add("forgotten", ref(7))
    follow_ups.add(mention.id, ref(1))
    async with store.begin() as tx:
        (await follow_ups.write(tx))()
    assert await known(store) == ["0", "1"]
    assert not follow_ups


class Lingering:
    """A store whose next transaction is committed, and tells so, a good while before whoever committed goes on."""

    def __init__(self, store: Store) -> None:
        self.committed = asyncio.Event()
        self.go_on: asyncio.Event | None = None
        self._store = store

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        lingers, self.go_on = self.go_on, None
        async with self._store.begin() as tx:
            yield tx
        if lingers is not None:
            self.committed.set()
            await lingers.wait()

    async def close(self) -> None:
        await self._store.close()


async def test_a_deleted_follow_up_is_not_brought_back_by_who_stores_follow_ups(store: Store) -> None:
    """Deleted in the same moment in which follow-ups are stored: it belongs to its mention no more."""
    lingering = Lingering(store)
    village = Village(lingering)
    await village.connect()
    question = await village.asks()
    more = await village.says("ada", "it says that my name is wrong")
    lingering.go_on = go_on = asyncio.Event()
    deleting = asyncio.create_task(village.deletes(more))
    await lingering.committed.wait()
    await village.bot.tick()
    go_on.set()
    await deleting
    mention = await village.the_mention(question)
    async with store.begin() as tx:
        assert await tx.messages_of(mention.id) == [question.ref.id]
