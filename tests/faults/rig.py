"""The kill rig: stories in which the bot is killed again and again, told by a seed and held against the checker.

Slack lives here, the bot in processes of its own. Time is the story's: it creeps while Slack is asked something and
runs while nothing happens, so that a lease of a minute lapses within a second.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from adapters.slack.manifest import BOT_EVENTS, BOT_SCOPES
from tests.fakes import MONDAY
from tests.faults.checker import Agreed, Asked, History, Span, Wrong, check
from tests.faults.clocks import Face
from tests.faults.lives import Birth
from tests.faults.town import AGREED, uttered
from tests.slack.scenarios.living import SUPPORT, populate
from tests.slack.server.faults import BROKEN, BROKEN_THOUGH_ACCEPTED, DROPPED, REFUSED, Fault, Faults, ratelimited
from tests.slack.server.model import Json
from tests.slack.server.slack import Slack

TICK = 0.01
CREEP, RUN = timedelta(seconds=0.08), timedelta(seconds=0.8)
"""Of the story, for each `TICK` of real seconds: while Slack is busy, and while nothing happens."""

AHEAD = timedelta(seconds=1)
"""How far the time may be ahead of what each process has seen of it."""

BUSY = 12
"""Ticks for which something that happened counts as going on."""

TALK = timedelta(seconds=170)
"""How long people talk; the bot is killed for as long as there are deaths left."""

RECOVERY = timedelta(seconds=60)
"""A death may hold things up for so long: the lease of a connection, or of a delivery that was being sent."""

FAULTS: tuple[Fault, ...] = (DROPPED, REFUSED, BROKEN, BROKEN_THOUGH_ACCEPTED, ratelimited(1), ratelimited(60))

PRELUDE = timedelta(seconds=60)
"""Before anybody talks the bot is connected once: of what was said before it ever watched it promises nothing."""

DIES_WITHIN = 1.5
"""Real seconds after which a process is killed that has not reached the step at which it was to die."""


class Fatal(Faults):
    """The script of what goes wrong; and, when armed, the call during which the caller is killed."""

    def __init__(self) -> None:
        super().__init__()
        self._method, self._left, self._accepted = "", 0, False
        self._kill: Callable[[], None] = lambda: None

    def arm(self, method: str, number: int, kill: Callable[[], None], *, accepted: bool) -> None:
        """At the `number`-th call of this method, before Slack took it or after."""
        self._method, self._left, self._kill, self._accepted = method, number, kill, accepted

    def disarm(self) -> None:
        self._left = 0

    def take(self, method: str, args: Json) -> Fault | None:
        if self._left and self._method in (method, "*"):
            self._left -= 1
            if not self._left:
                self._kill()
                return Fault(accepted=self._accepted, dropped=True)
        return super().take(method, args)


@dataclass
class Life:
    """A process. `ended`: whether it was killed, once it has ended; anything else is a surprise, see `code`."""

    number: int
    pid: int = 0
    code: int = 0
    born: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def kill(self) -> None:
        if self.pid and not self.ended.is_set():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    async def end(self) -> None:
        self.kill()
        await self.ended.wait()


class Midwife:
    """The process that gives lives, shared by all stories."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lives: dict[int, Life] = {}

    @property
    def next(self) -> int:
        """The number of the next one to be born."""
        return len(self._lives) + 1

    async def birth(self, **about: object) -> Life:
        life = Life(self.next)
        self._lives[life.number] = life
        assert self._process.stdin is not None
        self._process.stdin.write(Birth(number=life.number, **about).line())  # type: ignore[arg-type]
        await life.born.wait()
        return life

    async def listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            life = self._lives[told["number"]]
            if "pid" in told:
                life.pid = told["pid"]
                life.born.set()
            else:
                life.code = told["code"]
                life.ended.set()


@asynccontextmanager
async def midwife() -> AsyncIterator[Midwife]:
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.lives",
        cwd=root,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    helper = Midwife(process)
    listening = asyncio.create_task(helper.listen())
    try:
        yield helper
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening


