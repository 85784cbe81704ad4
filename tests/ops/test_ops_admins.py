"""What an admin has to mend is told once, across restarts, and once more when it is mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import Forbidden, Unauthorised
from bot.model import Finding, Severity
from bot.ports import Store
from bot.privacy import erase
from bot.rounds import CHECK, EVERY, SURE, Rounds
from tests.app.village import MODS, SUPPORT, Village
from tests.fakes import COMMUNITY

CLOSED = Forbidden("no", reason="not_in_channel", fix="Invite me again with /invite.")


@pytest.fixture
async def village(store: Store) -> Village:
    village = Village(store)
    await village.connect()
    return village


def told(village: Village) -> list[str]:
    """The titles of what the admin was told, oldest first."""
    return [post.title for post in village.said_in("D-adam")]


async def test_a_target_that_stays_closed_is_told_once_however_often_we_restart(village: Village) -> None:
    """Each start tries again; that it is refused again is no news."""
    village.chat.closed[MODS] = CLOSED
    for number in range(3):
        await village.asks(f"guest{number}")
        await village.wait(31)
        await village.restart()
    assert told(village) == ["I cannot post in a channel"]


async def test_a_target_that_works_again_is_told(village: Village) -> None:
    """Mended while we were down: once something was said there, the admin who was alarmed knows."""
    village.chat.closed[MODS] = CLOSED
    await village.asks("ada")
    await village.wait(31)
    del village.chat.closed[MODS]
    await village.restart()
    await village.restart()
    assert told(village) == ["I cannot post in a channel"]
    await village.asks("bob")
    await village.wait(31)
    assert told(village) == ["I cannot post in a channel", "I can post again"]
    await village.asks("cleo")
    await village.wait(31)
    assert len(told(village)) == 2


async def test_a_target_that_was_mended_without_a_word_is_tried_again_within_a_day(village: Village) -> None:
    """No restart and no event of the platform is needed."""
    village.chat.closed[MODS] = CLOSED
    await village.asks("ada")
    await village.wait(31)
    del village.chat.closed[MODS]
    rounds = Rounds(village.bot)
    await rounds.once()
    await village.asks("bob")
    await village.wait(31)
    assert told(village) == ["I cannot post in a channel", "I can post again"]


async def test_a_community_that_refused_us_and_takes_us_again_is_told(village: Village) -> None:
    """A revoked token: nobody can be told then; once a new one works, the admins are."""
    village.chat.closed[str(COMMUNITY)] = village.chat.closed[MODS] = Unauthorised("no", reason="token_revoked")
    await village.asks("ada")
    await village.wait(31)
    assert village.said == []
    del village.chat.closed[str(COMMUNITY)], village.chat.closed[MODS]
    await village.restart()
    await village.wait(timedelta(hours=2))
    assert told(village) == ["I am back"]
    assert village.said_in(MODS)


async def test_what_the_daily_check_finds_is_told_when_it_is_sure(village: Village) -> None:
    """Seen twice, told once with all of its fixes, told again when nothing is wrong any more; restarts add nothing."""
    wrong = Finding("scopes", Severity.ERROR, "missing: channels:history", "Install the app again.")
    village.chat.findings = [wrong, replace(wrong, subject="hint", severity=Severity.WARNING)]
    rounds = Rounds(village.bot)
    await rounds.once()
    await village.wait(1)
    assert told(village) == []
    for _ in range(3):
        await village.time_passes(SURE)
        await rounds.once()
    await village.wait(1)
    (post,) = village.said_in("D-adam")
    assert "channels:history" in post.body
    assert "Install the app again" in post.body
    assert "hint" not in post.body
    await village.restart()
    rounds = Rounds(village.bot)
    for _ in range(3):
        await village.time_passes(SURE)
        await rounds.once()
    await village.wait(1)
    assert len(told(village)) == 1
    village.chat.findings = []
    await village.time_passes(CHECK)
    await rounds.once()
    await village.wait(1)
    assert told(village)[1:] == ["Everything is set up well again"]
    assert SURE < CHECK


async def test_what_mended_itself_before_it_was_told_is_not_told(village: Village) -> None:
    """A check that fails once, as when the network was away, alarms nobody."""
    village.chat.findings = [Finding("connection", Severity.ERROR, "no answer", "")]
    rounds = Rounds(village.bot)
    await rounds.once()
    village.chat.findings = []
    await village.time_passes(SURE)
    await rounds.once()
    await village.wait(1)
    assert told(village) == []


async def test_memory_follows_whoever_was_forgotten_by_another_process(village: Village) -> None:
    """`vigie forget` beside the running bot: within a minute memory holds nothing of the member either."""
    await village.asks("ada")
    await village.asks("bob")
    rounds = Rounds(village.bot)
    async with village.store.begin() as tx:
        await erase(tx, COMMUNITY, "ada", village.clock.now())
    room = village.bot.watches[COMMUNITY].rooms[SUPPORT]
    assert room.of_asker("ada")
    await village.time_passes(EVERY)
    await rounds.once()
    assert not room.of_asker("ada")
    assert room.of_asker("bob")
