"""Rows as the words of the core, and back."""

from __future__ import annotations

from typing import Any

from bot.model import (
    Community,
    Cursor,
    Decision,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Letter,
    Mention,
    MentionState,
    MessageRef,
    OccurrenceState,
    Place,
    Settled,
    Verdict,
    Wait,
)
from storage.prepared import Row
from storage.transitions import owner_of


def mention_values(mention: Mention) -> dict[str, Any]:
    return {
        "id": mention.id,
        **place_values(mention.place),
        "message": mention.ref.id,
        "asker": mention.asker,
        "opened_at": mention.opened_at,
        "rule": mention.rule,
        "state": mention.state.value,
        "since": mention.since,
        "waited": mention.waited,
        "step": mention.step,
        "due_at": mention.due_at,
        "latest": mention.latest,
        "latest_at": mention.latest_at,
        "claimed_by": mention.claimed_by,
        "until": mention.until,
        "closed_at": mention.closed_at,
        "closed_by": mention.closed_by,
        "closing_rule": mention.closing_rule,
        "first_answer_at": mention.first_answer_at,
        "worked": mention.worked,
        "told_by": mention.told_by,
        "version": mention.version,
    }


def mention_of(row: Row) -> Mention:
    return Mention(
        id=row.id,
        ref=MessageRef(place_of(row), row.message),
        asker=row.asker,
        opened_at=row.opened_at,
        rule=row.rule,
        state=MentionState(row.state),
        since=row.since,
        waited=row.waited,
        step=row.step,
        due_at=row.due_at,
        latest=row.latest,
        latest_at=row.latest_at,
        claimed_by=row.claimed_by,
        until=row.until,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        closing_rule=row.closing_rule,
        first_answer_at=row.first_answer_at,
        worked=row.worked,
        told_by=row.told_by,
        version=row.version,
    )


WAIT = ("channel", "rule", "opened_at", "state", "step", "first_answer_at", "worked", "closing_rule")


def wait_of(row: Row) -> Wait:
    """From the columns `WAIT` alone."""
    answered = row.first_answer_at
    return Wait(
        channel=row.channel,
        rule=row.rule,
        opened_at=row.opened_at,
        state=MentionState(row.state),
        step=row.step,
        wall=None if answered is None else answered - row.opened_at,
        worked=row.worked,
        closing_rule=row.closing_rule,
    )


def decision_of(row: Row) -> Decision:
    return Decision(
        mention=row.mention,
        at=row.at,
        verdict=Verdict(row.verdict),
        rule=row.rule,
        member=row.member,
        message=row.message,
        reasons=tuple(row.reasons),
    )


def delivery_values(delivery: Delivery) -> dict[str, Any]:
    return {
        "key": delivery.key,
        "kind": delivery.kind.value,
        **place_values(delivery.place),
        "subject": dict(delivery.subject),
        "created_at": delivery.created_at,
        "revision": delivery.revision,
        "leased_by": delivery.leased_by,
        "leased_until": delivery.leased_until,
        **outcome_values(delivery),
    }


def outcome_values(delivery: Delivery) -> dict[str, Any]:
    """What a sender decides about a delivery."""
    ref = delivery.sent_ref
    return {
        "state": delivery.state.value,
        "due_at": delivery.due_at,
        "attempts": delivery.attempts,
        "tried_at": delivery.tried_at,
        "sent_at": delivery.sent_at,
        "sent_channel": None if ref is None else ref.place.channel,
        "sent_thread": None if ref is None else ref.place.thread,
        "sent_message": None if ref is None else ref.id,
        "problem": delivery.problem,
    }


def delivery_of(row: Row) -> Delivery:
    place = place_of(row)
    sent_ref = None
    if row.sent_message is not None:
        sent_ref = MessageRef(Place(place.community, row.sent_channel, row.sent_thread), row.sent_message)
    return Delivery(
        key=row.key,
        kind=DeliveryKind(row.kind),
        place=place,
        subject=row.subject,
        due_at=row.due_at,
        state=DeliveryState(row.state),
        created_at=row.created_at,
        attempts=row.attempts,
        revision=row.revision,
        leased_by=row.leased_by,
        leased_until=row.leased_until,
        tried_at=row.tried_at,
        sent_at=row.sent_at,
        sent_ref=sent_ref,
        problem=row.problem,
    )


def settled_values(settled: Settled) -> dict[str, Any]:
    return {
        "schedule": settled.schedule,
        "local_date": settled.local_date,
        "community": owner_of(settled.schedule),
        "instant": settled.instant,
        "state": settled.state.value,
        "slug": settled.slug,
    }


def settled_of(row: Row) -> Settled:
    return Settled(row.schedule, row.local_date, row.instant, OccurrenceState(row.state), row.slug)


def cursor_of(row: Row) -> Cursor:
    return Cursor(place_of(row), row.after, row.at)


def place_values(place: Place) -> dict[str, str]:
    return {"community": str(place.community), "channel": place.channel, "thread": place.thread or ""}


def place_of(row: Row) -> Place:
    return Place(Community.parse(row.community), row.channel, row.thread or None)


def letter_of(row: Row) -> Letter:
    return Letter(row.box, Community.parse(row.community), row.member, row.body, row.at, row.number)
