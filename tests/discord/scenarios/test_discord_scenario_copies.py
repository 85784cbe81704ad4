"""Several processes on one database are one bot: each shard belongs to one of them, and whoever dies is replaced."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.keeping import StoreKeeper
from storage.memory import MemoryStore
from tests.discord.connecting import FakeKeeper
from tests.discord.scenarios.harbour import Harbour
from tests.discord.wire.server import WireDiscord
from tests.fakes import FakeClock

HELP = "How do I reset my password?"


@pytest.fixture
async def copies(wire: WireDiscord, clock: FakeClock) -> AsyncIterator[tuple[Harbour, Harbour]]:
    """Two processes; neither is started."""
    store = MemoryStore()
    one = Harbour(wire, clock, store, StoreKeeper(store, clock, "one"))
    two = one.twin(StoreKeeper(store, clock, "two"))
    yield one, two
    await two.die()
    await one.die()


async def test_one_copy_listens_and_the_other_takes_over(copies: tuple[Harbour, Harbour]) -> None:
    """One login while both live; within thirty seconds of a death another one, and what was missed is read."""
    one, two = copies
    await one.start()
    two.listen()
    asked = one.ada.say(one.support, HELP)
    await one.opened(asked)
    assert len(one.wire.gateway.identifies) == 1
    assert two.bot.watches == {}
    await one.settle()
    await one.die()
    died = one.clock.now()
    one.tess.reply(one.support, asked, "Like this.")
    missed = one.bob.say(one.support, "Where do I find the log?")
    await two.until(two.is_current)
    assert (two.clock.now() - died).total_seconds() <= 30
    await two.opened(missed)
    assert (await two.closed(asked)).closed_by == one.tess.id
    await two.wait(35)
    assert len(two.said_in(two.mods)) == 1
    assert len(one.wire.gateway.identifies) == 2


async def test_a_copy_that_lost_its_lease_falls_silent(harbour: Harbour) -> None:
    """It stood still too long (a suspended machine): the other one has the guild, and only that one speaks."""
    keeper = harbour.keeper
    assert isinstance(keeper, FakeKeeper)
    await harbour.start()
    other = harbour.twin(keeper)
    try:
        asked = harbour.ada.say(harbour.support, HELP)
        await harbour.opened(asked)
        await harbour.settle()
        other.listen()
        # The last thing that it asks before it stands by.
        await harbour.until(lambda: len(harbour.wire.rest.requests("GET /gateway/bot")) == 2)
        await harbour.until(lambda: harbour.wire.rest.requests("GET /gateway/bot")[-1].done)
        for held in keeper.held.values():
            held.lost.set()
        await other.until(other.is_current)
        await harbour.until(lambda: not harbour.is_current())
        harbour.tess.reply(harbour.support, asked, "Like this.")
        await other.opened(harbour.bob.say(harbour.support, "Where do I find the log?"))
        for each in (harbour, other):
            await each.wait(35)
        assert len(harbour.said_in(harbour.mods)) == 1
        assert len(harbour.wire.gateway.connected) == 1
    finally:
        await other.die()


async def test_each_shard_has_its_own_connection(wire: WireDiscord, clock: FakeClock) -> None:
    """Two shards, two guilds, one process: both are heard, each over its own."""
    harbour = Harbour(wire, clock, MemoryStore())
    other = wire.town("Elsewhere")
    harbour.shards = 2
    try:
        await harbour.start()
        await harbour.until(lambda: len(wire.gateway.connected) == 2)
        await harbour.until(lambda: len(harbour.bot.watches) == 2)
        await harbour.opened(harbour.ada.say(harbour.support, HELP))
        assert {session.shard for session in wire.gateway.connected} == {0, 1}
        assert str(other.id) in {community.id for community in harbour.bot.watches}
        # Discord asks for five seconds between two logins.
        first, second = wire.gateway.identifies
        assert (second - first).total_seconds() >= 5
    finally:
        await harbour.die()
