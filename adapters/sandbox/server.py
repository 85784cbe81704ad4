"""The sandbox's door: the page's files and one WebSocket, for browsers on this very machine and nobody else.

A page of some other site can make a browser here send requests: it cannot make it send our own `Host` by a name of its
own (DNS rebinding), nor our own `Origin`, and without both nothing is served.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler

from adapters.sandbox.feed import Tab
from adapters.sandbox.sandbox import Sandbox
from bot.errors import VigieError
from bot.logger import get_logger

log = get_logger(__name__)

PAGE = Path(__file__).parent / "page"

LARGEST_FRAME = 64 * 1024
"""Bytes of one request: some times the longest message."""

TRIES = 50
"""Ports to try after the one that was asked for."""

TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_FILE = re.compile(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.[a-z0-9]+")


def listen(port: int) -> socket.socket:
    """A socket on 127.0.0.1 at `port` or, where that is taken, the next one that is free; 0 is any.

    Raises:
        VigieError: none of them is free.
    """
    for tried in range(port, min(port + TRIES, 65_536)):
        opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind(("127.0.0.1", tried))
            opened.listen(128)
        except OSError as error:
            opened.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise VigieError(f"cannot listen on port {tried}: {error.strerror}") from None
        else:
            return opened
    raise VigieError(f"no port from {port} on is free; name another one with --port")


def port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


@asynccontextmanager
async def serving(sandbox: Sandbox, listening: socket.socket) -> AsyncIterator[None]:
    """Serve the sandbox on that socket until the block is left; the socket is closed then."""
    runner = web.AppRunner(application(sandbox, port_of(listening)), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        yield
    finally:
        await runner.cleanup()


def application(sandbox: Sandbox, port: int) -> web.Application:
    """Only for requests that name this machine and `port`, and WebSockets of pages that came from there."""
    names = ("127.0.0.1", "localhost", "[::1]")
    hosts = {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())
    sockets: set[web.WebSocketResponse] = set()

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.getall("Host", []) not in [[host] for host in hosts]:
            raise web.HTTPForbidden(text="This sandbox is for this machine only.\n", headers=HEADERS)
        return await handler(request)

    async def connect(request: web.Request) -> web.StreamResponse:
        if request.headers.getall("Origin", []) not in [[f"http://{host}"] for host in hosts]:
            raise web.HTTPForbidden(text="This page is not the sandbox's own.\n", headers=HEADERS)
        return await _talk(request, sandbox, sockets)

    async def close_all(_: web.Application) -> None:
        await asyncio.gather(*(one.close(code=1001, message=b"the sandbox ends") for one in sockets))

    app = web.Application(middlewares=[guard])
    app.router.add_get("/ws", connect)
    app.router.add_get("/{file:.*}", _file)
    app.on_shutdown.append(close_all)
    return app


async def _file(request: web.Request) -> web.Response:
    """One of the page's own files; no other file can be named."""
    name = request.match_info["file"] or "index.html"
    kind = TYPES.get(Path(name).suffix)
    path = PAGE / name
    if kind is None or not _FILE.fullmatch(name) or not path.is_file():
        raise web.HTTPNotFound(text="There is nothing here.\n", headers=HEADERS)
    charset = "utf-8" if kind.startswith("text/") or kind == "image/svg+xml" else None
    return web.Response(body=path.read_bytes(), content_type=kind, charset=charset, headers=HEADERS)


async def _talk(request: web.Request, sandbox: Sandbox, sockets: set[web.WebSocketResponse]) -> web.StreamResponse:
    """One page's connection, until either side ends it."""
    after = request.query.get("after", "")
    connection = web.WebSocketResponse(max_msg_size=LARGEST_FRAME, heartbeat=20, timeout=2, compress=False)
    await connection.prepare(request)
    sockets.add(connection)
    tab = Tab()
    await sandbox.join(
        tab, request.query.get("session", ""), int(after) if re.fullmatch("[0-9]{1,15}", after) else None
    )
    tasks = {
        asyncio.create_task(_speak(connection, tab)),
        asyncio.create_task(_listen(connection, tab, sandbox)),
        asyncio.create_task(tab.left_behind.wait()),
    }
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sandbox.leave(tab)
        sockets.discard(connection)
        if tab.left_behind.is_set() and request.transport is not None:
            request.transport.abort()  # it does not read: a polite goodbye would wait for it
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(ConnectionError):
            await connection.close()
    return connection


async def _speak(connection: web.WebSocketResponse, tab: Tab) -> None:
    while True:
        await connection.send_str(await tab.take())


async def _listen(connection: web.WebSocketResponse, tab: Tab, sandbox: Sandbox) -> None:
    async for frame in connection:
        if frame.type is WSMsgType.TEXT:
            tab.answer(await sandbox.answer(frame.data))
        elif frame.type is WSMsgType.BINARY:
            tab.answer(await sandbox.answer(""))
