"""Killed at every await, by cancellation and by a death that cleans nothing up: each message is out exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from itertools import count

import pytest

from bot.attempt import Say
from bot.delivery import Deliverer
from bot.errors import RateLimited
from bot.post import Post
from storage.memory import MemoryStore
from tests.delivery.stepping import Life, LifeClock, SteppingStore
from tests.delivery.world import A_WHILE, AFTER_A_DEATH, World, delivery, look, place
from tests.fakes import COMMUNITY, DROPPED, FAKE, LOST, Fault, late


async def plain(world: World) -> None:
    await world.add(delivery("tip"))


async def several_places(world: World) -> None:
    await world.add(delivery("a"), delivery("b", after=0.1), delivery("c", "random"), delivery("d", "@U1"))


async def response_dropped(world: World) -> None:
    world.chat.script("post", DROPPED)
    await plain(world)


async def request_lost(world: World) -> None:
    world.chat.script("post", LOST)
    await plain(world)


async def response_late(world: World) -> None:
    world.chat.script("post", late(25))
    await plain(world)


async def rate_limited(world: World) -> None:
    world.chat.script("post", Fault(RateLimited("slow down", retry_after=20)))
    await world.add(delivery("a"), delivery("b", "random"))


async def edited(world: World) -> None:
    world.chat.script("edit", DROPPED)
    await world.add(delivery("nudge"), look("nudge"))


async def in_a_thread(world: World) -> None:
    world.chat.script("post", DROPPED)
    world.composer.words["reminder"] = Say(Post(title="reminder"), replace(place(), thread="m0"))
    await world.add(delivery("reminder"))


async def all_at_once(world: World) -> None:
    world.chat.script("post", DROPPED, LOST, Fault(RateLimited("slow down", retry_after=20)), late(10))
    await world.add(
        *(delivery(f"tip/{n}", f"channel-{n % 3}", after=n / 10) for n in range(5)), look("tip/1", "channel-1")
    )


Story = Callable[[World], Coroutine[None, None, None]]
STORIES = [
    plain,
    several_places,
    response_dropped,
    request_lost,
    response_late,
    rate_limited,
    edited,
    in_a_thread,
    all_at_once,
]


async def live(world: World, owner: str, fatal: int, *, clean: bool) -> bool:
    """Deliver until everything is done or, at the step `fatal`, death; whether that came.

    `clean`: by cancellation, so that everything may be put in order. Otherwise every task stops where it is, and the
    database undoes what was not committed.
    """
    died = asyncio.get_running_loop().create_future()

    def on_step(number: int, what: str) -> None:
        if number == fatal:
            died.set_result(None)
            if clean:
                task.cancel()
            else:
                life.end()

    async def deliver() -> None:
        while await world.left():
            await deliverer.deliver_due([COMMUNITY])
            await clock.sleep_until(clock.now() + A_WHILE)

    life = Life(on_step)
    clock = LifeClock(world.clock, life)
    world.chat.step = life.step
    deliverer = Deliverer(SteppingStore(world.store, life.step), {FAKE: world.chat}, clock, world.composer, owner=owner)
    task = asyncio.ensure_future(deliver())
    if clean:
        await world.clock.through(asyncio.wait({task}))
    else:
        await world.clock.through(asyncio.wait({task, died}, return_when=asyncio.FIRST_COMPLETED))
        if died.done():
            world.store = survivor(world.store)
            world.corpses.append(task)
    if not died.done():
        await task
        died.cancel()
        return False
    return True


def survivor(store: object) -> MemoryStore:
    """The database as it is when a process that was using it is no more."""
    assert isinstance(store, MemoryStore)
    store._shelves.undo()
    after = MemoryStore()
    after._shelves = store._shelves
    return after


async def bury(world: World) -> None:
    for task in world.corpses:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("clean", [True, False], ids=["cancelled", "frozen"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_killed_at_any_await_every_message_is_out_exactly_once(story: Story, clean: bool) -> None:
    """For each await on the way, in turn: die there, and let another owner find out how things stand."""
    for fatal in count(1):
        world = World()
        await story(world)
        if not await live(world, "first", fatal, clean=clean):
            break
        await world.clock.advance(AFTER_A_DEATH)
        await live(world, "second", 0, clean=clean)
        await world.assert_each_sent_once()
        await bury(world)
    await world.assert_each_sent_once()
    assert fatal > 30


@pytest.mark.parametrize("story", [plain, response_dropped], ids=lambda story: story.__name__)
async def test_killed_twice_every_message_is_out_exactly_once(story: Story) -> None:
    """For each await of the first life and each of the second: the third owner still gets it right."""
    for first in count(1):
        for second in count(1):
            world = World()
            await story(world)
            if not await live(world, "first", first, clean=False):
                return
            await world.clock.advance(AFTER_A_DEATH)
            again = await live(world, "second", second, clean=False)
            if again:
                await world.clock.advance(AFTER_A_DEATH)
                await live(world, "third", 0, clean=False)
            await world.assert_each_sent_once()
            await bury(world)
            if not again:
                break
