"""Channels and communities that are lost, and deliveries that are refused: told once, and the rest goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from village import CALL, FORUM, HELP, MODS, SUPPORT, TIPS, TIPS_AT_TEN, Trouble, Village, place, settings

from bot.errors import ChatError, Forbidden, Gone
from bot.events import ChannelFound, ChannelLost, CommunityLost, Connected
from bot.markup import plain
from bot.mentions.room import listen
from bot.model import DeliveryState, MentionState, Place, Verdict
from bot.ports import Store
from tests.fakes import COMMUNITY, MONDAY

FIX = "Invite me again with /invite."


async def test_a_lost_channel_ends_what_waits_there_and_each_admin_is_told_once(village: Village) -> None:
    """Nobody can answer in an archived channel: its mentions are over, other channels go on, admins are told once."""
    village.settings = settings(team=replace(village.settings.team, admins=("adam", "eve")))
    await village.restart()
    lost = await village.asks()
    kept = await village.says("bob", "I ask @staff", channel=HELP, pings=CALL)
    for _ in range(3):
        await village.bot.handle(ChannelLost(place(SUPPORT), "is_archived", village.clock.now()))
        await village.settle()
    assert (await village.the_mention(lost)).closing_rule == "channel-lost"
    assert (await village.the_mention(kept)).state is MentionState.OPEN
    assert [len(village.said_in(channel)) for channel in ("D-adam", "D-eve")] == [1, 1]
    assert "is_archived" in plain(village.said_in("D-adam")[0].body)
    await village.wait(31)
    assert len(village.said_in(MODS)) == 1


async def test_a_channel_that_we_do_not_use_is_lost_quietly(village: Village) -> None:
    """Being removed from a channel that matters to nobody is no news for an admin."""
    await village.bot.handle(ChannelLost(place("garden"), "kicked", village.clock.now()))
    await village.settle()
    assert not village.said


async def test_a_channel_is_lost_even_when_its_mention_changed_elsewhere(village: Village) -> None:
    """A mention that another process changed meanwhile is judged again, and the channel is closed all the same."""
    question = await village.asks()
    other = Village(village.store, clock=village.clock)
    await other.connect()
    await other.press("tess", "mention.claim", (await village.the_mention(question)).id)
    await village.bot.handle(ChannelLost(place(SUPPORT), "is_archived", village.clock.now()))
    assert [d.verdict for d in await village.decisions(question)][-1] is Verdict.GONE


async def test_a_lost_community_is_forgotten(store: Store) -> None:
    """After an uninstall nothing is left of a community, and what was under way for it is not stored either."""
    village = Village(store, settings(tips=TIPS_AT_TEN))
    await village.connect()
    await village.asks()
    await village.wait(90)
    watch = village.bot.watches[COMMUNITY]
    for _ in range(2):
        await village.bot.handle(CommunityLost(COMMUNITY, "app_uninstalled", village.clock.now()))
    late = village.write("bob", "How do I do that?")
    async with watch.turn(SUPPORT):
        room = watch.rooms[SUPPORT]
        assert not await watch.commit(watch.judge.post(late, listen(late, watch.team, room), room))
    await village.settle()
    async with store.begin() as tx:
        assert not await tx.known()
        assert not await tx.deliveries(COMMUNITY, 100)
        assert not await tx.cursors(COMMUNITY)
        assert await tx.last_settled(f"tip/{COMMUNITY}") is None
        assert await tx.deck(COMMUNITY) is None
    assert not await village.waiting()
    assert await village.mention(late) is None


@pytest.mark.parametrize(
    "error", [Forbidden("no", reason="not_in_channel", fix=FIX), Gone("no", reason="50001", fix=FIX)]
)
async def test_a_refused_place_is_told_once_and_stops_nothing_else(village: Village, error: ChatError) -> None:
    """A place that refuses us is left alone, each admin is told once in private with the fix, and the rest goes on."""
    village.settings = settings(tips=TIPS_AT_TEN)
    await village.restart()
    village.chat.closed[MODS] = error
    for number in range(3):
        await village.asks(f"guest{number}")
        await village.wait(31)
    (notice,) = village.said_in("D-adam")
    assert error.reason in plain(notice.body)
    assert plain(notice.context) == FIX
    assert len(village.said_in(TIPS)) == 1
    async with village.store.begin() as tx:
        assert await tx.disabled(COMMUNITY) == {MODS: error.reason}


async def test_an_admin_whose_own_door_is_closed_is_no_endless_story(village: Village) -> None:
    """A notice that cannot be delivered causes no other notice."""
    village.chat.closed[MODS] = village.chat.closed["D-adam"] = Forbidden("no", reason="50007")
    await village.asks()
    await village.wait(timedelta(days=2))
    kinds = [d.key.partition("/")[0] for d in await village.deliveries()]
    assert kinds.count("notice") == 1


async def test_a_notice_waits_for_working_hours(village: Village) -> None:
    """An admin is not woken at night because a channel was archived."""
    await village.wait(timedelta(hours=12))
    await village.bot.handle(ChannelLost(place(SUPPORT), "is_archived", village.clock.now()))
    await village.settle()
    assert not village.said
    await village.wait(timedelta(hours=12, minutes=1))
    assert village.settings.hours.is_open(village.said[0].at)


async def test_a_lead_who_cannot_be_reached_keeps_nobody_waiting(village: Village) -> None:
    """When the lead's private messages are closed, an admin is told, and the other steps were said."""
    village.chat.closed["D-lea"] = Forbidden("no", reason="50007", fix="Open your private messages.")
    question = await village.asks()
    await village.wait(timedelta(hours=9))
    mention = await village.the_mention(question)
    assert await village.state_of(f"nudge/{mention.id}/2") is DeliveryState.FAILED
    await village.wait(timedelta(days=1))
    assert len(village.said_in(MODS)) == 2
    assert len(village.said_in("D-adam")) == 1


