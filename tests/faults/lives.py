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
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import Engine, Pool, event

from adapters.slack.chat import SlackApp, SlackChat
from bot.alarm import HEARTBEAT
from bot.app import Bot, Names
from bot.clock import SimulatedClock
from bot.delivery import Deliverer
from bot.errors import VigieError
from bot.keeping import StoreKeeper
from bot.patience import within
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


class Bell:
    """An alarm as `bot.alarm.Alarm`, on the time of the story."""

    def __init__(self, wake: Callable[[], Awaitable[None]], clock: SimulatedClock) -> None:
        self._wake = wake
        self._clock = clock
        self._due: datetime | None = None
        self._rung = asyncio.Event()
        self._ringing: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._ringing = asyncio.create_task(self._ring(), name="bell")

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

    async def _ring(self) -> None:
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
    clock, held = FollowingClock(Path(birth.clock), birth.number), connections_held()
    owner = f"life-{birth.number}"
    store = open_store(birth.url)
    app = SlackApp(mode="socket", api_url=birth.api_url, bot_tokens=(birth.bot_token,), app_token=birth.app_token)
    chat = SlackChat(app, lambda _: SHORT, Names(), StoreKeeper(store, clock, owner), clock, QUICK)
    bot = Bot(store, {SLACK: chat}, clock, lambda _: SHORT, SHELF)
    deliverer = Deliverer(store, bot.chats, clock, bot.voice, owner=owner)
    runner = Runner(bot, deliverer, bot.chats)
    runner._alarm = Bell(runner._wake, clock)  # type: ignore[assignment]  # nothing else in it knows the real time
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, runner.stop)
    following = asyncio.create_task(clock.follow(lambda: bool(held)), name="clock")
    try:
        await runner.run()
    finally:
        following.cancel()
        await store.close()


def connections_held() -> set[int]:
    """Those with which something is being done at the moment."""
    held: set[int] = set()
    event.listen(Pool, "checkout", lambda _dbapi, record, _proxy: held.add(id(record)))
    event.listen(Pool, "checkin", lambda _dbapi, record: held.discard(id(record)))
    return held


def dies_at(statement: int) -> None:
    """Before, after and between statements, before a commit and after it: each is a step; this one is the last."""
    steps = count(1)

    def step(*_: Any, **__: Any) -> None:
        if next(steps) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    for target, moment in ((Engine, "before_cursor_execute"), (Engine, "after_cursor_execute"), (Engine, "commit")):
        event.listen(target, moment, step)
    event.listen(Pool, "checkin", step)


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
        if birth.statement:
            dies_at(birth.statement)
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
