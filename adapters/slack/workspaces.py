"""The workspaces that we serve: each with its token, its people, and what translation must know of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from adapters.slack.directory import Directory
from adapters.slack.incoming import Workspace
from adapters.slack.web import Line, Web
from bot.errors import Unauthorised
from bot.model import Community, Platform
from bot.texts import later

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
    """All of them, by community. An organisation's token serves each of its workspaces."""

    def __init__(self) -> None:
        self._offices: dict[Community, Office] = {}

    def __iter__(self) -> Iterator[Office]:
        return iter(list(self._offices.values()))

    def __len__(self) -> int:
        return len(self._offices)

    def communities(self) -> Collection[Community]:
        return list(self._offices)

    def add(self, office: Office) -> None:
        self._offices[office.community] = office

    def remove(self, community: Community) -> None:
        self._offices.pop(community, None)

    def get(self, community: Community) -> Office | None:
        known = self._offices.get(community)
        if known is not None:
            return known
        enterprise, _, team = community.id.partition(":")
        whole = self._offices.get(Community(PLATFORM, enterprise)) if team else None
        if whole is None:
            return None
        part = _part(whole, community, team)
        self._offices[community] = part
        return part

    def of(self, community: Community) -> Office:
        """As `get`; `Unauthorised` where we were never let in."""
        office = self.get(community)
        if office is None:
            raise Unauthorised(f"not installed in {community}", reason="not_installed", fix=NOT_INSTALLED)
        return office


async def enter(line: Line, token: str) -> Office:
    """The workspace that a bot token opens. Raises `ChatError`."""
    web = Web(line, token)
    me = await web.read("auth.test")
    enterprise, team = str(me.get("enterprise_id") or ""), str(me.get("team_id") or "")
    if me.get("is_enterprise_install") or team == enterprise:
        team = ""
    community = Community(PLATFORM, ":".join(part for part in (enterprise, team) if part))
    directory = Directory(web)
    workspace = Workspace(
        community=community,
        me=str(me.get("user_id") or ""),
        bot=str(me.get("bot_id") or ""),
        team=team,
        names=directory.name,
    )
    return Office(workspace, web, directory, str(me.get("url") or ""))


def _part(whole: Office, community: Community, team: str) -> Office:
    """One workspace of an organisation that installed us as a whole."""
    web = whole.web.within(team)
    directory = Directory(web)
    workspace = replace(whole.workspace, community=community, team=team, names=directory.name)
    return replace(whole, workspace=workspace, web=web, directory=directory)
