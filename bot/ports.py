"""The three doors of the core: `Chat` (a platform), `Clock` (time) and `Store` (what is remembered).

Small enough to memorise, with no product noun in `Chat`. An implementation raises only the errors of `bot.errors`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.events import Event, Reply
from bot.model import (
    Community,
    Cursor,
    Decision,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Finding,
    Letter,
    Member,
    Mention,
    MentionState,
    Message,
    MessageRef,
    Place,
    Platform,
    Settled,
    Team,
    Wait,
)
from bot.post import Post
from bot.texts import Texts
from bot.tips.deck import Deck
from bot.traces import Traces

NOTED_FOR = timedelta(days=2)
"""How long a note is kept: the longest period that a platform counts over is a day."""

TRIAL = "trial "
"""A disabled place whose channel begins so stands for one that was closed to us and is being tried again."""

Handler = Callable[[Event], Awaitable[Reply | None]]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a platform can do; asked before any difference of behaviour. Lengths are in characters that people see."""

    threads: bool = True  # a post can stand under another one
    forms: bool = True
    edits: bool = True
    text: int = 4000  # a post's body; longer ones are split by the adapter
    buttons: int = 25  # of one post


class Chat(Protocol):
    """One platform, with every community that we serve on it."""

    platform: Platform
    capabilities: Capabilities

    async def run(self, handle: Handler) -> None:
        """Connect, translate, reconnect, until cancelled or closed.

        `Connected` is told on every connect, so that the core catches up. The platform is acknowledged only after
        `handle` returned; an error out of it means no acknowledgement.
        """

    async def post(self, place: Place, post: Post, key: str) -> MessageRef:
        """Say `post`. `key` travels with the message, so that a repetition is harmless or at least can be found."""

    async def edit(self, ref: MessageRef, post: Post) -> None:
        """Make the message look like `post`. Harmless when repeated."""

    async def find(self, place: Place, key: str, since: datetime) -> MessageRef | None:
        """The message sent with `key` at or after `since`, or None when it certainly did not get out.

        Whatever keeps us from knowing must raise: None leads to its being said (again).
        """

    async def fetch(self, ref: MessageRef) -> Message | None:
        """The message as it is now; None when it is gone."""

    def history(self, place: Place, after: str | None, since: datetime | None = None) -> AsyncIterator[Message]:
        """Messages of a place, oldest first, later than the message `after`.

        Without one, those said at or after `since`; without either, what is recent.
        """

    def covers(self, thread: Place, after: str) -> bool:
        """Whether `history` of the channel later than that message brings along what was said in the thread; pure."""

    def name(self, member: Member) -> str:
        """What somebody is called here, as far as that is known without asking; empty when it is not."""

    def link(self, ref: MessageRef) -> str | None:
        """The address under which a browser opens the message; pure, costs nothing."""

    def ref(self, community: Community, link: str) -> MessageRef | None:
        """The opposite of `link`, for what people paste; None when it is no address of a message there."""

    async def direct(self, member: Member) -> Place:
        """The private channel with a member."""

    async def team(self, community: Community) -> Team:
        """The members of the configured roles and groups, and who we are ourselves."""

    async def check(self, speak: Texts, community: Community | None = None) -> list[Finding]:
        """Scopes, intents, membership, permissions of one community or of all: each failure with its fix.

        Works without `run`, since it is asked before the first start. Never raises a `ChatError`: what cannot be found
        out is a finding.
        """

    async def close(self) -> None:
        """End `run`, whatever it is waiting for. Harmless when repeated."""


class Lease(Protocol):
    """What was taken by `Keeper.hold`. `lost` is set when it could not be renewed: somebody else may hold it by now."""

    lost: asyncio.Event


class Keeper(Protocol):
    """What an adapter needs kept beyond its own process: who holds a connection, and how often something happened."""

    def hold(self, name: str) -> AbstractAsyncContextManager[Lease]:
        """Wait until no other process holds `name`, then hold it: renewed in the background, given back on leaving."""

    async def note(self, name: str, at: datetime) -> None:
        """Something happened. `StoreUnavailable` when that could not be stored."""

    async def count(self, name: str, since: datetime) -> int:
        """How often it happened at or after `since`, in whatever process; forgotten after `NOTED_FOR`."""

    async def once(self, name: str, ttl: timedelta) -> bool:
        """True for whoever asks first, in whatever process; asked again later than `ttl` it is a first time again.

        `StoreUnavailable` when that could not be stored.
        """

    async def put(self, letter: Letter) -> None:
        """Keep it for the holder of the lease `letter.box`. `StoreUnavailable` when that could not be stored."""

    async def letters(self, box: str) -> list[Letter]:
        """The oldest letters for the holder of that lease, which `drop`s each once it has been dealt with."""

    async def drop(self, letter: Letter) -> None:
        """It was dealt with, and is not needed any more."""


