"""Slack and Discord on loopback in one process, and Vigie connected to both in another."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import sys
import warnings
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

PATIENCE = 60


def tell() -> None:
    """In one line what this process took so far: seconds of processor, and megabytes; and at what time that was."""
    status = Path("/proc/self/status").read_text().splitlines()
    resident = int(next(line for line in status if line.startswith("VmRSS")).split()[1]) * 1024 / 1e6
    sys.stdout.write(json.dumps({"cpu": process_time(), "at": perf_counter(), "resident": resident}) + "\n")


def serve() -> None:
    asyncio.run(_serve())


def start() -> None:
    """`vigie run`, with the servers' addresses and a database's file as arguments, until it is ready."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # audioop, see tests/discord/conftest.py
        asyncio.run(_start(json.loads(sys.argv[1]), Path(sys.argv[2])))


async def _serve() -> None:
    """Tell in one line how to connect, and serve until killed."""
    from adapters.slack.manifest import BOT_EVENTS, BOT_SCOPES
    from tests.discord.wire.server import WireDiscord, authority
    from tests.slack.server.slack import Slack

    wire = WireDiscord()
    await wire.start()
    guild = wire.town("Harbour")
    async with Slack() as slack:
        slack.app.subscribed = frozenset(BOT_EVENTS)
        town = slack.workspace("acme", scopes=frozenset(BOT_SCOPES))
        town.person("tess")
        town.channel("support", "tess", bot=True)
        told = {
            "slack": {"api_url": slack.api_url, "bot": town.token, "app": slack.app.app_token},
            "discord": {
                "token": wire.token,
                "port": wire._port,
                "authority": authority().cert_pem.bytes().decode(),
            },
            "channels": {f"slack:{town.id}": "C0SUPPORT", f"discord:{guild.id}": guild.channel("support")},
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


async def _start(told: dict[str, Any], database: Path) -> None:
    from bot.wiring.service import unswept

    building = ExitStack()
    building.enter_context(unswept())
    from adapters.discord.chat import DiscordApp, DiscordChat
    from adapters.slack.app import SlackApp
    from adapters.slack.chat import SlackChat
    from adapters.web.site import Probes, Site
    from bot.app import Bot
    from bot.clock import SystemClock
    from bot.config import load
    from bot.delivery import Deliverer
    from bot.health import Health
    from bot.keeping import StoreKeeper
    from bot.logs import configure
    from bot.runner import Runner
    from bot.shelf import Shelf
    from bot.wiring.platforms import names_of
    from storage.schema import ensure
    from storage.store import open_store

    slack, discord = told["slack"], told["discord"]
    tables = [f'[slack]\napi_url = "{slack["api_url"]}"\n']
    for community, channel in told["channels"].items():
        mentions = f'channel = "{channel}"\nwatch = {{ "{channel}" = "questions" }}'
        tables.append(f'[[communities]]\nid = "{community}"\n[communities.mentions]\n{mentions}\n')
    file = database.with_suffix(".toml")
    file.write_text("".join(tables))
    tokens = {"SLACK_BOT": slack["bot"], "SLACK_APP": slack["app"], "DISCORD": discord["token"]}
    config = load(file, {f"VIGIE_{name}_TOKEN": token for name, token in tokens.items()})
    configure(config.log.format.value, "error")
    await ensure(f"sqlite:///{database}")
    store, clock, names = open_store(f"sqlite:///{database}"), SystemClock(), names_of(config)
    keeper = StoreKeeper(store, clock, str(os.getpid()))
    app = SlackApp(api_url=slack["api_url"], bot_tokens=(slack["bot"],), app_token=slack["app"])
    both = [
        SlackChat(app, config.settings, names, keeper, clock),
        # As `bot.wiring` makes it, but for the way to Discord.
        DiscordChat(DiscordApp(discord["token"]), config.settings, names, keeper, clock, connector=_way(discord)),
    ]
    chats = {chat.platform: chat for chat in both}
    bot = Bot(store, chats, clock, config.settings, Shelf(config.own_tips), names)
    health = Health(bot, chats)
    runner = Runner(bot, Deliverer(store, chats, clock, bot.voice, owner="bench"), chats, observe=health.heard)
    site = Site("127.0.0.1", 0, Probes(health.problems, health.metrics))
    await site.start()
    building.close()
    running = asyncio.create_task(runner.run())
    async with asyncio.timeout(PATIENCE):
        while await health.problems() or any(watch.along.behind for watch in bot.watches.values()):
            await asyncio.sleep(0.02)
    tell()
    sys.stdout.flush()
    runner.stop()
    await running
    await site.stop()
    await store.close()


def _way(discord: dict[str, Any]) -> Any:
    """Discord's names lead to the server on loopback."""
    import aiohttp
    from aiohttp.abc import AbstractResolver

    class Loopback(AbstractResolver):
        async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[Any]:  # noqa: ARG002
            return [
                {"hostname": host, "host": "127.0.0.1", "port": discord["port"], "family": 2, "proto": 0, "flags": 0}
            ]

        async def close(self) -> None:
            pass

    return aiohttp.TCPConnector(resolver=Loopback(), ssl=ssl.create_default_context(cadata=discord["authority"]))
