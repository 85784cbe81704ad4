"""The real bot on the real adapter, living in a Slack on loopback: real sockets, real bolt, a clock that is told.

The team is Tess, Tim and Lea, who leads it; Adam administers; Ada, Bob and Cleo are outside. Office hours are nine to
six in UTC, and every story begins on a Monday at nine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Literal

from aiohttp import web

from adapters.slack.chat import Patience, SlackApp, SlackChat
from adapters.slack.manifest import BOT_EVENTS, BOT_SCOPES
from bot.app import Bot, Names
from bot.clock import SystemClock
from bot.delivery import Deliverer
from bot.errors import StoreUnavailable
from bot.events import Connected, Event, Reply
from bot.keeping import StoreKeeper
from bot.model import Community, Decision, Delivery, Mention, MessageRef, Place, Platform
from bot.ports import Clock, Store
from bot.settings import MentionSettings, Mode, Settings, TeamSettings, TipSettings
from bot.shelf import Shelf
from tests.fakes import FakeClock
from tests.slack.server.journal import Accepted, Told
from tests.slack.server.model import Channel, Json, Said
from tests.slack.server.person import Person
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town
from tests.slack.server.waiting import PATIENCE, until

SLACK = Platform("slack")
AppMode = Literal["socket", "http"]
SHELF = Shelf()
"""The shipped tips, read and indexed once for all stories."""

QUICK = Patience(ping=0.5, silence=5, give_up=15, retry=0.05, closing=1)
"""Real seconds: what takes minutes in production takes none of a test's time that matters."""

STAFF, DUTY = "S0STAFF", "S0DUTY"
SUPPORT, HELP, FORUM, MODS, TIPS = "C0SUPPORT", "C0HELP", "C0FORUM", "C0MODS", "C0TEAM"
TIPS_AT_TEN = TipSettings(channel=TIPS, at=time(10))


def settings(**changes: Any) -> Settings:
    """What this community decided, unless a story says otherwise."""
    usual: dict[str, Any] = {
        "team": TeamSettings(
            members=frozenset({"U0LEA"}), roles=frozenset({STAFF}), admins=("U0ADAM",), lead="U0LEA", on_duty=DUTY
        ),
        "mentions": MentionSettings(
            channel=MODS, watch={SUPPORT: Mode.QUESTIONS, HELP: Mode.PINGS, FORUM: Mode.EVERYTHING}
        ),
    }
    return Settings(**{**usual, **changes})


def populate(town: Town) -> None:
    """The people and channels of the stories."""
    for name in ("tess", "tim", "lea", "adam", "ada", "bob", "cleo"):
        town.person(name)
    everybody = ("tess", "tim", "lea", "ada", "bob", "cleo")
    for name in ("support", "help", "forum"):
        town.channel(name, *everybody)
    for name in ("mods", "team"):
        town.channel(name, "tess", "tim", "lea", "adam")
    town.group("staff", "tess", "tim")
    town.group("duty", "tim")


