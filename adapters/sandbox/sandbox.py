"""The sandbox itself: every request done once, whichever page sends it and however often, and every page kept told."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import PurePath

from adapters.sandbox.asking import MALFORMED, Refused, read
from adapters.sandbox.completion import completions
from adapters.sandbox.feed import Feed, Tab
from adapters.sandbox.protocol import Ack, Request
from adapters.sandbox.world import Staging, World
from bot.errors import VigieError
from bot.logger import get_logger
from bot.texts import LANGUAGES, later

log = get_logger(__name__)

REMEMBERED = 4000
"""Requests whose answers are kept, for a page that is not sure whether they arrived."""

QUESTIONS = frozenset(("older", "complete"))
"""Requests that change nothing, and may be answered anew."""

COALESCE = 0.25
"""Seconds between two looks at what changed by itself: more would flicker."""

BROKEN = later("Something went wrong, and it was not done.")
NOT_NOW = later("I cannot do that right now. Please try again soon.")


class Sandbox:
    """Made by `open_sandbox`. All that changes anything happens in turns, one after the other."""

    world: World

    def __init__(self, staging: Staging, language: str, feed: Feed | None = None) -> None:
        self._staging = staging
        self._language = language
        self._feed = feed or Feed()
        self._turn = asyncio.Lock()
        self._acks: OrderedDict[str, Ack] = OrderedDict()
        self._doing: set[asyncio.Task[Ack]] = set()
        self._stirred = asyncio.Event()
        self._shown: dict[str, Mapping[str, object]] = {}
        self._does: Mapping[str, Callable[[Request], Awaitable[Ack | None]]] = {
            "say": lambda asked: self.world.people.say(asked),
            "edit": lambda asked: self.world.people.edit(asked),
            "delete": lambda asked: self.world.people.delete(asked),
            "react": lambda asked: self.world.people.react(asked),
            "press": lambda asked: self.world.people.press(asked),
            "submit": lambda asked: self.world.people.submit(asked),
            "clock": lambda asked: self.world.move(asked),
            "replay": self._replay,
            "older": self._older,
            "complete": self._complete,
            "language": self._switch,
            "restart": self._restart,
        }

    # pages

    async def join(self, tab: Tab, session: str, after: int | None) -> None:
        """A page is there, or there again: it gets what it missed, or everything."""
        async with self._turn:
            if after is None or not self._feed.resume(tab, after, session):
                await self._greet(tab)

    def leave(self, tab: Tab) -> None:
        self._feed.tabs.discard(tab)

    async def answer(self, frame: str) -> Ack:
        """Do what a page asks for, unless that was done already; never raises for what it asked."""
        try:
            asked = read(frame)
        except Refused as error:
            return {"type": "ack", "id": error.id, "error": self.world.speak.t(str(error))}
        # A page that goes away half-way must not leave a thing half done, to be done again when it comes back.
        doing = asyncio.create_task(self._once(asked))
        self._doing.add(doing)
        doing.add_done_callback(self._doing.discard)
        return await asyncio.shield(doing)

    async def _once(self, asked: Request) -> Ack:
        async with self._turn:
            known = self._acks.get(asked["id"])
            if known is not None:
                return known
            ack = await self._done(asked)
            if asked["kind"] not in QUESTIONS:
                self._acks[asked["id"]] = ack
                if len(self._acks) > REMEMBERED:
                    self._acks.popitem(last=False)
            return ack

    async def _done(self, asked: Request) -> Ack:
        ack: Ack = {"type": "ack", "id": asked["id"]}
        try:
            await self.world.timeline.go_on()
            await self.world.people.deliver()
            ack = await self._does[asked["kind"]](asked) or ack
            if asked["kind"] not in QUESTIONS:
                await self._settle()
        except Refused as refused:
            ack["error"] = self.world.speak.t(str(refused))
        except VigieError as error:
            log.warning("could not be done", asked=asked["kind"], error=type(error).__name__, why=str(error))
            ack["error"] = self.world.speak.t(NOT_NOW)
        except Exception as bug:  # noqa: BLE001 (one page must never break the sandbox for the others)
            log.error("request failed", asked=asked["kind"], **_where(bug))  # noqa: TRY400 (no texts in logs)
            ack["error"] = self.world.speak.t(BROKEN)
        return ack

    async def _settle(self) -> None:
        """What follows from a request that was done. While the store is down, that comes later."""
        try:
            await self.world.timeline.settle()
            await self._show()
        except VigieError as error:
            log.warning("what follows comes later", error=type(error).__name__, why=str(error))
            self._stirred.set()

    async def _older(self, asked: Request) -> Ack:
        messages, older = self.world.older(asked)
        return {"type": "ack", "id": asked["id"], "messages": messages, "older": older}

    async def _complete(self, asked: Request) -> Ack:
        options = completions(asked["text"], self.world.bot, self.world.speak)
        return {"type": "ack", "id": asked["id"], "options": options}

    async def _replay(self, asked: Request) -> None:
        self.world.play(asked)

    async def _switch(self, asked: Request) -> None:
        if asked["language"] not in LANGUAGES:
            raise Refused(MALFORMED)
        self._language = asked["language"]
        await self.world.switch(self._language)
        await self._greet_all(session=False)

    async def _restart(self, asked: Request) -> None:  # noqa: ARG002  # it needs nothing but to be asked
        before = self.world
        await self.begin()
        await before.close()
        await self._greet_all(session=True)

    async def _greet_all(self, *, session: bool) -> None:
        self._feed.begin_anew(session=session)
        self._shown = await self._views()
        for tab in list(self._feed.tabs):
            await self._greet(tab)

    async def _greet(self, tab: Tab) -> None:
        panel = await self.world.panel()
        self._feed.greet(tab, self.world.hello(panel, self._feed.session, self._feed.seq))

    # what goes on by itself

    async def begin(self) -> None:
        """From the first moment of the scene. Raises what the store raises."""
        self.world = await World.begin(self._staging, self._language, self._feed.publish)
        self._shown = await self._views()

    async def go_on(self) -> None:
        """Let time pass and show what comes of it, until cancelled."""
        await asyncio.gather(_steadily(self._live), _steadily(self._tell))

    async def close(self) -> None:
        async with self._turn:
            await self.world.close()

    async def _live(self) -> None:
        timeline = self.world.timeline
        async with self._turn:
            rest = await timeline.rest()
        await timeline.wait(rest)
        async with self._turn:
            await self.world.people.deliver()
            await self.world.timeline.go_on()
            if self.world.timeline.over and self.world.timeline.speed != 1:
                self.world.timeline.run_at(speed=1)  # the history is over: life goes on
        self._stirred.set()

    async def _tell(self) -> None:
        await self._stirred.wait()
        self._stirred.clear()
        async with self._turn:
            await self._show()
        await asyncio.sleep(COALESCE)

    async def _show(self) -> None:
        """Tell the pages what is different from what they were told last."""
        views = await self._views()
        for kind, view in views.items():
            if _but_now(self._shown.get(kind)) != _but_now(view):
                self._feed.publish({"kind": kind, kind: view})
                self._shown[kind] = view

    async def _views(self) -> dict[str, Mapping[str, object]]:
        views: dict[str, Mapping[str, object]] = {"clock": self.world.clock_view(), "panel": await self.world.panel()}
        if (replay := self.world.replay_view()) is not None:
            views["replay"] = replay
        return views


def _but_now(view: Mapping[str, object] | None) -> dict[str, object]:
    """A view without its very instant: a clock that shows the same minute looks the same."""
    return {key: value for key, value in (view or {}).items() if key != "now"}


async def _steadily(work: Callable[[], Awaitable[None]]) -> None:
    """Again and again, whatever happens: a store that fails for a moment must not stop time for good."""
    while True:
        try:
            await work()
        except VigieError as error:
            log.warning("trying again", error=type(error).__name__, why=str(error))
            await asyncio.sleep(1)
        except Exception as bug:  # noqa: BLE001 (whatever it is, time goes on)
            log.error("trying again", **_where(bug))  # noqa: TRY400 (no texts in logs)
            await asyncio.sleep(1)


def _where(bug: Exception) -> dict[str, str]:
    """What a log may tell of it: its name, and the line it came from."""
    trace = bug.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    at = f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""
    return {"error": type(bug).__name__, "at": at}


@asynccontextmanager
async def open_sandbox(staging: Staging, language: str) -> AsyncIterator[Sandbox]:
    """A sandbox at its first moment, whose time passes until the block is left."""
    sandbox = Sandbox(staging, language)
    await sandbox.begin()
    living = asyncio.create_task(sandbox.go_on(), name="sandbox time")
    try:
        yield sandbox
    finally:
        living.cancel()
        with suppress(asyncio.CancelledError):
            await living
        await sandbox.close()
