"""Servers that removed us while no process ran: Discord tells nobody, so that their absence has to be noticed.

READY lists every guild of its shard. One that the store knows and that is not listed either removed us, and what we
hold about it must go, or belongs to another bot with the same database, and must stay. So we note from time to time
which guilds we are in: what is deleted are those noted for this very bot, of which Discord confirms that we are out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

import structlog

from adapters.discord.guilds import DISCORD, Guilds, shard_of
from adapters.discord.rest import Rest
from bot.errors import ChatError, StoreError
from bot.model import Community
from bot.ports import NOTED_FOR, Clock, Keeper

log = structlog.get_logger(__name__)

RENEWAL = timedelta(hours=12)
"""Between two notes of the same guild: one that fails is made up for long before `NOTED_FOR` is over."""

LOOK = timedelta(minutes=1)
"""Between two looks at which guilds are to be noted."""

OUT = ("10004", "50001")
"""What Discord answers about a guild that does not exist, or that we are not in."""

Known = Callable[[], Awaitable[Collection[Community]]]


class Belonging:
    """`known` gives the communities that the store holds anything about."""

    def __init__(self, rest: Rest, guilds: Guilds, keeper: Keeper, clock: Clock, known: Known) -> None:
        self._rest = rest
        self._guilds = guilds
        self._keeper = keeper
        self._clock = clock
        self._known = known
        self._noted: dict[str, datetime] = {}

    async def note(self) -> None:
        """Note which guilds we are in, until cancelled."""
        while True:
            await self._clock.sleep_until(self._clock.now() + LOOK)
            try:
                for guild in [guild.community.id for guild in self._guilds]:
                    await self._note(guild)
            except StoreError as error:
                log.warning("servers not noted yet", error=type(error).__name__)

    async def gone(self, listed: Collection[str], shard: int, shards: int) -> list[str]:
        """The guilds of a shard that we are in no longer, after READY `listed` the others."""
        try:
            missing = [
                community.id
                for community in await self._known()
                if community.platform == DISCORD
                and community.id.isdecimal()
                and shard_of(community.id, shards) == shard
                and community.id not in listed
            ]
            ours = [guild for guild in missing if await self._was_ours(guild)]
        except StoreError as error:
            log.warning("servers that removed us cannot be looked for", error=type(error).__name__)
            return []
        if unsure := sorted(set(missing) - set(ours)):
            log.warning(
                "servers are in the database and this bot is not in them: another bot with the same database may be, "
                "so that nothing about them is deleted",
                servers=unsure[:20],
                count=len(unsure),
            )
        return [guild for guild in ours if await self._is_out(guild)]

    async def _note(self, guild: str) -> None:
        now = self._clock.now()
        before = self._noted.get(guild)
        if before is None or now - before >= RENEWAL:
            await self._keeper.note(self._name(guild), now)
            self._noted[guild] = now

    async def _was_ours(self, guild: str) -> bool:
        return await self._keeper.count(self._name(guild), self._clock.now() - NOTED_FOR) > 0

    async def _is_out(self, guild: str) -> bool:
        try:
            await self._rest.ask("/guilds/{guild_id}", guild_id=guild)
        except ChatError as error:
            if error.reason in OUT:
                return True
            log.warning("server cannot be looked at", guild=guild, reason=error.reason)
        return False

    def _name(self, guild: str) -> str:
        return f"discord/in/{self._guilds.me}/{guild}"
