"""Storm and load, with figures: `python -m tests.faults.load`; the table is in docs/reliability.md.

*Acknowledged* is the time from an event's arrival until Slack is told that it was taken, which is after its commit.
Events come at random intervals of the given rate, over ten minutes of their own time, and wait for each other in a
queue of one: what each takes is measured, when it comes is not waited for. Commands, one each five seconds at the
higher rate, wait in the same queue. With `--soak` a simulated day follows, and what memory it takes.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter, time
from typing import Any

import structlog

from bench.platforms_stream import Said, Stream
from bench.scale_slack import Office, serving
from bot.events import CommandInvoked
from bot.mentions.judge import mention_id
from bot.model import Community, Member, Mention, Message, MessageRef, Place, Platform
from bot.settings import Mode
from storage.engine import parse
from storage.migrating import migrate
from storage.schema import MIGRATIONS
from storage.store import open_store
from tests.app.village import CALL, HELP, SUPPORT, Village, member, place, settings
from tests.fakes import MONDAY, Accepted
from tests.postgres import running_postgres

TEAM_ID = "T0LOAD"
CHANNELS = [f"C0LOAD{number}" for number in range(5)]
STAFF = [f"U0TEAM{number}" for number in range(5)]
ASKERS = 500
TALK = (
    "That is what I had for lunch",
    "I like the new colours",
    "It works here",
    "See you tomorrow",
    "Nice one, thanks",
)
ASKED = ("How do I reset my password?", "Does anybody know why the export fails?", "Where can I find the invoices?")
ANSWER = "You find that in your settings, under Account"
COMMANDS = (("tip", "welcome"), ("mentions", ""), ("mentions", "stats"))

CAP = 30_000 / 3600
"""Events a second: https://docs.slack.dev/apis/events-api/#rate_limiting"""

RATES = (CAP, 100.0)
MINUTES = 10
BACKLOG = (0, 10_000)
OVERDUE = 1_000


@dataclass
class Came:
    """Seconds that each waited, from its arrival."""

    acknowledged: list[float]
    answered: list[float]
    busy: float
    """The part of the time in which something was being done."""


def talk(rate: float, minutes: float, seed: int = 0) -> Stream:
    """One in twenty asks, one in twenty is the team's answer; all others talk."""
    random, start = Random(seed), time() - minutes * 60
    said, at = [], start
    for _ in range(round(rate * minutes * 60)):
        at += random.expovariate(rate)
        dice = random.random()
        user = random.choice(STAFF) if dice < 0.05 else f"U0ASK{random.randrange(ASKERS)}"
        text = ANSWER if dice < 0.05 else random.choice(ASKED if dice < 0.1 else TALK)
        said.append(Said(random.choice(CHANNELS), user, text, f"{at:.6f}"))
    return Stream(said, STAFF, "made up")


def backlog(number: int) -> list[Mention]:
    """People who have waited since a minute ago."""
    found = []
    now = datetime.now(UTC)
    for n in range(number):
        channel = Place(Community(Platform("slack"), TEAM_ID), CHANNELS[n % len(CHANNELS)])
        ref = MessageRef(channel, f"{int(now.timestamp()) - 60 - n}.{n:06}")
        since = now - timedelta(seconds=60)
        mention = Mention(
            mention_id(ref), ref, f"U0OLD{n}", now, "question", since=since, latest=ref.id, latest_at=since
        )
        found.append(mention)
    return found


async def storm(url: str, rate: float, minutes: float, waiting: int) -> Came:
    """The whole way of Slack's events and the core's of commands, on this database."""
    every = max(int(min(rate * minutes * 60 / 40, 500)), 1)
    told = talk(rate, minutes)
    came = Came([], [], 0)
    async with serving(told, url, Mode.QUESTIONS) as office:
        await office.opens(TEAM_ID, backlog(waiting))
        coming = await office.envelopes(told, [TEAM_ID])
        free = done = 0.0
        random = Random(1)
        for number, (said, request) in enumerate(zip(told.said, coming, strict=True)):
            arrives = float(said.ts)
            free = max(free, arrives)
            if number % every == every - 1:
                took = await _seconds(_command(office, said, random))
                free += took
                came.answered.append(free - arrives)
                done += took
            took = await _seconds(office.hears(request))
            free += took
            came.acknowledged.append(free - arrives)
            done += took
        came.busy = done / (minutes * 60)
    return came


def _command(office: Office, said: Said, random: Random) -> Awaitable[Any]:
    name, text = random.choice(COMMANDS)
    community = Community(Platform("slack"), TEAM_ID)
    member = Member(community, random.choice(STAFF), "Tess")
    return office.bot.handle(CommandInvoked(Place(community, said.channel), member, name, text, datetime.now(UTC)))


async def _seconds(work: Awaitable[Any]) -> float:
    began = perf_counter()
    await work
    return perf_counter() - began


