"""The gateway: its sessions and connections, and what can befall them."""

from __future__ import annotations

from datetime import datetime
from secrets import token_hex

from aiohttp import web

from tests.discord.wire.connection import IDENTIFY, INVALID, RECONNECT, RESUME, Connection
from tests.discord.wire.intents import told
from tests.discord.wire.manners import Stranger
from tests.discord.wire.permissions import Json
from tests.discord.wire.pulse import Pulse
from tests.discord.wire.session import Session
from tests.discord.wire.world import Dispatch, World

ADDRESS = "wss://gateway.discord.gg"
RESUME_ADDRESS = "wss://gateway-us-east1-b.discord.gg"


class Gateway:
    """`identifies` and `resumes` count what was asked for and granted; `heartbeat_interval` is in milliseconds.

    `refused_intents` are those that the application has not switched on, `shards` what `gateway/bot` recommends.
    `refusing` makes it answer 503 to whoever wants to connect; `turned_away` counts them.
    """

    def __init__(self, world: World, pulse: Pulse, token: str) -> None:
        self.world = world
        self.pulse = pulse
        self.token = token
        self.heartbeat_interval = 41_250
        self.refused_intents = 0
        self.least_shards = 1
        self.shards = 1
        self.stranger: Stranger | None = None
        self.refusing = False
        self.turned_away = 0
        self.sessions: dict[str, Session] = {}
        self.connections: list[Connection] = []
        self.identifies: list[datetime] = []
        self.resumes = 0
        self.received: list[tuple[int, object]] = []
        """Every operation that clients sent, heartbeats included."""

    async def connect(self, request: web.Request) -> web.StreamResponse:
        if self.refusing:
            self.turned_away += 1
            self.pulse.beat()
            return web.Response(status=503)
        if self.stranger is not None and "compress" in request.query:
            return web.Response(status=400)
        connection = Connection(self, request)
        self.connections.append(connection)
        try:
            return await connection.serve()
        finally:
            self.connections.remove(connection)
            self.pulse.beat()

    def heard(self, connection: Connection, op: int, data: object) -> None:
        self.received.append((op, data))
        if op == IDENTIFY:
            self.identifies.append(self.world.now())
        self.pulse.beat()

    def begin(self, intents: int, shard: int, count: int) -> Session:
        """A new session: READY, then each guild of the shard as far as it is available."""
        session = Session(token_hex(16), intents, shard, count)
        self.sessions[session.id] = session
        guilds = [guild for guild in self.world.guilds.values() if guild.joined]
        ours = [guild for guild in guilds if (int(guild.id) >> 22) % count == shard]
        session.add(
            "READY",
            {
                "v": 10,
                "user": {**self.world.me, "verified": True, "mfa_enabled": False, "email": None},
                "guilds": [{"id": guild.id, "unavailable": True} for guild in ours],
                "private_channels": [],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": RESUME_ADDRESS,
                "shard": [shard, count],
                "application": {"id": self.world.application["id"], "flags": self.world.application["flags"]},
                "geo_ordered_rtc_regions": [],
                "relationships": [],
                "presences": [],
                "_trace": ["loopback"],
            },
        )
        for guild in ours:
            if guild.available and self.stranger is None:
                session.add("GUILD_CREATE", guild.created(self.world.me["id"]))
        return session

    def whole_guilds(self) -> list[Json]:
        """As people's own clients are told of them in READY."""
        return [g.created(self.world.me["id"]) for g in self.world.guilds.values() if g.joined and g.available]

    def tell(self, dispatch: Dispatch) -> None:
        for session in self.sessions.values():
            data = told(self.world, dispatch, session.intents, session.shard, session.count)
            if data is not None:
                session.add(dispatch.name, data)
        self.pulse.beat()

    @property
    def connected(self) -> list[Session]:
        """The sessions to which somebody listens."""
        return [session for session in self.sessions.values() if session.connection is not None]

    # what can befall it

    def drop(self) -> None:
        """The network breaks; sessions can be resumed."""
        for connection in list(self.connections):
            connection.abort()
            if connection.session is not None:
                # Nothing more reaches it, although the socket's own end is noticed a moment later.
                connection.muted = True
                connection.session.connection = None

    def forget(self, session: Session) -> None:
        self.sessions.pop(session.id, None)

    def expire(self) -> None:
        """The sessions are over: whoever wants to resume one is told that it is invalid and has to identify."""
        self.sessions.clear()

    def mute(self) -> None:
        """Zombies: the connections stand, and nothing comes out of them any more, no acknowledgement either."""
        for connection in self.connections:
            connection.muted = True

    async def reconnect(self) -> None:
        """Discord asks to come back on another connection (op 7)."""
        for connection in list(self.connections):
            await connection.say(RECONNECT, None)

    async def invalidate(self, *, resumable: bool) -> None:
        """Op 9. What cannot be resumed is over."""
        for connection in list(self.connections):
            if not resumable and connection.session is not None:
                self.forget(connection.session)
                connection.session.connection = None
            await connection.say(INVALID, resumable)

    async def close(self, code: int) -> None:
        """Discord closes every connection. 4007 and 4009 end the sessions."""
        for connection in list(self.connections):
            if code in (4007, 4009) and connection.session is not None:
                self.forget(connection.session)
            await connection.close(code)

    def described(self) -> Json:
        """What `GET /gateway/bot` answers."""
        left = max(0, 1000 - len(self.identifies))
        limit = {"total": 1000, "remaining": left, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": ADDRESS, "shards": self.shards, "session_start_limit": limit}

    def resumed(self) -> list[object]:
        """What was sent with each RESUME."""
        return [data for op, data in self.received if op == RESUME]