class Clock(Protocol):
    def now(self) -> datetime: ...

    async def sleep_until(self, instant: datetime) -> None: ...


class Transaction(Protocol):
    """Everything that is read and written together. Leaving the block commits; an exception undoes all of it.

    Reads see what this transaction wrote. Nothing else than the database is waited for inside.
    """

    # mentions
    async def mention(self, mention_id: str) -> Mention | None: ...
    async def mention_of(self, ref: MessageRef) -> Mention | None:
        """The mention to which a message belongs, whatever its state."""

    async def add_mention(self, mention: Mention) -> bool:
        """False, and nothing changed, when its message already belongs to a mention."""

    async def attach(self, mention_id: str, ref: MessageRef) -> bool:
        """A further message of the asker; False when the message already belongs to a mention."""

    async def detach(self, ref: MessageRef) -> None:
        """The message is gone; its mention is told separately."""

    async def messages_of(self, mention_id: str) -> list[str]:
        """Ids of the messages that belong to it, in the order of their attachment."""

    async def messages_of_waiting(self, community: Community) -> Mapping[str, list[str]]:
        """The same for each mention of a community that waits, by the mention's id: thousands in one question."""

    async def save_mention(self, mention: Mention) -> Mention:
        """Store everything but `told_by`; the result carries the next `version`. `Conflict` if it changed meanwhile."""

    async def note_told(self, mention_id: str, key: str) -> None:
        """Remember which delivery is the living nudge."""

    async def waiting(self, community: Community, limit: int | None = None) -> list[Mention]:
        """Open, claimed and snoozed mentions, oldest first."""

    async def due_mentions(self, community: Community, now: datetime) -> list[Mention]:
        """Waiting mentions whose `due_at` has come, oldest first."""

    async def due_communities(self, communities: Collection[Community], now: datetime) -> set[Community]:
        """Those among them in which the `due_at` of a waiting mention has come."""

    async def ended(self, place: Place, rule: str, since: datetime) -> list[Mention]:
        """What was closed in a channel, its threads included, by that rule at or after `since`, oldest first."""

    async def mention_states(self, communities: Collection[Community]) -> Mapping[MentionState, int]:
        """How many mentions of these communities are in each state; states without any may be missing."""

    async def record(self, decision: Decision) -> None: ...
    async def decisions(self, mention_id: str) -> list[Decision]:
        """Oldest first."""

    async def waits(self, community: Community, since: datetime) -> list[Wait]:
        """One figure for each mention opened at or after `since`, whatever became of it."""

    # deliveries
    async def add_delivery(self, delivery: Delivery) -> bool:
        """False, and nothing changed, when the key exists: it was decided before."""

    async def ask_look(self, delivery: Delivery) -> None:
        """Add a LOOK, or make the one with this key pending again with the next `revision`."""

    async def delivery(self, key: str) -> Delivery | None: ...
    async def claim(
        self, owner: str, now: datetime, lease: timedelta, limit: int, communities: Sequence[Community]
    ) -> list[Delivery]:
        """Up to `limit` pending or lapsed deliveries that are due and not paused or disabled, leased to `owner`.

        The oldest due of each place (thread included) and no more, so that a place is told things one at a time and
        in order. Rows that another process holds are skipped (PostgreSQL), never waited for. `owner` must be unique to
        this very claim, so that an attempt that stalled beyond its lease cannot record over a later one.
        """

    async def save_delivery(self, delivery: Delivery, owner: str) -> bool:
        """Store state, due date, attempts and outcome, and give the lease back unless it is SENDING.

        False, and nothing changed, when `owner` does not hold the lease any more. When the stored `revision` is newer
        than the given one, one that is SENT, CANCELLED or FAILED becomes pending instead, since there is something new
        to show.
        """

    async def pending_nudges(self, place: Place, now: datetime) -> list[Delivery]:
        """Nudges to `place`, and digests of them, that are due, never tried and not leased, oldest first."""

    async def fold(self, keys: Sequence[str], into: str) -> None:
        """Mark pending deliveries as said by the delivery `into`."""

    async def deliveries(self, community: Community, limit: int) -> list[Delivery]:
        """The latest, newest first."""

    async def count_sent(self, community: Community, since: datetime, kinds: Collection[DeliveryKind]) -> int:
        """Deliveries of these kinds sent at or after `since`."""

    # places that are slow or closed to us
    async def pause(self, scope: str, until: datetime) -> None:
        """Nothing goes to `scope` (`str(community)` or `str(community)/channel`) before `until`; never shortens one."""

    async def disable(self, place: Place, reason: str, at: datetime) -> bool:
        """Stop sending to a channel; False if it was disabled already (an admin was told)."""

    async def enable(self, place: Place) -> bool:
        """True if it had been disabled."""

    async def disabled(self, community: Community) -> dict[str, str]:
        """Channel → reason."""

    # schedules, tips
    async def settle(self, occurrence: Settled) -> bool:
        """False, and nothing changed, when this (schedule, local date) was settled before."""

    async def settled(self, schedule: str, since: date) -> list[Settled]: ...
    async def last_settled(self, schedule: str) -> Settled | None:
        """The one with the latest local date, told or skipped."""

    async def last_told(self, schedule: str) -> Settled | None:
        """The one with the latest local date that was told."""

    async def deck(self, community: Community) -> Deck | None: ...
    async def save_deck(self, community: Community, deck: Deck) -> None: ...
    async def judge_tip(self, community: Community, slug: str, member: str, verdict: str, at: datetime) -> None:
        """A member's opinion of a tip; a later one of the same member replaces it."""

    async def tip_verdicts(self, community: Community) -> dict[str, dict[str, int]]:
        """slug → verdict → count."""

    # reading along
    async def save_cursors(self, cursors: Sequence[Cursor]) -> None: ...
    async def cursors(self, community: Community) -> list[Cursor]: ...

    # several copies
    async def take_lease(self, name: str, holder: str, now: datetime, ttl: timedelta) -> bool:
        """Take or renew; False while somebody else holds it."""

    async def give_lease(self, name: str, holder: str) -> None: ...
    async def once(self, name: str, now: datetime, until: datetime) -> bool:
        """True unless it was asked before and that has not lapsed; what has is forgotten. Leases' names are others."""

    async def note(self, name: str, at: datetime) -> None:
        """Something happened, such as a login; what happened longer than `NOTED_FOR` before it is forgotten."""

    async def noted(self, name: str, since: datetime) -> int:
        """How often, at or after `since`."""

    async def put_letter(self, letter: Letter) -> None: ...
    async def letters(self, box: str, limit: int) -> list[Letter]:
        """Up to `limit` letters, oldest first. Whoever has dealt with one drops it."""

    async def drop_letter(self, number: int) -> None: ...

    # communities and their people
    async def know(self, community: Community, now: datetime) -> bool:
        """Remember that we serve it; True the first time."""

    async def known(self) -> list[Community]: ...
    async def traces(self, community: Community, member: str) -> Traces:
        """What `forget_member` would remove or blank."""

    async def forget_member(self, community: Community, member: str) -> int:
        """Remove every trace of a member; the number of rows that were removed or blanked."""

    async def forget_community(self, community: Community) -> int: ...
    async def purge(self, before: datetime) -> int:
        """Remove what was closed or sent before that instant; occurrences and decks stay."""

    async def next_due(self, communities: Sequence[Community]) -> datetime | None:
        """The earliest instant at which a mention is due or `claim` would give something, past instants included.

        Pauses and other processes' leases count: a delivery to a paused place is due when the pause ends, a leased one
        when its lease lapses; one to a disabled place is never due.
        """


class Store(Protocol):
    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        """A short transaction. `StoreUnavailable` when it could not be begun or committed: nothing happened then."""

    async def close(self) -> None: ...


__all__ = ["Capabilities", "Chat", "Clock", "DeliveryState", "Handler", "Keeper", "Lease", "Store", "Transaction"]
