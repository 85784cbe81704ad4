"""The workspaces that we serve: each with its token, its people, and what translation must know of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from adapters.slack.directory import Directory
from adapters.slack.incoming import Workspace
from adapters.slack.web import Line, Web
from bot.errors import ChatError, Rejected, Unauthorised
from bot.logger import get_logger
from bot.model import Community, Platform
from bot.texts import later

log = get_logger(__name__)

PLATFORM = Platform("slack")

NOT_INSTALLED = later("Install the app in that workspace, or take the workspace out of the configuration.")


@dataclass(frozen=True, slots=True)
class Office:
    """One workspace as we serve it. `url` is where its people open it, with a slash at its end."""

    workspace: Workspace
    web: Web
    directory: Directory
    url: str

    @property
    def community(self) -> Community:
        return self.workspace.community


class Workspaces:
    """All of them, by their community's id. Of an organisation that installed us as a whole, each workspace is one."""

    def __init__(self) -> None:
        self._offices: dict[str, Office] = {}
        self._whole: dict[str, Office] = {}

    def __iter__(self) -> Iterator[Office]:
        return iter(list(self._offices.values()))

    def __len__(self) -> int:
        return len(self._offices) + len(self._whole)

    def communities(self) -> list[Community]:
        return [office.community for office in self._offices.values()]

    def add(self, office: Office) -> None:
        if office.workspace.team:
            self._offices[office.community.id] = office
        else:
            self._whole[office.community.id] = office

    def remove(self, community: Community) -> list[Office]:
        """Serve it no more; what was served until now. An organisation's id stands for all of its workspaces."""
        self._whole.pop(community.id, None)
        gone = [id_ for id_ in self._offices if id_ == community.id or id_.startswith(f"{community.id}:")]
        return [self._offices.pop(id_) for id_ in gone]

    def get(self, community: Community) -> Office | None:
        return self._offices.get(community.id) or self._whole.get(community.id)

    def whole(self, community: Community) -> Office | None:
        """The organisation that installed us as a whole and to which a workspace belongs, or may."""
        return self._whole.get(community.id.partition(":")[0])

    def of(self, community: Community) -> Office:
        """As `get`; `Unauthorised` where we were never let in."""
        office = self.get(community)
        if office is None:
            raise Unauthorised(f"not installed in {community}", reason="not_installed", fix=NOT_INSTALLED)
        return office


async def enter(line: Line, token: str) -> list[Office]:
    """What a bot token opens: a workspace, or an organisation and each workspace of it. Raises `ChatError`."""
    web = Web(line, token)
    me = await web.read("auth.test")
    enterprise, team = str(me.get("enterprise_id") or ""), str(me.get("team_id") or "")
    whole = bool(me.get("is_enterprise_install")) or team == enterprise
    if whole:
        team = ""
    id_ = ":".join(part for part in (enterprise, team) if part)
    if not id_:
        raise Rejected("auth.test does not tell the workspace", reason="no_team_id")
    community = Community(PLATFORM, id_)
    directory = Directory(web)
    workspace = Workspace(
        community=community,
        me=str(me.get("user_id") or await _user_of(web, me.get("bot_id"))),
        bot=str(me.get("bot_id") or ""),
        team=team,
        names=directory.name,
    )
    office = Office(workspace, web, directory, str(me.get("url") or ""))
    if not whole:
        return [office]
    return [office, *await parts(office)]


async def _user_of(web: Web, bot: str | None) -> str:
    """The user that a bot is; an empty text where nobody tells, so that nobody is taken for it."""
    try:
        return str((await web.read("bots.info", bot=bot)).get("bot", {}).get("user_id") or "")
    except ChatError as error:
        log.warning("who we are is not told", reason=error.reason)
        return ""


async def parts(whole: Office) -> list[Office]:
    """The workspaces in which an organisation that installed us as a whole allows us. Raises `ChatError`."""
    return [_within(whole, team) for team in await _teams(whole.web)]


def _within(whole: Office, team: str) -> Office:
    web = whole.web.within(team)
    directory = Directory(web)
    community = Community(PLATFORM, f"{whole.community.id}:{team}")
    workspace = replace(whole.workspace, community=community, team=team, names=directory.name)
    return replace(whole, workspace=workspace, web=web, directory=directory)


async def _teams(web: Web) -> list[str]:
    teams: list[str] = []
    cursor: str | None = None
    while True:
        answer = await web.read("auth.teams.list", cursor=cursor, limit=200)
        teams += [str(team["id"]) for team in answer.get("teams") or ()]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
        if cursor is None:
            return teams
