"""Logins to Discord are few, paced and counted; what Discord refuses for good ends the chat with what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.discord.chat import DiscordApp
from adapters.discord.logins import STOP
from bot.errors import Unauthorised
from bot.events import Connected, Disconnected
from tests.discord.connecting import FakeKeeper, living
from tests.discord.wire.server import WireDiscord


def name(wire: WireDiscord) -> str:
    return f"discord/identify/{wire.world.application['id']}"


async def test_every_login_is_counted(wire: WireDiscord) -> None:
    """One for the start, one for each session that was over; none for a resumed one."""
    wire.town()
    async with living(wire) as house:
        house.start()
        await house.until(lambda: len(house.core.told(Connected)) == 1)
        wire.gateway.drop()
        await house.until(lambda: wire.gateway.resumes == 1)
        assert len(house.keeper.notes[name(wire)]) == 1
        await wire.gateway.invalidate(resumable=False)
        await house.until(lambda: len(house.core.told(Connected)) == 2)
        assert len(house.keeper.notes[name(wire)]) == 2
        assert house.clock.slept


async def test_at_fifty_a_day_it_stops(wire: WireDiscord) -> None:
    """Long before Discord resets the token, with a sentence that says so, and without another login."""
    keeper = FakeKeeper()
    keeper.notes[name(wire)] = [datetime.now(UTC) - timedelta(hours=1)] * STOP
    async with living(wire, keeper=keeper) as house:
        with pytest.raises(Unauthorised) as raised:
            await house.start()
    assert raised.value.reason == "too_many_logins"
    assert "1000" in raised.value.fix
    assert wire.gateway.identifies == []


async def test_those_of_the_day_before_do_not_count(wire: WireDiscord) -> None:
    """What happened more than 24 hours ago is over."""
    wire.town()
    keeper = FakeKeeper()
    keeper.notes[name(wire)] = [datetime.now(UTC) - timedelta(hours=25)] * STOP
    async with living(wire, keeper=keeper) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))


async def test_a_loop_of_dying_sessions_ends(wire: WireDiscord) -> None:
    """A gateway that ends each session at once is logged in to no more than fifty times."""
    wire.town()
    async with living(wire) as house:
        task = house.start()
        for number in range(1, STOP + 1):
            await house.until(lambda number=number: len(wire.gateway.identifies) == number and wire.gateway.connected)
            await wire.gateway.invalidate(resumable=False)
        with pytest.raises(Unauthorised):
            await task
        assert len(wire.gateway.identifies) == STOP


async def test_without_the_store_nobody_logs_in(wire: WireDiscord) -> None:
    """What cannot be counted is not done; once the store is back, it is."""
    wire.town()
    keeper = FakeKeeper()
    keeper.down = True
    async with living(wire, keeper=keeper) as house:
        house.start()
        await house.until(lambda: len(house.clock.slept) > 3)
        assert wire.gateway.identifies == []
        keeper.down = False
        await house.until(lambda: house.core.told(Connected))


async def test_a_bad_token_is_a_clear_error(wire: WireDiscord) -> None:
    """With the page on which a new one is made."""
    async with living(wire, token="wrong") as house:
        with pytest.raises(Unauthorised) as raised:
            await house.start()
    assert "https://discord.com/developers/applications" in raised.value.fix
    assert "wrong" not in str(raised.value)
    assert "wrong" not in repr(DiscordApp("wrong"))


async def test_missing_intents_are_a_clear_error(wire: WireDiscord) -> None:
    """4014: named, with the page of this very application on which they are switched on."""
    wire.gateway.refused_intents = 1 << 15
    async with living(wire) as house:
        with pytest.raises(Unauthorised) as raised:
            await house.start()
    assert raised.value.reason == "4014"
    assert f"https://discord.com/developers/applications/{wire.world.application['id']}/bot" in str(raised.value)
    assert "Message Content Intent" in raised.value.fix


async def test_each_shard_has_one_holder_and_another_takes_over(wire: WireDiscord) -> None:
    """Two processes are one bot: the second one waits, and takes the shard when the first one lost it."""
    wire.town()
    keeper = FakeKeeper()
    async with living(wire, keeper=keeper) as first, living(wire, keeper=keeper) as second:
        first.start()
        await first.until(lambda: first.core.told(Connected))
        second.start()
        await first.until(lambda: len(wire.rest.requests("GET /gateway/bot")) == 2)
        assert not second.core.told(Connected)
        [lease] = keeper.held.values()
        lease.lost.set()
        await second.until(lambda: second.core.told(Connected))
        await first.until(lambda: first.core.told(Disconnected))
        assert len(wire.gateway.connected) == 1


async def test_several_shards_see_all_guilds(wire: WireDiscord) -> None:
    """Each guild on its own shard, all of them in one process when it is alone."""
    towns = [wire.town() for _ in range(3)]
    async with living(wire, shards=2) as house:
        house.start()
        await house.until(lambda: len(house.core.told(Connected)) == 3)
        assert {event.community.id for event in house.core.told(Connected)} == {town.id for town in towns}
        assert len(wire.gateway.connected) == 2


async def test_logins_that_others_used_up_count_too(wire: WireDiscord) -> None:
    """When Discord itself allows hardly any more today, none is made."""
    wire.gateway.identifies.extend([datetime.now(UTC)] * 990)
    async with living(wire) as house:
        with pytest.raises(Unauthorised) as raised:
            await house.start()
    assert raised.value.reason == "too_many_logins"
    assert len(wire.gateway.identifies) == 990


async def test_closing_ends_whatever_it_waits_for(wire: WireDiscord) -> None:
    """While Discord cannot be reached, while another process holds the lease, and before it was ever run."""
    wire.gateway.refusing = True
    async with living(wire) as house:
        task = house.start()
        await house.until(lambda: wire.rest.requests("GET /gateway/bot"))
        await house.chat.close()
        await task
        await house.chat.close()
    async with living(wire) as never:
        await never.chat.close()
