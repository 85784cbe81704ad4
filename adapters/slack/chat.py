"""Slack as a chat platform: the port, over slack-bolt.

What bolt is for here: the socket's handler, acknowledging what people do (commands, buttons, forms, shortcuts), the
checks that Slack makes of an HTTP address, and "Add to Slack". Events, which are most of what comes in, go past its
dispatch (see `socket` and `http`): bolt would build a request, a context and a client for each, ask who it is about,
and acknowledge it before anything is stored. Ours are dropped by a look at type and channel, or taken by one function.

One process at a time holds the app's lease: it alone judges what is said. Another answers HTTP events with 503, so that
Slack sends them again, and serves what people ask for directly.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any

import structlog
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp

from adapters.slack import reading, sending, showing
from adapters.slack.admission import Admission
from adapters.slack.app import SlackApp
from adapters.slack.checking import Checking
from adapters.slack.directory import team_of
from adapters.slack.dispatching import dispatcher
from adapters.slack.http import Site
from adapters.slack.reading import Reading
from adapters.slack.routing import Router
from adapters.slack.silence import Silence
from adapters.slack.socket import Patience, Socket
from adapters.slack.web import Line, Web
from adapters.slack.workspaces import PLATFORM, Office, Workspaces
from bot.app import Names
from bot.errors import ChatError, RateLimited, Rejected, StoreUnavailable, Unauthorised, VigieError
from bot.events import Connected, Disconnected
from bot.model import Community, Finding, Member, Message, MessageRef, Place, Team
from bot.ports import Capabilities, Clock, Handler, Keeper
from bot.post import Post
from bot.settings import Settings
from bot.texts import Texts

log = structlog.get_logger(__name__)

GRACE = 5.0
"""Seconds that what people asked for may still take when we are told to stop."""


class SlackChat:
    """Implements `Chat` for every workspace of one Slack app."""

    def __init__(
        self,
        app: SlackApp,
        settings: Callable[[Community], Settings],
        names: Names,
        keeper: Keeper,
        clock: Clock,
        patience: Patience | None = None,
    ) -> None:
        self.platform = PLATFORM
        self.capabilities = Capabilities()
        self._app = app
        self._settings = settings
        self._keeper = keeper
        self._clock = clock
        self._patience = patience or Patience()
        # What slack_sdk and bolt would log, we log ourselves: without tracebacks, payloads and tokens.
        logger = logging.getLogger("vigie.slack")
        logger.setLevel(logging.CRITICAL)
        self._line = Line(app.api_url, logger)
        self._workspaces = Workspaces()
        self._admission = Admission(app, self._line, self._workspaces)
        self._reading = Reading()
        self._router = Router(
            self._workspaces, settings, names, clock, find=self._admission.find, lost=self._admission.lost
        )
        self._silence = Silence(clock, self._read_all)
        self._bolt: AsyncApp | None = None
        self._handle: Handler | None = None
        self._begun: set[asyncio.Task[None]] = set()
        self._runs = self._holds = False
        self._closing = asyncio.Event()

    # coming and going

    async def run(self, handle: Handler) -> None:
        self._handle = self._router.handle = handle
        self._runs = True
        serving = asyncio.create_task(self._serve(handle), name="slack")
        closing = asyncio.create_task(self._closing.wait(), name="slack closes")
        try:
            await asyncio.wait({serving, closing}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
        finally:
            await _end(serving, closing)
            await self._leave()
            self._runs = False

    def routes(self) -> list[web.RouteDef]:
        """What an HTTP server has to serve in `http` mode, beside whatever else it serves."""
        if self._app.mode != "http":
            return []
        site = Site(
            self._dispatcher(),
            self._app.signing_secret,
            self._take,
            lambda: self._holds,
            self._missed,
            self._admission.flow(),
            self._clock,
        )
        return site.routes()

    async def close(self) -> None:
        self._closing.set()
        if not self._runs:
            await self._leave()

    # saying and reading

    async def post(self, place: Place, post: Post, key: str) -> MessageRef:
        office = await self._office(place.community)
        return await sending.post(office, self._reading, place, post, key, self._clock.now())

    async def edit(self, ref: MessageRef, post: Post) -> None:
        await sending.edit(await self._office(ref.place.community), ref, post)

    async def find(self, place: Place, key: str, since: datetime) -> MessageRef | None:
        return await sending.find(await self._office(place.community), self._reading, place, key, since)

    async def fetch(self, ref: MessageRef) -> Message | None:
        return await self._reading.fetch(await self._office(ref.place.community), ref)

    async def history(self, place: Place, after: str | None, since: datetime | None = None) -> AsyncIterator[Message]:
        office = await self._office(place.community)
        # Whatever the core reads it also wants to be told about, be it watched or not.
        self._router.watch(place.channel)
        async for message in self._reading.history(office, place, after, since or reading.recent(self._clock.now())):
            yield message

    def link(self, ref: MessageRef) -> str | None:
        office = self._workspaces.get(ref.place.community)
        return reading.link(office.url, ref) if office else None

    def ref(self, community: Community, link: str) -> MessageRef | None:
        office = self._workspaces.get(community)
        return reading.ref_of(office.url, community, link) if office else None

    async def direct(self, member: Member) -> Place:
        return await showing.direct(await self._office(member.community), member)

    async def team(self, community: Community) -> Team:
        office = await self._office(community)
        return await team_of(office.web, office.workspace.me, self._settings(community).team)

    async def check(self, speak: Texts, community: Community | None = None) -> list[Finding]:
        checking = Checking(self._app, self._line, self._workspaces, self._admission, self._settings, self._clock)
        return await checking.run(speak, community)

    # inside

    async def _serve(self, handle: Handler) -> None:
        """Hold the app's lease and the connection that belongs to it, for ever and again."""
        await self._enter()
        self._router.watch()
        while True:
            async with self._keeper.hold(self._app.lease) as lease:
                holding = asyncio.create_task(self._hold(), name="slack connection")
                lost = asyncio.create_task(lease.lost.wait(), name="slack lease")
                try:
                    await asyncio.wait({holding, lost}, return_when=asyncio.FIRST_COMPLETED)
                    if holding.done():
                        holding.result()
                finally:
                    self._holds = False
                    await _end(holding, lost)
            for community in self._workspaces.communities():
                with suppress(VigieError):
                    await handle(Disconnected(community))

    async def _hold(self) -> None:
        """Be connected, until cancelled."""
        self._holds = True
        newcomers = asyncio.create_task(self._welcome(), name="slack newcomers")
        try:
            if self._app.mode == "http":
                await self._silence.watch()
            else:
                line = Web(self._line, self._app.app_token)
                socket = Socket(
                    self._dispatcher(),
                    self._app.app_token,
                    line,
                    self._router.take,
                    self._connected,
                    self._patience,
                )
                await socket.run()
        finally:
            await _end(newcomers)

    async def _welcome(self) -> None:
        """Serve workspaces that are let in while we run."""
        while True:
            try:
                async with asyncio.timeout(self._patience.look):
                    community = await self._admission.let_in.get()
            except TimeoutError:
                with suppress(VigieError):
                    await self._whole(self._admission.look())
                continue
            self._router.watch()
            self._tell_connected(community)

    def _connected(self) -> None:
        for community in self._workspaces.communities():
            self._tell_connected(community)

    async def _take(self, body: Mapping[str, Any]) -> None:
        """An event over HTTP."""
        await self._silence.ends()
        await self._router.take(body)

    async def _read_all(self) -> None:
        """As after a connect; the core has turned to history when this returns."""
        for community in self._workspaces.communities():
            await self._whole(self._tell(community))

    async def _tell(self, community: Community) -> None:
        if self._handle is not None:
            await self._handle(Connected(community))

    def _missed(self, until: datetime) -> None:
        """Slack kept events to itself, or gave up on them: they are read from history."""

        async def catch_up() -> None:
            await self._clock.sleep_until(until)
            if self._holds:
                self._connected()

        self._router.later(catch_up(), "missed", awaited=False)

    def _tell_connected(self, community: Community) -> None:
        self._router.later(self._tell(community), f"connected to {community}", awaited=False)

    async def _enter(self) -> None:
        """Open the workspaces; while Slack cannot be reached, try for as long as we try with a socket."""
        deadline = monotonic() + self._patience.give_up
        while True:
            wait = self._patience.retry
            try:
                await self._whole(self._admission.enter())
            except (Unauthorised, Rejected):
                raise
            except RateLimited as error:
                wait = error.retry_after
            except (ChatError, StoreUnavailable) as error:
                if monotonic() > deadline:
                    raise
                log.warning("no workspace can be entered yet", error=type(error).__name__, why=str(error))
            else:
                return
            await asyncio.sleep(wait)

    async def _whole(self, work: Coroutine[Any, Any, None]) -> None:
        """Work with the database, which is not broken off in the middle when we are told to stop."""
        task = asyncio.create_task(work)
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)
        await asyncio.wait({task})
        task.result()

    async def _office(self, community: Community) -> Office:
        """The workspace, let in if need be: the port works without `run`, too."""
        office = self._workspaces.get(community)
        if office is None and not self._admission.entered:
            await self._admission.enter()
        if office is None:
            office = self._workspaces.get(community) or await self._admission.find(community)
        return office or self._workspaces.of(community)

    async def _leave(self) -> None:
        """Give back whatever is open; what is being sent may finish."""
        await self._router.close(GRACE)
        if self._begun:
            await asyncio.wait(self._begun, timeout=GRACE)
        await _end(*self._begun)
        for office in self._workspaces:
            await office.directory.close()
        if self._admission.installations is not None:
            await self._admission.installations.close()
        await self._line.close()

    def _dispatcher(self) -> AsyncApp:
        if self._bolt is None:
            self._bolt = dispatcher(self._line, self._workspaces, self._admission, self._router.act)
        return self._bolt


async def _end(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


__all__ = ["Patience", "SlackApp", "SlackChat"]
