"""The process that gives lives, seen from the rig, and the lives that it gave."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.lives import Birth


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

    async def birth(self, birth: Birth) -> Life:
        """`birth` has the number that is `next`."""
        life = Life(birth.number)
        self._lives[life.number] = life
        assert self._process.stdin is not None
        self._process.stdin.write(birth.line())
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
