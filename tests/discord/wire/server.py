"""A Discord on loopback, spoken to over TLS under Discord's own names."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import aiohttp
import trustme
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.discord.wire.gateway import Gateway
from tests.discord.wire.interaction import Interaction
from tests.discord.wire.manners import Stranger
from tests.discord.wire.permissions import Json
from tests.discord.wire.pulse import GENEROUS, Pulse
from tests.discord.wire.rest import Rest
from tests.discord.wire.rest_guilds import GuildRoutes
from tests.discord.wire.rest_interactions import InteractionRoutes
from tests.discord.wire.rest_messages import MessageRoutes
from tests.discord.wire.room import Town
from tests.discord.wire.world import World

TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAw.Loopback.only-a-test"
NAMES = ("discord.com", "gateway.discord.gg", "gateway-us-east1-b.discord.gg")


@cache
def authority() -> trustme.CA:
    """Vouches for every server of this process."""
    return trustme.CA()


@cache
def certificate() -> trustme.LeafCert:
    return authority().issue_cert(*NAMES)


class Loopback(AbstractResolver):
    """Leads Discord's names, and no other, to a port of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host not in NAMES:
            raise OSError(f"{host} is not Discord's")
        found = ResolveResult(hostname=host, host="127.0.0.1", port=self._port, family=socket.AF_INET, proto=0, flags=0)
        return [found]

    async def close(self) -> None:
        pass


class WireDiscord:
    """`world` is what exists there, `rest` and `gateway` the two doors; people act through `town`.

    `api_url` and `gateway_url` are the same without TLS, for whoever is told of them.
    """

    def __init__(self, now: Callable[[], datetime] | None = None, token: str = TOKEN) -> None:
        self.token = token
        self.pulse = Pulse()
        self.world = World(now or (lambda: datetime.now(UTC)))
        self.gateway = Gateway(self.world, self.pulse, token)
        self.rest = Rest(self.world, self.pulse, token)
        self._interactions = InteractionRoutes(self.world)
        self.world.tell = self.gateway.tell
        self._runner: web.AppRunner | None = None
        self._port = 0
        self.api_url = self.gateway_url = ""

    @property
    def commands(self) -> dict[str, list[Json]]:
        """The application commands registered, by guild or, under "", everywhere."""
        return self._interactions.commands

    @property
    def interactions(self) -> dict[str, Interaction]:
        return self._interactions.interactions

    def town(self, name: str = "Guild", *, permissions: int | None = None, id_: str | None = None) -> Town:
        """A guild with the bot in it, and its people."""
        return Town(self, self.world.add_guild(name, permissions=permissions, id_=id_))

    async def start(self, *, strange: bool = False, numbers: bool = False) -> None:
        """`strange`: behave like a server that only resembles Discord, spoken to without TLS."""
        plain = socket.socket()
        plain.bind(("127.0.0.1", 0))
        self.api_url = "http://{}:{}/api/v10".format(*plain.getsockname())
        self.gateway_url = "ws://{}:{}/".format(*plain.getsockname())
        if strange:
            self.gateway.stranger = Stranger(self.gateway_url, numbers=numbers)
        app = web.Application(middlewares=[self.gateway.stranger.rest] if self.gateway.stranger else [])
        app.add_routes(self.rest.routes(GuildRoutes(self.world, self.gateway).routes()))
        app.add_routes(self.rest.routes(MessageRoutes(self.world).routes()))
        app.add_routes(self.rest.routes(self._interactions.routes()))
        app.add_routes([web.get("/", self.gateway.connect), web.route("*", "/{rest:.*}", self.rest.unknown)])
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certificate().configure_cert(context)
        # Nobody waits for clients that a test has left behind.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self._port = self._runner.addresses[0][1]
        await web.SockSite(self._runner, plain).start()

    async def stop(self) -> None:
        self.gateway.drop()
        if self._runner is not None:
            await self._runner.cleanup()

    def connector(self) -> aiohttp.TCPConnector:
        """For `discord.Client(connector=…)`: one for each client, which closes it."""
        # Trusts nobody else: to read the machine's own authorities takes longer than most tests.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        authority().configure_trust(context)
        return aiohttp.TCPConnector(resolver=Loopback(self._port), ssl=context, limit=0)

    async def until(self, true: Callable[[], object], timeout: float = GENEROUS) -> None:  # noqa: ASYNC109
        """Return once `true()` is; looked at whenever anything happens here."""
        await self.pulse.until(true, timeout)
