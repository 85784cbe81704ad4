from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

import storage.engine
import storage.store
from bot.errors import StoreError, StoreUnavailable
from bot.model import Mention
from storage.engine import parse, shown
from storage.store import SqlStore, open_store
from tests.postgres import Postgres
from tests.smalldisk import small_disk
from tests.storage.samples import DAY, NOW, OURS, Opening, add, claim, delivery, mention, stored


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("sqlite:///vigie.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:////var/lib/vigie.db", "sqlite+aiosqlite"),
        ("postgresql://localhost/vigie", "postgresql+psycopg"),
        ("postgres://localhost/vigie", "postgresql+psycopg"),
        ("postgresql+psycopg://localhost/vigie", "postgresql+psycopg"),
    ],
)
def test_an_address_gets_our_driver(given: str, driver: str) -> None:
    """Whichever way the kind of database is written."""
    assert parse(given).drivername == driver


@pytest.mark.parametrize(
    "address",
    [
        "mysql://ann:s3cret@db/vigie",
        "postgresql+asyncpg://ann:s3cret@db/vigie",
        "ann:s3cret@db/vigie",
        "s3cret",
        "",
        "postgresql://ann:s3cret@db:port/vigie",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:s3cret?uri=true",
    ],
)
def test_an_address_that_will_not_do(address: str) -> None:
    """The text names what is accepted, and no password."""
    with pytest.raises(StoreError, match=r"sqlite:///vigie\.db") as raised:
        open_store(address)
    assert "s3cret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_missing_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text gives the command that installs it."""
    monkeypatch.setattr(storage.engine, "find_spec", lambda _: None)
    with pytest.raises(StoreError, match=r'pip install "vigie\[postgres\]"'):
        open_store("postgresql://localhost/vigie")


def test_no_address_is_shown_with_its_password() -> None:
    """Neither in its usual place nor among the options."""
    assert shown(parse("postgresql://ann:s3cret@db/vigie?password=s3cret")) == "postgresql://ann:***@db/vigie"


