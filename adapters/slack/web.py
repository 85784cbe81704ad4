"""Calls of Slack's Web API: one wrapper, through which every error becomes the core's own.

slack_sdk's hidden repetitions are off: it sends again after a connection error by itself, and a message would be said
twice. One HTTP session serves every workspace.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.refusals import UNKNOWN_METHOD, limited, refusal
from bot.errors import ChatError, Rejected, Sent, Unavailable

TIMEOUT = 15.0
"""Seconds for a whole call; the deliverer gives up on one after 20."""

log = logging.getLogger(__name__)


class _Answer(aiohttp.ClientResponse):
    """JSON is read as such, though what stands in for Slack may not call it so."""

    async def json(self, **how: Any) -> Any:
        return await super().json(**{**how, "content_type": None})


class Line:
    """The way to Slack: its address, and the HTTP session that all calls share.

    `by_get`: what this server can be asked for by GET only.
    """

    def __init__(self, api_url: str, logger: logging.Logger = log) -> None:
        self.api_url = api_url if api_url.endswith("/") else f"{api_url}/"
        self.logger = logger
        self._session: aiohttp.ClientSession | None = None
        self._calls = 0
        self._closed = False
        self.by_get: set[str] = set()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """The session, for one call.

        It outlives `close` for as long as calls are under way, since what is being sent when we are told to stop may
        finish; a call made later has one of its own.
        """
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT)
            self._session = aiohttp.ClientSession(timeout=timeout, response_class=_Answer)
        session = self._session
        self._calls += 1
        try:
            yield session
        finally:
            self._calls -= 1
            if self._closed and not self._calls:
                await session.close()

    async def close(self) -> None:
        self._closed = True
        if self._session is not None and not self._calls:
            await self._session.close()

    def client(self, token: str | None = None, team: str | None = None) -> AsyncWebClient:
        """The SDK's client, which repeats nothing by itself."""
        return AsyncWebClient(
            token=token,
            base_url=self.api_url,
            timeout=int(TIMEOUT),
            team_id=team,
            retry_handlers=[],
            logger=self.logger,
        )

    async def upload(self, url: str, data: bytes, mime: str) -> None:
        """Put the bytes of a file where Slack asked for them."""
        await self._plain("file upload", url, data=data, headers={"Content-Type": mime})

    async def respond(self, url: str, body: Mapping[str, Any]) -> None:
        """Answer through a `response_url`: five times within 30 minutes, says
        https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
        """
        await self._plain("response_url", url, json=body)

    async def _plain(self, what: str, url: str, **request: Any) -> None:
        try:
            async with self.session() as session, session.post(url, **request) as answer:
                if answer.status == 429:
                    raise limited(what, answer.headers.get("Retry-After"))
                if answer.status >= 500:
                    raise Unavailable(f"{what}: HTTP {answer.status}", reason=f"http_{answer.status}")
                text = await answer.text()
                if answer.status >= 400 or (text.startswith("{") and not _ok(text)):
                    raise refusal(what, _said(text))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise unavailable(what, error) from error


