"""Dying at any moment: every await of store, platform and clock is a step, and a life ends at the step it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from types import TracebackType
from typing import Any, cast

from bot.ports import Clock, Store, Transaction

Step = Callable[[str], Awaitable[None]]


class Life:
    """Counts steps, each a real suspension. `on_step` is told the number and the name of each, and may end it.

    One that ended stops wherever it is and cleans nothing up; only `resume` makes it go on.
    """

    def __init__(self, on_step: Callable[[int, str], None]) -> None:
        self.steps = 0
        self._going = asyncio.Event()
        self._going.set()
        self._on_step = on_step

    def end(self) -> None:
        self._going.clear()

    def resume(self) -> None:
        self._going.set()

    async def step(self, what: str) -> None:
        if self._going.is_set():
            self.steps += 1
            self._on_step(self.steps, what)
        await self.going()
        await asyncio.sleep(0)

    async def going(self) -> None:
        await self._going.wait()


class LifeClock:
    """A clock that wakes only a life that goes on."""

    def __init__(self, clock: Clock, life: Life) -> None:
        self._clock = clock
        self._life = life

    def now(self) -> datetime:
        return self._clock.now()

    async def sleep_until(self, instant: datetime) -> None:
        await self._clock.sleep_until(instant)
        await self._life.going()


class SteppingStore:
    """A store with a step before and after all that it does: begin, each query, commit."""

    def __init__(self, store: Store, step: Step) -> None:
        self._store = store
        self._step = step

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        return _Block(self._store.begin(), self._step)

    async def close(self) -> None:
        await self._store.close()


class _Block:
    def __init__(self, block: AbstractAsyncContextManager[Transaction], step: Step) -> None:
        self._block = block
        self._step = step

    async def __aenter__(self) -> Transaction:
        await self._step("begin: asked")
        tx = await self._block.__aenter__()
        await self._or_undo("begin: done")
        return cast("Transaction", _Transaction(tx, self._step))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            await self._block.__aexit__(kind, error, trace)
            return
        await self._or_undo("commit: asked")
        await self._block.__aexit__(None, None, None)
        await self._step("commit: done")

    async def _or_undo(self, what: str) -> None:
        try:
            await self._step(what)
        except BaseException as error:
            await self._block.__aexit__(type(error), error, error.__traceback__)
            raise


class _Transaction:
    def __init__(self, tx: Transaction, step: Step) -> None:
        self._tx = tx
        self._step = step

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        query = getattr(self._tx, name)

        async def stepping(*args: object, **kwargs: object) -> object:
            await self._step(f"{name}: asked")
            result = await query(*args, **kwargs)
            await self._step(f"{name}: done")
            return result

        return stepping
