"""The sandbox as somebody at a terminal runs it: a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from adapters.exports import demo_export

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def started(tmp_path: Path, arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    code = f"from pathlib import Path\nfrom bot.wiring.demo import serve_sandbox\nserve_sandbox({arguments})"
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=pipe, stderr=pipe, env=environment
    )
    try:
        async with asyncio.timeout(60):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def address_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    return line.split()[-1]


async def hello(address: str) -> dict[str, object]:
    async with (
        ClientSession() as session,
        session.ws_connect(f"{address}/ws", headers={"Origin": address}) as connection,
    ):
        greeting: dict[str, object] = json.loads((await connection.receive()).data)
        return greeting


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_it_says_where_it_is_and_ends_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    """The address comes first; a signal ends it with code 0, nothing on the error output and nothing left on disk."""
    async with started(tmp_path, '"fr", port=0, browser=False') as process:
        address = await address_of(process)
        assert (await hello(address))["language"] == "fr"
        assert left_in(tmp_path)
        process.send_signal(how)
        _, errors = await process.communicate()
        assert (process.returncode, errors) == (0, b"")
        assert left_in(tmp_path) == []


async def test_a_taken_port_is_told_and_the_next_one_used(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        async with started(tmp_path, f'"en", port={port}, browser=False') as process:
            address = await address_of(process)
            assert process.stdout is not None
            told = (await process.stdout.readline()).decode()
            assert told == f"Port {port} is taken, so it is the next free one.\n"
            assert int(address.rpartition(":")[2]) > port
            await hello(address)


async def test_a_database_of_ones_own_is_kept(tmp_path: Path) -> None:
    """The store is wherever `database` says, and still there afterwards."""
    kept = tmp_path / "kept.db"
    async with started(tmp_path, f'"en", port=0, browser=False, database="sqlite:///{kept}"') as process:
        await hello(await address_of(process))
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
        assert (process.returncode, errors) == (0, b"")
    assert kept.stat().st_size > 0


async def test_an_export_is_played(tmp_path: Path) -> None:
    """Its people, its channels, and the history that has begun."""
    async with started(tmp_path, f'"en", port=0, browser=False, replay=Path({str(demo_export())!r})') as process:
        greeting = await hello(await address_of(process))
        assert greeting["replay"]
        people = {person["name"]: person["kind"] for person in greeting["people"]}  # type: ignore[attr-defined]
        assert people["Malo"] == "team"
        assert people["Femi"] == "community"
