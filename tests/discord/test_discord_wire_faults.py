"""What goes wrong on purpose on the loopback Discord looks to discord.py as it does in the wild."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from tests.discord.listening import Listener, connected
from tests.discord.wire.faults import Dropped, Held, broken, cloudflare, limited, refused
from tests.discord.wire.server import WireDiscord

SAY = "POST /channels/{channel}/messages"


def channel_of(client: Listener, id_: str) -> discord.TextChannel:
    found = client.get_channel(int(id_))
    assert isinstance(found, discord.TextChannel)
    return found


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_short_limit_is_waited_for_by_the_library(wire: WireDiscord, everywhere: bool) -> None:
    """It tells Discord's limits by `Via`, and asks again."""
    general = wire.town().channel("general")
    wire.rest.script(SAY, limited(0.01, everywhere=everywhere))
    async with connected(wire) as client:
        await channel_of(client, general).send("hello")
    assert [asked.status for asked in wire.rest.requests(SAY)] == [429, 200]


async def test_a_long_limit_is_raised(wire: WireDiscord) -> None:
    """With the seconds to wait."""
    general = wire.town().channel("general")
    wire.rest.script(SAY, limited(600))
    async with connected(wire) as client:
        with pytest.raises(discord.RateLimited) as limit:
            await channel_of(client, general).send("hello")
    assert limit.value.retry_after == 600


@pytest.mark.parametrize("status", [403, 429])
async def test_what_stands_before_discord_is_told_apart(wire: WireDiscord, status: int) -> None:
    """HTML and no `Via`: a ban of the address, nothing to wait for."""
    general = wire.town().channel("general")
    wire.rest.script(SAY, cloudflare(status))
    async with connected(wire) as client:
        with pytest.raises(discord.HTTPException) as banned:
            await channel_of(client, general).send("hello")
    assert (banned.value.status, banned.value.code, banned.value.response.headers.get("Via")) == (status, 0, None)


@pytest.mark.parametrize("accepted", [True, False])
async def test_an_answer_that_never_comes(wire: WireDiscord, accepted: bool) -> None:
    """The connection breaks, whether or not the message was taken."""
    general = wire.town().channel("general")
    wire.rest.script(SAY, Dropped(accepted))
    async with connected(wire) as client:
        with pytest.raises(aiohttp.ClientConnectionError):
            await channel_of(client, general).send("hello")
    assert len(wire.world.accepted) == accepted


async def test_an_answer_that_is_late(wire: WireDiscord) -> None:
    """Held back until the test lets go, after the message was taken."""
    general, gate = wire.town().channel("general"), asyncio.Event()
    wire.rest.script(SAY, Held(gate, accepted=True))
    async with connected(wire) as client:
        sending = asyncio.create_task(channel_of(client, general).send("hello"))
        await wire.until(lambda: wire.world.accepted)
        assert not sending.done()
        gate.set()
        assert (await sending).content == "hello"


async def test_trouble_and_refusals_of_one_channel_leave_the_other_alone(wire: WireDiscord) -> None:
    """A fault may be meant for one channel; 503 is raised at once."""
    town = wire.town()
    one, two = town.channel("one"), town.channel("two")
    wire.rest.script(SAY, broken(503), refused(50013), channel=one)
    async with connected(wire) as client:
        await channel_of(client, two).send("hello")
        with pytest.raises(discord.DiscordServerError):
            await channel_of(client, one).send("hello")
        with pytest.raises(discord.Forbidden):
            await channel_of(client, one).send("hello")


async def test_what_is_not_served_here_is_noticed() -> None:
    """Discord may know a route that this server does not: a test that asks for it fails at its end."""
    wire = WireDiscord()
    await wire.start()
    async with connected(wire) as client:
        with pytest.raises(discord.NotFound):
            await client.fetch_invite("abc")
    await wire.stop()
    assert [problem.split(":")[0] for problem in wire.rest.problems] == ["GET /api/v10/invites/abc"]


async def test_a_body_that_discord_does_not_know_is_noticed() -> None:
    """Misspelt keys as well, which Discord ignores in silence."""
    wire = WireDiscord()
    if not wire.rest.validates:
        pytest.skip("Discord's document does not lie beside the repository")
    await wire.start()
    general = wire.town().channel("general")
    async with connected(wire) as client:
        route = discord.http.Route("POST", "/channels/{channel_id}/messages", channel_id=general)
        await client.http.request(route, json={"content": "x", "allowed_mention": {}})
    await wire.stop()
    assert [problem.rpartition(" ")[2] for problem in wire.rest.problems] == ["/allowed_mention"]
