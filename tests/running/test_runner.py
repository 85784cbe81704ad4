"""The running bot: a real APScheduler, the machine's clock, and nothing to wait for but what happens."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.app import Bot
from bot.clock import SystemClock
from bot.delivery import Deliverer
from bot.errors import Unauthorised, Unavailable, VigieError
from bot.events import Connected, MessagePosted
from bot.mentions.worktime import WorkingHours
from bot.model import Community, Member, Message, MessageRef, Place, Platform, Team
from bot.ports import Handler
from bot.runner import RECONNECT, Runner
from bot.settings import MentionSettings, Mode, Settings, Step, Target, TipSettings
from bot.shelf import Shelf
from storage.memory import MemoryStore
from tests.fakes import COMMUNITY, FakeChat, FakeClock

UTC_ZONE = ZoneInfo("UTC")
SUPPORT = Place(COMMUNITY, "support")


def settings() -> Settings:
    """A tip that was due a moment ago, and a ladder whose first step is due at once."""
    now = datetime.now(UTC)
    return Settings(
        zone=UTC_ZONE,
        hours=WorkingHours.parse("always", UTC_ZONE),
        tips=TipSettings(channel="team", at=now.time().replace(microsecond=0), days=frozenset(range(7))),
        mentions=MentionSettings(
            channel="moderators",
            watch={"support": Mode.QUESTIONS},
            ladder=(Step(timedelta(microseconds=1), Target.CHANNEL),),
        ),
    )


class Said(FakeChat):
    """A chat that can be waited for."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.grew = asyncio.Event()

    async def wait_for(self, *beginnings: str) -> None:
        async with asyncio.timeout(20):
            while not all(any(key.startswith(b) for key in self.keys()) for b in beginnings):
                self.grew.clear()
                await self.grew.wait()

    async def post(self, *arguments, **more):  # type: ignore[no-untyped-def]
        ref = await super().post(*arguments, **more)
        self.grew.set()
        return ref


def build(chat: FakeChat) -> tuple[Bot, Runner]:
    clock, store, decided = SystemClock(), MemoryStore(), settings()
    bot = Bot(store, {chat.platform: chat}, clock, lambda _: decided, Shelf())
    deliverer = Deliverer(store, bot.chats, clock, bot.voice, owner="test")
    return bot, Runner(bot, deliverer, bot.chats)


async def test_the_running_bot_tells_the_tip_and_nudges_by_itself_and_stops_cleanly() -> None:
    """Once connected, what is due is said without anybody asking; stopping ends every task and loses no cursor."""
    chat = Said(SystemClock(), teams={COMMUNITY: Team(me="vigie", members=frozenset({"malo"}))})  # type: ignore[arg-type]
    bot, runner = build(chat)
    running = asyncio.create_task(runner.run())
    await chat.tell(Connected(COMMUNITY))
    ada = Member(COMMUNITY, "ada", "Ada")
    asked = Message(MessageRef(SUPPORT, "1"), ada, datetime.now(UTC), "how do I log in?")
    chat.messages.append(asked)
    await chat.tell(MessagePosted(asked))
    await chat.wait_for("tip/", "nudge/")
    runner.stop()
    await running
    async with bot.store.begin() as tx:
        (cursor,) = await tx.cursors(COMMUNITY)
    assert cursor.after == "1"
    assert len(asyncio.all_tasks()) == 1


async def test_a_chat_that_is_refused_for_good_leaves_the_others_running() -> None:
    """A revoked token stops one platform; when none is left, the process says so instead of idling."""

    class Refused(FakeChat):
        async def run(self, handle: Handler) -> None:
            raise Unauthorised("token revoked", reason="token_revoked", fix="install the app again")

    good, bad = Said(SystemClock()), Refused(SystemClock(), platform=Platform("other"))  # type: ignore[arg-type]
    bot, _ = build(good)
    chats = {good.platform: good, bad.platform: bad}
    bot = Bot(MemoryStore(), chats, SystemClock(), lambda _: replace(settings()), Shelf())
    runner = Runner(bot, Deliverer(bot.store, chats, bot.clock, bot.voice, owner="test"), chats)
    running = asyncio.create_task(runner.run())
    await good.tell(Connected(COMMUNITY))
    await good.wait_for("tip/")
    await good.close()
    with pytest.raises(VigieError, match="no chat is left"):
        await running


class OutOfReach(FakeChat):
    """Gives up as often as told, then connects; `tries` counts."""

    failures = 1
    tries = 0

    async def run(self, handle: Handler) -> None:
        self.tries += 1
        if self.tries <= self.failures:
            raise Unavailable("no connection for 5 minutes", reason="no_connection")
        await super().run(handle)


async def test_a_platform_out_of_reach_is_tried_again_while_another_runs() -> None:
    """Its outage ends some time; the other platform's people are served meanwhile."""
    clock = FakeClock()
    good, away = FakeChat(clock), OutOfReach(clock, platform=Platform("away"))
    chats = {good.platform: good, away.platform: away}
    bot = Bot(MemoryStore(), chats, clock, lambda _: Settings(), Shelf())
    runner = Runner(bot, Deliverer(bot.store, chats, clock, bot.voice, owner="test"), chats)
    running = asyncio.create_task(runner.run())
    await good.tell(Connected(COMMUNITY))
    await clock.advance(RECONNECT)
    assert away.tries == 2
    await away.tell(Connected(Community(away.platform, "C2")))
    runner.stop()
    await clock.through(running)


async def test_a_platform_out_of_reach_alone_ends_the_process() -> None:
    """Whoever keeps the process running starts it again, and sees that it does not stay."""
    clock = FakeClock()
    away = OutOfReach(clock)
    bot = Bot(MemoryStore(), {away.platform: away}, clock, lambda _: Settings(), Shelf())
    runner = Runner(bot, Deliverer(bot.store, bot.chats, clock, bot.voice, owner="test"), bot.chats)
    with pytest.raises(VigieError, match="no chat is left"):
        await clock.through(runner.run())
    assert away.tries == 1
