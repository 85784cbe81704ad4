"""HTTP mode: the same stories, told by signed requests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.ports import Store
from tests.slack.scenarios.living import MODS, SUPPORT, Life, living
from tests.slack.scenarios.looking import texts_of
from tests.slack.server import schemas
from tests.slack.server.faults import REFUSED
from tests.slack.server.waiting import until


@pytest.fixture
async def life(store: Store) -> AsyncIterator[Life]:
    async with living(store, "http") as life:
        yield life
        if schemas.available():
            assert schemas.problems(life.slack.journal.calls) == []


async def test_a_question_and_its_answer(life: Life) -> None:
    """Asked, nudged, answered, and the nudge shows it."""
    said = await life.asks()
    nudge = await life.nudged(said)
    await life.person("tess").says(life.channel(SUPPORT), "Like this", thread=said)
    await life.settle()
    assert "was answered" in texts_of(life.look(nudge).blocks)


async def test_a_database_that_is_down_means_slack_tells_again(life: Life) -> None:
    """503, then the retry with its header, then one mention."""
    life.slack.telling.retry_delays = (0.01, 0.01)
    life.failures = 1
    said = await life.asks()
    assert await life.state(said) == "open"
    told = next(told for told in life.slack.journal.told if told.name == "message")
    assert [attempt.status for attempt in told.attempts] == [503, 200]


async def test_commands_buttons_and_forms(life: Life) -> None:
    """Form-encoded requests: a command, a press, a modal that is submitted."""
    tess = life.person("tess")
    told = await tess.types(life.channel(MODS), "/tip", "engagement")
    assert "response_type" in await life.answer_to(told)
    said = await life.asks()
    nudge = await life.nudged(said)
    await tess.presses(life.channel(MODS), nudge.ts, "Snooze")
    await until(lambda: tess.modal, "the modal")
    submitted = await tess.submits(choice="1h")
    await life.until_state(said, "snoozed")
    await life.slack.quiet()
    assert submitted.attempts[0].status == 200
    await tess.opens_home()
    await until(lambda: life.town.home(tess), "the home")


async def test_a_restart_reads_what_was_missed(life: Life) -> None:
    """While nobody listens Slack's requests fail; history tells on the next start, and the retry changes nothing."""
    await life.asks("bob", "Where is the manual?")
    await life.wait(1)
    await life.dies()
    missed = await life.person("ada").says(life.channel(SUPPORT), "How do I reset my password?")
    await until(lambda: life.slack.journal.told[-1].attempts[-1].failure, "a failed request")
    await life.starts()
    await life.bot.tick()
    assert await life.state(missed) == "open"
    await life.slack.telling.redeliver()
    await life.slack.quiet()
    assert [decision.verdict for decision in await life.decisions(missed)] == ["opened"]


async def test_an_unreachable_address_is_noticed_without_a_restart(life: Life) -> None:
    """For half an hour Slack's requests reach nobody, though the process lives: what was said is found all the same."""
    await life.asks("bob", "Where is the manual?")
    life.slack.telling.lost = True
    missed = await life.person("ada").says(life.channel(SUPPORT), "How do I reset my password?")
    await life.wait(30)
    life.slack.telling.lost = False
    await life.wait(30)
    assert await life.state(missed) == "open"


async def test_a_command_before_slack_can_be_asked(life: Life) -> None:
    """A process that does not know yet whom it serves says so with a 503, and not that the app was removed."""
    await life.dies()
    life.slack.faults.always("auth.test", REFUSED)
    await life.stands_by()
    told = await life.person("ada").types(life.channel(SUPPORT), "/tip")
    await until(lambda: told.attempts[-1].status, "an answer")
    assert told.attempts[-1].status == 503
    life.slack.faults.lift()
    told = await life.person("ada").types(life.channel(SUPPORT), "/tip")
    assert "Today’s tip" in texts_of((await life.answer_to(told))["blocks"])


async def test_what_was_lost_is_read_before_what_comes_after_it(life: Life) -> None:
    """Slack could not reach us for a while and gave up on a question; then somebody else speaks: both are judged."""
    await life.asks("bob", "Where is the manual?")
    life.slack.telling.lost = True
    missed = await life.person("ada").says(life.channel(SUPPORT), "How do I reset my password?")
    await life.time_passes(7)
    life.slack.telling.lost = False
    said = await life.asks("cleo", "Is there an invoice somewhere?")
    await life.settle()
    assert await life.state(said) == "open"
    assert await life.state(missed) == "open"


async def test_a_busy_workspace_is_not_read_again_and_again(life: Life) -> None:
    """While events come, history is not asked for."""
    await life.settle()
    calls = len(life.slack.journal.calls_of("conversations.history"))
    for minute in range(40):
        await life.person("tess").says(life.channel(SUPPORT), f"Note {minute}")
        await life.slack.quiet()
        await life.time_passes(1)
    assert len(life.slack.journal.calls_of("conversations.history")) == calls
