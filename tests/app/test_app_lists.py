"""`/mentions`: who waits, why, and how fast people are answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from village import CALL, FORUM, HELP, SUPPORT, TIPS, Village, member, named, place, settings

from bot.app import Bot
from bot.errors import Gone
from bot.events import CommandInvoked, NewLook, Private, Reply
from bot.insight.figures import Figures, Spread, figures
from bot.markup import parse, plain
from bot.model import MentionState, Wait
from bot.post import Post
from tests.fakes import FAKE, MONDAY, Fault

MINUTE = timedelta(minutes=1)


def private(reply: Reply | None) -> Post:
    assert isinstance(reply, Private)
    return reply.post


async def test_nobody_waits(village: Village) -> None:
    """An empty list says so."""
    assert private(await village.command("tess", "mentions")).title == "Nobody is waiting"


async def test_the_list_is_by_age_in_pages_with_buttons(village: Village) -> None:
    """`/mentions` shows who waits, oldest first, how long, and what can be done, in pages."""
    for number in range(20):
        await village.says(f"guest{number:02}", "I ask @staff", channel=HELP, pings=CALL)
        await village.time_passes(1)
    post = private(await village.command("tess", "mentions", "list"))
    assert post.title == "20 people are waiting for an answer"
    assert _names(post) == [f"Guest{number:02}" for number in range(8)]
    assert "Waiting for 20 min of working time, since 09:00" in plain(post.items[0].body)
    assert [b.label for b in post.items[0].buttons] == ["Open", "Claim", "Snooze", "Done", "Not a mention"]
    assert [(b.label, b.value) for b in post.buttons] == [("Next", "8")]
    middle = await village.press("tess", "mentions.page", "8")
    assert isinstance(middle, NewLook)
    assert _names(middle.post) == [f"Guest{number:02}" for number in range(8, 16)]
    assert [(b.label, b.value) for b in middle.post.buttons] == [("Previous", "0"), ("Next", "16")]
    beyond = await village.press("tess", "mentions.page", "800")
    assert isinstance(beyond, NewLook)
    assert _names(beyond.post) == [f"Guest{number:02}" for number in range(16, 20)]


async def test_somebody_who_asked_just_now_waits_for_no_time_yet(village: Village) -> None:
    """No "0 min" of working time: only since when."""
    await village.asks()
    post = private(await village.command("tess", "mentions"))
    assert "Waiting since 09:00" in plain(post.items[0].body)


def _names(post: Post) -> list[str]:
    return [next(span.text for line in parse(item.body) for span in line.spans if span.bold) for item in post.items]


async def test_why_tells_every_rule_of_a_mention(village: Village) -> None:
    """`why` with a message's link tells what was decided when, by which rule, and how things stand now."""
    question = await village.asks()
    await village.wait(31)
    await village.press("tess", "mention.claim", (await village.the_mention(question)).id)
    await village.time_passes(5)
    answer = await village.says("tess", "@Ada like this", pings=named("ada"))
    link = village.chat.link(question.ref)
    post = private(await village.command("tess", "mentions", f"why <{link}>"))
    lines = ["".join(span.text for span in line.spans) for line in parse(post.body)]
    assert lines == [
        "09:00 opened: asks a question",
        "09:30 the team was nudged",
        "09:31 claimed by the team",
        "09:36 closed: answered by a message that names the asker (open)",
    ]
    urls = [span.url for line in parse(post.body) for span in line.spans if span.url]
    assert urls == [village.chat.link(answer.ref)]
    assert post.context == "Answered 09:36, after 36 min of working time: answered by a message that names the asker"


async def test_why_tells_what_a_rule_went_by_in_the_members_language(village: Village) -> None:
    """The reasons of a rule, such as the role that was called, are told in the language of whoever asks."""
    called = await village.says("ada", "I ask @staff", channel=HELP, pings=CALL)
    await village.reacts("tess", called)
    await village.unreacts("tess", called)
    reply = await village.command("tess", "mentions", f"pourquoi {village.chat.link(called.ref)}", locale="fr")
    lines = plain(private(reply).body).splitlines()
    assert lines[0] == "• 09:00 ouvert\u00a0: a appelé l’équipe (rôle staff)"
    assert lines[1].endswith("(réaction ✅)")
    assert lines[2] == "• 09:00 ouvert\u00a0: la réaction qui l’avait réglé a été retirée"


