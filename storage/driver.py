"""SQLite's connection for SQLAlchemy: what is done at once stays in the event loop's thread.

aiosqlite hands every cursor, statement, fetch and close to a thread of its own, which costs twenty times as much as the
statements of a transaction take: they concern a few rows, by their keys, under a lock that is held already. Only what
may have to wait goes there: BEGIN when another process has the lock, COMMIT when the disk is slow, and whatever may go
through many rows.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic, perf_counter
from typing import Any

import aiosqlite

BEGIN = "BEGIN IMMEDIATE"

QUICK = ("INSERT", "UPDATE", "SELECT")
"""Those of our INSERTs and UPDATEs are of single rows; a DELETE may be of a whole community."""

STEPS = 50_000
"""Of SQLite's virtual machine, one to three milliseconds: a SELECT that takes more is begun anew in the thread."""

OFTEN = 20
"""Milliseconds: in so many SQLite looks six times whether a lock is free."""

PROMPT = 0.002
"""Seconds: where the last commit took no longer, the next one is not sent to the thread, which costs twice as much."""

FEW = 50
"""Rows: whatever changes more of them is committed in the thread, however prompt the disk is."""

LOG = 100
"""Commits until the log is copied into the database: about the 1,000 pages after which SQLite would do it by itself."""


