"""The kill rig: stories in which the bot is killed again and again, told by a seed and held against the checker.

The platform lives here, the bot in processes of its own. Time is the story's: it creeps while the platform is asked
something and runs while nothing happens, so that a lease of a minute lapses within a second.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from tests.fakes import MONDAY
from tests.faults.checker import Asked, History, Span, Wrong, check
from tests.faults.clocks import Face
from tests.faults.lives import Birth
from tests.faults.midwife import Life, Midwife
from tests.faults.on_discord import OnDiscord
from tests.faults.on_slack import OnSlack, OnSlackOverHttp
from tests.faults.stage import ANY, Stage

STAGES: Mapping[str, Callable[[Callable[[], datetime]], Stage]] = {
    "slack": OnSlack,
    "slack-http": OnSlackOverHttp,
    "discord": OnDiscord,
}
"""By the names under which the command line knows them: each is told whose time it is."""

TICK = 0.01
CREEP, RUN = timedelta(seconds=0.08), timedelta(seconds=0.8)
"""Of the story, for each `TICK` of real seconds: while the platform is busy, and while nothing happens."""

AHEAD = timedelta(seconds=1)
"""How far the time may be ahead of what each process has seen of it."""

BUSY = 12
"""Ticks for which something that happened counts as going on."""

TALK = timedelta(seconds=170)
"""How long people talk; the bot is killed for as long as there are deaths left."""

RECOVERY = timedelta(seconds=60)
"""A death may hold things up for so long: the lease of a connection, or of a delivery that was being sent."""

PRELUDE = timedelta(seconds=60)
"""Before anybody talks the bot is connected once: of what was said before it ever watched it promises nothing."""

DIES_WITHIN = 1.5
"""Real seconds after which a process is killed that has not reached the step at which it was to die."""


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
    """One seed: who asks and answers when, what the platform does to calls, and how each process dies."""

    def __init__(
        self,
        seed: int,
        url: str,
        folder: Path,
        helper: Midwife,
        *,
        platform: str = "slack",
        deaths: int = 5,
        copies: int = 1,
    ) -> None:
        self.told = Told(seed, [])
        self._random = Random(seed)
        self._url = url
        self._file = folder / "vigie.toml"
        self._clock = folder / "clock"
        self._helper = helper
        self._deaths = deaths
        self._copies = copies
        self._face = Face.made(self._clock, MONDAY - PRELUDE)
        self._stage = STAGES[platform](self._face.now)
        self._log = folder / "log"
        self._asked: dict[str, Asked] = {}
        self._trouble: list[Span] = []
        self._plans: list[tuple[datetime, Callable[[], Awaitable[None]]]] = []
        self._lives: list[Life] = []
        self._going = asyncio.Event()

    async def tell(self) -> Told:
        agreed = self._stage.town.agreed()
        async with self._stage as stage:
            self._file.write_text(stage.town.file() + stage.file())
            self._plan()
            flowing = asyncio.create_task(self._flow(), name="time")
            try:
                await self._begin()
                await self._live_and_die()
                stage.lift()
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
            recorded = History(list(self._asked.values()), stage.said(), end, self._trouble)
            self.told.wrong = check(recorded, agreed)
            self.told.surprises += stage.complaints()
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
        marker = f"Q{number}x"
        after = timedelta(seconds=self._random.uniform(1, 160))
        by_mark, again = self._random.random() < 0.3, self._random.random() < 0.3

        async def ask() -> None:
            self._asked[marker] = Asked(marker, self._face.now())
            said = await self._stage.asks(f"asker{number}", f"How do I reset my password {marker}?")
            if again:
                await self._stage.disturbs()

            async def answer() -> None:
                self._asked[marker] = Asked(marker, self._asked[marker].at, self._face.now())
                await self._stage.answers(said, by_mark=by_mark)

            if answered:
                self._plans.append((self._face.now() + after, answer))

        return ask

    # time

    async def _flow(self) -> None:
        state, quiet = 0, 0
        await self._going.wait()
        while True:
            await asyncio.sleep(TICK)
            seen = self._stage.activity()
            quiet = quiet + 1 if seen == state else 0
            state = seen
            now, alive = self._face.now(), self._alive()
            self._stage.lives([life.number for life in alive])
            if any(now - self._face.seen_by(life.number) > AHEAD for life in alive):
                continue  # on a busy machine time waits for the slowest
            self._face.set(now + (RUN if quiet > BUSY else CREEP))
            for plan in [plan for plan in self._plans if plan[0] <= self._face.now()]:
                self._plans.remove(plan)
                await plan[1]()

    # death

    async def _birth(self, statement: int = 0) -> Life:
        number = self._helper.next
        self._face.see(number, self._face.now())
        environ = {"VIGIE_DATABASE__URL": self._url, **self._stage.environ(number)}
        birth = Birth(number, str(self._file), environ, str(self._clock), str(self._log), statement)
        life = await self._helper.birth(birth)
        self._lives.append(life)
        return life

    async def _begin(self) -> None:
        for _ in range(self._copies):
            await self._birth()
        await self._stage.connected()
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
            self._stage.doom.disarm()
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
            method, most = (ANY, 25) if way == "call" else (self._stage.say, 3)
            number, accepted = self._random.randint(1, most), self._random.random() < 0.6
            self._stage.doom.arm(method, number, life.kill, accepted=accepted)
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
            self._stage.fails(self._random)


async def tell(stories: Sequence[Story], together: int) -> list[Told]:
    """So many at the same time: most of a story is waiting."""
    turns = asyncio.Semaphore(together)

    async def one(story: Story) -> Told:
        async with turns:
            return await story.tell()

    return await asyncio.gather(*(one(story) for story in stories))
