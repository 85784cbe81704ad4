"""Edits: only those that change who is called or what is asked matter, and link previews are none."""

from __future__ import annotations

from bot.events import MessageEdited
from tests.slack.scenarios.living import HELP, MODS, SUPPORT, Life
from tests.slack.scenarios.looking import texts_of


async def test_an_edit_that_calls_the_team_opens(life: Life) -> None:
    """Ada adds the team's group to what she wrote."""
    said = await life.asks(text="My printer burns", where=HELP)
    assert await life.state(said, HELP) == "none"
    await life.person("ada").edits(life.channel(HELP), said, "My printer burns <!subteam^S0STAFF>")
    await life.slack.quiet()
    assert await life.state(said, HELP) == "open"


async def test_an_edit_that_calls_nobody_any_more_closes(life: Life) -> None:
    """Ada takes the call back; nobody is nudged."""
    said = await life.asks(text="<@U0TESS> my printer burns", where=HELP)
    await life.person("ada").edits(life.channel(HELP), said, "my printer burns")
    await life.slack.quiet()
    assert await life.state(said, HELP) in ("gone", "dismissed")
    await life.wait(60)
    assert life.said_in(MODS) == []


async def test_a_link_preview_is_no_edit(life: Life) -> None:
    """Slack adds a preview to a message: the core is told nothing and nothing changes."""
    said = await life.asks(text="How do I use <https://acme.example/help>?")
    before = await life.the_mention(said)
    await life.person("ada").unfurls(life.channel(SUPPORT), said, "https://acme.example/help")
    await life.slack.quiet()
    assert life.count(MessageEdited) == 0
    assert await life.the_mention(said) == before


async def test_the_nudge_shows_the_words_as_they_are_when_it_is_sent(life: Life) -> None:
    """The excerpt is fetched when the nudge goes out: an edit before that is what the moderators read."""
    said = await life.asks()
    await life.person("ada").edits(life.channel(SUPPORT), said, "How do I change my name?")
    nudge = await life.nudged(said)
    assert "How do I change my name?" in texts_of(nudge.blocks)
    assert "password" not in texts_of(nudge.blocks)
