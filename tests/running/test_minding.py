"""What it costs to know what is due: asked of memory where memory knows, and of the database once for everybody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bot.app import Bot
from bot.clock import SystemClock
from bot.delivery import Deliverer
from bot.errors import StoreUnavailable
from bot.events import Connected, MessagePosted
from bot.mentions.worktime import WorkingHours
from bot.model import Community, Member, Message, MessageRef, Place, Team
from bot.ports import Store, Transaction
from bot.runner import Runner
from bot.settings import MentionSettings, Mode, Settings, Step, Target
from bot.shelf import Shelf
from storage.memory import MemoryStore
from tests.fakes import COMMUNITY, FAKE, FakeChat, FakeClock, at_rest
from tests.running.test_runner import UTC_ZONE, Said

NEVER = timedelta(days=1)
"""No heartbeat comes to anybody's help."""

IDS = count(1)


def settings(first: timedelta) -> Settings:
    return Settings(
        hours=WorkingHours.parse("always", UTC_ZONE),
        mentions=MentionSettings(
            channel="moderators", watch={"support": Mode.QUESTIONS}, ladder=(Step(first, Target.CHANNEL),)
        ),
    )


class Watched:
    """A store that counts its transactions, and `fails` so many of the next ones."""

    def __init__(self, store: Store) -> None:
        self.begun = 0
        self.fails = 0
        self._store = store

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        self.begun += 1
        if self.fails:
            self.fails -= 1
            raise StoreUnavailable("the database is down")
        async with self._store.begin() as tx:
            yield tx

    async def close(self) -> None:
        await self._store.close()


def asked(now: datetime, community: Community = COMMUNITY) -> MessagePosted:
    ada = Member(community, "ada", "Ada")
    ref = MessageRef(Place(community, "support"), str(next(IDS)))
    return MessagePosted(Message(ref, ada, now, "how do I log in?"))


def built(chat: FakeChat, store: Store, decided: Settings) -> tuple[Bot, Deliverer]:
    bot = Bot(store, {FAKE: chat}, chat.clock, lambda _: decided, Shelf())
    return bot, Deliverer(store, bot.chats, chat.clock, bot.voice, owner="test")


async def test_an_opening_asks_the_database_for_nothing_but_itself() -> None:
    """One transaction, though the bot runs and now knows when to wake; an answer costs one as well."""
    chat, store = FakeChat(SystemClock()), Watched(MemoryStore())  # type: ignore[arg-type]  # it only asks what time it is
    chat.teams[COMMUNITY] = Team(me="vigie", members=frozenset({"malo"}))
    bot, deliverer = built(chat, store, settings(timedelta(minutes=30)))
    runner = Runner(bot, deliverer, bot.chats, heartbeat=NEVER)
    running = asyncio.create_task(runner.run())
    await chat.tell(Connected(COMMUNITY))
    await at_rest()
    before, question = store.begun, asked(chat.clock.now())
    await chat.tell(question)
    await at_rest()
    assert store.begun == before + 1
    ref, malo = replace(question.message.ref, id="answer"), Member(COMMUNITY, "malo", "Malo")
    answer = Message(ref, malo, chat.clock.now(), "With the key, Ada", reply_to=question.message.ref.id)
    await chat.tell(MessagePosted(answer))
    await at_rest()
    assert store.begun == before + 2
    async with store.begin() as tx:
        (mention,) = await tx.waits(COMMUNITY, question.message.at)
    assert mention.wall is not None
    runner.stop()
    await running


async def test_what_opens_while_the_alarm_is_being_set_wakes_the_bot() -> None:
    """The database was asked just before, and knew of nothing; no heartbeat mends it here."""
    chat, store = Said(SystemClock()), Watched(MemoryStore())  # type: ignore[arg-type]  # it only asks what time it is
    chat.teams[COMMUNITY] = Team(me="vigie", members=frozenset({"malo"}))
    bot, deliverer = built(chat, store, settings(timedelta(milliseconds=50)))
    runner = Runner(bot, deliverer, bot.chats, heartbeat=NEVER)
    answer, asked_already = asyncio.Event(), asyncio.Event()
    next_due = bot.next_due

    async def slowly(*, tried: bool = True) -> datetime | None:
        found = await next_due(tried=tried)
        asked_already.set()
        await answer.wait()
        return found

    running = asyncio.create_task(runner.run())
    await chat.tell(Connected(COMMUNITY))
    await at_rest()
    bot.next_due = slowly  # type: ignore[method-assign]  # held up, to commit something meanwhile
    await chat.tell(Connected(COMMUNITY))
    await asked_already.wait()
    question = asked(datetime.now(UTC))
    chat.messages.append(question.message)
    await chat.tell(question)
    answer.set()
    await chat.wait_for("nudge/")
    runner.stop()
    await running


@pytest.fixture
async def towns() -> tuple[FakeChat, Watched, Bot, list[Community]]:
    """Fifty communities that are watched, in none of which anything is due."""
    chat, store = FakeChat(FakeClock()), Watched(MemoryStore())
    communities = [Community(FAKE, f"C{number}") for number in range(50)]
    chat.teams |= dict.fromkeys(communities, Team(me="vigie", members=frozenset({"malo"})))
    bot, _ = built(chat, store, settings(timedelta(minutes=30)))
    for community in communities:
        await bot.handle(Connected(community))
    await bot.tick()
    return chat, store, bot, communities


Towns = tuple[FakeChat, Watched, Bot, list[Community]]


async def test_one_question_tells_that_nothing_is_due_anywhere(towns: Towns) -> None:
    """However many communities there are."""
    _, store, bot, _ = towns
    before = store.begun
    await bot.tick()
    assert store.begun == before + 1


async def test_only_where_something_is_due_anything_is_done(towns: Towns) -> None:
    """The nudge of one community costs the others nothing."""
    chat, store, bot, communities = towns
    question = asked(chat.clock.now(), communities[7])
    chat.messages.append(question.message)
    await bot.handle(question)
    await bot.tick()
    await chat.clock.advance(timedelta(minutes=30))
    before = store.begun
    await bot.tick()
    assert store.begun - before < 6
    async with store.begin() as tx:
        assert [delivery.kind for delivery in await tx.deliveries(communities[7], 5)] == ["nudge"]


async def test_a_question_that_fails_hides_nothing(towns: Towns) -> None:
    """Then each community looks for itself."""
    chat, store, bot, communities = towns
    await bot.handle(asked(chat.clock.now(), communities[7]))
    await chat.clock.advance(timedelta(minutes=30))
    store.fails = 1
    await bot.tick()
    async with store.begin() as tx:
        assert [delivery.kind for delivery in await tx.deliveries(communities[7], 5)] == ["nudge"]
