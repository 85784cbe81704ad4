"""One claimed delivery: looked up if it may be out already, checked again, said, recorded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Protocol

from bot import outcome
from bot.errors import ChatError, Conflict, StoreError, Unauthorised
from bot.logger import get_logger
from bot.model import Community, Delivery, DeliveryKind, DeliveryState, Member, MessageRef, Place, Platform
from bot.outcome import Outcome
from bot.patience import Timing, within
from bot.ports import Chat, Clock, Store, Transaction
from bot.post import Post
from bot.recording import TRIES

log = get_logger(__name__)

DOUBTFUL = 5
"""Attempts after which a delivery that cannot even be looked up deserves an operator's attention."""

SKEW = timedelta(minutes=1)
"""How far the platform's clock, which dates its messages, may be behind ours."""

TARGET_RETRY = timedelta(seconds=30)
"""How long an edit waits for the message that it is to change."""


@dataclass(frozen=True, slots=True)
class Say:
    """`place` is the delivery's own, or a thread in it. An edit stays where its message is.

    `waiting` are the ids of the mentions of which it says that they wait for somebody.
    """

    post: Post
    place: Place
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cancel:
    """The reason no longer holds."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: put back as it was until that instant."""

    until: datetime


Observe = Callable[[Delivery, Exception | None], None]
"""Told of a delivery as it was recorded after an attempt, and of the error that came of it."""


class Composer(Protocol):
    """Knows what a delivery means; the deliverer does not."""

    async def compose(self, delivery: Delivery) -> Say | Cancel | Later:
        """Check that the reason still holds, and put it into words. May read the store and fetch from the chat."""

    async def still(self, tx: Transaction, delivery: Delivery, waiting: tuple[str, ...]) -> Cancel | Later | None:
        """What became of the reason while it was put into words, in the transaction that records that it is said now.

        `waiting`: as the composed one has it. None: the reason still holds.
        """

    async def sent(self, tx: Transaction, delivery: Delivery) -> None:
        """What follows from having said it, in the transaction that records it."""

    async def refused(self, tx: Transaction, delivery: Delivery, error: ChatError) -> None:
        """Tell an admin that a place, or the whole community, is closed to us, in the transaction that records it."""


@dataclass(frozen=True, slots=True)
class Call:
    """What the platform is asked to do: a new message in a place, or a new look for a message."""

    post: Post
    to: Place | MessageRef
    waiting: tuple[str, ...] = ()


