"""Several copies on one store: one judges what is said, any of them may be asked something."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from village import CALL, HELP, MODS, SUPPORT, TEAM, TIPS, Trouble, Village, member, place

from bot.app import Bot
from bot.errors import Sent, Unavailable
from bot.events import ActionTaken, CommandInvoked, FormSubmitted, Private, Reply, ShortcutUsed, TeamChanged
from bot.model import DeliveryState, MentionState, Message
from bot.ports import Store
from tests.fakes import COMMUNITY, FAKE, Fault, give_way


@pytest.fixture
def other(village: Village) -> Bot:
    """A copy that is connected to no community: it only answers."""
    return Bot(village.store, {FAKE: village.chat}, village.clock, lambda _: village.settings, village.shelf)


def title(reply: Reply | None) -> str:
    assert isinstance(reply, Private)
    return reply.post.title


async def lists(bot: Bot, village: Village, who: str) -> str:
    asked = CommandInvoked(place(TIPS), member(who), "mentions", "", village.clock.now(), private=False)
    return title(await bot.handle(asked))


async def test_any_copy_marks_as_answered(village: Village, other: Bot) -> None:
    """The entry of a message's menu does what it says, whichever copy the platform asked."""
    await lists(other, village, "tess")
    question = await village.asks()
    chosen = ShortcutUsed(place(SUPPORT), member("tess"), "answered", village.clock.now(), message=question)
    assert title(await other.handle(chosen)) == "Done"
    mention = await village.the_mention(question)
    assert (mention.state, mention.closed_by) == (MentionState.ANSWERED, "tess")
    again = ShortcutUsed(place(SUPPORT), member("tess"), "track", village.clock.now(), message=question)
    assert title(await other.handle(again)) == "I keep an eye on it"
    assert (await village.the_mention(question)).state is MentionState.OPEN


async def test_every_copy_learns_who_belongs_to_the_team(village: Village, other: Bot) -> None:
    """A copy that nobody tells of a change looks again after a while, and does without where it cannot."""
    await lists(other, village, "tess")
    village.chat.teams[COMMUNITY] = replace(TEAM, members=(TEAM.members - {"tim"}) | {"nora"})
    await village.bot.handle(TeamChanged(COMMUNITY))
    await village.time_passes(timedelta(minutes=6))
    village.chat.script("team", Fault(Unavailable("no", sent=Sent.NO, reason="503")))
    assert await lists(other, village, "tim") == "Nobody is waiting", "as it was known"
    await village.time_passes(timedelta(minutes=6))
    assert await lists(other, village, "nora") == "Nobody is waiting"
    assert await lists(other, village, "tim") != "Nobody is waiting"


@pytest.mark.parametrize("fails", [False, True])
async def test_who_calls_again_after_another_copy_closed_it_is_not_lost(
    village: Village, other: Bot, fails: bool
) -> None:
    """*Not a mention* was pressed at another copy, of which this one knew nothing: the next call opens a new one."""
    first = await village.says("ada", "@staff the export is broken", channel=HELP, pings=CALL)
    await village.settle()
    pressed = FormSubmitted(
        place(MODS),
        member("tess"),
        "mention.false",
        (await village.the_mention(first)).id,
        village.clock.now(),
        values={"choice": "chat"},
    )
    await other.handle(pressed)
    await village.time_passes(2)
    second = await village.says("ada", "@staff the export fails again", channel=HELP, pings=CALL)
    if fails:
        village.chat.script("fetch", Fault(Unavailable("no", sent=Sent.NO, reason="503")))
    await village.wait(1)
    mention = await village.the_mention(second)
    assert (mention.state, mention.ref) == (MentionState.OPEN, second.ref)
    await village.wait(31)
    assert village.keys == [f"nudge/{mention.id}/0"]
    assert (await village.the_mention(first)).state is MentionState.DISMISSED


async def test_what_another_copy_decided_while_a_nudge_was_put_into_words_stands(village: Village, other: Bot) -> None:
    """*Done* was pressed elsewhere just when the message turned out to be deleted: no nudge, nothing is tried anew."""
    question = await village.asks()
    mention = await village.the_mention(question)
    await village.time_passes(30)
    await village.bot.tick()
    village.chat.delete(question.ref)

    async def press(step: str) -> None:
        if step == "fetch: done":
            village.chat.step = give_way
            await other.handle(
                ActionTaken(place(MODS), member("tess"), "mention.done", mention.id, village.clock.now())
            )

    village.chat.step = press
    await village.deliverer.deliver_due([COMMUNITY])
    assert not village.said
    assert await village.state_of(f"nudge/{mention.id}/0") is DeliveryState.CANCELLED
    assert (await village.the_mention(question)).closing_rule == "done"


@pytest.mark.parametrize("trouble", ["more is said", "the store fails"])
async def test_nothing_said_is_lost_while_it_is_judged_anew(store: Store, trouble: str) -> None:
    """Another copy closed it: whatever its asker says while that is found out is heard, also when the store fails."""
    failing = Trouble(store)
    village = Village(failing)
    await village.connect()
    first = await village.asks()
    mention = await village.the_mention(first)
    other = Bot(village.store, {FAKE: village.chat}, village.clock, lambda _: village.settings, village.shelf)
    await other.handle(ActionTaken(place(MODS), member("tess"), "mention.done", mention.id, village.clock.now()))
    await village.time_passes(2)
    last = await village.says("ada", "It is in Settings now, and how do I export my data as a file?")
    asked: list[Message] = []

    async def disturb(step: str) -> None:
        if step.startswith("fetch: asked") and not asked:
            asked.append(last)
            if trouble == "more is said":
                asked.append(await village.says("ada", "How do I export all of my data as a CSV file?"))
            else:
                failing.failures = 1

    village.chat.step = disturb
    for _ in range(3):
        await village.wait(1)
    waiting = await village.waiting()
    assert [(m.asker, m.state) for m in waiting] == [("ada", MentionState.OPEN)]
    async with store.begin() as tx:
        known = [await tx.mention_of(message.ref) for message in asked]
    assert all(found is not None and found.id == waiting[0].id for found in known)
