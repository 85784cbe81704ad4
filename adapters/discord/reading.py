"""What was said: a channel with all its threads as one stream, or one thread, or one message."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from adapters.discord import incoming
from adapters.discord.channels import MESSAGE, MESSAGES, Channels
from adapters.discord.guilds import FORUMS, Guild, Guilds
from adapters.discord.payloads import EPOCH, as_dict, as_id, as_list, as_text, created_at, instant
from adapters.discord.people import People
from adapters.discord.refusals import is_unknown
from adapters.discord.rest import Rest
from adapters.discord.sending import PAGE
from bot.errors import ChatError, Forbidden, Gone, Rejected
from bot.logger import get_logger
from bot.model import Community, Message, MessageRef, Place, Reaction
from bot.settings import emoji_key

log = get_logger(__name__)

RECENT = 50
"""Messages of each source that are read when nothing was read before."""

RECENT_THREADS = 10

REACTORS = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}"
"""https://docs.discord.com/developers/resources/message#get-reactions"""


@dataclass(slots=True)
class Source:
    """A channel's or thread's messages after `after`, asked for page by page; `last` is its latest as far as known."""

    channel: str
    after: str | None
    ready: deque[dict[str, Any]] = field(default_factory=deque)
    last: object = None
    more: bool = True


class Reader:
    """`team_changed` is told when a message of history shows that somebody belongs to the team."""

    def __init__(
        self,
        rest: Rest,
        guilds: Guilds,
        people: People,
        channels: Channels,
        team_changed: Callable[[Community], Awaitable[None]],
    ) -> None:
        self._rest = rest
        self._guilds = guilds
        self._people = people
        self._channels = channels
        self._team_changed = team_changed

    async def fetch(self, ref: MessageRef) -> Message | None:
        guild = self._guilds.of(ref.place.community)
        try:
            channel = await self._channels.channel_of(ref)
            found = await self._rest.ask(MESSAGE, channel_id=channel, message_id=ref.id)
        except Gone:
            return None
        await self._complete(guild, [found])
        message = incoming.message_of(found, guild)
        return replace(message, reactions=await self._reactions(channel, found, guild))

    async def history(self, place: Place, after: str | None) -> AsyncIterator[Message]:
        """In the order of ids, which is that of time over all of Discord, so that one cursor serves them all."""
        guild = self._guilds.of(place.community)
        if place.thread is None:
            sources = await self._sources(place.channel, guild, after)
        else:
            spot = await self._channels.spot(place)
            if spot.channel != place.thread:
                # What answers a message in a flat channel is in the channel's own history.
                raise Gone("nobody began a thread there", reason="no_thread")
            sources = [Source(place.thread, after)]
        async for payload in self._merged(sources, guild):
            yield incoming.message_of(payload, guild)

    async def _reactions(self, channel: str, message: dict[str, Any], guild: Guild) -> tuple[Reaction, ...]:
        """Those that may settle something. A message tells only how many there are: who gave them is asked for each."""
        mentions = guild.settings.mentions
        found: list[Reaction] = []
        for emoji in (as_dict(as_dict(told).get("emoji")) for told in as_list(message.get("reactions"))):
            name, id_ = as_text(emoji.get("name")), as_id(emoji.get("id"))
            if emoji_key(name) not in mentions.answer_reactions | mentions.solved_reactions:
                continue
            ids = {"channel_id": channel, "message_id": str(message["id"]), "emoji": f"{name}:{id_}" if id_ else name}
            try:
                users = await self._rest.ask(REACTORS, params={"limit": PAGE}, **ids)
            except (Forbidden, Gone, Rejected):
                continue  # the message is there: only who gave this mark is not told
            await self._complete(guild, [{"author": user} for user in users])
            found += [Reaction(name, str(user["id"])) for user in users]
        return tuple(found)

    async def _merged(self, sources: list[Source], guild: Guild) -> AsyncIterator[dict[str, Any]]:
        heads: list[tuple[int, int]] = []
        for number, source in enumerate(sources):
            if await self._fill(source, guild):
                heapq.heappush(heads, (int(source.ready[0]["id"]), number))
        while heads:
            _, number = heapq.heappop(heads)
            source = sources[number]
            yield source.ready.popleft()
            if source.ready or await self._fill(source, guild):
                heapq.heappush(heads, (int(source.ready[0]["id"]), number))

    async def _fill(self, source: Source, guild: Guild) -> bool:
        """Have the next page of a source ready; false at its end."""
        if not source.more:
            return False
        params: dict[str, str | int] = {"limit": PAGE, "after": source.after} if source.after else {"limit": RECENT}
        page = await self._rest.ask(MESSAGES, params=params, channel_id=source.channel)
        page = sorted(page, key=lambda message: int(message["id"]))
        source.more = source.after is not None and len(page) >= PAGE
        if not page and source.last is not None:
            await self._channels.check_readable(source.channel, source.last)
        if page:
            source.last = None
            source.after = str(page[-1]["id"])
            await self._complete(guild, page)
            source.ready.extend(page)
        return bool(page)

    async def _complete(self, guild: Guild, messages: list[dict[str, Any]]) -> None:
        if await self._people.complete(guild.community.id, messages, guild.settings.team):
            await self._team_changed(guild.community)

    async def _sources(self, channel: str, guild: Guild, after: str | None) -> list[Source]:
        """The channel itself, unless it is a forum, and its threads in which something was said since."""
        found = await self._channels.described(channel)
        threads = await self._active(channel, guild) + await self._archived(channel, after)
        for thread in threads:
            if guild.parent_of(str(thread["id"])) is None:
                # Its messages are to be known as this channel's, archived or not.
                guild.add_thread(thread)
        latest = {str(thread["id"]): int(thread.get("last_message_id") or thread["id"]) for thread in threads}
        newest = sorted(latest, key=lambda id_: latest[id_], reverse=True)
        chosen = newest[:RECENT_THREADS] if after is None else [id_ for id_ in newest if latest[id_] > int(after)]
        flat = [] if found.get("type") in FORUMS else [Source(channel, after, last=found.get("last_message_id"))]
        return [*flat, *(Source(id_, after) for id_ in chosen)]

    async def _active(self, channel: str, guild: Guild) -> list[dict[str, Any]]:
        listed = await self._rest.ask_if_known("/guilds/{guild_id}/threads/active", guild_id=guild.community.id) or {}
        return [thread for thread in listed.get("threads") or () if str(thread.get("parent_id")) == channel]

    async def _archived(self, channel: str, after: str | None) -> list[dict[str, Any]]:
        """Threads that were archived since: what was said in them counts all the same."""
        if after is None:
            return []
        found: list[dict[str, Any]] = []
        params: dict[str, str | int] = {"limit": PAGE}
        path = "/channels/{channel_id}/threads/archived/public"
        while True:
            try:
                page = await self._rest.ask(path, params=params, channel_id=channel)
            except ChatError as error:
                if not is_unknown(error) and not isinstance(error, Forbidden | Gone | Rejected):
                    raise
                # A channel of a kind that has no threads, or a server that has none.
                log.debug("no archived threads", reason=error.reason)
                return found
            threads = page.get("threads") or []
            since = [thread for thread in threads if _archived_at(thread) >= created_at(after)]
            found += since
            if not page.get("has_more") or len(since) < len(threads) or not threads:
                return found
            params["before"] = str(threads[-1]["thread_metadata"]["archive_timestamp"])


def _archived_at(thread: dict[str, Any]) -> datetime:
    return instant(thread["thread_metadata"]["archive_timestamp"]) or EPOCH
