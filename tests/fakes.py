"""Fakes of our own ports: a clock that moves when told, and a platform that remembers all that it accepted."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Protocol, TypeVar

from bot.errors import ChatError, Gone, Sent, Unavailable
from bot.events import Event, Reply
from bot.model import Community, Finding, Member, Message, MessageRef, Place, Platform, Team
from bot.ports import Capabilities, Handler
from bot.post import Post
from bot.texts import Texts

T = TypeVar("T")

FAKE = Platform("fake")
COMMUNITY = Community(FAKE, "C1")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def give_way(what: str = "") -> None:
    """A real suspension: other tasks run, and a cancellation arrives here."""
    await asyncio.sleep(0)


class FakeClock:
    """Stands still until told. Whoever sleeps is woken in the order of the instants slept for."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self._now = now
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = count()

    def now(self) -> datetime:
        return self._now

    async def sleep_until(self, instant: datetime) -> None:
        if instant <= self._now:
            await give_way()
            return
        woken = asyncio.get_running_loop().create_future()
        heappush(self._sleepers, (instant, next(self._count), woken))
        await woken

    async def advance(self, by: timedelta | float) -> None:
        """Move on by a duration, or by seconds, halting at each instant slept for until everything rests again."""
        until = self._now + (by if isinstance(by, timedelta) else timedelta(seconds=by))
        await at_rest()
        while (instant := self._next()) is not None and instant <= until:
            await self._wake(instant)
        self._now = until
        await at_rest()

    async def through(self, work: Awaitable[T]) -> T:
        """The result of `work`; whenever everything rests, time moves on to the next instant slept for.

        Raises:
            AssertionError: it waits for something other than the clock.
        """
        task = asyncio.ensure_future(work)
        await at_rest()
        while not task.done():
            instant = self._next()
            assert instant is not None, "waits for ever"
            await self._wake(instant)
        return await task

    def _next(self) -> datetime | None:
        while self._sleepers and self._sleepers[0][2].done():
            heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    async def _wake(self, instant: datetime) -> None:
        self._now = max(self._now, instant)
        heappop(self._sleepers)[2].set_result(None)
        await at_rest()


async def at_rest() -> None:
    """Return when every other task waits for something.

    Raises:
        AssertionError: some task never does.
    """
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # nothing public tells
    for _ in range(100_000):
        await asyncio.sleep(0)
        if not ready:
            return
    raise AssertionError("something is busy for ever")


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the platform took: a message with its key or, without one, the new look of a message."""

    at: datetime
    ref: MessageRef
    post: Post
    key: str | None


class Journal(Protocol):
    """Where a platform keeps what it accepted."""

    def add(self, accepted: Accepted) -> None: ...
    def read(self) -> Sequence[Accepted]: ...


class MemoryJournal:
    def __init__(self) -> None:
        self._entries: list[Accepted] = []

    def add(self, accepted: Accepted) -> None:
        self._entries.append(accepted)

    def read(self) -> Sequence[Accepted]:
        return self._entries


class FileJournal:
    """A line per acceptance, on disk before the call goes on: what it holds survives a process that is killed.

    Of a post it keeps the title.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, accepted: Accepted) -> None:
        place = accepted.ref.place
        line = json.dumps(
            [
                accepted.at.isoformat(),
                [str(place.community), place.channel, place.thread, accepted.ref.id],
                accepted.post.title,
                accepted.key,
            ]
        )
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, f"{line}\n".encode())
            os.fsync(file)
        finally:
            os.close(file)

    def read(self) -> Sequence[Accepted]:
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        return [self._parse(line) for line in lines]

    @staticmethod
    def _parse(line: str) -> Accepted:
        at, (community, channel, thread, id_), title, key = json.loads(line)
        ref = MessageRef(Place(Community.parse(community), channel, thread), id_)
        return Accepted(datetime.fromisoformat(at), ref, Post(title=title), key)


@dataclass(frozen=True, slots=True)
class Fault:
    """What becomes of one call: `error` is raised, or without one it hangs until it is cancelled.

    `lands`: so many seconds after the call it takes effect all the same; None: it never does.
    """

    error: Exception | None
    lands: float | None = None


DROPPED = Fault(Unavailable("the response was lost", sent=Sent.MAYBE), lands=0)
LOST = Fault(Unavailable("the request was lost", sent=Sent.MAYBE))
REFUSED = Fault(Unavailable("no connection", sent=Sent.NO))
HANGS = Fault(None)
HANGS_THOUGH_ACCEPTED = Fault(None, lands=0)


def late(seconds: float) -> Fault:
    """The call fails at once and takes effect after so many seconds."""
    return Fault(Unavailable("timed out", sent=Sent.MAYBE), lands=seconds)


