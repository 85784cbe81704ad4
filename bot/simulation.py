"""Running the very same core on a simulated clock: from one due instant to the next, as fast as it goes."""

from __future__ import annotations

from datetime import datetime

from bot.app import Bot
from bot.clock import SimulatedClock
from bot.delivery import Deliverer
from bot.model import Community


class Simulation:
    """Moves the clock and does what falls due on the way, in order."""

    def __init__(self, bot: Bot, clock: SimulatedClock, deliverer: Deliverer, community: Community) -> None:
        self._bot = bot
        self._clock = clock
        self._deliverer = deliverer
        self._communities = [community]
        self._due: datetime | None = None
        self._stale = True
        bot.changed = self._mark
        bot.due = self._heed

    def passes(self, instant: datetime) -> bool:
        """Go on to `instant` if nothing is due until then; else stay, for `move_to`."""
        if self._stale or (self._due is not None and self._due <= instant):
            return False
        self._clock.move_to(instant)
        return True

    async def move_to(self, instant: datetime) -> None:
        """Go on to `instant`; whatever is due until then happens at its own time."""
        while self._stale or (self._due is not None and self._due <= instant):
            self._stale = True  # what was due may have been answered since
            due = await self.next_due()
            if due is None or due > instant:
                break
            self._clock.move_to(due)
            self._stale = True
            await self._bot.tick()
            await self._deliverer.deliver_due(self._communities)
        self._clock.move_to(instant)

    async def settle(self) -> None:
        """Do what is due at this very instant."""
        await self._bot.tick()
        await self._deliverer.deliver_due(self._communities)
        self._stale = True

    async def next_due(self) -> datetime | None:
        """The first instant at which there will be something to do."""
        if self._stale:
            self._due = await self._bot.next_due()
            self._stale = False
        return self._due

    def _mark(self) -> None:
        self._stale = True

    def _heed(self, instant: datetime) -> None:
        if self._due is None or instant < self._due:
            self._due = instant
