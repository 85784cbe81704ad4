"""Several copies, each with its own connections to one PostgreSQL, for which tips fall due at the same instant."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.app import Bot
from bot.delivery import Deliverer
from bot.events import Connected
from bot.settings import TipSettings
from storage.store import open_store
from tests.app.village import SHELF, TEAM, TIPS, settings
from tests.fakes import COMMUNITY, FAKE, FakeChat, FakeClock

EVERY_DAY = settings(tips=TipSettings(channel=TIPS, days=frozenset(range(7))))


async def tips_told(url: str, copies: int, days: int, kills: bool = True) -> list[str]:
    """The keys of what the platform took. With `kills`, one copy is replaced each day, in the midst of its work."""
    clock = FakeClock()
    chat = FakeChat(clock)
    chat.teams[COMMUNITY] = TEAM
    stores = [open_store(url) for _ in range(copies)]

    async def copy(number: int) -> tuple[Bot, Deliverer]:
        bot = Bot(stores[number], {FAKE: chat}, clock, lambda _: EVERY_DAY, SHELF)
        await bot.handle(Connected(COMMUNITY))
        return bot, Deliverer(stores[number], bot.chats, clock, bot.voice, owner=f"copy-{number}")

    async def work(bot: Bot, deliverer: Deliverer) -> None:
        await bot.tick()
        await deliverer.deliver_due([COMMUNITY])

    living = [await copy(number) for number in range(copies)]
    try:
        for day in range(days):
            tasks = [asyncio.create_task(work(*each)) for each in living]
            victim = day % copies
            if kills:
                for _ in range(day % 40):
                    await asyncio.sleep(0)
                tasks[victim].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if kills:
                living[victim] = await copy(victim)
            # What the dead one was sending is looked up when its lease has lapsed.
            await clock.advance(90)
            await work(*living[(victim + 1) % copies])
            await clock.advance(timedelta(days=1) - timedelta(seconds=90))
    finally:
        for store in stores:
            await store.close()
    return chat.keys()