class Web:
    """The Web API with one workspace's token. Raises nothing but `ChatError`.

    `team` names the workspace where the token is a whole organisation's.
    """

    def __init__(self, line: Line, token: str, team: str | None = None) -> None:
        self.line = line
        self._token = token
        self._client = line.client(token, team)

    def __repr__(self) -> str:
        return f"Web({self.line.api_url})"

    def within(self, team: str) -> Web:
        """The same token for one workspace of the organisation that it belongs to."""
        return Web(self.line, self._token, team)

    async def read(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask for something; what is None is left out."""
        return (await self.ask(method, **params))[0]

    async def ask(self, method: str, **params: Any) -> tuple[dict[str, Any], Mapping[str, str]]:
        """As `read`, with the headers of the answer.

        Slack understands GET and POST alike: its Node SDK asks by POST, its Python SDK by GET. What stands in for Slack
        may understand one of them alone, most often POST; GET is tried where there is nothing to POST to.
        """
        asked = {name: _written(value) for name, value in params.items() if value is not None}
        if method not in self.line.by_get:
            try:
                return await self._call(method, data=asked)
            except _NoSuchPage:
                pass
            try:
                found = await self._call(method, params=asked)
            except _NoSuchPage:
                raise refusal(method, {"error": UNKNOWN_METHOD}) from None
            self.line.by_get.add(method)
            return found
        return await self.answer(method, params=asked)

    async def write(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Have something done; what is None is left out."""
        kept = {name: value for name, value in arguments.items() if value is not None}
        return (await self.answer(method, json=kept))[0]

    async def form(self, method: str, **arguments: Any) -> dict[str, Any]:
        """As `write`, for the methods that understand no JSON."""
        return (await self.answer(method, data=arguments))[0]

    async def answer(self, method: str, **request: dict[str, Any]) -> tuple[dict[str, Any], Mapping[str, str]]:
        """The answer and its headers. What is sent is named `params`, `json` or `data`, for how it is sent."""
        try:
            return await self._call(method, **request)
        except _NoSuchPage as none:
            raise none.error from None

    async def _call(self, method: str, **request: dict[str, Any]) -> tuple[dict[str, Any], Mapping[str, str]]:
        try:
            async with self.line.session() as session:
                self._client.session = session
                verb = "GET" if "params" in request else "POST"
                answer = await self._client.api_call(method, http_verb=verb, **request)
                return answer.data if isinstance(answer.data, dict) else {}, answer.headers
        except SlackApiError as error:
            raise _refused(method, error) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise unavailable(method, error) from error
        except SlackClientError as error:
            raise Rejected(f"{method}: {type(error).__name__}", reason=type(error).__name__) from error
        except AttributeError as error:
            # A gateway answered in plain text, over which slack_sdk stumbles (it asks a str for `ok`).
            raise Unavailable(f"{method}: no JSON", reason="no_json") from error


class _NoSuchPage(Exception):
    """HTTP says that nothing is there, or not by that verb: never said by Slack, but by what stands in for it."""

    def __init__(self, error: ChatError) -> None:
        super().__init__()
        self.error = error


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def told(answer: Mapping[str, Any], method: str, name: str) -> Any:
    """Something that an answer has to tell. Raises `Unavailable` when it does not: what was asked may be done."""
    found = answer.get(name)
    if not found:
        raise Unavailable(f"{method}: the answer has no {name}", reason=f"no_{name}")
    return found


def unavailable(what: str, error: Exception) -> Unavailable:
    """A call without an answer. Only where no connection was made is it certain that nothing was done."""
    unsent = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.InvalidURL)
    sent = Sent.NO if unsent else Sent.MAYBE
    return Unavailable(f"{what}: {type(error).__name__}", sent=sent, reason=type(error).__name__)


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """The instant at which Slack answered, by its own clock."""
    try:
        return parsedate_to_datetime(headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        return None


def _refused(method: str, error: SlackApiError) -> Exception:
    response = error.response
    # Where the body was no JSON, slack_sdk hands out aiohttp's response instead of its own.
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)
    headers: Mapping[str, str] = response.headers
    if status == 429:
        return limited(method, headers.get("Retry-After"))
    if status in (404, 405, 501):
        return _NoSuchPage(_error(method, status, data, headers))
    return _error(method, status, data, headers)


def _error(method: str, status: int, data: object, headers: Mapping[str, str]) -> ChatError:
    if not isinstance(data, dict) or not data.get("error"):
        return Unavailable(f"{method}: HTTP {status} without an answer", reason=f"http_{status}")
    if status >= 500:
        return Unavailable(f"{method}: HTTP {status}", reason=str(data["error"]))
    return refusal(method, data, headers.get("Retry-After"))


def _ok(text: str) -> bool:
    return bool(_said(text).get("ok", True))


def _said(text: str) -> dict[str, Any]:
    """What a `response_url` says is JSON or a bare code, such as `used_url`."""
    try:
        said = json.loads(text)
    except ValueError:
        return {"error": text.strip()[:80]}
    return said if isinstance(said, dict) else {"error": text.strip()[:80]}