class Life:
    """A Slack with a workspace in it, and one process of the bot after the other.

    `tokens` are those of all workspaces unless given. `heard` is what the core was told, `connections` how often it
    has caught up after a connect. The next `failures` events meet a database that is down.
    """

    def __init__(self, slack: Slack, town: Town, store: Store, clock: FakeClock, mode: AppMode = "socket") -> None:
        self.slack = slack
        # As Slack does when an acknowledgement got lost with a connection; later than any that is only slow.
        slack.telling.retry_delays = slack.telling.retry_delays or (5.0, 5.0, 5.0)
        self.town = town
        self.towns = [town]
        self.store = store
        self.clock = clock
        self.mode = mode
        self.address = ""
        self.settings: Callable[[Community], Settings] = lambda _community: decided
        self.heard: list[Event] = []
        self.tokens: tuple[str, ...] = ()
        self.lease_clock: Clock = SystemClock()
        self.connections = 0
        self.failures = 0
        self.raised: BaseException | None = None
        self._running: asyncio.Task[None] | None = None
        self._site: web.AppRunner | None = None
        decided = settings()

    # the process

    def app(self) -> SlackApp:
        return app_of(self.slack, self.mode, *(self.tokens or [town.token for town in self.towns]))

    def _build(self) -> None:
        keeper = StoreKeeper(self.store, self.lease_clock, "life")
        decided = lambda community: self.settings(community)  # noqa: E731  # a story may change its settings
        self.chat = SlackChat(self.app(), decided, Names(), keeper, self.clock, QUICK)
        chats = {SLACK: self.chat}
        self.bot = Bot(self.store, chats, self.clock, lambda community: self.settings(community), SHELF)
        self.deliverer = Deliverer(self.store, chats, self.clock, self.bot.voice, owner="life")

    async def stands_by(self) -> None:
        """A new process that waits for another one's lease."""
        self._build()
        if self.mode == "http":
            await self._serve()
        self._running = asyncio.create_task(self._run(), name="slack")

    async def starts(self) -> None:
        """A new process, connected and caught up."""
        before = self.connections
        await self.stands_by()
        await until(lambda: self.connections >= before + len(self.towns) or self.raised, "the first connection")
        if self.mode == "socket" and self.raised is None:
            await self.slack.sockets.connected()

    async def dies(self) -> None:
        """The process ends, and what was only in memory is gone."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None
        await self.chat.close()
        if self._site is not None:
            await self._site.cleanup()
            self._site = None

    async def restarts(self) -> None:
        await self.dies()
        await self.starts()

    async def _run(self) -> None:
        try:
            await self.chat.run(self._handle)
        except Exception as error:  # noqa: BLE001  # for the test to look at
            self.raised = error

    async def _handle(self, event: Event) -> Reply | None:
        self.heard.append(event)
        if self.failures and not isinstance(event, Connected):
            self.failures -= 1
            raise StoreUnavailable("the database is down")
        reply = await self.bot.handle(event)
        self.connections += isinstance(event, Connected)
        return reply

    async def _serve(self) -> None:
        site = web.Application()
        site.add_routes(self.chat.routes())
        self._site = web.AppRunner(site, shutdown_timeout=0.1)
        await self._site.setup()
        await web.TCPSite(self._site, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._site.addresses[0][1]}/slack/events"
        self.slack.telling.events_url = self.address

    # time

    async def settle(self) -> None:
        """Take in what was told, then do what is due at this instant."""
        await self.slack.quiet()
        await self.bot.tick()
        await self.deliverer.deliver_due(self.communities)
        await self.slack.quiet()

    async def wait(self, length: timedelta | float) -> None:
        """Let time pass (a number is of minutes); what falls due meanwhile happens at its own instant."""
        await self.wait_until(
            self.clock.now() + (length if isinstance(length, timedelta) else timedelta(minutes=length))
        )

    async def wait_until(self, instant: datetime) -> None:
        await self.settle()
        while (due := await self.bot.next_due()) is not None and due <= instant:
            await self.clock.advance(due - self.clock.now())
            await self.settle()
        await self.clock.advance(instant - self.clock.now())

    async def time_passes(self, length: timedelta | float) -> None:
        """Time goes by while the bot does nothing: it is dead, or Slack is."""
        await self.clock.advance(length if isinstance(length, timedelta) else timedelta(minutes=length))

    # what there is

    @property
    def communities(self) -> list[Community]:
        return [self.community_of(town) for town in self.towns]

    @staticmethod
    def community_of(town: Town) -> Community:
        enterprise = town.workspace.enterprise
        return Community(SLACK, f"{enterprise}:{town.id}" if enterprise else town.id)

    @property
    def community(self) -> Community:
        return self.community_of(self.town)

    def person(self, name: str) -> Person:
        return self.town.person(name)

    def channel(self, id_: str) -> Channel:
        return self.town.workspace.channels[id_]

    def watches(self, *channels: str, members: frozenset[str] = frozenset({"U0LEA"})) -> None:
        """From the next start on these channels are watched too, and these members are the team besides its groups."""
        decided = settings()
        watch = {**decided.mentions.watch, **dict.fromkeys(channels, Mode.QUESTIONS)}
        changed = replace(
            decided, mentions=replace(decided.mentions, watch=watch), team=replace(decided.team, members=members)
        )
        self.settings = lambda _community: changed

    async def asks(self, name: str = "ada", text: str = "How do I reset my password?", where: str = SUPPORT) -> Said:
        """Somebody outside asks, and the bot has heard it."""
        said = await self.person(name).says(self.channel(where), text)
        await self.slack.quiet()
        return said

    # what came of it

    def count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.heard)

    def heard_of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.heard if isinstance(event, kind)]

    def said_in(self, channel: str) -> list[Accepted]:
        """What the bot said there for all to see, oldest first; edits do not count."""
        return self.slack.journal.said_in(channel)

    def look(self, accepted: Accepted) -> Said:
        """How one of the bot's messages looks now."""
        return self.town.shown(self.channel(accepted.channel), accepted.ts)

    async def mention(self, said: Said, channel: str = SUPPORT) -> Mention | None:
        async with self.store.begin() as tx:
            return await tx.mention_of(MessageRef(Place(self.community, channel), said.ts))

    async def the_mention(self, said: Said, channel: str = SUPPORT) -> Mention:
        found = await self.mention(said, channel)
        assert found is not None, f"no mention of {said.text!r}"
        return found

    async def as_it_is(self, mention: Mention) -> Mention:
        """A mention as it is now, even when its message is gone."""
        async with self.store.begin() as tx:
            found = await tx.mention(mention.id)
        assert found is not None
        return found

    async def state(self, said: Said, channel: str = SUPPORT) -> str:
        found = await self.mention(said, channel)
        return str(found.state) if found else "none"

    async def until_state(self, said: Said, state: str, channel: str = SUPPORT) -> None:
        """A form or button is acknowledged before it is dealt with: wait until it was."""
        async with asyncio.timeout(PATIENCE):
            while await self.state(said, channel) != state:  # noqa: ASYNC110  # nothing tells when
                await asyncio.sleep(0.005)

    async def decisions(self, said: Said, channel: str = SUPPORT) -> list[Decision]:
        mention = await self.the_mention(said, channel)
        async with self.store.begin() as tx:
            return await tx.decisions(mention.id)

    async def waiting(self) -> list[Mention]:
        async with self.store.begin() as tx:
            return await tx.waiting(self.community)

    async def deliveries(self) -> list[Delivery]:
        async with self.store.begin() as tx:
            return (await tx.deliveries(self.community, 10_000))[::-1]

    async def answer_to(self, told: Told, number: int = 1) -> Json:
        """What came through the response_url, once it came."""
        await until(lambda: len(told.responses) >= number, f"an answer to {told.name}")
        return told.responses[number - 1]

    async def nudged(self, said: Said, channel: str = SUPPORT) -> Accepted:
        """Let half an hour pass; the nudge about this message."""
        mention = await self.the_mention(said, channel)
        await self.wait(31)
        keys = {accepted.key: accepted for accepted in self.said_in(MODS)}
        assert f"nudge/{mention.id}/0" in keys, list(keys)
        return keys[f"nudge/{mention.id}/0"]


def app_of(slack: Slack, mode: AppMode = "socket", *tokens: str) -> SlackApp:
    """The configuration of an app on this Slack."""
    return SlackApp(
        mode=mode,
        api_url=slack.api_url,
        bot_tokens=tokens,
        app_token=slack.app.app_token if mode == "socket" else "",
        signing_secret=slack.app.signing_secret if mode == "http" else "",
    )


@asynccontextmanager
async def living(store: Store, mode: AppMode = "socket", clock: FakeClock | None = None) -> AsyncIterator[Life]:
    """A life that has begun: the bot runs and is connected."""
    clock = clock or FakeClock()
    async with Slack(clock.now) as slack:
        slack.app.subscribed = frozenset(BOT_EVENTS)
        town = slack.workspace("acme", scopes=frozenset(BOT_SCOPES))
        populate(town)
        life = Life(slack, town, store, clock, mode)
        await life.starts()
        try:
            yield life
        finally:
            await life.dies()
