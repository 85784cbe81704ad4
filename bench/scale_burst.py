"""How late the event loop is while thousands of messages come at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import Any

from aiohttp import WSMsgType, web

from adapters.discord.chat import DiscordApp, DiscordChat
from adapters.discord.guilds import DISCORD
from adapters.discord.identity import Us
from bench.platforms_discord import parser
from bench.platforms_lap import OUT
from bench.platforms_slack import Answering
from bench.platforms_stream import (
    GUILD,
    MY_NUMBER,
    ROOT,
    Stream,
    discord_bodies,
    discord_guild,
    discord_ready,
    number_of,
    slack_bodies,
    stream,
)
from bench.platforms_vigie import Kept, opened
from bench.scale_slack import serving
from bot.app import Bot, Names
from bot.clock import SystemClock
from bot.events import Event, MessagePosted, Reply
from bot.settings import MentionSettings, Mode, Settings, TeamSettings
from bot.shelf import Shelf

BURST = 5_000
TEAM = "T0BURST"
GUILDS = 5
"""More than 2,000 of one guild that wait for the disk are dropped, and read from history later."""
BUFFERED = 40
NAP = 0.001


class Lateness:
    """A task that sleeps again and again, and notes how much too long."""

    def __init__(self) -> None:
        self.late: list[float] = []

    async def __aenter__(self) -> Lateness:
        self._begun = perf_counter()
        self._task = asyncio.create_task(self._nap())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._took = perf_counter() - self._begun
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _nap(self) -> None:
        while True:
            begun = perf_counter()
            await asyncio.sleep(NAP)
            self.late.append(perf_counter() - begun - NAP)

    def figures(self) -> dict[str, float]:
        late = sorted(self.late)
        return {
            "messages": BURST,
            "ms passed": round(self._took * 1000),
            "median ms late": round(late[len(late) // 2] * 1000, 2),
            "p99 ms late": round(late[int(len(late) * 0.99)] * 1000, 2),
            "most ms late": round(late[-1] * 1000, 2),
        }


class Dialling(Answering):
    """Knows where the socket is."""

    url = ""

    async def write(self, _method: str, **_: Any) -> dict[str, Any]:
        return {"url": self.url}


async def slack_burst() -> dict[str, float]:
    told = stream(BURST)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "stream.json")
        told.save(file)
        server = subprocess.Popen(  # noqa: ASYNC220  # before anything is measured
            [sys.executable, "-m", "bench.scale_burst", str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            Dialling.url = server.stdout.readline().strip()
            async with serving(told, f"sqlite:///{folder}/burst.db", Mode.QUESTIONS) as office:
                await office.opens(TEAM, [])
                office.socket = office.connection(Dialling(office.chat._line, "xoxb-0"))
                async with Lateness() as lateness:
                    running = asyncio.create_task(office.socket.run())
                    await asyncio.to_thread(server.stdout.readline)  # all were acknowledged
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
        finally:
            server.kill()
            server.communicate()
    return lateness.figures()


async def discord_burst() -> dict[str, float]:
    told = stream(BURST)
    guilds = [(str(int(GUILD) + n), _share(told, n)) for n in range(GUILDS)]
    channels = {guild: [number_of(channel) for channel in share.channels] for guild, share in guilds}
    watched = dict.fromkeys((channel for each in channels.values() for channel in each), Mode.QUESTIONS)
    settings = Settings(
        team=TeamSettings(members=frozenset(map(number_of, told.team))),
        mentions=MentionSettings(channel="1", watch=MappingProxyType(watched)),
    )

    async def ask(path: str, **_: Any) -> Any:
        return [] if path.endswith("/messages") else {"threads": [], "has_more": False, "id": "1", "type": 0}

    with tempfile.TemporaryDirectory() as folder:
        async with opened(f"sqlite:///{folder}/burst.db") as store:
            chat = DiscordChat(DiscordApp("a.b.c"), lambda _: settings, Names(), Kept(), SystemClock())
            bot = Bot(store, {DISCORD: chat}, SystemClock(), lambda _: settings, Shelf())
            heard = 0

            async def handle(event: Event) -> Reply | None:
                nonlocal heard
                heard += isinstance(event, MessagePosted)
                return await bot.handle(event)

            chat.attend(handle)
            chat.rest.ask = ask  # type: ignore[method-assign]
            chat._identity._us = Us(MY_NUMBER, "1", "Vigie", 0)
            parse, lanes = parser(chat.client), chat._lanes
            parse("READY", discord_ready())
            for guild, _ in guilds:
                parse("GUILD_CREATE", discord_guild(guild, channels[guild]))
            await asyncio.gather(*lanes._connecting.values())
            coming = [
                body
                for turn in zip(*(discord_bodies(share, guild) for guild, share in guilds), strict=True)
                for body in turn
            ]
            async with Lateness() as lateness:
                for number, body in enumerate(coming, 1):
                    parse("MESSAGE_CREATE", body)
                    if number % BUFFERED == 0:
                        await asyncio.sleep(0)
                await asyncio.gather(*lanes._draining.values())
            assert heard == BURST, "a lane was too long, and was dropped"
            await chat.close()
    return lateness.figures()


def _share(told: Stream, number: int) -> Stream:
    """What is said in one of the guilds, in channels of its own."""
    said = [replace(one, channel=f"{one.channel[1:]}{number}") for one in told.said[number::GUILDS]]
    return Stream(said, told.team, told.source)


async def _serve(told: Stream) -> None:
    """A socket of Slack's: `hello`, then everything at once."""
    over = asyncio.Event()

    async def talk(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1})
        for body in slack_bodies(told, TEAM):
            await socket.send_json({"type": "events_api", "envelope_id": body["event_id"], "payload": body})
        left = len(told.said)
        async for message in socket:
            left -= message.type == WSMsgType.TEXT and "envelope_id" in message.data
            if not left:
                over.set()
        return socket

    app = web.Application()
    app.router.add_get("/", talk)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"ws://127.0.0.1:{runner.addresses[0][1]}/", file=OUT, flush=True)
    await over.wait()
    print("over", file=OUT, flush=True)
    await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(_serve(Stream.load(Path(sys.argv[1]))))
