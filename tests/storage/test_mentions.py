from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Conflict
from bot.model import Community, Mention, MentionState, MessageRef, Place, Platform, Wait
from bot.ports import Store
from tests.storage.samples import DAY, MINUTE, NOW, OTHERS, OURS, add, decision, mention, place, ref


async def test_a_mention_comes_back_as_it_was(store: Store) -> None:
    """Every value survives: instants to the microsecond and in UTC, durations, absent values."""
    full = mention(
        ref=MessageRef(place("général", "thread-1"), "1.1"),
        state=MentionState.CLAIMED,
        waited=timedelta(days=3, microseconds=7),
        step=2,
        due_at=NOW + DAY,
        claimed_by="U5",
        until=NOW + MINUTE,
        closed_at=NOW,
        closed_by="U6",
        closing_rule="reply",
        first_answer_at=NOW + MINUTE,
        worked=timedelta(microseconds=1),
        told_by="nudge/1",
        version=4,
    )
    await add(store, full, mention("m2"))
    async with store.begin() as tx:
        assert await tx.mention("m1") == full
        assert await tx.mention("m2") == mention("m2")
        assert await tx.mention("m3") is None
        found = await tx.mention("m1")
    assert found is not None
    assert found.due_at is not None
    assert found.due_at.utcoffset() == timedelta(0)


async def test_a_message_opens_one_mention_only(store: Store) -> None:
    """`add_mention` is False, and nothing changed, when its message already belongs to a mention."""
    await add(store, mention("m1", "1.1"))
    async with store.begin() as tx:
        assert not await tx.add_mention(mention("m2", "1.1"))
        assert not await tx.add_mention(mention("m1", "1.1", asker="U2"))
        assert await tx.mention("m2") is None
        assert await tx.mention("m1") == mention("m1", "1.1")
        assert await tx.waiting(OURS) == [mention("m1", "1.1")]


async def test_the_same_id_elsewhere_is_another_message(store: Store) -> None:
    """A message id is unique only within its channel."""
    await add(store, mention("m1", "1.1"), mention("m2", ref=ref("1.1", "random")))
    await add(store, mention("m3", ref=ref("1.1", community=OTHERS)))
    async with store.begin() as tx:
        found = [await tx.mention_of(r) for r in (ref("1.1"), ref("1.1", "random"), ref("1.1", community=OTHERS))]
    assert [m and m.id for m in found] == ["m1", "m2", "m3"]


async def test_a_message_is_found_however_it_was_reached(store: Store) -> None:
    """Inside its thread or from the channel: it is the same message, whatever became of its mention."""
    await add(store, mention("m1", "1.1", state=MentionState.GONE))
    async with store.begin() as tx:
        found = await tx.mention_of(MessageRef(place("general", "some thread"), "1.1"))
    assert found == mention("m1", "1.1", state=MentionState.GONE)


async def test_further_messages_belong_to_one_mention(store: Store) -> None:
    """`attach` is False when the message already belongs to a mention; the order of attachment is kept."""
    await add(store, mention("m1", "5"), mention("m2", "6"))
    async with store.begin() as tx:
        assert await tx.attach("m1", ref("4"))
        assert await tx.attach("m1", ref("9"))
        assert not await tx.attach("m2", ref("4"))
        assert not await tx.attach("m1", ref("6"))
    async with store.begin() as tx:
        assert await tx.messages_of("m1") == ["5", "4", "9"]
        assert await tx.messages_of("m2") == ["6"]
        assert await tx.messages_of("none") == []
        assert await tx.mention_of(ref("9")) == mention("m1", "5")


async def test_the_messages_of_all_who_wait(store: Store) -> None:
    """By mention, in the order of attachment; not of those that are over, nor of another community's."""
    over, theirs = mention("m3", "8", state=MentionState.ANSWERED), MessageRef(Place(OTHERS, "general"), "7")
    await add(store, mention("m1", "5"), mention("m2", "6"), over, mention("m4", ref=theirs))
    async with store.begin() as tx:
        await tx.attach("m2", ref("9"))
        await tx.attach("m1", ref("4"))
    async with store.begin() as tx:
        assert await tx.messages_of_waiting(OURS) == {"m1": ["5", "4"], "m2": ["6", "9"]}
        assert await tx.messages_of_waiting(OTHERS) == {"m4": ["7"]}


