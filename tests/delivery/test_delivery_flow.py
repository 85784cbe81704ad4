"""Saying what was committed when all goes well."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from bot.attempt import Cancel, Later, Say
from bot.delivery import BREATH, HEARTBEAT
from bot.errors import Conflict
from bot.model import DeliveryState, MessageRef
from bot.patience import LAST_RETRY, Timing, backoff
from bot.post import Post
from tests.delivery.stepping import SteppingStore
from tests.delivery.world import World, delivery, place
from tests.fakes import COMMUNITY, HANGS, MONDAY

SECOND = timedelta(seconds=1)


async def test_what_is_due_is_said_and_recorded_with_what_follows() -> None:
    """The row tells where and when it was said, and the composer's own changes are committed with it."""
    world = World()
    await world.add(delivery("tip/1"), delivery("tip/2", "random", after=60))
    assert await world.deliver() == 1
    row = await world.row("tip/1")
    assert (row.state, row.attempts, row.leased_by) == (DeliveryState.SENT, 1, None)
    assert (row.sent_at, row.sent_ref) == (MONDAY, MessageRef(place(), "m1"))
    assert await world.followed("tip/1")
    assert (await world.row("tip/2")).state is DeliveryState.PENDING
    assert world.chat.keys() == ["tip/1"]


async def test_the_row_says_that_it_may_be_out_before_the_platform_is_called() -> None:
    """Whoever finds the row while the platform is being called sees SENDING, since when, and a date for its look-up."""
    world = World()
    await world.add(delivery("tip/1"))
    world.chat.script("post", HANGS)
    task = asyncio.ensure_future(world.deliverer().deliver_due([COMMUNITY]))
    await world.clock.advance(1)
    row = await world.row("tip/1")
    assert (row.state, row.tried_at, row.attempts) == (DeliveryState.SENDING, MONDAY, 1)
    assert row.due_at > MONDAY + Timing().post
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_channel_is_told_one_thing_a_second_in_the_order_of_their_due_dates() -> None:
    """Slack allows one message a second per channel; another channel does not wait for it."""
    world = World()
    await world.add(delivery("b", after=-1), delivery("a"), delivery("c", after=-2), delivery("other", "random"))
    assert await world.deliver() == 2
    assert sorted(world.chat.keys()) == ["c", "other"]
    for _ in range(2):
        await world.clock.advance(1)
        assert await world.deliver() == 1
    assert [entry.key for entry in world.chat.accepted() if entry.ref.place.channel == "general"] == ["c", "b", "a"]


@pytest.mark.parametrize("found", ["composing", "recording"])
async def test_a_reason_that_no_longer_holds_cancels_and_one_that_does_not_hold_yet_waits(found: str) -> None:
    """A cancelled delivery keeps the reason; a later one is as it was but for its due date.

    Whether that is found when it is put into words, or only when it is recorded that it is about to be said.
    """
    world = World()
    reasons: dict[str, Cancel | Later] = {"gone": Cancel("answered"), "night": Later(MONDAY + timedelta(hours=8))}
    if found == "composing":
        world.composer.words.update(reasons)
    else:
        world.composer.overtaken.update(reasons)
    await world.add(delivery("gone"), delivery("night", "random"))
    assert await world.deliver() == 0
    gone, night = await world.row("gone"), await world.row("night")
    assert (gone.state, gone.problem) == (DeliveryState.CANCELLED, "answered")
    assert (night.state, night.due_at, night.attempts) == (DeliveryState.PENDING, MONDAY + timedelta(hours=8), 0)
    assert (night.tried_at, night.leased_by) == (None, None)
    assert world.chat.calls == []


async def test_later_that_is_not_later_does_not_spin() -> None:
    """A composer that says Later without naming a later instant is asked again a second on, not at once."""
    world = World()
    world.composer.words = {"now": Later(MONDAY - timedelta(hours=1))}
    await world.add(delivery("now"))
    await world.deliver()
    assert world.composer.composed == ["now"]
    assert (await world.row("now")).due_at == MONDAY + SECOND


