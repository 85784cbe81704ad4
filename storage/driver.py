"""SQLite's connection for SQLAlchemy: what is done at once stays in the event loop's thread.

aiosqlite hands every cursor, statement, fetch and close to a thread of its own, which costs twenty times as much as the
statements of a transaction take: they concern a few rows, by their keys, under a lock that is held already. Only what
may have to wait goes there: BEGIN when another process has the lock, COMMIT for the disk, and whatever may go through
many rows.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import Any

import aiosqlite

BEGIN = "BEGIN IMMEDIATE"

QUICK = ("INSERT", "UPDATE", "SELECT")
"""Those of our INSERTs and UPDATEs are of single rows; a DELETE may be of a whole community."""

STEPS = 50_000
"""Of SQLite's virtual machine, one to three milliseconds: a SELECT that takes more is begun anew in the thread."""


OFTEN = 20
"""Milliseconds: in so many SQLite looks six times whether a lock is free."""


class Connection(aiosqlite.Connection):
    """Should aiosqlite call its ways otherwise one day, everything is done in its thread again, and only slower."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
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

    async def begin(self) -> None:
        """Take SQLite's lock, for which other processes are waited for as long as `busy_timeout` said at first.

        A deferred transaction that reads and then writes may find its snapshot stale: updates were lost that way.
        """
        self._changes = self._conn.total_changes
        if not (self._is_idle() and self._begun()):
            await self._elsewhere(self._begin_after_all)

    async def commit(self) -> None:
        if self._is_idle() and self._conn.total_changes == self._changes:
            self._conn.commit()  # of nothing: no disk is waited for
            await asyncio.sleep(0)  # who looks again and again shall not keep everybody else waiting
        else:
            await self._elsewhere(self._conn.commit)

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
        self._take_over_patience()
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
        patience = self._take_over_patience()
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

    def _take_over_patience(self) -> int:
        """How many milliseconds to wait for a lock. From now on SQLite itself waits only when it is told to."""
        if self._patience is None:
            [(self._patience,)] = self._conn.execute("PRAGMA busy_timeout").fetchall()
            self._conn.execute("PRAGMA busy_timeout = 0")
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


async def connect(path: str, **arguments: Any) -> Connection:
    """An open connection; `arguments` are those of `sqlite3.connect`, which must allow more than one thread."""
    connection = Connection(partial(sqlite3.connect, path, **arguments))
    await connection
    return connection
