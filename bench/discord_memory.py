"""What 2,500 Discord guilds cost in memory, and what one message costs on its way to the core, beside bare discord.py.

Each guild has 50 channels, 25 roles, 10 threads and 20 of its members in its GUILD_CREATE, read from JSON as the
gateway's are. "bare" is `discord.Client` with our intents and its usual caches, and an `on_message` that does nothing.
"""

from __future__ import annotations

import asyncio
import gc
import json
import tracemalloc
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from time import perf_counter
from types import MappingProxyType
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # audioop, see tests/discord/conftest.py
    import discord

from adapters.discord.chat import DiscordApp, DiscordChat
from adapters.discord.manifest import INTENTS
from bot.app import Names
from bot.clock import SystemClock
from bot.events import Event
from bot.settings import MentionSettings, Mode, Settings

GUILDS = 2500
MESSAGES = 20_000
ROUNDS = 10
_NUMBER = "7395"
"""Stands for a guild's number in the template of all of them; no other figure in it contains these digits."""

ME = "1000000000000000001"
Parse = Callable[[str, Any], None]


def run(guilds: int = GUILDS, messages: int = MESSAGES) -> dict[str, float]:
    """Megabytes held after all guilds came, and microseconds for a message; `x`: as a share of bare discord.py's."""
    return asyncio.run(_run(guilds, messages))


