"""A working day and a half in one process, of one seed, on a clock that is told: people ask and answer, trouble comes.

What Slack recorded is held against the checker, with no slack: nothing here takes time but what the story says.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from random import Random

from bot.errors import StoreError
from bot.ports import Store, Transaction
from storage.memory import MemoryStore
from tests.fakes import MONDAY
from tests.faults.checker import Agreed, Asked, Daily, History, Rung, Span, Uttered, Wrong, check
from tests.slack.scenarios.living import MODS, SUPPORT, TIPS, TIPS_AT_TEN, Life, living, settings
from tests.slack.server.journal import Told
from tests.slack.server.model import Said
from tests.slack.server.waiting import until

AGREED = Agreed(
    hours=[Span(MONDAY + timedelta(days=day), MONDAY + timedelta(days=day, hours=9)) for day in range(5)],
    ladder=[
        Rung(timedelta(minutes=30), MODS),
        Rung(timedelta(hours=2), MODS),
        Rung(timedelta(hours=8), "D0U0LEA"),
    ],
    daily=Daily(TIPS, [MONDAY + timedelta(days=day, hours=1) for day in range(5)], timedelta(hours=2)),
    # An hour's limit, and tries that back off for up to a quarter of an hour.
    late=timedelta(minutes=100),
)

AT_ONCE = (0.0, 0.0, 0.0)
"""Slack tells again at once, after one minute and after five; here at once, each time that it was not acknowledged."""


class Troubled:
    """A store that fails when told to: before it began, or when it should commit and does not."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.error: Callable[[], StoreError] | None = None
        self.only_writes = False

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        if self.error is not None and not self.only_writes:
            raise self.error()
        async with self._store.begin() as tx:
            yield tx
            if self.error is not None:
                raise self.error()

    async def close(self) -> None:
        await self._store.close()


class Story:
    """`trouble` comes between what people do; `disconnects` counts those that it made."""

    def __init__(self, life: Life, store: Troubled, seed: int) -> None:
        self.life = life
        self.store = store
        self.random = Random(seed)
        self.asked: dict[str, Asked] = {}
        self.waiting: dict[str, Said] = {}
        self.disconnects = 0
        decided = settings(tips=TIPS_AT_TEN)
        life.settings = lambda _community: decided
        life.slack.telling.retry_delays = AT_ONCE

    async def tell(self, trouble: Callable[[Story], object], hours: int = 33) -> list[Wrong]:
        await self.life.restarts()  # with the settings of this story
        await self.life.wait(1)
        while self.life.clock.now() < MONDAY + timedelta(hours=hours):
            if self.life.clock.now() < MONDAY + timedelta(hours=6):
                await self.somebody_acts()
                if hasattr(done := trouble(self), "__await__"):
                    await done
            await self.life.wait(self.random.uniform(5, 45))
        said = [
            Uttered(one.at, one.channel, f"{one.text} {json.dumps(one.blocks)}", one.key)
            for one in self.life.slack.journal.accepted
            if one.key
        ]
        return check(History(list(self.asked.values()), said, self.life.clock.now()), AGREED)

    def give_up(self) -> None:
        """Slack has tried often enough; whatever was not acknowledged is in the channels' history alone."""
        for told in self.life.slack.journal.told:
            told.given_up = told.given_up or not told.acknowledged.is_set()

    async def somebody_acts(self) -> None:
        support = self.life.channel(SUPPORT)
        if self.waiting and self.random.random() < 0.4:
            marker = self.random.choice(sorted(self.waiting))
            said = self.waiting.pop(marker)
            self.asked[marker] = replace(self.asked[marker], over=self.life.clock.now())
            await self.life.person("tess").says(support, "Like this", thread=said)
        else:
            marker = f"Q{len(self.asked)}x"
            self.asked[marker] = Asked(marker, self.life.clock.now())
            asker = self.life.person(f"asker{len(self.asked)}")
            self.waiting[marker] = await asker.says(support, f"How do I reset my password {marker}?")
        telling = self.life.slack.telling
        if self.random.random() < 0.3 and not (telling.held or telling.lost or self.store.error):
            await self.life.slack.telling.redeliver(self.life.slack.journal.told[-1], reason="timeout")


def tried_enough(event: Told) -> bool:
    return event.acknowledged.is_set() or len(event.attempts) > len(AT_ONCE)


async def disconnect(story: Story) -> None:
    """The socket ends in one of the ways in which sockets end, while somebody talks; then there is another one."""
    sockets, before = story.life.slack.sockets, story.life.connections
    first = sockets.open[-1]
    match story.random.randrange(10):
        case 0 | 1 | 2:
            await first.refresh()
        case 3 | 4:
            await first.close()
        case 5 | 6 | 7:
            first.drop()
        case 8:
            sockets.refusals = 2
            first.drop()
        case _:
            first.mute = True
    await story.somebody_acts()
    await sockets.reconnected(first)
    await until(lambda: story.life.connections > before, "the catching up")
    story.give_up()
    story.disconnects += 1


async def disconnects(number: int) -> tuple[int, list[Wrong]]:
    """Stories, seed after seed, until connections have ended so often: how often, and what was wrong."""
    count, seed, wrong = 0, 0, list[Wrong]()
    while count < number:
        store = Troubled(MemoryStore())
        async with living(store) as life:
            story = Story(life, store, seed)
            wrong += await story.tell(disconnect)
        count, seed = count + story.disconnects, seed + 1
    return count, wrong
