"""How long the deliverer waits: for an answer, before it tries again, between two messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from dataclasses import dataclass
from datetime import timedelta
from types import coroutine
from typing import Any, TypeVar, cast
from zlib import crc32

from bot.ports import Clock

T = TypeVar("T")

PACE = timedelta(seconds=1)
"""Between two messages to one channel: https://docs.slack.dev/apis/web-api/rate-limits/#posting-messages"""

LOCKOUT = timedelta(hours=1)
"""How long a community that refuses us is left alone. Discord bans an address after 10,000 invalid requests in ten
minutes: https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans"""

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Timing:
    """How long each step of a delivery may take. All of them together fit into one lease.

    Raises:
        ValueError: they do not fit.
    """

    lease: timedelta = timedelta(seconds=60)
    ask: timedelta = timedelta(seconds=10)  # a look-up, or the way to a private channel
    compose: timedelta = timedelta(seconds=15)
    post: timedelta = timedelta(seconds=20)
    margin: timedelta = timedelta(seconds=5)  # left of the lease when the platform is given up on
    settle: timedelta = timedelta(seconds=30)  # a request that was given up on may still take effect for that long

    def __post_init__(self) -> None:
        needed = 2 * self.ask + self.compose + self.post + self.margin
        if needed > self.lease:
            raise ValueError(f"a lease of {self.lease} is too short: looking up, composing and sending take {needed}")


def backoff(key: str, attempts: int) -> timedelta:
    """How long to wait after `attempts` failures: twice as long each time, from some 5 s to 15 min.

    Up to a quarter is taken off, always the same for the same key and attempt, so that what failed together does not
    come back together.
    """
    longest = min(FIRST_RETRY * (1 << min(max(attempts, 1) - 1, 16)), LAST_RETRY)
    return longest * (1 - crc32(f"{key}#{attempts}".encode()) / 2**32 / 4)


async def within(clock: Clock, limit: timedelta, work: Awaitable[T]) -> T:
    """The result of `work`, cancelled when the clock has moved on by `limit`.

    Raises:
        TimeoutError: it was cancelled for that.
    """
    # Most work never has to wait where chat and store are in memory: only what does is given a timer.
    deadline = clock.now() + limit
    steps = work.__await__()
    try:
        waits_for = next(steps)
    except StopIteration as done:
        return cast("T", done.value)

    async def ring(scope: asyncio.Timeout) -> None:
        await clock.sleep_until(deadline)
        scope.reschedule(asyncio.get_running_loop().time())

    async with asyncio.timeout(None) as scope:
        timer = asyncio.create_task(ring(scope))
        try:
            return await _rest(steps, waits_for)
        finally:
            timer.cancel()


@coroutine
def _rest(steps: Generator[Any, Any, T], waits_for: object) -> Generator[Any, Any, T]:
    """What is left of work that was begun, and that waits for something."""
    try:
        while True:
            try:
                sent = yield waits_for
            except BaseException as error:  # noqa: BLE001 (whatever ends the waiting is the work's own to deal with)
                waits_for = steps.throw(error)
            else:
                waits_for = steps.send(sent)
    except StopIteration as done:
        return cast("T", done.value)
