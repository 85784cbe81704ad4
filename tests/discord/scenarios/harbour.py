"""A small guild to tell stories about: its people, its channels, its settings, and the whole bot that looks after it.

The adapter, the core, the deliverer and the store are the real ones; Discord is the one on loopback. Staff are Tess and
Tim, Lea leads them; Ada and Bob are outside. Office hours are nine to six in UTC, and every story begins on a Monday at
nine. Time moves only when told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from copy import copy
from datetime import datetime, time, timedelta
from typing import Any

from adapters.discord.chat import DiscordApp, DiscordChat
from adapters.discord.guilds import DISCORD
from bot.app import Bot, Names
from bot.delivery import Deliverer
from bot.model import Community, Decision, Delivery, DeliveryState, Mention, MessageRef, Place
from bot.ports import Keeper, Store
from bot.settings import MentionSettings, Mode, Settings, TeamSettings, TipSettings
from bot.shelf import Shelf
from tests.discord.connecting import FakeKeeper
from tests.discord.wire.permissions import Json, Permission
from tests.discord.wire.server import WireDiscord
from tests.fakes import FakeClock

SHELF = Shelf()
"""The shipped tips, read and indexed once for all stories."""

LOOK = 0.05
"""Seconds between two looks at whether something has come about; while we look, a second of the story passes."""

PATIENCE = 400
"""Looks. Nothing takes so many."""


class Harbour:
    """`settings` may be changed before `start`. What only was in memory is gone after `die`."""

    def __init__(self, wire: WireDiscord, clock: FakeClock, store: Store, keeper: Keeper | None = None) -> None:
        self.wire = wire
        self.clock = clock
        self.store = store
        self.keeper = keeper or FakeKeeper()
        self.token = wire.token
        self.shards: int | None = None
        self.api_url: str | None = None
        self.town = wire.town("Harbour")
        self.support, self.quiet = self.town.channel("support"), self.town.channel("quiet")
        self.forum = self.town.forum("questions")
        self.mods, self.team_room = self.town.channel("moderators"), self.town.channel("team")
        self.staff = self.town.role("Staff", Permission.MANAGE_MESSAGES)
        self.duty = self.town.role("On duty", mentionable=True)
        self.tess, self.tim = self.town.person("Tess", self.staff), self.town.person("Tim", self.staff)
        self.lea = self.town.person("Lea", self.staff)
        self.ada, self.bob = self.town.person("Ada"), self.town.person("Bob")
        self.community = Community(DISCORD, self.town.id)
        self.settings = self.decided()
        self._listening: asyncio.Task[None] | None = None

    def decided(self, **changes: Any) -> Settings:
        """What this guild decided, unless a story says otherwise."""
        team = TeamSettings(roles=frozenset({self.staff}), admins=(self.lea.id,), lead=self.lea.id, on_duty=self.duty)
        watch = {self.support: Mode.QUESTIONS, self.quiet: Mode.QUESTIONS, self.forum: Mode.EVERYTHING}
        usual: dict[str, Any] = {"team": team, "mentions": MentionSettings(channel=self.mods, watch=watch)}
        return Settings(**{**usual, **changes})

    def with_tips(self) -> Settings:
        """As usual, and a tip in the team's channel at ten."""
        return self.decided(tips=TipSettings(channel=self.team_room, at=time(10)))

    def twin(self, keeper: Keeper) -> Harbour:
        """Another process that looks after the same guild, with the same store; not started."""
        twin = copy(self)
        twin.keeper = keeper
        twin._listening = None
        return twin

    # the machine

    def build(self) -> None:
        """A process that is not connected yet."""
        app = DiscordApp(self.token, self.shards, self.api_url)
        self.chat = DiscordChat(
            app,
            lambda _: self.settings,
            Names(),
            self.keeper,
            self.clock,
            connector=None if self.api_url else self.wire.connector(),
            known=self.known,
        )
        chats = {DISCORD: self.chat}
        self.bot = Bot(self.store, chats, self.clock, lambda _: self.settings, SHELF)
        self.deliverer = Deliverer(self.store, chats, self.clock, self.bot.voice, owner="harbour")

    async def start(self) -> None:
        """A process that is connected and knows all that was said."""
        self.listen()
        await self.until(self.is_current)

    def listen(self) -> asyncio.Task[None]:
        """As `start`, without waiting: the task ends when the chat gives up."""
        assert self._listening is None, "one process at a time"
        self.build()
        self._listening = asyncio.create_task(self.chat.run(self.bot.handle))
        return self._listening

    async def die(self) -> None:
        """Everything that was only in memory is gone."""
        if self._listening is None:
            return
        self._listening.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self._listening
        self._listening = None
        await self.chat.close()

    async def restart(self) -> None:
        await self.die()
        await self.start()

    def is_current(self) -> bool:
        """Whether the guild is connected and nothing is left to be read."""
        watch = self.bot.watches.get(self.community)
        return watch is not None and watch.along.connected and not watch.along.behind

    async def settle(self) -> None:
        """Do what is due at this instant."""
        await self.bot.tick()
        await self.deliverer.deliver_due([self.community])

    async def wait(self, minutes: float) -> None:
        """Let time pass; what falls due meanwhile happens at its own instant."""
        await self.wait_until(self.clock.now() + timedelta(minutes=minutes))

    async def wait_until(self, instant: datetime) -> None:
        await self.settle()
        while (due := await self.bot.next_due()) is not None and due <= instant:
            await self.clock.advance(due - self.clock.now())
            await self.settle()
        if instant > self.clock.now():
            await self.clock.advance(instant - self.clock.now())

    async def through(self, work: Coroutine[Any, Any, None]) -> None:
        """Until `work` is done, while time passes for whoever waits for it."""
        task = asyncio.ensure_future(work)
        await self.until(task.done)
        await task

    async def until(self, true: Callable[[], object] | Callable[[], Awaitable[object]]) -> None:
        """Return once `true()` is. Meanwhile time passes slowly, so that whoever waits for it goes on.

        Raises:
            AssertionError: it never was.
            ChatError: the chat gave up.
        """
        for _ in range(PATIENCE):
            found = true()
            if await found if isinstance(found, Awaitable) else found:
                return
            if self._listening is not None and self._listening.done():
                self._listening.result()
            await asyncio.sleep(LOOK)
            await self.clock.advance(1)
        raise AssertionError("it never came about")

    # what came of it

    async def mention(self, message: str, channel: str | None = None, thread: str | None = None) -> Mention | None:
        """The mention to which a message belongs."""
        place = Place(self.community, channel or self.support, thread)
        async with self.store.begin() as tx:
            return await tx.mention_of(MessageRef(place, message))

    async def the_mention(self, message: str, channel: str | None = None) -> Mention:
        found = await self.mention(message, channel)
        assert found is not None, "no mention"
        return found

    async def opened(self, message: str, channel: str | None = None) -> Mention:
        """Wait until the bot took a message for a mention."""
        await self.until(lambda: self.mention(message, channel))
        return await self.the_mention(message, channel)

    async def closed(self, message: str, channel: str | None = None) -> Mention:
        """Wait until nobody waits there any more."""

        async def over() -> bool:
            return not (await self.the_mention(message, channel)).state.waits

        await self.until(over)
        return await self.the_mention(message, channel)

    async def decisions(self, message: str, channel: str | None = None) -> list[Decision]:
        mention = await self.the_mention(message, channel)
        async with self.store.begin() as tx:
            return await tx.decisions(mention.id)

    async def waiting(self) -> list[Mention]:
        async with self.store.begin() as tx:
            return await tx.waiting(self.community)

    async def known(self) -> list[Community]:
        """The communities that the store holds anything about."""
        async with self.store.begin() as tx:
            return await tx.known()

    async def deliveries(self) -> list[Delivery]:
        """Oldest first."""
        async with self.store.begin() as tx:
            return (await tx.deliveries(self.community, 1000))[::-1]

    async def sent(self) -> list[str]:
        """The keys of what was said and recorded so, looks left out."""
        return [each.key for each in await self.deliveries() if each.state is DeliveryState.SENT and each.sent_ref]

    async def disabled(self) -> dict[str, str]:
        async with self.store.begin() as tx:
            return await tx.disabled(self.community)

    def said_in(self, channel: str) -> list[Json]:
        """What the bot said in a channel, as it looks now, oldest first."""
        return [
            message
            for message in self.wire.world.messages.get(channel, {}).values()
            if message["author"]["id"] == self.wire.world.me["id"]
        ]
