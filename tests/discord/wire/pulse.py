"""Waiting for something to have happened, without sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

GENEROUS = 20.0
"""Seconds. Nothing takes that long; whoever waits so long waits for something that will never happen."""


class Pulse:
    """Beats whenever anything happens on the server."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def beat(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, true: Callable[[], object], timeout: float = GENEROUS) -> None:  # noqa: ASYNC109
        """Return once `true()` is.

        Raises:
            TimeoutError: it never was.
        """
        async with asyncio.timeout(timeout):
            while not true():
                future = asyncio.get_running_loop().create_future()
                self._waiting.add(future)
                try:
                    await asyncio.wait_for(asyncio.shield(future), 0.25)
                except TimeoutError:
                    # What is waited for may be the bot's doing, which beats nothing here.
                    continue
                finally:
                    self._waiting.discard(future)
                    future.cancel()
