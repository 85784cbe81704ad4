"""One small server: `/healthz`, `/readyz`, `/metrics`, and whatever routes a platform brings along."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

from bot.errors import ConfigError

Route = web.RouteDef

LARGEST_BODY = 1024 * 1024
"""Bytes. Slack's largest requests, a modal's state with its view, stay below 300 kB."""


@dataclass(frozen=True, slots=True)
class Probes:
    """How the bot is: `problems` keep it from doing its work (none: ready), `metrics` is the page and its type."""

    problems: Callable[[], Awaitable[list[str]]]
    metrics: Callable[[], Awaitable[tuple[bytes, str]]]


class Site:
    """Serves from `start` to `stop`."""

    def __init__(self, host: str, port: int, probes: Probes, routes: Iterable[Route] = ()) -> None:
        self._host, self._port = host, port
        self._probes = probes
        app = web.Application(client_max_size=LARGEST_BODY)
        app.add_routes(
            [
                web.get("/healthz", self._alive),
                web.get("/readyz", self._ready),
                web.get("/metrics", self._metrics),
                *routes,
            ]
        )
        # Without access log: addresses of people are nobody's business, and a probe every few seconds says nothing.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)

    async def start(self) -> int:
        """Listen; the port, which is another one than asked for only if that was 0.

        Raises:
            ConfigError: that address cannot be listened on.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigError(_refused(error, self._host, self._port)) from None
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Answer what was asked already, and nothing more."""
        await self._runner.cleanup()

    async def _alive(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, _: web.Request) -> web.Response:
        problems = await self._probes.problems()
        if problems:
            return web.json_response({"status": "not ready", "problems": problems}, status=503)
        return web.json_response({"status": "ready"})

    async def _metrics(self, _: web.Request) -> web.Response:
        page, kind = await self._probes.metrics()
        return web.Response(body=page, headers={"Content-Type": kind})


def _refused(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"http.port: {port} is in use on {host}; choose another one, or 0 to serve nothing"
    if error.errno == errno.EACCES:
        return f"http.port: {port} needs rights that the bot does not have; choose one from 1024 on"
    return f"http.host: {host} cannot be listened on: {error.strerror or error}"