def test_a_file_that_cannot_be_made(tmp_path: Path) -> None:
    """Told at once, with the reason."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path}/file/vigie.db")


async def test_a_database_without_our_tables(tmp_path: Path, opening: Opening) -> None:
    """An error that a person has to see, not one to try again for ever."""
    store = opening(f"sqlite:///{tmp_path}/vigie.db")
    with pytest.raises(StoreError, match="upgraded first") as raised:
        await claim(store)
    assert not isinstance(raised.value, StoreUnavailable)


async def test_postgres_without_our_tables(postgres: Postgres, opening: Opening) -> None:
    """The same."""
    with postgres.database() as name:
        store = opening(postgres.url(name))
        with pytest.raises(StoreError, match="upgraded first"):
            await claim(store)
        await store.close()


async def test_a_server_that_is_down(tmp_path: Path, opening: Opening) -> None:
    """Cannot be reached: try again later."""
    store = opening(f"postgresql://ann:s3cret@/vigie?host={tmp_path}")
    with pytest.raises(StoreUnavailable) as raised:
        await claim(store)
    assert "s3cret" not in str(raised.value)


async def test_a_file_that_another_process_has_locked(sqlite_url: str, tmp_path: Path, opening: Opening) -> None:
    """Nothing was committed, and once the lock is gone all is well."""
    store = opening(f"{sqlite_url}?timeout=0.01")
    with closing(sqlite3.connect(tmp_path / "vigie.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            await add(store, delivery())
        other.execute("ROLLBACK")
    assert await claim(store) == []
    await add(store, delivery())


async def test_a_full_disk(sqlite_template: Path, tmp_path: Path, opening: Opening) -> None:
    """Nothing of the transaction is there afterwards, and once there is room again all is well."""
    with small_disk(tmp_path / "disk") as disk:
        store = opening(f"sqlite:///{shutil.copyfile(sqlite_template, disk.folder / 'vigie.db')}")
        await add(store, mention())
        disk.fill(left=2)
        with pytest.raises(StoreUnavailable, match="full"):
            await add(store, *(delivery(f"{number}" * 100) for number in range(500)))
        disk.clear()
        await _nothing_but(store, mention())
        await add(store, delivery())
        await store.close()


async def test_a_disk_that_is_read_only(sqlite_url: str, opening: Opening) -> None:
    """The same."""
    writable, store = opening(sqlite_url), opening(sqlite_url)
    await add(writable, mention())
    event.listen(store._engine.sync_engine, "connect", _read_only)
    with pytest.raises(StoreUnavailable, match="readonly"):
        await add(store, delivery())
    await _nothing_but(writable, mention())


def _read_only(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()


async def _nothing_but(store: SqlStore, there: Mention) -> None:
    async with store.begin() as tx:
        assert await tx.deliveries(OURS, 10) == []
        assert await tx.waiting(OURS) == [there]


async def test_a_server_that_is_read_only(postgres: Postgres, postgres_url: str, opening: Opening) -> None:
    """A standby, before it takes over: try again later."""
    store = opening(f"{postgres_url}&options=-c default_transaction_read_only=on")
    with pytest.raises(StoreUnavailable):
        await add(store, delivery())
    assert await claim_nothing(store)


async def claim_nothing(store: SqlStore) -> bool:
    async with store.begin() as tx:
        return await tx.delivery("d1") is None


async def test_a_server_that_was_restarted(postgres: Postgres, postgres_url: str, opening: Opening) -> None:
    """Connections that died are told once, as unavailable; then new ones are made, for everybody."""
    store = opening(postgres_url)
    await add(store, delivery())
    await asyncio.gather(*(claim_nothing(store) for _ in range(5)))
    postgres.disconnect_all()
    with pytest.raises(StoreUnavailable):
        await claim(store)
    assert (await stored(store, "d1")).leased_by is None
    assert not any(await asyncio.gather(*(claim_nothing(store) for _ in range(8))))


async def test_a_server_that_dies_within_a_transaction(postgres: Postgres, postgres_url: str, opening: Opening) -> None:
    """Nothing happened, wherever in it that was."""
    store = opening(postgres_url)

    async def work(die: Callable[[], None]) -> None:
        async with store.begin() as tx:
            await tx.add_delivery(delivery())
            die()

    with pytest.raises(StoreUnavailable):
        await work(postgres.disconnect_all)
    assert await claim_nothing(store)


async def test_a_transaction_that_gives_up_harms_no_other(sql_store: SqlStore) -> None:
    """Twenty that fail in a row leave every connection usable."""

    async def fail(number: int) -> None:
        async with sql_store.begin() as tx:
            await tx.add_delivery(delivery(str(number)))
            raise LookupError

    outcomes = await asyncio.gather(*(fail(number) for number in range(20)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {LookupError}
    await add(sql_store, delivery())
    assert await claim(sql_store) == ["d1"]


@pytest.mark.parametrize("work", ["instant", "text"])
async def test_a_value_that_cannot_be_stored(sql_store: SqlStore, work: str) -> None:
    """A bug of ours is an error of the core as well, and nothing of it is committed."""
    naive = datetime(2026, 3, 2)  # noqa: DTZ001 (that is the bug)
    wrong = delivery("wrong", **{"due_at": naive} if work == "instant" else {"problem": "\udcff"})
    with pytest.raises(StoreError):
        await add(sql_store, delivery(), wrong)
    assert await claim_nothing(sql_store)


@pytest.mark.parametrize("when", ["a later transaction", "closing"])
async def test_what_is_in_use_elsewhere_is_overwritten_later(
    sqlite_url: str, tmp_path: Path, opening: Opening, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """While another process reads, forgotten rows stay in the log; a later transaction, or closing, sees to it."""
    monkeypatch.setattr(storage.store, "RETRY", 0.0 if when == "a later transaction" else 9e9)
    store = opening(sqlite_url)
    await add(store, mention(asker="U0SECRET1"), delivery("kept", subject={}))
    with closing(sqlite3.connect(tmp_path / "vigie.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM mentions").fetchall()
        async with store.begin() as tx:
            assert await tx.forget_member(OURS, "U0SECRET1") == 2  # the mention and its message
        assert b"U0SECRET1" in _bytes(tmp_path)
        reader.execute("COMMIT")
    assert await claim(store, "a", NOW + DAY) == ["kept"]
    assert (b"U0SECRET1" in _bytes(tmp_path)) == (when == "closing")
    await store.close()
    assert b"U0SECRET1" not in _bytes(tmp_path)


def _bytes(folder: Path) -> bytes:
    return b"".join(part.read_bytes() for part in folder.glob("vigie.db*"))