async def test_losing_one_of_two_communities_leaves_the_other(store: Store) -> None:
    """What is forgotten is the one community and no other."""
    trouble = Trouble(store)
    village = Village(trouble)
    other = replace(COMMUNITY, id="C2")
    village.chat.teams[other] = village.chat.teams[COMMUNITY]
    await village.connect()
    await village.bot.handle(Connected(other))
    await village.asks()
    await village.bot.handle(CommunityLost(other, "removed", village.clock.now()))
    assert len(await village.waiting()) == 1
    async with store.begin() as tx:
        assert await tx.known() == [COMMUNITY]
    assert Place(other, SUPPORT).community not in village.bot.watches


async def test_a_place_that_was_mended_is_tried_again_after_a_restart(village: Village) -> None:
    """What an admin has mended works again once the bot starts anew: what waited there is said, if it still holds."""
    village.chat.closed[MODS] = Forbidden("no", reason="not_in_channel", fix=FIX)
    await village.asks("ada")
    await village.wait(31)
    await village.asks("bob")
    await village.wait(31)
    del village.chat.closed[MODS]
    await village.restart()
    await village.wait(1)
    assert [post.title for post in village.said_in(MODS)] == ["Bob is waiting for an answer"]


async def test_a_thread_that_is_locked_takes_only_what_waits_in_it(village: Village) -> None:
    """Its mention is over; others wait, the channel is read and written as before, and no admin is alarmed."""
    inside = await village.asks("ada", channel=FORUM, thread="t1")
    beside = await village.asks("bob", channel=FORUM, thread="t2")
    await village.bot.handle(ChannelLost(place(FORUM, "t1"), "thread_locked", village.clock.now()))
    assert (await village.the_mention(inside)).state is MentionState.GONE
    assert (await village.the_mention(beside)).state is MentionState.OPEN
    async with village.store.begin() as tx:
        assert await tx.disabled(COMMUNITY) == {}
    await village.wait(31)
    assert village.said_in("D-adam") == []
    assert len(village.said_in(MODS)) == 1


async def test_who_waited_in_a_channel_waits_again_when_it_is_there_again(village: Village) -> None:
    """The bot was taken out of a channel and put back: whoever had asked there is not forgotten, nor what they got."""
    lost, answered = await village.asks(), await village.asks("bob", "How do I export?", thread="t1")
    long_ago = await village.asks("cleo", "Where is the manual?", thread="t2")
    await village.bot.handle(ChannelLost(place(SUPPORT), "left", village.clock.now()))
    await village.time_passes(1)
    village.write("tess", "In the menu", thread="t1")
    await village.time_passes(1)
    for _ in range(2):
        await village.bot.handle(ChannelFound(place(SUPPORT), village.clock.now()))
    assert (await village.the_mention(lost)).state is MentionState.OPEN
    assert (await village.the_mention(answered)).closing_rule == "thread"
    assert [d.rule for d in await village.decisions(lost)] == ["question", "channel-lost", "channel-found"]
    await village.wait(31)
    assert f"nudge/{(await village.the_mention(lost)).id}/0" in village.keys
    await village.bot.handle(ChannelLost(place(SUPPORT), "left", village.clock.now()))
    await village.time_passes(timedelta(days=8))
    await village.bot.handle(ChannelFound(place(SUPPORT), village.clock.now()))
    assert (await village.the_mention(long_ago)).state is MentionState.GONE, "who asked a week ago waits no more"


async def test_a_thread_that_is_gone_does_not_come_back_with_its_channel(village: Village) -> None:
    """Deleted days ago: that the bot was taken out of the channel and put back since brings nobody back."""
    question = await village.asks(thread="t1")
    await village.bot.handle(ChannelLost(place(SUPPORT, "t1"), "thread_deleted", village.clock.now()))
    for event in (ChannelLost(place(SUPPORT), "left", village.clock.now()), ChannelFound(place(SUPPORT), MONDAY)):
        await village.time_passes(1)
        await village.bot.handle(replace(event, at=village.clock.now()))
    assert (await village.the_mention(question)).closing_rule == "thread-lost"
