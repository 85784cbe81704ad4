"""Contenders on Slack, from an envelope to its acknowledgement: bare slack-bolt, and Vigie's whole path."""

from __future__ import annotations

import asyncio
import sys
from logging import CRITICAL, Logger
from time import thread_time
from types import MappingProxyType
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.slack.chat import SlackApp, SlackChat
from adapters.slack.directory import Directory
from adapters.slack.payloads import PLATFORM, Workspace
from adapters.slack.socket import Patience, Socket
from adapters.slack.web import Web
from adapters.slack.workspaces import Office
from bench.platforms_lap import Go, given, laps
from bench.platforms_stream import ME, Stream, slack_bodies
from bench.platforms_vigie import Changing, Kept, counting, opened
from bot.app import Bot, Names
from bot.clock import SystemClock
from bot.events import CommunityLost, Connected
from bot.model import Community
from bot.settings import MentionSettings, Mode, Settings, TeamSettings
from bot.shelf import Shelf

TEAM = "T0BENCH"


def silent() -> Logger:
    return Logger("bench", CRITICAL)


class Client:
    """The socket's client, as far as an acknowledgement goes."""

    def __init__(self) -> None:
        self.acknowledged = 0
        self.logger = silent()

    async def send_socket_mode_response(self, _response: object) -> None:
        self.acknowledged += 1


class Answering(Web):
    """A Slack that answers at once: everybody has a name, and nothing was said while we were away."""

    async def read(self, method: str, **params: Any) -> dict[str, Any]:
        if method == "users.info":
            name = {"display_name": params["user"].lower()}
            return {"user": {"id": params["user"], "name": params["user"].lower(), "profile": name}}
        return {"messages": [], "has_more": False}


def requests(told: Stream, team: str) -> list[SocketModeRequest]:
    bodies = slack_bodies(told, team)
    return [SocketModeRequest(type="events_api", envelope_id=body["event_id"], payload=body) for body in bodies]


async def bare(told: Stream) -> None:
    """One listener that does nothing, in an app as the documentation makes it."""
    known = AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_id="B1", bot_user_id=ME, bot_token="xoxb-0")

    async def authorize(**_: object) -> AuthorizeResult:  # bolt awaits it
        return known

    app = AsyncApp(authorize=authorize, signing_secret="none", logger=silent())
    heard = 0

    @app.event("message")
    async def on_message(event: dict[str, Any]) -> None:  # noqa: ARG001
        nonlocal heard
        heard += 1

    handler = AsyncSocketModeHandler(app, "xapp-0")

    async def begin() -> Go:
        nonlocal heard
        heard, client, coming = 0, Client(), requests(told, TEAM)

        async def go() -> None:
            for request in coming:
                await handler.handle(client, request)  # type: ignore[arg-type]
            while heard < len(coming):
                await asyncio.sleep(0)
            assert client.acknowledged == len(coming)

        return go

    await laps(begin, len(told.said))


async def vigie(told: Stream, url: str, mode: str) -> None:
    """The socket's entry, the router, the bot and its store. Each lap is a workspace of its own.

    `mode` "unwatched": the same messages in channels that nobody watches.
    """
    watch = {} if mode == "unwatched" else dict.fromkeys(told.channels, Mode(mode))
    settings = Settings(
        team=TeamSettings(members=frozenset(told.team)),
        mentions=MentionSettings(channel="C0MODS", watch=MappingProxyType(watch)),
    )
    clock = SystemClock()
    app = SlackApp(bot_tokens=("xoxb-0",), app_token="xapp-1-A0-1-x")
    number = 0
    async with opened(url) as store:
        chat = SlackChat(app, lambda _: settings, Names(), Kept(), clock)
        counted = counting(store)
        changing = Changing(counted)
        bot = Bot(counted, {PLATFORM: chat}, clock, lambda _: settings, Shelf())
        chat._router.handle = bot.handle
        chat._admission.entered = True

        async def begin() -> Go:
            nonlocal number
            for before in chat._workspaces.communities():
                await bot.handle(CommunityLost(before, "over", clock.now()))
                chat._workspaces.remove(before)
            number += 1
            team, client = f"T{number:06}", Client()
            web = Answering(chat._line, "xoxb-0")
            directory = Directory(web)
            workspace = Workspace(Community(PLATFORM, team), ME, "B1", team, directory.name)
            chat._workspaces.add(Office(workspace, web, directory, "https://x.slack.com/"))
            chat._router.watch()
            await bot.handle(Connected(workspace.community))
            socket = Socket(chat._dispatcher(), "xapp-0", web, chat._router.take, lambda: None, Patience())
            socket._listening = True
            coming = requests(told, team)

            changing.begin()

            async def go() -> dict[str, float]:
                begun = thread_time()
                for number, request in enumerate(coming):
                    taken = socket.event(client, request)  # type: ignore[arg-type]
                    await (changing.timed(str(number), taken) if changing.are(str(number)) else taken)
                assert client.acknowledged == len(coming)
                return changing.quiet(thread_time() - begun, len(coming))

            return go

        await laps(begin, len(told.said))
        await chat.close()


if __name__ == "__main__":
    stream, (name, *rest) = given()
    asyncio.run(bare(stream) if name == "bare" else vigie(stream, *rest))
    sys.exit(0)
