"""Processes of the whole bot on a platform on loopback, to be killed: `python -m tests.faults.lives`.

Reads a line of JSON for each life, forks it, and answers with its number and process id, later with how it ended.
Forking from here spares each life two seconds of imports. A life is composed as `bot.wiring.service` does it, out of a
configuration file and the environment, whatever the platform; but with the time that it is told (see `clocks`); and,
since APScheduler knows the machine's time only, with an alarm on that.
"""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, NoReturn, cast

import adapters.discord.chat  # noqa: F401  # once for all lives
from adapters.slack.chat import Patience, SlackChat
from adapters.web.site import Probes, Site
from bot.alarm import HEARTBEAT, Alarm
from bot.app import Bot
from bot.clock import SimulatedClock
from bot.config import load
from bot.delivery import Deliverer
from bot.errors import VigieError
from bot.health import Health
from bot.keeping import StoreKeeper
from bot.logs import configure
from bot.model import Community
from bot.patience import within
from bot.ports import Chat, Store, Transaction
from bot.runner import Runner
from bot.schedule import Schedule
from bot.shelf import Shelf
from bot.wiring.platforms import chats_of, names_of
from storage.store import open_store
from tests.faults.clocks import FollowingClock

SHELF = Shelf()
"""The shipped tips, read and indexed once for all lives."""

HURRIED = Patience(ping=0.5, silence=5, give_up=15, retry=0.05, closing=1, letters=0.1)
"""Real seconds, which are up to eighty of the story."""


@dataclass(frozen=True)
class Birth:
    """What a process is given. It kills itself at its `statement`-th step of the database, 0 for never."""

    number: int
    file: str
    environ: dict[str, str]
    clock: str
    log: str
    statement: int = 0

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


class Stepping:
    """A store of which every transaction, and each thing asked of one, is a step; `held` while a transaction goes on.

    `step` is called before and after each: so a process dies between any two, and just before a commit or after it.
    """

    def __init__(self, store: Store, step: Callable[[], None]) -> None:
        self.held = 0
        self._store = store
        self._step = step

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        self.held += 1
        try:
            async with self._store.begin() as tx:
                yield cast("Transaction", _Steps(tx, self._step))
                self._step()
            self._step()
        finally:
            self.held -= 1

    async def close(self) -> None:
        await self._store.close()


class _Steps:
    def __init__(self, tx: Transaction, step: Callable[[], None]) -> None:
        self._tx = tx
        self._step = step

    def __getattr__(self, name: str) -> Any:
        async def asked(*arguments: Any, **more: Any) -> Any:
            self._step()
            found = await getattr(self._tx, name)(*arguments, **more)
            self._step()
            return found

        return asked


class Bell(Alarm):
    """An alarm on the time of the story."""

    def __init__(self, wake: Callable[[], Awaitable[None]], clock: SimulatedClock) -> None:
        super().__init__(wake)
        self._clock = clock
        self._ringing: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._ringing = asyncio.create_task(self._ring_on(), name="bell")

    async def stop(self) -> None:
        if self._ringing is not None:
            self._ringing.cancel()
            await asyncio.gather(self._ringing, return_exceptions=True)

    def set_schedules(self, schedules: Iterable[Schedule]) -> None:
        """Their instants come with `wake_at`."""

    def wake_at(self, instant: datetime | None) -> None:
        if instant != self._due:
            self._due = instant
            self._rung.set()

    async def _ring_on(self) -> None:
        while True:
            with suppress(VigieError):
                await self._wake()
            now = self._clock.now()
            until = now + HEARTBEAT if self._due is None or self._due <= now else min(self._due, now + HEARTBEAT)
            self._rung.clear()
            with suppress(TimeoutError):
                await within(self._clock, until - now, self._rung.wait())


async def live(birth: Birth) -> None:
    """As `vigie run`, until told to stop."""
    config = load(Path(birth.file), birth.environ)
    configure(config.log.format.value, config.log.level.value)
    clock, owner = FollowingClock(Path(birth.clock), birth.number), f"life-{birth.number}"
    store = Stepping(open_store(config.database.url.get_secret_value()), dying_at(birth.statement))

    async def known() -> list[Community]:
        async with store.begin() as tx:
            return await tx.known()

    names = names_of(config)
    chats = chats_of(config, names, StoreKeeper(store, clock, owner), clock, known)
    hurry(*chats.by_platform.values())
    bot = Bot(store, chats.by_platform, clock, config.settings, SHELF, names)
    health = Health(bot, chats.by_platform)
    deliverer = Deliverer(store, bot.chats, clock, bot.voice, owner=owner, observe=health.attempted)
    runner = Runner(bot, deliverer, chats.by_platform, observe=health.heard, retention=config.database.retention)
    runner._alarm = Bell(runner._wake, clock)
    site = Site(config.http.host, config.http.port, Probes(health.problems, health.metrics), chats.routes)
    if config.http.port:
        await site.start()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, runner.stop)
    following = asyncio.create_task(clock.follow(lambda: store.held > 0), name="clock")
    try:
        await runner.run()
    finally:
        following.cancel()
        await site.stop()
        await store.close()


def hurry(*chats: Chat) -> None:
    """What of an adapter goes by the real time has to keep up with the story's."""
    for chat in chats:
        if isinstance(chat, SlackChat):
            chat._holding._patience = HURRIED
            chat._holding._inbox._every = HURRIED.letters


def dying_at(statement: int) -> Callable[[], None]:
    """What is called at each step; with that one the process is gone."""
    steps = count(1)

    def step() -> None:
        if next(steps) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def give_life(birth: Birth, selector: selectors.BaseSelector) -> int:
    """Fork it. The pipe that it holds closes when it is dead, however it died."""
    lives, lived = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(lives)
        log = os.open(birth.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
        os.dup2(log, sys.stdout.fileno())
        os.dup2(log, sys.stderr.fileno())
        _live_and_exit(birth)
    os.close(lived)
    selector.register(lives, selectors.EVENT_READ, (birth.number, child))
    return child


def _live_and_exit(birth: Birth) -> NoReturn:
    try:
        asyncio.run(live(birth))
    except BaseException:  # noqa: BLE001 (whatever it is: this process must not go on as its parent)
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def midwife() -> None:
    """Until nobody asks for lives any more; those that are left end then."""
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin.fileno(), selectors.EVENT_READ, None)
    asked = b""
    while True:
        for key, _ in selector.select():
            if key.data is not None:
                _bury(*key.data)
                selector.unregister(key.fd)
                os.close(key.fd)
                continue
            more = os.read(sys.stdin.fileno(), 65536)
            if not more:
                for _, child in filter(None, (left.data for left in selector.get_map().values())):
                    os.kill(child, signal.SIGKILL)
                return
            *lines, asked = (asked + more).split(b"\n")
            for line in lines:
                birth = Birth(**json.loads(line))
                _tell(number=birth.number, pid=give_life(birth, selector))


def _bury(number: int, child: int) -> None:
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    _tell(number=number, killed=killed, code=os.waitstatus_to_exitcode(status))


def _tell(**about: Any) -> None:
    print(json.dumps(about), flush=True)  # noqa: T201 (this is how it answers)


if __name__ == "__main__":
    midwife()
