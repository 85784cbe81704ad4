"""Contenders on Discord, from the payload of a MESSAGE_CREATE to the end of what is done with it."""

from __future__ import annotations

import asyncio
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
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
from bench.platforms_vigie import Kept, counting, opened
from bot.app import Bot, Names
from bot.clock import SystemClock
from bot.events import CommunityLost, Event, Reply
from bot.model import Community
from bot.settings import MentionSettings, Mode, Settings, TeamSettings
from bot.shelf import Shelf

TOGETHER = 10
"""So many messages lie in the socket before others have their turn."""

Parse = Callable[[str, Any], None]


async def hear(parse: Parse, coming: list[dict[str, Any]], done: Callable[[], bool]) -> None:
    """What the library does with dispatches once they are read, until all of it is done."""
    for number, body in enumerate(coming, 1):
        parse("MESSAGE_CREATE", body)
        if number % TOGETHER == 0:
            await asyncio.sleep(0)
    while not done():
        await asyncio.sleep(0)


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
            return lambda: hear(parse, coming, lambda: heard == len(coming))

        await laps(begin, len(told.said))


@dataclass
class Spent:
    """On messages that changed something."""

    changes: int = 0
    seconds: float = 0.0


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
        spent = Spent()

        async def handle(event: Event) -> Reply | None:
            before, begun = counted.begun, thread_time()
            reply = await bot.handle(event)
            if counted.begun != before:
                spent.changes += 1
                spent.seconds += thread_time() - begun
            return reply

        chat.attend(handle)
        chat.rest.ask = ask  # type: ignore[method-assign]
        chat._identity._us = Us(MY_NUMBER, "1", "Vigie", 0)
        parse = parser(chat.client)
        parse("READY", discord_ready())
        lanes = chat._lanes

        def at_rest() -> bool:
            return not lanes._draining and not lanes._connecting

        async def begin() -> Go:
            for guild in list(chat._guilds):
                await bot.handle(CommunityLost(guild.community, "over", clock.now()))
                chat._guilds.forget(guild.community.id)
            guild_id = str(int(GUILD) + next(numbers))
            parse("GUILD_CREATE", discord_guild(guild_id, channels))
            while not at_rest():
                await asyncio.sleep(0.01)
            watch = bot.watches[Community(DISCORD, guild_id)]
            assert not watch.along.behind, "it caught up"
            coming = list(discord_bodies(told, guild_id))
            spent.changes, spent.seconds = 0, 0.0

            async def go() -> dict[str, float]:
                begun = thread_time()
                if url == "memory":
                    await hear(parse, coming, at_rest)
                else:
                    await _in_turn(parse, coming, lanes._draining)
                # What was translated for those that change something counts here, too: it is the same for all.
                quiet = (thread_time() - begun - spent.seconds) / len(coming)
                return {"quiet": quiet * 1e6, "changes": spent.changes / len(coming)}

            return go

        await laps(begin, len(told.said))
        await chat.close()


async def _in_turn(parse: Parse, coming: list[dict[str, Any]], draining: dict[Any, asyncio.Task[None]]) -> None:
    """As `hear`; while the store is waited for nobody asks over and over whether it is done."""
    for number, body in enumerate(coming, 1):
        parse("MESSAGE_CREATE", body)
        if number % TOGETHER == 0:
            await asyncio.sleep(0)
        if number % 200 == 0:
            await asyncio.gather(*draining.values())  # a lane holds only so many
    await asyncio.gather(*draining.values())


if __name__ == "__main__":
    stream, (name, *rest) = given()
    asyncio.run(bare(stream) if name == "bare" else vigie(stream, *rest))
    sys.exit(0)
