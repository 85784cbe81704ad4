"""What the bot may do in a guild's channels, as Discord computes it. Pure.

https://docs.discord.com/developers/topics/permissions#permission-hierarchy
"""

from __future__ import annotations

from typing import Any

GUILD = "/guilds/{guild_id}"
MEMBER = "/guilds/{guild_id}/members/{user_id}"
"""Where what is needed for it is asked for."""

ADMINISTRATOR = 1 << 3
VIEW = 1 << 10


class Allowed:
    """From its roles in the guild, `base` everywhere and `all` without limits, and a channel's overwrites.

    `guild` and `me` are the guild with its roles and ourselves as a member of it, as REST tells them.
    """

    def __init__(self, guild: Any, me: Any) -> None:
        self._guild = str(guild["id"])
        self._me = str((me.get("user") or {}).get("id"))
        self._mine = {str(role) for role in me.get("roles") or ()}
        roles = {str(role["id"]): int(role.get("permissions") or 0) for role in guild.get("roles") or ()}
        base = roles.get(self._guild, 0)
        for role in self._mine:
            base |= roles.get(role, 0)
        self.all = bool(base & ADMINISTRATOR) or str(guild.get("owner_id")) == self._me
        self.base = base

    def in_channel(self, channel: Any) -> int:
        if self.all:
            return ~0
        overwrites = {
            str(o["id"]): (int(o.get("deny") or 0), int(o.get("allow") or 0))
            for o in channel.get("permission_overwrites") or ()
        }
        allowed = self.base
        layers = (
            [overwrites[self._guild]] if self._guild in overwrites else [],
            [overwrites[role] for role in sorted(self._mine) if role in overwrites],
            [overwrites[self._me]] if self._me in overwrites else [],
        )
        for layer in layers:
            for deny, _ in layer:
                allowed &= ~deny
            for _, allow in layer:
                allowed |= allow
        return allowed if allowed & VIEW else 0
