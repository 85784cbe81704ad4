"""The accounts of a Slack export, and who is at home in its workspace. Pure: no file is read here.

The objects are those of the API: https://docs.slack.dev/reference/objects/user-object
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.exports.export import PLATFORM
from adapters.exports.shapes import Malformed, as_dict, as_list, clean, is_id
from bot.model import Community, Member

SLACKBOT = "USLACKBOT"  # Slack's own voice, of which users.json says that it is no bot


@dataclass(slots=True)
class Workspace:
    """What the messages of an export refer to. `home` holds the ids of the organisation's own teams."""

    community: Community
    members: Mapping[str, Member]
    channels: Mapping[str, str]
    home: frozenset[str]
    _others: dict[tuple[object, ...], Member] = field(default_factory=dict)

    def author(self, payload: Mapping[str, Any], *, notice: bool) -> Member:
        """Who said it: the same object for all messages of an account. A notice without anybody is by Slack itself.

        `Malformed` when nobody said it, `TypeError` when an id is not even hashable.
        """
        user = payload.get("user")
        team = payload.get("user_team") or payload.get("team")  # `team` is the author's: Slack Connect shares channels
        away = team is not None and team not in self.home
        bot = "bot_id" in payload or "bot_profile" in payload or "app_id" in payload
        if not away and not bot:
            member = self.members.get(user)  # type: ignore[arg-type]  # what is no str is not found
            if member is not None:
                return member
        key = (user, payload.get("bot_id"), payload.get("username"), payload.get("subtype"), away)
        member = self._others.get(key)
        if member is None:
            member = self._others[key] = self._other(payload, away=away, notice=notice)
        return member

    def _other(self, payload: Mapping[str, Any], *, away: bool, notice: bool) -> Member:
        profile = as_dict(payload.get("bot_profile"))
        machine = payload.get("bot_id") or payload.get("app_id") or profile.get("id")
        bot = bool(machine) or payload.get("subtype") == "bot_message"
        id_ = payload.get("user") or as_dict(payload.get("comment")).get("user")
        if not id_ and bot:
            id_ = machine or payload.get("username")  # old webhooks have nothing but a name
        if not id_ and notice:
            id_ = SLACKBOT
        if not isinstance(id_, str) or not id_:
            raise Malformed("it has no author")
        known = self.members.get(id_)
        names = (
            payload.get("username"),
            known.name if known is not None else "",
            _name(as_dict(payload.get("user_profile"))),
            profile.get("name"),
        )
        return Member(
            self.community,
            clean(id_),
            next((clean(name) for name in names if isinstance(name, str) and name), ""),
            bot=bot or id_ == SLACKBOT or (known is not None and known.bot),
            home=not away and (known is None or known.home),
        )


def read_workspace(users: Iterable[object], channels: Mapping[str, str]) -> Workspace:
    """From the objects of users.json; what is no account is passed over.

    No file of an export names its workspace: it is the team of most accounts. In an enterprise all teams are at home.
    """
    accounts = [user for user in users if isinstance(user, dict) and is_id(user.get("id"))]
    team = _commonest(user.get("team_id") for user in accounts) or "unknown"
    enterprise = _commonest(as_dict(user.get("enterprise_user")).get("enterprise_id") for user in accounts)
    home = {team}
    for user in accounts:
        corporate = as_dict(user.get("enterprise_user"))
        if enterprise and corporate.get("enterprise_id") == enterprise:
            ids = [enterprise, user.get("team_id"), *as_list(corporate.get("teams"))]
            home.update(id_ for id_ in ids if is_id(id_))
    community = Community(PLATFORM, team)
    members = {user["id"]: _member(user, community, home) for user in accounts}
    return Workspace(community, members, channels, frozenset(home))


def _member(user: Mapping[str, Any], community: Community, home: set[str]) -> Member:
    team = user.get("team_id")
    name = _name(as_dict(user.get("profile"))) or _name(user)
    return Member(
        community,
        user["id"],
        clean(name),
        bot=bool(user.get("is_bot")) or user["id"] == SLACKBOT,
        home=not user.get("is_stranger") and (not isinstance(team, str) or team in home),
    )


def _name(profile: Mapping[str, Any]) -> str:
    names = (profile.get("display_name"), profile.get("real_name"), profile.get("name"))
    return next((name for name in names if isinstance(name, str) and name), "")


def _commonest(ids: Iterable[object]) -> str | None:
    counted = Counter(id_ for id_ in ids if is_id(id_))
    return counted.most_common(1)[0][0] if counted else None