class Connection(aiosqlite.Connection):
    """Should aiosqlite call its ways otherwise one day, everything is done in its thread again, and only slower."""

    def __init__(self, connector: Callable[[], sqlite3.Connection], clock: Callable[[], float] = perf_counter) -> None:
        super().__init__(connector, iter_chunk_size=64)
        thread = getattr(self, "_thread", None)
        if thread is not None:
            thread.daemon = True  # as SQLAlchemy has it: a store that nobody closed keeps no process alive
        self._given = 0  # to the thread, and `_done` by it: each is counted by one thread only
        self._done = 0
        self._select: Callable[[], Any] | None = None  # the one that is being read here
        self._watched = False
        self._changes = 0  # rows changed before the transaction began
        self._patience: int | None = None  # milliseconds, once it is this class that waits
        self._clock = clock
        self._took = PROMPT * 2  # seconds, of the last commit: nothing is known of the disk yet
        self._logged = 0  # commits since the log was copied

    async def begin(self) -> None:
        """Take SQLite's lock, for which other processes are waited for as long as `busy_timeout` said at first.

        A deferred transaction that reads and then writes may find its snapshot stale: updates were lost that way.
        """
        self._changes = self._conn.total_changes
        if not (self._is_idle() and self._begun()):
            await self._elsewhere(self._begin_after_all)

    async def commit(self) -> None:
        changed = self._conn.total_changes - self._changes
        if not self._is_idle():
            await self._elsewhere(self._commit)
        elif not changed:
            self._conn.commit()  # of nothing: no disk is waited for
        elif changed <= FEW and self._took <= PROMPT and self._logged < LOG:
            self._commit()
        else:
            await self._elsewhere(self._commit_and_copy)
            return
        await asyncio.sleep(0)  # who comes again and again shall not keep everybody else waiting

    def _commit(self) -> None:
        begun = self._clock()
        self._conn.commit()
        self._took = self._clock() - begun
        self._logged += 1

    def _commit_and_copy(self) -> None:
        """In the thread. By itself SQLite would copy its log in the middle of some commit, which then takes long."""
        many = self._conn.total_changes - self._changes > FEW
        self._commit()
        if many or self._logged >= LOG:
            self._logged = 0
            with suppress(sqlite3.Error):  # it is committed: the next copy takes this part along
                self._conn.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def abandon(self) -> None:
        """Undo what was begun. Nothing is waited for: whatever comes next finds it done."""
        if self._is_idle():
            self._conn.rollback()
        else:  # given up while the thread still works on it
            self._given += 1
            self._tx.put_nowait((None, partial(self._counted, self._conn.rollback)))

    async def run(self, sql: str, values: Sequence[Any]) -> tuple[list[Any], int]:
        """The rows that a statement brings, and how many it changed."""
        if self._is_idle():
            self._select = partial(self._run, sql, values) if sql.startswith("SELECT") else None
            try:
                return self._run(sql, values)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT or self._select is None:
                    raise
            finally:
                self._select = None
        return await self._elsewhere(self._run, sql, values)  # type: ignore[no-any-return]  # aiosqlite's

    def _run(self, sql: str, values: Sequence[Any]) -> tuple[list[Any], int]:
        cursor = self._conn.execute(sql, values)
        return cursor.fetchall(), cursor.rowcount

    def _is_idle(self) -> bool:
        """Whether the thread has nothing to do. From then on long statements are watched for."""
        if self._given != self._done:
            return False
        if not self._watched:
            self._watched = True
            self._conn.set_progress_handler(self._is_long, STEPS)
        return True

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self._is_idle() or not self._is_quick(fn, args):
            return await self._elsewhere(fn, *args, **kwargs)
        try:
            return fn(*args, **kwargs)
        except sqlite3.OperationalError as error:
            anew = self._select
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT or anew is None:
                raise
            self._select = None
            if fn.__name__ == "execute":
                return await self._elsewhere(fn, *args, **kwargs)
            return await self._elsewhere(lambda: anew().fetchall())

    def _is_quick(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        name, cursor = fn.__name__, isinstance(getattr(fn, "__self__", None), sqlite3.Cursor)
        if cursor and name == "execute":
            kind = args[0].lstrip()[:6].upper()
            self._select = partial(fn, *args) if kind == "SELECT" else None
            return kind in QUICK
        if cursor and name == "close":
            self._select = None
            return True
        return name == "cursor" or (cursor and name == "fetchall") or (name == "rollback" and not self.in_transaction)

    def _begun(self) -> bool:
        """Begin if nobody else has the lock; false when somebody has, and it must be waited for."""
        self._take_over()
        try:
            self._conn.execute(BEGIN)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # the low byte is the kind, the rest the detail
                raise
            return False
        return True

    def _begin_after_all(self) -> None:
        """In the thread, where there is time to wait for whoever has the lock.

        SQLite waits longer and longer between two looks, up to 100 ms. Somebody who takes the lock again and again has
        it nearly all the time, and whoever looks that seldom may never find it free: so its waiting is begun anew.
        """
        patience = self._take_over()
        given_up_at = monotonic() + patience / 1000
        self._conn.execute(f"PRAGMA busy_timeout = {min(patience, OFTEN)}")
        try:
            while True:
                try:
                    self._conn.execute(BEGIN)
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() >= given_up_at:
                        raise
                else:
                    return
        finally:
            self._conn.execute("PRAGMA busy_timeout = 0")

    def _take_over(self) -> int:
        """How many milliseconds to wait for a lock. From now on SQLite waits when told to, and copies its log then."""
        if self._patience is None:
            [(self._patience,)] = self._conn.execute("PRAGMA busy_timeout").fetchall()
            self._conn.execute("PRAGMA busy_timeout = 0")
            self._conn.execute("PRAGMA wal_autocheckpoint = 0")  # see `_commit_and_copy`
        return self._patience

    def _is_long(self) -> bool:
        """Asked after so many steps; true ends the statement. One that writes would take its transaction with it."""
        return self._select is not None and self._given == self._done

    async def _elsewhere(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """In the thread, which goes on with it even if nobody waits for it any more."""
        self._given += 1
        return await super()._execute(partial(self._counted, fn), *args, **kwargs)  # type: ignore[no-untyped-call]

    def _counted(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        finally:
            self._done += 1


async def connect(path: str, clock: Callable[[], float] = perf_counter, **arguments: Any) -> Connection:
    """An open connection; `arguments` are those of `sqlite3.connect`, which must allow more than one thread.

    By `clock`, in seconds, it is told how prompt the disk is.
    """
    connection = Connection(partial(sqlite3.connect, path, **arguments), clock)
    await connection
    return connection
