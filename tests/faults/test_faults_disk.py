"""The whole bot on a real database whose disk is full, read-only or slow: nothing is lost, and it mends itself.

A full disk is a small one that was filled; a read-only one is SQLite's `query_only`, or on PostgreSQL a server that
takes no writes; a slow one is another process that holds the database.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage.store import SqlStore
from storage.transactions import SqliteTransactions
from tests.faults.day import tried_enough
from tests.slack.scenarios.living import MODS, SUPPORT, Life, living
from tests.slack.server.model import Said
from tests.slack.server.waiting import until
from tests.smalldisk import small_disk
from tests.storage.samples import Opening


@pytest.mark.parametrize("left", [0, 1], ids=["full", "full in the middle of a transaction"])
async def test_a_full_disk(left: int, sqlite_template: Path, tmp_path: Path, opening: Opening) -> None:
    """What is asked meanwhile is not acknowledged, and is nudged about once there is room again; once each."""
    with small_disk(tmp_path / "disk") as disk:
        store = opening(f"sqlite:///{shutil.copyfile(sqlite_template, disk.folder / 'vigie.db')}")
        async with living(store) as life:
            asked = await life.asks()
            disk.fill(left)
            missed = await _missed(life)
            disk.clear()
            await _all_is_well(life, asked, missed)
        await store.close()


async def test_a_file_that_takes_no_writes_for_a_while(sqlite_url: str, opening: Opening) -> None:
    """Read-only: the same."""
    store = opening(sqlite_url)
    async with living(store) as life:
        asked = await life.asks()
        await _read_only(store, "ON")
        missed = await _missed(life)
        await _read_only(store, "OFF")
        await _all_is_well(life, asked, missed)


async def _read_only(store: SqlStore, way: str) -> None:
    """On the one connection that a SQLite store has."""
    transactions = store._transactions
    assert isinstance(transactions, SqliteTransactions)
    async with transactions.driver() as driver:
        await driver.execute_fetchall(f"PRAGMA query_only = {way}")


async def test_a_server_that_takes_no_writes_for_a_while(postgres_url: str, opening: Opening) -> None:
    """PostgreSQL as a standby before it takes over: the same."""
    async with living(opening(postgres_url)) as life:
        asked = await life.asks()
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            _switch(admin, "on")
            missed = await _missed(life)
            _switch(admin, "off")
        await _all_is_well(life, asked, missed)


async def _missed(life: Life) -> Said:
    """Asked while nothing can be stored, until Slack gives up."""
    life.slack.telling.retry_delays = (0.0, 0.0, 0.0)
    said = await life.person("bob").says(life.channel(SUPPORT), "How do I reset my password?")
    told = life.slack.journal.told[-1]
    await until(partial(tried_enough, told), "the last try")
    await life.time_passes(timedelta(minutes=3))
    assert not told.acknowledged.is_set()
    told.given_up = True
    return said


async def _all_is_well(life: Life, *asked: Said) -> None:
    await life.wait(timedelta(minutes=45))
    assert [await life.state(said) for said in asked] == ["open"] * len(asked)
    keys = [one.key for one in life.said_in(MODS)]
    wanted = [f"nudge/{(await life.the_mention(said)).id}/0" for said in asked]
    assert sorted(keys) == sorted(wanted)


def _switch(admin: psycopg.Connection[Any], way: str) -> None:
    name = admin.info.dbname
    admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {way}".encode())
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    admin.execute(others, [name])


async def test_a_database_that_is_slow(sqlite_url: str, tmp_path: Path, opening: Opening) -> None:
    """Acknowledged once it is stored, and no sooner: as long as another process holds the file, Slack waits."""
    async with living(opening(sqlite_url)) as life:
        with closing(sqlite3.connect(tmp_path / "vigie.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            said = await life.person("ada").says(life.channel(SUPPORT), "How do I reset my password?")
            told = life.slack.journal.told[-1]
            for _ in range(40):
                await asyncio.sleep(0)
            assert not told.acknowledged.is_set()
            other.execute("ROLLBACK")
        await life.slack.quiet()
        assert await life.state(said) == "open"
        await life.nudged(said)
