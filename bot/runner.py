"""Keeping everything going until told to stop: the chats listen, the alarm wakes the bot, the deliverer speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter

from bot.alarm import HEARTBEAT, Alarm
from bot.app import Bot
from bot.delivery import Deliverer
from bot.errors import ChatError, Unavailable, VigieError
from bot.events import Connected, Event, Reply
from bot.logger import get_logger
from bot.model import Community, Platform
from bot.ports import Chat
from bot.rounds import Rounds

log = get_logger(__name__)

GRACE = timedelta(seconds=5)
"""What is being sent when we are told to stop may finish for so long; service managers kill after 10 s."""

CLOSING = timedelta(seconds=3)
"""What people asked for may be answered, and connections be closed, for so long after that."""


RECONNECT = timedelta(minutes=1)
"""After which a platform that could not be reached for minutes is tried anew."""

PURGE = timedelta(days=1)

Observe = Callable[[Event, Platform, float, bool], None]


class Runner:
    """Runs a bot on its chats. One chat that fails for good is logged and leaves the others running.

    `observe` is told of every event how long it took; what ended longer than `retention` ago is purged once a day.
    After `heartbeat` at the latest it is looked whether something is due, whatever was or was not announced.
    """

    def __init__(
        self,
        bot: Bot,
        deliverer: Deliverer,
        chats: Mapping[Platform, Chat],
        *,
        observe: Observe = lambda *_: None,
        retention: timedelta | None = None,
        heartbeat: timedelta = HEARTBEAT,
    ) -> None:
        self._observe = observe
        self._retention = retention
        self._purged: datetime | None = None
        self._bot = bot
        self._deliverer = deliverer
        self._chats = chats
        self._alarm = Alarm(self._wake, heartbeat)
        self._setting = asyncio.Lock()
        self._heard: datetime | None = None  # the earliest instant that fell due while the alarm was being set
        self._came = asyncio.Event()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until `stop`, or until no chat is left; then raises `VigieError`, since somebody has to look."""
        self._bot.changed = self._deliverer.wake
        self._bot.due = self._heed
        self._alarm.start()
        delivering = asyncio.create_task(self._deliverer.run(self._communities), name="deliver")
        minding = asyncio.create_task(self._mind(), name="mind who comes")
        listening = asyncio.create_task(self._listen(), name="listen")
        stopped = asyncio.create_task(self._stopping.wait(), name="stop")
        rounds = asyncio.create_task(Rounds(self._bot).run(), name="make rounds")
        try:
            await asyncio.wait({stopped, listening, delivering, minding}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            rounds.cancel()
            await self._wind_down(listening, minding, delivering, stopped, rounds)
        for task in (listening, delivering, minding):
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error
        if not self._stopping.is_set():
            raise VigieError("no chat is left to listen to; the log above says why")

    def stop(self) -> None:
        """Finish what is being sent and return from `run`."""
        self._stopping.set()

    async def _wind_down(self, *tasks: asyncio.Task[object]) -> None:
        listening = tasks[0]
        await self._alarm.stop()
        await self._deliverer.stop(GRACE)
        # Only now: a chat that is closed cannot say what is still on its way.
        for chat in self._chats.values():
            await chat.close()
        await asyncio.wait({listening}, timeout=CLOSING.total_seconds())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for watch in self._bot.watches.values():
            try:
                await watch.along.save()
            except VigieError as error:
                log.warning("cursors not saved; a little will be read again", why=str(error))

    async def _listen(self) -> None:
        """Every chat until it ends; one that cannot go on is logged with the reason, and the others do.

        One that gave up on a platform out of reach is tried again as long as another one runs; alone, it ends the
        process, so that whoever keeps it running learns of it.
        """
        running = set(self._chats)

        async def one(chat: Chat) -> None:
            while True:
                try:
                    await chat.run(partial(self._handle, chat.platform))
                except ChatError as error:
                    why = {"reason": error.reason, "why": str(error), "fix": error.fix}
                    log.error("chat stopped", platform=chat.platform, **why)  # noqa: TRY400  # a reason, not a traceback
                    again = isinstance(error, Unavailable)
                else:
                    again = False
                running.discard(chat.platform)
                if not again or not running:
                    return
                await self._bot.clock.sleep_until(self._bot.clock.now() + RECONNECT)
                running.add(chat.platform)

        await asyncio.gather(*(one(chat) for chat in self._chats.values()))

    async def _handle(self, platform: Platform, event: Event) -> Reply | None:
        began, failed = perf_counter(), True
        try:
            reply = await self._bot.handle(event)
            failed = False
        finally:
            self._observe(event, platform, perf_counter() - began, failed)
        if isinstance(event, Connected):
            # What fell due while nobody listened is announced by nothing else.
            self._came.set()
        return reply

    async def _wake(self) -> None:
        """Called by the alarm: do what is due, and have it ring again in time."""
        await self._bot.tick()
        self._deliverer.wake()
        await self._purge()
        await self._set_alarm(tried=True)

    async def _purge(self) -> None:
        now = self._bot.clock.now()
        if self._retention is None or (self._purged and now - self._purged < PURGE):
            return
        self._purged = now
        try:
            async with self._bot.store.begin() as tx:
                removed = await tx.purge(now - self._retention)
        except VigieError as error:
            log.warning("nothing purged", why=str(error))
        else:
            if removed:
                log.info("purged", rows=removed)

    def _heed(self, instant: datetime) -> None:
        """A mention falls due then: nothing has to be asked to know it."""
        self._heard = instant if self._heard is None else min(instant, self._heard)
        self._alarm.wake_by(instant)

    async def _mind(self) -> None:
        """Look after a community as soon as it comes."""
        while True:
            await self._came.wait()
            self._came.clear()
            await self._bot.tick()
            self._deliverer.wake()
            try:
                await self._set_alarm(tried=False)
            except VigieError as error:
                # The heartbeat looks again within seconds.
                log.warning("cannot tell what is due", why=str(error))

    async def _set_alarm(self, *, tried: bool) -> None:
        async with self._setting:
            watches = self._bot.watches.values()
            self._alarm.set_schedules([watch.coming.schedule for watch in watches if watch.coming.schedule is not None])
            self._heard = None
            due = await self._bot.next_due(tried=tried)
            # What was committed while that was being asked may be missing from the answer.
            known = [instant for instant in (due, self._heard) if instant is not None]
            self._alarm.wake_at(min(known, default=None))

    def _communities(self) -> list[Community]:
        return [watch.community for watch in self._bot.watches.values() if watch.along.connected]
