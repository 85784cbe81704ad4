"""Canaries in every table, deleted by member, by community and by age: no byte of them is left, nor in any log."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine, create_engine, inspect, text

from bot.logs import configure
from bot.ports import Store
from bot.privacy import erase
from storage.engine import parse
from storage.tables import metadata
from tests.storage.samples import DAY, NOW, OTHERS, OURS, Opening, fill

CANARY = "U0CANARYBIRD"
OF_A_MEMBER = {
    "mentions",
    "messages",
    "decisions",
    "deliveries",
    "verdicts",
    "cursors",
    "pauses",
    "disabled",
    "letters",
}
"""Tables whose rows name a member, or a member's messages."""

OF_NOBODY = {"notes", "vigie_revision"}
"""Tables whose rows belong to no community and name nobody."""


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """All that is logged, from DEBUG on."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure("json", "debug", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


async def seed(store: Store, times: int = 12) -> None:
    for community in (OURS, OTHERS):
        async with store.begin() as tx:
            for number in range(times):
                await fill(tx, community, CANARY, number)


def tables_with(needle: str, url: str) -> set[str]:
    """The tables in which a text stands, found in the database itself rather than in what we declare."""
    engine = _engine(url)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        found = {
            name
            for name in names
            if any(needle in repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{name}"')))
        }
    engine.dispose()
    return found


def _engine(url: str) -> Engine:
    address = parse(url)
    drivers = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
    return create_engine(address.set(drivername=drivers[address.get_backend_name()]))


def everything(url: str) -> str:
    """Every byte of a SQLite database, its log and the log's index; of PostgreSQL a dump of all tables."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*")).decode("latin-1")
    engine = _engine(url)
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        rows = [f"{name} {tuple(row)}" for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))]
    engine.dispose()
    return "\n".join(rows)


async def test_the_canaries_are_everywhere(url: str, opening: Opening) -> None:
    """The test sees what it looks for: each table of the database is seeded, or known to name nobody."""
    await seed(opening(url))
    present = set(metadata.tables) | {"vigie_revision"}
    assert tables_with(CANARY, url) >= OF_A_MEMBER - {"messages"}
    assert tables_with(OURS.id, url) == present - OF_NOBODY
    assert CANARY in everything(url)


async def test_forgetting_a_member_leaves_no_byte(url: str, opening: Opening, lines: io.StringIO) -> None:
    """Neither in a table nor in freed pages, the write-ahead log or what was logged at DEBUG; others stay whole."""
    store = opening(url)
    await seed(store)
    for community in (OURS, OTHERS):
        async with store.begin() as tx:
            erased = await erase(tx, community, CANARY, NOW)
        assert erased.rows
        async with store.begin() as tx:
            assert not await tx.traces(community, CANARY)
    left = everything(url)
    assert CANARY not in left
    assert re.search(r"\ba\d+-E1T1\b", left) is None, "mentions of the member"
    assert "U900" in left
    assert CANARY not in lines.getvalue()


async def test_an_uninstalled_community_leaves_no_byte(url: str, opening: Opening, lines: io.StringIO) -> None:
    """All of it goes, all of the other one stays."""
    store = opening(url)
    await seed(store)
    async with store.begin() as tx:
        await tx.forget_community(OURS)
    assert tables_with(OURS.id, url) == set()
    assert OURS.id not in everything(url)
    assert OTHERS.id in everything(url)
    assert CANARY not in lines.getvalue()


async def test_retention_leaves_no_byte_of_what_is_over(sqlite_url: str, opening: Opening, lines: io.StringIO) -> None:
    """What was closed before goes from the file; what waits stays."""
    store = opening(sqlite_url)
    await seed(store)
    async with store.begin() as tx:
        assert await tx.purge(NOW + DAY)
    left = everything(sqlite_url)
    assert re.search(r"a\d*[13579]-E1T1\.1", left) is None
    assert re.search(r"a\d*[02468]-E1T1\.1", left) is not None
    assert CANARY not in lines.getvalue()


async def test_traces_are_the_same_in_every_store(store: Store) -> None:
    """What is told is what would go: as many of each kind in memory as in a database, and none after forgetting."""
    async with store.begin() as tx:
        for number in range(4):
            await fill(tx, OURS, CANARY, number)
    async with store.begin() as tx:
        found = await tx.traces(OURS, CANARY)
        assert [mention.id for mention, *_ in found.asked] == [f"a{n}-E1T1" for n in range(4)]
        assert [messages for _, messages, _ in found.asked] == [(f"a{n}-E1T1.1", f"a{n}-E1T1.2") for n in range(4)]
        assert [len(decisions) for *_, decisions in found.asked] == [2] * 4
        assert [mention.id for mention in found.helped] == [f"h{n}-E1T1" for n in range(4)]
        assert len(found.said) == 4
        assert {delivery.key.split("/")[0] for delivery in found.deliveries} == {"nudge", "look", "digest", "notice"}
        assert len(found.opinions) == 4
        assert (found.paused_until, found.closed, len(found.read)) == (NOW, ("closed", NOW), 1)
        assert not await tx.traces(OTHERS, CANARY)
        assert not await tx.traces(OURS, CANARY[:-1])
        await tx.forget_member(OURS, CANARY)
        assert not await tx.traces(OURS, CANARY)
