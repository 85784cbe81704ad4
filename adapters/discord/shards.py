"""The connections to the gateway: one for each shard, each belonging to whoever holds its lease.

A connection that breaks is resumed, so that Discord repeats what was missed; a session that is over begins anew.
https://docs.discord.com/developers/events/gateway#connections
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from random import uniform

import aiohttp
import discord
import yarl
from discord.gateway import ReconnectWebSocket

from adapters.discord.client import Client, Socket
from adapters.discord.logins import Logins
from adapters.discord.refusals import closed_by_gateway
from bot.errors import StoreError
from bot.logger import get_logger
from bot.ports import Clock, Keeper

log = get_logger(__name__)

OPENING = 90.0
"""Seconds for a connection to be made; the library itself waits 60 s for Discord's greeting."""

CLOSING = 5.0
"""Seconds for Discord to take leave."""

LAST_RETRY = 60.0
"""Seconds, the longest wait before the next attempt to connect."""

GIVE_UP = 5
"""Failures in a row after which a session is given up: the address at which to resume it may be gone for good."""

PLAIN = 3
"""Failures in a row after which nothing compressed is asked for: not every server that resembles Discord can do it."""

STEADY = timedelta(minutes=1)
"""A connection that lasted so long was none of the failed attempts in a row."""


UNREADABLE = (LookupError, TypeError, ValueError)
"""What the library raises about something that it cannot read."""


@dataclass(slots=True)
class Session:
    """What is needed to go on where a connection broke."""

    id: str
    sequence: int | None
    gateway: yarl.URL


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where it is; None: at Discord's own address. `always`: also where a session is to be gone on with elsewhere."""

    address: yarl.URL | None = None
    always: bool = False


def gateway_at(configured: str | None, told: object) -> Gateway:
    """As configured, else as `GET /gateway/bot` tells."""
    if configured:
        return Gateway(yarl.URL(configured), always=True)
    address = yarl.URL(told) if isinstance(told, str) else yarl.URL()
    ours = Socket.DEFAULT_GATEWAY
    return Gateway() if address.host in (None, ours.host) or address.scheme not in ("ws", "wss") else Gateway(address)


class Shards:
    """`run` keeps the shards of this process connected. `lost` is told of each one that belongs to us no longer."""

    def __init__(
        self,
        client: Client,
        logins: Logins,
        keeper: Keeper,
        clock: Clock,
        lost: Callable[[int], Awaitable[None]],
        gateway: Gateway | None = None,
    ) -> None:
        self._gateway = gateway or Gateway()
        self._client = client
        self._logins = logins
        self._keeper = keeper
        self._clock = clock
        self._lost = lost

    async def run(self, application: str, count: int) -> None:
        """Until cancelled.

        Raises:
            ChatError: going on is no use; the other shards are closed.
        """
        self._client.before_login = self._logins.note
        self._client._connection.shard_count = count  # where its gateway connections look it up
        try:
            async with asyncio.TaskGroup() as group:
                for shard in range(count):
                    name = f"discord/{application}/{shard}/{count}"
                    group.create_task(self._keep(name, application, shard), name=name)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _keep(self, lease_name: str, application: str, shard: int) -> None:
        while True:
            async with self._keeper.hold(lease_name) as lease:
                connected = asyncio.create_task(self._connected(application, shard), name=f"gateway {shard}")
                lost = asyncio.create_task(lease.lost.wait())
                try:
                    await asyncio.wait({connected, lost}, return_when=asyncio.FIRST_COMPLETED)
                    if connected.done():
                        connected.result()
                finally:
                    for task in (connected, lost):
                        task.cancel()
                    await asyncio.gather(connected, lost, return_exceptions=True)
            log.warning("the shard belongs to another process now", shard=shard)
            await self._lost(shard)

    async def _connected(self, application: str, shard: int) -> None:
        """One connection after the other."""
        session: Session | None = None
        failures = 0
        while True:
            begun = self._clock.now()
            socket: Socket | None = None
            try:
                socket = await self._open(shard, session, compress=failures < PLAIN)
                await self._listen(socket)
            except ReconnectWebSocket as error:
                session = (self._session_of(socket) or session) if error.resume else None
            except discord.ConnectionClosed as error:
                if (fatal := closed_by_gateway(error.code, application)) is not None:
                    raise fatal from None
                log.warning("gateway closed the connection", shard=shard, code=error.code)
            except (OSError, aiohttp.ClientError, StoreError, discord.DiscordException, *UNREADABLE) as error:
                session = self._session_of(socket) or session
                log.warning("gateway cannot be reached", shard=shard, error=type(error).__name__)
            failures = 0 if self._clock.now() - begun >= STEADY else failures + 1
            if failures >= GIVE_UP:
                session = None
            if failures > 1:
                # The first attempt after a break comes at once: resuming early is what keeps a session.
                wait = min(2.0 ** (failures - 2), LAST_RETRY) * uniform(0.5, 1)  # noqa: S311  # no secret
                await self._clock.sleep_until(self._clock.now() + timedelta(seconds=wait))

    async def _open(self, shard: int, session: Session | None, *, compress: bool) -> Socket:
        if session is None:
            there = self._gateway.address
            async with self._logins.turn(), asyncio.timeout(OPENING):
                return await Socket.from_client(self._client, shard_id=shard, gateway=there, compress=compress)
        async with asyncio.timeout(OPENING):
            return await Socket.from_client(
                self._client,
                shard_id=shard,
                resume=True,
                session=session.id,
                sequence=session.sequence,
                gateway=session.gateway,
                compress=compress,
            )

    async def _listen(self, socket: Socket) -> None:
        """Until it breaks, which is always an error."""
        try:
            while True:
                await socket.poll_event()
        finally:
            if socket.open:
                with suppress(TimeoutError, OSError, aiohttp.ClientError):
                    async with asyncio.timeout(CLOSING):
                        await socket.close(1000)

    def _session_of(self, socket: Socket | None) -> Session | None:
        """None when Discord had not begun one, or one that cannot be named again."""
        if socket is None or not socket.session_id:
            return None
        there = self._gateway.address if self._gateway.always else None
        return Session(socket.session_id, socket.sequence, there or socket.gateway)
