"""Socket Mode: one WebSocket of the app, kept alive by a watchdog of our own.

The connection is slack-bolt's `AsyncSocketModeHandler` over slack_sdk's aiohttp client, which mends most breaks by
itself but not all: it can try one dead address for ever (python-slack-sdk #1922), or spin on a session that is closed
(#1446, #1701), or ask for hundreds of tickets a second while Slack closes every connection at once
(`too_many_websockets`: an app may have ten). So it has to wait between tickets, a ticket is dropped as soon as no
session lives, and the whole client is built anew when nothing was heard for 60 seconds. What counts as heard is a pong
or a hello, never an event: a quiet workspace is healthy. All of that goes by the monotonic clock, while the SDK's own
idea of staleness goes by the wall clock; should that jump, the worst is one needless reconnect.

Events do not pass through bolt's dispatch: the socket vouches for them, our own memory knows the workspace, and bolt
would acknowledge before it is known what became of them. An event that does not matter costs a look at a dictionary.
Commands, buttons, forms and shortcuts are bolt's, which acknowledges them at once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf
from time import monotonic
from typing import Any

from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from adapters.slack.web import Web, told
from bot.errors import ChatError, RateLimited, Rejected, Sent, Unauthorised, Unavailable
from bot.logger import get_logger

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: between pings, of silence before the client is built anew, and before we give up for good.

    `look`: between two looks for workspaces that another process let in; `letters`: for events that it was told of.
    """

    ping: float = 10.0
    silence: float = 60.0
    give_up: float = 300.0
    retry: float = 5.0
    closing: float = 5.0
    look: float = 30.0
    letters: float = 1.0


class Watchdog:
    """When something was last heard, on a clock that only goes forward. Pure: it is told what time it is."""

    def __init__(self, now: float, patience: Patience) -> None:
        self.heard_at = now
        self._patience = patience
        self._built_at = now
        self._pong: float | None = None

    def built(self, now: float) -> None:
        """A new client has its own time to say something."""
        self._built_at = now
        self._pong = None

    def heard(self, now: float) -> None:
        self.heard_at = now

    def look(self, pong: float | None, now: float) -> bool:
        """`pong`: what the SDK noted when it last saw one; the answer is whether there was another since.

        Its first value may stem from sending a ping.
        """
        another = pong is not None and self._pong is not None and pong != self._pong
        if another:
            self.heard_at = now
        self._pong = pong
        return another

    def is_silent(self, now: float) -> bool:
        """The client is to be built anew."""
        return now - max(self.heard_at, self._built_at) >= self._patience.silence

    def is_hopeless(self, now: float) -> bool:
        return now - self.heard_at >= self._patience.give_up


class _Handler(AsyncSocketModeHandler):
    """bolt's handler, but that events are ours."""

    def __init__(self, app: AsyncApp, app_token: str, web: Web, socket: Socket, ping: float) -> None:
        super().__init__(app, app_token, web_client=web.line.client(), ping_interval=ping)
        self._socket = socket

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        if req.type == "events_api":
            await self._socket.event(client, req)
        else:
            await super().handle(client, req)


