"""The long form of the kill rig: `make faults`, or `python -m tests.faults --kills 1000 --database postgres --seed 0`.

Tells stories, seed after seed, until so many processes were killed, and prints what was found. The exit code is 1 when
anything was.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from storage.engine import parse
from storage.migrating import migrate
from storage.schema import MIGRATIONS
from tests.faults.checker import Kind
from tests.faults.day import disconnects
from tests.faults.midwife import Midwife, midwife
from tests.faults.occurring import tips_told
from tests.faults.rig import STAGES, Story, Told, tell
from tests.postgres import Postgres, running_postgres

DEATHS = 5


@dataclass
class Figures:
    platform: str
    database: str
    copies: int
    seeds: list[int] = field(default_factory=list)
    sums: Counter[str] = field(default_factory=Counter)

    def add(self, told: Told) -> None:
        self.seeds.append(told.seed)
        self.sums.update(
            kills=told.kills, faults=told.faults, messages=told.messages, asked=told.asked, ended=len(told.surprises)
        )
        self.sums.update(Counter(str(wrong.kind) for wrong in told.wrong))

    def row(self) -> str:
        other = sum(self.sums[str(kind)] for kind in Kind) - self.sums[Kind.LOST] - self.sums[Kind.DOUBLED]
        cells = (
            self.platform,
            self.database,
            self.copies,
            f"{min(self.seeds)} to {max(self.seeds)}",
            *(self.sums[name] for name in ("kills", "faults", "asked", "messages", Kind.LOST, Kind.DOUBLED)),
            other,
        )
        return f"| {' | '.join(map(str, cells))} |"


COLUMNS = (
    *("platform", "database", "copies", "seeds", "kills", "failed calls", "questions", "messages"),
    *("lost", "doubled", "otherwise wrong"),
)
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="on each database")
    parser.add_argument("--platform", choices=list(STAGES), default="slack", help="slack: over Socket Mode")
    parser.add_argument("--database", choices=["sqlite", "postgres"], action="append", help="both unless named")
    parser.add_argument("--copies", type=int, default=1, help="processes at a time; more than one needs postgres")
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--together", type=int, default=6, help="stories at a time")
    parser.add_argument("--occurrences", type=int, help="instead: so many daily tips, told by five copies on postgres")
    parser.add_argument("--disconnects", type=int, help="instead: so many ends of a connection, in one process")
    given = parser.parse_args()
    if given.occurrences:
        return asyncio.run(occurrences(given.occurrences))
    if given.disconnects:
        number, wrong = asyncio.run(disconnects(given.disconnects))
        print(f"{number} disconnects: {len(wrong)} lost, doubled or otherwise wrong", *wrong, sep="\n")  # noqa: T201
        return int(bool(wrong))
    databases = given.database or ["sqlite", "postgres"]
    if given.copies > 1 and "sqlite" in databases:
        parser.error("several copies share a PostgreSQL: --database postgres")
    figures = [asyncio.run(run(name, given)) for name in databases]
    print(HEAD, *(each.row() for each in figures), sep="\n")  # noqa: T201
    return any(each.sums[str(kind)] for each in figures for kind in Kind)


async def run(database: str, given: argparse.Namespace) -> Figures:
    figures, began, seed = Figures(given.platform, database, given.copies), perf_counter(), given.seed
    with server(database) as postgres:
        while figures.sums["kills"] < given.kills:
            # One midwife for each round: what a killed process leaves in her is not carried on.
            async with midwife() as helper:
                for told in await some(range(seed, seed + 4 * given.together), postgres, helper, given):
                    figures.add(told)
                    for line in (*map(str, told.wrong), *told.surprises):
                        print(f"seed {told.seed}: {line}", file=sys.stderr, flush=True)  # noqa: T201
            seed += 4 * given.together
            print(  # noqa: T201
                f"{given.platform}, {database}: {figures.sums['kills']} kills, {perf_counter() - began:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    return figures


async def occurrences(number: int) -> int:
    """Exit code."""
    with running_postgres() as postgres, postgres.database() as name:
        migrate(parse(postgres.url(name)), MIGRATIONS)
        told = Counter(await tips_told(postgres.url(name), copies=5, days=number))
    lost, doubled = number - len(told), sum(count > 1 for count in told.values())
    print(f"5 copies, {number} occurrences: {lost} lost, {doubled} doubled")  # noqa: T201
    return int(lost + doubled > 0)


@contextmanager
def server(database: str) -> Iterator[Postgres | None]:
    if database == "sqlite":
        yield None
        return
    with running_postgres() as postgres:
        yield postgres


async def some(seeds: range, postgres: Postgres | None, helper: Midwife, given: argparse.Namespace) -> list[Told]:
    folder = Path(tempfile.mkdtemp(prefix="vigie-faults-"))
    with ExitStack() as databases:
        stories = []
        for seed in seeds:
            place = folder / str(seed)
            place.mkdir()
            if postgres is None:
                url = f"sqlite:///{place / 'vigie.db'}"
            else:
                url = postgres.url(databases.enter_context(postgres.database()))
            migrate(parse(url), MIGRATIONS)
            stories.append(Story(seed, url, place, helper, platform=given.platform, deaths=DEATHS, copies=given.copies))
        told = await tell(stories, given.together)
    if all(one.well for one in told):
        shutil.rmtree(folder)
    return told


if __name__ == "__main__":
    sys.exit(main())
