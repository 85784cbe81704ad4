"""Says what was committed, exactly once: claims what is due, several places at a time, one delivery per place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from secrets import token_hex

from bot.attempt import Attempts, Cancel, Composer, Later, Observe, Say
from bot.errors import StoreError
from bot.logger import get_logger
from bot.model import Community, Delivery, Platform
from bot.patience import Timing, within
from bot.ports import Chat, Clock, Store

log = get_logger(__name__)

CONCURRENCY = 8
"""Places that are told something at the same time."""

BREATH = timedelta(seconds=1)
"""Never shorter between two looks at the database, unless woken: what is due may be another worker's."""

HEARTBEAT = timedelta(seconds=15)
"""Never longer: another process may have added something, and it wakes only its own deliverer."""

GRACE = timedelta(seconds=30)


class Deliverer:
    """Delivers in the name of `owner`, which tells in a row who holds it; two may have the same.

    `run` delivers until `stop`; `deliver_due` delivers what is due now and returns. Use one of them at a time.
    """

    def __init__(
        self,
        store: Store,
        chats: Mapping[Platform, Chat],
        clock: Clock,
        composer: Composer,
        *,
        owner: str,
        timing: Timing | None = None,
        concurrency: int = CONCURRENCY,
        observe: Observe = lambda *_: None,
    ) -> None:
        self._store = store
        self._clock = clock
        # Unique, because two containers may both be process 1 of a host of the same name.
        self._owner = f"{owner}/{token_hex(4)}"
        self._timing = timing or Timing()
        self._concurrency = concurrency
        self._attempts = Attempts(store, chats, clock, composer, self._timing, observe)
        self._claims = count(1)
        self._in_flight: set[asyncio.Task[bool]] = set()
        self._said = 0
        self._woken = asyncio.Event()
        self._stopping = False
        self._stopped = asyncio.Event()
        self._stopped.set()

    async def deliver_due(self, communities: Sequence[Community]) -> int:
        """Deliver until nothing can be claimed now; the number of deliveries that were recorded as sent."""
        before = self._said
        try:
            while (claimed := await self._claim(communities)) or self._in_flight:
                if len(claimed) == 1 and not self._in_flight:
                    # Nothing to do side by side: what comes after it is claimed when it is done.
                    self._said += await self._attempts.make(claimed[0])
                    continue
                self._begin(claimed)
                await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._abandon()
        return self._said - before

    async def run(self, communities: Callable[[], Sequence[Community]]) -> None:
        """Deliver whatever falls due until `stop`. `communities`: those that are ours at the moment."""
        self._stopped.clear()
        try:
            while not self._stopping:
                self._woken.clear()
                ours = communities()
                self._begin(await self._claim(ours))
                await self._rest(await self._next_due(ours))
            if self._in_flight:
                await asyncio.wait(self._in_flight)
        finally:
            await self._abandon()
            self._stopped.set()

    def wake(self) -> None:
        """Something may be due: look now."""
        self._woken.set()

    async def stop(self, grace: timedelta = GRACE) -> None:
        """Claim nothing more and let what is in flight finish; after `grace` it is left for a look-up."""
        self._stopping = True
        self.wake()
        try:
            await within(self._clock, grace, self._stopped.wait())
        except TimeoutError:
            log.warning("stopped with deliveries in flight", count=len(self._in_flight))
            await self._abandon()
            await self._stopped.wait()

    async def _claim(self, communities: Sequence[Community]) -> list[Delivery]:
        """As many deliveries as there is room for, in our name from now on."""
        free = self._concurrency - len(self._in_flight)
        if free <= 0 or not communities:
            return []
        # A name per claim: an attempt that stalled beyond its lease must not record over a later one of our own either.
        owner = f"{self._owner}/{next(self._claims)}"
        try:
            async with self._store.begin() as tx:
                return await tx.claim(owner, self._clock.now(), self._timing.lease, free, communities)
        except StoreError as error:
            log.warning("nothing can be claimed", error=type(error).__name__)
            return []

    def _begin(self, claimed: Sequence[Delivery]) -> None:
        for delivery in claimed:
            task = asyncio.create_task(self._attempts.make(delivery), name=f"deliver {delivery.key}")
            self._in_flight.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[bool]) -> None:
        self._in_flight.discard(task)
        if not task.cancelled() and task.result():
            self._said += 1
        self.wake()

    async def _next_due(self, communities: Sequence[Community]) -> datetime | None:
        if not communities:
            return None
        try:
            async with self._store.begin() as tx:
                return await tx.next_due(communities)
        except StoreError:
            return None

    async def _rest(self, due: datetime | None) -> None:
        now = self._clock.now()
        until = now + HEARTBEAT if due is None else min(max(due, now + BREATH), now + HEARTBEAT)
        with suppress(TimeoutError):
            await within(self._clock, until - now, self._woken.wait())

    async def _abandon(self) -> None:
        """Cancel what is still in flight: each row tells what is known of it, and its lease will lapse."""
        tasks = list(self._in_flight)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


__all__ = ["Cancel", "Composer", "Deliverer", "Later", "Say"]
