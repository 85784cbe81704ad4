"""Mangled payloads over the platforms' own wires: the whole bot listens, and goes on listening."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Any
from urllib.parse import urlencode

import aiohttp

from storage.memory import MemoryStore
from tests.discord.scenarios.harbour import Harbour
from tests.discord.wire.server import WireDiscord
from tests.fakes import FakeClock
from tests.hostile import junk
from tests.hostile.payloads import DISCORD_ACTS, DISCORD_EVENTS, SLACK_ACTS, SLACK_EVENTS, slack_envelope
from tests.hostile.signatures import FORM, JSON, right, send
from tests.slack.scenarios.living import Life

HARMLESS = [event for event in SLACK_EVENTS if event["type"] != "tokens_revoked"]
"""One that Slack signed is believed: the workspace would be over, and deaf to what comes after it."""


@asynccontextmanager
async def harbouring() -> AsyncIterator[Harbour]:
    """The bot, connected to a Discord on loopback."""
    clock = FakeClock()
    wire = WireDiscord(clock.now)
    await wire.start()
    harbour = Harbour(wire, clock, MemoryStore())
    try:
        await harbour.start()
        yield harbour
    finally:
        await harbour.die()
        await wire.stop()


async def over_slacks(life: Life, number: int, seed: int = 0) -> Counter[int]:
    """Signed as by Slack; the statuses that came back."""
    random, statuses = Random(seed), Counter[int]()
    async with aiohttp.ClientSession() as http:
        for count in range(number):
            if random.random() < 0.7:
                event = junk.mangled(random, random.choice(HARMLESS), SLACK_EVENTS)
                envelope = slack_envelope(event, count) | {"team_id": "T0ACME"}
                envelope["authorizations"] = [{**envelope["authorizations"][0], "team_id": "T0ACME"}]
                body = json.dumps(junk.mangled(random, envelope) if random.random() < 0.3 else envelope)
                request = right(life, body.encode(), JSON)
            else:
                act = {**random.choice(SLACK_ACTS), "team_id": "T0ACME"}
                act |= {"response_url": f"{life.slack.api_url}nowhere"} if "response_url" in act else {}
                act |= {"team": {"id": "T0ACME"}} if "team" in act else {}
                payload = json.dumps(junk.mangled(random, act, SLACK_EVENTS))
                request = right(life, urlencode({"payload": payload}).encode(), FORM)
            statuses[await send(http, life, request)] += 1
    return statuses


async def over_discords(harbour: Harbour, number: int, seed: int = 0) -> None:
    """Down the connection that stands; whether it stands afterwards is for the caller to look at."""
    random = Random(seed)
    everything = [payload for _, payload in DISCORD_EVENTS]
    for _ in range(number):
        name, known = random.choice((*DISCORD_EVENTS, *(("INTERACTION_CREATE", act) for act in DISCORD_ACTS)))
        payload = junk.mangled(random, _of_this_guild(known, harbour), everything)
        if _can_be_sent(payload):
            for session in harbour.wire.gateway.connected:
                session.add(name, payload)
    harbour.wire.gateway.pulse.beat()


def _of_this_guild(payload: dict[str, Any], harbour: Harbour) -> dict[str, Any]:
    ours = {"guild_id": harbour.town.id, "channel_id": harbour.support}
    return {**payload, **{key: value for key, value in ours.items() if key in payload}}


def _can_be_sent(payload: object) -> bool:
    """Infinity and the like are not JSON: no platform sends them."""
    try:
        json.dumps(payload, allow_nan=False)
    except ValueError:
        return False
    return True
