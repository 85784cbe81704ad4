"""Sending when Slack, or the way to it, fails: each thing is said once, whatever became of the calls."""

from __future__ import annotations

import asyncio

import pytest

from tests.slack.scenarios.living import MODS, SUPPORT, TIPS, TIPS_AT_TEN, Life, settings
from tests.slack.scenarios.looking import texts_of
from tests.slack.server.faults import (
    BROKEN,
    BROKEN_THOUGH_ACCEPTED,
    DROPPED,
    HTML,
    REFUSED,
    Fault,
    ratelimited,
    refused,
)

FAULTS = {
    "the answer was lost": [DROPPED],
    "the answer was lost three times": [DROPPED, DROPPED, DROPPED],
    "the connection was refused": [REFUSED],
    "a server error": [BROKEN],
    "a server error though accepted": [BROKEN_THOUGH_ACCEPTED],
    "a page of HTML": [HTML],
    "an internal error": [refused("internal_error")],
    "a fatal error": [refused("fatal_error")],
    "too fast": [ratelimited(30)],
    "everything in a row": [REFUSED, BROKEN, ratelimited(5), HTML, BROKEN_THOUGH_ACCEPTED],
}


@pytest.mark.parametrize("what", FAULTS)
async def test_a_nudge_gets_out_once(life: Life, what: str) -> None:
    """Whether it was accepted is found out by its key before it is said again."""
    said = await life.asks()
    life.slack.faults.next("chat.postMessage", *FAULTS[what], channel=MODS)
    await life.wait(29)
    await life.wait(60)
    mention = await life.the_mention(said)
    assert [accepted.key for accepted in life.said_in(MODS)] == [f"nudge/{mention.id}/0"]


async def test_a_lost_answer_is_looked_up_and_not_guessed(life: Life) -> None:
    """While the look-up fails too, nothing is said again; when it works, the message is recognised."""
    await life.asks()
    life.slack.faults.next("chat.postMessage", DROPPED)
    life.slack.faults.next("conversations.history", *[BROKEN] * 3, channel=MODS)
    await life.wait(60)
    assert len(life.said_in(MODS)) == 1
    assert len(life.slack.journal.calls_of("chat.postMessage")) == 1
    posted = life.slack.journal.calls_of("chat.postMessage")[0]
    assert posted.args["metadata"]["event_type"] == "vigie_delivery"


async def test_the_sdk_repeats_nothing_by_itself(life: Life) -> None:
    """One call for one try: hidden retries are off."""
    await life.asks()
    await life.wait(29)
    life.slack.faults.always("chat.postMessage", REFUSED)
    before = len(life.slack.journal.calls_of("chat.postMessage"))
    await life.wait(1)
    await life.settle()
    assert len(life.slack.journal.calls_of("chat.postMessage")) - before == 1


async def test_retry_after_is_honoured_across_a_restart(life: Life) -> None:
    """Ten minutes asked for are ten minutes waited, also by the next process."""
    await life.asks()
    life.slack.faults.next("chat.postMessage", ratelimited(600))
    await life.wait(31)
    calls = len(life.slack.journal.calls_of("chat.postMessage"))
    await life.restarts()
    await life.wait(8)
    assert len(life.slack.journal.calls_of("chat.postMessage")) == calls
    await life.wait(5)
    assert len(life.said_in(MODS)) == 1


async def test_one_message_a_second(life: Life) -> None:
    """With Slack's own pacing on, three nudges to one channel all get out, and none is refused."""
    for name in ("ada", "bob", "cleo"):
        await life.asks(name, f"How do I do it, asks {name}?")
    life.slack.paced = True
    await life.wait(35)
    assert len(life.said_in(MODS)) == 3
    assert [call.status for call in life.slack.journal.calls_of("chat.postMessage")] == [200] * 3


REFUSALS = {
    "channel_not_found": "U0ADAM is told",
    "not_in_channel": "U0ADAM is told",
    "is_archived": "U0ADAM is told",
    "restricted_action": "U0ADAM is told",
}


@pytest.mark.parametrize("code", REFUSALS)
async def test_a_permanent_refusal_stops_that_channel_only(life: Life, code: str) -> None:
    """An admin is told once what to do; the tip's channel goes on."""
    decided = settings(tips=TIPS_AT_TEN)
    life.settings = lambda _community: decided
    await life.restarts()
    said = await life.asks()
    life.slack.faults.next("chat.postMessage", *[refused(code)] * 50, channel=MODS)
    await life.wait(120)
    tries = [call for call in life.slack.journal.calls_of("chat.postMessage") if call.args["channel"] == MODS]
    assert len(tries) == 1
    told = life.said_in("D0U0ADAM")
    assert len(told) == 1
    assert texts_of(told[0].blocks)
    assert len(life.said_in(TIPS)) == 1
    assert await life.state(said) == "open"


async def test_a_missing_scope_is_named(life: Life) -> None:
    """missing_scope: the admin reads which scope."""
    await life.asks()
    life.slack.faults.next(
        "chat.postMessage", refused("missing_scope", needed="chat:write", provided="users:read"), channel=MODS
    )
    await life.wait(60)
    told = life.said_in("D0U0ADAM")
    assert len(told) == 1
    assert "chat:write" in texts_of(told[0].blocks)


async def test_a_message_we_got_wrong_is_not_repeated(life: Life) -> None:
    """invalid_blocks is our fault: it is not tried over and over."""
    await life.asks()
    wrong: list[Fault | None] = [refused("invalid_blocks")] * 50
    life.slack.faults.next("chat.postMessage", *wrong, channel=MODS)
    await life.wait(90)
    tries = [call for call in life.slack.journal.calls_of("chat.postMessage") if call.args["channel"] == MODS]
    assert len(tries) == 1


async def test_a_process_that_dies_while_sending(life: Life) -> None:
    """The message was accepted, the process died before the answer came: the next one finds it and says nothing."""
    said = await life.asks()
    await life.wait(29)
    gate = asyncio.Event()
    life.slack.faults.next("chat.postMessage", Fault(accepted=True, gate=gate))
    await life.time_passes(1.1)
    await life.bot.tick()
    sending = asyncio.create_task(life.deliverer.deliver_due(life.communities))
    while not life.said_in(MODS):  # noqa: ASYNC110  # nothing tells when
        await asyncio.sleep(0.005)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    gate.set()
    await life.restarts()
    await life.wait(30)
    assert [accepted.key for accepted in life.said_in(MODS)] == [f"nudge/{(await life.the_mention(said)).id}/0"]


async def test_an_edit_that_failed_is_made_later(life: Life) -> None:
    """The nudge's new look gets through after Slack's trouble."""
    said = await life.asks()
    nudge = await life.nudged(said)
    life.slack.faults.next("chat.update", REFUSED, BROKEN, ratelimited(5))
    await life.person("tess").says(life.channel(SUPPORT), "Like this", thread=said)
    await life.wait(20)
    assert "was answered" in texts_of(life.look(nudge).blocks)
    assert len(life.said_in(MODS)) == 1


async def test_a_nudge_that_somebody_deleted(life: Life) -> None:
    """Its new look has nowhere to go: that is nobody's trouble, and no second nudge comes."""
    said = await life.asks()
    nudge = await life.nudged(said)
    mods = life.channel(MODS)
    await life.person("tess").deletes(mods, mods.messages[nudge.ts])
    await life.person("tess").says(life.channel(SUPPORT), "Like this", thread=said)
    await life.wait(30)
    assert await life.state(said) == "answered"
    assert life.said_in("D0U0ADAM") == []
    assert len(life.said_in(MODS)) == 1
