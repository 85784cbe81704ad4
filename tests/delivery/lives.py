"""Processes that deliver and are killed: `python -m tests.delivery.lives`, driven by `test_delivery_kill_nine`.

Reads a line of JSON for each life, forks it, kills it with SIGKILL when it has reached its fatal step, and answers
with a line: `killed` or `lived`. Forking from here spares each life a second of imports.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bot.delivery import Deliverer
from storage.store import open_store
from tests.delivery.stepping import Life, SteppingStore
from tests.delivery.world import A_WHILE, World
from tests.fakes import COMMUNITY, DROPPED, FAKE, MONDAY, FakeChat, FakeClock, FileJournal

DATABASE = "vigie.db"
JOURNAL = "journal"


@dataclass(frozen=True)
class Fate:
    """`number`: of the life, counted from 0. `fatal`: the step it does not survive, 0 for none.

    `runs_on`: for so many seconds after that step it goes on, and is killed in the midst of something; without, it
    waits at that very step.
    """

    directory: str
    number: int
    fatal: int
    runs_on: float | None = None


def world_in(directory: Path, number: int) -> World:
    """The same database and the same platform in each life, later by a while than the one before."""
    world = World(FakeClock(MONDAY + number * 3 * A_WHILE), open_store(f"sqlite:///{directory / DATABASE}"))
    world.chat = FakeChat(world.clock, FileJournal(directory / JOURNAL))
    if number == 0:
        world.chat.script("post", DROPPED)
        world.chat.script("edit", DROPPED)
    return world


async def live(fate: Fate, fatal_step_reached: int) -> None:
    """Deliver until nothing is left."""

    steps = count(1)

    def on_step(_: int, what: str) -> None:
        # Between the end of one query and the next thing done nothing happens that would outlive us.
        matters = not what.endswith("done") or what.split(":")[0] in ("commit", "post", "edit")
        if matters and next(steps) == fate.fatal:
            os.write(fatal_step_reached, b".")
            while fate.runs_on is None:
                signal.pause()

    world = world_in(Path(fate.directory), fate.number)
    life = Life(on_step)
    world.chat.step = life.step
    store = SteppingStore(world.store, life.step)
    deliverer = Deliverer(store, {FAKE: world.chat}, world.clock, world.composer, owner=f"life-{fate.number}")
    for _ in range(12):
        await deliverer.deliver_due([COMMUNITY])
        if not await world.left():
            break
        await world.clock.advance(A_WHILE)
    await world.store.close()


def give_life(fate: Fate) -> str:
    reached, reaches = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        os.close(reached)
        asyncio.run(live(fate, reaches))
        os._exit(0)
    os.close(reaches)
    killed = bool(os.read(reached, 1))
    os.close(reached)
    if killed:
        time.sleep(fate.runs_on or 0)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if killed and os.WIFSIGNALED(status):
        return "killed"
    return "lived" if status == 0 else f"died by itself: {status}"


if __name__ == "__main__":
    for line in sys.stdin:
        print(give_life(Fate(**json.loads(line))), flush=True)  # noqa: T201 (this is how it answers)
