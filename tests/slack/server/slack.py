"""A Slack on loopback: workspaces with people who act, one app, a Web API, sockets, and signed requests.

    async with Slack() as slack:
        acme = slack.workspace("acme")
        support = acme.channel("support", "ada", bot=True)
        ... start the app with slack.api_url, acme.token and slack.app.app_token ...
        await slack.sockets.connected()
        message = await acme.person("ada").says(support, "Can somebody help?")
        await slack.quiet()

Nothing is asserted here: `slack.journal` tells what happened.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

from aiohttp import web

from tests.slack.server import payloads
from tests.slack.server.api import oauth
from tests.slack.server.calls import Refused, Request
from tests.slack.server.faults import Faults
from tests.slack.server.journal import Journal, Told
from tests.slack.server.likeness import SLACK
from tests.slack.server.model import (
    BOT_SCOPES,
    App,
    Channel,
    Json,
    Said,
    Stamps,
    Token,
    User,
    Workspace,
    ids,
    named,
)
from tests.slack.server.presence import Presence
from tests.slack.server.responses import Responses, Triggers
from tests.slack.server.sockets import Sockets
from tests.slack.server.talk import Talk
from tests.slack.server.telling import Telling
from tests.slack.server.town import Town
from tests.slack.server.web import Door


class Slack:
    """`page_size` caps every page; `paced`: more than one message a second to a channel is refused."""

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self.now = now or (lambda: datetime.now(UTC))
        self.app = App()
        self.journal = Journal()
        self.faults = Faults()
        self.workspaces: dict[str, Workspace] = {}
        self.tokens: dict[str, Token] = {}
        self.codes: dict[str, str] = {}
        self.files: dict[str, Json] = {}
        self.page_size = 1000
        self.likeness = SLACK
        self.paced = False
        self.stamps = Stamps(self.now)
        self.sockets = Sockets(self.app)
        self.telling = Telling(self.app, self.journal, self.sockets, self.now)
        self.triggers = Triggers(self.now)
        self.responses = Responses(self)
        self.talk = Talk(self)
        self.presence = Presence(self)
        self.view_ids = ids("V0")
        self.file_ids = ids("F0")
        self.host = self.address = ""
        self._event_ids = ids("Ev0")
        self._installs = count(1)
        self._posted_at: dict[str, datetime] = {}
        self._runner: web.AppRunner | None = None
        self._listening: web.TCPSite | None = None
        self._down = False
        self.tokens[self.app.app_token] = Token(self.app.app_token, "app", "", frozenset({"connections:write"}))

    # the server

    async def __aenter__(self) -> Slack:
        site = web.Application(client_max_size=10_000_000)
        door = Door(self)
        site.router.add_route("*", "/api/{method}", door.serve)
        site.router.add_get("/link/", self.sockets.serve)
        site.router.add_post("/actions/{team}/{name}", self.responses.serve)
        site.router.add_route("*", "/upload/{file}", self._upload)
        site.router.add_get("/oauth/v2/authorize", self._authorize)
        self._runner = web.AppRunner(site, shutdown_timeout=0.1)
        await self._runner.setup()
        self._listening = web.TCPSite(self._runner, "127.0.0.1", 0)
        await self._listening.start()
        host, port = self._runner.addresses[0][:2]
        self.host = f"{host}:{port}"
        self.address = f"http://{self.host}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.telling.close()
        for socket in self.sockets.open:
            await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        return f"{self.address}/api/"

    @property
    def down(self) -> bool:
        """Nothing answers: every call is cut off, every socket gone. What happens meanwhile is told to nobody."""
        return self._down

    def goes_down(self) -> None:
        self._down = self.sockets.down = True
        for socket in self.sockets.open:
            socket.drop()

    def comes_back(self) -> None:
        self._down = self.sockets.down = False

    async def is_unplugged(self) -> None:
        """No connection can be made at all, and those that were are cut."""
        assert self._runner is not None
        assert self._listening is not None
        await self._listening.stop()
        for connection in list(self._runner.server.connections if self._runner.server else ()):
            if connection.transport is not None:
                connection.transport.abort()
        self.goes_down()

    async def is_plugged_in(self) -> None:
        """At the same address as before."""
        assert self._runner is not None
        host, _, port = self.host.partition(":")
        self._listening = web.TCPSite(self._runner, host, int(port))
        await self._listening.start()
        self.comes_back()

    async def quiet(self) -> None:
        """Wait until the app has acknowledged all that it was told."""
        await self.telling.quiet()

    # what exists

    def workspace(self, name: str, *, enterprise: str | None = None, scopes: frozenset[str] = BOT_SCOPES) -> Town:
        """A workspace in which the app is installed."""
        team = named("T", name)
        bot = User(named("U", f"{name}vigie"), "vigie", team, "Vigie", is_bot=True)
        workspace = Workspace(team, name, bot, named("B", f"{name}vigie"), enterprise)
        workspace.users[bot.id] = bot
        self.workspaces[team] = workspace
        return Town(self, workspace, self.install(workspace, scopes))

    def organisation(self, enterprise: str, *names: str, scopes: frozenset[str] = BOT_SCOPES) -> list[Town]:
        """Workspaces of an organisation on Enterprise Grid that installed the app as a whole: one bot and one token."""
        bot = User(named("U", f"{enterprise[2:]}vigie"), "vigie", enterprise, "Vigie", is_bot=True)
        token = Token(f"xoxb-{enterprise}-{next(self._installs)}", "bot", enterprise, scopes)
        self.tokens[token.value] = token
        return [self.joins_organisation(token, bot, name) for name in names]

    def joins_organisation(self, token: Token, bot: User, name: str) -> Town:
        """One more workspace in which the organisation's admins allow the app."""
        workspace = Workspace(named("T", name), name, bot, "B0WHOLE", token.team, {bot.id: bot}, whole=True)
        self.workspaces[workspace.id] = workspace
        return Town(self, workspace, token)

    def install(self, workspace: Workspace, scopes: frozenset[str] = BOT_SCOPES) -> Token:
        token = Token(f"xoxb-{workspace.domain}-{next(self._installs)}", "bot", workspace.id, scopes)
        self.tokens[token.value] = token
        workspace.installed = True
        return token

    def code(self, workspace: Workspace) -> str:
        """What Slack gives the browser of an admin who pressed *Allow*."""
        code = f"code-{next(self._installs)}"
        self.codes[code] = workspace.id
        return code

    def direct(self, workspace: Workspace, user: str) -> Channel:
        """The private channel between the bot and somebody."""
        id_ = named("D", user)
        members = {user, workspace.bot.id}
        return workspace.channels.setdefault(id_, Channel(id_, "directmessage", "im", members))

    @staticmethod
    def link(workspace: Workspace, channel: Channel, said: Said) -> str:
        thread = f"?thread_ts={said.thread_ts}&cid={channel.id}" if said.is_reply else ""
        return f"https://{workspace.domain}.slack.com/archives/{channel.id}/p{said.ts.replace('.', '')}{thread}"

    # telling the app

    async def tell(
        self, workspace: Workspace, channel: Channel | None, event: Json, *, team: str | None = None
    ) -> Told | None:
        """An event of the Events API, unless the app would not be told: not installed, not there, not subscribed."""
        if not workspace.installed or self._down:
            return None
        if channel is not None and workspace.bot.id not in channel.members:
            return None
        if self.app.subscribed is not None and _subscription(event) not in self.app.subscribed:
            return None
        shared = bool(channel and channel.others)
        at = int(self.now().timestamp())
        outer = payloads.envelope(
            self.app, workspace, event, next(self._event_ids), at, team=team or workspace.id, shared=shared
        )
        return await self.telling.tell(Told("events_api", self.likeness.told(outer), workspace.id))

    def pace(self, method: str, asked: Request) -> None:
        """https://docs.slack.dev/apis/web-api/rate-limits: one message a second to a channel."""
        channel = asked.args.get("channel")
        if not self.paced or method != "chat.postMessage" or not isinstance(channel, str):
            return
        last, now = self._posted_at.get(channel), self.now()
        if last is not None and now - last < timedelta(seconds=1):
            raise Refused("ratelimited", retry_after=1)
        self._posted_at[channel] = now

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        file = self.files.get(request.match_info["file"])
        if file is None:
            raise web.HTTPNotFound
        content = await request.read()
        file["content"] = content
        return web.Response(text=f"OK - {len(content)}")

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        """The page on which an admin presses *Allow*; here for the first workspace, or for the one in `team`."""
        wanted = request.query.get("team") or next(iter(self.workspaces))
        raise oauth.redirect(request, self.code(self.workspaces[wanted]))


def _subscription(event: Json) -> str:
    """The name under which a manifest subscribes to an event."""
    if event["type"] != "message":
        return str(event["type"])
    kind = {"channel": "channels", "group": "groups"}.get(event["channel_type"], event["channel_type"])
    return f"message.{kind}"
