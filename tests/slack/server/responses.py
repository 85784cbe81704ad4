"""What an interaction gives the app for a while: a trigger_id (3 s, once) and a response_url (30 min, five times)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack.server.api.chat import checked
from tests.slack.server.calls import Refused
from tests.slack.server.journal import Told
from tests.slack.server.model import Channel, Json, Said, Workspace, ids

if TYPE_CHECKING:
    from tests.slack.server.slack import Slack

TRIGGER_LIFE = timedelta(seconds=3)
URL_LIFE = timedelta(minutes=30)
URL_USES = 5


class Triggers:
    """`expired`: whoever uses one comes too late, as an app does that is slow."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._names = ids("trigger.")
        self._live: dict[str, tuple[str, datetime]] = {}
        self._used: set[str] = set()
        self.expired = False

    def new(self, user: str) -> str:
        name = next(self._names)
        self._live[name] = (user, self._now() + TRIGGER_LIFE)
        return name

    def exchange(self, name: str) -> str:
        """Whose screen it opens."""
        if name in self._used:
            raise Refused("exchanged_trigger_id")
        if name not in self._live:
            raise Refused("invalid_trigger_id")
        user, expires = self._live[name]
        if self.expired or self._now() > expires:
            raise Refused("expired_trigger_id")
        self._used.add(name)
        return user


@dataclass
class ResponseUrl:
    workspace: Workspace
    channel: Channel
    user: str
    expires: datetime
    original: Said | None = None  # the message acted upon
    ephemeral: bool = False  # only the one who acted sees it
    told: Told | None = None
    uses: int = 0


class Responses:
    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._names = ids("")
        self.urls: dict[str, ResponseUrl] = {}

    def new(self, workspace: Workspace, channel: Channel, user: str, original: Said | None, *, ephemeral: bool) -> str:
        name = next(self._names)
        expires = self._slack.now() + URL_LIFE
        self.urls[name] = ResponseUrl(workspace, channel, user, expires, original, ephemeral)
        return f"{self._slack.address}/actions/{workspace.id}/{name}"

    def belongs(self, url: str, told: Told) -> None:
        self.urls[url.rpartition("/")[2]].told = told

    async def serve(self, request: web.Request) -> web.StreamResponse:
        url = self.urls.get(request.match_info["name"])
        body = await request.json()
        fault = self._slack.faults.take("response_url", body)
        if fault is not None and fault.answers and not fault.accepted:
            return web.Response(status=fault.status, text=fault.body or fault.error)
        if url is None:
            return _no("no_such_url")
        if self._slack.now() > url.expires:
            return _no("expired_url")
        if url.uses >= URL_USES:
            return _no("used_url")
        url.uses += 1
        if url.told is not None:
            url.told.responses.append(body)
        try:
            await self._act(url, body)
        except Refused as refused:
            return web.json_response(refused.answer)
        return web.json_response({"ok": True})

    async def _act(self, url: ResponseUrl, body: Json) -> None:
        if body.get("delete_original"):
            await self._delete(url)
            return
        text, blocks, attachments = checked(body.get("text", ""), body.get("blocks"), body.get("attachments"))
        if body.get("replace_original") and url.original is not None:
            await self._replace(url, text, blocks, attachments)
            return
        said = self._slack.talk.says(
            url.workspace, url.channel, text, blocks=blocks, attachments=attachments, thread_ts=_thread(url, body)
        )
        if body.get("response_type") == "in_channel":
            await self._slack.talk.post(url.workspace, url.channel, said, via="response_url")
        else:
            self._slack.talk.whisper(url.workspace, url.channel, url.user, said, via="response_url")

    async def _delete(self, url: ResponseUrl) -> None:
        if url.original is None:
            return
        if url.ephemeral:
            url.channel.ephemeral.pop(url.original.ts, None)
        else:
            await self._slack.talk.remove(url.workspace, url.channel, url.original)

    async def _replace(self, url: ResponseUrl, text: str, blocks: list[Json], attachments: list[Json]) -> None:
        original = url.original
        assert original is not None
        if url.ephemeral:
            original.text, original.blocks, original.attachments = text, blocks, attachments
            self._slack.talk.note(url.workspace, url.channel, original, via="response_url", to=url.user)
        else:
            await self._slack.talk.change(url.workspace, url.channel, original, text, blocks, attachments)


def _thread(url: ResponseUrl, body: Json) -> str:
    """An ephemeral answer goes into a thread only when it says so."""
    given: Any = body.get("thread_ts", "")
    return str(given)


def _no(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error}, status=404)
