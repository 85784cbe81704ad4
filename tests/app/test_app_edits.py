"""Edits, deletions and reactions, which change what was said before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from village import CALL, HELP, Village, everything, member

from bot.errors import Sent, Unavailable
from bot.events import MessageDeleted, MessageEdited, MessagePosted, ReactionAdded, ReactionRemoved
from bot.model import MentionState
from tests.fakes import Fault

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


async def test_a_ping_added_to_what_was_answered_calls_again(village: Village) -> None:
    """An edit that adds a ping opens, also where the message had been answered before; one that adds none does not."""
    question = await village.asks()
    await village.wait(1)
    await village.says("tess", "Under Settings", reply_to=question.ref.id)
    await village.wait(5)
    changed = await village.edits(question, "How do I reset my password, please?")
    assert (await village.the_mention(question)).state is ANSWERED
    await village.edits(changed, "@staff How do I reset it? Settings has no such thing", CALL)
    mention = await village.the_mention(question)
    assert (mention.state, mention.rule) == (OPEN, "ping-role")
    await village.wait(31)
    assert village.keys == [f"nudge/{mention.id}/0"]


@pytest.mark.parametrize(("more", "waits"), [("the one on billing I mean", False), ("@staff the one on billing", True)])
async def test_a_ping_taken_away_closes_unless_another_message_calls(village: Village, more: str, waits: bool) -> None:
    """What its asker added to it without a ping does not keep a mention open whose ping is gone."""
    question = await village.says("ada", "@staff where is the guide", channel=HELP, pings=CALL)
    await village.says("ada", more, channel=HELP, pings=CALL if "@" in more else ())
    await village.edits(question, "where is the guide")
    assert (await village.the_mention(question)).state.waits is waits


@pytest.mark.parametrize(("more", "waits"), [("thanks!", False), ("👍", False), ("it is the one in French", True)])
async def test_a_deleted_question_leaves_no_thanks_behind_that_wait(village: Village, more: str, waits: bool) -> None:
    """Once the question is deleted, nobody is nudged about the thanks or the emoji that came after it."""
    question = await village.asks()
    rest = await village.says("ada", more)
    await village.deletes(question)
    assert (await village.the_mention(rest)).state.waits is waits


async def test_one_of_two_marks_taken_back_changes_nothing(village: Village) -> None:
    """While another mark of the team stands, the mention is answered; the last one taken back reopens it."""
    question = await village.asks()
    marked = await village.reacts("tim", await village.reacts("tess", question))
    await village.unreacts("tess", marked)
    assert (await village.the_mention(question)).state is ANSWERED
    await village.unreacts("tim", village.chat.messages[-1])
    assert (await village.the_mention(question)).state is OPEN


async def test_a_mark_whose_message_cannot_be_read_reopens_when_its_giver_takes_it_back(village: Village) -> None:
    """Without the message, what we know of it decides."""
    question = await village.asks()
    marked = await village.reacts("tess", question)
    village.chat.script("fetch", *[Fault(Unavailable("no", sent=Sent.NO, reason="503"))] * 2)
    await village.bot.handle(ReactionRemoved(question.ref, member("tim"), "✅", village.clock.now()))
    assert (await village.the_mention(question)).state is ANSWERED
    await village.unreacts("tess", marked)
    assert (await village.the_mention(question)).state is OPEN


@pytest.mark.parametrize("by", ["unmark", "button"])
async def test_a_mark_delivered_again_does_not_undo_what_was_decided_since(village: Village, by: str) -> None:
    """The platform tells of a mark once more after it was taken back, or after *Still waiting*: nobody is lost by it.

    The same mark given anew counts.
    """
    question = await village.asks()
    given = ReactionAdded(question.ref, member("tess"), "✅", village.clock.now())
    marked = await village.reacts("tess", question)
    await village.time_passes(1)
    if by == "unmark":
        await village.unreacts("tess", marked)
    else:
        await village.press("tess", "mention.reopen", (await village.the_mention(question)).id)
    await village.time_passes(1)
    await village.bot.handle(given)
    assert (await village.the_mention(question)).state is OPEN
    await village.reacts("tess", question)
    assert (await village.the_mention(question)).state is ANSWERED


@pytest.mark.parametrize("heard", [True, False])
async def test_a_question_that_calls_nobody_any_more_still_waits(village: Village, heard: bool) -> None:
    """Its ping edited away, and what it asks still there: whoever watches for questions is nudged about it."""
    question = await village.says("ada", "@staff How do I reset my password?", pings=CALL)
    await village.wait(2)
    if heard:
        await village.edits(question, "How do I reset my password?")
    else:
        village.rewrite(question, "How do I reset my password?")
    await village.wait(31)
    assert (await village.the_mention(question)).state is OPEN
    assert len(village.said) == 1


@pytest.mark.parametrize("heard", [True, False])
async def test_a_question_behind_a_ping_that_is_gone_still_waits(village: Village, heard: bool) -> None:
    """The first message calls nobody any more; what its asker asked after it does not go with it."""
    first = await village.says("ada", "@staff hello, are you there?", pings=CALL)
    await village.wait(1)
    await village.says("ada", "How do I reset my password?")
    await village.wait(1)
    if heard:
        await village.edits(first, "Hello all!")
    else:
        village.rewrite(first, "Hello all!")
    await village.wait(31)
    assert (await village.the_mention(first)).state is OPEN
    assert len(village.said) == 1


async def test_a_bare_call_outlives_the_question_before_it(village: Village) -> None:
    """*@staff* calls: the question before it deleted, somebody still waits."""
    question = await village.asks()
    call = await village.says("ada", "@staff", pings=CALL)
    await village.deletes(question)
    assert (await village.the_mention(call)).state is OPEN


async def test_a_mark_from_before_an_edit_that_calls_does_not_close_it_again(village: Village) -> None:
    """Marked as done, then *@staff it is still broken* edited into it: the old mark stands, and counts no more."""
    marked = await village.reacts("tess", await village.asks())
    await village.wait(2)
    await village.edits(marked, "@staff How do I reset it? It is still broken", CALL)
    await village.wait(31)
    assert (await village.the_mention(marked)).state is OPEN
    assert len(village.said) == 1


async def test_many_messages_of_one_mention_may_bear_its_mark(village: Village) -> None:
    """Somebody else's mark taken back from the first of ten does not undo the one on the last."""
    question = await village.asks()
    for number in range(9):
        more = await village.says("ada", f"and detail number {number}")
    await village.settle()
    marked = await village.reacts("tim", question)
    await village.press("tess", "mention.reopen", (await village.the_mention(question)).id)
    await village.reacts("tess", more)
    await village.unreacts("tim", marked)
    assert (await village.the_mention(question)).state is ANSWERED
