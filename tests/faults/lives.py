"""Processes of the whole bot on a Slack on loopback, to be killed: `python -m tests.faults.lives`.

Reads a line of JSON for each life, forks it, and answers with its number and process id, later with how it ended.
Forking from here spares each life two seconds of imports. A life is composed as `bot.wiring.service` does it, but with
the time that it is told (see `clocks`); and, since APScheduler knows the machine's time only, with an alarm on that.
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

from adapters.slack.chat import SlackApp, SlackChat
from bot.alarm import HEARTBEAT, Alarm
from bot.app import Bot, Names
from bot.clock import SimulatedClock
from bot.delivery import Deliverer
from bot.errors import VigieError
from bot.keeping import StoreKeeper
from bot.patience import within
from bot.ports import Store, Transaction
from bot.runner import Runner
from bot.schedule import Schedule
from storage.store import open_store
from tests.faults.clocks import FollowingClock
from tests.faults.town import SHORT
from tests.slack.scenarios.living import QUICK, SHELF, SLACK


@dataclass(frozen=True)
class Birth:
    """What a process is given. It kills itself at its `statement`-th step of the database, 0 for never."""

    number: int
    url: str
    api_url: str
    bot_token: str
    app_token: str
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
    clock = FollowingClock(Path(birth.clock), birth.number)
    owner = f"life-{birth.number}"
    store = Stepping(open_store(birth.url), dying_at(birth.statement))
    app = SlackApp(mode="socket", api_url=birth.api_url, bot_tokens=(birth.bot_token,), app_token=birth.app_token)
    chat = SlackChat(app, lambda _: SHORT, Names(), StoreKeeper(store, clock, owner), clock, QUICK)
    bot = Bot(store, {SLACK: chat}, clock, lambda _: SHORT, SHELF)
    deliverer = Deliverer(store, bot.chats, clock, bot.voice, owner=owner)
    runner = Runner(bot, deliverer, bot.chats)
    runner._alarm = Bell(runner._wake, clock)  # nothing else in it knows the real time
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, runner.stop)
    following = asyncio.create_task(clock.follow(lambda: store.held > 0), name="clock")
    try:
        await runner.run()
    finally:
        following.cancel()
        await store.close()


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
