"""The budget of logins (IDENTIFY): counted over all processes, paced, and stopped long before Discord resets the token.

https://docs.discord.com/developers/events/gateway#session-start-limit-object
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import structlog

from adapters.discord.refusals import LOGINS
from bot.errors import StoreError, Unauthorised
from bot.ports import Clock, Keeper

log = structlog.get_logger(__name__)

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
    """`before` is called before each IDENTIFY of `application`, whatever the shard."""

    def __init__(self, application: str, keeper: Keeper, clock: Clock) -> None:
        self._name = f"discord/identify/{application}"
        self._keeper = keeper
        self._clock = clock
        self._turn = asyncio.Lock()
        self._free_at: datetime | None = None

    async def before(self) -> None:
        """Wait for our turn, and note the login.

        Raises:
            Unauthorised: there were too many; nothing was noted.
            StoreUnavailable: they cannot be counted, so that none is made.
        """
        async with self._turn:
            if self._free_at is not None:
                await self._clock.sleep_until(self._free_at)
            await self.check()
            now = self._clock.now()
            await self._keeper.note(self._name, now)
            self._free_at = now + PACE

    async def check(self) -> None:
        """Raises as `before`, and changes nothing."""
        try:
            count = await self._keeper.count(self._name, self._clock.now() - WINDOW)
        except StoreError:
            log.warning("logins cannot be counted, so none is made")
            raise
        if count >= STOP:
            told = f"{count} logins to Discord in 24 hours: stopped, since Discord resets the token at 1000"
            raise Unauthorised(told, reason="too_many_logins", fix=LOGINS)
