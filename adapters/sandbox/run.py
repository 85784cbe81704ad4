"""Running the sandbox for somebody at a terminal: the address, the browser, and a clean end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from socket import socket

from adapters.sandbox.sandbox import open_sandbox
from adapters.sandbox.server import listen, port_of, serving
from adapters.sandbox.world import Staging
from bot.terminal import say
from bot.texts import texts

Stage = Callable[[str], AbstractAsyncContextManager[Staging]]
"""From the page's address to what is played there; left when the sandbox ends."""


async def run(stage: Stage, language: str, port: int, *, browser: bool) -> None:
    """Until interrupted or terminated. Raises `VigieError` when no port is free, and what the store raises."""
    async with _until_stopped() as stopped:
        listening = listen(port)
        try:
            address = f"http://127.0.0.1:{port_of(listening)}"
            _announce(address, language, port, listening)
            async with (
                stage(address) as staging,
                open_sandbox(staging, language) as sandbox,
                serving(sandbox, listening),
            ):
                if browser:
                    _show(address)
                await stopped.wait()
        finally:
            listening.close()


@asynccontextmanager
async def _until_stopped() -> AsyncIterator[asyncio.Event]:
    """Set by Ctrl-C and by a service manager's request to end."""
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for one in signals:
        with suppress(NotImplementedError):  # Windows: Ctrl-C ends it all the same
            loop.add_signal_handler(one, stopped.set)
    try:
        yield stopped
    finally:
        for one in signals:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(one)


def _announce(address: str, language: str, port: int, listening: socket) -> None:
    """Before anything that takes time."""
    speak = texts(language)
    say(speak.t("The sandbox is at {address}", address=address))
    if port not in (0, port_of(listening)):
        say(speak.t("Port {port} is taken, so it is the next free one.", port=port))
    say(speak.t("Ctrl-C ends it."))
    sys.stdout.flush()


def _show(address: str) -> None:
    """Open the browser where there is one, without waiting for it: some return only when they are closed."""
    if sys.platform not in ("darwin", "win32") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return  # what webbrowser would find is a browser for the terminal, which is ours

    def show() -> None:
        with suppress(webbrowser.Error, OSError):
            webbrowser.open(address)

    threading.Thread(target=show, name="browser", daemon=True).start()
