"""Shortcuts: what Slack's own menus offer of ours."""

from __future__ import annotations

from tests.slack.scenarios.living import FORUM, HELP, MODS, SUPPORT, Life
from tests.slack.scenarios.looking import texts_of
from tests.slack.server.waiting import until


async def test_track_as_mention(life: Life) -> None:
    """Tess tracks what no rule had seen: it waits from then on, and she is told so privately."""
    said = await life.asks(text="My printer burns", where=HELP)
    assert await life.state(said, HELP) == "none"
    told = await life.person("tess").uses_shortcut_on(life.channel(HELP), said, "track")
    answer = await life.answer_to(told)
    assert answer["response_type"] == "ephemeral"
    assert await life.state(said, HELP) == "open"
    nudge = await life.nudged(said, HELP)
    assert "My printer burns" in texts_of(nudge.blocks)


async def test_mark_as_answered(life: Life) -> None:
    """Tess closes a mention from the message itself."""
    said = await life.asks()
    told = await life.person("tess").uses_shortcut_on(life.channel(SUPPORT), said, "answered")
    await life.answer_to(told)
    assert await life.state(said) == "answered"
    await life.wait(60)
    assert life.said_in(MODS) == []


async def test_mark_as_answered_on_a_reply(life: Life) -> None:
    """Chosen on a reply in the thread, it closes what the thread is about."""
    said = await life.asks()
    reply = await life.person("bob").says(life.channel(SUPPORT), "I know", thread=said)
    await life.slack.quiet()
    told = await life.person("tess").uses_shortcut_on(life.channel(SUPPORT), reply, "answered")
    await life.answer_to(told)
    assert await life.state(said) == "answered"


async def test_shortcuts_on_messages_are_for_the_team(life: Life) -> None:
    """Bob may not close Ada's question."""
    said = await life.asks()
    told = await life.person("bob").uses_shortcut_on(life.channel(SUPPORT), said, "answered")
    assert "for the team" in texts_of((await life.answer_to(told))["blocks"])
    assert await life.state(said) == "open"


async def test_todays_tip_opens_a_window(life: Life) -> None:
    """The global shortcut belongs to no channel: a modal shows the tip, with buttons that work inside it."""
    ada = life.person("ada")
    await ada.uses_shortcut("tip")
    view = await until(lambda: ada.modal, "the window")
    assert "Today’s tip" in texts_of([*view["blocks"], {"text": view["title"]}])
    before = view["hash"]
    await ada.presses_in_view(view, "Another one")
    await until(lambda: ada.modal and ada.modal["hash"] != before, "another tip in the same window")


async def test_a_shortcut_on_a_message_of_the_team(life: Life) -> None:
    """There is nothing to track: the team does not wait for itself."""
    said = await life.asks("tess", "Something of ours", where=FORUM)
    told = await life.person("tess").uses_shortcut_on(life.channel(FORUM), said, "track")
    assert "Nobody waits" in texts_of((await life.answer_to(told))["blocks"])
