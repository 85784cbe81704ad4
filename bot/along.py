"""How far each watched channel was read, and reading what was said while we were not there.

Cursors are saved every few seconds: replaying a little is harmless. A channel that is behind keeps its old cursor until
it has caught up, however far live messages have gone, and nobody is nudged about it before that: the answer may be
among what was missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.errors import ChatError, Forbidden, Gone, RateLimited
from bot.model import Cursor, Message, Place
from bot.ports import Clock, Store

if TYPE_CHECKING:
    from bot.mentions.room import Room
    from bot.watch import Watch

log = structlog.get_logger(__name__)

RETRY = timedelta(seconds=30)
"""After a failed catch-up, unless the platform names a time of its own."""


class ReadingAlong:
    """The cursors of one community. `behind` maps a channel to the instant at which to try it (again)."""

    def __init__(self, watch: Watch, store: Store, clock: Clock) -> None:
        self.behind: dict[str, datetime] = {}
        self.connected = False
        self._watch = watch
        self._store = store
        self._clock = clock
        self._cursors: dict[str, Cursor] = {}
        self._start: dict[str, Cursor | None] = {}
        self._moved: set[str] = set()

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
            if channel not in self.behind:
                self._start[channel] = self._cursors.get(channel)
            self.behind[channel] = now

    def is_current(self, channel: str) -> bool:
        """Whether everything said in a channel is known, so that somebody may be nudged about it."""
        return self.connected and channel not in self.behind

    def retry_at(self, channel: str) -> datetime:
        """When a channel that is behind will be tried again."""
        return max(self.behind.get(channel, self._clock.now()), self._clock.now() + timedelta(seconds=1))

    async def catch_up(self) -> bool:
        """Read what was missed wherever it is time to; true when every channel is up to date."""
        now = self._clock.now()
        for channel in [channel for channel, when in self.behind.items() if when <= now]:
            room = self._watch.rooms.get(channel)
            try:
                if room is not None:
                    await self._read_history(room)
            except RateLimited as error:
                self.behind[channel] = self._clock.now() + timedelta(seconds=error.retry_after)
                continue
            except (Forbidden, Gone) as error:
                log.warning("channel cannot be read", channel=channel, reason=error.reason)
            except ChatError as error:
                log.warning("catch-up failed, trying again", channel=channel, reason=error.reason)
                self.behind[channel] = self._clock.now() + RETRY
                continue
            del self.behind[channel]
            self._start.pop(channel, None)
            if channel in self._cursors:
                self._moved.add(channel)
        return not self.behind

    async def save(self) -> None:
        """Store the cursors that moved, but for those of channels that are behind."""
        moved = self._moved - self.behind.keys()
        if not moved:
            return
        async with self._store.begin() as tx:
            await tx.save_cursors([self._cursors[channel] for channel in moved])
        self._moved -= moved

    async def _read_history(self, room: Room) -> None:
        place = Place(self._watch.community, room.channel)
        start = self._start.get(room.channel)
        async for message in self._watch.chat.history(place, start.after or None if start else None):
            # Without a cursor nothing was watched yet: what is there tells who spoke with whom, and opens nothing.
            await self._watch.replay(message, room, silent=start is None or message.at <= start.at)
        if room.channel not in self._cursors:
            self._cursors[room.channel] = Cursor(place, "", self._clock.now())
        if self._watch.chat.capabilities.threads:
            for waiting in list(room.waiting.values()):
                mention = waiting.mention
                thread = replace(mention.place, thread=mention.place.thread or mention.ref.id)
                async for message in self._watch.chat.history(thread, mention.latest):
                    await self._watch.replay(message, room, silent=False)
