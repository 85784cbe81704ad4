"""What the stores cost, as ratios to one row committed by bare `sqlite3` in the same run and on the same disk.

On PostgreSQL the server of the tests is used, which does not wait for its disk: it shows the round trips.
"""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from time import perf_counter

from bot.model import (
    Community,
    Decision,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Mention,
    MessageRef,
    Place,
    Platform,
    Verdict,
)
from bot.ports import Store, Transaction
from storage.engine import parse
from storage.memory import MemoryStore
from storage.rows.records import mention_values
from storage.schema import ensure, opened
from storage.store import open_store
from storage.tables import mentions
from tests.postgres import running_postgres

OURS = Community(Platform("slack"), "T1")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)
SIZES = (1_000, 100_000)
DUE = 10

Job = Callable[[], Awaitable[object]]


def run(rounds: int = 300) -> dict[str, float]:
    """Costs in microseconds (the median) and, under `…, x`, how many times that of the bare commit."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server, server.database() as name:
        path = Path(folder)
        bare = _bare_commit(path / "bare.db", rounds)
        urls = {"memory": None, "SQLite": f"sqlite:///{path / 'vigie.db'}", "PostgreSQL": server.url(name)}
        for kind, url in urls.items():
            for job, cost in asyncio.run(_measure(url, rounds)).items():
                figures[f"{kind}: {job}, µs"] = round(cost * 1e6, 1)
                figures[f"{kind}: {job}, x"] = round(cost / bare, 3)
    return {"bare sqlite3 commit, µs": round(bare * 1e6, 1), **figures}


def _bare_commit(path: Path, rounds: int) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE rows (key TEXT PRIMARY KEY, text TEXT)")
    costs = []
    for number in range(rounds):
        begun = perf_counter()
        connection.execute("INSERT INTO rows VALUES (?, 'as long as a usual row of ours would be')", (f"key/{number}",))
        costs.append(perf_counter() - begun)
    connection.close()
    return _median(costs)


async def _measure(url: str | None, rounds: int) -> dict[str, float]:
    if url is not None:
        await ensure(url)
    store: Store = MemoryStore() if url is None else open_store(url)
    numbers = count()

    async def empty() -> None:
        async with store.begin():
            pass

    async def open_one() -> None:
        row = a_mention(next(numbers))
        async with store.begin() as tx:
            await tx.add_mention(row)
            await tx.add_delivery(_delivery(row))
            await tx.record(Decision(row.id, NOW, Verdict.OPENED, row.rule, row.asker, row.ref.id, ("asks the team",)))

    async def deliver_one() -> None:
        async with store.begin() as tx:
            (held,) = await tx.claim("owner", NOW, LEASE, 1, [OURS])
        for state in (DeliveryState.SENDING, DeliveryState.SENT):
            async with store.begin() as tx:
                await tx.save_delivery(replace(held, state=state, sent_at=NOW), "owner")

    async def look_up(read: Callable[[Transaction], Awaitable[object]]) -> None:
        async with store.begin() as tx:
            await read(tx)

    figures = {
        "empty transaction": await _cost(empty, rounds),
        "a mention opened": await _cost(open_one, rounds),
        "a delivery claimed, sent, recorded": await _cost(deliver_one, rounds),
    }
    for size in SIZES:
        await _fill(store, url, size)
        name = f"with {size:,} waiting"
        figures[f"next instant {name}"] = await _cost(lambda: look_up(lambda tx: tx.next_due([OURS])), rounds)
        due = await _cost(lambda: look_up(lambda tx: tx.due_mentions(OURS, NOW)), rounds)
        figures[f"the {DUE} due {name}"] = due
    await store.close()
    return figures


async def _fill(store: Store, url: str | None, size: int) -> None:
    """Make it `size` mentions that wait, of which `DUE` are due, and nothing else."""
    async with store.begin() as tx:
        await tx.forget_community(OURS)
    rows = [a_mention(n, due_at=NOW + timedelta(minutes=n - DUE + 1)) for n in range(size)]
    if url is None:
        async with store.begin() as tx:
            for row in rows:
                await tx.add_mention(row)
        return
    with opened(parse(url)) as engine:
        with engine.begin() as connection:
            connection.execute(mentions.insert(), [mention_values(row) for row in rows])
        if engine.dialect.name == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")  # the test server has no autovacuum to do it


async def _cost(job: Job, rounds: int) -> float:
    """The median, in seconds."""
    costs = []
    await job()
    gc.collect()
    for _ in range(rounds):
        begun = perf_counter()
        await job()
        costs.append(perf_counter() - begun)
    return _median(costs)


def _median(costs: list[float]) -> float:
    return sorted(costs)[len(costs) // 2]


def a_mention(number: int, due_at: datetime | None = None) -> Mention:
    at = NOW - timedelta(seconds=number)
    ref = MessageRef(Place(OURS, "C1"), f"{number}.1")
    return Mention(f"m{number}", ref, "U1", at, "asks", since=at, latest=ref.id, latest_at=at, due_at=due_at)


def _delivery(mention: Mention) -> Delivery:
    subject: dict[str, str | int | list[str]] = {"mention": mention.id, "step": 1, "to": "channel"}
    place = Place(OURS, "mods")
    return Delivery(f"nudge/{mention.id}/1", DeliveryKind.NUDGE, place, subject, mention.opened_at, created_at=NOW)


if __name__ == "__main__":
    for what, figure in run().items():
        print(f"{what:72} {figure:12,.3f}")
