"""Every call to Discord's REST API: one wrapper around discord.py's HTTP client, its buckets and its headers.

discord.py repeats a request by itself after a 429, a 5xx and some resets (`HTTPClient.request`). A message that may be
out already must never be said again before it was looked up, so those answers are turned into errors of ours in the
hook that the library offers for tracing (`http_trace`), before it sees them: one call is one request. Asking (GET) is
harmless and tried again here.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

from adapters.discord.parts import File
from adapters.discord.payloads import as_dict, as_int, as_text, parsed, text_ids
from adapters.discord.refusals import is_unknown, limited, refusal
from bot.errors import ChatError, RateLimited, Sent, Unavailable
from bot.logger import get_logger
from bot.ports import Clock

log = get_logger(__name__)

LONGEST_WAIT = 30.0
"""Seconds that the library may wait for a bucket to refill before it gives up; it takes no less."""

PATIENCE = 60.0
"""Seconds for one request, waiting for its bucket included."""

TRIES = 3
"""Of a question; anything else is asked once."""

GATEWAY = ("ws", "wss")
"""Schemes of the gateway's addresses, whose opening is traced like a request, and is none of ours."""

INVALID_WINDOW = timedelta(minutes=10)
INVALID_STOP = 1000
"""Answers of 401, 403 and 429 in that window after which we are silent for the rest of it: at 10,000 Discord bans the
address. https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans"""


class Answered(Exception):
    """An answer that the library shall not act upon by itself."""

    def __init__(self, error: ChatError) -> None:
        super().__init__(str(error))
        self.error = error


