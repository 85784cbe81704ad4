"""A send whose outcome is not known is looked up before it is ever repeated."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.attempt import Cancel, Say
from bot.errors import Forbidden, Gone, RateLimited, Unauthorised, Unavailable
from bot.model import DeliveryState
from bot.patience import LAST_RETRY
from bot.post import Post
from tests.delivery.world import A_WHILE, AFTER_A_DEATH, TIMING, World, delivery, place
from tests.fakes import DROPPED, HANGS, HANGS_THOUGH_ACCEPTED, LOST, MONDAY, REFUSED, Fault, late

DOUBTS = {
    "response lost": DROPPED,
    "request lost": LOST,
    "hangs": HANGS,
    "hangs though accepted": HANGS_THOUGH_ACCEPTED,
    "late by 1 s": late(1),
    "late by 29 s": late(29),
    "adapter's bug, before": Fault(RuntimeError("bug")),
    "adapter's bug, after": Fault(RuntimeError("bug"), lands=0),
    "an error of Python's": Fault(TimeoutError(), lands=0),
}


@pytest.mark.parametrize("fault", DOUBTS.values(), ids=DOUBTS.keys())
async def test_a_doubtful_send_is_said_exactly_once(fault: Fault) -> None:
    """Whether the platform took it or not, or takes it later than it answers."""
    world = World()
    world.chat.script("post", fault)
    await world.add(delivery("tip"))
    assert await world.deliver() == 0
    row = await world.row("tip")
    assert (row.state, row.tried_at, row.attempts) == (DeliveryState.SENDING, MONDAY, 1)
    await world.finish()
    await world.assert_each_sent_once()


async def test_it_is_looked_up_only_after_a_request_in_flight_has_settled() -> None:
    """Not found too early would mean said twice."""
    world = World()
    world.chat.script("post", HANGS)
    await world.add(delivery("tip"))
    await world.deliver()
    given_up = world.clock.now()
    assert given_up == MONDAY + TIMING.post
    assert (await world.row("tip")).due_at >= given_up + TIMING.settle
    await world.clock.advance(TIMING.settle - timedelta(milliseconds=1))
    await world.deliver()
    assert "find" not in world.chat.calls
    await world.clock.advance(AFTER_A_DEATH)
    await world.deliver()
    assert "find" in world.chat.calls


async def test_a_look_up_starts_where_the_first_attempt_did() -> None:
    """An attempt that was believed lost may still turn up after the second one."""
    world = World()
    world.chat.script("post", LOST, LOST)
    await world.add(delivery("tip"))
    await world.deliver()
    await world.clock.advance(A_WHILE)
    await world.deliver()
    row = await world.row("tip")
    assert (row.attempts, row.tried_at) == (2, MONDAY)


async def test_a_platform_whose_clock_is_behind_ours_is_believed() -> None:
    """It dates the message before the attempt that made it."""
    world = World()
    world.chat.behind = timedelta(seconds=45)
    world.chat.script("post", DROPPED)
    await world.add(delivery("tip"))
    await world.finish()
    await world.assert_each_sent_once()


async def test_what_is_found_is_recorded_with_its_message_and_never_composed_again() -> None:
    """Even when the reason does not hold any more: it was said."""
    world = World()
    world.chat.script("post", DROPPED)
    await world.add(delivery("tip"))
    await world.deliver()
    world.composer.words["tip"] = Cancel("too late")
    await world.finish()
    row = await world.row("tip")
    assert row.sent_ref == world.chat.accepted()[0].ref
    assert world.composer.composed == ["tip"]
    await world.assert_each_sent_once()


async def test_what_is_not_found_is_checked_again_before_it_is_repeated() -> None:
    """An answer that came meanwhile cancels it."""
    world = World()
    world.chat.script("post", LOST)
    await world.add(delivery("tip"))
    await world.deliver()
    world.composer.words["tip"] = Cancel("answered")
    await world.finish()
    assert (await world.row("tip")).state is DeliveryState.CANCELLED
    assert world.chat.keys() == []


async def test_a_look_up_that_fails_is_repeated_with_growing_pauses_and_told_of_when_it_lasts() -> None:
    """Nothing is said meanwhile, however long it takes; other deliveries of the channel go on."""
    world = World()
    world.chat.script("post", DROPPED, channel="general")
    world.chat.script("find", *[Fault(Unavailable("down"))] * 12)
    await world.add(delivery("tip"))
    await world.deliver()
    await world.add(delivery("next", after=1))
    with capture_logs() as logs:
        for _ in range(12):
            await world.clock.advance(LAST_RETRY)
            await world.deliver()
            assert (await world.row("tip")).state is DeliveryState.SENDING
    levels = [entry["log_level"] for entry in logs if entry["event"] == "delivery cannot be looked up"]
    assert levels == ["info"] * 4 + ["warning"] * 7  # once it was the other's turn
    assert (await world.row("next")).state is DeliveryState.SENT
    assert world.chat.keys().count("tip") == 1
    await world.finish()
    await world.assert_each_sent_once()


@pytest.mark.parametrize(
    "error",
    [
        RateLimited("slow down", retry_after=120),
        RateLimited("slow down", retry_after=120, everywhere=True),
        Unauthorised("revoked"),
        Forbidden("no history", reason="missing_scope"),
        Gone("no channel"),
        RuntimeError("bug"),
    ],
)
async def test_no_failure_of_a_look_up_is_taken_for_not_found(error: Exception) -> None:
    """Only the platform's own "it is not there" allows a second message."""
    world = World()
    world.chat.script("post", DROPPED)
    world.chat.script("find", *[Fault(error)] * 3)
    await world.add(delivery("tip"))
    await world.finish()
    await world.finish()
    await world.assert_each_sent_once()
    assert world.chat.calls.count("post") == 1


