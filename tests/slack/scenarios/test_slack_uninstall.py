"""The end in a workspace: what is stored about it is deleted, in whatever order Slack tells."""

from __future__ import annotations

import pytest

from bot.events import CommunityLost
from tests.slack.scenarios.living import MODS, Life


async def _is_forgotten(life: Life) -> bool:
    async with life.store.begin() as tx:
        return not await tx.waiting(life.community) and not await tx.cursors(life.community)


@pytest.mark.parametrize("order", ["uninstalled", "revoked", "both", "both the other way round"])
async def test_an_uninstalled_app_forgets(life: Life, order: str) -> None:
    """app_uninstalled and tokens_revoked come in either order, or one of them never comes."""
    await life.asks()
    assert not await _is_forgotten(life)
    if order in ("revoked", "both the other way round"):
        await life.town.revokes()
    if order != "revoked":
        await life.town.uninstalls()
    if order == "both":
        life.town.workspace.installed = True
        await life.town.revokes()
    await life.slack.quiet()
    assert life.count(CommunityLost) >= 1
    assert await _is_forgotten(life)
    await life.wait(60)
    assert life.said_in(MODS) == []


async def test_a_persons_token_is_not_the_bots(life: Life) -> None:
    """tokens_revoked for a person leaves the bot where it is."""
    said = await life.asks()
    await life.town.revokes(bot=False)
    await life.slack.quiet()
    assert life.count(CommunityLost) == 0
    assert await life.state(said) == "open"


async def test_a_token_that_was_revoked_unnoticed_stops_what_is_sent(life: Life) -> None:
    """No event came: the next send is refused, and the bot does not go on trying at every beat."""
    await life.asks()
    life.town.granted.state = "token_revoked"
    await life.wait(35)
    tries = len(life.slack.journal.calls_of("chat.postMessage"))
    await life.wait(60)
    assert life.said_in(MODS) == []
    assert len(life.slack.journal.calls_of("chat.postMessage")) - tries <= 8
