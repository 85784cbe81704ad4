"""What goes wrong with a request, told beforehand."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.discord.wire.errors import MESSAGES
from tests.discord.wire.permissions import Json

VIA = "1.1 google"
"""Discord's own answers carry it, Cloudflare's do not; discord.py tells a rate limit from a ban by it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Answered so, and nothing is done."""

    status: int
    body: str | Json = ""
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        if isinstance(self.body, str):
            return web.Response(status=self.status, text=self.body, content_type="text/html", headers=self.headers)
        return plain_json(self.body, self.status, {"Via": VIA, **self.headers})


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection breaks instead of an answer; `accepted`: the request was carried out before."""

    accepted: bool


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing goes on before `gate` is set; `accepted`: it is carried out before that, only the answer waits."""

    gate: asyncio.Event
    accepted: bool = False


Fault = Answered | Dropped | Held


def plain_json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON as Discord sends it: the content type names no charset, and discord.py compares the whole header."""
    response = web.Response(status=status, body=json.dumps(body).encode(), headers=headers)
    response.headers["Content-Type"] = "application/json"
    return response


def refused(code: int, status: int | None = None) -> Answered:
    """One of Discord's errors, whatever the request was."""
    known, message = MESSAGES[code]
    return Answered(status or known, {"message": message, "code": code})


def limited(seconds: float, *, everywhere: bool = False, shared: bool = False) -> Answered:
    """A rate limit: the route's, shared by all bots of a channel, or the token's for everything."""
    scope = "global" if everywhere else "shared" if shared else "user"
    headers = {"Retry-After": str(max(1, round(seconds))), "X-RateLimit-Scope": scope}
    if everywhere:
        headers["X-RateLimit-Global"] = "true"
    else:
        headers |= {
            "X-RateLimit-Limit": "5",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset-After": str(seconds),
            "X-RateLimit-Bucket": "loopback",
        }
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": everywhere}
    return Answered(429, body, headers)


def cloudflare(status: int) -> Answered:
    """Not Discord, but what stands before it: HTML without `Via`. 429 with code 1015 is the ban of an address."""
    page = "<!doctype html><html><head><title>Access denied | discord.com</title></head><body>error code: 1015</body>"
    return Answered(status, page, {"Server": "cloudflare", "Retry-After": "3600"} if status == 429 else {})


def broken(status: int = 503) -> Answered:
    """Discord is in trouble: 500, 502 and 504 are retried by discord.py itself, 503 is not."""
    return Answered(status, "upstream connect error or disconnect/reset before headers")
