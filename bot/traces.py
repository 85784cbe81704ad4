"""Everything stored that names one member of a community: what an access request is answered with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model import Cursor, Decision, Delivery, Letter, Mention


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a member thinks of a tip."""

    tip: str
    verdict: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Traces:
    """`asked`: the member's mentions, each with the ids of its messages and what was decided about it.

    `helped`: mentions of others that the member claimed or closed; `said`: decisions about others' that name the
    member; `deliveries`: what was or shall be said about the member's mentions, or to the member in private.
    `paused_until`, `closed` (why, since when) and `read` are of the private channel with the member; `letters` wait for
    a moment until another copy reads them.
    """

    asked: tuple[tuple[Mention, tuple[str, ...], tuple[Decision, ...]], ...] = ()
    helped: tuple[Mention, ...] = ()
    said: tuple[Decision, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    paused_until: datetime | None = None
    closed: tuple[str, datetime] | None = None
    read: tuple[Cursor, ...] = ()
    letters: tuple[Letter, ...] = ()

    def __bool__(self) -> bool:
        private = self.paused_until, self.closed, self.read
        said = self.asked, self.helped, self.said, self.deliveries, self.opinions, self.letters
        return any((*said, *private))
