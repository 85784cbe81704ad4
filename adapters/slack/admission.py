"""Which workspaces we serve: those of the tokens we were given, and those that added the app themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation

from adapters.slack.http import INSTALL, REDIRECT
from adapters.slack.manifest import BOT_SCOPES
from adapters.slack.web import Line
from adapters.slack.workspaces import PLATFORM, Office, Workspaces, enter, parts
from bot.errors import ChatError, Unauthorised
from bot.logger import get_logger
from bot.model import Community

if TYPE_CHECKING:
    from adapters.slack.app import SlackApp
    from adapters.slack.installations import Installations

log = get_logger(__name__)


class Admission:
    """Lets workspaces in. `refused` are those whose token opens nothing any more."""

    def __init__(self, app: SlackApp, line: Line, workspaces: Workspaces) -> None:
        self.entered = False
        self.refused: list[ChatError] = []
        self.installations: Installations | None = None
        self.let_in = asyncio.Queue[Community]()
        self._app = app
        self._line = line
        self._workspaces = workspaces
        self._entering = asyncio.Lock()
        self._dead: set[str] = set()
        if app.by_oauth:
            from adapters.slack.installations import Installations

            self.installations = Installations(app.database_url, app.client_id, app.encryption_keys)

    async def ready(self) -> None:
        """The database of installations can be used: our pages may be asked for before we serve anybody."""
        if self.installations is not None:
            await self.installations.open()

    async def enter(self) -> None:
        """Open every workspace; harmless when repeated.

        Raises:
            Unauthorised: we were given tokens, and none of them opens anything.
            ChatError: Slack cannot be asked now; those that were opened stay open.
            StoreUnavailable: nor can the database of installations.
        """
        async with self._entering:
            if self.entered:
                return
            tokens = list(self._app.bot_tokens)
            await self.ready()
            if self.installations is not None:
                tokens += [bot.bot_token for bot in await self.installations.all() if bot.bot_token]
            self.refused = []
            for token in tokens:
                try:
                    for office in await enter(self._line, token):
                        self._workspaces.add(office)
                except Unauthorised as error:
                    log.error("a workspace refuses us", reason=error.reason, fix=error.fix)  # noqa: TRY400  # a reason, not a traceback
                    self.refused.append(error)
                    self._dead.add(token)
            if self.refused and not len(self._workspaces) and self.installations is None:
                raise self.refused[0]
            self.entered = True

    async def find(self, community: Community) -> Office | None:
        """A workspace that another process let in, or in which an organisation allowed us since."""
        whole = self._workspaces.whole(community)
        if whole is not None:
            self._let(office for office in await parts(whole) if self._workspaces.get(office.community) is None)
            return self._workspaces.get(community)
        if self.installations is None:
            return None
        enterprise, team = _parts(community)
        wanted = [team] if enterprise is None else [team, None]
        for id_ in wanted:
            bot = await self.installations.async_find_bot(enterprise_id=enterprise, team_id=id_)
            if bot is not None and bot.bot_token:
                await self.let(bot.bot_token)
                return self._workspaces.get(community)
        return None

    async def look(self) -> None:
        """Let in whoever added the app by way of another process."""
        if self.installations is None:
            return
        for bot in await self.installations.all():
            id_ = ":".join(filter(None, (bot.enterprise_id, bot.team_id)))
            known = self._workspaces.get(Community(PLATFORM, id_)) is not None
            if not known and bot.bot_token and bot.bot_token not in self._dead:
                try:
                    await self.let(bot.bot_token)
                except Unauthorised:
                    self._dead.add(bot.bot_token)

    async def let(self, token: str) -> None:
        """Serve what this token opens, from now on."""
        self._let(await enter(self._line, token))

    def _let(self, offices: Iterable[Office]) -> None:
        for office in offices:
            self._workspaces.add(office)
            if office.workspace.team:
                self.let_in.put_nowait(office.community)

    async def lost(self, community: Community, tell: Callable[[Community], Awaitable[None]]) -> None:
        """We were uninstalled: `tell` of each workspace that went, after which nothing of the installation stays."""
        whole = self._workspaces.whole(community)
        if whole is not None and await _is_over(whole):
            community = whole.community
            gone = [known for known in self._workspaces.communities() if self._workspaces.whole(known) is whole]
        else:
            gone = [community]
        for one in gone:
            await tell(one)
        for office in self._workspaces.remove(community):
            await office.directory.close()
        if self.installations is not None:
            enterprise, team = _parts(community)
            await self.installations.async_delete_all(enterprise_id=enterprise, team_id=team)

    def flow(self) -> AsyncOAuthFlow | None:
        """bolt's "Add to Slack"; None when it was not configured."""
        if self.installations is None:
            return None
        site = self._app.public_url.rstrip("/")
        settings = AsyncOAuthSettings(
            client_id=self._app.client_id,
            client_secret=self._app.client_secret,
            scopes=list(BOT_SCOPES),
            user_scopes=[],
            redirect_uri=f"{site}{REDIRECT}",
            install_path=INSTALL,
            redirect_uri_path=REDIRECT,
            authorization_url=f"{self._line.api_url.removesuffix('api/')}oauth/v2/authorize",
            installation_store=self.installations,
            installation_store_bot_only=True,
            state_store=self.installations.states,
            logger=self._line.logger,
        )
        return _Flow(self, client=self._line.client(), logger=self._line.logger, settings=settings)


class _Flow(AsyncOAuthFlow):
    """bolt's flow, after which the workspace is served at once."""

    def __init__(self, admission: Admission, *, client: object, logger: object, settings: AsyncOAuthSettings) -> None:
        super().__init__(client=client, logger=logger, settings=settings)  # type: ignore[arg-type]  # handed through
        self._admission = admission

    async def handle_installation(self, request: AsyncBoltRequest) -> BoltResponse:
        await self._admission.ready()
        return await super().handle_installation(request)

    async def handle_callback(self, request: AsyncBoltRequest) -> BoltResponse:
        await self._admission.ready()
        return await super().handle_callback(request)

    async def store_installation(self, request: AsyncBoltRequest, installation: Installation) -> None:
        await super().store_installation(request, installation)
        if installation.bot_token:
            await self._admission.let(installation.bot_token)


async def _is_over(whole: Office) -> bool:
    """Whether an organisation removed us altogether, and not from one of its workspaces: Slack tells both alike."""
    try:
        await whole.web.read("auth.test")
    except Unauthorised:
        return True
    return False


def _parts(community: Community) -> tuple[str | None, str | None]:
    """Enterprise and team, as installations are kept under."""
    if not community.id.startswith("E"):
        return None, community.id
    enterprise, _, team = community.id.partition(":")
    return enterprise, team or None
