"""Telling the app what happened, over its sockets or as signed HTTP requests, again when it does not acknowledge."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.slack.server.journal import Attempt, Journal, Told
from tests.slack.server.model import App, Json, ids
from tests.slack.server.sockets import Sockets

PATIENCE = 3.0
"""Seconds that Slack waits for an acknowledgement over HTTP; documented for events, commands and interactions."""


def signature(secret: str, timestamp: str, body: str) -> str:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    return "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()


class Telling:
    """`retry_delays`: real seconds after which an event that was not acknowledged goes out again by itself; without
    any, `redeliver` does that. Slack's own are at once, 1 minute and 5 minutes.

    With `events_url` everything goes there, else to one of the sockets.
    """

    def __init__(self, app: App, journal: Journal, sockets: Sockets, now: Callable[[], datetime]) -> None:
        self.events_url: str | None = None
        self.retry_delays: Sequence[float] = ()
        self.held = False
        self.lost = False
        self._app = app
        self._journal = journal
        self._sockets = sockets
        self._now = now
        self._envelopes = ids("env-")
        self._pending: dict[str, Told] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: ClientSession | None = None
        sockets.heard = self._acknowledged

    async def tell(self, told: Told) -> Told:
        """Send it off. While `held`, it waits for `redeliver`; while `lost`, Slack has tried in vain and gives up."""
        self._journal.told.append(told)
        if self.held or self.lost:
            told.given_up = self.lost
            told.attempts.append(Attempt(self._now(), None, "", 0, failure="connection_failed"))
        else:
            await self._attempt(told, "")
        return told

    async def redeliver(self, *some: Told, reason: str = "timeout") -> list[Told]:
        """Send again, in the order given, or all events that were not acknowledged, oldest first."""
        waiting = [one for one in self._journal.told if not one.acknowledged.is_set() and not one.given_up]
        again = list(some) or [one for one in waiting if one.kind == "events_api"]
        for told in again:
            await self._attempt(told, reason)
        return again

    async def quiet(self, patience: float = 20) -> None:
        """Wait until all that was sent off is acknowledged.

        Raises:
            AssertionError: something was not.
        """
        for told in list(self._journal.told):
            if told.given_up:
                continue
            try:
                await asyncio.wait_for(told.acknowledged.wait(), patience)
            except TimeoutError:
                raise AssertionError(f"not acknowledged: {told.name} {told.attempts}") from None

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _attempt(self, told: Told, reason: str) -> None:
        number = len(told.attempts)
        envelope = next(self._envelopes)
        attempt = Attempt(self._now(), None, envelope, number)
        told.attempts.append(attempt)
        if self.events_url is not None:
            attempt.via = 0
            self._start(self._post(told, attempt, self.events_url, reason))
            return
        frame: Json = {
            "envelope_id": envelope,
            "payload": told.payload,
            "type": told.kind,
            "accepts_response_payload": told.kind != "events_api",
        }
        if told.kind == "events_api":
            frame |= {"retry_attempt": number, "retry_reason": reason}
        self._pending[envelope] = told
        attempt.via = await self._sockets.send_to_one(frame)
        if attempt.via is None:
            attempt.failure = "connection_failed"
        self._start(self._retry_later(told, number))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _retry_later(self, told: Told, number: int) -> None:
        if told.kind != "events_api" or number >= len(self.retry_delays):
            return
        await asyncio.sleep(self.retry_delays[number])
        if not told.acknowledged.is_set() and not told.given_up:
            await self._attempt(told, told.attempts[-1].failure or "timeout")

    def _acknowledged(self, envelope: str, response: Json | None) -> None:
        told = self._pending.get(envelope)
        if told is not None:
            told.acknowledgements += 1
            told.response = response
            told.acknowledged.set()

    async def _post(self, told: Told, attempt: Attempt, url: str, reason: str) -> None:
        body, kind = encoded(told)
        headers = self.signed(body) | {"Content-Type": kind}
        if told.kind == "events_api" and attempt.number:
            headers |= {"X-Slack-Retry-Num": str(attempt.number), "X-Slack-Retry-Reason": reason}
        try:
            attempt.status, text, again = await self._request(url, body, headers)
        except TimeoutError:
            attempt.failure, again, text = "http_timeout", True, ""
        except ClientError as error:
            attempt.failure, again, text = f"connection_failed: {type(error).__name__}", True, ""
        if 200 <= attempt.status < 300:
            told.acknowledgements += 1
            told.response = _decoded(text)
            told.acknowledged.set()
            return
        attempt.failure = attempt.failure or "http_error"
        if again:
            await self._retry_later(told, attempt.number)
        else:
            told.given_up = True

    async def _request(self, url: str, body: str, headers: dict[str, str]) -> tuple[int, str, bool]:
        """Status, text, and whether Slack would try again: the app may forbid that with a header."""
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=PATIENCE))
        async with self._session.post(url, data=body.encode(), headers=headers) as response:
            return response.status, await response.text(), response.headers.get("X-Slack-No-Retry") != "1"

    def signed(self, body: str) -> dict[str, str]:
        """The headers of a request that comes from Slack, dated by the server's clock."""
        timestamp = str(int(self._now().timestamp()))
        return {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._app.signing_secret, timestamp, body),
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }


def encoded(told: Told) -> tuple[str, str]:
    """The body of an HTTP request and its type."""
    if told.kind == "events_api":
        return json.dumps(told.payload), "application/json"
    form = told.payload if told.kind == "slash_commands" else {"payload": json.dumps(told.payload)}
    return urlencode(form), "application/x-www-form-urlencoded"


def _decoded(text: str) -> Json | str | None:
    try:
        found: Json | str = json.loads(text)
    except ValueError:
        return text or None
    return found
