"""A plain client of discord.py, connected to the Discord on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import discord

from tests.discord.wire.server import WireDiscord


class Listener(discord.Client):
    """Remembers what it was told: each event's name and what came with it."""

    def __init__(self, wire: WireDiscord, **options: Any) -> None:
        options.setdefault("intents", discord.Intents.all())
        super().__init__(connector=wire.connector(), guild_ready_timeout=0.05, max_ratelimit_timeout=30, **options)
        self.told: list[tuple[str, Any]] = []

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.told.append((event, args[-1] if args else None))
        super().dispatch(event, *args, **kwargs)

    def heard(self, event: str) -> list[Any]:
        return [what for name, what in self.told if name == event]

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits five seconds before it identifies again."""


@asynccontextmanager
async def connected(wire: WireDiscord, **options: Any) -> AsyncIterator[Listener]:
    """Logged in and ready; closed at the end."""
    client = Listener(wire, **options)
    task = asyncio.create_task(client.start(wire.token))
    try:
        await wire.until(lambda: client.heard("ready") or task.done())
        if task.done():
            task.result()
        yield client
    finally:
        await client.close()
        with suppress(Exception):
            await task
