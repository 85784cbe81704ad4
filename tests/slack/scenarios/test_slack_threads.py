"""Threads: where answers are given, and where the bot adds to its own nudges."""

from __future__ import annotations

from tests.slack.scenarios.living import FORUM, MODS, SUPPORT, Life
from tests.slack.scenarios.looking import texts_of


async def test_a_reply_of_the_team_in_the_thread_answers(life: Life) -> None:
    """Tess answers in the thread: nobody is nudged."""
    said = await life.asks()
    await life.person("tess").says(life.channel(SUPPORT), "Like this", thread=said)
    await life.slack.quiet()
    assert await life.state(said) == "answered"
    await life.wait(120)
    assert life.said_in(MODS) == []


async def test_a_broadcast_reply_answers_too_and_once(life: Life) -> None:
    """A reply also sent to the channel is in its thread."""
    said = await life.asks()
    await life.person("tess").says(life.channel(SUPPORT), "Like this", thread=said, broadcast=True)
    await life.slack.quiet()
    assert await life.state(said) == "answered"
    assert [decision.verdict for decision in await life.decisions(said)] == ["opened", "answered"]


async def test_a_reply_of_somebody_outside_does_not_answer(life: Life) -> None:
    """Bob's guess in the thread leaves Ada waiting."""
    said = await life.asks()
    await life.person("bob").says(life.channel(SUPPORT), "I wonder too", thread=said)
    await life.slack.quiet()
    assert await life.state(said) == "open"


async def test_a_broadcast_by_somebody_outside_opens_nothing_of_its_own(life: Life) -> None:
    """The asker's further words, also sent to the channel, belong to the same mention."""
    said = await life.asks(where=FORUM, text="My printer burns and I cannot put it out")
    more = await life.person("ada").says(life.channel(FORUM), "It really does", thread=said, broadcast=True)
    await life.settle()
    assert (await life.the_mention(more, FORUM)).id == (await life.the_mention(said, FORUM)).id
    assert len(await life.waiting()) == 1


async def test_escalations_go_into_the_nudges_thread_and_ping_whom_they_name(life: Life) -> None:
    """After two hours the group on duty is called, under the nudge; after eight the lead, in private."""
    said = await life.asks()
    nudge = await life.nudged(said)
    await life.wait(95)
    second = life.said_in(MODS)[-1]
    assert second.thread_ts == nudge.ts
    assert "<!subteam^S0DUTY>" in texts_of(second.blocks) + second.text
    assert "<!subteam" not in texts_of(nudge.blocks) + nudge.text
    await life.wait(6 * 60 + 30)
    private = life.said_in("D0U0LEA")
    assert len(private) == 1
    assert "ada" in private[0].text


async def test_an_answered_nudge_shows_it(life: Life) -> None:
    """The nudge is edited in place when the answer comes after it, and its buttons change."""
    said = await life.asks()
    nudge = await life.nudged(said)
    await life.person("tess").says(life.channel(SUPPORT), "Like this", thread=said)
    await life.settle()
    assert len(life.said_in(MODS)) == 1
    look = life.look(nudge)
    assert look.edited is not None
    assert "was answered" in texts_of(look.blocks)
    assert "Claim" not in texts_of(look.blocks)
