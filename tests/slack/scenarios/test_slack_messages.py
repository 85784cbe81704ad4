"""What is said in Slack: which messages await the team, and which are nobody's business."""

from __future__ import annotations

import pytest

from bot.events import MessagePosted
from tests.slack.scenarios.living import FORUM, HELP, MODS, SUPPORT, Life
from tests.slack.scenarios.looking import labels, texts_of


async def test_a_question_is_nudged_once_after_half_an_hour(life: Life) -> None:
    """Ada's question waits; after 30 minutes the moderators see one message with her words, a link and buttons."""
    said = await life.asks()
    assert await life.state(said) == "open"
    nudge = await life.nudged(said)
    await life.wait(20)
    assert [accepted.ts for accepted in life.said_in(MODS)] == [nudge.ts]
    shown = texts_of(nudge.blocks)
    assert "ada" in shown
    assert "How do I reset my password?" in shown
    assert "ada" in nudge.text, "the notification says who waits"
    assert life.slack.link(life.town.workspace, life.channel(SUPPORT), said) in str(nudge.blocks)
    assert {"Claim", "Snooze", "Done", "Not a mention"} <= set(labels(nudge.blocks))


@pytest.mark.parametrize(
    "text",
    [
        "<!subteam^S0STAFF> my order never arrived, what shall I do?",
        "<!subteam^S0STAFF|@staff> my order never arrived, what shall I do?",
        "<@U0TESS> my order never arrived, what shall I do?",
        "<@U0TESS|tess> my order never arrived, what shall I do?",
        "<@U0ACMEVIGIE> my order never arrived, what shall I do?",
    ],
)
async def test_every_way_to_call_the_team_is_understood(life: Life, text: str) -> None:
    """User groups and members, with and without a name in the mention, and the bot itself."""
    assert await life.state(await life.asks(text=text, where=HELP), HELP) == "open"


@pytest.mark.parametrize(
    "text",
    ["<!here> hello everybody", "<@U0BOB> my order never arrived, what shall I do?", "<!subteam^S0OTHERS> hello"],
)
async def test_calling_others_is_not_calling_the_team(life: Life, text: str) -> None:
    """@here, another member, another group: nothing opens where only pings count."""
    assert await life.state(await life.asks(text=text, where=HELP), HELP) == "none"


async def test_the_team_and_bots_open_nothing(life: Life) -> None:
    """A question by a team member, by another bot, and by ourselves is none."""
    channel = life.channel(SUPPORT)
    said = [
        await life.asks("tess"),
        await life.asks("lea"),
        await life.town.person("robot", is_bot=True).says(channel, "How do I?", bot_id="B0ROBOT", app_id="A0ROBOT"),
    ]
    await life.slack.quiet()
    assert [await life.state(one) for one in said] == ["none", "none", "none"]


async def test_joins_and_other_notes_of_slack_are_no_messages(life: Life) -> None:
    """channel_join, channel_topic and friends open nothing, even where every conversation counts."""
    for subtype in ("channel_join", "channel_topic", "channel_name", "channel_purpose"):
        said = await life.person("ada").says(life.channel(FORUM), "<@U0ADA> has joined the channel", subtype=subtype)
        await life.slack.quiet()
        assert await life.state(said, FORUM) == "none", subtype


async def test_a_private_channel_is_watched_like_a_public_one(life: Life) -> None:
    """message.groups counts as message.channels does."""
    secret = life.town.channel("secret", "ada", "tess", kind="group")
    life.watches(secret.id)
    await life.restarts()
    assert await life.state(await life.asks(where=secret.id), secret.id) == "open"


async def test_an_unwatched_channel_costs_nothing(life: Life) -> None:
    """What is said where nobody watches is acknowledged and never told to the core, and asks Slack for nothing."""
    elsewhere = life.town.channel("elsewhere", "ada")
    calls = len(life.slack.journal.calls)
    for index in range(20):
        await life.person("ada").says(elsewhere, f"How do I do {index}?")
    await life.slack.quiet()
    assert life.count(MessagePosted) == 0
    assert len(life.slack.journal.calls) == calls


async def test_entities_are_decoded_once_and_escaped_again(life: Life) -> None:
    """What a person typed is shown as they typed it: `<b>` and `&amp;` come out as they went in."""
    said = await life.asks(text="How do I write &lt;b&gt; and &amp;amp; and &lt;!channel&gt; here?")
    nudge = await life.nudged(said)
    assert "&lt;b&gt; and &amp;amp; and &lt;!channel&gt;" in texts_of(nudge.blocks)
    assert "<!channel>" not in str(nudge.blocks) + nudge.text


async def test_a_file_with_a_question_counts(life: Life) -> None:
    """file_share is a message with a file."""
    said = await life.person("ada").shares_file(life.channel(SUPPORT), "Why does this picture not show?")
    await life.slack.quiet()
    assert await life.state(said) == "open"


async def test_people_of_other_organisations_are_outside(life: Life) -> None:
    """In a Slack Connect channel a stranger's question waits, and a stranger's reply is no answer.

    Even one whose id the configuration lists as the team's: they are not at home here.
    """
    shared = life.town.channel("shared", "ada", "tess", others=("T0OTHER",))
    eve = life.town.stranger("eve")
    life.watches(shared.id, members=frozenset({"U0LEA", eve.id}))
    await life.restarts()
    asked = await eve.says(shared, "How do I reset my password?")
    await life.slack.quiet()
    assert await life.state(asked, shared.id) == "open"
    other = await life.asks("ada", "Where do I find the bill?", where=shared.id)
    await eve.says(shared, "No idea", thread=other)
    await life.slack.quiet()
    assert await life.state(other, shared.id) == "open"
    await life.person("tess").says(shared, "In your account", thread=other)
    await life.slack.quiet()
    assert await life.state(other, shared.id) == "answered"


async def test_what_was_said_in_many_ways_at_once_is_counted_once_each(life: Life) -> None:
    """A hundred people ask in a row: each has their own mention, in order."""
    forum = life.channel(FORUM)
    text = "My order number {} never arrived and nobody tells me why"
    said = [await life.person(f"asker{n}").says(forum, text.format(n)) for n in range(100)]
    await life.slack.quiet()
    waiting = await life.waiting()
    assert sorted(mention.ref.id for mention in waiting) == [one.ts for one in said]
