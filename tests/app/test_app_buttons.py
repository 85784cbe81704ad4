"""What the buttons under a nudge and in the list do, who may press them, and what happens when two do at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from village import CALL, HELP, MODS, Trouble, Village, everything, settings

from bot.app import Bot
from bot.events import NewLook, Private, Reply, ShowForm
from bot.markup import plain
from bot.model import MentionState, Verdict
from bot.ports import Store
from bot.post import Post
from tests.fakes import FAKE


def posted(reply: Reply | None) -> Post:
    assert isinstance(reply, Private)
    return reply.post


VERBS = ["claim", "release", "snooze", "done", "false", "reopen"]


async def test_claim_gives_the_nudge_a_new_look(village: Village) -> None:
    """Claim is answered by the new look of the nudge, in the community's language whoever pressed."""
    question = await village.asks()
    await village.wait(31)
    reply = await village.press(
        "tess", "mention.claim", (await village.the_mention(question)).id, village.said[0], locale="fr-FR"
    )
    assert isinstance(reply, NewLook)
    assert reply.post.title == "Ada is being answered"
    assert "Claimed until 11:31" in reply.post.context
    mention = await village.the_mention(question)
    assert (mention.state, mention.claimed_by) == (MentionState.CLAIMED, "tess")


async def test_who_took_it_and_who_answered_is_told(village: Village) -> None:
    """By name, in the nudge, the list and the history, wherever the platform knows the name without being asked."""
    village.chat.names = {"tess": "Tess", "tim": "Tim"}
    question = await village.asks()
    await village.wait(31)
    mention = await village.the_mention(question)
    reply = await village.press("tess", "mention.claim", mention.id, village.said[0])
    assert isinstance(reply, NewLook)
    assert plain(reply.post.context) == "Tess is on it until 11:31"
    listed = posted(await village.command("tess", "mentions"))
    assert "Tess is on it" in plain(listed.items[0].body)
    await village.says("tim", "In your settings", thread=question.ref.id)
    why = posted(await village.command("tess", "mentions", f"why {village.chat.link(question.ref)}"))
    assert plain(why.context).startswith(
        "Answered by Tim (09:31), after 31 min of working time: answered in its thread"
    )
    another = await village.asks("bob")
    await village.submit("tess", "mention.false", (await village.the_mention(another)).id, choice="chat")
    why = posted(await village.command("tess", "mentions", f"why {village.chat.link(another.ref)}"))
    assert plain(why.context) == "Closed by Tess (09:31): not a mention: just chatting"


async def test_give_back_makes_it_wait_again(village: Village) -> None:
    """Give back returns a claimed mention to everybody, and its clock had gone on."""
    question = await village.asks()
    mention = await village.the_mention(question)
    await village.press("tess", "mention.claim", mention.id)
    await village.wait(10)
    await village.press("tim", "mention.release", mention.id)
    given_back = await village.the_mention(question)
    assert (given_back.state, given_back.claimed_by, given_back.until) == (MentionState.OPEN, None, None)
    await village.wait(20)
    assert len(village.said) == 1


