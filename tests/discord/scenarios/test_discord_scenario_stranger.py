"""The three jobs on a server that only resembles Discord: elsewhere, with half of its routes and fields missing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.model import MentionState, Severity
from bot.texts import texts
from storage.memory import MemoryStore
from tests.discord.scenarios.harbour import Harbour
from tests.discord.scenarios.test_discord_scenario_commands import read, words
from tests.discord.wire.server import WireDiscord
from tests.fakes import FakeClock


@pytest.fixture(params=[False, True], ids=["ids as text", "ids as numbers"])
async def abroad(clock: FakeClock, request: pytest.FixtureRequest) -> AsyncIterator[Harbour]:
    """The same guild on such a server."""
    server = WireDiscord(clock.now)
    await server.start(strange=True, numbers=request.param)
    harbour = Harbour(server, clock, MemoryStore())
    harbour.api_url = server.api_url
    team = frozenset({harbour.tess.id, harbour.tim.id})
    usual = harbour.with_tips()
    harbour.settings = harbour.decided(tips=usual.tips, team=type(usual.team)(members=team))
    yield harbour
    await harbour.die()
    await server.stop()


async def test_the_three_jobs(abroad: Harbour) -> None:
    """Tip, advice, nudge and its end; a process that dies and a session that expires in between lose nothing."""
    await abroad.start()
    asked = abroad.ada.say(abroad.support, "How do I reset my password?")
    await abroad.opened(asked)
    abroad.wire.gateway.expire()
    abroad.wire.gateway.drop()
    missed = abroad.bob.say(abroad.support, "Where is the harbour map?")
    await abroad.opened(missed)
    await abroad.wait(45)
    assert len(abroad.said_in(abroad.mods)) == 2
    assert "How do I reset my password?" in words(abroad.said_in(abroad.mods)[0])
    await abroad.restart()
    resumed = abroad.wire.gateway.resumes
    abroad.wire.gateway.drop()
    await abroad.until(lambda: abroad.wire.gateway.resumes > resumed)
    abroad.tess.reply(abroad.support, asked, "With the link in your profile.")
    assert (await abroad.closed(asked)).state is MentionState.ANSWERED
    await abroad.wait(45)
    assert "was answered" in words(abroad.said_in(abroad.mods)[0])
    assert len(abroad.said_in(abroad.team_room)) == 1
    tip = await abroad.ada.slash(abroad.support, "tip", topic="trolls")
    assert "courteous" in read(tip)


async def test_a_list_that_it_cannot_show_is_said_in_words(abroad: Harbour) -> None:
    """Components V2 that are taken and shown as nothing are told as text instead."""
    await abroad.start()
    await abroad.opened(abroad.ada.say(abroad.support, "How do I reset my password?"))
    assert "1 person is waiting" in read(await abroad.tess.slash(abroad.mods, "mentions", "list"))


async def test_whoever_writes_in_private_is_answered(abroad: Harbour) -> None:
    """What broke the server is said once more, plainly."""
    await abroad.start()
    abroad.ada.direct("trolls")
    await abroad.until(lambda: abroad.said_in(abroad.ada.private))
    assert "courteous" in words(abroad.said_in(abroad.ada.private)[0])


async def test_the_check_warns(abroad: Harbour) -> None:
    """Of what cannot be found out there; nothing of it is an error, since nothing of it stops the bot."""
    await abroad.start()
    found = await abroad.chat.check(texts("en"))
    assert {finding.severity for finding in found} == {Severity.OK, Severity.WARNING}
    assert any("does not know what it was asked for" in finding.message for finding in found)
