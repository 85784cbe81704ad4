"""The gateway on loopback behaves as Discord's does when connections break and sessions end."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import discord
import pytest

from tests.discord.listening import Listener, connected
from tests.discord.wire.intents import Intent
from tests.discord.wire.server import WireDiscord


async def test_whoever_comes_back_hears_what_was_missed(wire: WireDiscord) -> None:
    """RESUME goes to the address that READY named, and everything since the last number is told, once and in order."""
    town = wire.town()
    general, ana = town.channel("general"), town.person("Ana")
    async with connected(wire) as client:
        ana.say(general, "before")
        await wire.until(lambda: client.heard("message"))
        wire.gateway.drop()
        ana.say(general, "while away")
        ana.say(general, "still away")
        await wire.until(lambda: client.heard("resumed"))
        ana.say(general, "after")
        await wire.until(lambda: len(client.heard("message")) == 4)
        said = [message.content for message in client.heard("message")]
        assert said == ["before", "while away", "still away", "after"]
        assert (len(wire.gateway.identifies), wire.gateway.resumes) == (1, 1)
        assert [connection.host for connection in wire.gateway.connections] == ["gateway-us-east1-b.discord.gg"]


async def test_an_expired_session_is_identified_anew_and_nothing_is_told_again(wire: WireDiscord) -> None:
    """Op 9 with false, a second READY, and what was said in between is only in history."""
    town = wire.town()
    general, ana = town.channel("general"), town.person("Ana")
    async with connected(wire) as client:
        wire.gateway.expire()
        wire.gateway.drop()
        ana.say(general, "missed")
        await wire.until(lambda: len(client.heard("ready")) == 2)
        assert (len(wire.gateway.identifies), wire.gateway.resumes) == (2, 0)
        assert client.heard("message") == []
        channel = client.get_channel(int(general))
        assert isinstance(channel, discord.TextChannel)
        assert [message.content async for message in channel.history()] == ["missed"]


async def test_a_reconnect_that_discord_asks_for_is_a_resume(wire: WireDiscord) -> None:
    """Op 7."""
    wire.town()
    async with connected(wire) as client:
        await wire.gateway.reconnect()
        await wire.until(lambda: client.heard("resumed"))
        assert len(wire.gateway.identifies) == 1


@pytest.mark.parametrize(("resumable", "identifies"), [(True, 1), (False, 2)])
async def test_an_invalid_session_tells_whether_it_can_be_resumed(
    wire: WireDiscord, resumable: bool, identifies: int
) -> None:
    """Op 9 on a running session."""
    wire.town()
    async with connected(wire) as client:
        await wire.gateway.invalidate(resumable=resumable)
        await wire.until(lambda: client.heard("resumed") if resumable else len(client.heard("ready")) == 2)
        assert len(wire.gateway.identifies) == identifies


async def test_heartbeats_are_acknowledged_until_the_connection_is_a_zombie(wire: WireDiscord) -> None:
    """A client that gets no acknowledgement gives the connection up and resumes on another one."""
    wire.town()
    wire.gateway.heartbeat_interval = 50
    async with connected(wire, heartbeat_timeout=0.4) as client:
        await wire.until(lambda: wire.gateway.connections[0].heartbeats > 2)
        wire.gateway.mute()
        await wire.until(lambda: client.heard("resumed"))
        assert len(wire.gateway.identifies) == 1


@pytest.mark.parametrize("code", [4000, 4008, 4009])
async def test_a_connection_that_discord_closes_is_made_again(wire: WireDiscord, code: int) -> None:
    """4009 ends the session besides: the client identifies anew."""
    wire.town()
    async with connected(wire) as client:
        await wire.gateway.close(code)
        await wire.until(lambda: len(client.heard("ready")) == 2 if code == 4009 else client.heard("resumed"))


async def test_intents_that_are_not_switched_on_are_refused(wire: WireDiscord) -> None:
    """4014."""
    wire.gateway.refused_intents = Intent.MESSAGE_CONTENT
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with connected(wire):
            pass


async def test_a_wrong_token_is_refused_at_both_doors(wire: WireDiscord) -> None:
    """401 from REST; 4004 from the gateway."""
    client = Listener(wire)
    with pytest.raises(discord.LoginFailure):
        await client.start("wrong")
    await client.close()
    assert await _closed_with(wire, {"token": "wrong", "intents": 1}) == 4004


@pytest.mark.parametrize(
    ("login", "code"),
    [
        ({"intents": 1 << 40, "shard": [0, 2]}, 4013),
        ({"intents": 1, "shard": [2, 2]}, 4010),
        ({"intents": 1, "shard": [0, 1]}, 4011),
    ],
)
async def test_a_login_that_makes_no_sense_is_refused(wire: WireDiscord, login: dict[str, Any], code: int) -> None:
    """Unknown intents, a shard beyond the count, too few shards."""
    wire.gateway.least_shards = 2
    assert await _closed_with(wire, {"token": wire.token, "properties": {}, **login}) == code


async def _closed_with(wire: WireDiscord, login: dict[str, Any]) -> int | None:
    async with (
        aiohttp.ClientSession(connector=wire.connector()) as session,
        session.ws_connect("wss://gateway.discord.gg/?v=10&encoding=json") as socket,
    ):
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 2, "d": login})
        await socket.receive()
        return socket.close_code


async def test_a_client_that_asks_for_no_compression_gets_none(wire: WireDiscord) -> None:
    """Text frames; the others in these tests are compressed."""
    town = wire.town()
    async with (
        aiohttp.ClientSession(connector=wire.connector()) as session,
        session.ws_connect("wss://gateway.discord.gg/?v=10&encoding=json") as socket,
    ):
        await socket.receive_json()
        await socket.send_json({"op": 2, "d": {"token": wire.token, "properties": {}, "intents": 1}})
        ready, guild = await socket.receive_json(), await socket.receive_json()
        assert (ready["t"], ready["s"]) == ("READY", 1)
        assert (guild["t"], guild["d"]["id"]) == ("GUILD_CREATE", town.id)


async def test_each_shard_hears_of_its_guilds(wire: WireDiscord) -> None:
    """By the guild's id; private messages come to the first."""
    one, two = wire.town("One"), wire.town("Two")
    rooms = [(town, town.channel("general"), town.person("Ana")) for town in (one, two)]
    async with (
        connected(wire, shard_id=0, shard_count=2) as first,
        connected(wire, shard_id=1, shard_count=2) as second,
    ):
        assert sorted(guild.name for client in (first, second) for guild in client.guilds) == ["One", "Two"]
        for town, general, ana in rooms:
            ana.say(general, town.id)
        rooms[0][2].direct("psst")
        await wire.until(lambda: len(first.heard("message")) == 2 and second.heard("message"))
        assert [len(client.guilds) for client in (first, second)] == [1, 1]
        assert second.heard("message")[0].guild == second.guilds[0]
        assert first.heard("message")[-1].guild is None


async def test_an_unavailable_guild_comes_later(wire: WireDiscord) -> None:
    """READY names it; GUILD_CREATE follows when the outage is over."""
    town = wire.town()
    town.guild.available = False
    async with connected(wire) as client:
        assert client.guilds[0].unavailable
        town.recover()
        await wire.until(lambda: client.heard("guild_available"))
        assert not client.guilds[0].unavailable


async def test_a_gateway_that_is_down_is_tried_again(wire: WireDiscord) -> None:
    """503 instead of a connection."""
    wire.gateway.refusing = True
    client = Listener(wire)
    task = asyncio.create_task(client.start(wire.token, reconnect=False))
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await task
    await client.close()
