"""What outlives a process: who holds a connection, and how often something happened. The `Keeper` of the adapters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex

from bot.errors import StoreError
from bot.logger import get_logger
from bot.model import Letter
from bot.patience import within
from bot.ports import Clock, Store

log = get_logger(__name__)

TTL = timedelta(seconds=20)
"""How long a lease outlasts its holder's last sign of life. With `RETRY`, another copy has taken over within 30 s."""

RENEWAL = timedelta(seconds=5)
"""Several renewals may fail before a lease lapses: a database may be restarted under us."""

RETRY = timedelta(seconds=5)
"""How often somebody who waits for a lease asks for it."""


LETTERS = 100
"""Read at once: however many there are, the holder's memory does not grow."""


@dataclass(slots=True)
class Held:
    """A lease that is ours; `until` is when it lapses unless renewed."""

    until: datetime
    lost: asyncio.Event = field(default_factory=asyncio.Event)


class StoreKeeper:
    """Implements `Keeper` on the store. `holder` says in the database which process it is; it need not be unique."""

    def __init__(self, store: Store, clock: Clock, holder: str) -> None:
        self._store = store
        self._clock = clock
        self._holder = f"{holder}/{token_hex(4)}"

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[Held]:
        """See `Keeper.hold`. A database that is down is waited for."""
        # Of this very holding: one that was lost must not give back, on its way out, what we hold anew.
        holder = f"{self._holder}/{token_hex(2)}"
        held = await self._wait_for(name, holder)
        renewing = asyncio.create_task(self._renew(name, holder, held), name=f"hold {name}")
        try:
            yield held
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            await self._give_back(name, holder)

    async def note(self, name: str, at: datetime) -> None:
        async with self._store.begin() as tx:
            await tx.note(name, at)

    async def count(self, name: str, since: datetime) -> int:
        async with self._store.begin() as tx:
            return await tx.noted(name, since)

    async def once(self, name: str, ttl: timedelta) -> bool:
        now = self._clock.now()
        async with self._store.begin() as tx:
            return await tx.once(name, now, now + ttl)

    async def put(self, letter: Letter) -> None:
        async with self._store.begin() as tx:
            await tx.put_letter(letter)

    async def letters(self, box: str) -> list[Letter]:
        async with self._store.begin() as tx:
            return await tx.letters(box, LETTERS)

    async def drop(self, letter: Letter) -> None:
        async with self._store.begin() as tx:
            await tx.drop_letter(letter.number)

    async def _wait_for(self, name: str, holder: str) -> Held:
        told = False
        while True:
            try:
                until = await self._take(name, holder)
            except StoreError as error:
                log.warning("lease cannot be asked for", lease=name, error=type(error).__name__)
            else:
                if until is not None:
                    return Held(until)
                if not told:
                    log.info("another process holds the lease; standing by", lease=name)
                    told = True
            await self._clock.sleep_until(self._clock.now() + RETRY)

    async def _renew(self, name: str, holder: str, held: Held) -> None:
        until: datetime | None = held.until
        while until is not None:
            held.until = until
            await self._clock.sleep_until(min(self._clock.now() + RENEWAL, until))
            left = until - self._clock.now()
            if left <= timedelta(0):
                break
            try:
                until = await within(self._clock, left, self._take(name, holder))
            except (StoreError, TimeoutError) as error:
                log.warning("lease not renewed", lease=name, error=type(error).__name__)
        log.warning("lease lost", lease=name)
        held.lost.set()

    async def _take(self, name: str, holder: str) -> datetime | None:
        """Until when it is ours; None while it is somebody else's."""
        now = self._clock.now()
        async with self._store.begin() as tx:
            return now + TTL if await tx.take_lease(name, holder, now, TTL) else None

    async def _give_back(self, name: str, holder: str) -> None:
        try:
            async with self._store.begin() as tx:
                await tx.give_lease(name, holder)
        except StoreError as error:
            log.warning("lease left to lapse", lease=name, error=type(error).__name__)
