"""The sandbox's time: it goes on by itself, faster or slower, can be stopped, and can be moved on.

Whatever falls due on the way happens at its own instant and in order, whoever moves the clock: nothing is skipped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.clock import SimulatedClock
from bot.schedule import Schedule, next_occurrence
from bot.simulation import Simulation

BEAT = timedelta(seconds=1)
"""Of real time: the clock goes on at least this often, so that a page sees it move."""

BUDGET = timedelta(milliseconds=250)
"""Of real time: how long the clock may take to catch up before whoever asks for something has their turn. What cannot
be done in time makes the clock slower, never the bot less careful."""

STEPS = {"5m": timedelta(minutes=5), "1h": timedelta(hours=1)}
DAYS = {"9:00": frozenset(range(7)), "monday": frozenset({0})}

Happening = tuple[datetime, Callable[[], Awaitable[None]]]
"""Something that is going to happen by itself, such as a message of a history."""


def destination(move: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Where `5m`, `1h`, `9:00` (the next one) or `monday` (the next at 9:00) leads; None for anything else."""
    if move in STEPS:
        return now + STEPS[move]
    if move in DAYS:
        return next_occurrence(Schedule(move, zone, time(9), DAYS[move]), now).instant
    return None


class Timeline:
    """Drives a simulation by the time that passes, and what is going to happen in it.

    `real` counts real seconds; `speed` is simulated seconds for each of them. One task at a time may use it, but for
    `wait`, which only waits.
    """

    def __init__(
        self,
        clock: SimulatedClock,
        simulation: Simulation,
        happenings: Iterator[Happening],
        real: Callable[[], float],
        *,
        running: bool = True,
        speed: float = 1,
    ) -> None:
        self.running = running
        self.speed = speed
        self._clock = clock
        self._simulation = simulation
        self._happenings = happenings
        self._next = next(happenings, None)
        self._real = real
        self._seen = real()
        self._changed = asyncio.Event()

    @property
    def over(self) -> bool:
        """Whether nothing more is going to happen by itself."""
        return self._next is None

    def run_at(self, *, running: bool | None = None, speed: float | None = None) -> None:
        """Stop, go on, or change speed from this moment on."""
        self._seen = self._real()
        self.running = self.running if running is None else running
        self.speed = self.speed if speed is None else speed
        self._changed.set()

    async def go_on(self) -> None:
        """Let the time go by that has passed since the last look; of a long absence, a beat."""
        now = self._real()
        passed = min(timedelta(seconds=now - self._seen), BEAT)
        self._seen = now
        if self.running and passed > timedelta(0):
            await self._move_to(self._clock.now() + passed * self.speed, until=now + BUDGET.total_seconds())
        self._changed.set()

    async def move_to(self, instant: datetime) -> None:
        """Go on to `instant`, with everything that happens and falls due until then, that instant included."""
        await self._move_to(instant, until=None)
        self._seen = self._real()
        self._changed.set()

    async def settle(self) -> None:
        """Do what is due at this very instant, after something was done by hand."""
        await self._simulation.settle()
        self._changed.set()

    async def rest(self) -> float | None:
        """Real seconds until there is something to do: what falls due next, or a beat. None while the clock stands."""
        self._changed.clear()
        if not self.running:
            return None
        due = [instant for instant in (await self._simulation.next_due(), self._next and self._next[0]) if instant]
        left = (min(due) - self._clock.now()) / self.speed if due else BEAT
        # Never a hot loop: at high speed the next thing is always due.
        return min(max(left, BEAT / 100), BEAT).total_seconds()

    async def wait(self, seconds: float | None) -> None:
        """So long, or until somebody does something with the clock."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    async def _move_to(self, instant: datetime, until: float | None) -> None:
        while self._next is not None and self._next[0] <= instant:
            if until is not None and self._real() > until:
                return
            at, happen = self._next
            await self._simulation.move_to(at)
            self._next = next(self._happenings, None)
            await happen()
        await self._simulation.move_to(instant)