class Socket:
    """The app's connection. `take` an event, which may be acknowledged when it returns; `connected` is told of each."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        web: Web,
        take: Callable[[Mapping[str, Any]], Awaitable[None]],
        connected: Callable[[], None],
        patience: Patience,
    ) -> None:
        self._app = app
        self._token = app_token
        self._web = web
        self._take = take
        self._connected = connected
        self._patience = patience
        self._dog = Watchdog(monotonic(), patience)
        self._listening = False
        self._greeted: object = None
        self._asked_at = -inf

    async def run(self) -> None:
        """Until cancelled.

        Raises:
            Unauthorised: the app-level token opens no socket.
            Unavailable: nothing was heard for five minutes, however often a connection was tried.
        """
        self._dog = Watchdog(monotonic(), self._patience)
        while True:
            ticket = await self._ticket()
            handler = _Handler(self._app, self._token, self._web, self, self._patience.ping)
            client = handler.client
            client.wss_uri = ticket
            client.issue_new_wss_url = partial(self._in_turn, client)  # type: ignore[method-assign]
            client.message_listeners.append(self._on_message)
            client.on_message_listeners.append(_tell_of_an_end)
            self._dog.built(monotonic())
            self._listening = True
            connecting = asyncio.create_task(client.connect(), name="slack socket")  # type: ignore[no-untyped-call]
            try:
                await self._watch(client)
            finally:
                self._listening = False
                await self._dispose(client, connecting)
            log.warning("socket built anew: nothing was heard", seconds=round(monotonic() - self._dog.heard_at))

    async def event(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        """Taken first, acknowledged afterwards; what could not be taken is delivered again."""
        if not self._listening:
            return
        try:
            await self._take(request.payload)
        except Exception as error:  # noqa: BLE001  # whatever it is, the next event is taken
            log.warning("event not acknowledged", error=type(error).__name__, id=request.payload.get("event_id"))
            return
        try:
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        except Exception as error:  # noqa: BLE001  # it comes again, and changes nothing then
            log.info("acknowledgement not sent", error=type(error).__name__)

    async def _on_message(
        self, client: AsyncBaseSocketModeClient, message: Mapping[str, Any], _raw: str | None
    ) -> None:
        if message.get("type") == "hello":
            self._dog.heard(monotonic())
            self._greeted = client.current_session if isinstance(client, SocketModeClient) else None
            if self._listening:
                self._connected()

    async def _watch(self, client: SocketModeClient) -> None:
        """Return when the client has to be built anew."""
        while True:
            await asyncio.sleep(min(self._patience.ping, self._patience.silence) / 4)
            now = monotonic()
            alive = self._dog.look(client.last_ping_pong_time, now)
            session = client.current_session
            if session is None or session.closed:
                # A ticket is good for one connection; whoever tries again has to ask for another.
                client.wss_uri = None
            elif alive and session is not self._greeted:
                # Slack says hello at once. What stands in for it may not: a pong shows as well that somebody is there.
                self._greeted = session
                self._connected()
            self._check(now)
            if self._dog.is_silent(now):
                return

    async def _ticket(self) -> str:
        """The address of a new socket."""
        while True:
            wait = self._patience.retry
            try:
                return await self._opened()
            except (Unauthorised, Rejected):
                raise
            except RateLimited as error:
                wait = error.retry_after
            except ChatError as error:
                log.warning("no socket to be had", reason=error.reason)
            self._check(monotonic() + wait)
            await asyncio.sleep(wait)

    async def _opened(self) -> str:
        return str(told(await self._web.write("apps.connections.open"), "apps.connections.open", "url"))

    async def _in_turn(self, client: SocketModeClient) -> str:
        """The address of a new socket: at once when the last one has served for a while."""
        wait = self._asked_at + self._patience.retry - monotonic()
        self._asked_at = monotonic() + max(wait, 0)
        await asyncio.sleep(max(wait, 0))
        if client.closed:
            raise asyncio.CancelledError  # nobody waits for it any more: slack_sdk does not end what it has begun
        try:
            return await self._opened()
        except RateLimited as error:
            self._asked_at = monotonic() + error.retry_after - self._patience.retry
            raise

    def _check(self, now: float) -> None:
        if self._dog.is_hopeless(now):
            minutes = round(self._patience.give_up / 60)
            raise Unavailable(f"no connection to Slack for {minutes} minutes", sent=Sent.NO, reason="no_connection")

    async def _dispose(self, client: SocketModeClient, connecting: asyncio.Task[None]) -> None:
        """Leave nothing of a client behind, whatever state it is in."""
        try:
            async with asyncio.timeout(self._patience.closing):
                await client.close()  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001  # closing what is broken may break
            log.info("socket closed roughly", error=type(error).__name__)
        tasks = (connecting, client.message_processor, client.current_session_monitor, client.message_receiver)
        running = [task for task in tasks if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await client.aiohttp_client_session.close()


async def _tell_of_an_end(message: WSMessage) -> None:
    """Why Slack ends a connection; slack_sdk keeps that to itself."""
    if isinstance(message.data, str) and '"disconnect"' in message.data[:200]:
        said = json.loads(message.data)
        if said.get("type") == "disconnect":
            tell = log.info if said.get("reason") in ("warning", "refresh_requested") else log.warning
            tell("Slack ends the socket", reason=said.get("reason"))
