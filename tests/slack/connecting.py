"""What the tests of the connection share: a chat on the loopback Slack, what it told, and what it is to answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from aiohttp import web

from adapters.slack.chat import Patience, SlackApp, SlackChat
from bot.app import Names
from bot.clock import SystemClock
from bot.events import Connected, Event, Reply
from bot.model import Community, Letter, Place, Platform
from bot.settings import Settings
from tests.slack.server.model import Channel
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town
from tests.slack.server.waiting import until

E = TypeVar("E")

SLACK = Platform("slack")
QUICK = Patience(ping=0.2, silence=2.0, give_up=60.0, retry=0.05, closing=1.0, look=0.1, letters=0.05)
"""A watchdog that need not be waited for. A ping is answered on loopback within milliseconds."""


@dataclass
class Held:
    lost: asyncio.Event = field(default_factory=asyncio.Event)


class FakeKeeper:
    """Holds whatever is asked for, unless `free` is cleared; `held` are the leases by name."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.free.set()
        self.held: dict[str, Held] = {}
        self.box: list[Letter] = []
        self.happened: set[str] = set()

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[Held]:
        await self.free.wait()
        self.held[name] = Held()
        try:
            yield self.held[name]
        finally:
            del self.held[name]

    async def once(self, name: str, ttl: timedelta) -> bool:
        if name in self.happened:
            return False
        self.happened.add(name)
        return True

    async def put(self, letter: Letter) -> None:
        self.box.append(letter)

    async def letters(self, box: str) -> list[Letter]:
        return [letter for letter in self.box if letter.box == box]

    async def drop(self, letter: Letter) -> None:
        self.box.remove(letter)

    async def note(self, name: str, at: datetime) -> None:
        raise AssertionError("nothing is noted for Slack")

    async def count(self, name: str, since: datetime) -> int:
        raise AssertionError("nothing is counted for Slack")


class Ear:
    """The core's side: remembers what it is told, and answers by the kind of event. `failures` are raised first."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.answers: dict[type[Any], Reply] = {}
        self.failures: list[Exception] = []

    async def __call__(self, event: Event) -> Reply | None:
        self.heard.append(event)
        if self.failures and not isinstance(event, Connected):
            raise self.failures.pop(0)
        return self.answers.get(type(event))

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.heard if isinstance(event, kind)]

    async def hears(self, kind: type[E], number: int = 1) -> E:
        """The event of that kind, the first or a later one, once it was told."""
        await until(lambda: len(self.of(kind)) >= number, f"{kind.__name__} {number}")
        return self.of(kind)[number - 1]


@dataclass
class Line:
    """A chat that runs."""

    chat: SlackChat
    ear: Ear
    keeper: FakeKeeper
    running: asyncio.Task[None]


def app(slack: Slack, *towns: Town, mode: str = "socket", **more: Any) -> SlackApp:
    """The configuration of the app for these workspaces."""
    tokens = tuple(town.token for town in towns)
    app_token = slack.app.app_token if mode == "socket" else ""
    secret = slack.app.signing_secret if mode == "http" else ""
    made = SlackApp(api_url=slack.api_url, bot_tokens=tokens, app_token=app_token, signing_secret=secret)
    return replace(made, mode=mode, **more)


def chat_of(
    configured: SlackApp,
    settings: Settings | None = None,
    keeper: FakeKeeper | None = None,
    patience: Patience = QUICK,
) -> SlackChat:
    decided = settings or Settings()
    return SlackChat(configured, lambda _: decided, Names(), keeper or FakeKeeper(), SystemClock(), patience)


@asynccontextmanager
async def resting(slack: Slack, *towns: Town, settings: Settings | None = None) -> AsyncIterator[SlackChat]:
    """A chat that speaks and reads without being connected."""
    chat = chat_of(app(slack, *towns), settings)
    try:
        yield chat
    finally:
        await chat.close()


@asynccontextmanager
async def running(
    chat: SlackChat, keeper: FakeKeeper | None = None, ear: Ear | None = None, *, connected: int = 1
) -> AsyncIterator[Line]:
    """A chat that runs and is connected with so many workspaces."""
    ear = ear or Ear()
    task = asyncio.create_task(chat.run(ear))
    try:
        await until(lambda: len(ear.of(Connected)) >= connected or task.done(), "the first connection")
        if task.done():
            task.result()
        yield Line(chat, ear, keeper or FakeKeeper(), task)
    finally:
        await chat.close()
        await asyncio.wait({task}, timeout=20)
        if not task.done():
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def serving(chat: SlackChat, slack: Slack | None = None) -> AsyncIterator[str]:
    """Serve the chat's routes; the address. A Slack that is given sends its events there."""
    site = web.Application(client_max_size=10_000)
    site.add_routes(chat.routes())
    runner = web.AppRunner(site, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    if slack is not None:
        slack.telling.events_url = f"{address}/slack/events"
    try:
        yield address
    finally:
        await runner.cleanup()


def community(town: Town) -> Community:
    enterprise = town.workspace.enterprise
    return Community(SLACK, f"{enterprise}:{town.id}" if enterprise else town.id)


def place(town: Town, channel: Channel, thread: str | None = None) -> Place:
    return Place(community(town), channel.id, thread)
