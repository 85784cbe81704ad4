"""Silence over HTTP: a quiet workspace, or one whose events did not reach us.

A socket that breaks is noticed, and what was missed is read before anything else is heard. Over HTTP nobody tells us
that our address could not be reached. Slack tries an event again at once, after one minute and after five, and then
gives it up: https://docs.slack.dev/apis/events-api/#error-handling. So whatever was lost was lost in a silence longer
than that: what was said in one is read before the event that ends it is taken (which would move the cursor past it),
and from time to time while it lasts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.ports import Clock

SUSPICIOUS = timedelta(minutes=5)
"""After so long without any event, one may have been given up."""

LOOK = timedelta(minutes=15)
"""How often what was said is read while nothing comes: before a mention is nudged by default."""


class Silence:
    """`read` has everything read that was said since the last event."""

    def __init__(self, clock: Clock, read: Callable[[], Awaitable[None]]) -> None:
        self._clock = clock
        self._read = read
        self._heard_at = clock.now()
        self._ending = asyncio.Lock()

    async def ends(self) -> None:
        """An event came, and may be taken when this returns."""
        if self._clock.now() - self._heard_at < SUSPICIOUS and not self._ending.locked():
            self._heard_at = self._clock.now()
            return
        async with self._ending:
            if self._clock.now() - self._heard_at >= SUSPICIOUS:
                await self._read()
            self._heard_at = self._clock.now()

    async def watch(self) -> None:
        """Read at once, as after a connect, and while nothing comes; until cancelled."""
        await self._read()
        self._heard_at = read_at = self._clock.now()
        while True:
            await self._clock.sleep_until(max(self._heard_at, read_at) + LOOK)
            if self._clock.now() - max(self._heard_at, read_at) >= LOOK:
                await self._read()
                read_at = self._clock.now()
