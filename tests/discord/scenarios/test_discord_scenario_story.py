"""The three jobs end to end, with a restart and an expired session in between: nothing is lost, nothing comes twice."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from bot.model import DeliveryState, MentionState
from bot.ports import Store
from storage.memory import MemoryStore
from tests.discord.scenarios.harbour import Harbour
from tests.discord.wire.connection import MEMBERS
from tests.discord.wire.faults import Dropped
from tests.discord.wire.server import WireDiscord
from tests.fakes import FakeClock

SAY = "POST /channels/{channel}/messages"


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_a_day_at_the_harbour(wire: WireDiscord, clock: FakeClock, file_store: Store, kind: str) -> None:
    """A tip at ten, advice on demand, six people who ask; the process dies and the session expires in between."""
    harbour = Harbour(wire, clock, file_store if kind == "sqlite" else MemoryStore())
    harbour.settings = harbour.with_tips()
    await harbour.start()
    try:
        await _the_day(harbour)
    finally:
        await harbour.die()


async def _the_day(harbour: Harbour) -> None:
    # Nine: three people ask; one is answered at once.
    early = harbour.ada.say(harbour.support, "How do I reset my password?")
    quick = harbour.bob.say(harbour.support, "Where do I find the log?")
    await harbour.opened(early)
    await harbour.opened(quick)
    harbour.tess.reply(harbour.support, quick, "Under Help.")
    assert (await harbour.closed(quick)).state is MentionState.ANSWERED
    post = harbour.town.person("Cleo").open_post(harbour.forum, "No map", "I cannot find the map anywhere.")
    await harbour.opened(post, harbour.forum)

    # The session expires while somebody asks and somebody answers: both are read from history.
    harbour.wire.gateway.expire()
    harbour.wire.gateway.drop()
    missed = harbour.town.person("Dan").say(harbour.support, "Can somebody help me with the import?")
    harbour.tim.say(post, "The map is in the drawer.")
    await harbour.opened(missed)
    await harbour.closed(post, harbour.forum)

    # Half past nine: one nudge each; the answer to the first send is lost on its way.
    harbour.wire.rest.script(SAY, Dropped(True), channel=harbour.mods)
    await harbour.wait_until(harbour.clock.now().replace(hour=9, minute=45, second=0))
    assert len(harbour.said_in(harbour.mods)) == 2

    # The process dies over ten o'clock, and with it the tip's instant; meanwhile people go on talking.
    await harbour.die()
    await harbour.clock.advance(timedelta(minutes=30))
    while_dead = harbour.town.person("Eve").say(harbour.quiet, "Does anybody know when the ferry leaves?")
    harbour.tess.reply(harbour.support, early, "Like this.")
    await harbour.start()
    await harbour.opened(while_dead, harbour.quiet)
    assert (await harbour.closed(early)).closed_by == harbour.tess.id
    await harbour.wait(5)
    assert len(harbour.said_in(harbour.team_room)) == 1

    # Advice on demand, and a claim under a nudge that the last process had said.
    assert (await harbour.bob.slash(harbour.support, "tip", topic="engagement")).shown
    waiting = await harbour.the_mention(missed)
    nudge = next(
        each for each in harbour.said_in(harbour.mods) if any(b in str(each["components"]) for b in (waiting.id,))
    )
    await harbour.tim.press(nudge, "Claim")
    harbour.tim.reply(harbour.support, missed, "Gladly.")
    await harbour.closed(missed)

    # The rest of the day, with another expired session and another restart.
    await harbour.wait(40)
    harbour.wire.gateway.expire()
    harbour.wire.gateway.drop()
    await harbour.until(lambda: len(harbour.wire.gateway.connected) == 1)
    await harbour.until(harbour.is_current)
    await harbour.restart()
    harbour.lea.reply(harbour.quiet, while_dead, "At noon.")
    await harbour.closed(while_dead, harbour.quiet)
    await harbour.wait(8 * 60)

    assert await harbour.waiting() == []
    nudges = Counter(each.key for each in await harbour.deliveries() if each.key.startswith("nudge/"))
    assert set(nudges.values()) == {1}
    assert len(harbour.said_in(harbour.mods)) == len(nudges) == 3
    assert len(harbour.said_in(harbour.team_room)) == 1
    assert {each.state for each in await harbour.deliveries()} <= {DeliveryState.SENT, DeliveryState.CANCELLED}
    assert harbour.wire.world.woken == []
    assert harbour.wire.rest.invalid == 0
    # Members are never asked for by the thousand.
    assert MEMBERS not in {op for op, _ in harbour.wire.gateway.received}