@dataclass
class FakeChat:
    """A platform in memory, or in a file: `FakeChat(clock, FileJournal(path))`.

    `script` says what goes wrong next, `closed` what is refused for good, by channel or `str(community)`. Ids are
    counted from `m1`. `names` are those that it knows without asking. The platform's own clock, which dates what it
    accepts, is `behind` ours. Every call gives way through `step`, which is told what is being done, before and after
    it takes effect.
    """

    clock: FakeClock
    journal: Journal = field(default_factory=MemoryJournal)
    platform: Platform = FAKE
    capabilities: Capabilities = field(default_factory=Capabilities)
    closed: dict[str, ChatError] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    teams: dict[Community, Team] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    behind: timedelta = timedelta(0)
    step: Callable[[str], Awaitable[None]] = give_way

    def __post_init__(self) -> None:
        self._script: list[tuple[str, str | None, Fault | None]] = []
        self._deleted: set[tuple[str, str, str]] = set()
        self._handler: asyncio.Future[Handler] | None = None
        self._closing = asyncio.Event()

    # what a test asks and decides

    def script(self, call: str, *faults: Fault | None, channel: str | None = None) -> None:
        """What becomes of the next calls of that name, in that channel or in any; None: it goes well."""
        self._script += [(call, channel, fault) for fault in faults]

    def unscript(self) -> None:
        """Whatever was still to become of calls does not: they go well."""
        self._script.clear()

    def accepted(self) -> list[Accepted]:
        """The messages that are out by now, oldest first."""
        return [entry for entry in self.journal.read() if entry.key is not None and entry.at <= self.clock.now()]

    def keys(self) -> list[str]:
        """The keys of the messages that are out by now, oldest first."""
        return [entry.key for entry in sorted(self.accepted(), key=lambda entry: entry.at) if entry.key]

    def edits(self) -> list[Accepted]:
        """The edits that took effect by now."""
        return [entry for entry in self.journal.read() if entry.key is None and entry.at <= self.clock.now()]

    def look(self, ref: MessageRef) -> Post | None:
        """How a message looks now; None when it is not there."""
        looks = [entry for entry in self.journal.read() if entry.ref.key == ref.key and entry.at <= self.clock.now()]
        return max(looks, key=lambda entry: entry.at).post if looks and ref.key not in self._deleted else None

    def delete(self, ref: MessageRef) -> None:
        """Somebody removes a message."""
        self._deleted.add(ref.key)

    async def tell(self, event: Event) -> Reply | None:
        """Something happens in the chat; what the handler given to `run` answers."""
        handle = await self._handled()
        return await handle(event)

    # the port

    async def run(self, handle: Handler) -> None:
        self._handled().set_result(handle)
        await self._closing.wait()

    async def post(self, place: Place, post: Post, key: str) -> MessageRef:
        ref = MessageRef(place, f"m{len(self.journal.read()) + 1}")
        await self._call("post", place, lambda at: self.journal.add(Accepted(at, ref, post, key)))
        return ref

    async def edit(self, ref: MessageRef, post: Post) -> None:
        if self.look(ref) is None:
            raise Gone("no such message", reason="message_not_found")
        await self._call("edit", ref.place, lambda at: self.journal.add(Accepted(at, ref, post, None)))

    async def find(self, place: Place, key: str, since: datetime) -> MessageRef | None:
        await self._call("find", place)
        for entry in self.accepted():
            if entry.key == key and entry.ref.place == place and entry.at - self.behind >= since:
                return entry.ref
        return None

    async def fetch(self, ref: MessageRef) -> Message | None:
        await self._call("fetch", ref.place)
        found = [message for message in self.messages if message.ref.key == ref.key]
        return found[-1] if found and ref.key not in self._deleted else None

    async def history(self, place: Place, after: str | None, since: datetime | None = None) -> AsyncIterator[Message]:
        await self._call("history", place)
        there = [message for message in self.messages if message.ref.place == place]
        ids = [message.ref.id for message in there]
        for message in there[ids.index(after) + 1 if after in ids else 0 :]:
            if message.ref.key not in self._deleted and (since is None or message.at >= since):
                yield message

    def covers(self, thread: Place, after: str) -> bool:  # a thread is read by itself
        return False

    def name(self, member: Member) -> str:
        return self.names.get(member.id, "")

    def link(self, ref: MessageRef) -> str | None:
        return f"https://chat.example/{ref.place.community.id}/{ref.place.channel}/{ref.id}"

    def ref(self, community: Community, link: str) -> MessageRef | None:
        *start, owner, channel, id_ = ["", "", *link.split("/")]
        if start != ["", "", "https:", "", "chat.example"] or owner != community.id:
            return None
        return MessageRef(Place(community, channel), id_)

    async def direct(self, member: Member) -> Place:
        place = Place(member.community, f"D-{member.id}")
        await self._call("direct", place)
        return place

    async def team(self, community: Community) -> Team:
        await self._call("team", Place(community, ""))
        return self.teams.get(community, Team(me="vigie"))

    async def check(self, speak: Texts, community: Community | None = None) -> list[Finding]:
        return self.findings

    async def close(self) -> None:
        self._closing.set()

    async def _call(self, name: str, place: Place, take_effect: Callable[[datetime], None] = lambda at: None) -> None:
        await self.step(f"{name}: asked")
        self.calls.append(name)
        error = self.closed.get(place.channel) or self.closed.get(str(place.community))
        fault = Fault(error) if error else self._next_fault(name, place.channel)
        if fault is None:
            take_effect(self.clock.now())
        elif fault.lands is not None:
            take_effect(self.clock.now() + timedelta(seconds=fault.lands))
        await self.step(f"{name}: done")
        if fault is not None:
            if fault.error is None:
                await asyncio.Event().wait()
            else:
                # Scripted once, raised often: without the traceback of the time before.
                raise fault.error.with_traceback(None)

    def _next_fault(self, name: str, channel: str) -> Fault | None:
        for index, (call, where, fault) in enumerate(self._script):
            if call == name and where in (None, channel):
                del self._script[index]
                return fault
        return None

    def _handled(self) -> asyncio.Future[Handler]:
        if self._handler is None:
            self._handler = asyncio.get_running_loop().create_future()
        return self._handler
