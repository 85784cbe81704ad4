"""Reactions: a check mark of the team answers, and taking it back asks again."""

from __future__ import annotations

import pytest

from tests.slack.scenarios.living import SUPPORT, Life


@pytest.mark.parametrize("emoji", ["white_check_mark", "heavy_check_mark", "ballot_box_with_check"])
async def test_a_check_mark_of_the_team_answers(life: Life, emoji: str) -> None:
    """Each of the configured reactions counts."""
    said = await life.asks()
    await life.person("tess").reacts(life.channel(SUPPORT), said, emoji)
    await life.slack.quiet()
    assert await life.state(said) == "answered"


async def test_other_reactions_and_other_people_do_not_answer(life: Life) -> None:
    """Eyes of the team, a check mark of somebody outside."""
    said = await life.asks()
    await life.person("tess").reacts(life.channel(SUPPORT), said, "eyes")
    await life.person("bob").reacts(life.channel(SUPPORT), said)
    await life.slack.quiet()
    assert await life.state(said) == "open"


async def test_the_askers_own_check_mark_solves(life: Life) -> None:
    """Ada marks her own question as solved."""
    said = await life.asks()
    await life.person("ada").reacts(life.channel(SUPPORT), said)
    await life.slack.quiet()
    assert await life.state(said) == "answered"


async def test_a_reaction_taken_back_reopens(life: Life) -> None:
    """Tess had reacted to the wrong message."""
    said = await life.asks()
    await life.person("tess").reacts(life.channel(SUPPORT), said)
    await life.slack.quiet()
    await life.person("tess").unreacts(life.channel(SUPPORT), said)
    await life.slack.quiet()
    assert await life.state(said) == "open"


async def test_a_reaction_in_a_thread_finds_its_message(life: Life) -> None:
    """Slack tells channel and ts only: a follow-up inside a thread is found as well."""
    said = await life.asks()
    more = await life.person("ada").says(life.channel(SUPPORT), "Anybody?", thread=said)
    await life.slack.quiet()
    await life.person("tess").reacts(life.channel(SUPPORT), more)
    await life.slack.quiet()
    assert await life.state(said) == "answered"
