"""Edits, deletions and reactions, which change what was said before."""

from __future__ import annotations

from dataclasses import replace

from village import CALL, HELP, Village, everything, member

from bot.events import MessageDeleted, MessageEdited, MessagePosted, ReactionAdded, ReactionRemoved
from bot.model import MentionState

OPEN, ANSWERED, GONE = MentionState.OPEN, MentionState.ANSWERED, MentionState.GONE


async def test_edits_and_reactions_delivered_twice_change_nothing(village: Village) -> None:
    """Closing events that come twice, after a restart too, leave what is closed as it was closed."""
    edited, deleted, marked = [
        await village.says(who, "I was there yesterday", pings=CALL) for who in ("ada", "bob", "cleo")
    ]
    await village.time_passes(1)
    at = village.clock.now()
    events = [
        MessageEdited(replace(edited, text="I was there", pings=()), at),
        MessageDeleted(deleted.ref, at),
        ReactionAdded(marked.ref, member("tim"), "✅", at),
    ]
    for event in events:
        await village.bot.handle(event)
    before = await everything(village)
    await village.restart()
    for event in [*events, MessagePosted(edited), MessagePosted(deleted), MessagePosted(marked)]:
        await village.bot.handle(event)
    assert await everything(village) == before
    assert not await village.waiting()


async def test_an_edit_that_adds_a_ping_opens_and_one_that_removes_it_closes(village: Village) -> None:
    """An edit that adds a ping opens, one that removes it closes, and adding it again reopens the same mention."""
    message = await village.says("ada", "I was there yesterday", channel=HELP)
    assert await village.mention(message) is None
    await village.time_passes(1)
    await village.edits(message, "I was there yesterday @staff", CALL)
    first = await village.the_mention(message)
    assert (first.state, first.rule) == (OPEN, "ping-role")
    await village.time_passes(1)
    await village.edits(message, "I was there yesterday")
    assert (await village.the_mention(message)).closing_rule == "edited-away"
    await village.time_passes(1)
    await village.edits(message, "I was there yesterday @staff", CALL)
    again = await village.the_mention(message)
    assert (again.id, again.state) == (first.id, OPEN)


async def test_a_ping_put_back_repeats_no_step_that_was_said(village: Village) -> None:
    """Adding a ping again reopens without a second nudge of a step already said."""
    message = await village.says("ada", "I was there yesterday @staff", channel=HELP, pings=CALL)
    await village.wait(31)
    assert len(village.said) == 1
    await village.edits(message, "I was there yesterday")
    await village.wait(1)
    await village.edits(message, "I was there yesterday @staff", CALL)
    await village.wait(60)
    assert village.keys == [f"nudge/{(await village.the_mention(message)).id}/0"]
    await village.wait(80)
    assert [key.rpartition("/")[2] for key in village.keys] == ["0", "1"]


async def test_a_late_edit_does_not_undo_a_later_one(village: Village) -> None:
    """An edit delivered again after a later one changes nothing."""
    message = await village.says("ada", "I was there yesterday @staff", channel=HELP, pings=CALL)
    await village.time_passes(1)
    without = MessageEdited(await village.edits(message, "I was there yesterday"), village.clock.now())
    await village.time_passes(1)
    await village.edits(message, "I was there yesterday @staff", CALL)
    await village.bot.handle(without)
    assert (await village.the_mention(message)).state is OPEN


async def test_the_first_words_delivered_again_do_not_bring_a_removed_ping_back(village: Village) -> None:
    """A message delivered again as it was before its ping was edited away opens nothing, after a restart too."""
    message = await village.says("ada", "I was there yesterday @staff", channel=HELP, pings=CALL)
    await village.time_passes(1)
    await village.edits(message, "I was there yesterday")
    await village.restart()
    await village.hear(message)
    assert (await village.the_mention(message)).state is GONE


async def test_a_deleted_message_awaits_nobody(village: Village) -> None:
    """A deletion closes; where the asker said more, only the last one does."""
    question = await village.asks()
    more = await village.says("ada", "I tried the link in the mail")
    await village.deletes(question)
    assert (await village.the_mention(more)).state is OPEN
    await village.deletes(more)
    assert not await village.waiting()


async def test_a_reaction_of_the_team_answers_and_taking_it_back_reopens(village: Village) -> None:
    """A team reaction from the list answers; its removal makes the mention wait again."""
    question = await village.asks()
    marked = await village.reacts("bob", question)
    assert (await village.the_mention(question)).state is OPEN, "an outsider's reaction answers nothing"
    marked = await village.reacts("tess", marked, "👀")
    assert (await village.the_mention(question)).state is OPEN, "eyes only say that somebody looked"
    marked = await village.reacts("tess", marked)
    assert (await village.the_mention(question)).closing_rule == "reaction"
    await village.unreacts("tess", marked, "👀")
    assert (await village.the_mention(question)).state is ANSWERED
    await village.unreacts("tess", marked)
    mention = await village.the_mention(question)
    assert (mention.state, mention.worked, mention.closed_at) == (OPEN, None, None)
    before = await everything(village)
    await village.bot.handle(ReactionRemoved(question.ref, marked.author, "✅", village.clock.now()))
    assert await everything(village) == before


async def test_the_asker_marks_it_as_solved(village: Village) -> None:
    """The asker's own check mark closes the mention."""
    question = await village.asks()
    await village.reacts("ada", question)
    assert (await village.the_mention(question)).closing_rule == "asker-reaction"
