"""HTTP mode: what Slack sends to our address, and "Add to Slack".

Every request is judged before anything else sees it: slack_sdk's `SignatureVerifier` raises on a timestamp that is no
number, on a signature that is not ASCII and on a body that is not UTF-8, so these are looked at first. Whatever is not
signed by Slack gets 401, whatever is too long 413, and none of it reaches a log.

A signed event goes past bolt to the router, as in Socket Mode (see there): 200 once it is dealt with, 503 when it
should come again. All the rest (commands, buttons, forms, shortcuts, Slack's own checks of the address) is bolt's.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import Clock as VerifierClock
from slack_sdk.signature import SignatureVerifier

from bot.errors import StoreError
from bot.logger import get_logger
from bot.ports import Clock, Keeper

log = get_logger(__name__)

EVENTS = "/slack/events"
INSTALL = "/slack/install"
REDIRECT = "/slack/oauth_redirect"

LONGEST = 1_000_000
"""Bytes of a body: a message has 40,000 characters at most, and comes with its blocks and those before an edit."""

GOOD_FOR = timedelta(minutes=5)
"""How old a request may be: https://docs.slack.dev/authentication/verifying-requests-from-slack/"""

REMEMBERED = 2 * GOOD_FOR
"""Twice as long, since a timestamp may also lie ahead of our clock."""

LIMITED = timedelta(seconds=70)
"""After the minute for which events are kept back, and a little."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


class _Seconds(VerifierClock):
    """The core's clock, as slack_sdk asks for it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


class _Once:
    """The signatures of the last minutes. Slack signs no two requests alike: one that comes again is somebody else's.

    Other copies behind the same address are told through the database; while that is down, each knows its own.
    Events are not held against it: they are known by their ids, and one that was not acknowledged may come again.
    """

    def __init__(self, keeper: Keeper, clock: Clock) -> None:
        self._keeper = keeper
        self._clock = clock
        self._used: OrderedDict[str, datetime] = OrderedDict()

    async def again(self, signature: str) -> bool:
        """Whether it was used before; from now on it was."""
        now = self._clock.now()
        while self._used and now - next(iter(self._used.values())) > REMEMBERED:
            self._used.popitem(last=False)
        if signature in self._used:
            return True
        self._used[signature] = now
        try:
            return not await self._keeper.once(f"slack/{sha256(signature.encode()).hexdigest()}", REMEMBERED)
        except StoreError:
            return False


class Site:
    """Takes what Slack sends. `holds` tells whether this process looks after the app: if not, events come again."""

    def __init__(
        self,
        app: AsyncApp,
        signing_secret: str,
        take: Callable[[Mapping[str, Any]], Awaitable[None]],
        missed: Callable[[datetime], None],
        flow: AsyncOAuthFlow | None,
        clock: Clock,
        keeper: Keeper,
    ) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret, _Seconds(clock))
        self._take = take
        self._missed = missed
        self._clock = clock
        self._once = _Once(keeper, clock)
        self._failed = False
        self._flow = flow

    def routes(self) -> list[web.RouteDef]:
        routes = [web.post(EVENTS, self._events)]
        if self._flow is not None:
            routes += [web.get(INSTALL, self._install), web.get(REDIRECT, self._redirect)]
        return routes

    async def _events(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        if body is None:
            return web.Response(status=413)
        text = self._signed(body, request.headers)
        if text is None:
            return web.Response(status=401)
        if request.content_type == "application/json":
            return await self._json(text, request)
        return await self._bolt(text, request)

    async def _json(self, text: str, request: web.Request) -> web.StreamResponse:
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return web.Response(status=401)
        match body.get("type"):
            case "event_callback":
                return await self._event(body)
            case "app_rate_limited":
                self._limited(body)
                return web.Response()
        return await self._bolt(text, request)

    async def _event(self, body: dict[str, Any]) -> web.StreamResponse:
        try:
            await self._take(body)
        except Exception as error:  # noqa: BLE001  # whatever it is, Slack sends it again
            log.warning("event not acknowledged", error=type(error).__name__, id=body.get("event_id"))
            self._failed = True
            return web.Response(status=503)
        if self._failed:
            # Slack tries three times, so an hour's trouble loses events: look at what it gave up on.
            self._failed = False
            self._missed(self._clock.now())
        return web.Response()

    def _limited(self, body: Mapping[str, Any]) -> None:
        """More than 30,000 events an hour: for a minute none are sent, and none are sent again.

        https://docs.slack.dev/apis/events-api/#rate_limiting
        """
        minute = body.get("minute_rate_limited")
        log.warning("Slack keeps events back", minute=minute)
        start = datetime.fromtimestamp(minute, UTC) if isinstance(minute, int) else self._clock.now()
        self._missed(start + LIMITED)

    async def _bolt(self, text: str, request: web.Request) -> web.StreamResponse:
        if await self._once.again(request.headers["X-Slack-Signature"]):
            return web.Response(status=401)
        headers: dict[str, str | Sequence[str]] = {name: request.headers.getall(name) for name in request.headers}
        try:
            asked = AsyncBoltRequest(body=text, query=request.query_string, headers=headers)
        except Exception as error:  # noqa: BLE001  # bolt stumbles in many ways over what is no object
            log.warning("not as Slack writes it", error=type(error).__name__)
            return web.Response(status=401)
        try:
            answer = await self._app.async_dispatch(asked)
        except Exception as error:  # noqa: BLE001  # bolt stumbles even while it deals with having stumbled
            log.warning("not as Slack writes it", error=type(error).__name__)
            return web.Response(status=400)
        return await to_aiohttp_response(answer)

    def _signed(self, body: bytes, headers: Mapping[str, str]) -> str | None:
        """The body as text; None when Slack did not sign it just now."""
        timestamp = headers.get("X-Slack-Request-Timestamp", "")
        signature = headers.get("X-Slack-Signature", "")
        if not (_TIMESTAMP.fullmatch(timestamp) and _SIGNATURE.fullmatch(signature)):
            return None
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return None
        return text if self._verifier.is_valid(text, timestamp, signature) else None

    async def _install(self, request: web.Request) -> web.StreamResponse:
        assert self._flow is not None  # noqa: S101  # the route exists only then
        return await _page(self._flow.handle_installation, request)

    async def _redirect(self, request: web.Request) -> web.StreamResponse:
        assert self._flow is not None  # noqa: S101  # the route exists only then
        return await _page(self._flow.handle_callback, request)


async def _page(
    handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]], request: web.Request
) -> web.StreamResponse:
    try:
        return await to_aiohttp_response(await handle(await to_bolt_request(request)))
    except Exception as error:  # noqa: BLE001  # a person looks at this page
        log.warning("page not shown", page=request.path, error=type(error).__name__)
        return web.Response(status=503, text="Not now. Please try again soon.")


async def _body(request: web.Request) -> bytes | None:
    """The body; None when it is too long."""
    if (request.content_length or 0) > LONGEST:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LONGEST:
            return None
    return bytes(body)
