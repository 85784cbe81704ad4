"""The Web API's door: reads a request, lets faults happen, checks token, scope and arguments, records, answers."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from aiohttp import web

from tests.slack.server.api import chat, conversations, files, oauth, people, views
from tests.slack.server.calls import METHODS, Declared, Refused, Request
from tests.slack.server.faults import Fault
from tests.slack.server.journal import Call
from tests.slack.server.model import Json, Token, Workspace

if TYPE_CHECKING:
    from tests.slack.server.slack import Slack

ENCODED = ("blocks", "view", "metadata", "attachments", "files")
"""Arguments that a form carries as JSON."""

WITHOUT_TOKEN = ("oauth.v2.access", "api.test")

MODULES = (chat, conversations, files, oauth, people, views)
"""Where methods are declared: importing them is what makes them known."""


class Door:
    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    async def serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        args, bearer = await _read(request)
        token = self._slack.tokens.get(bearer)
        call = Call(self._slack.now(), method, _decoded(args), bearer, token.team if token else "")
        self._slack.journal.calls.append(call)
        if self._slack.down:
            return _cut(request)
        likeness = self._slack.likeness
        if not likeness.serves(method, request.method):
            return web.Response(text="404 Not Found", status=404)
        if method in likeness.unknown:
            call.answer, call.status = {"ok": False, "error": "unknown_method"}, likeness.status
            return web.json_response(call.answer, status=call.status)
        args = likeness.asked(args)
        call.fault = fault = self._slack.faults.take(method, args)
        if fault is not None:
            await asyncio.sleep(fault.delay)
            if fault.gate is not None and not fault.accepted:
                await fault.gate.wait()
        if fault is None or fault.accepted or not fault.answers:
            call.answer, headers = await self._answer(method, args, bearer)
        if fault is not None and fault.gate is not None and fault.accepted:
            await fault.gate.wait()
        if fault is not None and fault.answers:
            return self._faulty(request, call, fault)
        assert call.answer is not None
        call.status = 429 if call.answer.get("error") == "ratelimited" else 200
        kind = "application/json" if likeness.typed else "application/octet-stream"
        return web.json_response(call.answer, status=call.status, headers=headers, content_type=kind)

    def _faulty(self, request: web.Request, call: Call, fault: Fault) -> web.StreamResponse:
        call.status = fault.status
        if fault.dropped:
            return _cut(request)
        if fault.error:
            answer = {"ok": False, "error": fault.error, **dict(fault.more)}
            return web.json_response(answer, status=fault.status, headers=dict(fault.headers))
        return web.Response(text=fault.body, status=fault.status, content_type="text/html", headers=dict(fault.headers))

    async def _answer(self, method: str, args: Json, bearer: str) -> tuple[Json, dict[str, str]]:
        declared = METHODS.get(method)
        headers = {"X-Slack-Req-Id": f"req-{len(self._slack.journal.calls)}"}
        if declared is None:
            return {"ok": False, "error": "unknown_method", "req_method": method}, headers
        try:
            token = self._token(method, declared, bearer)
            if token.kind != "app":
                headers["X-OAuth-Scopes"] = ",".join(sorted(token.scopes))
            if declared.scopes:
                headers["X-Accepted-OAuth-Scopes"] = ",".join(declared.scopes)
            workspace = self._slack.workspaces.get(token.team) or self._named(token, args)
            asked = Request(self._slack, args, token, workspace)
            if declared.scopes:
                asked.need(*declared.scopes)
            _required(declared, args)
            self._slack.pace(method, asked)
            answer = {"ok": True, **await declared.run(asked)}
            if not self._slack.likeness.scopes:
                headers.pop("X-OAuth-Scopes", None)
            return self._slack.likeness.answered(method, answer), headers
        except Refused as refused:
            if refused.answer["error"] == "ratelimited":
                headers["Retry-After"] = str(refused.answer.pop("retry_after"))
            return refused.answer, headers

    def _named(self, token: Token, args: Json) -> Workspace:
        """The workspace that a call with an organisation's token is about: the one named, else that of the channel."""
        inside = [one for one in self._slack.workspaces.values() if one.whole and one.enterprise == token.team]
        if not inside:
            return next(iter(self._slack.workspaces.values()))
        if team := args.get("team_id"):
            named = [one for one in inside if one.id == team]
            if not named:
                raise Refused("team_access_not_granted")
            return named[0]
        return next((one for one in inside if args.get("channel") in one.channels), inside[0])

    def _token(self, method: str, declared: Declared, bearer: str) -> Token:
        if method in WITHOUT_TOKEN:
            return Token("", "bot", "", frozenset())
        if not bearer:
            raise Refused("not_authed")
        token = self._slack.tokens.get(bearer)
        if token is None:
            raise Refused("invalid_auth")
        if token.state:
            raise Refused(token.state)
        if token.kind not in declared.kinds:
            raise Refused("not_allowed_token_type")
        return token


def _required(declared: Declared, args: Json) -> None:
    missing = [name for name in declared.required if args.get(name) in (None, "")]
    if missing:
        raise Refused("invalid_arguments", *(f"[ERROR] missing required field: {name}" for name in missing))


async def _read(request: web.Request) -> tuple[Json, str]:
    """The arguments as sent, and the token."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.text()
        args |= json.loads(body) if body else {}
    elif request.method == "POST":
        args |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        args["authorization"] = bearer
        bearer = ""
    return args, bearer or str(args.pop("token", ""))


def _decoded(args: Json) -> Json:
    """The arguments with what is JSON inside a form made readable, for whoever reads the journal."""
    shown = dict(args)
    for name in ENCODED:
        if isinstance(shown.get(name), str):
            try:
                shown[name] = json.loads(shown[name])
            except ValueError:
                continue
    return shown


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
