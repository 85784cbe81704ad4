"""Contenders on Discord, from the payload of a MESSAGE_CREATE to the end of what is done with it."""

from __future__ import annotations

import asyncio
import sys
import warnings
from collections.abc import Awaitable, Callable
from itertools import count
from time import thread_time
from types import MappingProxyType
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # audioop, see tests/discord/conftest.py
    import discord

from adapters.discord.chat import DiscordApp, DiscordChat
from adapters.discord.guilds import DISCORD
from adapters.discord.identity import Us
from adapters.discord.manifest import INTENTS
from bench.platforms_lap import Go, given, laps
from bench.platforms_stream import (
    GUILD,
    MY_NUMBER,
    Stream,
    discord_bodies,
    discord_guild,
    discord_ready,
    number_of,
)
from bench.platforms_vigie import Changing, Kept, counting, opened
from bot.app import Bot, Names
from bot.clock import SystemClock
from bot.events import CommunityLost, Event, MessagePosted, Reply
from bot.model import Community
from bot.settings import MentionSettings, Mode, Settings, TeamSettings
from bot.shelf import Shelf

TOGETHER = 10
"""So many messages lie in the socket before others have their turn."""

WAITING = 200
"""So many at most wait for the core: a lane that is too long is dropped, and read from history."""

Parse = Callable[[str, Any], None]


async def hear(parse: Parse, coming: list[dict[str, Any]], rest: Callable[[], Awaitable[object]]) -> None:
    """What the library does with dispatches once they are read, until all of it is done; now and then it may rest."""
    for number, body in enumerate(coming, 1):
        parse("MESSAGE_CREATE", body)
        if number % TOGETHER == 0:
            await asyncio.sleep(0)
        if number % WAITING == 0:
            await rest()
    await rest()


def parser(client: discord.Client) -> Parse:
    parsers = client._connection.parsers
    return lambda name, payload: parsers[name](payload)


async def bare(told: Stream) -> None:
    """`discord.Client` with our intents and its usual caches, and an `on_message` that does nothing."""
    heard = 0

    class Bare(discord.Client):
        async def on_message(self, _message: discord.Message) -> None:
            nonlocal heard
            heard += 1

    client = Bare(intents=discord.Intents(**dict.fromkeys(INTENTS, True)), chunk_guilds_at_startup=False)
    async with client:
        parse = parser(client)
        parse("READY", discord_ready())
        parse("GUILD_CREATE", discord_guild(GUILD, [number_of(channel) for channel in told.channels]))

        async def begin() -> Go:
            nonlocal heard
            heard, coming = 0, list(discord_bodies(told, GUILD))

            async def go() -> None:
                await hear(parse, coming, lambda: asyncio.sleep(0))
                assert heard == len(coming)

            return go

        await laps(begin, len(told.said))


async def vigie(told: Stream, url: str, mode: str) -> None:
    """The client's parser, the receiver and its lanes, the bot and its store. Each lap is a guild of its own."""
    channels = [number_of(channel) for channel in told.channels]
    watch = {} if mode == "unwatched" else dict.fromkeys(channels, Mode(mode))
    settings = Settings(
        team=TeamSettings(members=frozenset(map(number_of, told.team))),
        mentions=MentionSettings(channel="1", watch=MappingProxyType(watch)),
    )
    clock, numbers = SystemClock(), count(1)

    async def ask(path: str, **_: Any) -> Any:
        """A Discord that answers at once: nothing was said while we were away."""
        if path.endswith("/messages"):
            return []
        return {"threads": [], "has_more": False, "id": "1", "type": 0}

    async with opened(url) as store:
        counted = counting(store)
        chat = DiscordChat(DiscordApp("a.b.c"), lambda _: settings, Names(), Kept(), clock)
        bot = Bot(counted, {DISCORD: chat}, clock, lambda _: settings, Shelf())
        changing, heard = Changing(counted), 0

        async def handle(event: Event) -> Reply | None:
            nonlocal heard
            if not isinstance(event, MessagePosted):
                return await bot.handle(event)
            heard += 1
            id_ = event.message.ref.id
            return await (changing.timed(id_, bot.handle(event)) if changing.are(id_) else bot.handle(event))

        chat.attend(handle)
        chat.rest.ask = ask  # type: ignore[method-assign]
        chat._identity._us = Us(MY_NUMBER, "1", "Vigie", 0)
        parse = parser(chat.client)
        parse("READY", discord_ready())
        lanes = chat._lanes

        def tell(name: str, body: dict[str, Any]) -> None:
            """What is done at once with a message that changes something is part of what that one costs."""
            if changing.are(body["id"]):
                begun = thread_time()
                parse(name, body)
                changing.seconds += thread_time() - begun
            else:
                parse(name, body)

        async def rest() -> None:
            await asyncio.gather(*lanes._draining.values())

        async def begin() -> Go:
            nonlocal heard
            for guild in list(chat._guilds):
                await bot.handle(CommunityLost(guild.community, "over", clock.now()))
                chat._guilds.forget(guild.community.id)
            guild_id = str(int(GUILD) + next(numbers))
            parse("GUILD_CREATE", discord_guild(guild_id, channels))
            await asyncio.gather(*lanes._connecting.values())
            assert not bot.watches[Community(DISCORD, guild_id)].along.behind, "it caught up"
            coming, heard = list(discord_bodies(told, guild_id)), 0
            changing.begin()

            async def go() -> dict[str, float]:
                begun = thread_time()
                await hear(tell, coming, rest)
                assert heard == (len(coming) if watch else 0)
                return changing.quiet(thread_time() - begun, len(coming))

            return go

        await laps(begin, len(told.said))
        await chat.close()


if __name__ == "__main__":
    stream, (name, *rest) = given()
    asyncio.run(bare(stream) if name == "bare" else vigie(stream, *rest))
    sys.exit(0)
