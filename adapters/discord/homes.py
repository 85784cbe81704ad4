"""On whose behalf somebody writes to the bot in private: Discord names no guild there."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from adapters.discord.guilds import Guild, Guilds
from adapters.discord.people import People
from bot.errors import ChatError

REMEMBERED = 5_000

ASKED = 10
"""Guilds that are asked whether somebody is a member of them, before the likeliest is taken."""


class Homes:
    """Remembers for which guild a private channel was opened, and finds one for those that a member opened."""

    def __init__(self, guilds: Guilds, people: People) -> None:
        self._guilds = guilds
        self._people = people
        self._of_channel: OrderedDict[str, str] = OrderedDict()

    def note(self, channel: str, guild: str) -> None:
        """We speak in a private channel on behalf of a guild."""
        self._of_channel[channel] = guild
        self._of_channel.move_to_end(channel)
        while len(self._of_channel) > REMEMBERED:
            self._of_channel.popitem(last=False)

    async def of(self, user: Any, channel: str) -> tuple[Guild | None, dict[str, Any] | None]:
        """The guild, and the member there; preferably one on whose team they are. None, None when there is no guild."""
        noted = self._guilds.get(self._of_channel.get(channel, ""))
        if noted is not None:
            return noted, await self.member(noted, user)
        # Where something is configured comes first: that is where a member may know the bot from.
        candidates = sorted(self._guilds, key=lambda guild: not guild.watched and not guild.settings.team.roles)
        first: tuple[Guild, dict[str, Any]] | None = None
        for guild in candidates[:ASKED]:
            member = await self.member(guild, user)
            if member is None:
                continue
            team = guild.settings.team
            if str(user["id"]) in team.members or not team.roles.isdisjoint(member.get("roles") or ()):
                self.note(channel, guild.community.id)
                return guild, member
            first = first or (guild, member)
        if first is not None:
            self.note(channel, first[0].community.id)
            return first
        return (candidates[0], None) if candidates else (None, None)

    async def member(self, guild: Guild, user: Any) -> dict[str, Any] | None:
        """None when they are no member, or that cannot be found out."""
        try:
            return await self._people.member(guild.community.id, user, guild.settings.team)
        except ChatError:
            return None