def tracing(seen: Callable[[int, Mapping[str, str]], None]) -> aiohttp.TraceConfig:
    """The hook: `seen` is told the status and headers of every answer."""

    async def ended(_session: object, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
        answer = params.response
        if params.url.scheme in GATEWAY:
            return
        seen(answer.status, answer.headers)
        if answer.status == 429:
            text = await answer.text(encoding="utf-8", errors="replace")
            answer.close()
            raise Answered(_limit(text, answer.headers))
        if answer.status >= 500:
            answer.close()
            raise Answered(refusal(answer.status, 0, answer.reason or ""))
        if answer.status >= 400 and answer.content_type != "application/json":
            # Something before Discord, such as its firewall: it says nothing about a channel or a token.
            answer.close()
            told = f"something before Discord refused ({answer.status})"
            raise Answered(Unavailable(told, sent=Sent.NO, reason=str(answer.status)))

    async def broke(_session: object, _context: SimpleNamespace, params: aiohttp.TraceRequestExceptionParams) -> None:
        if isinstance(params.exception, OSError) and params.url.scheme not in GATEWAY:
            raise Answered(broken(params.exception)) from params.exception

    config = aiohttp.TraceConfig()
    config.on_request_end.append(ended)
    config.on_request_exception.append(broke)
    return config


class Rest:
    """Calls by the path templates of Discord's documentation. Raises only the core's errors."""

    def __init__(self, http: Callable[[], HTTPClient], clock: Clock) -> None:
        self._http = http
        self._clock = clock
        self._invalid: deque[datetime] = deque()
        self._silent_until: datetime | None = None

    def seen(self, status: int, headers: Mapping[str, str]) -> None:
        """For `tracing`: an answer came."""
        if status in (401, 403) or (status == 429 and headers.get("X-RateLimit-Scope") != "shared"):
            now = self._clock.now()
            self._invalid.append(now)
            while self._invalid[0] < now - INVALID_WINDOW:
                self._invalid.popleft()
            if len(self._invalid) >= INVALID_STOP:
                log.error("too many requests refused by Discord: silent for a while", count=len(self._invalid))
                self._be_silent(INVALID_WINDOW.total_seconds())

    async def ask(self, path: str, *, params: Mapping[str, str | int] | None = None, **ids: str) -> Any:
        """A GET, tried again when Discord or the way to it fails."""
        for left in reversed(range(TRIES)):
            try:
                return await self._call("GET", path, ids, params=dict(params or {}))
            except Unavailable as error:
                if not left or is_unknown(error):
                    raise
                await self._clock.sleep_until(self._clock.now() + timedelta(seconds=(TRIES - left) / 2))
        raise AssertionError("unreachable")

    async def ask_if_known(self, *paths: str, **ids: str) -> Any:
        """The answer to the first of these that the server knows; None when it knows none, being none of Discord's."""
        for path in paths:
            try:
                return await self.ask(path, params=None, **ids)
            except ChatError as error:
                if not is_unknown(error):
                    raise
        return None

    async def do(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        file: File | None = None,
        params: Mapping[str, str | int] | None = None,
        urgent: bool = False,
        **ids: str,
    ) -> Any:
        """One request and no more. `urgent`: also while we are silent, since somebody waits for an answer."""
        sent: dict[str, Any] = {"params": dict(params)} if params else {}
        if file is not None:
            # The library wants to rewind what it uploads, should it try again.
            sent["files"] = [upload := discord.File(BytesIO(file.data), file.name)]
            sent["form"] = [
                {"name": "payload_json", "value": json.dumps(body), "content_type": "application/json"},
                {"name": "files[0]", "value": upload.fp, "filename": file.name, "content_type": file.mime},
            ]
        elif body is not None:
            sent["json"] = body
        return await self._call(method, path, ids, urgent=urgent, **sent)

    async def _call(self, method: str, path: str, ids: Mapping[str, str], *, urgent: bool = False, **sent: Any) -> Any:
        if not urgent:
            self._allowed()
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._http().request(Route(method, path, **ids), **sent)
        except Answered as answered:
            raise self._noted(answered.error) from None
        except discord.RateLimited as error:
            raise limited(0, error.retry_after, everywhere=False) from None
        except discord.HTTPException as error:
            if error.status == 429:
                raise self._noted(limited(error.code, None, everywhere=False)) from None
            raise refused(error) from None
        except (OSError, aiohttp.ClientError, TimeoutError) as error:
            raise broken(error) from error

    def _allowed(self) -> None:
        if self._silent_until is not None:
            left = (self._silent_until - self._clock.now()).total_seconds()
            if left > 0:
                raise RateLimited("Discord asked us to be silent", retry_after=left, everywhere=True)
            self._silent_until = None

    def _noted(self, error: ChatError) -> ChatError:
        if isinstance(error, RateLimited) and error.everywhere:
            self._be_silent(error.retry_after)
        return error

    def _be_silent(self, seconds: float) -> None:
        until = self._clock.now() + timedelta(seconds=seconds)
        self._silent_until = max(until, self._silent_until or until)


class Http(HTTPClient):
    """The library's, also for a server that only resembles Discord: one at `base`, one that writes JSON otherwise."""

    base: str | None = None

    async def request(self, route: Route, **options: Any) -> Any:
        if self.base is not None:
            route.url = self.base + route.url.removeprefix(Route.BASE)
        return text_ids(parsed(await super().request(route, **options)))


def refused(error: discord.HTTPException) -> ChatError:
    """The library's error for an answer, as ours."""
    said = as_dict(parsed(error.text))
    return refusal(error.status, error.code or as_int(said.get("code")), as_text(said.get("message")) or error.text)


def _limit(text: str, headers: Mapping[str, str]) -> RateLimited:
    """What a 429 says. One that comes from before Discord itself (no `Via`) bans the address: everything rests."""
    try:
        said = json.loads(text)
    except ValueError:
        said = {}
    if not isinstance(said, dict):
        said = {}
    retry_after = _seconds(said.get("retry_after", headers.get("Retry-After")))
    ban = "Via" not in headers
    everywhere = ban or bool(said.get("global")) or headers.get("X-RateLimit-Global", "").lower() == "true"
    code = said.get("code")
    return limited(code if isinstance(code, int) else 0, retry_after, everywhere=everywhere)


def _seconds(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def broken(error: BaseException) -> Unavailable:
    """No answer came. Only what failed while connecting is certain not to have arrived."""
    connecting = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    name = type(error).__name__
    return Unavailable(f"Discord cannot be reached: {name}", sent=Sent.NO if connecting else Sent.MAYBE, reason=name)
