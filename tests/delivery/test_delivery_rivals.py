"""Several owners on one store: what one of them holds is nobody else's, and not its own any more once it lapsed."""

from __future__ import annotations

import asyncio
import random
from itertools import count

import pytest

from bot.delivery import Deliverer
from bot.model import DeliveryState
from tests.delivery.stepping import Life, LifeClock, SteppingStore
from tests.delivery.world import A_WHILE, AFTER_A_DEATH, TIMING, World, delivery, look
from tests.fakes import COMMUNITY, DROPPED, FAKE, HANGS, LOST, give_way


@pytest.mark.parametrize("seed", range(20))
async def test_owners_that_work_at_the_same_time_say_everything_once(seed: int) -> None:
    """Three of them, in an interleaving that differs for each seed, with responses and requests lost."""
    world = World()
    dice = random.Random(seed)

    async def dawdle(what: str) -> None:
        for _ in range(dice.randrange(4)):
            await asyncio.sleep(0)

    await world.add(*(delivery(f"tip/{n}", f"channel-{n % 7}", after=n / 10) for n in range(30)))
    await world.add(*(look(f"tip/{n}", f"channel-{n}") for n in range(3)))
    world.chat.script("post", *dice.sample([DROPPED, LOST, HANGS] + [None] * 17, 20))
    world.chat.step = dawdle
    sound, world.store = world.store, SteppingStore(world.store, dawdle)
    owners = [world.deliverer(f"owner-{n}") for n in range(3)]
    for _ in range(20):
        await world.clock.through(asyncio.gather(*(owner.deliver_due([COMMUNITY]) for owner in owners)))
        await world.clock.advance(A_WHILE)
    world.store = sound
    await world.assert_each_sent_once()


async def stall_and_return(at: int, rival: str) -> bool:
    """One run in which "owner" stalls at the `at`-th await that is no call to the platform; false: there is none."""
    world = World()
    await world.add(delivery("tip"), delivery("other", "random"), look("tip"))
    stalled = asyncio.get_running_loop().create_future()
    eligible = count(1)

    def on_step(number: int, what: str) -> None:
        if what in ("begin: asked", "commit: done") and next(eligible) == at:
            stalled.set_result(None)
            life.end()

    life = Life(on_step)
    world.chat.step = life.step
    store, clock = SteppingStore(world.store, life.step), LifeClock(world.clock, life)
    first = Deliverer(store, {FAKE: world.chat}, clock, world.composer, owner="owner", concurrency=1)
    task = asyncio.ensure_future(first.deliver_due([COMMUNITY]))
    await world.clock.through(asyncio.wait({task, stalled}, return_when=asyncio.FIRST_COMPLETED))
    if not stalled.done():
        return False
    world.chat.step = give_way
    await world.clock.advance(AFTER_A_DEATH)
    await world.deliver(rival)
    done = [row for row in await world.rows() if row.state is DeliveryState.SENT]
    life.resume()
    await world.clock.through(task)
    for row in done:
        assert await world.row(row.key) == row
    await world.finish()
    await world.assert_each_sent_once()
    return True


@pytest.mark.parametrize("same_name", [False, True], ids=["another owner", "the same owner"])
async def test_an_owner_that_stalled_beyond_its_lease_neither_sends_nor_records(same_name: bool) -> None:
    """Stalled at each await in turn, until somebody else has done the work, then going on as if nothing had been.

    Only a stall inside the very call to the platform, where no check of ours can be, is left out.
    """
    stalls = 0
    while await stall_and_return(stalls + 1, "owner" if same_name else "rival"):
        stalls += 1
    assert stalls > 10


@pytest.mark.parametrize("same_name", [False, True], ids=["another owner", "the same owner"])
async def test_an_owner_that_stalled_leaves_alone_what_a_later_one_is_just_sending(same_name: bool) -> None:
    """It had not sent yet, so it gives the delivery back: but that is not its own any more."""
    world = World()
    await world.add(delivery("tip"))
    first_on, second_on = asyncio.Event(), asyncio.Event()

    async def stall(key: str) -> None:
        world.composer.meanwhile = give_way
        await first_on.wait()

    async def hang(what: str) -> None:
        if what == "post: asked":
            world.chat.step = give_way
            await second_on.wait()

    life = Life(lambda number, what: None)
    world.composer.meanwhile, world.chat.step = stall, hang
    clock = LifeClock(world.clock, life)
    stalled = Deliverer(world.store, {FAKE: world.chat}, clock, world.composer, owner="owner")
    first = asyncio.ensure_future(stalled.deliver_due([COMMUNITY]))
    await world.clock.advance(1)
    life.end()
    await world.clock.advance(AFTER_A_DEATH)
    rival = world.deliverer("owner" if same_name else "rival")
    second = asyncio.ensure_future(rival.deliver_due([COMMUNITY]))
    await world.clock.advance(1)
    life.resume()
    first_on.set()
    await world.clock.advance(1)
    second_on.set()
    await world.clock.through(asyncio.gather(first, second))
    await world.finish()
    await world.assert_each_sent_once()


async def test_an_attempt_that_stalled_leaves_alone_a_later_one_of_the_same_deliverer() -> None:
    """Its database took minutes for one transaction, while the others went on and the delivery was claimed again."""
    world = World()
    await world.add(delivery("tip"))
    first_on, second_on = asyncio.Event(), asyncio.Event()
    begun = count(1)

    async def stall(what: str) -> None:
        if what == "begin: asked" and world.composer.composed and next(begun) == 1:
            await first_on.wait()

    async def hang(what: str) -> None:
        if what == "post: asked":
            world.chat.step = give_way
            await second_on.wait()

    world.chat.step = hang
    sound, world.store = world.store, SteppingStore(world.store, stall)
    deliverer = world.deliverer()
    running = asyncio.ensure_future(deliverer.run(lambda: [COMMUNITY]))
    for _ in range(120):
        await world.clock.advance(1)
        if world.composer.composed == ["tip", "tip"]:
            break
    first_on.set()
    await world.clock.advance(5)
    second_on.set()
    await world.clock.advance(5)
    await world.clock.through(deliverer.stop())
    await running
    world.store = sound
    await world.finish()
    await world.assert_each_sent_once()


async def test_nothing_is_sent_with_too_little_of_the_lease_left() -> None:
    """A composer that took nearly all of it: the delivery is claimed again, with a whole lease."""
    world = World()
    await world.add(delivery("tip"))
    slow = True

    async def dawdle(what: str) -> None:
        nonlocal slow
        if slow and what.startswith("save_delivery"):
            slow = False
            await world.clock.sleep_until(world.clock.now() + TIMING.lease - TIMING.post)

    sound, world.store = world.store, SteppingStore(world.store, dawdle)
    assert await world.deliver() == 1
    world.store = sound
    assert world.composer.composed == ["tip", "tip"]
    row = await world.row("tip")
    assert row.sent_at is not None
    assert row.attempts == 1
    await world.assert_each_sent_once()
