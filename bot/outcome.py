"""What the database shall hold after each turn that a delivery can take: pure functions of the row and an instant.

A row always tells what is certain. `tried_at` is set just before the platform is called and stays until the platform
said that nothing was done: a delivery that has it may be out, and is looked up before it is ever said again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.copying import replace
from bot.errors import ChatError, Forbidden, Gone, RateLimited, Rejected, Sent, Unauthorised, Unavailable
from bot.model import Delivery, DeliveryKind, DeliveryState, MessageRef
from bot.patience import LOCKOUT, PACE, Timing, backoff


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing goes to `scope`, as in `Transaction.pause`, before `until`."""

    scope: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """The row as it shall be, and what else has to be in the same transaction.

    `closed`: the channel is closed to us, an admin is told the first time. `refused`: an admin is told in any case.
    """

    delivery: Delivery
    pause: Pause | None = None
    closed: bool = False
    refused: bool = False


def cancelled(delivery: Delivery, reason: str) -> Outcome:
    return Outcome(replace(delivery, state=DeliveryState.CANCELLED, problem=reason))


def postponed(delivery: Delivery, until: datetime, now: datetime) -> Outcome:
    """Put back until then; never until now or before, or it would be claimed again in the same breath, for ever."""
    return Outcome(replace(delivery, state=DeliveryState.PENDING, due_at=max(until, now + PACE)))


def given_back(delivery: Delivery) -> Outcome:
    """Nothing was done and too little of the lease is left: to be claimed again, with a whole one."""
    return Outcome(replace(delivery, state=DeliveryState.PENDING))


def about_to_call(delivery: Delivery, thread: str | None, now: datetime, timing: Timing) -> Outcome:
    """From here on it may be out. `due_at` is when to look it up if its sender is never heard of again."""
    return Outcome(
        replace(
            delivery,
            state=DeliveryState.SENDING,
            place=delivery.place if thread == delivery.place.thread else replace(delivery.place, thread=thread),
            attempts=delivery.attempts + 1,
            tried_at=delivery.tried_at or now,
            due_at=now + timing.post + timing.settle,
        )
    )


def sent(tried: Delivery, ref: MessageRef, now: datetime, *, paced: bool) -> Outcome:
    """It is out, as `ref`. `paced`: the channel rests for a moment."""
    delivery = replace(tried, state=DeliveryState.SENT, sent_ref=ref, sent_at=now, problem=None)
    return Outcome(delivery, pause=Pause(channel_scope(tried), now + PACE) if paced else None)


def in_doubt(tried: Delivery, now: datetime, timing: Timing) -> Outcome:
    """It may be out: to be looked up once a request still in flight has settled."""
    return Outcome(replace(tried, due_at=now + max(timing.settle, backoff(tried.key, tried.attempts))))


def not_looked_up(delivery: Delivery, error: Exception, now: datetime) -> Outcome:
    """Whether it is out remains unknown, so it stays in the state that it is in."""
    if isinstance(error, RateLimited | Unauthorised):
        return _held(delivery, error, now)
    return backed_off(delivery, now)


def not_composed(delivery: Delivery, error: Exception, now: datetime) -> Outcome:
    """Nothing was said. Forbidden or Gone tell of what the composer wanted to fetch, not of this delivery's place."""
    delivery = replace(delivery, state=DeliveryState.PENDING)
    if isinstance(error, RateLimited | Unauthorised):
        return _held(delivery, error, now)
    return backed_off(delivery, now)


def failed(before: Delivery, tried: Delivery, error: Exception, now: datetime, timing: Timing) -> Outcome:
    """The platform was called and an error came of it. `tried` is `before` itself when nothing can have got out."""
    unsaid = replace(before, state=DeliveryState.PENDING)
    match error:
        case RateLimited() | Unauthorised():
            return _held(unsaid, error, now)
        case Unavailable(sent=Sent.NO):
            return backed_off(unsaid, now)
        case Gone() if tried.kind is DeliveryKind.LOOK:
            return cancelled(tried, problem(error))
        case Rejected():
            return _given_up(tried, error)
        case Forbidden() | Gone():
            return _closed(tried, error)
        case _ if tried is before:
            return backed_off(unsaid, now)
        case _:
            return in_doubt(tried, now, timing)


def backed_off(delivery: Delivery, now: datetime) -> Outcome:
    """In the state that it is in, after a while that grows with its attempts."""
    attempts = delivery.attempts + 1
    return Outcome(replace(delivery, attempts=attempts, due_at=now + backoff(delivery.key, attempts)))


def channel_scope(delivery: Delivery) -> str:
    return f"{delivery.place.community}/{delivery.place.channel}"


def problem(error: Exception) -> str:
    """The platform's own code, else the name of the error."""
    return getattr(error, "reason", "") or type(error).__name__


def _held(delivery: Delivery, error: RateLimited | Unauthorised, now: datetime) -> Outcome:
    """Nothing was done. `due_at` stays, so that the order of its channel does; the pause keeps all of it waiting."""
    community = str(delivery.place.community)
    if isinstance(error, Unauthorised):
        return Outcome(delivery, pause=Pause(community, now + LOCKOUT))
    scope = community if error.everywhere else channel_scope(delivery)
    return Outcome(delivery, pause=Pause(scope, now + max(timedelta(seconds=error.retry_after), PACE)))


def _given_up(tried: Delivery, error: ChatError) -> Outcome:
    return Outcome(replace(tried, state=DeliveryState.FAILED, problem=problem(error)))


def _closed(tried: Delivery, error: Forbidden | Gone) -> Outcome:
    outcome = _given_up(tried, error)
    if tried.kind is DeliveryKind.LOOK:
        return outcome  # an old message that may not be edited says nothing about new ones
    if tried.place.thread is not None:
        return replace(outcome, refused=True)  # what is gone, archived or locked may be the thread alone
    return replace(outcome, closed=True)
