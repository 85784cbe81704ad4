"""How a server that only resembles Discord behaves: what such servers leave out, write otherwise or never heard of.

Taken from YEPcord and Spacebar: routes that are missing, answers whose type names a character set, ids as numbers, no
headers about limits, guilds told in READY, messages without their author as a member, no Components V2, no embeds but
titled ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.discord.wire.faults import plain_json
from tests.discord.wire.permissions import Json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

UNKNOWN = (
    r"GET .*/gateway/bot",
    r"GET .*/applications/@me",
    r"PUT .*/applications/\d+/commands",
    r"GET .*/guilds/\d+(/channels|/threads/active)?",
    r"GET .*/guilds/\d+/members/\d+",
    r"GET .*/threads/archived/public",
    r"GET .*/channels/\d+",
)
V2 = 1 << 15


class Stranger:
    """What goes through the doors of a server that is not Discord. `numbers`: it writes ids as numbers."""

    def __init__(self, gateway: str, *, numbers: bool) -> None:
        self._gateway = gateway
        self._numbers = numbers
        self.titled_embeds_only = True

    @web.middleware
    async def rest(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Around every route."""
        asked = f"{request.method} {request.path}"
        if any(re.fullmatch(pattern, asked) for pattern in UNKNOWN):
            return web.Response(status=501, text="Not Implemented!", content_type="text/html")
        if self.titled_embeds_only and request.method in ("POST", "PATCH") and "/messages" in request.path:
            body = await _body(request)
            if any("title" not in embed for embed in body.get("embeds") or ()):
                return web.Response(status=500, text="<h1>Internal Server Error</h1>", content_type="text/html")
            if body.get("flags", 0) & V2:
                # Taken, and nothing made of it.
                return plain_json({"id": request.path.rpartition("/")[2], "content": "", "flags": 64})
        answer = await handler(request)
        if not isinstance(answer, web.Response) or answer.content_type != "application/json":
            return answer
        told = json.loads(answer.text or "null")
        if request.path.endswith("/gateway"):
            told = {"url": self._gateway}
        return web.json_response(self._written(told), status=answer.status)

    def told(self, name: str | None, data: Any, guilds: Callable[[], list[Json]]) -> Any:
        """A dispatch."""
        if name == "READY":
            left_out = ("resume_gateway_url", "shard", "application")
            data = {key: value for key, value in data.items() if key not in left_out} | {"guilds": guilds()}
        elif name == "RESUMED":
            return None
        elif name == "MESSAGE_CREATE":
            data = {key: value for key, value in data.items() if key not in ("member", "nonce")}
        return self._written(data)

    def _written(self, value: Any, key: str = "") -> Any:
        if not self._numbers:
            return value
        if isinstance(value, dict):
            return {k: self._written(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self._written(item, "id" if key in ("roles", "mention_roles") else "") for item in value]
        is_id = key == "id" or key.endswith("_id")
        return int(value) if is_id and isinstance(value, str) and re.fullmatch("[0-9]{5,20}", value) else value


async def _body(request: web.Request) -> Json:
    if request.content_type != "application/json":
        return {}
    read: Json = json.loads(await request.text() or "{}")
    return read
