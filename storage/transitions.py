"""What becomes of a delivery, and what is told of a name or a mention: pure, and the same in every store."""

from __future__ import annotations

from datetime import datetime

from bot.copying import replace
from bot.model import Delivery, DeliveryState, Mention, Wait

LIVE = (DeliveryState.PENDING, DeliveryState.SENDING)
"""States in which a delivery may still have to be sent."""

Order = tuple[datetime, datetime, str]


def order(delivery: Delivery) -> Order:
    """What makes one delivery older than another."""
    return (delivery.due_at, delivery.created_at, delivery.key)


def asked_again(stored: Delivery, asked: Delivery) -> Delivery:
    """A look that is asked for once more.

    One in flight keeps its state and lease: its sender is told by the newer revision when it saves.
    """
    revision = stored.revision + 1
    if stored.state in LIVE:
        due_at = min(stored.due_at, asked.due_at)  # or else looks asked for without pause would never be shown
        return replace(stored, subject=asked.subject, due_at=due_at, revision=revision)
    return replace(
        stored,
        subject=asked.subject,
        due_at=asked.due_at,
        revision=revision,
        state=DeliveryState.PENDING,
        attempts=0,
        tried_at=None,
        problem=None,
    )


SETTLED = (DeliveryState.SENT, DeliveryState.CANCELLED, DeliveryState.FAILED)
"""How an attempt can end for good, unless there is something newer to say."""


def landed(stored: Delivery, saved: Delivery) -> Delivery:
    """A delivery after its sender told how it went; `stored` may have a newer revision than it was sent with."""
    held = saved.state is DeliveryState.SENDING
    result = replace(
        stored,
        state=saved.state,
        due_at=saved.due_at,
        attempts=saved.attempts,
        tried_at=saved.tried_at,
        sent_at=saved.sent_at,
        sent_ref=saved.sent_ref,
        problem=saved.problem,
        leased_by=stored.leased_by if held else None,
        leased_until=stored.leased_until if held else None,
    )
    if saved.state in SETTLED and stored.revision > saved.revision:
        return replace(result, state=DeliveryState.PENDING, attempts=0, tried_at=None, problem=None)
    return result


def folded(stored: Delivery, into: str) -> Delivery:
    """A delivery that the digest `into` says instead; `problem` tells which."""
    return replace(stored, state=DeliveryState.FOLDED, problem=into, leased_by=None, leased_until=None)


def ended_at(delivery: Delivery) -> datetime:
    """When a delivery that is over was over, as far as retention goes."""
    return delivery.sent_at or delivery.due_at


def wait(mention: Mention) -> Wait:
    answered = mention.first_answer_at
    return Wait(
        channel=mention.place.channel,
        rule=mention.rule,
        opened_at=mention.opened_at,
        state=mention.state,
        step=mention.step,
        wall=None if answered is None else answered - mention.opened_at,
        worked=mention.worked,
        closing_rule=mention.closing_rule,
    )


ONCE = "once"
"""Holds the leases that nobody gives back: they only tell that something happened already."""


def owner_of(name: str) -> str | None:
    """The community that a schedule or a lease belongs to: the part of its name that looks like `PLATFORM:ID`."""
    return next((part for part in name.split("/") if ":" in part), None)


def scope_of(scope: str) -> tuple[str, str]:
    """What a pause is about: `str(community)` and the channel, empty for all of the community."""
    community, _, channel = scope.partition("/")
    return community, channel
