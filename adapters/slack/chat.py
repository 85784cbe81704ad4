"""Slack as a chat platform: the port, over slack-bolt.

What bolt is for here: the socket's handler, acknowledging what people do (commands, buttons, forms, shortcuts), the
checks that Slack makes of an HTTP address, and "Add to Slack". Events, which are most of what comes in, go past its
dispatch (see `socket` and `http`): bolt would build a request, a context and a client for each, ask who it is about,
and acknowledge it before anything is stored. Ours are dropped by a look at type and channel, or taken by one function.

One process at a time holds the app's lease: it alone judges what is said. Another leaves it word of events that came
over HTTP (see `letters`), and serves what people ask for directly.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from aiohttp import web
from slack_bolt.app.async_app import AsyncApp

from adapters.slack import reading, sending, showing
from adapters.slack.admission import Admission
from adapters.slack.app import SlackApp
from adapters.slack.checking import Checking
from adapters.slack.dispatching import dispatcher
from adapters.slack.holding import Holding, end
from adapters.slack.http import Site
from adapters.slack.inbox import Inbox
from adapters.slack.reading import Reading
from adapters.slack.routing import Router
from adapters.slack.socket import Patience
from adapters.slack.web import Line
from adapters.slack.workspaces import PLATFORM, Office, Workspaces
from bot.app import Names
from bot.model import Community, Finding, Member, Message, MessageRef, Place, Team
from bot.ports import Capabilities, Clock, Handler, Keeper
from bot.post import Post
from bot.settings import Settings
from bot.texts import Texts

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
        self._clock = clock
        self._keeper = keeper
        patience = patience or Patience()
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
        self._holding = Holding(
            app,
            self._line,
            self._workspaces,
            self._admission,
            self._router,
            self._dispatcher,
            keeper,
            clock,
            patience,
            Inbox(app.lease, keeper, self._workspaces, self._reading, clock, patience.letters),
        )
        self._bolt: AsyncApp | None = None
        self._runs = False
        self._closing = asyncio.Event()

    # coming and going

    async def run(self, handle: Handler) -> None:
        self._router.handle = handle
        self._runs = True
        serving = asyncio.create_task(self._holding.serve(handle), name="slack")
        closing = asyncio.create_task(self._closing.wait(), name="slack closes")
        try:
            await asyncio.wait({serving, closing}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
        finally:
            await end(serving, closing)
            await self._leave()
            self._runs = False

    def routes(self) -> list[web.RouteDef]:
        """What an HTTP server has to serve in `http` mode, beside whatever else it serves."""
        if self._app.mode != "http":
            return []
        site = Site(
            self._dispatcher(),
            self._app.signing_secret,
            self._holding.take,
            self._holding.missed,
            self._admission.flow(),
            self._clock,
            self._keeper,
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

    def covers(self, thread: Place, after: str) -> bool:
        return reading.covers(thread, after)

    def name(self, member: Member) -> str:
        office = self._workspaces.get(member.community)
        return (office.directory.name(member.id) if office else None) or ""

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
        return await office.directory.team(office.workspace.me, self._settings(community).team)

    async def check(self, speak: Texts, community: Community | None = None) -> list[Finding]:
        checking = Checking(self._app, self._line, self._workspaces, self._admission, self._settings, self._clock)
        return await checking.run(speak, community)

    # inside

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
        await self._holding.leave(GRACE)
        for office in self._workspaces:
            await office.directory.close()
        if self._admission.installations is not None:
            await self._admission.installations.close()
        await self._line.close()

    def _dispatcher(self) -> AsyncApp:
        if self._bolt is None:
            self._bolt = dispatcher(self._line, self._workspaces, self._admission, self._router.act)
        return self._bolt


__all__ = ["Patience", "SlackApp", "SlackChat"]
