"""Events on their way to the core: in order, and never to the exclusion of everything else."""

from __future__ import annotations

import asyncio

from adapters.discord.guilds import DISCORD
from adapters.discord.lanes import TOGETHER, Lanes
from bot.events import Event, TeamChanged
from bot.model import Community
from tests.fakes import FakeClock

GUILD = Community(DISCORD, "1")
GUILDS = [Community(DISCORD, str(number)) for number in range(20)]
MANY = 1000


async def test_a_burst_leaves_room_for_others() -> None:
    """A thousand events that wait for nothing: whatever else the process does has its turn after every few."""
    delivered: list[Event] = []

    async def deliver(event: Event) -> None:
        delivered.append(event)

    lanes = Lanes(deliver, FakeClock())
    lanes.put(GUILD, [TeamChanged(GUILD)] * MANY)
    told = 0
    while len(delivered) < MANY:
        await asyncio.sleep(0)
        assert len(delivered) - told <= TOGETHER
        told = len(delivered)
    await lanes.close()


async def test_bursts_everywhere_leave_room_for_others() -> None:
    """Many guilds have much to tell at the same time: what may be delivered at a time is the same for all together."""
    delivered: list[Event] = []

    async def deliver(event: Event) -> None:
        delivered.append(event)

    lanes = Lanes(deliver, FakeClock())
    for guild in GUILDS:
        lanes.put(guild, [TeamChanged(guild)] * MANY)
    told = 0
    while len(delivered) < MANY * len(GUILDS):
        await asyncio.sleep(0)
        assert len(delivered) - told < TOGETHER + len(GUILDS)
        told = len(delivered)
    assert delivered.count(TeamChanged(GUILDS[-1])) == MANY
    await lanes.close()
