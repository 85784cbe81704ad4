"""Deletions: nobody waits for an answer to a message that is gone."""

from __future__ import annotations

from tests.slack.scenarios.living import MODS, SUPPORT, Life


async def test_a_deleted_question_is_over(life: Life) -> None:
    """Ada deletes her question: it is gone and nobody is nudged."""
    said = await life.asks()
    mention = await life.the_mention(said)
    await life.person("ada").deletes(life.channel(SUPPORT), said)
    await life.slack.quiet()
    assert (await life.as_it_is(mention)).state == "gone"
    await life.wait(60)
    assert life.said_in(MODS) == []


async def test_a_root_that_leaves_a_tombstone_is_deleted_too(life: Life) -> None:
    """A message with replies is not removed but blanked: that is a deletion."""
    said = await life.asks()
    mention = await life.the_mention(said)
    await life.person("bob").says(life.channel(SUPPORT), "I wonder too", thread=said)
    await life.person("ada").deletes(life.channel(SUPPORT), said)
    await life.slack.quiet()
    assert (await life.as_it_is(mention)).state == "gone"


async def test_a_nudge_about_a_deleted_message_says_so(life: Life) -> None:
    """Deleted after the nudge: the nudge is edited and offers nothing to claim."""
    said = await life.asks()
    nudge = await life.nudged(said)
    await life.person("ada").deletes(life.channel(SUPPORT), said)
    await life.settle()
    assert "Claim" not in str(life.look(nudge).blocks)
    assert len(life.said_in(MODS)) == 1


async def test_a_deletion_during_an_outage_is_noticed_before_the_nudge(life: Life) -> None:
    """Nobody was told of the deletion; the nudge is re-checked against Slack and shows no words that are gone."""
    said = await life.asks()
    life.slack.telling.lost = True
    await life.person("ada").deletes(life.channel(SUPPORT), said)
    life.slack.telling.lost = False
    await life.wait(31)
    assert all("password" not in str(accepted.blocks) for accepted in life.said_in(MODS))
