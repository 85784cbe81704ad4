"""What comes in, led to the core: one door for events, one for what people do with commands, buttons and forms.

bolt has one listener, a middleware at the end of its chain: it acknowledges and hands the body over. What the bot does
then happens in the background, since Slack waits for 3 seconds.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

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
from adapters.slack.showing import Spot, show, spot_of, whisper
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
from bot.logger import get_logger
from bot.model import Community, Place
from bot.ports import Clock, Handler
from bot.post import Post
from bot.settings import Settings
from bot.texts import Texts, closest, texts

log = get_logger(__name__)

REMEMBERED = 5000
"""Events that were taken: Slack delivers again within minutes."""

NAME_FIRST = 1.0
"""Seconds that somebody who acts waits for us to learn their name and language: a window has to open within 3."""

Act = CommandInvoked | ActionTaken | FormSubmitted | ShortcutUsed
Personal = TypeVar("Personal", bound=Addressed | HomeOpened | Act)


class Router:
    """`find` is asked for a workspace that memory does not know; `lost` is told of one that is gone."""

    def __init__(
        self,
        workspaces: Workspaces,
        settings: Callable[[Community], Settings],
        names: Names,
        clock: Clock,
        find: Callable[[Community], Awaitable[Office | None]],
        lost: Callable[[Community, Callable[[Community], Awaitable[None]]], Awaitable[None]],
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
        self._tasks: dict[asyncio.Task[None], bool] = {}

    def watch(self, *channels: str) -> None:
        """Take in what is said in the channels of the configuration, and in those that the core has asked about."""
        if channels and self._watched.issuperset(channels) and self._read.issuperset(channels):
            return  # every read of history asks, and with thousands of workspaces going over all of them takes long
        self._read.update(channels)
        configured = (self._settings(office.community).mentions.watch for office in self._workspaces)
        self._watched = frozenset(self._read.union(*configured))

    def concerns(self, body: Mapping[str, Any]) -> bool:
        """Whether whoever holds the app may want an event. A workspace that we do not know yet, another copy may."""
        community = community_of(body)
        unknown = community is not None and self._workspaces.get(community) is None
        return matters(body, {channel_of(body) or ""} if unknown else self._watched)

    async def take(self, body: Mapping[str, Any]) -> None:
        """An event; it may be acknowledged once this returns. Whatever is raised means that it should come again."""
        if not matters(body, self._watched):
            return
        id_ = body.get("event_id")
        if not isinstance(id_, str):
            await self._take(body)
            return
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

    def later(self, work: Coroutine[Any, Any, None], name: str, *, awaited: bool = True) -> None:
        """Have something done in the background; what goes wrong is logged. `awaited`: somebody looks forward to it."""
        task = asyncio.create_task(work, name=f"slack {name}")
        self._tasks[task] = awaited
        task.add_done_callback(self._ended)

    async def close(self, grace: float) -> None:
        """Let what somebody waits for end within so many seconds; leave off everything else."""
        if awaited := [task for task, awaited in self._tasks.items() if awaited]:
            await asyncio.wait(awaited, timeout=grace)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _take(self, body: Mapping[str, Any]) -> None:
        community = community_of(body)
        office = (community and self._workspaces.get(community)) or await self._office(community)
        if office is None or self.handle is None:
            log.info("event of a workspace that we do not serve", community=str(community))
            return
        event: Mapping[str, Any] = body.get("event") or {}
        channel = channel_of(body) or ""
        if self._knows_author(event, channel, office):
            found = events_of(event, office.workspace)
        else:
            found = await self._translated(event, channel, office)
        for told in found:
            if isinstance(told, Addressed | HomeOpened):
                told = await self._introduced(told, office)  # the same event, and whose it is
            if isinstance(told, CommunityLost):
                await self._lost(told.community, partial(self._gone, told))
                continue
            reply = await self.handle(told)
            if reply is not None:
                self.later(self._answer(office, told, reply), "answer")

    async def _gone(self, told: CommunityLost, community: Community) -> None:
        if self.handle is not None:
            await self.handle(replace(told, community=community))

    async def _translated(self, event: Mapping[str, Any], channel: str, office: Office) -> list[Event]:
        """In the order of arrival, and with the author's name: names called in later messages are looked for in it."""
        if event.get("type") != "message":
            return events_of(event, office.workspace, now=self._clock.now())
        async with self._turns[channel]:
            await office.directory.learn([str(event.get("user") or "")])
            return events_of(event, office.workspace)

    def _knows_author(self, event: Mapping[str, Any], channel: str, office: Office) -> bool:
        """Whether a message can be translated at once, as most can: nobody's name is looked up before it."""
        if event.get("type") != "message" or self._turns[channel].locked():
            return False
        author = str(event.get("user") or "")
        return not author or office.directory.knows(author)

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
        acted = await self._introduced(acted, office)
        spot = spot_of(body, office, acted.place, acted.member, self._speak(acted, office))
        reply = await self._asked(acted, spot)
        if reply is not None:
            await show(spot, reply)
        if spot.home or (isinstance(acted, FormSubmitted) and spot.alone):
            page = await self.handle(HomeOpened(acted.member, self._clock.now()))
            if page is not None:
                await show(spot, page)

    async def _asked(self, acted: Act, spot: Spot) -> Reply | None:
        """What the core answers; a mistake of ours is told politely, too."""
        if self.handle is None:
            return None
        try:
            return await self.handle(acted)
        except Exception as error:  # noqa: BLE001  # somebody waits for an answer
            log.error("could not answer", what=type(acted).__name__, error=type(error).__name__)  # noqa: TRY400  # no texts in logs
            sorry = spot.speak.rich("I cannot do that right now. Please try again soon.")
            return Private(Post(spot.speak.t("Not now"), sorry))

    async def _introduced(self, event: Personal, office: Office) -> Personal:
        """The event with the name and the language of whoever acted."""
        await office.directory.learn([event.member.id], NAME_FIRST)
        return replace(event, member=office.directory.full(event.member))

    def _acted(self, body: dict[str, Any], office: Office) -> Act | None:
        now = self._clock.now()
        if "command" in body:
            return command_of(body, office.workspace, self._typed, now=now)
        match body.get("type"):
            case "block_actions":
                return action_of(body, office.workspace, now=now)
            case "view_submission":
                return form_of(body, office.workspace, now=now)
            case "message_action" | "shortcut":
                return shortcut_of(body, office.workspace, now=now)
        return None

    def _speak(self, acted: Act, office: Office) -> Texts:
        return texts(closest(acted.member.locale, self._settings(office.community).language))

    async def _office(self, community: Community | None) -> Office | None:
        if community is None:
            # Slack always tells whose it is. What stands in for Slack may not; with one workspace there is no question.
            offices = list(self._workspaces)
            return offices[0] if len(offices) == 1 else None
        return self._workspaces.get(community) or await self._find(community)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        reason = error.reason if isinstance(error, ChatError) else ""
        why = str(error) if isinstance(error, VigieError) else ""
        log.warning("not done", what=task.get_name(), error=type(error).__name__, reason=reason, why=why)
