"""Channels that come and go: invited, removed, archived, deleted, renamed."""

from __future__ import annotations

import pytest

from bot.events import ChannelFound, ChannelLost
from tests.slack.scenarios.living import MODS, SUPPORT, Life
from tests.slack.server.model import Channel

LOSSES = ("expel", "archive", "delete")


@pytest.mark.parametrize("how", LOSSES)
@pytest.mark.parametrize("kind", ["channel", "group"])
async def test_a_watched_channel_that_is_lost(life: Life, how: str, kind: str) -> None:
    """Nobody can answer there any more: what waits there is over, and an admin is told once."""
    secret = life.town.channel("special", "ada", "tess", kind=kind)
    life.watches(secret.id)
    await life.restarts()
    said = await life.asks(where=secret.id)
    await getattr(life.town, how)(secret)
    await life.slack.quiet()
    assert await life.state(said, secret.id) == "gone"
    assert [event.place.channel for event in life.heard_of(ChannelLost)] == [secret.id]
    await life.wait(60)
    assert len(life.said_in("D0U0ADAM")) == 1
    assert life.said_in(MODS) == []


async def test_the_target_channel_is_lost_and_found(life: Life) -> None:
    """Removed from the moderators' channel, the bot says nothing there; invited again, it does."""
    mods = life.channel(MODS)
    await life.town.expel(mods)
    first = await life.asks()
    await life.wait(35)
    assert life.said_in(MODS) == []
    await life.town.admit(mods)
    await life.slack.quiet()
    assert life.count(ChannelFound) == 1
    second = await life.asks("bob", "Where is the manual?")
    nudge = await life.nudged(second)
    assert nudge.channel == MODS
    assert await life.state(first) == "open"


async def test_an_archived_channel_that_is_opened_again(life: Life) -> None:
    """After channel_unarchive its questions count again."""
    support = life.channel(SUPPORT)
    await life.town.archive(support)
    await life.slack.quiet()
    await life.town.unarchive(support)
    await life.slack.quiet()
    assert life.count(ChannelFound) == 1
    assert await life.state(await life.asks()) == "open"


async def test_a_channel_that_is_renamed_stays_the_same(life: Life) -> None:
    """Ids count, not names; the new name is what people see."""
    said = await life.asks()
    await life.town.rename(life.channel(SUPPORT), "customer-care")
    await life.slack.quiet()
    assert await life.state(said) == "open"
    assert f"<#{SUPPORT}>" in str((await life.nudged(said)).blocks)


async def test_a_removal_that_slack_does_not_tell(life: Life) -> None:
    """The first nudge that is refused disables the channel; an admin is told once, and the others go on."""
    said = await life.asks()
    await life.town.expel(life.channel(MODS), told=False)
    life.town.granted.scopes -= {"chat:write.public"}
    await life.wait(35)
    assert life.said_in(MODS) == []
    assert len(life.said_in("D0U0ADAM")) == 1
    assert await life.state(said) == "open"


async def test_others_who_come_and_go_change_nothing(life: Life) -> None:
    """Only our own coming and going is about the channel."""
    support: Channel = life.channel(SUPPORT)
    await life.person("dora").joins(support)
    await life.person("dora").leaves(support)
    await life.slack.quiet()
    assert life.count(ChannelLost) + life.count(ChannelFound) == 0
