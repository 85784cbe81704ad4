"""Events on their way to the core: in order, and never to the exclusion of everything else."""

from __future__ import annotations

import asyncio

from adapters.discord.guilds import DISCORD
from adapters.discord.lanes import Lanes
from bot.events import Event, TeamChanged
from bot.model import Community
from tests.fakes import FakeClock

GUILD = Community(DISCORD, "1")
MANY = 1000


async def test_a_burst_leaves_room_for_others() -> None:
    """A thousand events that wait for nothing: whatever else the process does gets its turn between any two."""
    delivered: list[Event] = []

    async def deliver(event: Event) -> None:
        delivered.append(event)

    lanes = Lanes(deliver, FakeClock())
    lanes.put(GUILD, [TeamChanged(GUILD)] * MANY)
    turns = 0
    while len(delivered) < MANY:
        await asyncio.sleep(0)
        turns += 1
    assert turns >= MANY
    await lanes.close()