async def _run(guilds: int, messages: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, watched in (("nothing watched", False), ("a channel watched in each", True)):
        memory, cost = await _ours(guilds, messages, watched=watched)
        found[f"ours, {name}, MB"] = round(memory, 1)
        found[f"ours, {name}: a message, µs"] = round(cost, 2)
    memory, cost = await _bare(guilds, messages)
    found["bare discord.py, MB"] = round(memory, 1)
    found["bare discord.py: a message, µs"] = round(cost, 2)
    for name in ("nothing watched", "a channel watched in each"):
        found[f"ours, {name}: memory, x"] = round(found[f"ours, {name}, MB"] / memory, 3)
        found[f"ours, {name}: a message, x"] = round(found[f"ours, {name}: a message, µs"] / cost, 3)
    return found


async def _ours(guilds: int, messages: int, *, watched: bool) -> tuple[float, float]:
    heard = 0

    async def handle(_event: Event) -> None:
        nonlocal heard
        heard += 1

    settings = Settings(mentions=MentionSettings(watch=MappingProxyType({_id(1, 0): Mode.EVERYTHING})))
    nobody = Settings()
    chat = DiscordChat(
        DiscordApp("a.b.c"), lambda _: settings if watched else nobody, Names(), _Keeper(), SystemClock()
    )
    chat.attend(handle)
    memory = await _memory(_parser(chat.client), guilds)
    heard = 0
    cost = await _cost(_parser(chat.client), messages)
    if watched and heard != messages:
        raise AssertionError(f"{heard} of {messages} messages reached the core")
    await chat.close()
    return memory, cost


async def _bare(guilds: int, messages: int) -> tuple[float, float]:
    heard = 0

    class Bare(discord.Client):
        async def on_message(self, _message: discord.Message) -> None:
            nonlocal heard
            heard += 1

    client = Bare(intents=discord.Intents(**dict.fromkeys(INTENTS, True)), chunk_guilds_at_startup=False)
    async with client:
        memory = await _memory(_parser(client), guilds)
        cost = await _cost(_parser(client), messages)
    if heard != messages:
        raise AssertionError(f"{heard} of {messages} messages were dispatched")
    return memory, cost


def _parser(client: discord.Client) -> Parse:
    """What the library does with a dispatch once it is read."""
    parsers = client._connection.parsers
    return lambda name, payload: parsers[name](payload)


async def _memory(parse: Parse, guilds: int) -> float:
    template = _guild(int(_NUMBER))
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    parse("READY", _ready())
    for number in range(guilds):
        parse("GUILD_CREATE", json.loads(template.replace(_NUMBER, f"{number:04}")))
        if number % 100 == 0:
            await _settled()
    await _settled()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / 1e6


async def _cost(parse: Parse, messages: int) -> float:
    """Microseconds for one message, from its JSON to the end of its handler: the best of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        batch = [_message(number) for number in range(messages // ROUNDS)]
        gc.collect()
        begun = perf_counter()
        for number, text in enumerate(batch):
            parse("MESSAGE_CREATE", json.loads(text))
            if number % 50 == 49:
                await asyncio.sleep(0)
        await _settled()
        best = min(best, (perf_counter() - begun) / len(batch) * 1e6)
    return best


async def _settled() -> None:
    """Until everything that was begun has ended, but what waits for time to pass."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # nothing public tells
    await asyncio.sleep(0)
    while ready:  # what ends is whatever is there
        await asyncio.sleep(0)


def _id(kind: int, guild: int, number: int = 0) -> str:
    return str(1_100_000_000_000_000_000 + kind * 10_000_000_000_000 + guild * 10_000_000 + number)


def _ready() -> dict[str, Any]:
    user = {"id": ME, "username": "Vigie", "discriminator": "0", "avatar": None, "bot": True, "flags": 0}
    return {
        "user": {**user, "verified": True, "mfa_enabled": False},
        "guilds": [],
        "session_id": "s",
        "resume_gateway_url": "wss://gateway.discord.gg",
        "shard": [0, 1],
        "application": {"id": "1", "flags": 0},
    }


def _guild(number: int) -> str:
    guild = _id(0, number)
    base = {"guild_id": guild, "permission_overwrites": [], "position": 0, "nsfw": False, "parent_id": None}
    overwrite = {"id": guild, "type": 0, "allow": "0", "deny": "1024"}
    channels = [
        {
            **base,
            "id": _id(1, number, n),
            "type": 0,
            "name": f"channel-{number}-{n}",
            "topic": "What this channel is about, in a sentence or two, as most have one",
            "last_message_id": _id(9, number, n),
            "rate_limit_per_user": 0,
            "permission_overwrites": [overwrite] if n % 3 == 0 else [],
        }
        for n in range(50)
    ]
    roles = [
        {
            "id": guild if n == 0 else _id(2, number, n),
            "name": "@everyone" if n == 0 else f"role-{number}-{n}",
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "position": n,
            "permissions": "104324673",
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
        for n in range(25)
    ]
    meta = {"archived": False, "locked": False, "auto_archive_duration": 1440, "archive_timestamp": _AT}
    threads = [
        {
            "id": _id(3, number, n),
            "guild_id": guild,
            "type": 11,
            "name": f"thread-{number}-{n}",
            "parent_id": channels[n]["id"],
            "owner_id": _id(4, number, n),
            "last_message_id": _id(9, number, 100 + n),
            "message_count": 3,
            "member_count": 2,
            "rate_limit_per_user": 0,
            "thread_metadata": meta,
        }
        for n in range(10)
    ]
    members = [
        {"user": _user(number, n), "roles": [roles[n % 25]["id"]], "joined_at": _AT, "deaf": False, "mute": False}
        for n in range(20)
    ]
    return json.dumps(
        {
            "id": guild,
            "name": f"Guild {number}",
            "owner_id": _id(4, number, 0),
            "member_count": 400,
            "large": True,
            "channels": channels,
            "roles": roles,
            "threads": threads,
            "members": [{**member, "flags": 0, "avatar": None, "nick": None} for member in members],
            "emojis": [],
            "stickers": [],
            "features": [],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "verification_level": 1,
            "default_message_notifications": 1,
            "explicit_content_filter": 2,
            "mfa_level": 0,
            "premium_tier": 0,
            "preferred_locale": "en-US",
            "nsfw_level": 0,
            "afk_timeout": 300,
            "system_channel_flags": 0,
            "premium_progress_bar_enabled": False,
        }
    )


_AT = "2026-03-02T09:00:00.000000+00:00"


def _user(guild: int, number: int) -> dict[str, Any]:
    return {
        "id": _id(4, guild, number),
        "username": f"member_{guild}_{number}",
        "global_name": f"Member {guild} {number}",
        "discriminator": "0",
        "avatar": None,
        "public_flags": 0,
    }


def _message(number: int) -> str:
    return json.dumps(
        {
            "id": _id(5, 0, number),
            "channel_id": _id(1, 0),
            "guild_id": _id(0, 0),
            "type": 0,
            "author": _user(0, number % 20),
            "member": {
                "roles": [_id(2, 0, 1)],
                "joined_at": _AT,
                "deaf": False,
                "mute": False,
                "nick": None,
                "flags": 0,
            },
            "content": f"Does anybody know why number {number} does not start after the update? It did before.",
            "timestamp": _AT,
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "flags": 0,
            "nonce": str(number),
        }
    )


class _Held:
    def __init__(self) -> None:
        self.lost = asyncio.Event()


class _Keeper:
    """Nothing is kept: nobody connects here."""

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[_Held]:  # noqa: ARG002  # the port's
        yield _Held()

    async def note(self, name: str, at: datetime) -> None:
        pass

    async def count(self, name: str, since: datetime) -> int:  # noqa: ARG002  # the port's
        return 0
