"""How long until the bot serves Slack and Discord, beside importing its libraries alone, and its memory then.

A start is a new process that loads a configuration, builds all that `vigie run` builds on a SQLite file that is there,
connects to a Slack and a Discord on loopback (which are a process of their own), reads what was missed and is ready by
its own probe. The libraries alone are a process that imports slack_bolt, discord and SQLAlchemy with asyncio. The two
are started in turns. Times are in processor time from the start of the interpreter, and as they passed; `x` is the
median of each round's ratio in processor time. Memory is what the process holds resident.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parent.parent
STARTS = 9
PATIENCE = 120

LIBRARIES = """
import warnings; warnings.simplefilter("ignore")
import slack_bolt.async_app, discord, sqlalchemy.ext.asyncio
from bench.startup_servers import tell
tell()
"""
VIGIE = "from bench.startup_servers import start; start()"
SERVERS = "from bench.startup_servers import serve; serve()"


def run(starts: int = STARTS) -> dict[str, Any]:
    alone: list[dict[str, float]] = []
    ready: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as folder:
        servers = subprocess.Popen(
            [sys.executable, "-c", SERVERS], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert servers.stdout is not None
            where = servers.stdout.readline()
            if not where:
                raise RuntimeError("the loopback servers did not start")
            for number in range(starts + 1):
                found = _process(LIBRARIES), _process(VIGIE, where, f"{folder}/vigie.db")
                if number:  # the first of each fills caches, and makes the database
                    alone.append(found[0])
                    ready.append(found[1])
        finally:
            servers.kill()
            servers.communicate()
    return {"libraries imported": _row(alone, alone), "Vigie ready on both platforms": _row(ready, alone)}


def _process(code: str, *arguments: str) -> dict[str, float]:
    begun = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return {**told, "passed": told["at"] - begun}


def _row(figures: list[dict[str, float]], base: list[dict[str, float]]) -> dict[str, float]:
    ratios = [own["cpu"] / other["cpu"] for own, other in zip(figures, base, strict=True)]
    return {
        "ms of processor": round(median(one["cpu"] for one in figures) * 1000),
        "ms passed": round(median(one["passed"] for one in figures) * 1000),
        "x": round(median(ratios), 2),
        "from": round(min(ratios), 2),
        "to": round(max(ratios), 2),
        "MB resident": round(median(one["resident"] for one in figures), 1),
    }


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:])), indent=1))
