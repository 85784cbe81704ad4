"""The bot's home tab: each person has their own."""

from __future__ import annotations

from bot.events import HomeOpened
from tests.slack.scenarios.living import SUPPORT, Life
from tests.slack.scenarios.looking import labels, texts_of
from tests.slack.server.model import Json
from tests.slack.server.waiting import until


async def _home(life: Life, name: str) -> Json:
    person = life.person(name)
    await person.opens_home()
    view: Json = await until(lambda: life.town.home(person), "the home")
    return view


async def test_the_team_sees_who_waits(life: Life) -> None:
    """Tess's page has today's tip, Ada's question with buttons, and the week's figures."""
    await life.asks()
    shown = texts_of((await _home(life, "tess"))["blocks"])
    assert "Today’s tip" in shown
    assert "ada" in shown
    assert "Claim" in shown


async def test_others_see_the_tip_only(life: Life) -> None:
    """Ada's page names nobody who waits."""
    await life.asks("bob")
    shown = texts_of((await _home(life, "ada"))["blocks"])
    assert "Today’s tip" in shown
    assert "bob" not in shown
    assert "Claim" not in shown


async def test_a_button_on_the_page_works_and_the_page_is_made_anew(life: Life) -> None:
    """Claimed from the page: the page shows it, and so does the mention."""
    said = await life.asks()
    tess = life.person("tess")
    view = await _home(life, "tess")
    await tess.presses_in_view(view, "Claim")
    await until(lambda: (life.town.home(tess) or {}).get("hash") != view["hash"], "the page anew")
    assert await life.state(said) == "claimed"
    assert "Give back" in labels((life.town.home(tess) or {})["blocks"])


async def test_snooze_from_the_page(life: Life) -> None:
    """A form opened from the page belongs to no channel and works all the same."""
    said = await life.asks()
    tess = life.person("tess")
    view = await _home(life, "tess")
    await tess.presses_in_view(view, "Snooze")
    await until(lambda: tess.modal, "the modal")
    await tess.submits(choice="1h")
    await life.until_state(said, "snoozed")
    await until(lambda: (life.town.home(tess) or {}).get("hash") != view["hash"], "the page anew")


async def test_a_page_in_ones_own_language(life: Life) -> None:
    """Cleo reads French, Tess English."""
    life.town.workspace.users["U0CLEO"].locale = "fr-FR"
    assert "Le conseil du jour" in texts_of((await _home(life, "cleo"))["blocks"])
    assert "Today’s tip" in texts_of((await _home(life, "tess"))["blocks"])


async def test_the_messages_tab_is_not_the_home(life: Life) -> None:
    """Slack tells of both tabs with one event."""
    await life.person("ada").opens_home(tab="messages")
    await life.slack.quiet()
    assert life.count(HomeOpened) == 0


async def test_many_waiting_fit_on_the_page(life: Life) -> None:
    """Slack allows a hundred blocks: two hundred who wait are shown in part, and the page is published."""
    for index in range(60):
        await life.person(f"asker{index}").says(life.channel(SUPPORT), f"How do I do thing {index}?")
    await life.slack.quiet()
    view = await _home(life, "tess")
    assert len(view["blocks"]) <= 100
