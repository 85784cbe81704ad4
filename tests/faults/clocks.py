"""One time for several processes: whoever tells it writes it into a file, the others read it there."""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.clock import SimulatedClock

LOOK = 0.004
"""Real seconds between two looks at the time: what is slept for is slept a little too long, as with any clock."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


STUCK = 5.0
"""Real seconds, at least, after which something that keeps a process busy is a matter of the story all the same."""

SLOTS = 64


class Face:
    """The file: microseconds since the epoch in aligned words, so that nobody reads half of an instant.

    The first word is the time; each process has one of the others, in which it says what time it has seen.
    """

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8 * SLOTS)
        self._words = memoryview(self._map).cast("q")

    @classmethod
    def made(cls, path: Path, now: datetime) -> Face:
        path.write_bytes(bytes(8 * SLOTS))
        face = cls(path)
        face.set(now)
        return face

    def now(self) -> datetime:
        return _instant(self._words[0])

    def set(self, instant: datetime) -> None:
        self._words[0] = _micros(instant)

    def seen_by(self, number: int) -> datetime:
        return _instant(self._words[_slot(number)])

    def see(self, number: int, instant: datetime) -> None:
        self._words[_slot(number)] = _micros(instant)


class FollowingClock(SimulatedClock):
    """The clock of a process that is told the time: `follow` has to run beside everything else."""

    def __init__(self, path: Path, number: int) -> None:
        self._face = Face(path)
        self._number = number
        super().__init__(self._face.now())

    def now(self) -> datetime:
        return self._face.now()

    async def follow(self, busy: Callable[[], bool] = lambda: False) -> None:
        """While `busy`, time is not seen to pass, so that a machine's slow disk is no slow database of the story."""
        waited = 0.0
        while True:
            now = self._face.now()
            self.move_to(now)
            waited = waited + LOOK if busy() else 0.0
            if waited == 0 or waited > STUCK:
                self._face.see(self._number, now)
            await asyncio.sleep(LOOK)


def _slot(number: int) -> int:
    return 1 + number % (SLOTS - 1)


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