@pytest.mark.parametrize(
    ("choice", "back"),
    [
        ("day", datetime(2026, 3, 3, 9, tzinfo=UTC)),
        ("1h", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("3h", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("week", datetime(2026, 3, 9, 9, tzinfo=UTC)),
        ("nonsense", datetime(2026, 3, 3, 9, tzinfo=UTC)),
    ],
)
async def test_snooze_brings_it_back_in_working_hours(village: Village, choice: str, back: datetime) -> None:
    """Snooze asks until when, the next working day by default; then it is woken and nudged about."""
    question = await village.asks()
    mention = await village.the_mention(question)
    form = await village.press("tess", "mention.snooze", mention.id)
    assert isinstance(form, ShowForm)
    assert form.form.inputs[0].initial == "day"
    reply = await village.submit("tess", form.form.id, form.form.value, choice=choice)
    assert isinstance(reply, Private)
    assert (await village.the_mention(question)).until == back
    await village.wait_until(back - timedelta(seconds=1))
    assert not village.said
    await village.wait_until(back + timedelta(minutes=1))
    assert len(village.said) == 1
    told = [(d.verdict, d.rule) for d in (await village.decisions(question))[-2:]]
    assert told == [(Verdict.WOKEN, "snooze-over"), (Verdict.NUDGED, "step-1")]


async def test_where_there_are_no_forms_snooze_is_until_the_next_working_day(village: Village) -> None:
    """A platform without dialogues snoozes at once, by default until the next working day."""
    village.chat.capabilities = replace(village.chat.capabilities, forms=False)
    question = await village.asks()
    await village.press("tess", "mention.snooze", (await village.the_mention(question)).id)
    assert (await village.the_mention(question)).until == datetime(2026, 3, 3, 9, tzinfo=UTC)


async def test_the_askers_next_message_wakes_what_was_snoozed(village: Village) -> None:
    """A new message of the asker wakes a snoozed mention."""
    question = await village.asks()
    await village.submit("tess", "mention.snooze", (await village.the_mention(question)).id, choice="week")
    await village.wait(5)
    await village.says("ada", "It is really urgent now")
    assert (await village.the_mention(question)).state is MentionState.OPEN
    await village.wait(31)
    assert len(village.said) == 1


async def test_done_and_not_a_mention_close(village: Village) -> None:
    """Done counts as an answer, Not a mention as a false alarm with its reason."""
    question, chat = await village.asks("ada"), await village.asks("bob")
    await village.wait(10)
    await village.press("tess", "mention.done", (await village.the_mention(question)).id)
    done = await village.the_mention(question)
    assert (done.state, done.closing_rule, done.worked) == (MentionState.ANSWERED, "done", timedelta(minutes=10))
    form = await village.press("tess", "mention.false", (await village.the_mention(chat)).id)
    assert isinstance(form, ShowForm)
    await village.submit("tess", form.form.id, form.form.value, choice="chat")
    dismissed = await village.the_mention(chat)
    assert (dismissed.state, dismissed.closing_rule) == (MentionState.DISMISSED, "not-a-mention:chat")


@pytest.mark.parametrize("ending", ["done", "reaction"])
async def test_still_waiting_reopens_and_is_not_undone_by_what_was_there(village: Village, ending: str) -> None:
    """Still waiting makes it wait again: the check mark that had closed it by mistake does not close it once more."""
    question = await village.asks()
    mention = await village.the_mention(question)
    await village.wait(10)
    if ending == "reaction":
        await village.reacts("tess", question)
    else:
        await village.press("tess", "mention.done", mention.id)
    assert (await village.the_mention(question)).state is MentionState.ANSWERED
    await village.press("tim", "mention.reopen", mention.id)
    again = await village.the_mention(question)
    assert (again.state, again.first_answer_at, again.closing_rule) == (MentionState.OPEN, None, None)
    await village.restart()
    await village.wait(31)
    assert [post.title for post in village.said_in(MODS)] == ["Ada is waiting for an answer"]


async def test_what_waits_again_is_answered_by_a_reply_to_any_of_its_messages(village: Village) -> None:
    """A mention that was reopened is known again with all that its asker had said."""
    question = await village.asks()
    more = await village.says("ada", "I tried the link in the mail")
    await village.says("tess", "Like this", thread=question.ref.id)
    await village.press("tim", "mention.reopen", (await village.the_mention(question)).id)
    await village.says("tess", "Try the other one", reply_to=more.ref.id)
    assert (await village.the_mention(question)).closing_rule == "reply"


@pytest.mark.parametrize("verb", VERBS)
async def test_outsiders_are_refused_politely_and_nothing_changes(village: Village, verb: str) -> None:
    """Who may press is checked by the core: somebody outside the team changes nothing and is told why, privately."""
    question = await village.asks()
    mention = await village.the_mention(question)
    before = await everything(village)
    for reply in (
        await village.press("bob", f"mention.{verb}", mention.id),
        await village.submit("bob", f"mention.{verb}", mention.id, choice="day"),
        await village.press("bob", "mentions.page", "0"),
    ):
        assert isinstance(reply, Private)
        assert reply.post.title == "This is for the team"
    assert await everything(village) == before


@pytest.mark.parametrize("verb", VERBS)
async def test_a_button_of_a_forgotten_mention_says_so(village: Village, verb: str) -> None:
    """Old nudges keep their buttons: pressing one after its mention was forgotten, or of a stranger, is answered."""
    for value in ("0123456789", "", "0123456789/8", "../../etc", "x" * 5000):
        reply = await village.press("tess", f"mention.{verb}", value)
        assert isinstance(reply, Private)
        assert reply.post.title == "This mention is gone"


@pytest.mark.parametrize("page", ["--1", "²", "-3", "", "x", "999999999", "3"])
async def test_a_damaged_button_is_answered(village: Village, page: str) -> None:
    """Whatever a button carries, its presser is answered."""
    await village.asks()
    assert await village.press("tess", "mentions.page", page) is not None
    assert await village.press("tess", "mention.nonsense", page) is not None
    assert await village.press("tess", "nonsense", page) is not None


async def test_two_moderators_press_at_the_same_time(store: Store) -> None:
    """One of them claims it; the other is told how it stands, and nothing is lost or done twice."""
    trouble = Trouble(store)
    village = Village(trouble)
    await village.connect()
    question = await village.asks()
    mention = await village.the_mention(question)
    replies = await asyncio.gather(*(village.press(who, "mention.claim", mention.id) for who in ("tess", "tim")))
    titles = sorted(reply.post.title for reply in replies if isinstance(reply, Private))
    assert titles == ["Done", "Nothing to change"]
    verdicts = [decision.verdict for decision in await village.decisions(question)]
    assert verdicts == [Verdict.OPENED, Verdict.CLAIMED]


async def test_two_processes_press_at_the_same_time(village: Village) -> None:
    """Through two processes on one store, a mention is closed once, and both memories follow."""
    question = await village.asks()
    mention = await village.the_mention(question)
    other = Village(village.store, clock=village.clock)
    other.chat = village.chat
    other.bot = Bot(village.store, {FAKE: village.chat}, village.clock, lambda _: settings(), village.shelf)
    await other.connect()
    await asyncio.gather(
        village.press("tess", "mention.done", mention.id), other.press("tim", "mention.done", mention.id)
    )
    assert [d.verdict for d in await village.decisions(question)] == [Verdict.OPENED, Verdict.ANSWERED]
    answer = village.write("tess", "Like this", thread=question.ref.id)
    await village.hear(answer)
    await other.hear(answer)
    assert len(await village.decisions(question)) == 2


async def test_an_answer_is_seen_by_the_process_that_did_not_open(village: Village) -> None:
    """A mention changed by another process is judged again as it is now."""
    question = await village.asks()
    other = Village(village.store, clock=village.clock)
    await other.connect()
    mention = await village.the_mention(question)
    await other.press("tim", "mention.claim", mention.id)
    await village.says("tess", "Like this", thread=question.ref.id)
    assert (await village.the_mention(question)).closing_rule == "thread"


async def test_pressing_what_changes_nothing_tells_how_it_stands(village: Village) -> None:
    """Pressing late is harmless: the answer tells how the mention stands."""
    question = await village.asks()
    mention = await village.the_mention(question)
    await village.says("tess", "Like this", thread=question.ref.id)
    for verb in VERBS[:-1]:
        reply = await village.press("tim", f"mention.{verb}", mention.id)
        assert isinstance(reply, Private)
        assert reply.post.title == "Nothing to change"
        assert "answered in its thread" in reply.post.body


async def test_a_database_that_is_down_is_told_politely(store: Store) -> None:
    """A person who asked for something directly gets an answer, not an error, and may try again."""
    trouble = Trouble(store)
    village = Village(trouble)
    await village.connect()
    mention = await village.the_mention(await village.asks())
    trouble.failures = 1
    reply = await village.press("tess", "mention.claim", mention.id, locale="fr-FR")
    assert isinstance(reply, Private)
    assert reply.post.title == "Pas maintenant"


async def test_buttons_in_the_list_give_the_list_back(village: Village) -> None:
    """A button in `/mentions` is answered by that page of the list as it is now."""
    asked = [await village.says(f"guest{n}", "I ask @staff", channel=HELP, pings=CALL) for n in range(10)]
    mention = await village.the_mention(asked[9])
    reply = await village.press("tess", "mention.done", f"{mention.id}/8")
    assert isinstance(reply, NewLook)
    assert (reply.post.title, len(reply.post.items)) == ("9 people are waiting for an answer", 1)
    form = await village.press("tess", "mention.snooze", f"{(await village.the_mention(asked[8])).id}/8")
    assert isinstance(form, ShowForm)
    assert isinstance(await village.submit("tess", form.form.id, form.form.value, choice="1h"), Private)


async def test_the_askers_next_message_is_not_forgotten_above_the_ladder(village: Village) -> None:
    """Snoozed when the ladder had been climbed to its end, and woken by the asker: the team is reminded in time."""
    question = await village.asks()
    await village.wait(timedelta(days=2))
    before = len(village.said)
    await village.submit("tess", "mention.snooze", (await village.the_mention(question)).id, choice="week")
    await village.says("ada", "nothing has changed on my side")
    assert (await village.the_mention(question)).state is MentionState.OPEN
    await village.wait(31)
    assert len(village.said) == before + 1
