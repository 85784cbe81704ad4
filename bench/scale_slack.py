"""The bot on Slack's entry points without a socket: workspaces that open with people who wait, and envelopes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from copy import deepcopy
from itertools import zip_longest
from types import MappingProxyType
from typing import Any

from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.slack.chat import SlackApp, SlackChat
from adapters.slack.directory import Directory
from adapters.slack.payloads import PLATFORM, Workspace
from adapters.slack.socket import Patience, Socket
from adapters.slack.workspaces import Office as Entered
from bench.platforms_slack import Answering, Client
from bench.platforms_stream import ME, Stream, slack_bodies
from bench.platforms_vigie import Kept, opened
from bot.app import Bot, Names
from bot.clock import SystemClock
from bot.events import CommunityLost, Connected
from bot.model import Community, Mention
from bot.ports import Store
from bot.settings import MentionSettings, Mode, Settings, TeamSettings
from bot.shelf import Shelf

BEFORE = 25
"""Messages that a workspace has heard before those that are measured."""


class Office:
    """Workspaces of one app, all with the same settings."""

    def __init__(self, told: Stream, store: Store, mode: Mode) -> None:
        settings = Settings(
            team=TeamSettings(members=frozenset(told.team)),
            mentions=MentionSettings(channel="C0MODS", watch=MappingProxyType(dict.fromkeys(told.channels, mode))),
        )
        app = SlackApp(bot_tokens=("xoxb-0",), app_token="xapp-1-A0-1-x")
        self.chat = SlackChat(app, lambda _: settings, Names(), Kept(), SystemClock())
        self.bot = Bot(store, {PLATFORM: self.chat}, SystemClock(), lambda _: settings, Shelf())
        self.chat._router.handle = self.bot.handle
        self.chat._admission.entered = True
        self.web = Answering(self.chat._line, "xoxb-0")
        self.client = Client()
        self.socket = self.connection(self.web)
        self.socket._listening = True
        self._store = store
        self._directories: dict[str, Directory] = {}

    def connection(self, web: Answering) -> Socket:
        chat = self.chat
        return Socket(chat._dispatcher(), "xapp-0", web, chat._router.take, lambda: None, Patience())

    async def opens(self, team: str, waiting: Iterable[Mention]) -> None:
        """A workspace is served in which these people wait already."""
        directory = self._directories[team] = Directory(self.web)
        workspace = Workspace(Community(PLATFORM, team), ME, "B1", team, directory.name)
        self.chat._workspaces.add(Entered(workspace, self.web, directory, "https://x.slack.com/"))
        if len(self.chat._workspaces) == 1:
            self.chat._router.watch()  # every workspace watches the same
        async with self._store.begin() as tx:
            for mention in waiting:
                await tx.add_mention(mention)
        await self.bot.handle(Connected(workspace.community))

    async def closes(self, teams: Iterable[str]) -> None:
        for team in teams:
            community = Community(PLATFORM, team)
            await self.bot.handle(CommunityLost(community, "over", SystemClock().now()))
            self.chat._workspaces.remove(community)
            del self._directories[team]

    async def envelopes(self, told: Stream, teams: list[str]) -> list[Any]:
        """Each message once: every workspace has a part of the conversation, and they speak in turns.

        What was said just before its part a workspace has heard by now, and it knows who speaks: each message meets
        what it would meet in the one workspace that has all of it.
        """
        bodies, parts = list(slack_bodies(told, "")), []
        for number, team in enumerate(teams):
            begin, end = (len(bodies) * (number + more) // len(teams) for more in (0, 1))
            if begin == end:
                continue
            for body in bodies[max(begin - BEFORE, 0) : begin]:
                await self.hears(_for(team, body))
            await self._directories[team].learn({body["event"]["user"] for body in bodies[begin:end]})
            parts.append([_for(team, body) for body in bodies[begin:end]])
        return [request for together in zip_longest(*parts) for request in together if request is not None]

    async def hears(self, request: Any) -> None:
        await self.socket.event(self.client, request)  # type: ignore[arg-type]


def _for(team: str, body: dict[str, Any]) -> Any:
    own = deepcopy(body)
    own["team_id"] = own["authorizations"][0]["team_id"] = own["event"]["team"] = team
    own["event_id"] = f"{team}{own['event_id']}"
    return SocketModeRequest(type="events_api", envelope_id=own["event_id"], payload=own)


@asynccontextmanager
async def serving(told: Stream, url: str = "memory", mode: Mode = Mode.PINGS) -> AsyncIterator[Office]:
    async with opened(url) as store:
        office = Office(told, store, mode)
        try:
            yield office
        finally:
            await office.chat.close()
