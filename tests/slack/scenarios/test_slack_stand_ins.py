"""Servers that stand in for Slack, as emulators do: the three jobs go on, and the check tells what is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Severity
from bot.ports import Store
from bot.settings import TeamSettings
from bot.texts import texts
from tests.slack.scenarios.living import MODS, SUPPORT, TIPS, TIPS_AT_TEN, Life, living, settings
from tests.slack.scenarios.looking import texts_of
from tests.slack.server.likeness import Likeness
from tests.slack.server.waiting import until

GROUPS = frozenset(("usergroups.list", "usergroups.users.list"))
RARE = frozenset(
    (
        *("auth.teams.list", "bots.info", "chat.postEphemeral", "conversations.info", "conversations.open"),
        *("conversations.replies", "files.getUploadURLExternal", "users.info", "views.open", "views.publish"),
        *GROUPS,
    )
)
LIKENESSES = {
    "asked by POST alone": Likeness(verb="POST", unknown=GROUPS, scopes=False, timeless=True),
    "asked by GET alone": Likeness(verb="GET", unknown=GROUPS, status=404),
    "telling little": Likeness(
        bare=True, scopes=False, timeless=True, typed=False, without={"auth.test": ("bot_id", "url", "user", "team")}
    ),
    "knowing little": Likeness(unknown=RARE),
    "knowing little, and no page": Likeness(unknown=RARE, status=404),
}


async def _begins(life: Life, likeness: Likeness) -> None:
    team = TeamSettings(
        members=frozenset({"U0TESS"}), roles=frozenset({"S0STAFF"}), lead="U0LEA", admins=("U0ADAM",), on_duty="S0DUTY"
    )
    decided = replace(settings(tips=TIPS_AT_TEN), team=team)
    life.settings = lambda _community: decided
    life.slack.likeness = likeness
    await life.restarts()


@pytest.mark.parametrize("likeness", LIKENESSES.values(), ids=LIKENESSES)
async def test_the_three_jobs(store: Store, likeness: Likeness) -> None:
    """A tip, advice, a nudge that is claimed and answered, and what was said during an outage."""
    async with living(store) as life:
        await _begins(life, likeness)
        tess, support = life.person("tess"), life.channel(SUPPORT)
        asked = await life.asks()
        nudge = await life.nudged(asked)
        assert "How do I reset my password?" in texts_of(nudge.blocks)
        await tess.presses(life.channel(MODS), nudge.ts, "Claim")
        await life.until_state(asked, "claimed")
        await tess.says(support, "Like this", thread=asked)
        await life.settle()
        assert await life.state(asked) == "answered"
        assert "answered in its thread" in texts_of(life.look(nudge).blocks)
        told = await life.person("cleo").types(support, "/tip", "engagement")
        assert len(texts_of((await life.answer_to(told))["blocks"])) > 100
        await life.wait(30)
        assert len(life.said_in(TIPS)) == 1

        first, before = life.slack.sockets.open[0], life.connections
        life.slack.goes_down()
        await life.time_passes(10)
        missed = life.person("bob").wrote(support, "Why does the export fail?")
        life.slack.comes_back()
        await life.slack.sockets.reconnected(first)
        await until(lambda: life.connections > before, "the catching up")
        assert await life.state(missed) == "open"
        assert len(life.said_in(MODS)) == 1
        assert len(life.said_in(TIPS)) == 1


@pytest.mark.parametrize("likeness", LIKENESSES.values(), ids=LIKENESSES)
async def test_the_check_tells_what_is_not_there(store: Store, likeness: Likeness) -> None:
    """Each method that is missing and was asked for is a warning that names it; none is an error."""
    async with living(store) as life:
        await _begins(life, likeness)
        await life.asks()
        findings = await life.chat.check(texts("en"))
        assert [finding for finding in findings if finding.severity is Severity.ERROR] == []
        warned = " ".join(f"{finding.message} {finding.fix}" for finding in findings)
        assert all(finding.fix for finding in findings if finding.severity is Severity.WARNING)
        wanted = {"conversations.info", "conversations.replies", "usergroups.list", "users.info"} & likeness.unknown
        assert all(f"unknown_method: {method}" in warned for method in wanted)
        assert ("granted is not told" in warned) is not likeness.scopes


async def test_an_answer_within_a_thread_is_seen_where_no_time_is_known(store: Store) -> None:
    """History that is always all of it, without the instant of the latest reply: the thread is looked into."""
    async with living(store) as life:
        await _begins(life, LIKENESSES["telling little"])
        asked = await life.asks()
        earlier = await life.asks("bob", "Where is the manual?")
        first, before = life.slack.sockets.open[0], life.connections
        life.slack.goes_down()
        await life.time_passes(10)
        life.person("tess").wrote(life.channel(SUPPORT), "Like this", thread=asked)
        life.slack.comes_back()
        await life.slack.sockets.reconnected(first)
        await until(lambda: life.connections > before, "the catching up")
        assert await life.state(asked) == "answered"
        assert await life.state(earlier) == "open"


async def test_what_needs_a_window_is_answered_otherwise(store: Store) -> None:
    """Where no window can be opened, Snooze says so, and today's tip comes in private."""
    async with living(store) as life:
        await _begins(life, LIKENESSES["knowing little"])
        nudge = await life.nudged(await life.asks())
        told = await life.person("tess").presses(life.channel(MODS), nudge.ts, "Snooze")
        assert "Not now" in texts_of((await life.answer_to(told))["blocks"])
        await life.person("tess").uses_shortcut("tip")
        said = await until(
            lambda: [one for one in life.slack.journal.accepted if one.channel.startswith(("D", "U"))], "it"
        )
        assert "Today’s tip" in texts_of(said[0].blocks)


async def test_the_least_there_can_be(store: Store) -> None:
    """A server that only lets us connect and speak: nudge, tip and advice get out, and answers that are heard count."""
    unknown = RARE | {"chat.update", "conversations.history"}
    async with living(store) as life:
        await _begins(life, Likeness(unknown=unknown, bare=True, scopes=False))
        asked, waits = await life.asks(), await life.asks("bob", "Where is the manual?")
        await life.person("tess").says(life.channel(SUPPORT), "Like this", thread=asked)
        await life.settle()
        assert await life.state(asked) == "answered"
        nudge = await life.nudged(waits)
        assert "asks a question" in texts_of(nudge.blocks)
        told = await life.person("cleo").types(life.channel(SUPPORT), "/tip", "engagement")
        assert len(texts_of((await life.answer_to(told))["blocks"])) > 100
        await life.wait(30)
        assert len(life.said_in(TIPS)) == 1
        assert len(life.said_in(MODS)) == 1


async def test_a_server_that_does_not_say_hello(store: Store) -> None:
    """A pong shows as well that somebody is there: connected once, and what was missed is read."""
    async with living(store) as life:
        await life.dies()
        life.slack.sockets.greets = False
        await life.time_passes(5)
        missed = life.person("bob").wrote(life.channel(SUPPORT), "Why does the export fail?")
        before = life.connections
        await life.starts()
        assert await life.state(missed) == "open"
        (first,) = life.slack.sockets.open
        pings = first.pings
        await until(lambda: first.pings >= pings + 4, "pings")
        assert life.connections == before + 1
        assert life.slack.sockets.open == [first]
        first.drop()
        await life.slack.sockets.reconnected(first)
        await until(lambda: life.connections == before + 2, "the second connection")
        assert await life.state(await life.asks()) == "open"
