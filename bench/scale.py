"""Whether cost stays flat: per message with many open mentions and many communities, what is due among a million, and
how long the event loop is held up by a burst.

A message goes Slack's whole way, from its envelope to its acknowledgement, with a store in memory: 10 to 10,000 people
wait in the one channel that is spoken in, or the same messages are spread over 1 to 2,500 workspaces, each of which has
a part of the conversation and has heard what went before it. Sizes take turns, figures are medians in processor time,
and `x` is the median of each round's ratio to the smallest size. A *wake* is what the bot does every 15 seconds, and
when something falls due, with SQLite: find out for all its communities that nothing is due, and when it will be. *Due*
is what it then asks for: the ten mentions that are due, and when the next one is. In the burst 5,000 messages come as
fast as a WebSocket on loopback brings them from another process, or go from five guilds to Discord's parser, 40 at a
time (as many as a socket's buffer holds). Meanwhile a task that sleeps for a millisecond notes how late it wakes.
PostgreSQL is the server of the tests, which does not wait for its disk.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import literal, select

from bench.platforms_stream import Stream, stream
from bench.scale_burst import discord_burst, slack_burst
from bench.scale_slack import Office, serving
from bot.mentions.judge import mention_id
from bot.model import Community, Mention, MessageRef, Place, Platform
from storage.engine import parse
from storage.rows.records import mention_values
from storage.schema import ensure, opened
from storage.store import open_store
from storage.tables import mentions
from tests.postgres import running_postgres

WAITING = (10, 100, 1_000, 10_000)
COMMUNITIES = (1, 50, 2_500)
MESSAGES = 2_000
ROUNDS = 7
STORED = (10_000, 1_000_000)
DUE = 10
LOOKS = 200
WAKES = 20
CHUNK = 10_000
"""Mentions that are made one by one."""
OURS = Community(Platform("slack"), "T1")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def run(messages: int = MESSAGES, rounds: int = ROUNDS, stored: int = STORED[1]) -> dict[str, Any]:
    told = stream(messages)
    return {
        "a message": asyncio.run(_flat(told, rounds)),
        "wakes": asyncio.run(_wakes(told)),
        "due": _due((STORED[0], stored)),
        "burst": {"Slack": asyncio.run(slack_burst()), "Discord": asyncio.run(discord_burst())},
    }


async def _flat(told: Stream, rounds: int) -> dict[str, dict[str, Any]]:
    """Each size in each round is a workspace, or so many, of its own, so that no message comes twice."""
    quiet = Stream([replace(said, channel=told.channels[0]) for said in told.said], told.team, told.source)
    costs: dict[str, list[float]] = {}
    async with serving(quiet) as office:
        for number in range(rounds + 1):
            for size in WAITING:
                team = f"TW{number}N{size}"
                await office.opens(team, _waiting(team, quiet.channels[0], size))
                costs.setdefault(f"{size:,} waiting", []).append(await _cost(office, quiet, [team]))
                await office.closes([team])
    for number in range(rounds + 1):
        for size in COMMUNITIES:
            async with serving(quiet) as office:
                teams = [f"TC{number}N{one}" for one in range(size)]
                for team in teams:
                    await office.opens(team, [])
                costs.setdefault(f"{size:,} communities", []).append(await _cost(office, quiet, teams))
    rows: dict[str, dict[str, Any]] = {}
    for name, values in costs.items():
        base = costs[f"{WAITING[0]:,} waiting" if "waiting" in name else f"{COMMUNITIES[0]:,} communities"]
        ratios = [one / other for one, other in zip(values[1:], base[1:], strict=True)]
        rows[name] = {
            "µs of processor": round(median(values[1:]), 1),
            "x": round(median(ratios), 2),
            "from": round(min(ratios), 2),
            "to": round(max(ratios), 2),
        }
    return rows


async def _wakes(told: Stream) -> dict[str, dict[str, float]]:
    """Of a bot in whose communities nothing is due: what it does then, and until it knows when to wake again."""
    rows = {}
    for size in COMMUNITIES:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/vigie.db"
            await ensure(url)
            async with serving(told, url) as office:
                for number in range(size):
                    await office.opens(f"T{number}", [])
                await office.bot.tick()
                costs = []
                for _ in range(WAKES):
                    begun = process_time()
                    await office.bot.tick()
                    await office.bot.next_due()
                    costs.append(process_time() - begun)
        rows[f"{size:,} communities"] = {"a wake, µs of processor": round(median(costs) * 1e6)}
    return rows


async def _cost(office: Office, told: Stream, teams: list[str]) -> float:
    """Microseconds of processor a message."""
    coming = await office.envelopes(told, teams)
    gc.collect()
    gc.freeze()  # a collector's full pass would go over whatever lies there, whichever message happens to start it
    begun = process_time()
    for request in coming:
        await office.hears(request)
    cost = (process_time() - begun) / len(coming) * 1e6
    gc.unfreeze()
    return cost


def _waiting(team: str, channel: str, size: int) -> list[Mention]:
    """Mentions of people who wait there, and say nothing more."""
    place = Place(Community(Platform("slack"), team), channel)
    refs = [MessageRef(place, f"{1_000_000_000 + n}.000001") for n in range(size)]
    return [
        Mention(mention_id(ref), ref, f"UW{n}", NOW, "question", since=NOW, latest=ref.id, latest_at=NOW)
        for n, ref in enumerate(refs)
    ]


def _due(sizes: tuple[int, int]) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        rows: dict[str, dict[str, Any]] = {}
        found: dict[tuple[str, int], tuple[float, float]] = {}
        for kind in ("SQLite", "PostgreSQL"):
            for size in sizes:
                with server.database() as name:
                    url = f"sqlite:///{folder}/{size}.db" if kind == "SQLite" else server.url(name)
                    found[kind, size] = asyncio.run(_looked(url, size))
                    few = found[kind, sizes[0]]
                    due, coming = found[kind, size]
                    rows[f"{kind}, {size:,} waiting"] = {
                        f"the {DUE} due, µs": round(due * 1e6),
                        "due, x": round(due / few[0], 2),
                        "the next instant, µs": round(coming * 1e6),
                        "next, x": round(coming / few[1], 2),
                    }
        return rows


async def _looked(url: str, size: int) -> tuple[float, float]:
    """Seconds that pass, as medians: to read what is due, and when the next is."""
    await ensure(url)
    _fill(url, size)
    store = open_store(url)
    costs: tuple[list[float], list[float]] = ([], [])
    try:
        for _ in range(LOOKS):
            begun = perf_counter()
            async with store.begin() as tx:
                due = await tx.due_mentions(OURS, NOW)
            costs[0].append(perf_counter() - begun)
            assert len(due) == DUE
            begun = perf_counter()
            async with store.begin() as tx:
                await tx.next_due([OURS])
            costs[1].append(perf_counter() - begun)
    finally:
        await store.close()
    return median(costs[0]), median(costs[1])


def _fill(url: str, size: int) -> None:
    """So many mentions that wait, of which `DUE` are due; the database itself copies the first few, for later."""
    with opened(parse(url)) as engine:
        with engine.begin() as connection:
            connection.execute(mentions.insert(), [mention_values(_mention(n)) for n in range(min(CHUNK, size))])
        names = [column.name for column in mentions.c]
        for copy in range(1, size // CHUNK):
            other = {
                "id": mentions.c.id + f"c{copy}",
                "message": mentions.c.message + f"c{copy}",
                "due_at": literal(NOW + timedelta(days=365, minutes=copy), mentions.c.due_at.type),
            }
            first = ~mentions.c.id.contains("c")
            rows = select(*(other.get(name, mentions.c[name]) for name in names)).where(first)
            with engine.begin() as connection:
                connection.execute(mentions.insert().from_select(names, rows))
        if engine.dialect.name == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")  # the server of the tests has no autovacuum to do it


def _mention(number: int) -> Mention:
    at = NOW - timedelta(seconds=number)
    ref = MessageRef(Place(OURS, "C1"), f"{number}.1")
    due = NOW + timedelta(seconds=number - DUE + 1)
    return Mention(f"m{number}", ref, "U1", at, "question", since=at, latest=ref.id, latest_at=at, due_at=due)


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:])), indent=1))
