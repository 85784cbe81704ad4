"""The long form of bad input: `python -m tests.hostile`, or a part of it: `python -m tests.hostile --payloads 100000`.

With `--guided SECONDS` atheris leads each door by what it covers. It is not among the development dependencies (35 MB,
and not for every system): `pip install atheris` first.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from random import Random
from time import perf_counter
from types import FunctionType

import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.memory import MemoryStore
from tests.hostile.doors import DOORS, Door
from tests.hostile.injections import everywhere, texts
from tests.hostile.signatures import forged, replayed
from tests.hostile.wires import harbouring, over_discords, over_slacks
from tests.slack.scenarios.living import FORUM, living

CUT = 500
"""Dispatches sent at once down Discord's connection."""


def main() -> int:
    """Exit code 1 when something broke."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name in ("payloads", "signatures", "wires", "injections"):
        parser.add_argument(f"--{name}", type=int, help="so many, and only the parts that are named")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--guided", type=int, metavar="SECONDS", help="with atheris, at each door; nothing else")
    parser.add_argument("--door", help=argparse.SUPPRESS)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    if given.door:
        return _led(DOORS[given.door][0], given.guided)
    usual = {"payloads": 100_000, "signatures": 10_000, "wires": 5_000, "injections": 1_000}
    chosen = {name: getattr(given, name) for name in usual if getattr(given, name) is not None} or usual
    print("| what | tried | seconds | wrong |\n|---|--:|--:|---|", flush=True)  # noqa: T201
    wrong = 0
    for what, tried, seconds, found in _guided(given.guided) if given.guided else _rows(chosen, given.seed):
        wrong += bool(found)
        print(f"| {what} | {tried:,} | {seconds:.0f} | {found or 0} |", flush=True)  # noqa: T201
    return int(wrong > 0)


Row = tuple[str, int, float, str]


def _rows(chosen: dict[str, int], seed: int) -> Iterator[Row]:
    if number := chosen.get("payloads"):
        for name, (door, share) in DOORS.items():
            yield _timed(name, int(number * share), lambda tried, door=door: _seeds(door, tried, seed))
    if number := chosen.get("signatures"):
        yield _timed("forged, stale or altered signatures", number, lambda tried: asyncio.run(_forged(tried, seed)))
    if number := chosen.get("wires"):
        yield _timed("signed nonsense over HTTP", number, lambda tried: asyncio.run(_slack(tried, seed)))
        yield _timed("nonsense over the gateway", number, lambda tried: asyncio.run(_discord(tried, seed)))
    if number := chosen.get("injections"):
        yield _timed("texts that try to call somebody", number, _injected)


def _timed(what: str, tried: int, work: object) -> Row:
    began = perf_counter()
    found = work(tried)  # type: ignore[operator]
    return what, tried, perf_counter() - began, found


def _seeds(door: Door, number: int, first: int) -> str:
    found: Counter[str] = Counter()
    for seed in range(first, first + number):
        try:
            door(Random(seed))
        except Exception as error:  # noqa: BLE001  # that is what is looked for
            found[f"{type(error).__name__} (seed {seed})" if not found else type(error).__name__] += 1
    return ", ".join(f"{count} {kind}" for kind, count in found.items())


async def _forged(number: int, seed: int) -> str:
    async with living(MemoryStore(), "http") as life:
        before = len(life.heard), len(life.slack.journal.calls)
        statuses = await forged(life, number, seed)
        await life.settle()
        if (len(life.heard), len(life.slack.journal.calls)) != before or await life.waiting():
            return "the bot was moved"
        if set(statuses) != {401}:
            return f"answered {dict(statuses)}"
        return "" if await replayed(life) == [200, 401] * 3 + [401, 401] else "a replay was taken"


async def _slack(number: int, seed: int) -> str:
    async with living(MemoryStore(), "http") as life:
        statuses = await over_slacks(life, number, seed)
        # Where nothing was told to be archived: that is believed.
        deaf = await life.state(await life.asks("bob", where=FORUM), FORUM) != "open"
        bad = {status: count for status, count in statuses.items() if status >= 500}
        return f"answered {bad}" if bad else "deaf afterwards" * deaf


async def _discord(number: int, seed: int) -> str:
    async with harbouring() as harbour:
        gateway = harbour.wire.gateway
        before = len(gateway.identifies), gateway.resumes
        for begun in range(0, number, CUT):
            await over_discords(harbour, min(CUT, number - begun), seed + begun)
            # Somebody new each time: what one who waits already says besides is stored a little later.
            asker = harbour.town.person(f"Asker {begun}")
            asked = asker.say(harbour.quiet, "How do I reset my password?")
            await harbour.opened(asked, harbour.quiet)
        return "" if (len(gateway.identifies), gateway.resumes) == before else "the connection ended"


def _injected(number: int) -> str:
    found = []
    for count, text in enumerate(texts(number)):
        try:
            everywhere(text, ("en", "fr")[count % 2])
        except Exception as error:  # noqa: BLE001  # that is what is looked for
            found.append(f"{type(error).__name__} at {count}")
    return ", ".join(found[:5])


def _guided(seconds: int) -> Iterator[Row]:
    """A process for each door: what leads it has to see every module being imported."""
    for name in DOORS:
        began = perf_counter()
        command = [sys.executable, "-m", "tests.hostile", "--guided", str(seconds), "--door", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines = done.stderr.splitlines()
        tried = next((int(line.split()[1]) for line in reversed(lines) if line.startswith("Done ")), 0)
        told = [line for line in lines if "Error" in line or "exception" in line.lower()]
        wrong = (told[-1][:200] if told else f"exit code {done.returncode}") if done.returncode or not tried else ""
        yield f"{name}, led by what is covered", tried, perf_counter() - began, wrong


def _led(door: Door, seconds: int) -> int:
    import atheris  # type: ignore[import-untyped]

    @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(random=st.randoms(use_true_random=False))
    def promise(random: Random) -> None:
        door(random)

    for function in _ours():
        atheris.instrument_func(function)
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}"], promise.hypothesis.fuzz_one_input)  # type: ignore[attr-defined]
    atheris.Fuzz()
    return 0


def _ours() -> Iterator[FunctionType]:
    """Every function and method of the translation, the grammar, the configuration, the exports and the tips."""
    names = ("adapters.slack", "adapters.discord", "adapters.exports", "bot.config", "bot.tips", "bot.mentions")
    for name, module in list(sys.modules.items()):
        if name.startswith(names):
            holders = [module, *(one for one in vars(module).values() if isinstance(one, type))]
            functions = (one for holder in holders for one in vars(holder).values() if isinstance(one, FunctionType))
            yield from (one for one in functions if one.__module__ == name)


if __name__ == "__main__":
    sys.exit(main())
