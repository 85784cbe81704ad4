"""The adapter connected to the Discord on loopback, and a core that remembers what it was told."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar

from adapters.discord.chat import DiscordApp, DiscordChat
from adapters.discord.guilds import DISCORD
from bot.app import Names
from bot.errors import StoreUnavailable
from bot.events import Event, Reply
from bot.model import Community, Letter
from bot.settings import MentionSettings, Mode, Settings, TeamSettings, TipSettings
from tests.discord.wire.server import WireDiscord

E = TypeVar("E", bound=Event)


class Held:
    def __init__(self) -> None:
        self.lost = asyncio.Event()


class FakeKeeper:
    """A keeper in memory, shared by whatever chats are given it. `down`: nothing can be counted."""

    def __init__(self) -> None:
        self.held: dict[str, Held] = {}
        self.notes: defaultdict[str, list[datetime]] = defaultdict(list)
        self.down = False
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[Held]:
        async with self._locks[name]:
            held = self.held[name] = Held()
            try:
                yield held
            finally:
                self.held.pop(name, None)

    async def note(self, name: str, at: datetime) -> None:
        self.notes[name].append(at)

    async def count(self, name: str, since: datetime) -> int:
        if self.down:
            raise StoreUnavailable("the store is down")
        return sum(1 for at in self.notes[name] if at >= since)

    async def once(self, name: str, ttl: timedelta) -> bool:
        raise AssertionError("Discord signs no requests to us")

    async def put(self, letter: Letter) -> None:
        raise AssertionError("Discord tells the holder of a shard alone")

    async def letters(self, box: str) -> list[Letter]:
        raise AssertionError("Discord tells the holder of a shard alone")

    async def drop(self, letter: Letter) -> None:
        raise AssertionError("Discord tells the holder of a shard alone")


class HastyClock:
    """The machine's time, in which nobody waits: whoever sleeps wakes at once, and `slept` tells for how long."""

    def __init__(self) -> None:
        self.slept: list[timedelta] = []

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, instant: datetime) -> None:
        wait = instant - self.now()
        if wait > timedelta(0):
            self.slept.append(wait)
        await asyncio.sleep(0)


class PatientClock(HastyClock):
    """As hasty, except that what takes a few seconds, such as a button's answer, is not over before `ring`."""

    def __init__(self) -> None:
        super().__init__()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Whoever waits has waited long enough, now and from now on."""
        self._rung.set()

    async def sleep_until(self, instant: datetime) -> None:
        if timedelta(seconds=1) < instant - self.now() < timedelta(seconds=3):
            await self._rung.wait()
        else:
            await super().sleep_until(instant)


@dataclass
class Core:
    """Remembers events; `answers` says what is replied to which kind, `fails` how often each kind is refused first."""

    answers: dict[type, Callable[[Any], Reply | None]] = field(default_factory=dict)
    fails: Counter[type] = field(default_factory=Counter)
    events: list[Event] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def handle(self, event: Event) -> Reply | None:
        if self.fails[type(event)]:
            self.fails[type(event)] -= 1
            raise StoreUnavailable("the store is down")
        self.events.append(event)
        if self.gate is not None and type(event) in self.answers:
            await self.gate.wait()
        answer = self.answers.get(type(event))
        return answer(event) if answer else None

    def told(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


def watching(*channels: str, roles: tuple[str, ...] = (), members: tuple[str, ...] = (), **more: Any) -> Settings:
    """Settings that watch these channels."""
    return Settings(
        team=TeamSettings(roles=frozenset(roles), members=frozenset(members), on_duty=more.get("on_duty")),
        tips=TipSettings(channel=more.get("tips")),
        mentions=MentionSettings(
            channel=more.get("mentions"), watch=MappingProxyType(dict.fromkeys(channels, Mode.EVERYTHING))
        ),
        language=more.get("language", "en"),
    )


def community(guild: str) -> Community:
    return Community(DISCORD, guild)


@dataclass
class House:
    """One process with the adapter. `settings` may be changed before it starts."""

    wire: WireDiscord
    settings: Settings = field(default_factory=Settings)
    keeper: FakeKeeper = field(default_factory=FakeKeeper)
    clock: Any = field(default_factory=HastyClock)
    core: Core = field(default_factory=Core)
    shards: int | None = None
    token: str | None = None

    def __post_init__(self) -> None:
        self.chat = self._chat()
        self._task: asyncio.Task[None] | None = None

    def _chat(self) -> DiscordChat:
        app = DiscordApp(self.token or self.wire.token, self.shards)
        return DiscordChat(
            app, lambda _: self.settings, Names(), self.keeper, self.clock, connector=self.wire.connector()
        )

    def start(self) -> asyncio.Task[None]:
        self._task = asyncio.create_task(self.chat.run(self.core.handle))
        return self._task

    async def until(self, true: Callable[[], object]) -> None:
        """Return once `true()` is, or raise what ended the chat."""
        await self.wire.until(lambda: true() or (self._task is not None and self._task.done()))
        if not true():
            assert self._task is not None
            self._task.result()
            raise AssertionError("the chat ended")

    async def restart(self) -> None:
        await self.stop()
        self.chat = self._chat()
        self.start()

    async def stop(self) -> None:
        await self.chat.close()
        if self._task is not None:
            with suppress(Exception):
                await self._task


@asynccontextmanager
async def living(wire: WireDiscord, **what: Any) -> AsyncIterator[House]:
    house = House(wire, **what)
    try:
        yield house
    finally:
        await house.stop()