def centile(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


async def overdue(url: str, number: int) -> tuple[int, float]:
    """How many messages `number` overdue mentions make at a start, and the seconds until all was said."""
    store = open_store(url)
    try:
        since = MONDAY - timedelta(days=3)
        async with store.begin() as tx:
            for n in range(number):
                ref = MessageRef(place(HELP), f"old{n}")
                due = MONDAY - timedelta(days=2)
                await tx.add_mention(
                    Mention(f"m{n}", ref, f"u{n}", since, "team", since=since, latest_at=since, due_at=due)
                )
        village = Village(store)
        for n in range(number):
            asked = Message(MessageRef(place(HELP), f"old{n}"), member(f"u{n}"), since, "I ask @staff", pings=CALL)
            village.chat.messages.append(asked)
        began = perf_counter()
        await village.connect()
        await village.wait(1)
        return len(village.said), perf_counter() - began
    finally:
        await store.close()


class Brief:
    """A platform's journal that forgets, so that what grows is the bot's."""

    def __init__(self) -> None:
        self._kept: deque[Accepted] = deque(maxlen=200)

    def add(self, accepted: Accepted) -> None:
        self._kept.append(accepted)

    def read(self) -> Sequence[Accepted]:
        return self._kept


async def soak(url: str, an_hour: int, hours: int = 24) -> list[float]:
    """Resident megabytes after each hour of a simulated day of talk, questions, answers and nudges."""
    store, random, numbers = open_store(url), Random(2), count(1)
    village = Village(store, settings())
    village.chat.journal = Brief()
    measured = []
    try:
        await village.connect()
        for hour in range(hours):
            for _ in range(60):
                for _ in range(an_hour // 60):
                    await _somebody(village, random, next(numbers))
                del village.chat.messages[:-2000], village.chat.calls[:]
                await village.wait(1)
            gc.collect()
            measured.append(_resident())
            print(f"hour {hour + 1}: {measured[-1]:.1f} MB", file=sys.stderr, flush=True)  # noqa: T201
    finally:
        await store.close()
    return measured


async def _somebody(village: Village, random: Random, number: int) -> None:
    dice = random.random()
    channel = random.choice((SUPPORT, HELP))
    if dice < 0.06:
        waiting = [m for room in village.bot.watches.values() for r in room.rooms.values() for m in r.waiting.values()]
        if waiting:
            answered = random.choice(waiting).mention.ref
            await village.says("tess", ANSWER, channel=answered.place.channel, thread=answered.id)
    elif dice < 0.1:
        await village.says(f"asker{random.randrange(ASKERS)}", random.choice(ASKED), channel=channel)
    elif dice < 0.11:
        await village.command("tess", *random.choice(COMMANDS))
    else:
        await village.says(f"asker{random.randrange(ASKERS)}", f"{random.choice(TALK)} {number}", channel=channel)


def _resident() -> float:
    """Megabytes."""
    words = Path("/proc/self/statm").read_text().split()
    return int(words[1]) * 4096 / 2**20


@asynccontextmanager
async def database(kind: str) -> AsyncIterator[str]:
    """The address of a new one with the schema."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="vigie-load-") as folder:
            url = f"sqlite:///{folder}/vigie.db"
            migrate(parse(url), MIGRATIONS)
            yield url
        return
    with running_postgres() as postgres, postgres.database() as name:
        migrate(parse(postgres.url(name)), MIGRATIONS)
        yield postgres.url(name)


async def figures(given: argparse.Namespace) -> None:
    print("| what | database | acknowledged p50, p99, most (ms) | commands p99, most (ms) | busy |")  # noqa: T201
    print("|---|---|---|---|--:|", flush=True)  # noqa: T201
    for kind in given.database or ("sqlite", "postgres"):
        for rate in RATES:
            for waiting in BACKLOG:
                async with database(kind) as url:
                    came = await storm(url, rate, given.minutes, waiting)
                acknowledged = [centile(came.acknowledged, part) * 1000 for part in (0.5, 0.99, 1)]
                answered = [centile(came.answered, part) * 1000 for part in (0.99, 1)]
                what = f"{rate:.3g} events/s, {len(came.acknowledged):,} events, {waiting:,} wait already"
                cells = (", ".join(f"{one:,.1f}" for one in ones) for ones in (acknowledged, answered))
                print(f"| {what} | {kind} | {' | '.join(cells)} | {came.busy:.1%} |", flush=True)  # noqa: T201
        async with database(kind) as url:
            said, seconds = await overdue(url, OVERDUE)
        print(f"| {OVERDUE:,} overdue at the start: {said} message | {kind} | in {seconds:.1f} s | | |", flush=True)  # noqa: T201
    if given.soak:
        async with database("sqlite") as url:
            measured = await soak(url, given.soak)
        what = f"{given.soak:,} messages an hour for a simulated day"
        growth = measured[-1] / measured[1] - 1
        told = f"{measured[1]:.1f} MB after two hours, {measured[-1]:.1f} after {len(measured)}: {growth:+.1%}"
        print(f"| {what} | sqlite | {told} | | |", flush=True)  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(description="Storm and load, with figures.")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of each storm's own time")
    parser.add_argument("--soak", type=int, default=6_000, help="messages an hour over a simulated day; 0 for none")
    parser.add_argument("--database", choices=["sqlite", "postgres"], action="append", help="both unless named")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    asyncio.run(figures(parser.parse_args()))


if __name__ == "__main__":
    main()
