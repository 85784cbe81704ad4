"""How far each watched channel was read, and reading what was said while we were not there.

Cursors are saved every few seconds: replaying a little is harmless. A channel that is behind keeps its old cursor until
it has caught up, however far live messages have gone, and nobody is nudged about it before that: the answer may be
among what was missed.
"""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot import trials
from bot.errors import ChatError, Forbidden, Gone, RateLimited, VigieError
from bot.follow_ups import Astray
from bot.logger import get_logger
from bot.model import Cursor, Mention, Message, Place
from bot.notices import unreadable
from bot.ports import Clock, Store

if TYPE_CHECKING:
    from bot.mentions.room import Room
    from bot.watch import Watch

log = get_logger(__name__)

RETRY = timedelta(seconds=30)
"""After a failed catch-up, unless the platform names a time of its own."""

CONTEXT = timedelta(minutes=30)
"""What was said so long before a restart is read again, and judged no more: without it nobody would know to whom the
team's next words are said, see `bot.mentions.opening.CONVERSATION`."""


@dataclass(slots=True)
class Gap:
    """What of a channel is still to be read: what comes after the message `after`, and threads but those in `threads`.

    Whatever is from before `since` was judged then, or is from before we ever watched; the message `last` was the last
    judged. `wider` when more was missed while this was being read, `noticed` when we learnt that there is a gap, `new`
    when nothing had been watched there before. Where `after` is empty, it is read from the instant `begin` on.
    """

    last: str
    since: datetime
    after: str
    threads: set[str] = field(default_factory=set)
    wider: bool = False
    noticed: datetime = field(kw_only=True)
    new: bool = field(kw_only=True)

    @property
    def begin(self) -> datetime | None:
        """From when on to read where there is no message to begin after; None for what is recent."""
        return None if self.new else self.since - CONTEXT

    def is_new(self, message: Message) -> bool:
        return message.at >= self.since and message.ref.id != self.last


