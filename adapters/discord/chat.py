"""Discord as the core's `Chat`: connects, and hands each question to whoever knows its answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from adapters.discord.belonging import Belonging, Known
from adapters.discord.channels import Channels
from adapters.discord.checking import Checker
from adapters.discord.client import Client
from adapters.discord.guilds import DISCORD, Guilds
from adapters.discord.homes import Homes
from adapters.discord.identity import Identity
from adapters.discord.interactions import Interactions
from adapters.discord.lanes import Lanes
from adapters.discord.logins import Logins, check_left
from adapters.discord.payloads import lowest_id
from adapters.discord.people import People
from adapters.discord.plainer import choked
from adapters.discord.reading import Reader
from adapters.discord.receiving import Receiver
from adapters.discord.refusals import is_unknown
from adapters.discord.rest import Rest, tracing
from adapters.discord.sending import Sender
from adapters.discord.shards import Shards, gateway_at
from adapters.discord.sync import sync
from bot.app import Names
from bot.errors import ChatError, Forbidden, Gone, RateLimited, StoreError, Unavailable
from bot.events import Addressed, Event, Private, Reply, TeamChanged
from bot.logger import get_logger
from bot.model import Community, Finding, Member, Message, MessageRef, Place, Team
from bot.ports import Capabilities, Clock, Handler, Keeper
from bot.post import Post
from bot.settings import Settings
from bot.texts import Texts

if TYPE_CHECKING:
    import aiohttp

log = get_logger(__name__)

_LINK = re.compile(
    r"https?://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/channels/(?P<guild>\d+)/(?P<channel>\d+)/(?P<id>\d+)/?"
)

RETRY = timedelta(seconds=10)
"""Between two attempts to reach Discord at all."""

COMMANDS_RETRY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DiscordApp:
    """One application. Without `shard_count`, Discord's own recommendation is used.

    `api_url` and `gateway_url` lead to a server other than Discord's own: without the second, to where that one says.
    """

    token: str = field(repr=False)
    shard_count: int | None = None
    api_url: str | None = None
    gateway_url: str | None = None


class DiscordChat:
    """Implements `Chat`.

    `connector` leads the library elsewhere than to Discord, or there by another way. `known` gives the communities that
    the store holds anything about: with it, servers that removed the bot while no process ran are noticed.
    """

    platform = DISCORD

    def __init__(
        self,
        app: DiscordApp,
        settings: Callable[[Community], Settings],
        names: Names,
        keeper: Keeper,
        clock: Clock,
        connector: aiohttp.BaseConnector | None = None,
        known: Known | None = None,
    ) -> None:
        # A reply beneath a post, a card's text, and five rows of five buttons.
        self.capabilities = Capabilities(threads=True, forms=True, edits=True, text=4000, buttons=25)
        self._app = app
        self._settings = settings
        self._names = names
        self._keeper = keeper
        self._clock = clock
        self._handle: Handler | None = None
        self._closing = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()
        self.rest = Rest(lambda: self.client.http, clock)
        self._people = People(self.rest, clock)
        self._guilds = Guilds(settings, self._people)
        self._homes = Homes(self._guilds, self._people)
        self._channels = Channels(self.rest, self._guilds)
        self._sender = Sender(self.rest, self._guilds, self._channels, lambda c: settings(c).language)
        self._reader = Reader(self.rest, self._guilds, self._people, self._channels, self._team_changed)
        self._lanes = Lanes(self._tell, clock)
        self._belonging = Belonging(self.rest, self._guilds, keeper, clock, known)
        interactions = Interactions(self.rest, self._guilds, self._homes, names, self._told, clock)
        self._receiver = Receiver(
            self._guilds, self._people, self._homes, self._lanes, interactions.take, self.rest, clock, self._belonging
        )
        trace = tracing(self.rest.seen)
        self.client = Client(self._receiver.told, trace=trace, connector=connector, base=app.api_url)
        self._identity = Identity(self.client, self.rest, app.token)
        self._checker = Checker(self.rest, self._identity, settings, names)

    # the port

    async def run(self, handle: Handler) -> None:
        self.attend(handle)
        self._ended.clear()
        connecting = asyncio.create_task(self._connect(), name="discord")
        closing = asyncio.create_task(self._closing.wait())
        try:
            await asyncio.wait({connecting, closing}, return_when=asyncio.FIRST_COMPLETED)
            if connecting.done():
                connecting.result()
        finally:
            for task in (connecting, closing):
                task.cancel()
            await asyncio.gather(connecting, closing, return_exceptions=True)
            await self._receiver.close()
            self._ended.set()

    def attend(self, handle: Handler) -> None:
        """Tell `handle` what the client hears from now on; connecting it is another matter."""
        self._handle = handle

    async def sync(self) -> bool:
        """Have Discord offer the declared commands; true when it did not before."""
        return await sync(self.rest, (await self._identity.get()).application, self._names)

    async def post(self, place: Place, post: Post, key: str) -> MessageRef:
        await self._ready()
        with self._noting_closed(place):
            return await self._sender.post(place, post, key)

    async def edit(self, ref: MessageRef, post: Post) -> None:
        await self._ready()
        await self._sender.edit(ref, post)

    async def find(self, place: Place, key: str, since: datetime) -> MessageRef | None:
        await self._ready()
        return await self._sender.find(place, key, since)

    async def fetch(self, ref: MessageRef) -> Message | None:
        await self._ready()
        return await self._reader.fetch(ref)

    async def history(self, place: Place, after: str | None, since: datetime | None = None) -> AsyncIterator[Message]:
        await self._ready()
        if after is None and since is not None:
            after = str(lowest_id(since))
        with self._noting_closed(place):
            async for message in self._reader.history(place, after):
                yield message

    def covers(self, thread: Place, after: str) -> bool:  # noqa: ARG002  # a thread is read by itself
        return False

    def name(self, member: Member) -> str:
        return self._people.name(member.community.id, member.id) or ""

    def link(self, ref: MessageRef) -> str | None:
        channel = ref.place.thread or ref.place.channel
        return f"https://discord.com/channels/{ref.place.community.id}/{channel}/{ref.id}"

    def ref(self, community: Community, link: str) -> MessageRef | None:
        match = _LINK.fullmatch(link.strip())
        if match is None or match["guild"] != community.id:
            return None
        guild = self._guilds.of(community)
        parent = guild.parent_of(match["channel"])
        place = Place(community, match["channel"]) if parent is None else Place(community, parent, match["channel"])
        return MessageRef(place, match["id"])

    async def direct(self, member: Member) -> Place:
        await self._ready()
        opened = await self.rest.do("POST", "/users/@me/channels", {"recipient_id": member.id})
        channel = str(opened["id"])
        self._homes.note(channel, member.community.id)
        return Place(member.community, channel)

    async def team(self, community: Community) -> Team:
        await self._ready()
        return self._guilds.of(community).team

    async def check(self, speak: Texts, community: Community | None = None) -> list[Finding]:
        return await self._checker.check(speak, community)

    async def close(self) -> None:
        self._closing.set()
        await self._ended.wait()
        await self.client.http.close()

    # connecting

    async def _connect(self) -> None:
        await self._reach(self._ready)
        identity = await self._identity.get()
        offered = await self._offer_commands()
        logins = Logins(identity.application, self._keeper, self._clock)
        await self._reach(logins.check)
        # Where the gateway is, and how many connections it wants.
        recommended = await self._reach(lambda: self.rest.ask_if_known("/gateway/bot", "/gateway")) or {}
        check_left(recommended.get("session_start_limit"))
        count = self._app.shard_count or int(recommended.get("shards") or 1)
        self._guilds.shards = count
        gateway = gateway_at(self._app.gateway_url, recommended.get("url"))
        shards = Shards(self.client, logins, self._keeper, self._clock, self._receiver.lost, gateway)
        beside = [asyncio.create_task(self._belonging.note())]
        if not offered:
            beside.append(asyncio.create_task(self._offer_commands_later()))
        try:
            await shards.run(identity.application, count)
        finally:
            for task in beside:
                task.cancel()

    async def _offer_commands(self) -> bool:
        """False when that is to be tried again; what was offered before stays meanwhile."""
        try:
            await self.sync()
        except ChatError as error:
            if isinstance(error, Unavailable | RateLimited) and not is_unknown(error):
                log.warning("commands not written yet", reason=error.reason)
                return False
            log.error("commands not written", reason=error.reason, why=str(error))  # noqa: TRY400  # a reason
        return True

    async def _offer_commands_later(self) -> None:
        offered = False
        while not offered:
            await self._clock.sleep_until(self._clock.now() + COMMANDS_RETRY)
            offered = await self._offer_commands()

    async def _reach(self, ask: Callable[[], Any]) -> Any:
        """Until Discord can be reached; what it refuses for good is raised."""
        while True:
            try:
                return await ask()
            except (Unavailable, RateLimited, StoreError) as error:
                if isinstance(error, Unavailable) and is_unknown(error):
                    raise
                wait = timedelta(seconds=error.retry_after) if isinstance(error, RateLimited) else RETRY
                log.warning("Discord cannot be reached yet", error=type(error).__name__, why=str(error))
                await self._clock.sleep_until(self._clock.now() + wait)

    async def _ready(self) -> None:
        identity = await self._identity.get()
        self._guilds.me = self._guilds.me or identity.me
        self._guilds.application = identity.application

    @contextmanager
    def _noting_closed(self, place: Place) -> Iterator[None]:
        """A channel that was closed to us is looked at again when permissions change."""
        try:
            yield
        except Forbidden:
            if place.thread is None:
                self._guilds.of(place.community).closed.add(place.channel)
            raise

    # what happens

    def _told(self, event: Event) -> Awaitable[Reply | None]:
        if self._handle is None:
            raise RuntimeError("nobody listens to Discord")
        return self._handle(event)

    async def _tell(self, event: Event) -> None:
        reply = await self._told(event)
        if isinstance(event, Addressed) and isinstance(reply, Private):
            await self._answer(event, reply.post)

    async def _answer(self, event: Addressed, post: Post) -> None:
        """In private to whoever spoke to us; what cannot be said is nobody's loss but theirs."""
        key = f"addressed/{event.member.id}/{event.at.isoformat()}"
        try:
            place = event.place if event.private else await self.direct(event.member)
            try:
                await self._sender.post(place, post, key)
            except Unavailable as error:
                if not choked(error) or await self._sender.find(place, key, event.at) is not None:
                    raise
                await self._sender.post(place, post, key)
        except (Forbidden, Gone) as error:
            log.info("nobody to answer in private", reason=error.reason)
        except ChatError as error:
            log.warning("not answered", reason=error.reason)

    async def _team_changed(self, community: Community) -> None:
        if self._handle is not None:
            await self._handle(TeamChanged(community))
