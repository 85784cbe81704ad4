"""The Discord on loopback is Discord enough for discord.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import discord

from tests.discord.wire.server import WireDiscord


class Listener(discord.Client):
    """A plain client that remembers what it was told."""

    def __init__(self, wire: WireDiscord, **options: object) -> None:
        super().__init__(intents=discord.Intents.all(), connector=wire.connector(), **options)  # type: ignore[arg-type]
        self.readies = 0
        self.said: list[discord.Message] = []

    async def on_ready(self) -> None:
        self.readies += 1

    async def on_message(self, message: discord.Message) -> None:
        self.said.append(message)


@asynccontextmanager
async def connected(wire: WireDiscord, **options: object) -> AsyncIterator[Listener]:
    client = Listener(wire, guild_ready_timeout=0.05, **options)
    task = asyncio.create_task(client.start(wire.token))
    try:
        await wire.until(lambda: client.readies or task.done())
        if task.done():
            task.result()
        yield client
    finally:
        await client.close()
        with suppress(Exception):
            await task


async def test_a_client_logs_in_and_hears_what_people_say(wire: WireDiscord) -> None:
    """Login, READY, GUILD_CREATE, and a message with its author, over TLS and zlib-stream."""
    town = wire.town("Harbour")
    general = town.channel("general")
    ana = town.person("Ana")
    async with connected(wire) as client:
        assert [guild.name for guild in client.guilds] == ["Harbour"]
        ana.say(general, f"hello <@{wire.world.me['id']}>")
        await wire.until(lambda: client.said)
        [message] = client.said
        assert (message.content, message.author.id) == (f"hello <@{wire.world.me['id']}>", int(ana.id))
        assert message.mentions == [client.user]
        answer = await message.reply("hello", nonce="n1")
        assert answer.nonce == "n1"