async def test_a_message_that_is_gone_belongs_to_nothing(store: Store) -> None:
    """`detach` leaves the mention as it is; the message could open another one."""
    await add(store, mention("m1", "1"))
    async with store.begin() as tx:
        await tx.attach("m1", ref("2"))
        await tx.detach(ref("1"))
        await tx.detach(ref("unknown"))
    async with store.begin() as tx:
        assert await tx.messages_of("m1") == ["2"]
        assert await tx.mention_of(ref("1")) is None
        assert await tx.mention("m1") == mention("m1", "1")
        assert await tx.attach("m1", ref("1"))
        assert await tx.messages_of("m1") == ["2", "1"]


async def test_saving_gives_the_next_version(store: Store) -> None:
    """`save_mention` stores everything but `told_by`; the result is what is stored."""
    await add(store, mention())
    async with store.begin() as tx:
        await tx.note_told("m1", "nudge/m1/1")
    changed = mention(state=MentionState.SNOOZED, until=NOW + DAY, due_at=NOW + DAY, told_by="something else")
    async with store.begin() as tx:
        saved = await tx.save_mention(changed)
        assert saved == replace(changed, told_by="nudge/m1/1", version=1)
        assert await tx.mention("m1") == saved
        assert (await tx.save_mention(saved)).version == 2


async def test_a_change_behind_our_back_is_a_conflict(store: Store) -> None:
    """`save_mention` raises Conflict if it changed meanwhile, and nothing of the transaction is committed."""
    await add(store, mention())
    async with store.begin() as tx:
        await tx.save_mention(mention(step=1))

    async def judge() -> None:
        async with store.begin() as tx:
            await tx.add_mention(mention("m2"))
            await tx.save_mention(mention(step=2))

    with pytest.raises(Conflict):
        await judge()
    async with store.begin() as tx:
        assert await tx.mention("m1") == mention(step=1, version=1)
        assert await tx.mention("m2") is None


@pytest.mark.parametrize("lost", ["save", "attach", "record"])
async def test_what_was_removed_meanwhile_is_a_conflict(store: Store, lost: str) -> None:
    """A mention that somebody forgot must be judged again, not half written."""

    async def work() -> None:
        async with store.begin() as tx:
            await tx.add_mention(mention("m2"))
            match lost:
                case "save":
                    await tx.save_mention(mention())
                case "attach":
                    await tx.attach("m1", ref("3"))
                case _:
                    await tx.record(decision())

    with pytest.raises(Conflict):
        await work()
    async with store.begin() as tx:
        assert await tx.mention("m2") is None
        await tx.note_told("m1", "of no consequence")


async def test_the_living_nudge_is_no_change(store: Store) -> None:
    """`note_told` leaves the version alone, so that it never makes a judgement conflict."""
    await add(store, mention())
    async with store.begin() as tx:
        await tx.note_told("m1", "nudge/m1/1")
        await tx.note_told("m1", "nudge/m1/2")
        assert await tx.mention("m1") == mention(told_by="nudge/m1/2")


async def test_waiting_mentions_come_oldest_first(store: Store) -> None:
    """Open, claimed and snoozed ones of that community, up to the limit."""
    await add(
        store,
        mention("b", after=1),
        mention("a", after=1, state=MentionState.CLAIMED),
        mention("c", after=0, state=MentionState.SNOOZED),
        *(mention(state.value, state=state) for state in MentionState if not state.waits),
        mention("foreign", ref=ref("1", community=OTHERS)),
    )
    async with store.begin() as tx:
        assert [m.id for m in await tx.waiting(OURS)] == ["c", "a", "b"]
        assert [m.id for m in await tx.waiting(OURS, 2)] == ["c", "a"]
        assert [m.id for m in await tx.waiting(OTHERS)] == ["foreign"]
        assert await tx.waiting(OURS, 0) == []