class ReadingAlong:
    """The cursors of one community. `behind` maps a channel to the instant at which to try it (again)."""

    def __init__(self, watch: Watch, store: Store, clock: Clock) -> None:
        self.behind: dict[str, datetime] = {}
        self.connected = False
        self._watch = watch
        self._store = store
        self._clock = clock
        self._cursors: dict[str, Cursor] = {}
        self._gaps: dict[str, Gap] = {}
        self._moved: set[str] = set()
        self._reading = Lock()

    @property
    def reading(self) -> bool:
        """Whether somebody is catching up just now."""
        return self._reading.locked()

    @property
    def unsaved(self) -> bool:
        """Whether there is something for `save` to store."""
        return bool(self._watch.follow_ups) or not self._moved <= self.behind.keys()

    def begin(self, cursors: Iterable[Cursor]) -> None:
        """Take up the cursors of the database, unless we have newer ones."""
        for cursor in cursors:
            self._cursors.setdefault(cursor.place.channel, cursor)

    def read(self, message: Message) -> None:
        """A message was handled."""
        channel = message.ref.place.channel
        known = self._cursors.get(channel)
        if known is None or message.at >= known.at:
            self._cursors[channel] = Cursor(message.ref.place.flat, message.ref.id, message.at)
            self._moved.add(channel)

    def fall_behind(self) -> None:
        """A connection was made: whatever was said before it may have been missed."""
        self.connected = True
        now = self._clock.now()
        for channel in self._watch.rooms:
            self._widen(channel)
            self.behind[channel] = now

    def missed(self, channel: str) -> None:
        """Something said there could not be dealt with: to be read again, should the platform not deliver it again."""
        retry = self._clock.now() + RETRY
        self._widen(channel)
        self.behind[channel] = max(retry, self.behind.get(channel, retry))

    def is_current(self, channel: str) -> bool:
        """Whether everything said in a channel is known, so that somebody may be nudged about it."""
        return self.connected and channel not in self.behind

    def behind_since(self) -> list[datetime]:
        """For each channel that is behind, since when."""
        return [gap.noticed for gap in self._gaps.values()]

    def retry_at(self, channel: str) -> datetime:
        """When a channel that is behind will be tried again."""
        return max(self.behind.get(channel, self._clock.now()), self._clock.now() + timedelta(seconds=1))

    async def catch_up(self) -> bool:
        """Read what was missed wherever it is time to; true when every channel is up to date."""
        async with self._reading:
            now = self._clock.now()
            for channel in [channel for channel, when in self.behind.items() if when <= now]:
                await self._catch_up(channel)
        return not self.behind

    async def catch_up_with(self, channel: str) -> None:
        """A channel can be read again: read what was said there meanwhile."""
        self._widen(channel)
        self.behind[channel] = self._clock.now()
        await self.catch_up()

    async def save(self) -> None:
        """Store the cursors that moved, but for those of channels that are behind, and the follow-ups so far."""
        if not self.unsaved:
            return
        moved = [self._cursors[channel] for channel in self._moved - self.behind.keys()]
        try:
            async with self._store.begin() as tx:
                # A cursor says that what came before it is stored.
                written = await self._watch.follow_ups.write(tx)
                await tx.save_cursors(moved)
        except Astray as astray:
            await self._watch.hearing.hear_again(astray.mention)
            return  # the cursors with the next wake: there is something else to be stored before
        written()
        self._moved -= {cursor.place.channel for cursor in moved if self._cursors[cursor.place.channel] is cursor}

    def _widen(self, channel: str) -> None:
        gap = self._gaps.get(channel)
        if gap is not None:
            gap.wider = True
            gap.threads.clear()
            return
        # Without a cursor nothing was watched yet: what is there tells who spoke with whom, and opens nothing.
        known = self._cursors.get(channel)
        last, since = (known.after, known.at) if known else ("", self._watch.live_since or self._clock.now())
        room = self._watch.rooms.get(channel)
        # Whoever remembers nothing of what was said there reads a little of that, too.
        after = last if room is not None and room.has_heard else ""
        self._gaps[channel] = Gap(last, since, after=after, noticed=self._clock.now(), new=known is None)

    async def _catch_up(self, channel: str) -> None:
        gap = self._gaps[channel]
        gap.wider = False
        try:
            await self._read_or_tell(channel, gap)
        except RateLimited as error:
            self.behind[channel] = self._clock.now() + timedelta(seconds=error.retry_after)
            return
        except VigieError as error:
            reason = error.reason if isinstance(error, ChatError) else type(error).__name__
            log.warning("catch-up failed, trying again", channel=channel, reason=reason)
            self.behind[channel] = self._clock.now() + RETRY
            return
        if gap.wider:
            return
        del self.behind[channel], self._gaps[channel]
        self._cursors.setdefault(channel, Cursor(Place(self._watch.community, channel), "", gap.since))
        self._moved.add(channel)

    async def _read_or_tell(self, channel: str, gap: Gap) -> None:
        """Read a channel; where that is refused, each admin is told so once, and nothing waits for it."""
        room = self._watch.rooms[channel]
        try:
            begun_after = gap.after or gap.last
            await self._read_channel(room, gap)
            if self._watch.chat.capabilities.threads:
                for waiting in list(room.waiting.values()):
                    await self._read_thread(waiting.mention, room, gap, begun_after)
        except (Forbidden, Gone) as error:
            log.warning("channel cannot be read", channel=channel, reason=error.reason)
            place = Place(self._watch.community, channel)
            async with self._store.begin() as tx:
                if await trials.known(tx, place):
                    return  # an admin was told that it is closed
                for notice in unreadable(place, error, self._watch.settings, self._clock.now()):
                    await tx.add_delivery(notice)

    async def _read_channel(self, room: Room, gap: Gap) -> None:
        place = Place(self._watch.community, room.channel)
        async for message in self._watch.chat.history(place, gap.after or None, gap.begin):
            await self._watch.hearing.replay(message, room, silent=not gap.is_new(message))
            gap.after = message.ref.id

    async def _read_thread(self, mention: Mention, room: Room, gap: Gap, after: str) -> None:
        """What was said under a mention; each thread once for a gap, however often a limit makes us begin again.

        Unless it came with the channel, read from the message `after` on: thousands may wait, and each is a request.
        """
        thread = replace(mention.place, thread=mention.place.thread or mention.ref.id)
        if mention.id in gap.threads or (after and self._watch.chat.covers(thread, after)):
            return
        try:
            async for message in self._watch.chat.history(thread, mention.ref.id):
                if gap.is_new(message):
                    await self._watch.hearing.replay(message, room, silent=False)
        except (Forbidden, Gone) as error:
            # Where threads are channels of their own, there is none before somebody begins it.
            log.debug("thread cannot be read", channel=room.channel, reason=error.reason)
        gap.threads.add(mention.id)
