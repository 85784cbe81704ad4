"""Who has which roles, as far as was needed so far, and who of them is on the team.

Members are never listed: a guild may have a hundred thousand. Live payloads carry the roles of those who act and of
those who are pinged; what REST leaves out is asked for one by one and remembered for a while.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters.discord.refusals import is_unknown
from adapters.discord.rest import Rest
from bot.errors import ChatError, Forbidden, Gone
from bot.model import Team
from bot.ports import Clock
from bot.settings import TeamSettings

REMEMBERED = 20_000
"""Members of all guilds together whose names and roles are kept: some 10 MB."""

FRESH = timedelta(hours=1)
"""How long roles that were asked for are believed."""


@dataclass(slots=True)
class Known:
    """Without roles: no member, when that was asked."""

    name: str
    roles: frozenset[str] | None
    at: datetime


class People:
    def __init__(self, rest: Rest, clock: Clock) -> None:
        self._rest = rest
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], Known] = OrderedDict()
        self._team: defaultdict[str, set[str]] = defaultdict(set)

    def team(self, guild: str, me: str, settings: TeamSettings) -> Team:
        """Those configured, and those who were seen with a configured role."""
        return Team(me, settings.members | self._team.get(guild, set()), settings.roles)

    def name(self, guild: str, member: str) -> str | None:
        known = self._known.get((guild, member))
        return known.name if known else None

    def seen(self, guild: str, user: Any, member: Any, settings: TeamSettings) -> bool:
        """Somebody acted or was pinged; true when that changes who is on the team."""
        if not isinstance(user, dict) or not isinstance(member, dict) or "id" not in user:
            return False
        id_, now = str(user["id"]), self._clock.now()
        known = self._known.get((guild, id_))
        told = member.get("roles") or ()
        if (
            known is not None
            and known.roles is not None
            and len(told) == len(known.roles)
            and known.roles.issuperset(told)
        ):
            known.at = now
            self._known.move_to_end((guild, id_))
            return False
        roles = frozenset(str(role) for role in told)
        name = member.get("nick") or user.get("global_name") or user.get("username") or ""
        self._keep((guild, id_), Known(str(name), roles, now))
        if user.get("bot"):
            return False
        return self._is_team(guild, id_, not roles.isdisjoint(settings.roles))

    def seen_in(self, guild: str, message: Any, settings: TeamSettings) -> bool:
        """As `seen`, for the author of a message of the gateway and all whom it pings."""
        changed = self.seen(guild, message.get("author"), message.get("member"), settings)
        for user in message.get("mentions") or ():
            if isinstance(user, dict):
                changed |= self.seen(guild, user, user.get("member"), settings)
        return changed

    def left(self, guild: str, member: str) -> bool:
        self._known.pop((guild, member), None)
        return self._is_team(guild, member, False)

    def forget(self, guild: str) -> None:
        self._team.pop(guild, None)
        for key in [key for key in self._known if key[0] == guild]:
            del self._known[key]

    async def member(self, guild: str, user: Any, settings: TeamSettings) -> dict[str, Any] | None:
        """The member object of a user, whole enough for translation; None for somebody who is no member any more."""
        id_ = str(user["id"])
        known = self._known.get((guild, id_))
        if known is not None and self._clock.now() - known.at < FRESH:
            return None if known.roles is None else {"nick": known.name, "roles": sorted(known.roles)}
        try:
            found = await self._rest.ask("/guilds/{guild_id}/members/{user_id}", guild_id=guild, user_id=id_)
        except ChatError as error:
            if not is_unknown(error) and not isinstance(error, Gone | Forbidden):
                raise
            self._keep((guild, id_), Known(str(user.get("global_name") or ""), None, self._clock.now()))
            return None
        self.seen(guild, found.get("user") or user, found, settings)
        return dict(found)

    async def complete(self, guild: str, messages: Iterable[dict[str, Any]], settings: TeamSettings) -> bool:
        """Give messages of REST the members that it leaves out, where roles decide about anything.

        True when that changes who is on the team.
        """
        before = set(self._team.get(guild, ()))
        if not settings.roles:
            return False
        for message in messages:
            author = message.get("author")
            if "member" not in message and isinstance(author, dict) and not author.get("bot"):
                found = None if message.get("webhook_id") else await self.member(guild, author, settings)
                if found is not None:
                    message["member"] = found
            for user in message.get("mentions") or ():
                if "member" not in user and not user.get("bot") and str(user.get("id")) not in before:
                    await self.member(guild, user, settings)
        return before != self._team.get(guild, set())

    def _is_team(self, guild: str, member: str, belongs: bool) -> bool:
        team = self._team[guild] if belongs else self._team.get(guild, set())
        if (member in team) is belongs:
            return False
        if belongs:
            team.add(member)
        else:
            team.discard(member)
        return True

    def _keep(self, key: tuple[str, str], known: Known) -> None:
        self._known[key] = known
        self._known.move_to_end(key)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
