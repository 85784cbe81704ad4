"""Where a place really is: a channel, a thread, or a message in a channel that is to be replied to."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from adapters.discord.guilds import Guilds
from adapters.discord.payloads import THREADS
from adapters.discord.refusals import ARCHIVED, LOCKED, WORDS, is_unknown
from adapters.discord.rest import Rest
from bot.errors import Forbidden, Gone, Unavailable
from bot.model import MessageRef, Place

REMEMBERED = 5000
"""Messages of which it is known that they have no thread. One that is begun later is told by the gateway."""

CHANNEL = "/channels/{channel_id}"
MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = "/channels/{channel_id}/messages/{message_id}"


@dataclass(frozen=True, slots=True)
class Spot:
    """A channel's id for REST, and the message replied to, if any; `place` is what a message there is given."""

    channel: str
    place: Place
    reply_to: str | None = None
    thread: dict[str, Any] | None = None


class Channels:
    def __init__(self, rest: Rest, guilds: Guilds) -> None:
        self._rest = rest
        self._guilds = guilds
        self._no_threads: dict[str, None] = {}

    async def spot(self, place: Place) -> Spot:
        """A thread, when `place.thread` is one; else the message with that id, in the channel itself.

        A thread begun from a message has that message's id, so it is where one goes on talking about it.
        """
        if place.thread is None:
            return Spot(place.channel, place)
        if self._guilds.of(place.community).parent_of(place.thread) is not None:
            return Spot(place.thread, place)
        flat = Spot(place.channel, place.flat, reply_to=place.thread)
        if place.thread in self._no_threads and self._guilds.hears(place.community):
            return flat
        try:
            found = await self.described(place.thread)
        except Gone:
            self._no_threads[place.thread] = None
            while len(self._no_threads) > REMEMBERED:
                del self._no_threads[next(iter(self._no_threads))]
            return flat
        if found.get("type") not in THREADS:
            return flat
        return Spot(place.thread, place, thread=found)

    async def open_spot(self, place: Place) -> Spot:
        """As `spot`, for saying something there: `Forbidden` in a thread that is locked, or archived and would wake."""
        spot = await self.spot(place)
        if spot.channel != place.thread:
            return spot
        known = self._guilds.of(place.community).threads.get(spot.channel)
        meta = (spot.thread or {}).get("thread_metadata") or {}
        if meta.get("archived") or (known is not None and known.archived):
            raise _closed("thread_archived", ARCHIVED)
        if meta.get("locked") or (known is not None and known.locked):
            raise _closed("thread_locked", LOCKED)
        return spot

    async def described(self, channel: str) -> dict[str, Any]:
        """The channel object; empty where the server does not know how to tell."""
        try:
            found = await self._rest.ask(CHANNEL, channel_id=channel)
        except Unavailable as error:
            if not is_unknown(error):
                raise
            return {}
        return found if isinstance(found, dict) else {}

    async def check_readable(self, channel: str, last_message: object) -> None:
        """Where a history came back empty: whether that means anything.

        Discord shows none at all to whoever may not read it, yet refuses to show them a message by its id.
        """
        if isinstance(last_message, str):
            with suppress(Gone):
                await self._rest.ask(MESSAGE, channel_id=channel, message_id=last_message)

    async def channel_of(self, ref: MessageRef) -> str:
        """The channel's id for REST of a message that exists."""
        return (await self.spot(ref.place)).channel


def _closed(reason: str, fix: str) -> Forbidden:
    return Forbidden(WORDS[reason], reason=reason, fix=fix, words=WORDS[reason])
