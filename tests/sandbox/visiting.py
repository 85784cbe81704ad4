"""Visiting the sandbox as a page does: over one real WebSocket, keeping what it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from adapters.sandbox.chat import SandboxChat
from adapters.sandbox.sandbox import Sandbox, open_sandbox
from adapters.sandbox.scene import Scene
from adapters.sandbox.server import listen, port_of, serving
from adapters.sandbox.world import Compose, Replay, Staging
from bot.app import Bot
from bot.clock import SimulatedClock
from bot.delivery import Deliverer
from bot.model import Community
from bot.ports import Store
from bot.settings import Settings
from bot.shelf import Shelf
from bot.simulation import Simulation

SHELF = Shelf()
"""The shipped tips, read and indexed once."""

PATIENCE = 20
"""Seconds after which a test that waits for something has failed."""

_IDS = count(1)


def composing(store: Store) -> Compose:
    async def compose(
        chat: SandboxChat, clock: SimulatedClock, settings: Callable[[Community], Settings]
    ) -> tuple[Bot, Simulation]:
        async with store.begin() as tx:
            await tx.forget_community(chat.community)
        bot = Bot(store, {chat.platform: chat}, clock, settings, SHELF)
        deliverer = Deliverer(store, bot.chats, clock, bot.voice, owner="test")
        return bot, Simulation(bot, clock, deliverer, chat.community)

    return compose


class Watch:
    """Real seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class House:
    """The sandbox being served, with its clock standing still, and the pages that are open."""

    sandbox: Sandbox
    address: str
    watch: Watch
    session: ClientSession
    open: list[Page] = field(default_factory=list)

    async def visit(self, **query: str | int) -> Page:
        page = Page(await self.connect(**query), int(query.get("after", 0)) if query.get("session") else 0)
        self.open.append(page)
        return page

    async def page(self) -> Page:
        """A page that has been greeted."""
        page = await self.visit()
        await page.receive()
        return page

    async def connect(self, **query: str | int) -> ClientWebSocketResponse:
        return await self.session.ws_connect(
            f"{self.address}/ws", params=query, headers={"Origin": self.address}, max_msg_size=0
        )


class Page:
    """`seq` is the number of the last change that it knows."""

    def __init__(self, connection: ClientWebSocketResponse, seq: int = 0) -> None:
        self.connection = connection
        self.seq = seq
        self.hello: dict[str, Any] = {}
        self.changes: list[dict[str, Any]] = []
        self.messages: dict[str, dict[str, Any]] = {}
        self.privates: dict[str, dict[str, Any]] = {}
        self.forms: list[dict[str, Any]] = []
        self.acks: dict[str, dict[str, Any]] = {}

    async def receive(self) -> dict[str, Any]:
        """The next thing that the server says."""
        async with asyncio.timeout(PATIENCE):
            frame = await self.connection.receive()
        assert frame.type is WSMsgType.TEXT, frame
        told: dict[str, Any] = json.loads(frame.data)
        match told["type"]:
            case "hello":
                self.hello, self.changes, self.seq = told, [], told["seq"]
                self.panel, self.clock = told["panel"], told["clock"]
                self.messages = {message["id"]: message for message in told["messages"]}
                self.privates = {private["private_id"]: private for private in told["privates"]}
            case "change":
                assert told["seq"] == self.seq + 1
                self.seq = told["seq"]
                self.changes.append(told)
                self._change(told)
            case "ack":
                self.acks[told["id"]] = told
        return told

    def _change(self, told: dict[str, Any]) -> None:
        match told["kind"]:
            case "message":
                self.messages[told["message"]["id"]] = told["message"]
            case "deleted":
                del self.messages[told["deleted"]]
            case "private":
                self.privates[told["private_id"]] = told
            case "form":
                self.forms.append(told)
            case "panel":
                self.panel = told["panel"]
            case "clock":
                self.clock = told["clock"]

    async def until(self, holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """What the server says next for which that holds."""
        while True:
            told = await self.receive()
            if holds(told):
                return told

    async def send(self, kind: str, id_: str = "", **fields: Any) -> str:
        """Ask for something; the id of the request."""
        id_ = id_ or f"r{next(_IDS)}"
        await self.connection.send_str(json.dumps({"type": "request", "id": id_, "kind": kind, **fields}))
        return id_

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Ask for something and take in everything up to the answer."""
        id_ = await self.send(kind, **fields)
        return await self.until(lambda told: told["type"] == "ack" and told["id"] == id_)

    async def does(self, kind: str, **fields: Any) -> None:
        """Ask for something that is done."""
        ack = await self.ask(kind, **fields)
        assert "error" not in ack, ack

    async def says(self, person: str, channel: str, text: str, **fields: Any) -> str:
        """Somebody writes a message; its id."""
        before = set(self.messages)
        await self.does("say", person=person, channel=channel, text=text, **fields)
        return next(id_ for id_, message in self.messages.items() if id_ not in before and message["author"] == person)

    async def types(self, person: str, channel: str, command: str) -> dict[str, Any]:
        """Somebody uses a command; the private reply."""
        await self.does("say", person=person, channel=channel, text=command)
        return list(self.privates.values())[-1]

    def posts(self, channel: str) -> list[dict[str, Any]]:
        """The bot's messages in a channel, as they look now."""
        return [m for m in self.messages.values() if m["channel"] == channel and "post" in m]

    async def press(self, person: str, on: dict[str, Any], label: str) -> None:
        """Somebody presses a button under a message of the bot or under a private reply."""
        post = on.get("post") or on["private"]
        button = next(b for b in every_button(post) if b["label"] == label)
        which = {"private_id": on["private_id"]} if "private_id" in on else {"message": on["id"]}
        await self.does(
            "press", person=person, channel=on["channel"], action=button["action"], value=button["value"], **which
        )


def every_button(post: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from post["buttons"]
    for item in post["items"]:
        yield from item["buttons"]


def words(lines: list[dict[str, Any]]) -> str:
    """What a person reads of some lines."""
    return "\n".join("".join(span["text"] for span in line["spans"]) for line in lines)


@asynccontextmanager
async def opened(
    store: Store, scene: Scene, language: str = "en", replay: Replay | None = None
) -> AsyncIterator[House]:
    """The sandbox served on a free port."""
    listening, watch = listen(0), Watch()
    address = f"http://127.0.0.1:{port_of(listening)}"
    staging = Staging(scene, composing(store), address, watch, running=False, replay=replay)
    async with open_sandbox(staging, language) as sandbox, serving(sandbox, listening), ClientSession() as session:
        house = House(sandbox, address, watch, session)
        try:
            yield house
        finally:
            for page in house.open:
                await page.connection.close()
