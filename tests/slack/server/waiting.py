"""Waiting for what a real socket brings: no time is measured, only given up on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 20.0
"""Real seconds after which a test that waits for something has failed."""


async def until(there: Callable[[], T | None], what: str = "something") -> T:
    """What `there` gives once it is true.

    Raises:
        AssertionError: it never was.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            while not (found := there()):  # noqa: ASYNC110  # what is waited for sets no event of ours
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"waited in vain for {what}") from None
    return found
