"""Events on their way to the core: those of a guild one after the other, those of different guilds side by side.

The gateway takes no acknowledgement. Whatever cannot be stored waits here and holds up what comes after it; when that
lasts too long, the guild is told to be connected anew, so that the core reads the gap from history.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from bot.errors import VigieError
from bot.events import Connected, Event
from bot.logger import get_logger
from bot.model import Community
from bot.ports import Clock

log = get_logger(__name__)

LENGTH = 2000
"""Events of one guild that may wait; more than that are read from history later."""

TOGETHER = 50
"""Events that are delivered before everything else has its turn: some milliseconds' worth, as many as the gateway's
socket hands over at a time. After each of them, that alone would cost as much as reading the message."""

TRIES = (*(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 15, 30, 60, 60, 60)), None)
"""How long to wait after each attempt at an event that could not be stored; None after the last."""

CATCHING_UP = 8
"""Guilds that read at the same time what they missed: after a start there are as many as there are guilds."""

Deliver = Callable[[Event], Awaitable[None]]


class Lanes:
    """`deliver` takes one event; it raises `VigieError` when that should come again."""

    def __init__(self, deliver: Deliver, clock: Clock) -> None:
        self._deliver = deliver
        self._clock = clock
        self._waiting: defaultdict[Community, deque[Event]] = defaultdict(deque)
        self._draining: dict[Community, asyncio.Task[None]] = {}
        self._connecting: dict[Community, asyncio.Task[None]] = {}
        self._again: set[Community] = set()
        self._catching_up = asyncio.Semaphore(CATCHING_UP)
        self._left = TOGETHER

    def put(self, community: Community, events: Iterable[Event]) -> None:
        """Deliver these after what the guild has waiting."""
        lane = self._waiting[community]
        lane.extend(events)
        if len(lane) > LENGTH:
            log.warning("too many events wait for the store", community=str(community))
            self._drop(community)
            self.connect(community)
        if lane and community not in self._draining:
            self._draining[community] = asyncio.create_task(self._drain(community), name=f"events {community}")

    def connect(self, community: Community) -> None:
        """Deliver `Connected` beside the lane, since it lasts as long as catching up does."""
        if community in self._connecting:
            self._again.add(community)
            return
        self._connecting[community] = asyncio.create_task(self._connect(community), name=f"connected {community}")

    async def stop(self, community: Community) -> None:
        """Forget what waits: another process looks after the guild, or nobody does."""
        self._drop(community)
        self._again.discard(community)
        tasks = [self._draining.pop(community, None), self._connecting.pop(community, None)]
        await _cancelled(task for task in tasks if task is not None)

    async def close(self) -> None:
        self._again.clear()
        await _cancelled([*self._draining.values(), *self._connecting.values()])
        self._waiting.clear()
        self._draining.clear()
        self._connecting.clear()

    def _drop(self, community: Community) -> None:
        # The first one may be with the core just now.
        lane = self._waiting.get(community, deque())
        while len(lane) > 1:
            lane.pop()

    async def _drain(self, community: Community) -> None:
        lane = self._waiting[community]
        try:
            while lane:
                await self._one(community, lane[0])
                lane.popleft()
                self._left -= 1
                if self._left <= 0:
                    await self._others()
        finally:
            self._waiting.pop(community, None)
            self._draining.pop(community, None)

    async def _others(self) -> None:
        """Most events wait for nothing, and thousands of them may be here: heartbeats and answers come between.

        What may be delivered at a time counts for all guilds together: whichever comes last has one event of its own.
        """
        if self._left == 0:
            asyncio.get_running_loop().call_soon(self._next)
        await asyncio.sleep(0)

    def _next(self) -> None:
        self._left = TOGETHER

    async def _one(self, community: Community, event: Event) -> None:
        for wait in TRIES:
            try:
                await self._deliver(event)
            except VigieError as error:
                what = {"kind": type(event).__name__, "error": type(error).__name__}
                if wait is None:
                    log.error("event given up", community=str(community), **what)  # noqa: TRY400  # no texts in logs
                    self.connect(community)
                    return
                log.warning("event not stored yet", community=str(community), **what)
                await self._clock.sleep_until(self._clock.now() + wait)
            except Exception as error:  # noqa: BLE001  # a bug about one event must not stop the others
                _bug(community, event, error)
                return
            else:
                return

    async def _connect(self, community: Community) -> None:
        event = Connected(community)
        while True:
            self._again.discard(community)
            async with self._catching_up:
                try:
                    await self._deliver(event)
                except Exception as error:  # noqa: BLE001  # the core tries again by itself what can be
                    _bug(community, event, error)
            if community not in self._again:
                break
        del self._connecting[community]


def _bug(community: Community, event: Event, error: Exception) -> None:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    at = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
    what = {"kind": type(event).__name__, "error": type(error).__name__, "at": at}
    log.error("event dropped", community=str(community), **what)


async def _cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    cancelled = list(tasks)
    for task in cancelled:
        task.cancel()
    await asyncio.gather(*cancelled, return_exceptions=True)
