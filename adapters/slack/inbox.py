"""The letters of copies that got an event over HTTP without holding the lease, dealt with by the copy that holds it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters.slack.letters import MISSED, letter_of, message_in, whole
from adapters.slack.payloads import Malformed
from adapters.slack.reading import Reading
from adapters.slack.workspaces import Workspaces
from bot.errors import Forbidden, Gone, RateLimited, StoreUnavailable
from bot.logger import get_logger
from bot.model import Community, Letter
from bot.ports import Clock, Keeper

log = get_logger(__name__)

PATIENCE = timedelta(hours=1)
"""A letter that could not be dealt with for so long is given up, and what was said is read from history instead."""

UNSENT = 10_000
"""Letters that wait in memory for a database that is down: some megabytes."""


class Inbox:
    """`every`: seconds between two looks. What is dealt with twice, after a crash, changes nothing the second time."""

    def __init__(
        self, box: str, keeper: Keeper, workspaces: Workspaces, reading: Reading, clock: Clock, every: float
    ) -> None:
        self._box = box
        self._keeper = keeper
        self._workspaces = workspaces
        self._reading = reading
        self._clock = clock
        self._every = every
        self._limited: dict[Community, datetime] = {}
        self._unsent: deque[Letter] = deque(maxlen=UNSENT)
        self._sending: asyncio.Task[None] | None = None

    async def put(self, body: Mapping[str, Any]) -> None:
        """Leave an event for the holder. `StoreUnavailable` when it could not be stored.

        It is then stored as soon as that can be done. Slack gives an event up after three tries, and the holder, who
        has read on meanwhile, would not look for it.
        """
        letter = letter_of(body, self._box, self._clock.now())
        if letter is None:
            return
        try:
            await self._keeper.put(letter)
        except StoreUnavailable:
            self._unsent.append(letter)
            if self._sending is None or self._sending.done():
                self._sending = asyncio.create_task(self._send(), name="slack letters to be stored")
            raise

    async def close(self) -> None:
        """What could not be stored yet is gone with the process."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    async def _send(self) -> None:
        while self._unsent:
            await asyncio.sleep(self._every)
            letter = self._unsent.popleft()  # first, since what comes meanwhile may push the oldest out
            try:
                await self._keeper.put(letter)
            except StoreUnavailable:
                self._unsent.appendleft(letter)

    async def put_missed(self) -> None:
        """Tell the holder that events were missed. `StoreUnavailable` when that could not be stored."""
        for community in list(self._workspaces.communities())[:1]:  # it reads everything, whoever's they were
            await self._keeper.put(Letter(self._box, community, "", {"type": MISSED}, self._clock.now()))

    async def watch(
        self, take: Callable[[Mapping[str, Any]], Awaitable[None]], missed: Callable[[datetime], None]
    ) -> None:
        """Deal with what others left, until cancelled."""
        while True:
            try:
                for letter in await self._keeper.letters(self._box):
                    await self._deal_with(letter, take, missed)
            except StoreUnavailable as error:
                log.warning("letters cannot be read", error=type(error).__name__)
            await asyncio.sleep(self._every)

    async def _deal_with(
        self,
        letter: Letter,
        take: Callable[[Mapping[str, Any]], Awaitable[None]],
        missed: Callable[[datetime], None],
    ) -> None:
        now = self._clock.now()
        if now < self._limited.get(letter.community, now):
            return
        try:
            body = await self._whole(letter)
            if letter.body.get("type") == MISSED:
                missed(now)
            elif body is not None:
                await take(body)
        except RateLimited as error:
            self._limited[letter.community] = now + timedelta(seconds=error.retry_after)
            return
        except (Malformed, Forbidden, Gone) as error:
            # Nobody can read it any more: the same would be so, had it been read at once.
            log.warning("letter cannot be read", event=letter.body.get("event_id"), error=type(error).__name__)
        except Exception as error:  # noqa: BLE001  # whatever it is, the letter is still there
            log.warning("letter not dealt with", event=letter.body.get("event_id"), error=type(error).__name__)
            if now - letter.at < PATIENCE:
                return
            missed(now)
        await self._keeper.drop(letter)

    async def _whole(self, letter: Letter) -> Mapping[str, Any] | None:
        """The event as Slack told it, but for what was edited since; None when its message is gone."""
        ref, office = message_in(letter.body, letter.community), self._workspaces.get(letter.community)
        if ref is None or office is None:
            return letter.body
        message = await self._reading.item(office, ref)
        return None if message is None else whole(letter.body, message)
