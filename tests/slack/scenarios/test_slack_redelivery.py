"""Slack tells again what was not acknowledged: nothing is lost by that, and nothing happens twice."""

from __future__ import annotations

from bot.events import MessagePosted
from tests.slack.scenarios.living import FORUM, MODS, SUPPORT, Life
from tests.slack.server.waiting import until


async def test_a_database_that_is_down_means_no_acknowledgement(life: Life) -> None:
    """Slack tells again, and the question is taken then: one mention, one nudge."""
    life.failures = 2
    said = await life.person("ada").says(life.channel(SUPPORT), "How do I reset my password?")
    told = life.slack.journal.told[-1]
    await until(lambda: life.failures == 1, "the first try")
    await life.slack.telling.redeliver(told)
    await until(lambda: life.failures == 0, "the second try")
    assert not told.acknowledged.is_set()
    await life.slack.telling.redeliver(told)
    await life.slack.quiet()
    assert await life.state(said) == "open"
    assert len(life.said_in(MODS)) == 0
    await life.nudged(said)
    assert len(life.said_in(MODS)) == 1


async def test_what_was_acknowledged_and_comes_again_changes_nothing(life: Life) -> None:
    """Acknowledgements get lost on the way: everything is told three times, in any order."""
    ada, tess, support = life.person("ada"), life.person("tess"), life.channel(SUPPORT)
    said = await ada.says(support, "How do I reset my password?")
    await ada.edits(support, said, "How do I change my password?")
    await tess.says(support, "Like this", thread=said)
    other = await life.asks("bob", "Where is the manual?")
    mention = await life.the_mention(other)
    await life.person("bob").deletes(support, other)
    await life.slack.quiet()
    before = await life.decisions(said), await life.as_it_is(mention)
    everything = list(life.slack.journal.told)
    for again in (everything, everything[::-1]):
        await life.slack.telling.redeliver(*again)
        await life.slack.quiet()
    await until(lambda: all(told.acknowledgements == 3 for told in everything), "all acknowledgements")
    assert (await life.decisions(said), await life.as_it_is(mention)) == before
    assert await life.state(said) == "answered"
    assert before[1].state == "gone"
    await life.wait(60)
    assert life.said_in(MODS) == []


async def test_a_retry_that_is_the_only_delivery(life: Life) -> None:
    """The retry number says nothing: the first try may never have come."""
    life.slack.telling.held = True
    said = await life.person("ada").says(life.channel(SUPPORT), "How do I reset my password?")
    life.slack.telling.held = False
    await life.slack.telling.redeliver()
    await life.slack.quiet()
    assert await life.state(said) == "open"


async def test_redelivery_to_the_next_process(life: Life) -> None:
    """Acknowledged by one process, told again to the next, which remembers nothing: one mention all the same."""
    said = await life.asks()
    before = await life.decisions(said)
    await life.restarts()
    await life.slack.telling.redeliver(*life.slack.journal.told)
    await life.slack.quiet()
    assert await life.decisions(said) == before
    assert len(await life.waiting()) == 1


async def test_an_answer_that_arrives_before_its_question(life: Life) -> None:
    """Retries come out of order: the answer is there when the question comes, and nobody is nudged."""
    life.slack.telling.held = True
    said = await life.person("ada").says(life.channel(SUPPORT), "How do I reset my password?")
    await life.person("tess").says(life.channel(SUPPORT), "Like this", thread=said)
    life.slack.telling.held = False
    await life.slack.telling.redeliver(*life.slack.journal.told[::-1])
    await life.slack.quiet()
    await life.wait(60)
    assert life.said_in(MODS) == []


async def test_several_sockets_share_the_events(life: Life) -> None:
    """While Slack changes over from one connection to the next both are open; each event is judged once."""
    first = life.slack.sockets.open[0]
    await first.warn()
    for index in range(10):
        await life.person(f"asker{index}").says(
            life.channel(FORUM), f"My order number {index} never arrived and nobody tells me why"
        )
    await life.slack.quiet()
    assert len(await life.waiting()) == 10
    assert len({event.message.ref.id for event in life.heard_of(MessagePosted)}) == 10


async def test_a_press_that_comes_twice_acts_once(life: Life) -> None:
    """Somebody presses Claim, and the same press is told once more."""
    said = await life.asks()
    nudge = await life.nudged(said)
    told = await life.person("tess").presses(life.channel(MODS), nudge.ts, "Claim")
    await life.until_state(said, "claimed")
    before = len(await life.decisions(said))
    await life.slack.telling.redeliver(told)
    await until(lambda: told.acknowledgements == 2, "the second acknowledgement")
    await life.settle()
    assert len(await life.decisions(said)) == before
