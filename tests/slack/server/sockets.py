"""Socket Mode: the WebSockets over which an app is told what happened, each opened with a ticket that serves once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from aiohttp import ClientConnectionError, WSMsgType, web

from tests.slack.server.model import App, Json, ids

MOST = 10
"""Connections that one app may have at a time; documented."""


@dataclass
class Socket:
    """One connection. `mute`: pings are not answered and nothing is read, as when the line is cut unnoticed."""

    number: int
    ws: web.WebSocketResponse
    request: web.Request
    app: App
    sent: list[Json] = field(default_factory=list)
    received: list[Json] = field(default_factory=list)
    pings: int = 0
    mute: bool = False
    leaving: bool = False

    @property
    def usable(self) -> bool:
        return not self.ws.closed and not self.leaving

    async def send(self, frame: Json) -> None:
        self.sent.append(frame)
        await self.ws.send_str(json.dumps(frame))

    async def warn(self) -> None:
        """Slack will close this socket in some 10 s; the app is to open another one meanwhile."""
        await self.send({"type": "disconnect", "reason": "warning", "debug_info": {"host": "applink-1"}})

    async def refresh(self) -> None:
        """Slack asks for a new connection and gives up this one."""
        self.leaving = True
        await self.send({"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "applink-1"}})

    async def close(self) -> None:
        await self.ws.close()

    def drop(self) -> None:
        """The line is cut: no closing handshake."""
        self.leaving = True
        if self.request.transport is not None:
            self.request.transport.abort()


class Sockets:
    """All connections of the app. `refusals`: how many of the next attempts to open one are refused.

    `turned_away`: how many were closed at once, since there were too many. `greets`: with a hello.
    """

    def __init__(self, app: App) -> None:
        self.all: list[Socket] = []
        self.refusals = 0
        self.refused: list[str] = []
        self.turned_away = 0
        self.down = False
        self.silent = False
        self.greets = True
        self.heard: Callable[[str, Json | None], None] = lambda _envelope, _response: None
        self._app = app
        self._tickets: set[str] = set()
        self._names = ids("ticket-")
        self._numbers = count(1)
        self._turn = count()
        self._changed = asyncio.Event()

    @property
    def open(self) -> list[Socket]:
        return [socket for socket in self.all if socket.usable]

    def ticket(self) -> str:
        name = next(self._names)
        self._tickets.add(name)
        return name

    async def connected(self, number: int = 1, patience: float = 20) -> list[Socket]:
        """Wait until so many sockets are open."""
        try:
            async with asyncio.timeout(patience):
                while len(self.open) < number:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"{len(self.open)} sockets are open, not {number}") from None
        return self.open

    async def reconnected(self, after: Socket, patience: float = 20) -> Socket:
        """Wait for a socket that was opened later than `after`."""
        try:
            async with asyncio.timeout(patience):
                while not (later := [socket for socket in self.open if socket.number > after.number]):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError("no new socket was opened") from None
        return later[0]

    async def send_to_one(self, frame: Json) -> int | None:
        """The number of the socket that it went to, each in its turn; None when there is none."""
        while self.open:
            socket = self.open[next(self._turn) % len(self.open)]
            try:
                await socket.send(frame)
            except (ClientConnectionError, ConnectionError):
                socket.leaving = True
            else:
                return socket.number
        return None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if self.down or self.refusals > 0 or ticket not in self._tickets:
            self.refusals -= 1 if self.refusals > 0 and not self.down else 0
            self.refused.append(ticket)
            raise web.HTTPForbidden(text="ticket refused")
        self._tickets.discard(ticket)
        ws = web.WebSocketResponse(autoping=False)
        await ws.prepare(request)
        if len(self.open) >= MOST:
            self.turned_away += 1
            await ws.send_str(json.dumps({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}}))
            await ws.close()
            return ws
        socket = Socket(next(self._numbers), ws, request, self._app, mute=self.silent)
        self.all.append(socket)
        if self.greets:
            await socket.send(self._hello(len(self.open)))
        self._changed.set()
        try:
            await self._read(socket)
        finally:
            socket.leaving = True
        return ws

    def _hello(self, connections: int) -> Json:
        return {
            "type": "hello",
            "num_connections": connections,
            "debug_info": {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._app.id},
        }

    async def _read(self, socket: Socket) -> None:
        async for frame in socket.ws:
            if socket.mute or self.silent:
                continue
            if frame.type is WSMsgType.PING:
                socket.pings += 1
                await socket.ws.pong(frame.data)
            elif frame.type is WSMsgType.TEXT:
                heard: Json = json.loads(frame.data)
                socket.received.append(heard)
                self.heard(heard["envelope_id"], heard.get("payload"))
