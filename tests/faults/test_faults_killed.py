"""The whole bot, a process of its own, killed with SIGKILL: at a statement, during a call, at any time.

The long form is `make faults`; here are a few of its seeds on each database, and on each platform.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from storage.engine import parse
from storage.migrating import migrate
from storage.schema import MIGRATIONS
from tests.faults.midwife import Midwife, midwife
from tests.faults.rig import Story, Told, tell
from tests.postgres import Postgres

SEEDS = range(10)
TOGETHER = 5

FEW, DEATHS = (2, 6), 2
"""Seeds in which people are both answered and told of late or twice, and how often a process dies in each."""


@pytest_asyncio.fixture
async def helper() -> AsyncIterator[Midwife]:
    async with midwife() as helper:
        yield helper


def new(url: str) -> str:
    migrate(parse(url), MIGRATIONS)
    return url


def report(told: list[Told]) -> str:
    return "\n".join(f"seed {one.seed}: {[*map(str, one.wrong), *one.surprises]}" for one in told if not one.well)


async def test_nothing_is_lost_and_nothing_doubled_on_sqlite(helper: Midwife, tmp_path: Path) -> None:
    """Ten seeds, five deaths each: every question got what its ladder calls for, and no message came twice."""
    stories = []
    for seed in SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        stories.append(Story(seed, new(f"sqlite:///{folder / 'vigie.db'}"), folder, helper))
    told = await tell(stories, TOGETHER)
    assert report(told) == ""
    assert sum(one.kills for one in told) == 5 * len(SEEDS)
    assert sum(one.messages for one in told) > len(SEEDS)


@pytest.mark.parametrize("platform", ["slack-http", "discord"])
async def test_nothing_is_lost_and_nothing_doubled_elsewhere(platform: str, helper: Midwife, tmp_path: Path) -> None:
    """Slack over HTTP, whose requests are told again in vain while nobody is there, and Discord over its gateway."""
    stories = []
    for seed in FEW:
        folder = tmp_path / str(seed)
        folder.mkdir()
        url = new(f"sqlite:///{folder / 'vigie.db'}")
        stories.append(Story(seed, url, folder, helper, platform=platform, deaths=DEATHS))
    told = await tell(stories, TOGETHER)
    assert report(told) == ""
    assert sum(one.kills for one in told) == DEATHS * len(FEW)
    assert sum(one.messages for one in told) > len(FEW)


async def test_nothing_is_lost_and_nothing_doubled_on_postgres(
    helper: Midwife, tmp_path: Path, postgres: Postgres, postgres_template: str
) -> None:
    """The same on a server, where what a dead process had begun is undone by others."""
    told = []
    for first in range(0, len(SEEDS), TOGETHER):
        told += await tell_on_postgres(SEEDS[first : first + TOGETHER], helper, tmp_path, postgres, postgres_template)
    assert report(told) == ""
    assert sum(one.kills for one in told) == 5 * len(SEEDS)


@pytest.mark.parametrize("copies", [2, 5])
async def test_several_copies_of_which_some_are_killed(
    copies: int, helper: Midwife, tmp_path: Path, postgres: Postgres, postgres_template: str
) -> None:
    """Whoever holds the lease or stands by may die; the others are one bot, which loses and doubles nothing."""
    told = await tell_on_postgres(range(100, 103), helper, tmp_path, postgres, postgres_template, copies)
    assert report(told) == ""


async def tell_on_postgres(
    seeds: range, helper: Midwife, folder: Path, postgres: Postgres, template: str, copies: int = 1
) -> list[Told]:
    """Stories at the same time, each with a database of its own."""
    with ExitStack() as databases:
        stories = []
        for seed in seeds:
            place = folder / f"{copies}-{seed}"
            place.mkdir()
            url = postgres.url(databases.enter_context(postgres.database(template)))
            stories.append(Story(seed, url, place, helper, copies=copies))
        return await tell(stories, TOGETHER)
