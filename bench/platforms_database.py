"""What a database and its driver alone take of a mention that opens: the same rows, by `sqlite3` and by psycopg.

No less is to be had with that database, whatever is done above it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from sqlalchemy import Insert

from bench.platforms_lap import Go, given, laps
from bench.platforms_stream import Stream
from bench.storage import NOW, a_mention
from bot.model import Verdict
from storage.engine import parse
from storage.prepared import Prepared
from storage.rows.records import mention_values
from storage.schema import ensure
from storage.tables import decisions, mentions, messages

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON")
"""As `storage.engine` has them."""

Statement = tuple[str, Any]


def openings(dialect: Any) -> Iterator[list[Statement]]:
    """The three rows of one mention after the other, as the driver takes them."""
    known: dict[Insert, Prepared] = {}

    def worded(insert: Insert, values: dict[str, Any]) -> Statement:
        if insert not in known:
            known[insert] = Prepared(insert, dialect, list(values))
        return known[insert].sql, known[insert].bind(values)

    inserts = mentions.insert().inline(), messages.insert().inline(), decisions.insert().inline()
    for number in count():
        row = mention_values(a_mention(number))
        joined = {"mention": row["id"], "community": row["community"]}
        said = {"channel": row["channel"], "message": row["message"]}
        decided = {"at": NOW, "verdict": Verdict.OPENED.value, "rule": "question", "member": "U1", "reasons": []}
        yield [
            worded(inserts[0], row),
            worded(inserts[1], joined | said),
            worded(inserts[2], joined | decided | {"message": row["message"]}),
        ]


@asynccontextmanager
async def driver(url: str) -> Any:
    """Opens one mention: a function to await."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

        async def opens(statements: list[Statement]) -> None:
            connection.execute("BEGIN IMMEDIATE")
            for sql, values in statements:
                connection.execute(sql, values)
            connection.execute("COMMIT")

        yield opens
        connection.close()
        return
    import psycopg

    async with await psycopg.AsyncConnection.connect(url.replace("+psycopg", ""), autocommit=True) as server:

        async def opens_there(statements: list[Statement]) -> None:
            await server.execute("BEGIN")
            for sql, values in statements:
                await server.execute(sql, values)
            await server.execute("COMMIT")

        yield opens_there


async def bare(told: Stream, url: str) -> None:
    await ensure(url)
    coming = openings(parse(url).get_dialect()())
    async with driver(url) as opens:

        async def begin() -> Go:
            work = [next(coming) for _ in told.said]

            async def go() -> None:
                for statements in work:
                    await opens(statements)

            return go

        await laps(begin, len(told.said))


if __name__ == "__main__":
    stream, (address,) = given()
    asyncio.run(bare(stream, address))
    sys.exit(0)
