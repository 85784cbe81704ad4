"""One contender in a process of its own: it makes ready once, and runs a lap whenever it is told to.

Nothing but the standard library is needed here, so that contenders of other environments can be started as well.
"""

from __future__ import annotations

import gc
import json
import sys
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench.platforms_stream import Stream

Go = Callable[[], Awaitable[object]]
Begin = Callable[[], Awaitable[Go]]
"""Makes a lap ready, which is not measured, and gives what is."""


async def laps(begin: Begin, messages: int) -> None:
    """For every line of the input one lap; for each a line of the output.

    Microseconds a message: `cpu` of the whole process, `wall` as they passed. Whatever else `go` gives stands there.
    """
    tell({"ready": True})
    while sys.stdin.readline().strip():
        go = await begin()
        gc.collect()
        begun, worked = perf_counter(), process_time()
        more = await go()
        worked, passed = process_time() - worked, perf_counter() - begun
        found: dict[str, Any] = {"cpu": worked / messages * 1e6, "wall": passed / messages * 1e6}
        tell(found | more if isinstance(more, dict) else found)


def tell(what: dict[str, Any]) -> None:
    OUT.write(json.dumps(what) + "\n")
    OUT.flush()


def given() -> tuple[Stream, list[str]]:
    """The stream and the other arguments that a contender was started with."""
    warnings.simplefilter("ignore")
    sys.stdout = sys.stderr
    return Stream.load(Path(sys.argv[1])), sys.argv[2:]


OUT = sys.stdout
"""What libraries print must not stand between our lines."""
