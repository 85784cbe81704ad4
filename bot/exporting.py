"""What is stored about a member in plain words, for the member to read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from bot.model import Community, Decision, Delivery, Mention
from bot.traces import Traces


def exported(traces: Traces, community: Community, member: str, now: datetime) -> dict[str, Any]:
    """Everything of `traces` as values that JSON knows. Instants are ISO 8601 in UTC, spans are seconds.

    Of what concerns others as well, only what concerns the member: who else asked, claimed or answered is left out.
    """
    mine = {mention.id for mention, *_ in traces.asked}
    return {
        "community": str(community),
        "member": member,
        "as_of": _plain(now),
        "mentions_opened": [
            {
                **_mention(mention),
                "messages": list(messages),
                "history": [_decision(decision, member) for decision in decisions],
            }
            for mention, messages, decisions in traces.asked
        ],
        "mentions_of_others_taken_care_of": [
            {
                "mention": mention.id,
                "channel": mention.place.channel,
                "claimed": mention.claimed_by == member,
                "closed": mention.closed_by == member,
                "closed_at": _plain(mention.closed_at) if mention.closed_by == member else None,
            }
            for mention in traces.helped
        ],
        "decisions_about_mentions_of_others": [
            {"mention": decision.mention, **_decision(decision, member)} for decision in traces.said
        ],
        "messages_of_the_bot": [_delivery(delivery, mine) for delivery in traces.deliveries],
        "opinions_on_tips": [
            {"tip": opinion.tip, "opinion": opinion.verdict, "at": _plain(opinion.at)} for opinion in traces.opinions
        ],
        "on_the_way_to_another_copy": [
            {"what": dict(letter.body), "at": _plain(letter.at)} for letter in traces.letters
        ],
        "private_channel": {
            "silent_until": _plain(traces.paused_until),
            "closed_because": traces.closed[0] if traces.closed else None,
            "closed_since": _plain(traces.closed[1]) if traces.closed else None,
            "read_up_to": [{"message": cursor.after, "at": _plain(cursor.at)} for cursor in traces.read],
        },
    }


def _mention(mention: Mention) -> dict[str, Any]:
    return {
        "mention": mention.id,
        "channel": mention.place.channel,
        "thread": mention.place.thread,
        "message": mention.ref.id,
        "opened_at": _plain(mention.opened_at),
        "opened_by_rule": mention.rule,
        "state": mention.state.value,
        "latest_message": mention.latest,
        "latest_message_at": _plain(mention.latest_at),
        "clock_started_at": _plain(mention.since),
        "waited_before_that": _plain(mention.waited),
        "reminders_so_far": mention.step,
        "next_reminder_at": _plain(mention.due_at),
        "put_off_until": _plain(mention.until),
        "first_answer_at": _plain(mention.first_answer_at),
        "working_time_to_answer": _plain(mention.worked),
        "closed_at": _plain(mention.closed_at),
        "closed_by_rule": mention.closing_rule,
        "told_in": mention.told_by,
        "changes": mention.version,
    }


def _decision(decision: Decision, member: str) -> dict[str, Any]:
    yours = decision.member == member
    named = re.compile(rf"(?<![^\W_]){re.escape(member)}(?![^\W_])")
    return {
        "at": _plain(decision.at),
        "decided": decision.verdict.value,
        "by_rule": decision.rule,
        "because_of_you": yours,
        "message": decision.message if yours else None,
        "reasons": [reason for reason in decision.reasons if yours or named.search(reason)],
    }


def _delivery(delivery: Delivery, mine: set[str]) -> dict[str, Any]:
    """Of a digest, only the member's own part of the list."""
    about = {
        name: [item for item in value if item.split("/")[0] in mine] if isinstance(value, list) else value
        for name, value in delivery.subject.items()
    }
    ref = delivery.sent_ref
    return {
        "key": delivery.key,
        "kind": delivery.kind.value,
        "channel": delivery.place.channel,
        "thread": delivery.place.thread,
        "about": about,
        "state": delivery.state.value,
        "decided_at": _plain(delivery.created_at),
        "due_at": _plain(delivery.due_at),
        "attempts": delivery.attempts,
        "first_tried_at": _plain(delivery.tried_at),
        "sent_at": _plain(delivery.sent_at),
        "sent_to": None if ref is None else {"channel": ref.place.channel, "thread": ref.place.thread},
        "sent_message": None if ref is None else ref.id,
        "problem": delivery.problem,
    }


def _plain(value: datetime | timedelta | None) -> str | float | None:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return None if value is None else value.isoformat()
