"""Holding the app: its workspaces opened, its lease taken, its connection kept, its newcomers welcomed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from adapters.slack.admission import Admission
from adapters.slack.app import SlackApp
from adapters.slack.inbox import Inbox
from adapters.slack.routing import Router
from adapters.slack.silence import Silence
from adapters.slack.socket import Patience, Socket
from adapters.slack.web import Line, Web
from adapters.slack.workspaces import Workspaces
from bot.errors import ChatError, RateLimited, Rejected, StoreUnavailable, Unauthorised, Unavailable, VigieError
from bot.events import Connected, Disconnected
from bot.logger import get_logger
from bot.model import Community
from bot.ports import Clock, Handler, Keeper

log = get_logger(__name__)


class Holding:
    """One of however many processes holds the app. `holds`: whether it is this one, which judges what is said."""

    def __init__(
        self,
        app: SlackApp,
        line: Line,
        workspaces: Workspaces,
        admission: Admission,
        router: Router,
        dispatcher: Callable[[], AsyncApp],
        keeper: Keeper,
        clock: Clock,
        patience: Patience,
        inbox: Inbox,
    ) -> None:
        self.holds = False
        self._app = app
        self._line = line
        self._workspaces = workspaces
        self._admission = admission
        self._router = router
        self._dispatcher = dispatcher
        self._keeper = keeper
        self._clock = clock
        self._patience = patience
        self._inbox = inbox
        self._silence = Silence(clock, self._read_all)
        self._begun: set[asyncio.Task[None]] = set()

    async def serve(self, handle: Handler) -> None:
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
                    self.holds = False
                    await end(holding, lost)
            for community in self._workspaces.communities():
                with suppress(VigieError):
                    await handle(Disconnected(community))

    async def _hold(self) -> None:
        """Be connected, until cancelled."""
        self.holds = True
        beside = [asyncio.create_task(self._welcome(), name="slack newcomers")]
        try:
            if self._app.mode == "http":
                beside.append(asyncio.create_task(self._inbox.watch(self._take, self.missed), name="slack letters"))
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
            await end(*beside)

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

    async def take(self, body: Mapping[str, Any]) -> None:
        """An event over HTTP: dealt with, or left to the copy that holds the app."""
        if self.holds:
            await self._take(body)
            return
        if not self._admission.entered:
            raise Unavailable("it is not known yet who is served", reason="starting")
        if self._router.concerns(body):
            await self._inbox.put(body)

    async def _take(self, body: Mapping[str, Any]) -> None:
        await self._silence.ends()
        await self._router.take(body)

    async def _read_all(self) -> None:
        """As after a connect; the core has turned to history when this returns."""
        for community in self._workspaces.communities():
            await self._whole(self._tell(community))

    async def _tell(self, community: Community) -> None:
        if self._router.handle is not None:
            await self._router.handle(Connected(community))

    def missed(self, until: datetime) -> None:
        """Slack kept events to itself, or gave up on them: they are read from history."""

        async def catch_up() -> None:
            await self._clock.sleep_until(until)
            if self.holds:
                self._connected()
            else:
                with suppress(VigieError):  # then it is told again, with the next failure
                    await self._inbox.put_missed()

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

    async def leave(self, grace: float) -> None:
        """Let work with the database end within so many seconds."""
        if self._begun:
            await asyncio.wait(self._begun, timeout=grace)
        await end(*self._begun)
        await self._inbox.close()


async def end(*tasks: asyncio.Task[object]) -> None:
    """Cancel them, and wait until they are over."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
