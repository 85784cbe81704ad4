"""Servers that removed us while we were not connected: Discord tells nobody, so that their absence has to be noticed.

READY lists every guild of its shard, and of one that it leaves out Discord is asked whether we really are out. One that
only the store knows may also belong to another bot with the same database, and then must stay. So we note from time to
time which guilds we are in: of those, only the ones noted for this very bot are deleted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

from adapters.discord.guilds import DISCORD, Guilds, shard_of
from adapters.discord.rest import Rest
from bot.errors import ChatError, StoreError
from bot.logger import get_logger
from bot.model import Community
from bot.ports import NOTED_FOR, Clock, Keeper

log = get_logger(__name__)

RENEWAL = timedelta(hours=12)
"""Between two notes of the same guild: one that fails is made up for long before `NOTED_FOR` is over."""

LOOK = timedelta(minutes=1)
"""Between two looks at which guilds are to be noted."""

OUT = ("10004", "50001")
"""What Discord answers about a guild that does not exist, or that we are not in."""

Known = Callable[[], Awaitable[Collection[Community]]]


class Belonging:
    """`known` gives the communities that the store holds anything about; without it, those of this process count."""

    def __init__(self, rest: Rest, guilds: Guilds, keeper: Keeper, clock: Clock, known: Known | None) -> None:
        self._rest = rest
        self._guilds = guilds
        self._keeper = keeper
        self._clock = clock
        self._known = known
        self._noted: dict[str, datetime] = {}

    async def note(self) -> None:
        """Note which guilds we are in, until cancelled."""
        while self._known is not None:
            await self._clock.sleep_until(self._clock.now() + LOOK)
            try:
                for guild in [guild.community.id for guild in self._guilds]:
                    await self._note(guild)
            except StoreError as error:
                log.warning("servers not noted yet", error=type(error).__name__)

    async def gone(self, listed: Collection[str], shard: int, shards: int) -> list[str]:
        """The guilds of a shard that we are in no longer, after READY `listed` the others."""
        seen = {guild.community.id for guild in self._guilds.of_shard(shard)} - set(listed)
        try:
            stored = await self._stored(shard, shards) - set(listed) - seen
            ours = {guild for guild in stored if await self._was_ours(guild)}
        except StoreError as error:
            log.warning("servers that removed us cannot be looked for", error=type(error).__name__)
            stored = ours = set()
        if unsure := sorted(stored - ours):
            log.warning(
                "servers are in the database and this bot is not in them: another bot with the same database may be, "
                "so that nothing about them is deleted",
                servers=unsure[:20],
                count=len(unsure),
            )
        return [guild for guild in sorted(seen | ours) if await self._is_out(guild)]

    async def left(self, guild: str) -> None:
        """It removed us: whoever has it in the database from now on is another bot, unless we are invited again."""
        self._noted.pop(guild, None)
        try:
            if self._known is not None:
                await self._keeper.note(self._name("out", guild), self._clock.now())
        except StoreError as error:
            log.warning("server that removed us not noted", error=type(error).__name__)

    async def _stored(self, shard: int, shards: int) -> set[str]:
        known = await self._known() if self._known is not None else ()
        guilds = {one.id for one in known if one.platform == DISCORD and one.id.isdecimal()}
        return {guild for guild in guilds if shard_of(guild, shards) == shard}

    async def _note(self, guild: str) -> None:
        now = self._clock.now()
        before = self._noted.get(guild)
        if before is None or now - before >= RENEWAL:
            await self._keeper.note(self._name("in", guild), now)
            self._noted[guild] = now

    async def _was_ours(self, guild: str) -> bool:
        """As far as the notes go: one that removed us before may be another bot's by now."""
        since = self._clock.now() - NOTED_FOR
        were_in = await self._keeper.count(self._name("in", guild), since)
        return were_in > 0 and await self._keeper.count(self._name("out", guild), since) == 0

    async def _is_out(self, guild: str) -> bool:
        try:
            await self._rest.ask("/guilds/{guild_id}", guild_id=guild)
        except ChatError as error:
            if error.reason in OUT:
                return True
            log.warning("server cannot be looked at", guild=guild, reason=error.reason)
        return False

    def _name(self, what: str, guild: str) -> str:
        return f"discord/{what}/{self._guilds.me}/{guild}"
