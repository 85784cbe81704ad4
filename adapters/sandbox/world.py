"""One run of the sandbox, until somebody begins anew: the scene, its chat, its time and the bot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from adapters.sandbox import render
from adapters.sandbox.asking import MALFORMED, Refused
from adapters.sandbox.chat import SandboxChat
from adapters.sandbox.clock import Happening, Timeline, destination
from adapters.sandbox.completion import command_views
from adapters.sandbox.labels import labels
from adapters.sandbox.panel import read_panel
from adapters.sandbox.people import People, Shows, Whisper
from adapters.sandbox.protocol import WINDOW, ClockView, Hello, MessageView, Panel, PrivateView, ReplayView, Request
from adapters.sandbox.scene import Scene
from adapters.sandbox.transcript import Entry
from bot.app import Bot
from bot.backtest import instant
from bot.clock import SimulatedClock
from bot.commands import COMMANDS
from bot.events import Event
from bot.model import Community, Place
from bot.post import Form, Post
from bot.settings import Settings
from bot.simulation import Simulation
from bot.texts import texts

SLOWEST, FASTEST = 1, 86_400
"""Simulated seconds per second that a page may ask for: a day goes by in one at most."""

Compose = Callable[[SandboxChat, SimulatedClock, Callable[[Community], Settings]], Awaitable[tuple[Bot, Simulation]]]
"""The real bot on that chat and clock, with a store in which nothing is known of the community yet."""

Publish = Callable[[Mapping[str, object]], None]


@dataclass(frozen=True, slots=True)
class Replay:
    """A history to play back: `events` begins it anew each time, `speed` is simulated seconds per second."""

    name: str
    events: Callable[[], Iterator[Event]]
    first: datetime
    last: datetime
    speed: float


@dataclass(frozen=True, slots=True)
class Staging:
    """What every run has in common. `address` is the page's, `real` counts real seconds."""

    scene: Scene
    compose: Compose
    address: str
    real: Callable[[], float]
    running: bool = True
    replay: Replay | None = None