@dataclass
class Told:
    """What came of a story."""

    seed: int
    wrong: list[Wrong]
    kills: int = 0
    faults: int = 0
    messages: int = 0
    asked: int = 0
    surprises: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        return not self.wrong and not self.surprises


class Story:
    """One seed: who asks and answers when, what Slack does to calls, and how each process dies."""

    def __init__(self, seed: int, url: str, folder: Path, helper: Midwife, *, deaths: int = 5, copies: int = 1) -> None:
        self.told = Told(seed, [])
        self._random = Random(seed)
        self._url = url
        self._folder = folder
        self._helper = helper
        self._deaths = deaths
        self._copies = copies
        self._face = Face.made(folder / "clock", MONDAY - PRELUDE)
        self._log = folder / "log"
        self._asked: dict[str, Asked] = {}
        self._trouble: list[Span] = []
        self._plans: list[tuple[datetime, Callable[[], Awaitable[None]]]] = []
        self._lives: list[Life] = []
        self._going = asyncio.Event()

    async def tell(self, agreed: Agreed = AGREED) -> Told:
        async with Slack(self._face.now) as slack:
            slack.app.subscribed = frozenset(BOT_EVENTS)
            slack.faults = self._fatal = Fatal()
            slack.telling.retry_delays = (0.05, 0.3, 1.0)
            self._slack, self._town = slack, slack.workspace("acme", scopes=frozenset(BOT_SCOPES))
            populate(self._town)
            self._plan()
            flowing = asyncio.create_task(self._flow(), name="time")
            try:
                await self._begin()
                await self._live_and_die()
                self._fatal.lift()
                calm = max(self._face.now(), MONDAY + TALK) + RECOVERY + agreed.late + RECOVERY
                while self._face.now() < calm:
                    await asyncio.sleep(TICK)
                    if flowing.done():
                        flowing.result()
                    await self._replace_the_dead()
            finally:
                flowing.cancel()
                await asyncio.gather(flowing, return_exceptions=True)
                for life in self._lives:
                    await life.end()
            end = self._face.now()
            recorded = History(list(self._asked.values()), uttered(slack.journal), end, self._trouble)
            self.told.wrong = check(recorded, agreed)
            self.told.messages = len(recorded.said)
            self.told.asked = len(self._asked)
        return self.told

    # people

    def _plan(self) -> None:
        for number in range(6):
            at = MONDAY + TALK * self._random.uniform(0.02, 0.9)
            self._plans.append((at, self._question(number, self._random.random() < 0.5)))
        self._plans.sort(key=lambda plan: plan[0])

    def _question(self, number: int, answered: bool) -> Callable[[], Awaitable[None]]:
        support = self._town.workspace.channels[SUPPORT]
        marker = f"Q{number}x"
        after = timedelta(seconds=self._random.uniform(1, 160))
        by_mark, again = self._random.random() < 0.3, self._random.random() < 0.3

        async def ask() -> None:
            self._asked[marker] = Asked(marker, self._face.now())
            said = await self._town.person(f"asker{number}").says(support, f"How do I reset my password {marker}?")
            if again and self._slack.journal.told:
                await self._slack.telling.redeliver(self._slack.journal.told[-1], reason="timeout")

            async def answer() -> None:
                self._asked[marker] = Asked(marker, self._asked[marker].at, self._face.now())
                tess = self._town.person("tess")
                if by_mark:
                    await tess.reacts(support, said)
                else:
                    await tess.says(support, "Like this", thread=said)

            if answered:
                self._plans.append((self._face.now() + after, answer))

        return ask

    # time

    async def _flow(self) -> None:
        state, quiet = 0, 0
        await self._going.wait()
        while True:
            await asyncio.sleep(TICK)
            journal = self._slack.journal
            seen = len(journal.calls) + sum(told.acknowledgements + len(told.attempts) for told in journal.told)
            quiet = quiet + 1 if seen == state else 0
            state = seen
            now = self._face.now()
            if any(now - self._face.seen_by(life.number) > AHEAD for life in self._alive()):
                continue  # on a busy machine time waits for the slowest
            self._face.set(now + (RUN if quiet > BUSY else CREEP))
            for plan in [plan for plan in self._plans if plan[0] <= self._face.now()]:
                self._plans.remove(plan)
                await plan[1]()

    # death

    async def _birth(self, statement: int = 0) -> Life:
        self._face.see(self._helper.next, self._face.now())
        life = await self._helper.birth(
            url=self._url,
            api_url=self._slack.api_url,
            bot_token=self._town.token,
            app_token=self._slack.app.app_token,
            clock=str(self._folder / "clock"),
            log=str(self._log),
            statement=statement,
        )
        self._lives.append(life)
        return life

    async def _begin(self) -> None:
        for _ in range(self._copies):
            await self._birth()
        await self._slack.sockets.connected(patience=60)
        self._going.set()
        while self._face.now() < MONDAY:  # noqa: ASYNC110 (time flows in small steps and tells nobody)
            await asyncio.sleep(TICK)
        if self._copies == 1:
            victim = self._lives[0]
            await victim.end()
            self._died(victim)

    async def _live_and_die(self) -> None:
        while self.told.kills < self._deaths:
            self._fault()
            victim = await self._victim()
            within = self._random.uniform(0.1, 1.5) if self._by_time else DIES_WITHIN
            with suppress(TimeoutError):
                await asyncio.wait_for(victim.ended.wait(), within)
            await victim.end()
            self._fatal.disarm()
            self._died(victim)
            await self._replace_the_dead()
        for _ in range(self._copies - len(self._alive())):
            await self._birth()

    async def _victim(self) -> Life:
        """A new process that dies in a way of its own; among several, whoever happens to be there may be the one."""
        self._by_time = False
        way = self._random.choice(("time", "statement", "call", "say", "say"))
        if way == "statement":
            return await self._birth(self._random.randint(1, 160))
        life = await self._birth()
        if self._copies > 1:
            life = self._random.choice(self._alive())
        if way == "time" or self._copies > 1:
            self._by_time = True
        else:
            method, most = ("*", 25) if way == "call" else ("chat.postMessage", 3)
            number, accepted = self._random.randint(1, most), self._random.random() < 0.6
            self._fatal.arm(method, number, life.kill, accepted=accepted)
        return life

    def _alive(self) -> list[Life]:
        return [life for life in self._lives if not life.ended.is_set()]

    def _died(self, life: Life) -> None:
        self.told.kills += 1
        now = self._face.now()
        self._trouble.append(Span(now, now + RECOVERY))
        self._surprise(life)

    def _surprise(self, life: Life) -> None:
        if life.code != -signal.SIGKILL:
            self.told.surprises.append(f"process {life.number} ended by itself with {life.code}, see {self._log}")

    async def _replace_the_dead(self) -> None:
        """What ended without being told is started again, as a service manager does it; and it is told."""
        expected = self._copies - 1 if self.told.kills < self._deaths else self._copies
        for life in [life for life in self._lives if life.ended.is_set()]:
            self._lives.remove(life)
            if life.code != -signal.SIGKILL:
                self._surprise(life)
        while len(self._alive()) < expected:
            await self._birth()

    def _fault(self) -> None:
        if self._random.random() < 0.4:
            self.told.faults += 1
            self._fatal.next("chat.postMessage", self._random.choice(FAULTS))


async def tell(stories: Sequence[Story], together: int) -> list[Told]:
    """So many at the same time: most of a story is waiting."""
    turns = asyncio.Semaphore(together)

    async def one(story: Story) -> Told:
        async with turns:
            return await story.tell()

    return await asyncio.gather(*(one(story) for story in stories))
