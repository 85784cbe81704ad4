"""Seeded stories on the loopback Discord: calls that fail and processes that end, held against the same checker."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from storage.memory import MemoryStore
from tests.discord.scenarios.harbour import Harbour
from tests.discord.wire.faults import Dropped, broken, limited
from tests.discord.wire.server import WireDiscord
from tests.fakes import MONDAY, FakeClock
from tests.faults.checker import Agreed, Asked, Daily, History, Rung, Span, Uttered, check

SAY = "POST /channels/{channel}/messages"
FAULTS = (Dropped(True), Dropped(False), broken(500), broken(503), limited(1), limited(60), limited(3600))


@pytest.fixture
async def harbour() -> AsyncIterator[Harbour]:
    clock = FakeClock()
    wire = WireDiscord(clock.now)
    await wire.start()
    harbour = Harbour(wire, clock, MemoryStore())
    harbour.settings = harbour.with_tips()
    yield harbour
    await harbour.die()
    await wire.stop()
    assert wire.rest.problems == []


@pytest.mark.parametrize("seed", range(3))
async def test_calls_that_fail_and_processes_that_end(harbour: Harbour, seed: int) -> None:
    """Cut off before and after Discord took a message, 5xx, limits of 1, 60 and 3600 s; ended for up to an hour."""
    random, asked, waiting = Random(seed), {}, {}
    await harbour.start()
    for number in range(5):
        marker = f"Q{number}x"
        asked[marker] = Asked(marker, harbour.clock.now())
        asker = harbour.town.person(f"Asker {number}")
        waiting[marker] = asker.say(harbour.support, f"How do I reset my password {marker}?")
        await harbour.opened(waiting[marker])
        harbour.wire.rest.script(SAY, random.choice(FAULTS), channel=harbour.mods)
        if random.random() < 0.5:
            await harbour.die()
            await harbour.clock.advance(timedelta(minutes=random.uniform(1, 60)))
            await harbour.start()
        await harbour.wait(random.uniform(5, 45))
        if random.random() < 0.5:
            answered = random.choice(sorted(waiting))
            asked[answered] = replace(asked[answered], over=harbour.clock.now())
            harbour.tess.reply(harbour.support, waiting[answered], "Like this.")
            await harbour.closed(waiting.pop(answered))
    await harbour.wait(33 * 60 - (harbour.clock.now() - MONDAY).total_seconds() / 60)
    assert check(History(list(asked.values()), uttered(harbour), harbour.clock.now()), agreed(harbour)) == []


def uttered(harbour: Harbour) -> list[Uttered]:
    channels = (harbour.mods, harbour.team_room, harbour.lea.private)
    return [
        Uttered(datetime.fromisoformat(message["timestamp"]), channel, json.dumps(message, ensure_ascii=False))
        for channel in channels
        for message in harbour.said_in(channel)
    ]


def agreed(harbour: Harbour) -> Agreed:
    days = [MONDAY + timedelta(days=day) for day in range(2)]
    return Agreed(
        hours=[Span(day, day + timedelta(hours=9)) for day in days],
        ladder=[
            Rung(timedelta(minutes=30), harbour.mods),
            Rung(timedelta(hours=2), harbour.mods),
            Rung(timedelta(hours=8), harbour.lea.private),
        ],
        daily=Daily(harbour.team_room, [day + timedelta(hours=1) for day in days], timedelta(hours=2)),
        late=timedelta(minutes=100),
    )