async def test_why_of_a_message_that_opened_nothing(village: Village) -> None:
    """`why` also tells what is looked for where a message opened nothing, and that a channel is not watched."""
    for channel, words in (
        (HELP, "messages that call the team;"),
        (SUPPORT, "messages that call the team, questions and calls for help"),
        (FORUM, "every conversation that somebody outside the team opens"),
        ("garden", "I do not watch #garden"),
    ):
        message = await village.says("ada", "thanks!", channel=channel)
        post = private(await village.command("tess", "mentions", f"why {village.chat.link(message.ref)}"))
        assert post.title == "No mention"
        assert words in plain(post.body)


@pytest.mark.parametrize("text", ["why", "why who/what/when", "why https://elsewhere.example/x", "why <>"])
async def test_why_without_a_good_link_tells_what_is_needed(village: Village, text: str) -> None:
    """Wrong use is answered with the right one."""
    post = private(await village.command("tess", "mentions", text))
    assert post.title == "Which message?"
    assert "/mentions why LINK" in post.body


async def test_wrong_use_is_answered_helpfully(village: Village) -> None:
    """A word that `/mentions` does not know is answered with those that it does."""
    post = private(await village.command("tess", "mentions", "teapot please"))
    assert post.title == "I do not know “teapot”"
    assert [line.kind.value for line in parse(post.body)] == ["item"] * 3


async def test_the_list_is_for_the_team(village: Village) -> None:
    """Who waits, and why, is for the team alone."""
    for text in ("", "list", "why x", "stats", "nonsense"):
        assert private(await village.command("ada", "mentions", text)).title == "This is for the team"


async def test_stats_told_by_hand(village: Village) -> None:
    """The figures of 7 and 30 days, on an example small enough to check by hand.

    Four weeks ago: 40 minutes. This week: 10, 20, 30 and 60 minutes, the last of them 16 hours by the clock because it
    was asked half an hour before the office closed; one waits; one was no mention, one was deleted, one solved itself.
    """
    await _answered_after(village, 40)
    await village.wait(timedelta(days=21) - 40 * MINUTE)
    for minutes in (10, 20, 30):
        await _answered_after(village, minutes)
    await village.wait(timedelta(hours=7, minutes=30))
    question = await village.asks("night")
    await village.wait(timedelta(hours=16))
    await village.says("tess", "Like this", thread=question.ref.id)
    chat, deleted, solved, _ = [await village.asks(who) for who in ("chat", "deleted", "solved", "waits")]
    await village.submit("tess", "mention.false", (await village.the_mention(chat)).id, choice="chat")
    await village.deletes(deleted)
    await village.reacts("solved", solved)
    await village.wait(1)
    post = private(await village.command("tess", "mentions", "stats"))
    figures = {field.name: plain(field.value).splitlines() for field in post.fields}
    assert figures == {
        "Waiting now": ["1"],
        "Last 7 days": [
            "• 6 mentions",
            "• 75% answered within 30 min",
            "• first answer, working time: median 20 min, 9 in 10 within 1 h",
            "• first answer, by the clock: median 20 min, 9 in 10 within 16 h",
            "• 1 was not a mention",
        ],
        "Last 30 days": [
            "• 7 mentions",
            "• 60% answered within 30 min",
            "• first answer, working time: median 30 min, 9 in 10 within 1 h",
            "• first answer, by the clock: median 30 min, 9 in 10 within 16 h",
            "• 1 was not a mention",
        ],
        "False alarms, last 30 days": ["#support, whoever asks a question: 1 of 7 (14%)"],
    }


