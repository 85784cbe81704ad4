"""Discord's HTTP door: who may come in, what goes wrong, what is written down, and then the route itself."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from tests.discord.wire.errors import Refusal
from tests.discord.wire.faults import VIA, Answered, Dropped, Fault, Held, plain_json
from tests.discord.wire.permissions import Json
from tests.discord.wire.pulse import Pulse
from tests.discord.wire.schema import Schema
from tests.discord.wire.world import World

BASE = "/api/v10"


@dataclass
class Asked:
    """One request, and how it went. `route` is as in `script`; `status` is None while or when nothing was answered."""

    at: datetime
    method: str
    path: str
    route: str
    body: Any
    params: dict[str, str]
    query: dict[str, str]
    authorisation: str | None
    files: dict[str, Json] = field(default_factory=dict)
    status: int | None = None
    answer: Any = None
    done: bool = False

    def number(self, name: str, otherwise: int, most: int) -> int:
        """A number of the query, at least 1."""
        value = int(self.query.get(name, otherwise))
        if not 1 <= value <= most:
            raise Refusal(50035, errors={name: f"int value should be between 1 and {most}"})
        return value


Route = Callable[[Asked], Awaitable[tuple[int, Any]]]


class Rest:
    """`asked` is every request in order; `problems` what Discord's documents or limits do not allow of us, or of it."""

    def __init__(self, world: World, pulse: Pulse, token: str) -> None:
        self.world = world
        self.pulse = pulse
        self.token = token
        self.asked: list[Asked] = []
        self.problems: list[str] = []
        self._script: list[tuple[str, str | None, Fault]] = []
        self._schema = Schema.load()

    def script(self, route: str, *faults: Fault, channel: str | None = None) -> None:
        """What becomes of the next requests of a route, such as `POST /channels/{channel}/messages`, one after another.

        `*` is any route. `channel` restricts them to one channel.
        """
        self._script += [(route, channel, fault) for fault in faults]

    @property
    def invalid(self) -> int:
        """Answers that count towards Discord's ban of an address: 10,000 of 401, 403, 429 within ten minutes."""
        return sum(asked.status in (401, 403, 429) for asked in self.asked)

    @property
    def validates(self) -> bool:
        """Whether Discord's document was found."""
        return self._schema is not None

    def requests(self, route: str) -> list[Asked]:
        """Those of one route, in order."""
        return [asked for asked in self.asked if asked.route == route]

    def routes(self, routes: Iterable[tuple[str, Route]]) -> list[web.RouteDef]:
        """For aiohttp; each route is named as in `script`."""
        return [self._route(name, route) for name, route in routes]

    async def unknown(self, request: web.Request) -> web.StreamResponse:
        """A route that this server does not know: Discord may, so a test should."""
        self.problems.append(f"{request.method} {request.path}: not served here")
        return plain_json({"message": "404: Not Found", "code": 0}, 404)

    def _route(self, name: str, route: Route) -> web.RouteDef:
        method, _, path = name.partition(" ")

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(name, route, request)

        return web.route(method, BASE + path, handle)

    async def _handle(self, name: str, route: Route, request: web.Request) -> web.StreamResponse:
        asked = await self._read(name, request)
        self.asked.append(asked)
        self.pulse.beat()
        try:
            return await self._meet(asked, route, request)
        finally:
            asked.done = True
            self.pulse.beat()

    async def _meet(self, asked: Asked, route: Route, request: web.Request) -> web.StreamResponse:
        fault = self._next_fault(asked)
        if isinstance(fault, Answered):
            asked.status, asked.answer = fault.status, fault.body
            return fault.response()
        if isinstance(fault, Held) and not fault.accepted:
            await fault.gate.wait()
        response = None
        if not (isinstance(fault, Dropped) and not fault.accepted):
            response = await self._answer(asked, route)
        if isinstance(fault, Held) and fault.accepted:
            await fault.gate.wait()
        if isinstance(fault, Dropped) or response is None:
            asked.status = None
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        return response

    async def _answer(self, asked: Asked, route: Route) -> web.Response:
        try:
            self._admit(asked)
            status, answer = await route(asked)
        except Refusal as refusal:
            status, answer = refusal.status, refusal.body()
        asked.status, asked.answer = status, answer
        if self._schema is not None:
            self.problems += self._schema.wrong_response(asked.method, asked.path, status, answer)
        headers = {
            "Via": VIA,
            "X-RateLimit-Bucket": format(hash(asked.route) & 0xFFFFFFFF, "08x"),
            "X-RateLimit-Limit": "1000",
            "X-RateLimit-Remaining": "999",
            "X-RateLimit-Reset": f"{asked.at.timestamp() + 1:.3f}",
            "X-RateLimit-Reset-After": "1.000",
        }
        if answer is None:
            return web.Response(status=status, headers=headers)
        return plain_json(answer, status, headers)

    def _admit(self, asked: Asked) -> None:
        """Webhooks and callbacks carry their own token in the path, everything else the bot's."""
        own_token = asked.path.startswith(("/webhooks/", "/interactions/"))
        if not own_token and asked.authorisation != f"Bot {self.token}":
            raise Refusal(0)
        if self._schema is not None:
            self.problems += self._schema.wrong_request(asked.method, asked.path, asked.body)

    async def _read(self, name: str, request: web.Request) -> Asked:
        body: Any = None
        files: dict[str, Json] = {}
        if request.content_type.startswith("multipart/"):
            body, files = await self._multipart(request)
        elif request.body_exists:
            text = await request.text()
            body = json.loads(text) if text else None
        return Asked(
            self.world.now(),
            request.method,
            request.path.removeprefix(BASE),
            name,
            body,
            {key: unquote(value) for key, value in request.match_info.items()},
            dict(request.query),
            request.headers.get("Authorization"),
            files,
        )

    async def _multipart(self, request: web.Request) -> tuple[Any, dict[str, Json]]:
        body: Any = {}
        files: dict[str, Json] = {}
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            data = bytes(await part.read())
            if part.name == "payload_json":
                body = json.loads(data)
            else:
                number = (part.name or "").removeprefix("files[").removesuffix("]")
                type_ = part.headers.get("Content-Type", "application/octet-stream")
                files[number] = {"filename": part.filename, "size": len(data), "content_type": type_, "data": data}
        return body, files

    def _next_fault(self, asked: Asked) -> Fault | None:
        for index, (route, channel, fault) in enumerate(self._script):
            if route in ("*", asked.route) and channel in (None, asked.params.get("channel")):
                del self._script[index]
                return fault
        return None
