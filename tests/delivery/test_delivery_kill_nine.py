"""Real processes on a real database, killed with SIGKILL: each message is out exactly once."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import count
from pathlib import Path

import pytest

from bot.model import Delivery
from storage.schema import ensure
from storage.store import open_store
from tests.delivery.lives import DATABASE, Fate, world_in
from tests.delivery.world import World, delivery, look

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")

ROOT = Path(__file__).parents[2]
SHARDS = 4


class Nursery:
    """Where lives begin; see `tests.delivery.lives`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def live(self, fate: Fate) -> bool:
        """True when it was killed, false when it lived to the end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(asdict(fate))}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        assert answer in ("killed", "lived"), answer
        return answer == "killed"


@contextmanager
def running_nursery() -> Iterator[Nursery]:
    command = [sys.executable, "-m", "tests.delivery.lives"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with running_nursery() as nursery:
        yield nursery


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which a nudge and its edit are to be sent."""
    path = tmp_path_factory.mktemp("template") / DATABASE

    async def make() -> None:
        await ensure(f"sqlite:///{path}")
        world = World(store=open_store(f"sqlite:///{path}"))
        await world.add(delivery("nudge"), look("nudge"))
        await world.store.close()

    asyncio.run(make())
    return path


def start_over(template: Path, directory: Path) -> None:
    for old in directory.iterdir():
        old.unlink()
    shutil.copy(template, directory / DATABASE)


def add(directory: Path, *deliveries: Delivery) -> None:
    async def commit() -> None:
        world = world_in(directory, 0)
        await world.add(*deliveries)
        await world.store.close()

    asyncio.run(commit())


def assert_each_sent_once(directory: Path) -> None:
    async def look_at_it() -> None:
        world = world_in(directory, 1000)
        await world.assert_each_sent_once()
        await world.store.close()

    asyncio.run(look_at_it())


@pytest.mark.parametrize("shard", range(SHARDS))
def test_killed_at_every_step_each_message_is_out_exactly_once(
    shard: int, nursery: Nursery, template: Path, tmp_path: Path
) -> None:
    """Before every query, before and after every commit and call; then one more process finishes the work."""
    for fatal in count(1 + shard, SHARDS):
        start_over(template, tmp_path)
        killed = nursery.live(Fate(str(tmp_path), 0, fatal))
        if killed:
            assert not nursery.live(Fate(str(tmp_path), 1, 0))
        assert_each_sent_once(tmp_path)
        if not killed:
            break
    assert fatal > 40


@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_in_the_midst_of_anything(
    seed: int, nursery: Nursery, template: Path, tmp_path: Path
) -> None:
    """Life after life ends at a step drawn at random, or within milliseconds after it."""
    dice = random.Random(seed)
    start_over(template, tmp_path)
    add(tmp_path, delivery("lead", "@U1"), delivery("tip", "random"), delivery("next", after=1))
    for number in count():
        fatal = dice.randint(1, 25) if number < 20 else 0
        runs_on = dice.choice([None, dice.uniform(0, 0.003)])
        if not nursery.live(Fate(str(tmp_path), number, fatal, runs_on)):
            break
    assert_each_sent_once(tmp_path)
