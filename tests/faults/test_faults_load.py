"""Many people waiting: what costs nothing with ten of them costs nothing with ten thousand. Counted, not timed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.events import Private
from bot.model import Mention, MessageRef
from bot.ports import Store, Transaction
from storage.memory import MemoryStore
from tests.app.village import HELP, MODS, SUPPORT, Village, place
from tests.fakes import COMMUNITY, MONDAY
from tests.faults.load import overdue, storm

MANY = 10_000


class Counted:
    def __init__(self, store: Store) -> None:
        self._store = store
        self.transactions = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        self.transactions += 1
        async with self._store.begin() as tx:
            yield tx

    async def close(self) -> None:
        await self._store.close()


async def waiting(many: int) -> tuple[Village, Counted]:
    """A village in which so many people have waited since just now, in a channel that is not the one they talk in."""
    store = MemoryStore()
    async with store.begin() as tx:
        for number in range(many):
            ref = MessageRef(place(HELP), f"old{number}")
            due = MONDAY + timedelta(minutes=30)
            mention = Mention(
                f"m{number}", ref, f"asker{number}", MONDAY, "team", since=MONDAY, latest_at=MONDAY, due_at=due
            )
            await tx.add_mention(mention)
    counted = Counted(store)
    village = Village(counted)
    await village.connect()
    await village.settle()
    return village, counted


async def cost(village: Village, counted: Counted) -> list[int]:
    """Transactions for a chat message, a question, its answer, a command."""
    costs = []
    for act in (
        lambda: village.says("tess", "Good morning everybody"),
        lambda: village.asks("ada"),
        lambda: village.says("tess", "Hello Ada, in your settings"),
        lambda: village.command("tess", "mentions"),
    ):
        before = counted.transactions
        await act()
        costs.append(counted.transactions - before)
    return costs


async def test_ten_thousand_who_wait_cost_no_more_than_ten() -> None:
    """As many transactions for what is said, asked, answered and commanded; a message that decides nothing has none."""
    few, many = await cost(*await waiting(10)), await cost(*await waiting(MANY))
    assert few == many
    assert many[0] == 0


async def test_a_list_of_ten_thousand_is_an_answer_that_can_be_shown() -> None:
    """`/mentions` names a page of them and says how many there are."""
    village, _ = await waiting(MANY)
    reply = await village.command("tess", "mentions")
    assert isinstance(reply, Private)
    text = f"{reply.post.title} {reply.post.body}"
    assert "10,000" in text
    assert len(text) < 4000


async def test_ten_thousand_overdue_at_once_are_one_digest() -> None:
    """After half an hour all of them are due: one message."""
    village, _ = await waiting(MANY)
    await village.wait(31)
    assert len(village.said_in(MODS)) == 1
    assert SUPPORT not in {accepted.ref.place.channel for accepted in village.said}
    assert {accepted.ref.place.community for accepted in village.said} == {COMMUNITY}


async def test_what_is_overdue_at_the_start_is_one_digest(sqlite_url: str) -> None:
    """The long form of this has a thousand, and storms of events: `python -m tests.faults.load`."""
    said, _ = await overdue(sqlite_url, 40)
    assert said == 1


async def test_every_event_and_command_of_a_storm_is_measured(sqlite_url: str) -> None:
    """Two minutes of the storm: nothing is acknowledged before its turn, and commands are answered in between."""
    came = await storm(sqlite_url, 1.0, 2, 10)
    assert len(came.acknowledged) == 120
    assert len(came.answered) == 40
    assert min(came.acknowledged) > 0
