"""Edits of what was said before, and what is said to one member in private."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.attempt import Cancel, Say
from bot.errors import Forbidden, RateLimited, Rejected, Sent, Unavailable
from bot.model import DeliveryState
from bot.post import Post
from tests.delivery.world import A_WHILE, World, delivery, look
from tests.fakes import COMMUNITY, DROPPED, HANGS, LOST, MONDAY, Fault


async def said(world: World, key: str = "nudge") -> None:
    await world.add(delivery(key))
    assert await world.deliver() == 1
    await world.clock.advance(1)


async def test_an_edit_changes_the_message_that_its_delivery_made() -> None:
    """No message is added, and the edit is recorded as sent, with the message that it changed."""
    world = World()
    await said(world)
    await world.add(look("nudge"))
    assert await world.deliver() == 1
    row, nudge = await world.row("look/nudge"), await world.row("nudge")
    assert (row.state, row.sent_ref) == (DeliveryState.SENT, nudge.sent_ref)
    assert world.chat.keys() == ["nudge"]
    await world.assert_each_sent_once()


@pytest.mark.parametrize("fault", [DROPPED, LOST, HANGS, Fault(RuntimeError("bug")), Fault(Unavailable("down"))])
async def test_a_doubtful_edit_is_repeated_without_a_look_up(fault: Fault) -> None:
    """An edit is harmless when repeated."""
    world = World()
    await said(world)
    world.chat.script("edit", fault)
    await world.add(look("nudge"))
    await world.finish()
    assert "find" not in world.chat.calls
    await world.assert_each_sent_once()


async def test_an_edit_waits_for_the_message_that_it_is_to_change() -> None:
    """Also when that one is in doubt for a while."""
    world = World()
    world.chat.script("post", DROPPED)
    await world.add(replace(delivery("nudge"), due_at=MONDAY + timedelta(seconds=2)), look("nudge"))
    await world.finish()
    await world.assert_each_sent_once()


async def test_an_edit_of_what_was_never_said_is_cancelled() -> None:
    """Its message was cancelled, or forgotten altogether."""
    world = World()
    world.composer.words["nudge"] = Cancel("answered")
    await world.add(delivery("nudge"), look("nudge"), look("nothing"))
    await world.finish()
    for key in ("look/nudge", "look/nothing"):
        assert (await world.row(key)).state is DeliveryState.CANCELLED


async def test_an_edit_of_a_message_that_somebody_deleted_is_cancelled() -> None:
    """And closes nothing: the channel is still there."""
    world = World()
    await said(world)
    world.chat.delete(world.chat.accepted()[0].ref)
    await world.add(look("nudge"))
    await world.finish()
    assert (await world.row("look/nudge")).state is DeliveryState.CANCELLED
    assert world.composer.refusals == []
    async with world.store.begin() as tx:
        assert await tx.disabled(COMMUNITY) == {}


@pytest.mark.parametrize("error", [Forbidden("no", reason="edit_window_closed"), Rejected("bug", reason="invalid")])
async def test_an_edit_that_is_refused_fails_alone(error: Exception) -> None:
    """An old message that may not be edited says nothing about new ones."""
    world = World()
    await said(world)
    world.chat.script("edit", Fault(error))
    await world.add(look("nudge"), replace(delivery("next"), due_at=MONDAY + timedelta(minutes=1)))
    await world.finish()
    assert (await world.row("look/nudge")).state is DeliveryState.FAILED
    assert (await world.row("next")).state is DeliveryState.SENT
    assert world.composer.refusals == []


async def test_an_edit_that_is_asked_for_again_while_it_is_under_way_is_made_again() -> None:
    """What changed meanwhile is shown too: the last look wins."""
    world = World()
    await said(world)
    await world.add(look("nudge"))

    async def changed_meanwhile(what: str) -> None:
        if what == "edit: done":
            world.chat.step = original
            world.composer.words["look/nudge"] = Say(Post(title="newer"), look("nudge").place)
            async with world.store.begin() as tx:
                await tx.ask_look(look("nudge"))

    original, world.chat.step = world.chat.step, changed_meanwhile
    await world.finish()
    ref = (await world.row("nudge")).sent_ref
    assert ref is not None
    shown = world.chat.look(ref)
    assert shown is not None
    assert shown.title == "newer"
    assert (await world.row("look/nudge")).state is DeliveryState.SENT


async def test_a_rate_limited_edit_holds_its_channel() -> None:
    world = World()
    await said(world)
    world.chat.script("edit", Fault(RateLimited("slow down", retry_after=30)))
    await world.add(look("nudge"), replace(delivery("next"), due_at=MONDAY + timedelta(seconds=1)))
    await world.deliver()
    assert await world.deliver() == 0
    await world.clock.advance(30)
    assert await world.deliver() == 2
    await world.assert_each_sent_once()


async def test_a_place_of_a_member_is_their_private_channel() -> None:
    """It is asked for each time it is needed; the row keeps the member, the message its real place."""
    world = World()
    await world.add(delivery("lead", "@U1"))
    assert await world.deliver() == 1
    row = await world.row("lead")
    assert row.sent_ref is not None
    assert (row.place.channel, row.sent_ref.place.channel) == ("@U1", "D-U1")


@pytest.mark.parametrize("fault", [DROPPED, LOST, HANGS])
async def test_doubt_about_a_private_message_is_settled_in_the_private_channel(fault: Fault) -> None:
    world = World()
    world.chat.script("post", fault)
    await world.add(delivery("lead", "@U1"))
    await world.finish()
    await world.assert_each_sent_once()


@pytest.mark.parametrize("call", ["direct", "post"])
async def test_a_member_who_takes_no_private_messages_is_disabled_alone(call: str) -> None:
    """50007: the delivery fails, an admin is told once, other members and channels go on."""
    world = World()
    world.chat.script(call, Fault(Forbidden("no", reason="50007")), channel="D-U1")
    await world.add(delivery("lead", "@U1"), delivery("other", "@U2"), delivery("tip"))
    assert await world.deliver() == 2
    assert (await world.row("lead")).state is DeliveryState.FAILED
    assert world.composer.refusals == ["lead"]
    async with world.store.begin() as tx:
        assert await tx.disabled(COMMUNITY) == {"@U1": "50007"}


@pytest.mark.parametrize("fault", [LOST, HANGS, Fault(RuntimeError("bug")), Fault(Unavailable("down", sent=Sent.NO))])
async def test_failing_to_open_a_private_channel_leaves_no_doubt(fault: Fault) -> None:
    """Nothing can have been said yet: it is simply tried again."""
    world = World()
    world.chat.script("direct", fault)
    await world.add(delivery("lead", "@U1"))
    await world.deliver()
    row = await world.row("lead")
    assert (row.state, row.tried_at, row.attempts) == (DeliveryState.PENDING, None, 1)
    await world.clock.advance(A_WHILE)
    await world.deliver()
    assert "find" not in world.chat.calls
    await world.assert_each_sent_once()
