"""Time: the machine's own, and one that moves only when it is told to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

LONGEST_SLEEP = timedelta(seconds=30)
"""The wall clock may be set while we sleep: look at it again at least this often."""


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, instant: datetime) -> None:
        while (left := instant - self.now()) > timedelta(0):  # noqa: ASYNC110  # no event tells that a clock was set
            await asyncio.sleep(min(left, LONGEST_SLEEP).total_seconds())


class SimulatedClock:
    """Stands where it was put: for a backtest and a demonstration, where days go by in moments."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = count()

    def now(self) -> datetime:
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Go on to `instant`; never back. Whoever slept until then is woken."""
        self._now = max(self._now, instant)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, sleeper = heappop(self._sleepers)
            if not sleeper.done():
                sleeper.set_result(None)

    async def sleep_until(self, instant: datetime) -> None:
        if instant <= self._now:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._sleepers, (instant, next(self._count), woken))
        await woken
