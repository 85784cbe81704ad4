"""Which channels in use are closed to us: Discord tells no more than that permissions changed somewhere.

Whenever that may concern a channel in use, the channel is asked for: that costs one request, or three for a channel
that was closed to what we say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.discord.allowed import GUILD, MEMBER, Allowed
from adapters.discord.channels import CHANNEL
from adapters.discord.guilds import Guild
from adapters.discord.manifest import BITS
from adapters.discord.rest import Rest
from bot.errors import ChatError, Forbidden
from bot.events import ChannelFound, ChannelLost, Event
from bot.logger import get_logger
from bot.model import Community, Place
from bot.ports import Clock

log = get_logger(__name__)

SPEAKING = BITS["view_channel"] | BITS["send_messages"] | BITS["embed_links"]
"""What a post needs, if its text is to arrive."""

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
                found = await self._rest.ask(CHANNEL, channel_id=channel)
                opened = channel in guild.closed and await self._may_use(found, guild, channel)
            except Forbidden as error:
                if channel not in guild.closed:
                    guild.closed.add(channel)
                    now = self._clock.now()
                    lost = ChannelLost(place, error.reason, now, words=error.words, fix=error.fix)
                    self._put(guild.community, [lost])
            except ChatError as error:
                log.info("channel cannot be looked at", channel=channel, reason=error.reason)
            else:
                if opened:
                    guild.closed.discard(channel)
                    self._put(guild.community, [ChannelFound(place, self._clock.now())])

    async def _may_use(self, found: Any, guild: Guild, channel: str) -> bool:
        """Whether a channel that can be seen again, or still, can also be spoken in where that is wanted."""
        if channel not in guild.spoken_in:
            return True
        described = await self._rest.ask(GUILD, guild_id=guild.community.id)
        ourselves = await self._rest.ask(MEMBER, guild_id=guild.community.id, user_id=guild.me)
        return Allowed(described, ourselves).in_channel(found) & SPEAKING == SPEAKING
