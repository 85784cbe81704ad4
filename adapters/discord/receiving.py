"""What the gateway tells, on its way to the core: whatever matters to nobody is dropped before it is translated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from adapters.discord import incoming
from adapters.discord.belonging import Belonging
from adapters.discord.content import after_our_name
from adapters.discord.guilds import DISCORD, Guild, Guilds
from adapters.discord.homes import Homes
from adapters.discord.lanes import Lanes
from adapters.discord.payloads import text_ids
from adapters.discord.people import People
from adapters.discord.rest import Rest
from adapters.discord.sight import Sight
from bot.errors import ChatError
from bot.events import CommunityLost, Disconnected, Event, TeamChanged
from bot.logger import get_logger
from bot.model import Community
from bot.ports import Clock

log = get_logger(__name__)

IN_CHANNELS = frozenset(
    {
        *("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"),
        *("MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"),
    }
)


def _speaks_to(content: Any, guild: Guild) -> bool:
    """Whether a text begins with a ping of ours."""
    return isinstance(content, str) and after_our_name(content, guild) is not None


def _lacks_member(message: Any) -> bool:
    """Whether a message in a guild tells no roles of somebody who may have some."""
    if isinstance(message.get("member"), dict) or message.get("webhook_id"):
        return False
    return not (message.get("author") or {}).get("bot")


class Receiver:
    """`told` takes every dispatch, in order, and never raises: that would break the connection."""

    def __init__(
        self,
        guilds: Guilds,
        people: People,
        homes: Homes,
        lanes: Lanes,
        interact: Callable[[Any], Coroutine[Any, Any, None]],
        rest: Rest,
        clock: Clock,
        belonging: Belonging,
    ) -> None:
        self._guilds = guilds
        self._people = people
        self._sight = Sight(rest, self._put, clock)
        self._homes = homes
        self._lanes = lanes
        self._interact = interact
        self._belonging = belonging
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def told(self, name: str, payload: Any) -> None:
        try:
            self._take(name, text_ids(payload))
        except Exception as error:  # noqa: BLE001  # one odd payload must not end the connection
            log.error("dispatch dropped", name=name, error=type(error).__name__)  # noqa: TRY400  # no texts in logs

    async def lost(self, shard: int) -> None:
        """Another process looks after the guilds of that shard."""
        for guild in self._guilds.of_shard(shard):
            self._guilds.forget(guild.community.id)
            await self._lanes.stop(guild.community)
            self._lanes.put(guild.community, [Disconnected(guild.community)])

    async def close(self) -> None:
        for task in (tasks := list(self._tasks)):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._lanes.close()

    def _take(self, name: str, payload: Any) -> None:
        if name in IN_CHANNELS:
            self._in_channel(name, payload)
        elif name == "INTERACTION_CREATE":
            self._acted(payload)
            self._begin(self._interact(payload))
        elif name == "READY":
            self._ready(payload)
        elif name == "GUILD_CREATE":
            self._guild_created(payload)
        elif name == "GUILD_DELETE":
            self._guild_deleted(payload)
        elif name != "RESUMED" and (guild := self._guilds.get(str(payload.get("guild_id")))) is not None:
            self._in_guild(name, payload, guild)

    def _acted(self, payload: Any) -> None:
        """Whoever uses a command or a button is known by name and by roles from then on."""
        guild, member = self._guilds.get(str(payload.get("guild_id"))), payload.get("member")
        if guild is None or not isinstance(member, dict):
            return
        id_ = guild.community.id
        if self._people.seen(id_, member.get("user"), member, guild.settings.team):
            self._put(guild.community, [TeamChanged(guild.community)])

    def _in_channel(self, name: str, payload: Any) -> None:
        id_ = payload.get("guild_id") or self._guilds.with_channel(payload.get("channel_id"))
        if id_ is None:
            if name == "MESSAGE_CREATE" and not (payload.get("author") or {}).get("bot"):
                self._begin(self._in_private(payload))
            return
        guild = self._guilds.get(id_)
        if guild is None:
            return
        payload = payload if "guild_id" in payload else {**payload, "guild_id": id_}
        watched = guild.watches(payload.get("channel_id"))
        if name == "MESSAGE_CREATE":
            # Whoever begins with our name speaks to us, wherever that is.
            if not watched and not _speaks_to(payload.get("content"), guild):
                return
            if _lacks_member(payload) and guild.settings.team.roles:
                self._begin(self._completed(payload, guild))
                return
            changed = self._people.seen_in(id_, payload, guild.settings.team)
        elif not watched:
            return
        else:
            member = payload.get("member")
            changed = self._people.seen(id_, (member or {}).get("user"), member, guild.settings.team)
        self._translate(name, payload, guild, changed)

    async def _completed(self, payload: Any, guild: Guild) -> None:
        """A message whose author's roles the server does not tell: whether they are on the team decides about it."""
        message = dict(payload)
        try:
            await self._people.complete(guild.community.id, [message], guild.settings.team)
        except ChatError as error:
            log.warning("roles not told", reason=error.reason)
        # Theirs may have been known before, to nobody's team.
        self._translate("MESSAGE_CREATE", message, guild, True)

    def _in_guild(self, name: str, payload: Any, guild: Guild) -> None:
        concerned = self._sight.concerned(name, payload, guild)
        if concerned:
            self._begin(self._sight.look(guild, concerned))
        guild.before(name, payload)
        events = incoming.events_of(name, payload, guild, self._clock.now())
        changed = False
        if name == "GUILD_MEMBER_UPDATE" and guild.settings.team.roles:
            changed = self._people.seen(guild.community.id, payload.get("user"), payload, guild.settings.team)
        elif name == "GUILD_MEMBER_REMOVE":
            changed = self._people.left(guild.community.id, str(payload["user"]["id"]))
        guild.after(name, payload)
        if changed and not any(isinstance(event, TeamChanged) for event in events):
            events.append(TeamChanged(guild.community))
        self._put(guild.community, events)

    def _translate(self, name: str, payload: Any, guild: Guild, team_changed: bool) -> None:
        events = incoming.events_of(name, payload, guild, self._clock.now())
        if team_changed:
            # Whom a message pings or who wrote it is judged by the team, so that comes first.
            events.insert(0, TeamChanged(guild.community))
        self._put(guild.community, events)

    def _put(self, community: Community, events: list[Event]) -> None:
        if events:
            self._lanes.put(community, events)

    async def _in_private(self, payload: Any) -> None:
        guild, member = await self._homes.of(payload["author"], payload["channel_id"])
        if guild is not None:
            completed = payload if member is None else {**payload, "member": member}
            self._put(guild.community, incoming.events_of("MESSAGE_CREATE", completed, guild, self._clock.now()))

    def _ready(self, payload: Any) -> None:
        self._guilds.me = str((payload.get("user") or {}).get("id") or self._guilds.me)
        shard, count = payload.get("shard") or (0, 1)
        self._guilds.shards = int(count)
        present = {str(guild["id"]) for guild in payload.get("guilds") or ()}
        for guild in self._guilds.of_shard(int(shard)):
            if guild.community.id not in present:
                guild.available = False
        self._begin(self._missing(present, int(shard), int(count)))
        for guild in payload.get("guilds") or ():
            if not guild.get("unavailable") and "channels" in guild:
                # Told at once, as Discord does to people's own clients.
                self._guild_created(guild)

    async def _missing(self, present: set[str], shard: int, shards: int) -> None:
        for id_ in await self._belonging.gone(present, shard, shards):
            guild = self._guilds.get(id_)
            if guild is None or not guild.available:  # else we were invited again meanwhile
                self._gone(id_, "removed while we were not connected")

    def _guild_created(self, payload: Any) -> None:
        if payload.get("unavailable"):
            return
        guild = self._guilds.created(payload)
        roles = guild.settings.team.roles
        for member in payload.get("members") or () if roles else ():
            if not roles.isdisjoint(str(role) for role in member.get("roles") or ()):
                self._people.seen(guild.community.id, member.get("user"), member, guild.settings.team)
        if guild.closed:
            self._begin(self._sight.look(guild, frozenset(guild.closed)))
        self._lanes.connect(guild.community)

    def _guild_deleted(self, payload: Any) -> None:
        id_ = str(payload["id"])
        if not payload.get("unavailable"):
            self._gone(id_, "removed")
        elif (guild := self._guilds.get(id_)) is not None:
            # An outage of Discord's: GUILD_CREATE comes when it is over, and with it catching up.
            guild.available = False

    def _gone(self, id_: str, reason: str) -> None:
        self._guilds.forget(id_)
        self._people.forget(id_)
        self._begin(self._belonging.left(id_))
        community = Community(DISCORD, id_)
        self._lanes.put(community, [CommunityLost(community, reason, self._clock.now())])

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("could not be dealt with", error=type(error).__name__)
