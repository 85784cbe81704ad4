"""What each refusal of a platform does to its delivery, to its channel, and to nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from structlog.testing import capture_logs

from bot.attempt import Say
from bot.errors import (
    ChatError,
    Forbidden,
    Gone,
    RateLimited,
    Rejected,
    Sent,
    StoreUnavailable,
    Unauthorised,
    Unavailable,
)
from bot.model import Community, DeliveryState, Place, Platform
from bot.patience import LOCKOUT
from bot.post import Post
from tests.delivery.stepping import SteppingStore
from tests.delivery.world import World, delivery, place
from tests.fakes import COMMUNITY, FAKE, MONDAY, REFUSED, Fault

SECRET = "what somebody said in confidence"


@pytest.mark.parametrize("retry_after", [2.5, 30, 3600])
async def test_a_rate_limit_holds_its_channel_for_as_long_as_asked_and_burns_no_attempt(retry_after: float) -> None:
    """Nothing goes to that channel before, other channels go on, and the order is kept."""
    world = World()
    await world.add(delivery("a"), delivery("b", after=0.1), delivery("other", "random"))
    world.chat.script("post", Fault(RateLimited("slow down", retry_after=retry_after)), channel="general")
    assert await world.deliver() == 1
    row = await world.row("a")
    assert (row.state, row.attempts, row.tried_at) == (DeliveryState.PENDING, 0, None)
    await world.clock.advance(retry_after - 0.001)
    assert await world.deliver() == 0
    await world.clock.advance(0.001)
    assert await world.deliver() == 1
    assert world.chat.keys() == ["other", "a"]


async def test_a_rate_limit_of_the_token_holds_the_whole_community_across_a_restart() -> None:
    """The pause is in the database: an owner started meanwhile honours it; another community goes on."""
    world = World()
    elsewhere = Community(FAKE, "C2")
    await world.add(delivery("a"))
    world.chat.script("post", Fault(RateLimited("slow down", retry_after=60, everywhere=True)))
    await world.deliver()
    await world.add(delivery("b", "random"), replace(delivery("foreign"), place=Place(elsewhere, "general")))
    assert await world.deliver("restarted") == 0
    assert await world.clock.through(world.deliverer("restarted").deliver_due([COMMUNITY, elsewhere])) == 1
    await world.clock.advance(60)
    assert await world.deliver("restarted") == 2


async def test_a_platform_that_did_nothing_is_tried_again_with_growing_pauses() -> None:
    """A refused connection needs no look-up: nothing can be out."""
    world = World()
    await world.add(delivery("tip"))
    world.chat.script("post", *[REFUSED] * 4)
    waits = []
    for _ in range(4):
        await world.deliver()
        row = await world.row("tip")
        assert (row.state, row.tried_at) == (DeliveryState.PENDING, None)
        waits.append(row.due_at - world.clock.now())
        await world.clock.advance(waits[-1])
    assert waits == sorted(waits)
    assert waits[-1] > 5 * waits[0]
    await world.deliver()
    assert "find" not in world.chat.calls
    await world.assert_each_sent_once()


@pytest.mark.parametrize("error", [Forbidden("no", reason="is_archived"), Gone("no", reason="channel_not_found")])
async def test_a_closed_channel_is_disabled_and_an_admin_told_once(error: ChatError) -> None:
    """Its other deliveries wait untouched until it is enabled again; other channels do not notice."""
    world = World()
    world.chat.closed["general"] = error
    await world.add(delivery("a"), delivery("b", after=0.1), delivery("other", "random"))
    assert await world.deliver() == 1
    await world.clock.advance(timedelta(days=1))
    assert await world.deliver() == 0
    a, b = await world.row("a"), await world.row("b")
    assert (a.state, a.problem) == (DeliveryState.FAILED, error.reason)
    assert (b.state, b.attempts) == (DeliveryState.PENDING, 0)
    assert world.composer.refusals == ["a"]
    assert world.chat.calls.count("post") == 2
    async with world.store.begin() as tx:
        assert await tx.disabled(COMMUNITY) == {"general": error.reason}
        await tx.enable(place())
    world.chat.closed.clear()
    assert await world.deliver() == 1


async def test_an_admin_is_not_told_again_of_a_channel_that_is_disabled_already() -> None:
    """Two deliveries may have been claimed before the first refusal came."""
    world = World()
    world.chat.closed["general"] = Forbidden("no", reason="is_archived")
    await world.add(delivery("a"))

    async def disabled_meanwhile(what: str) -> None:
        if what == "post: done":
            async with world.store.begin() as tx:
                await tx.disable(place(), "is_archived", MONDAY)

    world.chat.step = disabled_meanwhile
    await world.deliver()
    assert (await world.row("a")).state is DeliveryState.FAILED
    assert world.composer.refusals == []


@pytest.mark.parametrize(
    "error", [Gone("no", reason="thread_not_found"), Forbidden("no", reason="thread_locked")], ids=["gone", "locked"]
)
async def test_a_thread_that_is_closed_does_not_close_its_channel(error: ChatError) -> None:
    """Only the thread's delivery fails, an admin is told, and the channel's next message goes out."""
    world = World()
    world.composer.words["reminder"] = Say(Post(title="reminder"), replace(place(), thread="m0"))
    await world.add(delivery("reminder"), delivery("tip", after=2))
    world.chat.script("post", Fault(error))
    await world.deliver()
    assert (await world.row("reminder")).state is DeliveryState.FAILED
    assert world.composer.refusals == ["reminder"]
    await world.clock.advance(2)
    assert await world.deliver() == 1


async def test_one_dead_channel_of_a_hundred_costs_one_call() -> None:
    """Ninety-nine are told at once, and the dead one is not asked again."""
    world = World()
    world.chat.closed["channel-50"] = Forbidden("no", reason="50013")
    await world.add(*(delivery(f"tip/{n}", f"channel-{n}") for n in range(100)))
    assert await world.deliver() == 99
    assert world.chat.calls.count("post") == 100


async def test_a_community_that_refuses_us_is_left_alone_for_an_hour_and_logged_once() -> None:
    """An hour of refusals costs a call an hour, not thousands: Discord bans an address for that."""
    world = World()
    world.chat.closed[str(COMMUNITY)] = Unauthorised("revoked", reason="invalid_auth")
    await world.add(*(delivery(f"tip/{n}", f"channel-{n}") for n in range(20)))
    one = world.deliverer(concurrency=1)
    with capture_logs() as logs:
        for _ in range(3 * 60):
            await world.clock.through(one.deliver_due([COMMUNITY]))
            await world.clock.advance(60)
    assert world.chat.calls.count("post") == 3
    assert [entry["event"] for entry in logs].count("the community refuses us") == 1
    row = await world.row("tip/0")
    assert (row.state, row.attempts) == (DeliveryState.PENDING, 0)
    world.chat.closed.clear()
    await world.clock.advance(LOCKOUT)
    await world.clock.through(one.deliver_due([COMMUNITY]))
    await world.assert_each_sent_once()


async def test_a_community_that_took_us_back_and_refuses_us_again_is_logged_again() -> None:
    """Somebody mended it in between: this is news."""
    world = World()
    revoked = Fault(Unauthorised("revoked", reason="invalid_auth"))
    world.chat.script("post", revoked, None, revoked)
    await world.add(delivery("a"), delivery("b", after=0.1))
    one = world.deliverer()
    with capture_logs() as logs:
        for _ in range(4):
            await world.clock.through(one.deliver_due([COMMUNITY]))
            await world.clock.advance(LOCKOUT)
    assert [entry["event"] for entry in logs].count("the community refuses us") == 2
    await world.assert_each_sent_once()


async def test_a_rejected_message_fails_and_is_logged_as_our_bug_without_its_text() -> None:
    """It is never repeated, and stops nothing else in its channel."""
    world = World()
    world.chat.script("post", Fault(Rejected(SECRET, reason="invalid_blocks")))
    await world.add(delivery("bad"), delivery("good", after=0.5))
    with capture_logs() as logs:
        await world.finish()
    assert (await world.row("bad")).state is DeliveryState.FAILED
    assert (await world.row("good")).state is DeliveryState.SENT
    told = [entry for entry in logs if entry["log_level"] == "error"]
    assert [(entry["key"], entry["reason"]) for entry in told] == [("bad", "invalid_blocks")]


@pytest.mark.parametrize(
    "error",
    [
        Unavailable(SECRET),
        Unavailable(SECRET, sent=Sent.NO),
        Forbidden(SECRET),
        Gone(SECRET),
        Rejected(SECRET),
        Unauthorised(SECRET),
        RateLimited(SECRET, retry_after=1),
        RuntimeError(SECRET),
    ],
)
@pytest.mark.parametrize("call", ["post", "find", "compose", "sent"])
async def test_no_error_brings_a_text_into_the_log_or_the_database(error: Exception, call: str) -> None:
    """Keys, kinds, reasons, and the line of code it came from: messages of errors may quote what people wrote."""
    world = World()
    if call == "compose":
        world.composer.words["tip"] = error
    elif call == "sent":
        world.composer.broken = error
    else:
        world.chat.script("post", Fault(error if call == "post" else Unavailable("lost")))
        world.chat.script("find", Fault(error))
    await world.add(delivery("tip"))
    with capture_logs() as logs:
        await world.finish(rounds=3)
    assert SECRET not in repr(logs)
    assert SECRET not in repr(await world.rows())


async def test_a_platform_that_is_not_configured_is_a_failure_of_that_delivery_alone() -> None:
    """It is put back, not lost, and the others go on."""
    world = World()
    nowhere = Community(Platform("nowhere"), "C9")
    await world.add(replace(delivery("stray"), place=Place(nowhere, "general")), delivery("tip"))
    assert await world.clock.through(world.deliverer().deliver_due([COMMUNITY, nowhere])) == 1
    assert (await world.row("stray")).state in (DeliveryState.PENDING, DeliveryState.SENDING)


@pytest.mark.parametrize("broken_at", range(1, 60))
async def test_a_database_that_fails_at_any_step_leads_to_no_second_message(broken_at: int) -> None:
    """At the begin, inside, at the commit, and even when it is lost after the commit: nothing is assumed."""
    world = World()
    await world.add(delivery("tip"), delivery("other", "random"))
    uses = count(1)

    async def use(what: str) -> None:
        if next(uses) >= broken_at:
            raise StoreUnavailable("the database is down")

    sound, world.store = world.store, SteppingStore(world.store, use)
    await world.deliver()
    world.store = sound
    await world.finish()
    await world.assert_each_sent_once()


async def test_running_outlives_a_database_that_is_down_for_a_while() -> None:
    """Nothing is lost, nothing is said twice, and it goes on by itself."""
    world = World()
    await world.add(delivery("tip"), delivery("other", "random", after=60))
    down = True

    async def use(what: str) -> None:
        if down:
            raise StoreUnavailable("the database is down")

    sound, world.store = world.store, SteppingStore(world.store, use)
    deliverer = world.deliverer()
    running = asyncio.ensure_future(deliverer.run(lambda: [COMMUNITY]))
    await world.clock.advance(300)
    down = False
    await world.clock.advance(30)
    await deliverer.stop()
    await running
    world.store = sound
    await world.assert_each_sent_once()
