"""The SQLite connection: quick where nothing can hold it up, and never in the event loop's way."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import get_ident

import pytest

from storage.driver import Connection, connect

MANY = 30_000


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Connection]:
    """With a table `rows` of many rows, and an SQL function `thread()` that tells where it was called."""
    opened = await connect(str(tmp_path / "driver.db"), isolation_level=None, check_same_thread=False, timeout=30)
    await opened.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, text TEXT)")
    await opened.execute("BEGIN IMMEDIATE")
    cursor = await opened.cursor()
    await cursor.executemany("INSERT INTO rows VALUES (?, ?)", [(n, f"text {n}") for n in range(MANY)])
    await opened.commit()
    await opened.create_function("thread", 0, get_ident)
    yield opened
    await opened.close()


async def rows_of(connection: Connection, sql: str) -> list[tuple[object, ...]]:
    cursor = await connection.cursor()
    await cursor.execute(sql)
    rows = [tuple(row) for row in await cursor.fetchall()]
    await cursor.close()
    return rows


async def run(connection: Connection, sql: str) -> list[tuple[object, ...]]:
    return (await connection.run(sql, ()))[0]


Reading = Callable[[Connection, str], Awaitable[list[tuple[object, ...]]]]
both = pytest.mark.parametrize("read", [rows_of, run], ids=["through SQLAlchemy's door", "prepared"])


@both
async def test_what_is_quick_is_done_at_once(connection: Connection, read: Reading) -> None:
    """A row by its key is read in the event loop's thread."""
    assert await read(connection, "SELECT text, thread() FROM rows WHERE number = 7") == [("text 7", get_ident())]


@both
async def test_many_rows_are_read_in_another_thread(connection: Connection, read: Reading) -> None:
    """All of them, each once and in order, whatever had been read before that was noticed."""
    rows = await read(connection, "SELECT number, thread() FROM rows ORDER BY number")
    assert [number for number, _ in rows] == list(range(MANY))
    assert get_ident() not in {thread for _, thread in rows}


@both
async def test_what_was_written_before_a_long_look_stays_written(connection: Connection, read: Reading) -> None:
    """A long look is begun anew, and the transaction around it goes on: before its first row or after it."""
    await connection.begin()
    assert await connection.run("INSERT INTO rows VALUES (?, ?)", (MANY, "new")) == ([], 1)
    assert await read(connection, "SELECT count(*) FROM rows WHERE text LIKE '%9%9%9%'") == [(111,)]
    assert len(await read(connection, "SELECT number FROM rows")) == MANY + 1
    await connection.run("UPDATE rows SET text = 'newer' WHERE number = ?", (MANY,))
    await connection.commit()
    assert await read(connection, f"SELECT text FROM rows WHERE number = {MANY}") == [("newer",)]


@both
async def test_a_mistake_is_told_as_it_is(connection: Connection, read: Reading) -> None:
    """An error is not taken for a statement that lasts too long."""
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await read(connection, "SELECT 1 FROM nowhere")
    with pytest.raises(sqlite3.IntegrityError):
        await read(connection, "INSERT INTO rows VALUES (1, 'twice')")


async def test_what_is_abandoned_never_was(connection: Connection) -> None:
    """And the next transaction begins as if nothing had been."""
    await connection.begin()
    await connection.run("INSERT INTO rows VALUES (?, ?)", (MANY, "new"))
    connection.abandon()
    await connection.begin()
    assert await run(connection, f"SELECT 1 FROM rows WHERE number = {MANY}") == []
    await connection.commit()
    assert not connection.in_transaction


@pytest.fixture
def other(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another process, which holds the lock."""
    with closing(sqlite3.connect(tmp_path / "driver.db", isolation_level=None, check_same_thread=False)) as opened:
        opened.execute("BEGIN IMMEDIATE")
        yield opened


async def test_whoever_waits_for_another_process_holds_nobody_up(
    connection: Connection, other: sqlite3.Connection
) -> None:
    """The lock is waited for elsewhere; and whatever is asked of the connection meanwhile comes after that."""
    waiting = asyncio.ensure_future(connection.begin())
    for _ in range(20):
        await asyncio.sleep(0)
    after = asyncio.ensure_future(rows_of(connection, "SELECT thread()"))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    assert not after.done()
    other.rollback()
    await waiting
    assert len(await after) == 1
    assert connection.in_transaction
    connection.abandon()


async def test_nothing_overtakes_what_nobody_waits_for_any_more(
    connection: Connection, other: sqlite3.Connection
) -> None:
    """A cancelled BEGIN goes on in its thread: what comes next, such as giving it up, waits for it."""
    waiting = asyncio.ensure_future(connection.begin())
    await asyncio.sleep(0)
    waiting.cancel()
    connection.abandon()
    after = asyncio.ensure_future(run(connection, "SELECT 1"))
    await asyncio.sleep(0)
    assert not after.done()
    other.rollback()
    assert await after == [(1,)]
    assert not connection.in_transaction