async def _answered_after(village: Village, minutes: int) -> None:
    question = await village.asks(f"guest{minutes}")
    await village.time_passes(minutes)
    await village.says("tess", "Like this", thread=question.ref.id)


async def test_stats_of_nothing(village: Village) -> None:
    """Without any mention there are no figures, rather than a share of nothing."""
    post = private(await village.command("tess", "mentions", "chiffres"))
    assert [plain(field.value) for field in post.fields] == ["0", "no mention", "no mention"]


def test_a_late_one_counts_before_it_is_answered() -> None:
    """Whoever waits longer than the first step is late already; who waits less counts nowhere yet."""

    def wait(minutes: int | None, step: int = 0, state: MentionState = MentionState.OPEN) -> Wait:
        took = None if minutes is None else minutes * MINUTE
        return Wait("c", "question", MONDAY, state if took is None else MentionState.ANSWERED, step, took, took)

    waits = [wait(10), wait(31, 1), wait(None), wait(None, 1), wait(None, 2), wait(None, 3, MentionState.GONE)]
    expected = Figures(5, 3, 2, 0, 0.25, Spread(10 * MINUTE, 31 * MINUTE), Spread(10 * MINUTE, 31 * MINUTE))
    assert figures(waits, MONDAY, 30 * MINUTE) == expected
    assert figures(waits, MONDAY + MINUTE, 30 * MINUTE).in_time is None


async def test_the_list_speaks_the_members_language(village: Village) -> None:
    """Private replies follow the member, whatever language the community has."""
    village.settings = settings(language="fr")
    await village.restart()
    await village.says("ada", "I ask @staff", channel=HELP, pings=CALL)
    assert private(await village.command("tess", "mentions", locale="en-GB")).title.startswith("1 person is")
    assert private(await village.command("tess", "mentions")).title.startswith("1 personne")


async def test_whoever_is_claimed_or_snoozed_waits_all_the_same(village: Village) -> None:
    """A claim or a snooze makes nobody's wait any shorter: beyond the first step it counts as late."""
    slow, quick = await village.asks(), await village.asks("bob", "How do I export?", thread="t1")
    await village.says("tess", "In the menu", thread=quick.ref.place.thread)
    await village.submit("tess", "mention.snooze", (await village.the_mention(slow)).id, choice="3h")
    await village.wait(40)
    post = private(await village.command("tess", "mentions", "stats"))
    assert "50% answered within 30 min" in plain(post.fields[1].value)


async def test_every_copy_tells_how_many_wait(village: Village) -> None:
    """A copy that does not judge has nobody in memory: the database tells it who waits."""
    other = Bot(village.store, {FAKE: village.chat}, village.clock, lambda _: village.settings, village.shelf)
    asked = CommandInvoked(place(TIPS), member("tess"), "mentions", "stats", village.clock.now(), private=False)
    await other.handle(asked)
    await village.asks()
    assert plain(private(await other.handle(asked)).fields[0].value) == "1"


async def test_why_tells_of_a_nudge_that_was_not_said(village: Village) -> None:
    """What was decided and then not needed is told so: nobody looks for a nudge that never was."""
    question = await village.asks()
    await village.time_passes(30)
    await village.bot.tick()

    async def why() -> str:
        address = village.chat.link(question.ref)
        return plain(private(await village.command("tess", "mentions", f"why {address}")).body)

    assert "09:30 the team is about to be nudged" in await why()
    await village.says("tess", "Under Settings", reply_to=question.ref.id)
    await village.settle()
    assert "09:30 a nudge was due, but no longer needed" in await why()


async def test_why_tells_of_a_nudge_that_was_said_anew(village: Village) -> None:
    """Its thread was gone, so it was said by itself: it was said."""
    question = await village.asks()
    await village.wait(60)
    village.chat.script("post", Fault(Gone("no such thread", reason="thread_not_found")))
    await village.wait(90)
    address = village.chat.link(question.ref)
    told = plain(private(await village.command("tess", "mentions", f"why {address}")).body)
    assert "could not be posted" not in told
    assert told.count("the team was nudged") == 2