async def test_the_composer_may_move_it_into_a_thread_but_nowhere_else() -> None:
    """A composer that names another channel has a bug: nothing is said there."""
    world = World()
    thread = replace(place(), thread="m0")
    world.composer.words = {
        "reminder": Say(Post(title="reminder"), thread),
        "stray": Say(Post(title="stray"), place("elsewhere")),
    }
    await world.add(delivery("reminder"), delivery("stray", "random"))
    await world.deliver()
    assert [(entry.key, entry.ref.place) for entry in world.chat.accepted()] == [("reminder", thread)]
    assert (await world.row("stray")).state is DeliveryState.PENDING


async def test_a_composer_that_raises_is_asked_again_later_and_holds_up_nobody() -> None:
    """Not even the same channel waits for it."""
    world = World()
    world.composer.words = {"bug": ValueError("secret text of a message")}
    await world.add(delivery("bug", after=-1), delivery("fine"))
    assert await world.deliver() == 1
    bug = await world.row("bug")
    assert (bug.state, bug.attempts, bug.tried_at) == (DeliveryState.PENDING, 1, None)
    assert MONDAY < bug.due_at <= MONDAY + timedelta(seconds=5)
    del world.composer.words["bug"]
    await world.finish()
    await world.assert_each_sent_once()


async def test_what_follows_is_tried_again_when_it_fails_but_the_message_is_not() -> None:
    """The transaction that records the sending holds both or neither."""
    world = World()
    world.composer.broken = ValueError("bug")
    await world.add(delivery("tip"))
    assert await world.deliver() == 0
    assert (await world.row("tip")).state is DeliveryState.SENDING
    await world.finish(rounds=3)
    row = await world.row("tip")
    assert (row.state, row.attempts) == (DeliveryState.SENDING, 5)
    world.composer.broken = None
    await world.finish()
    await world.assert_each_sent_once()


async def test_a_conflict_with_another_process_is_judged_again_at_once() -> None:
    """A mention that was changed elsewhere meanwhile costs another transaction, not another message."""
    world = World()
    await world.add(delivery("tip"))
    world.composer.broken = Conflict("changed meanwhile")
    begun = count(1)

    async def mend_at_the_second_try(what: str) -> None:
        if what == "save_delivery: asked" and next(begun) == 3:
            world.composer.broken = None

    sound, world.store = world.store, SteppingStore(world.store, mend_at_the_second_try)
    assert await world.deliver() == 1
    world.store = sound
    await world.assert_each_sent_once()


@pytest.mark.parametrize("meanwhile", ["folded", "forgotten"])
async def test_what_somebody_else_takes_out_of_our_hands_is_not_said(meanwhile: str) -> None:
    """A digest took it over, or its member was forgotten, just before the platform would have been called."""
    world = World()
    await world.add(delivery("nudge"))

    async def take(key: str) -> None:
        async with world.store.begin() as tx:
            if meanwhile == "folded":
                await tx.fold([key], "digest")
            else:
                await tx.forget_community(COMMUNITY)

    world.composer.meanwhile = take
    assert await world.deliver() == 0
    assert world.chat.calls == []


async def test_several_channels_are_told_at_the_same_time_but_not_too_many() -> None:
    """One channel whose platform hangs costs one of the places in parallel, and no more."""
    world = World()
    await world.add(*(delivery(f"tip/{n}", f"channel-{n}") for n in range(5)))
    world.chat.script("post", *[HANGS] * 5)
    task = asyncio.ensure_future(world.deliverer(concurrency=3).deliver_due([COMMUNITY]))
    await world.clock.advance(1)
    assert world.chat.calls.count("post") == 3
    await world.clock.through(task)
    assert world.chat.calls.count("post") == 5


async def test_running_delivers_what_falls_due_by_the_clock_or_when_woken() -> None:
    """Within a second of its due date, at once when woken, within a heartbeat when another process added it."""
    world = World()
    await world.add(delivery("soon", after=5), delivery("far", after=3600))
    deliverer = world.deliverer()
    running = asyncio.ensure_future(deliverer.run(lambda: [COMMUNITY]))
    await world.clock.advance(4)
    assert world.chat.keys() == []
    await world.clock.advance(1)
    assert world.chat.keys() == ["soon"]
    await world.clock.advance(BREATH)

    await world.add(delivery("woken", "random"))
    deliverer.wake()
    await world.clock.advance(0)
    assert world.chat.keys() == ["soon", "woken"]

    await world.add(delivery("foreign", "random"))
    await world.clock.advance(HEARTBEAT + BREATH)
    assert world.chat.keys() == ["soon", "woken", "foreign"]
    await deliverer.stop()
    await running