class World:
    """Made by `begin`. Whatever changes is told to `publish` as it happens."""

    bot: Bot
    people: People
    timeline: Timeline

    def __init__(self, staging: Staging, language: str, publish: Publish) -> None:
        self.speak = texts(language)
        self.scene = scene = staging.scene
        self.settings = replace(scene.settings, language=language)
        self.clock = SimulatedClock(scene.start)
        self.chat = SandboxChat(scene, self.clock, staging.address, self._message)
        self._staging = staging
        self._publish = publish
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def begin(cls, staging: Staging, language: str, publish: Publish) -> World:
        """A run whose bot is connected and listens. Raises what the store raises."""
        world = cls(staging, language, publish)
        world.bot, simulation = await staging.compose(world.chat, world.clock, lambda _: world.settings)
        shows = Shows(world._message, world._deleted, world._whisper, world._form)
        names = {world.bot.names.of(command): command for command in COMMANDS}
        world.people = People(world.scene, world.chat, world.clock, shows, names)
        world.people.locale = language
        replay = staging.replay
        world.timeline = Timeline(
            world.clock,
            simulation,
            world._happenings(),
            staging.real,
            running=staging.running,
            speed=replay.speed if replay else 1,
        )
        world._listening = asyncio.create_task(world.chat.run(world.bot.handle), name="sandbox chat")
        connected = asyncio.create_task(world.chat.connected.wait())
        await asyncio.wait({connected, world._listening}, return_when=asyncio.FIRST_COMPLETED)
        if not connected.done():
            connected.cancel()
            await world._listening
        await world.timeline.settle()
        return world

    async def close(self) -> None:
        """The bot hears nothing more, and whoever waits for the clock is woken."""
        await self.chat.close()
        self.timeline.run_at(running=False)
        if self._listening is not None:
            await self._listening

    async def switch(self, language: str) -> None:
        """What is said from now on is said in that language."""
        self.speak = texts(language)
        self.people.locale = language
        self.settings = replace(self.settings, language=language)
        watch = await self.bot.watch(self.scene.community)
        watch.settings = self.settings
        await watch.refresh_team()

    async def move(self, asked: Request) -> None:
        """Move the clock on, stop it or let it go on."""
        if "move" in asked:
            to = destination(asked["move"], self.clock.now(), self.settings.zone)
            if to is None:
                raise Refused(MALFORMED)
            await self.timeline.move_to(to)
        elif "running" in asked:
            self.timeline.run_at(running=asked["running"])
        else:
            raise Refused(MALFORMED)

    def play(self, asked: Request) -> None:
        """Play a history, or pause it, or do so faster or slower."""
        if self._staging.replay is None:
            raise Refused(MALFORMED)
        speed = asked.get("speed")
        within = None if speed is None else min(max(speed, SLOWEST), FASTEST)
        self.timeline.run_at(running=asked.get("playing"), speed=within)

    def _happenings(self) -> Iterator[Happening]:
        for event in self._staging.replay.events() if self._staging.replay else ():
            at = instant(event)
            if at is not None:
                yield at, partial(self.people.hear, event)

    # what the pages see

    def hello(self, panel: Panel, session: str, seq: int) -> Hello:
        """Everything that a page shows."""
        window = {channel: self.chat.transcript.latest(channel, WINDOW) for channel in self.scene.channels}
        language, scene, speak = self.speak.language, self.scene, self.speak
        hello: Hello = {
            "type": "hello",
            "session": session,
            "seq": seq,
            "language": language,
            "texts": labels(speak),
            "people": [render.person_view(member, scene, language) for member in scene.people.values()],
            "channels": render.channel_views(scene, speak),
            "commands": command_views(self.bot, speak),
            "messages": [self._view(entry) for entries, _ in window.values() for entry in entries],
            "older": {channel: older for channel, (_, older) in window.items()},
            "clock": self.clock_view(),
            "panel": panel,
            "roles": sorted(scene.roles),
            "privates": self._privates(),
        }
        if (replay := self.replay_view()) is not None:
            hello["replay"] = replay
        return hello

    def older(self, asked: Request) -> tuple[list[MessageView], bool]:
        """The messages before one that the page knows, and whether there are older ones still."""
        channel = asked["channel"]
        if channel not in self.scene.channels:
            raise Refused(MALFORMED)
        before = asked["before"].rpartition("/")[2]
        entries, older = self.chat.transcript.latest(channel, WINDOW, before)
        return [self._view(entry) for entry in entries], older

    def clock_view(self) -> ClockView:
        running, speed = self.timeline.running, self.timeline.speed
        return render.clock_view(self.clock.now(), self.settings, self.speak, running=running, speed=speed)

    def replay_view(self) -> ReplayView | None:
        replay = self._staging.replay
        if replay is None:
            return None
        length = (replay.last - replay.first).total_seconds()
        passed = (self.clock.now() - replay.first).total_seconds()
        done = 1.0 if self.timeline.over or not length else min(max(passed / length, 0.0), 1.0)
        playing = self.timeline.running and not self.timeline.over
        return {"name": replay.name, "playing": playing, "speed": self.timeline.speed, "done": round(done, 3)}

    async def panel(self) -> Panel:
        """What the bot is thinking. Raises what the store raises."""
        return await read_panel(self.bot.store, self.scene, self.settings, self.clock.now(), self.speak)

    def _privates(self) -> list[PrivateView]:
        direct = [entry for person in self.scene.people for entry in self.chat.transcript.latest(f"@{person}", 20)[0]]
        said = [self._private(e.name, e.ref.place, e.message.at, e.post) for e in direct if e.post]
        said += [self._private(w.id, w.place, w.at, w.post, w.person) for w in self.people.whispers.values()]
        return sorted(said, key=lambda private: private["at"])

    def _private(self, id_: str, place: Place, at: datetime, post: Post, person: str | None = None) -> PrivateView:
        return {
            "private_id": id_,
            "person": person or place.channel.removeprefix("@"),
            "channel": place.channel,
            "private": render.post_view(post, lambda ping: render.ping_name(ping, self.scene)),
            "at": at.isoformat(),
            "local": render.short_time(at, self.settings.zone, self.speak),
        }

    def _view(self, entry: Entry) -> MessageView:
        return render.message_view(entry, self.scene, self.speak)

    def _message(self, entry: Entry) -> None:
        place = entry.ref.place
        if place.channel in self.scene.channels:
            self._publish({"kind": "message", "message": self._view(entry)})
            if entry.post is not None and place.thread is not None:
                self._show_root(place)
        elif entry.post is not None:
            self._publish({"kind": "private", **self._private(entry.name, place, entry.message.at, entry.post)})

    def _show_root(self, place: Place) -> None:
        root = self.chat.transcript.get(place.channel, place.thread or "")
        if root is not None:
            self._publish({"kind": "message", "message": self._view(root)})

    def _deleted(self, entry: Entry) -> None:
        self._publish({"kind": "deleted", "deleted": entry.name, "channel": entry.ref.place.channel})

    def _whisper(self, whisper: Whisper) -> None:
        private = self._private(whisper.id, whisper.place, whisper.at, whisper.post, whisper.person)
        self._publish({"kind": "private", **private})

    def _form(self, person: str, place: Place, form: Form) -> None:
        self._publish({"kind": "form", "person": person, "channel": place.channel, "form": render.form_view(form)})
