"""Which channels in use are closed to us: Discord tells no more than that permissions changed somewhere.

Whenever that may concern a channel in use, the channel is asked for: that costs one request, and only then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from adapters.discord.channels import CHANNEL
from adapters.discord.guilds import Guild
from adapters.discord.rest import Rest
from bot.errors import ChatError, Forbidden
from bot.events import ChannelFound, ChannelLost, Event
from bot.model import Community, Place
from bot.ports import Clock

log = structlog.get_logger(__name__)

Put = Callable[[Community, list[Event]], None]


class Sight:
    """`put` is given what the core is to be told."""

    def __init__(self, rest: Rest, put: Put, clock: Clock) -> None:
        self._rest = rest
        self._put = put
        self._clock = clock

    def concerned(self, name: str, payload: Any, guild: Guild) -> frozenset[str]:
        """The channels in use that this dispatch may have opened or closed."""
        match name:
            case "CHANNEL_UPDATE" | "CHANNEL_CREATE":
                return guild.used & {str(payload.get("id"))}
            case "GUILD_ROLE_UPDATE" if str(payload["role"]["id"]) in guild.my_roles:
                return guild.used
            case "GUILD_ROLE_DELETE" if str(payload["role_id"]) in guild.my_roles:
                return guild.used
            case "GUILD_MEMBER_UPDATE" if str(payload["user"]["id"]) == guild.me:
                return guild.used
        return frozenset()

    async def look(self, guild: Guild, channels: frozenset[str]) -> None:
        """Tell what was closed or opened; what cannot be found out is as it was."""
        for channel in sorted(channels):
            place = Place(guild.community, channel)
            try:
                await self._rest.ask(CHANNEL, channel_id=channel)
            except Forbidden as error:
                if channel not in guild.closed:
                    guild.closed.add(channel)
                    self._put(guild.community, [ChannelLost(place, error.reason, self._clock.now())])
            except ChatError as error:
                log.info("channel cannot be looked at", channel=channel, reason=error.reason)
            else:
                if channel in guild.closed:
                    guild.closed.discard(channel)
                    self._put(guild.community, [ChannelFound(place, self._clock.now())])