async def test_a_slow_channel_does_not_keep_a_running_deliverer_from_the_others() -> None:
    """While one call hangs, another channel gets all of its messages, a second apart."""
    world = World()
    await world.add(delivery("slow", "slow"), *(delivery(f"tip/{n}", after=n / 10) for n in range(3)))
    world.chat.script("post", HANGS, channel="slow")
    deliverer = world.deliverer()
    running = asyncio.ensure_future(deliverer.run(lambda: [COMMUNITY]))
    await world.clock.advance(4)
    assert world.chat.keys() == ["tip/0", "tip/1", "tip/2"]
    await world.clock.through(deliverer.stop())
    await running


async def test_running_with_all_hands_full_waits() -> None:
    """What is due while nothing more can be begun does not keep it busy; it begins when a hand is free."""
    world = World()
    await world.add(delivery("slow", "slow"), delivery("tip", after=0.1))
    world.chat.script("post", HANGS, channel="slow")
    deliverer = world.deliverer(concurrency=1)
    running = asyncio.ensure_future(deliverer.run(lambda: [COMMUNITY]))
    await world.clock.advance(10)
    assert world.chat.keys() == []
    await world.clock.advance(11)
    assert world.chat.keys() == ["tip"]
    await world.clock.through(deliverer.stop())
    await running


async def test_stopping_lets_what_is_in_flight_finish_and_record() -> None:
    """A call that takes three seconds is recorded although we were told to stop; nothing new begins."""
    world = World()
    await world.add(delivery("now"), delivery("next", after=0.5))

    async def slowly(what: str) -> None:
        if what == "post: done":
            await world.clock.sleep_until(MONDAY + 3 * SECOND)

    world.chat.step = slowly
    deliverer = world.deliverer()
    running = asyncio.ensure_future(deliverer.run(lambda: [COMMUNITY]))
    await world.clock.advance(1)
    await world.clock.through(deliverer.stop(timedelta(seconds=10)))
    await running
    assert world.clock.now() == MONDAY + 3 * SECOND
    assert (await world.row("now")).state is DeliveryState.SENT
    assert (await world.row("next")).state is DeliveryState.PENDING


async def test_stopping_leaves_what_does_not_finish_to_a_look_up() -> None:
    """After the time given the call is cancelled; its row says that it may be out."""
    world = World()
    await world.add(delivery("now"))
    world.chat.script("post", HANGS)
    deliverer = world.deliverer()
    running = asyncio.ensure_future(deliverer.run(lambda: [COMMUNITY]))
    await world.clock.advance(1)
    await world.clock.through(deliverer.stop(timedelta(seconds=2)))
    await running
    assert world.clock.now() == MONDAY + 3 * SECOND
    assert (await world.row("now")).state is DeliveryState.SENDING
    await world.finish()
    await world.assert_each_sent_once()


async def test_cancelling_a_running_deliverer_ends_it_with_all_that_it_began() -> None:
    """Nothing of it is left running on the loop."""
    world = World()
    await world.add(delivery("now"))
    world.chat.script("post", HANGS)
    running = asyncio.ensure_future(world.deliverer().run(lambda: [COMMUNITY]))
    await world.clock.advance(1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_back_off_doubles_up_to_a_quarter_of_an_hour() -> None:
    """Always the same for a key and an attempt, different between keys, never above the cap."""
    waits = [backoff("tip", attempts) for attempts in range(1, 200)]
    assert waits == [backoff("tip", attempts) for attempts in range(1, 200)]
    assert timedelta(seconds=3.75) <= waits[0] <= timedelta(seconds=5)
    assert timedelta(seconds=15) <= waits[2] <= timedelta(seconds=20)
    assert LAST_RETRY * 0.75 <= min(waits[10:]) <= max(waits) <= LAST_RETRY
    assert len({backoff(f"tip/{n}", 1) for n in range(100)}) == 100


def test_a_lease_that_is_too_short_for_its_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        Timing(lease=timedelta(seconds=30))
