"""One socket of the gateway: hello, heartbeats, IDENTIFY or RESUME, then whatever its session is told."""

from __future__ import annotations

import asyncio
import json
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from aiohttp import WSMessage, WSMsgType, web

from tests.discord.wire.intents import KNOWN
from tests.discord.wire.permissions import Json
from tests.discord.wire.session import Session

if TYPE_CHECKING:
    from tests.discord.wire.gateway import Gateway

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = (
    0,
    1,
    2,
    3,
    6,
    7,
    8,
    9,
    10,
    11,
)


class Connection:
    """Speaks with one client until either side ends it. `muted`: it reads, and says nothing any more."""

    def __init__(self, gateway: Gateway, request: web.Request) -> None:
        self.gateway = gateway
        self.request = request
        self.session: Session | None = None
        self.muted = False
        self.ended = asyncio.Event()
        self.heartbeats = 0
        self._socket = web.WebSocketResponse(max_msg_size=0)
        self._deflate = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None
        self._more = asyncio.Event()
        self._sent = 0
        self._speaking = asyncio.Lock()
        self._ended_here = False

    @property
    def host(self) -> str:
        """The name under which the client reached us."""
        return self.request.host

    async def serve(self) -> web.WebSocketResponse:
        await self._socket.prepare(self.request)
        await self.say(HELLO, {"heartbeat_interval": self.gateway.heartbeat_interval, "_trace": ["loopback"]})
        writer = asyncio.create_task(self._write())
        try:
            async for message in self._socket:
                await self._hear(message)
        finally:
            writer.cancel()
            self.ended.set()
            code = self._socket.close_code
            if self.session is not None and self.session.connection is self:
                self.session.connection = None
                # A client that says goodbye with 1000 or 1001 ends its session; every other end may be resumed.
                if code in (1000, 1001) and not self._ended_here:
                    self.gateway.forget(self.session)
            self.gateway.pulse.beat()
        return self._socket

    async def say(self, op: int, data: object, *, seq: int | None = None, name: str | None = None) -> None:
        if self.muted:
            return
        if self.gateway.stranger is not None and name is not None:
            data = self.gateway.stranger.told(name, data, self.gateway.whole_guilds)
        text = json.dumps({"op": op, "d": data, "s": seq, "t": name})
        async with self._speaking:
            with suppress(ConnectionError):
                if self._deflate is None:
                    await self._socket.send_str(text)
                else:
                    packed = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
                    await self._socket.send_bytes(packed)

    def wake(self) -> None:
        """The session has more to tell."""
        self._more.set()

    async def close(self, code: int, reason: str = "") -> None:
        self._ended_here = True
        # Not waiting for the client's own farewell: Discord does not either.
        await self._socket.close(code=code, message=reason.encode(), drain=False)

    def abort(self) -> None:
        """The network breaks: nothing is said, the connection is simply gone."""
        self._ended_here = True
        if self.request.transport is not None:
            self.request.transport.abort()

    async def _write(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            session = self.session
            while session is not None and not self.muted and (entry := session.after(self._sent)) is not None:
                seq, name, data = entry
                self._sent = seq
                await self.say(DISPATCH, data, seq=seq, name=name)

    async def _hear(self, message: WSMessage) -> None:
        if message.type is not WSMsgType.TEXT:
            return await self.close(4002, "Error while decoding payload.")
        payload = json.loads(message.data)
        op, data = payload["op"], payload.get("d")
        self.gateway.heard(self, op, data)
        if self.muted:
            return None
        if op == HEARTBEAT:
            self.heartbeats += 1
            await self.say(ACK, None)
        elif op == IDENTIFY:
            await self._identify(data)
        elif op == RESUME:
            await self._resume(data)
        elif self.session is None:
            await self.close(4003, "Not authenticated.")
        elif op == MEMBERS:
            self._members(data)
        elif op != PRESENCE:
            await self.close(4001, "Unknown opcode.")
        self.gateway.pulse.beat()
        return None

    async def _identify(self, data: Json) -> None:
        if self.session is not None:
            return await self.close(4005, "Already authenticated.")
        if data["token"] != self.gateway.token:
            return await self.close(4004, "Authentication failed.")
        shard, count = data.get("shard") or (0, 1)
        if not 0 <= shard < count:
            return await self.close(4010, "Invalid shard.")
        if count < self.gateway.least_shards:
            return await self.close(4011, "Sharding required.")
        if data["intents"] & ~KNOWN:
            return await self.close(4013, "Invalid intent(s).")
        if data["intents"] & self.gateway.refused_intents:
            return await self.close(4014, "Disallowed intent(s).")
        self._take(self.gateway.begin(data["intents"], shard, count), 0)
        return None

    async def _resume(self, data: Json) -> None:
        if data["token"] != self.gateway.token:
            return await self.close(4004, "Authentication failed.")
        session = self.gateway.sessions.get(data["session_id"])
        if session is None:
            # discord.py answers by closing and identifying on a new connection.
            await self.say(INVALID, False)
            return None
        if data["seq"] is None or data["seq"] > session.seq:
            return await self.close(4007, "Invalid seq.")
        if session.connection is not None:
            await session.connection.close(4000)
        self.gateway.resumes += 1
        session.add("RESUMED", {"_trace": ["loopback"]})
        self._take(session, data["seq"])
        return None

    def _take(self, session: Session, after: int) -> None:
        self.session, session.connection = session, self
        self._sent = after
        self.wake()

    def _members(self, asked: Json) -> None:
        """GUILD_MEMBERS: in pieces of at most 1000."""
        assert self.session is not None
        guild = self.gateway.world.guilds[str(asked["guild_id"])]
        wanted = asked.get("user_ids")
        ids = {str(each) for each in (wanted if isinstance(wanted, list) else [wanted])} if wanted else None
        members = [
            each
            for each in guild.members.values()
            if (each["user"]["id"] in ids if ids else each["user"]["username"].startswith(asked.get("query") or ""))
        ]
        if asked.get("limit"):
            members = members[: asked["limit"]]
        pieces = [members[start : start + 1000] for start in range(0, len(members), 1000)] or [[]]
        for index, piece in enumerate(pieces):
            chunk: Json = {"guild_id": guild.id, "members": piece, "chunk_index": index, "chunk_count": len(pieces)}
            if ids:
                chunk["not_found"] = sorted(ids - guild.members.keys())
            if asked.get("nonce"):
                chunk["nonce"] = asked["nonce"]
            self.session.add("GUILD_MEMBERS_CHUNK", chunk)
