"""The SQLite connection: quick where nothing can hold it up, and never in the event loop's way."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import get_ident

import pytest

from storage.driver import FEW, LOG, PROMPT, Connection, connect

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


class Disk:
    """What commits wait for: how long it takes with one, and the threads that waited for it."""

    def __init__(self) -> None:
        self.takes = 0.0
        self.now = 0.0
        self.waited: list[int] = []


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
async def on_disk(disk: Disk, tmp_path: Path) -> AsyncIterator[Connection]:
    class OnDisk(sqlite3.Connection):
        def commit(self) -> None:
            disk.waited.append(get_ident())
            disk.now += disk.takes
            super().commit()

    opened = await connect(
        str(tmp_path / "disk.db"), lambda: disk.now, isolation_level=None, check_same_thread=False, factory=OnDisk
    )
    await rows_of(opened, "PRAGMA journal_mode = WAL")
    await rows_of(opened, "CREATE TABLE rows (number INTEGER PRIMARY KEY, text TEXT)")
    yield opened
    await opened.close()


async def write(connection: Connection, rows: int = 1) -> None:
    await connection.begin()
    for _ in range(rows):
        await connection.run("INSERT INTO rows (text) VALUES ('text')", ())
    await connection.commit()


async def test_a_prompt_disk_is_not_waited_for_elsewhere(on_disk: Connection, disk: Disk) -> None:
    """Once it is known to be prompt: until then, and again after a commit that took long, the loop does not wait."""
    await write(on_disk)
    assert disk.waited.pop() != get_ident()
    await write(on_disk)
    assert disk.waited.pop() == get_ident()
    disk.takes = 2 * PROMPT
    await write(on_disk)
    disk.waited.clear()
    await write(on_disk)
    assert disk.waited.pop() != get_ident()
    disk.takes = 0
    await write(on_disk)
    await write(on_disk)
    assert disk.waited.pop() == get_ident()


async def test_what_writes_much_is_committed_elsewhere(on_disk: Connection, disk: Disk) -> None:
    """However prompt the disk was with less."""
    await write(on_disk)
    await write(on_disk, FEW + 1)
    assert disk.waited.pop() != get_ident()


async def test_the_log_does_not_grow_for_ever(on_disk: Connection, tmp_path: Path) -> None:
    """Whether many wrote a little or one wrote much, it is copied into the database and begun anew."""
    log = tmp_path / "disk.db-wal"
    for _ in range(3 * LOG):
        await write(on_disk)
    assert log.stat().st_size < 1.2 * LOG * 4120, "a page and its header for each commit since the last copy"
    before = log.stat().st_size
    for _ in range(5):
        await write(on_disk, 1000)
    assert log.stat().st_size < 2 * before


async def test_a_log_that_cannot_be_copied_fails_no_commit(on_disk: Connection, tmp_path: Path) -> None:
    """Somebody reads what it would write over: what was committed stays, and is copied later."""
    with closing(sqlite3.connect(tmp_path / "disk.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM rows").fetchone() == (0,)
        for _ in range(2 * LOG):
            await write(on_disk)
    for _ in range(LOG):
        await write(on_disk)
    assert await rows_of(on_disk, "SELECT count(*) FROM rows") == [(3 * LOG,)]
