"""Somebody at a shell, with a folder and an environment: the product as real processes."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import aiohttp

PATIENCE = 60
"""Seconds until a process must have done what it does within one or two: other tests keep the machine busy."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Shell:
    """`environ` holds the tokens, `port` is where a process answers probes."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.environ: dict[str, str] = {}

    async def starts(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            cwd=self.folder,
            env={"PATH": "/usr/bin", "PYTHONPATH": str(Path(__file__).parents[2]), **self.environ},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def types(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, output, errors of a command that ends by itself."""
        return await ended(await self.starts(*arguments))

    async def get(self, path: str) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.port}{path}") as response,
        ):
            return response.status, await response.text()


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    assert process.returncode is not None
    assert b"Traceback" not in out + err, err.decode()
    return process.returncode, out.decode(), err.decode()
