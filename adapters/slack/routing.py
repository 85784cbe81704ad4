"""What comes in, led to the core: one door for events, one for what people do with commands, buttons and forms.

bolt has one listener, a middleware at the end of its chain: it acknowledges and hands the body over. What the bot does
then happens in the background, since Slack waits for 3 seconds.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse

from adapters.slack import sending
from adapters.slack.incoming import (
    action_of,
    channel_of,
    command_of,
    community_of,
    events_of,
    form_of,
    matters,
    shortcut_of,
)
from adapters.slack.showing import show, spot_of, whisper
from adapters.slack.workspaces import Office, Workspaces
from bot.app import Names
from bot.commands import COMMANDS
from bot.errors import ChatError, Unavailable, VigieError
from bot.events import (
    ActionTaken,
    Addressed,
    CommandInvoked,
    CommunityLost,
    Event,
    FormSubmitted,
    Home,
    HomeOpened,
    Private,
    Reply,
    ShortcutUsed,
)
from bot.model import Community, Place
from bot.ports import Clock, Handler
from bot.settings import Settings
from bot.texts import Texts, closest, texts

log = structlog.get_logger(__name__)

REMEMBERED = 5000
"""Events that were taken: Slack delivers again within minutes."""

NAME_FIRST = 1.0
"""Seconds that somebody who acts waits for us to learn their name and language: a window has to open within 3."""

Act = CommandInvoked | ActionTaken | FormSubmitted | ShortcutUsed


class Router:
    """`find` is asked for a workspace that memory does not know; `lost` is told of one that is gone."""

    def __init__(
        self,
        workspaces: Workspaces,
        settings: Callable[[Community], Settings],
        names: Names,
        clock: Clock,
        find: Callable[[Community], Awaitable[Office | None]],
        lost: Callable[[Community], Awaitable[None]],
    ) -> None:
        self.handle: Handler | None = None
        self._workspaces = workspaces
        self._settings = settings
        self._typed = {f"/{names.of(key)}": key for key in COMMANDS}
        self._clock = clock
        self._find = find
        self._lost = lost
        self._read: set[str] = set()
        self._watched: frozenset[str] = frozenset()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._taken: OrderedDict[str, bool] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def watch(self, *channels: str) -> None:
        """Take in what is said in the channels of the configuration, and in those that the core has asked about."""
        self._read.update(channels)
        configured = (self._settings(office.community).mentions.watch for office in self._workspaces)
        self._watched = frozenset(self._read.union(*configured))

    async def take(self, body: Mapping[str, Any]) -> None:
        """An event; it may be acknowledged once this returns. Whatever is raised means that it should come again."""
        if not matters(body, self._watched):
            return
        id_ = str(body.get("event_id") or "")
        done = self._taken.get(id_)
        if done:
            return
        if done is False:
            raise Unavailable("it is being dealt with", reason="in_progress")
        self._taken[id_] = False
        try:
            await self._take(body)
        except BaseException:
            del self._taken[id_]
            raise
        self._taken[id_] = True
        while len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)

    async def act(self, body: dict[str, Any], ack: AsyncAck) -> BoltResponse:
        """bolt's one listener: acknowledged at once, done afterwards."""
        self.later(self._act(body), "act")
        return await ack()

    def later(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Have something done in the background; what goes wrong with it is logged."""
        task = asyncio.create_task(work, name=f"slack {name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def close(self, grace: float) -> None:
        """Let what was begun end, within so many seconds."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _take(self, body: Mapping[str, Any]) -> None:
        community = community_of(body)
        office = await self._office(community)
        if office is None or self.handle is None:
            log.info("event of a workspace that we do not serve", community=str(community))
            return
        event: Mapping[str, Any] = body.get("event") or {}
        for told in await self._translated(event, channel_of(body) or "", office):
            reply = await self.handle(told)
            if reply is not None:
                self.later(self._answer(office, told, reply), "answer")
            if isinstance(told, CommunityLost):
                await self._lost(told.community)

    async def _translated(self, event: Mapping[str, Any], channel: str, office: Office) -> list[Event]:
        """In the order of arrival, and with the author's name: names called in later messages are looked for in it."""
        if event.get("type") == "user_change":
            office.directory.changed(event.get("user") or {})
        author = event.get("user")
        if not isinstance(author, str) or (office.directory.knows(author) and not self._turns[channel].locked()):
            return events_of(event, office.workspace)
        async with self._turns[channel]:
            await office.directory.learn([author])
            return events_of(event, office.workspace)

    async def _answer(self, office: Office, told: Event, reply: Reply) -> None:
        """Show what the core answers to an event that nobody waits at."""
        match told, reply:
            case Addressed(place, _, _, _, True), Private(post):
                await sending.say(office, place, post)
            case Addressed(place, member, _, _, _), Private(post):
                await whisper(office, place, member, post)
            case HomeOpened(member, _), Home():
                await show(spot_of({}, office, Place(office.community, ""), member, texts("en")), reply)
            case _:
                log.debug("nothing to show", event=type(told).__name__, reply=type(reply).__name__)

    async def _act(self, body: dict[str, Any]) -> None:
        office = await self._office(community_of(body))
        if office is None or self.handle is None:
            return
        acted = self._acted(body, office)
        if acted is None:
            return
        await office.directory.learn([acted.member.id], NAME_FIRST)
        acted = replace(acted, member=office.directory.full(acted.member))
        spot = spot_of(body, office, acted.place, acted.member, self._speak(acted, office))
        reply = await self.handle(acted)
        if reply is not None:
            await show(spot, reply)
        if spot.home or (isinstance(acted, FormSubmitted) and not acted.place.channel):
            opened = HomeOpened(acted.member, self._clock.now())
            page = await self.handle(opened)
            if page is not None:
                await show(spot, page)

    def _acted(self, body: dict[str, Any], office: Office) -> Act | None:
        if "command" in body:
            return command_of(body, office.workspace, self._typed)
        match body.get("type"):
            case "block_actions":
                return action_of(body, office.workspace)
            case "view_submission":
                return form_of(body, office.workspace)
            case "message_action" | "shortcut":
                return shortcut_of(body, office.workspace)
        return None

    def _speak(self, acted: Act, office: Office) -> Texts:
        return texts(closest(acted.member.locale, self._settings(office.community).language))

    async def _office(self, community: Community | None) -> Office | None:
        if community is None:
            return None
        return self._workspaces.get(community) or await self._find(community)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        reason = error.reason if isinstance(error, ChatError) else ""
        why = str(error) if isinstance(error, VigieError) else ""
        log.warning("not done", what=task.get_name(), error=type(error).__name__, reason=reason, why=why)