async def test_due_mentions_are_those_whose_instant_has_come(store: Store) -> None:
    """The instant itself included; only waiting ones; those without one never; oldest first."""
    await add(
        store,
        mention("late", after=-2, due_at=NOW),
        mention("early", after=-3, due_at=NOW),
        mention("young", after=-1, due_at=NOW - DAY),
        mention("coming", due_at=NOW + timedelta(microseconds=1)),
        mention("never"),
        mention("over", due_at=NOW, state=MentionState.ANSWERED),
        mention("foreign", ref=ref("1", community=OTHERS), due_at=NOW),
    )
    async with store.begin() as tx:
        assert [m.id for m in await tx.due_mentions(OURS, NOW)] == ["early", "late", "young"]
        assert [m.id for m in await tx.due_mentions(OURS, NOW - DAY)] == ["young"]
        moved = await tx.mention("late")
        assert moved is not None
        await tx.save_mention(replace(moved, due_at=None))
        assert [m.id for m in await tx.due_mentions(OURS, NOW)] == ["early", "young"]


async def test_communities_are_due_where_a_mention_is(store: Store) -> None:
    """Of those that were asked for, however many; the instant itself included, only for mentions that wait."""
    await add(
        store,
        mention("now", due_at=NOW),
        mention("again", due_at=NOW - DAY),
        mention("over", ref=ref("1", community=OTHERS), due_at=NOW, state=MentionState.ANSWERED),
        mention("coming", ref=ref("2", community=OTHERS), due_at=NOW + timedelta(microseconds=1)),
    )
    many = [Community(Platform("slack"), f"T{number}") for number in range(3000)]
    async with store.begin() as tx:
        assert await tx.due_communities([*many, OURS, OTHERS], NOW) == {OURS}
        assert await tx.due_communities([OURS, OTHERS], NOW + DAY) == {OURS, OTHERS}
        assert await tx.due_communities([OTHERS], NOW) == set()
        assert await tx.due_communities([], NOW + DAY) == set()


async def test_decisions_come_oldest_first(store: Store) -> None:
    """As they were recorded where two bear the same instant; every value survives."""
    bare = decision(member=None, message=None, reasons=(), after=2)
    lines = [decision(after=1, rule="é"), decision(rule="second"), decision(rule="first"), bare]
    await add(store, mention(), mention("m2"))
    async with store.begin() as tx:
        for line in lines:
            await tx.record(line)
        await tx.record(decision("m2"))
    async with store.begin() as tx:
        assert await tx.decisions("m1") == [lines[1], lines[2], lines[0], bare]
        assert await tx.decisions("none") == []


async def test_waits_are_the_figures_since_an_instant(store: Store) -> None:
    """One for each mention opened at or after it, whatever became of it; none of the clocks runs before an answer."""
    answered = mention(
        "answered",
        state=MentionState.ANSWERED,
        first_answer_at=NOW + 90 * MINUTE,
        worked=timedelta(minutes=30),
        closing_rule="reply",
        step=1,
    )
    await add(store, mention("before", after=-0.001), answered, mention("open", after=1))
    await add(store, mention("foreign", ref=ref("1", community=OTHERS)))
    async with store.begin() as tx:
        assert await tx.waits(OURS, NOW) == [
            Wait("general", "asks-team", NOW, MentionState.ANSWERED, 1, 90 * MINUTE, 30 * MINUTE, "reply"),
            Wait("general", "asks-team", NOW + MINUTE, MentionState.OPEN, 0, None, None),
        ]


async def test_what_ended_with_a_channel(store: Store) -> None:
    """By its rule, in that channel and its threads, since an instant; oldest first, and nobody else's."""

    def ended(id_: str, where: Place, rule: str = "channel-lost", closed: timedelta = MINUTE) -> Mention:
        opened = mention(id_, ref=MessageRef(where, id_), state=MentionState.GONE)
        return replace(opened, opened_at=NOW - int(id_[1:]) * DAY, closing_rule=rule, closed_at=NOW - closed)

    here = place("general")
    await add(
        store,
        ended("m1", here),
        ended("m2", place("general", "7")),
        ended("m3", here, rule="deleted"),
        ended("m4", here, closed=DAY),
        ended("m5", place("random")),
        replace(mention("m6"), ref=MessageRef(here, "m6")),
        ended("m7", Place(OTHERS, "general")),
    )
    async with store.begin() as tx:
        assert [found.id for found in await tx.ended(here, "channel-lost", NOW - MINUTE)] == ["m2", "m1"]