class Attempts:
    """Carries out attempts, each in the name under which its delivery was claimed."""

    def __init__(
        self,
        store: Store,
        chats: Mapping[Platform, Chat],
        clock: Clock,
        composer: Composer,
        timing: Timing,
        observe: Observe = lambda *_: None,
    ) -> None:
        self._store = store
        self._chats = chats
        self._clock = clock
        self._composer = composer
        self._timing = timing
        self._observe = observe
        self._refusing: set[Community] = set()

    async def make(self, delivery: Delivery) -> bool:
        """Take a delivery just claimed as far as it goes; true when it is now recorded as sent.

        Raises nothing but cancellation. When the store fails nothing is assumed: the row keeps its lease, and whoever
        claims it after that finds out how things stand.
        """
        try:
            return await self._make(delivery)
        except Exception as error:  # noqa: BLE001 (whatever it is, the other deliveries go on)
            tell = log.warning if isinstance(error, StoreError) else log.error
            tell("delivery left to its lease", key=delivery.key, kind=delivery.kind, **_about(error))
        return False

    async def _make(self, delivery: Delivery) -> bool:
        may_be_out = delivery.tried_at is not None and delivery.kind is not DeliveryKind.LOOK
        if may_be_out:
            found = await self._look_up(delivery, delivery.place)
            if found is not None:
                return found
        try:
            said = await within(self._clock, self._timing.compose, self._compose(delivery))
        except Exception as error:  # noqa: BLE001 (whatever a composer raises, the other deliveries go on)
            log.error("delivery cannot be composed", key=delivery.key, kind=delivery.kind, **_about(error))  # noqa: TRY400 (no texts in logs)
            await self._settle(outcome.not_composed(delivery, error, self._clock.now()), error)
            return False
        if not isinstance(said, Call):
            await self._record(self._withheld(delivery, said))
            return False
        if may_be_out and isinstance(said.to, Place) and said.to != delivery.place:
            # The thread is the composer's choice and not in the row: it may be out there.
            found = await self._look_up(delivery, said.to)
            if found is not None:
                return found
        return await self._call(delivery, said)

    async def _look_up(self, delivery: Delivery, place: Place) -> bool | None:
        """None when it is certainly not out there; else whether it is recorded as sent, false meaning not yet."""
        try:
            ref = await within(self._clock, self._timing.ask, self._find(delivery, place))
        except Exception as error:  # noqa: BLE001 (an adapter's bug must not lead to a second message)
            tell = log.warning if delivery.attempts >= DOUBTFUL else log.info
            tell("delivery cannot be looked up", key=delivery.key, attempts=delivery.attempts, **_about(error))
            await self._settle(outcome.not_looked_up(delivery, error, self._clock.now()), error)
            return False
        if ref is None:
            return None
        log.info("delivery was out already", key=delivery.key, kind=delivery.kind)
        return await self._sent(delivery, ref, paced=False)

    async def _find(self, delivery: Delivery, place: Place) -> MessageRef | None:
        chat = self._chat(delivery)
        since = (delivery.tried_at or delivery.created_at) - SKEW
        return await chat.find(await _resolve(chat, place), delivery.key, since)

    async def _compose(self, delivery: Delivery) -> Call | Cancel | Later:
        target: MessageRef | None = None
        if delivery.kind is DeliveryKind.LOOK:
            found = await self._target(delivery)
            if not isinstance(found, MessageRef):
                return found
            target = found
        said = await self._composer.compose(delivery)
        if not isinstance(said, Say):
            return said
        if target is None and said.place.flat != delivery.place.flat:
            raise ValueError("composed for a place that is not the delivery's own")
        return Call(said.post, target or said.place, said.waiting)

    async def _target(self, look: Delivery) -> MessageRef | Cancel | Later:
        """The message that an edit is to change."""
        async with self._store.begin() as tx:
            target = await tx.delivery(str(look.subject["of"]))
        if target is None:
            return Cancel("nothing to edit")
        if target.sent_ref is not None:
            return target.sent_ref
        if target.state in (DeliveryState.PENDING, DeliveryState.SENDING):
            return Later(max(target.due_at, self._clock.now() + TARGET_RETRY))
        return Cancel(f"nothing to edit: {target.state}")

    async def _call(self, delivery: Delivery, call: Call) -> bool:
        chat = self._chat(delivery)
        thread = call.to.thread if isinstance(call.to, Place) else delivery.place.thread
        if isinstance(call.to, Place) and call.to.channel.startswith("@"):
            try:
                call = replace(call, to=await within(self._clock, self._timing.ask, _resolve(chat, call.to)))
            except Exception as error:  # noqa: BLE001 (every error has its outcome)
                await self._failed(delivery, delivery, error)
                return False
        calling = outcome.about_to_call(delivery, thread, self._clock.now(), self._timing)
        if not await self._record(calling, unless=lambda tx: self._overtaken(tx, delivery, call)):
            return False
        if not self._lease_lasts(delivery):
            # Composing or the database took so long that another owner may come before the platform answers.
            await self._record(outcome.given_back(delivery))
            return False
        try:
            ref = await within(self._clock, self._timing.post, _carry_out(chat, call, delivery.key))
        except Exception as error:  # noqa: BLE001 (every error has its outcome)
            await self._failed(delivery, calling.delivery, error)
            return False
        self._refusing.discard(delivery.place.community)
        return await self._sent(calling.delivery, ref, paced=isinstance(call.to, Place))

    async def _overtaken(self, tx: Transaction, delivery: Delivery, call: Call) -> Outcome | None:
        """What is to be recorded instead where the reason went while the delivery was put into words."""
        found = await self._composer.still(tx, delivery, call.waiting)
        return None if found is None else self._withheld(delivery, found)

    def _withheld(self, delivery: Delivery, why: Cancel | Later) -> Outcome:
        if isinstance(why, Later):
            return outcome.postponed(delivery, why.until, self._clock.now())
        log.info("delivery cancelled", key=delivery.key, kind=delivery.kind, reason=why.reason)
        return outcome.cancelled(delivery, why.reason)

    async def _failed(self, before: Delivery, tried: Delivery, error: Exception) -> None:
        result = outcome.failed(before, tried, error, self._clock.now(), self._timing)
        gave_up = result.delivery.state is DeliveryState.FAILED
        tell = log.error if gave_up else log.info
        tell("delivery failed", key=tried.key, kind=tried.kind, state=result.delivery.state, **_about(error))
        await self._settle(result, error)

    async def _sent(self, tried: Delivery, ref: MessageRef, *, paced: bool) -> bool:
        result = outcome.sent(tried, ref, self._clock.now(), paced=paced)
        try:
            return await self._record(result, lambda tx: self._composer.sent(tx, result.delivery))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 (what follows is tried again, the message is not)
            log.error("what follows from a delivery failed", key=tried.key, kind=tried.kind, **_about(error))  # noqa: TRY400 (no texts in logs)
            await self._record(outcome.backed_off(tried, self._clock.now()))
            return False

    async def _settle(self, result: Outcome, error: Exception) -> None:
        """Record the outcome of an error, and tell whoever has to be told."""
        community = result.delivery.place.community
        if isinstance(error, Unauthorised) and community not in self._refusing:
            self._refusing.add(community)
            log.error("the community refuses us", community=str(community), reason=error.reason)

        async def tell_admin(tx: Transaction) -> None:
            first = result.closed and await tx.disable(
                result.delivery.place.flat, outcome.problem(error), self._clock.now()
            )
            if isinstance(error, Unauthorised) or (isinstance(error, ChatError) and (first or result.refused)):
                await self._composer.refused(tx, result.delivery, error)

        await self._record(result, tell_admin, error)

    async def _record(
        self,
        result: Outcome,
        then: Callable[[Transaction], Awaitable[None]] | None = None,
        error: Exception | None = None,
        unless: Callable[[Transaction], Awaitable[Outcome | None]] | None = None,
    ) -> bool:
        """Save it and all that belongs to it in one transaction; false, and nothing changed, when the lease is lost.

        False, too, where `unless` finds in that very transaction that something else is to be recorded.
        """
        for left in reversed(range(TRIES)):
            try:
                async with self._store.begin() as tx:
                    instead = await unless(tx) if unless is not None else None
                    now_is = instead or result
                    if not await tx.save_delivery(now_is.delivery, now_is.delivery.leased_by or ""):
                        log.warning("lease lost", key=now_is.delivery.key, state=now_is.delivery.state)
                        return False
                    if now_is.pause is not None:
                        await tx.pause(now_is.pause.scope, now_is.pause.until)
                    if then is not None:
                        await then(tx)
            except Conflict:
                if not left:
                    raise
            else:
                self._observe(now_is.delivery, error)
                return instead is None
        return False

    def _lease_lasts(self, delivery: Delivery) -> bool:
        """Whether the platform's answer will come, or be given up on, while the delivery is still ours."""
        needed_until = self._clock.now() + self._timing.post + self._timing.margin
        return delivery.leased_until is not None and needed_until <= delivery.leased_until

    def _chat(self, delivery: Delivery) -> Chat:
        return self._chats[delivery.place.community.platform]


async def _resolve(chat: Chat, place: Place) -> Place:
    """The place itself, or the private channel when its channel is `@` and a member's id."""
    if not place.channel.startswith("@"):
        return place
    return replace(await chat.direct(Member(place.community, place.channel[1:])), thread=place.thread)


async def _carry_out(chat: Chat, call: Call, key: str) -> MessageRef:
    if isinstance(call.to, Place):
        return await chat.post(call.to, call.post, key)
    await chat.edit(call.to, call.post)
    return call.to


def _about(error: Exception) -> dict[str, str]:
    """What a log may tell of an error: its name or code, and the line it came from. Its message may quote a text."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    at = f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""
    return {"error": type(error).__name__, "reason": outcome.problem(error), "at": at}