async def test_a_look_up_that_hangs_is_given_up_and_repeated() -> None:
    world = World()
    world.chat.script("post", DROPPED)
    world.chat.script("find", HANGS)
    await world.add(delivery("tip"))
    await world.finish()
    await world.assert_each_sent_once()


async def test_doubt_outlives_an_attempt_that_surely_failed() -> None:
    """The first attempt may be out; that the second is refused does not settle the first."""
    world = World()
    world.chat.script("post", late(10_000), REFUSED, Fault(RateLimited("slow down", retry_after=5000)))
    await world.add(delivery("tip"))
    await world.deliver()
    for _ in range(2):
        await world.clock.advance(LAST_RETRY)
        await world.deliver()
        row = await world.row("tip")
        assert (row.state, row.tried_at) == (DeliveryState.PENDING, MONDAY)
    await world.clock.advance(10_000)
    await world.deliver()
    assert world.chat.calls.count("post") == 3
    await world.assert_each_sent_once()


async def test_doubt_about_a_message_in_a_thread_is_settled_in_that_thread() -> None:
    """The thread was the composer's choice: a look-up in the channel alone would not see it."""
    world = World()
    world.chat.script("post", DROPPED)
    world.composer.words["reminder"] = Say(Post(title="reminder"), replace(place(), thread="m0"))
    await world.add(delivery("reminder"))
    await world.finish()
    await world.assert_each_sent_once()


async def test_a_platform_that_loses_every_answer_for_a_day_gets_each_message_once() -> None:
    """Many channels, every response dropped."""
    world = World()
    world.chat.script("post", *[DROPPED] * 50)
    await world.add(*(delivery(f"tip/{n}", f"channel-{n % 10}") for n in range(50)))
    await world.finish(rounds=72)
    await world.assert_each_sent_once()


async def test_a_platform_that_loses_every_request_is_not_hammered() -> None:
    """Each cycle of send and look-up waits longer than the one before."""
    world = World()
    world.chat.script("post", *[LOST] * 1000)
    await world.add(delivery("tip"))
    for _ in range(24 * 60):
        await world.deliver()
        await world.clock.advance(60)
    assert world.chat.calls.count("post") <= 24 * 4 + 20
    assert A_WHILE > LAST_RETRY
