"""Waiting with patience: what is done in time gives its result, what is not is cancelled by the clock we were given."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.patience import within
from tests.fakes import FakeClock, at_rest

LIMIT = timedelta(seconds=10)


async def test_work_that_never_waits_gives_its_result_at_once() -> None:
    """And nothing is left behind that would wake up later."""
    clock, tasks = FakeClock(), asyncio.all_tasks()

    async def work() -> int:
        return 7

    assert await within(clock, LIMIT, work()) == 7
    assert asyncio.all_tasks() == tasks


async def test_work_that_waits_is_resumed_as_often_as_it_waits() -> None:
    """What it waits for gives it values and errors, and its own result comes out."""
    clock, first, second = FakeClock(), asyncio.Future[int](), asyncio.Future[int]()

    async def work() -> list[object]:
        got: list[object] = [await first]
        try:
            await second
        except LookupError as error:
            got.append(str(error))
        await asyncio.sleep(0)
        return got

    task = asyncio.create_task(within(clock, LIMIT, work()))
    await at_rest()
    first.set_result(1)
    await at_rest()
    second.set_exception(LookupError("no"))
    assert await task == [1, "no"]


@pytest.mark.parametrize("waits", [False, True])
async def test_an_error_of_the_work_comes_out(waits: bool) -> None:
    """Whether it failed at once or after it had waited."""

    async def work() -> None:
        if waits:
            await asyncio.sleep(0)
        raise LookupError("broken")

    with pytest.raises(LookupError, match="broken"):
        await within(FakeClock(), LIMIT, work())


async def test_work_that_takes_too_long_is_cancelled_and_may_clean_up() -> None:
    """The limit counts from the beginning, on the clock we were given."""
    clock, seen = FakeClock(), []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("cleaned")

    task = asyncio.create_task(within(clock, LIMIT, work()))
    await clock.advance(9.9)
    assert not task.done()
    await clock.advance(0.2)
    with pytest.raises(TimeoutError):
        await task
    assert seen == ["cleaned"]


async def test_whoever_waits_can_be_cancelled() -> None:
    """The cancellation reaches the work, and is no timeout."""
    clock, seen = FakeClock(), []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    task = asyncio.create_task(within(clock, LIMIT, work()))
    await at_rest()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["cancelled"]
