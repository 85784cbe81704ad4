"""SQLite's connection for SQLAlchemy: what is done at once stays in the event loop's thread.

aiosqlite hands every cursor, statement, fetch and close to a thread of its own, which costs twenty times as much as the
statements of a transaction take: they concern a few rows, by their keys, under a lock that is held already. Only what
may have to wait goes there: BEGIN when another process has the lock, COMMIT for the disk, and whatever may go through
many rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite

BEGIN = "BEGIN IMMEDIATE"

QUICK = ("INSERT", "UPDATE", "SELECT")
"""Those of our INSERTs and UPDATEs are of single rows; a DELETE may be of a whole community."""

STEPS = 50_000
"""Of SQLite's virtual machine, one to three milliseconds: a SELECT that takes more is begun anew in the thread."""


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

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._given != self._done or not self._is_quick(fn, args):
            return await self._elsewhere(fn, *args, **kwargs)
        if not self._watched:
            self._watched = True
            self._conn.set_progress_handler(self._is_long, STEPS)
        if self._begins(fn, args):
            return self._begun(fn, args) or await self._elsewhere(fn, *args, **kwargs)
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
            return kind in QUICK or args[0] == BEGIN
        if cursor and name == "close":
            self._select = None
            return True
        return name == "cursor" or (cursor and name == "fetchall") or (name == "rollback" and not self.in_transaction)

    def _begins(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        return fn.__name__ == "execute" and args[0] == BEGIN

    def _begun(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Begin if nobody else has the lock; None when somebody has, and it must be waited for."""
        [(patience,)] = self._conn.execute("PRAGMA busy_timeout").fetchall()
        self._conn.execute("PRAGMA busy_timeout = 0")
        try:
            return fn(*args)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # the low byte is the kind, the rest the detail
                raise
            return None
        finally:
            self._conn.execute(f"PRAGMA busy_timeout = {patience}")

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
