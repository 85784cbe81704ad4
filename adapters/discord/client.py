"""What we take of discord.py: the gateway with its heartbeats, sessions and compression, and the HTTP client.

Its cache of guilds, members and messages, and the objects that it makes of every payload, are left out: events go on
as the plain dicts that came. That holds 2,500 guilds in a quarter of the memory (`python -m bench discord_memory`),
in next to none where nothing is watched, and a message in a channel that nobody watches costs the reading of its JSON.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.state import ConnectionState

from adapters.discord.manifest import INTENTS
from adapters.discord.rest import LONGEST_WAIT, Http

if TYPE_CHECKING:
    import aiohttp

HEARD = (
    *("READY", "RESUMED", "GUILD_CREATE", "GUILD_DELETE"),
    *("CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE"),
    *("THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_LIST_SYNC"),
    *("GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"),
    *("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"),
    *("MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE", "INTERACTION_CREATE"),
)
"""The dispatches that we listen to; the library drops the others."""

Told = Callable[[str, Any], None]


class State(ConnectionState["Client"]):
    """The library's table of parsers, each of which hands on what came. Nothing is cached here."""

    def __init__(self, told: Told, **options: Any) -> None:
        super().__init__(**options)
        self.parsers = {name: partial(told, name) for name in HEARD}


class Client(discord.Client):
    """Not for `run` or `connect` of the library: `adapters.discord.shards` connects, one socket for each shard.

    `told` is called with each dispatch of `HEARD`, in the order in which they come.
    """

    def __init__(
        self,
        told: Told,
        *,
        trace: aiohttp.TraceConfig,
        connector: aiohttp.BaseConnector | None,
        base: str | None = None,
    ) -> None:
        self._told = told
        # We never speak aloud: nobody needs to be warned that the libraries for it are missing.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        self.before_login: Callable[[], Awaitable[None]] | None = None
        super().__init__(
            intents=discord.Intents(**dict.fromkeys(INTENTS, True)),
            # Whatever of the library's cache could still be filled stays empty: no messages, no members, no chunks.
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=LONGEST_WAIT,
            http_trace=trace,
            connector=connector,
        )
        self.http: Http = Http(self.loop, self.http.connector, http_trace=trace, max_ratelimit_timeout=LONGEST_WAIT)
        self.http.base = base
        self._connection.http = self.http

    def _get_state(self, **options: Any) -> State:
        return State(
            self._told, dispatch=self.dispatch, handlers=self._handlers, hooks=self._hooks, http=self.http, **options
        )

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """The library's own events have no listeners: looking for them costs as much as a message of ours."""

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        """Instead of the library's pause of five seconds: `Logins` paces and counts over all shards."""
        if self.before_login is not None:
            await self.before_login()


class Socket(DiscordWebSocket):
    """The library's gateway connection; one that may not log in is closed rather than left to its heartbeats."""

    _greeted = False

    async def received_message(self, msg: Any, /) -> None:
        if isinstance(msg, bytes):
            msg = self._decompressor.decompress(msg)
            if msg is None:
                return
        if not self._greeted and ('"READY"' in msg or '"RESUMED"' in msg):
            msg = self._completed(msg)
        await super().received_message(msg)

    def _completed(self, msg: str) -> str:
        """The greeting with what the library takes for granted in it. Servers that resemble Discord leave some out."""
        said = json.loads(msg)
        name, data = said.get("t"), said.get("d")
        if name not in ("READY", "RESUMED"):
            return msg
        self._greeted = True
        if name == "READY" and not isinstance(data, dict):
            # Somebody's answer to a RESUME. It does not promise that what was missed is told.
            raise ReconnectWebSocket(self.shard_id, resume=False)
        given = {"session_id": "", "resume_gateway_url": str(self.gateway)} if name == "READY" else {}
        return json.dumps({"s": self.sequence, **said, "d": given | (data or {})})

    async def identify(self) -> None:
        try:
            await super().identify()
        except BaseException:
            await self.close(1000)
            raise
