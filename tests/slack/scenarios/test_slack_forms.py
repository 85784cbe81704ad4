"""Modals: opened within three seconds, filled in or closed."""

from __future__ import annotations

from tests.slack.scenarios.living import MODS, SUPPORT, Life
from tests.slack.scenarios.looking import texts_of
from tests.slack.server.model import Json
from tests.slack.server.waiting import until


async def test_snooze_asks_for_how_long(life: Life) -> None:
    """The modal opens, the choice is taken, the nudge shows it."""
    said = await life.asks()
    nudge = await life.nudged(said)
    tess = life.person("tess")
    await tess.presses(life.channel(MODS), nudge.ts, "Snooze")
    await until(lambda: tess.modal, "the modal")
    told = await tess.submits(choice="3h")
    await life.slack.quiet()
    await until(lambda: told.acknowledged.is_set(), "the acknowledgement")
    await life.until_state(said, "snoozed")
    await life.settle()
    assert "Snoozed until" in texts_of(life.look(nudge).blocks)


async def test_not_a_mention_asks_why(life: Life) -> None:
    """With its reason the mention is dismissed, which counts as a false alarm."""
    said = await life.asks()
    nudge = await life.nudged(said)
    tess = life.person("tess")
    await tess.presses(life.channel(MODS), nudge.ts, "Not a mention")
    await until(lambda: tess.modal, "the modal")
    await tess.submits(choice="spam")
    await life.until_state(said, "dismissed")
    assert (await life.the_mention(said)).closing_rule == "not-a-mention:spam"


async def test_a_closed_modal_changes_nothing(life: Life) -> None:
    """Cancel: the mention is as it was."""
    said = await life.asks()
    nudge = await life.nudged(said)
    tess = life.person("tess")
    await tess.presses(life.channel(MODS), nudge.ts, "Snooze")
    await until(lambda: tess.modal, "the modal")
    await tess.closes()
    await life.settle()
    assert await life.state(said) == "open"


async def test_a_form_that_comes_too_late_says_so(life: Life) -> None:
    """When the trigger has expired, whoever pressed is asked to press once more."""
    said = await life.asks()
    nudge = await life.nudged(said)
    life.slack.triggers.expired = True
    told = await life.person("tess").presses(life.channel(MODS), nudge.ts, "Snooze")
    answer = await life.answer_to(told)
    assert "press once more" in texts_of(answer["blocks"])
    assert await life.state(said) == "open"


async def test_an_invalid_form_of_somebody_outside(life: Life) -> None:
    """Who may send a form is checked again when it comes: a modal may have been opened while one was on the team."""
    said = await life.asks()
    nudge = await life.nudged(said)
    tess = life.person("tess")
    await tess.presses(life.channel(MODS), nudge.ts, "Snooze")
    await until(lambda: tess.modal, "the modal")
    group = life.town.workspace.groups["S0STAFF"]
    await life.town.leaves_group(group, tess)
    await life.slack.quiet()
    await tess.submits(choice="3h")
    await life.settle()
    assert await life.state(said) == "open"


async def test_a_modal_speaks_the_language_of_who_opened_it(life: Life) -> None:
    """Tess reads French: the form's title and choices are French, and fit Slack's limits."""
    life.town.workspace.users["U0TESS"].locale = "fr-FR"
    said = await life.asks()
    nudge = await life.nudged(said)
    tess = life.person("tess")
    await tess.presses(life.channel(MODS), nudge.ts, "Snooze")
    view: Json = await until(lambda: tess.modal, "the modal")
    assert "jour ouvré" in str(view["blocks"])
    assert await life.state(said, SUPPORT) == "open"
