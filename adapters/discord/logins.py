"""The budget of logins (IDENTIFY): counted over all processes, paced, and stopped long before Discord resets the token.

https://docs.discord.com/developers/events/gateway#session-start-limit-object
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from adapters.discord.refusals import LOGINS
from bot.errors import StoreError, Unauthorised
from bot.logger import get_logger
from bot.ports import Clock, Keeper

log = get_logger(__name__)

WINDOW = timedelta(hours=24)
STOP = 50
"""Logins in `WINDOW` after which something is wrong for sure: at 1000 Discord resets the token and tells the owner."""

PACE = timedelta(seconds=5)
"""Between two logins: https://docs.discord.com/developers/events/gateway#rate-limiting"""


LEFT = 20
"""Logins that Discord itself must still allow, whoever used up the others."""


def check_left(limit: Any) -> None:
    """What `GET /gateway/bot` says of today's logins, of whatever program.

    Raises:
        Unauthorised: hardly any is left.
    """
    left = limit.get("remaining") if isinstance(limit, dict) else None
    if isinstance(left, int) and left < LEFT:
        told = f"Discord allows only {left} more logins today: stopped, since it resets the token after the last one"
        raise Unauthorised(told, reason="too_many_logins", fix=LOGINS)


class Logins:
    """One login at a time, whatever the shard: `turn` around opening a connection, `note` just before its IDENTIFY.

    A connection on which nothing is said is closed by Discord, so that the turn is waited for without one.
    """

    def __init__(self, application: str, keeper: Keeper, clock: Clock) -> None:
        self._name = f"discord/identify/{application}"
        self._keeper = keeper
        self._clock = clock
        self._turn = asyncio.Lock()
        self._free_at: datetime | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Raises as `check`."""
        async with self._turn:
            if self._free_at is not None:
                await self._clock.sleep_until(self._free_at)
            await self.check()
            yield

    async def note(self) -> None:
        """Raises as `check`, and then nothing was noted."""
        await self.check()
        now = self._clock.now()
        await self._keeper.note(self._name, now)
        self._free_at = now + PACE

    async def check(self) -> None:
        """Whether one more is allowed.

        Raises:
            Unauthorised: there were too many.
            StoreUnavailable: they cannot be counted, so that none is made.
        """
        try:
            count = await self._keeper.count(self._name, self._clock.now() - WINDOW)
        except StoreError:
            log.warning("logins cannot be counted, so none is made")
            raise
        if count >= STOP:
            told = f"{count} logins to Discord in 24 hours: stopped, since Discord resets the token at 1000"
            raise Unauthorised(told, reason="too_many_logins", fix=LOGINS)
