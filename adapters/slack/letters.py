"""Events as letters from one copy to another: who, where and when, without a word of what was said. Pure.

Over HTTP an event may reach a copy that does not hold the app's lease. Texts are never stored, so what it leaves for
the holder says which message to look at, and the holder reads that message itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.slack.payloads import as_dict, community_of, id_of, is_rewritten, said_by_somebody, thread_of, ts_of
from bot.model import Community, Letter, MessageRef, Place

Body = Mapping[str, Any]

KEPT = frozenset(
    (
        # of the envelope
        *("type", "event", "event_id", "event_time", "team_id", "enterprise_id", "context_team_id"),
        *("context_enterprise_id", "is_enterprise_install", "authorizations"),
        # of what happened
        *("subtype", "channel", "channel_id", "channel_type", "ts", "event_ts", "thread_ts", "deleted_ts"),
        *("user", "bot_id", "team", "edited", "message", "previous_message", "item", "reaction", "tab", "id"),
        *("tokens", "bot", "old_channel_id", "new_channel_id"),
    )
)
"""What is kept of an event, at whatever depth: ids, instants, kinds and emoji names."""

LONGEST = 255
"""Characters of a value that is kept. Ids, instants and emoji names are far shorter; a text may be under any name."""

MISSED = "missed"
"""The type of a letter of our own: events did not reach that copy for a while, and Slack may have given them up."""


def letter_of(body: Body, box: str, now: datetime) -> Letter | None:
    """An event for whoever holds `box`; None when there is nothing to tell, or it is not told whose it is."""
    community, event = community_of(body), as_dict(body.get("event"))
    after = as_dict(event.get("message"))
    edited = event.get("subtype") == "message_changed" and after.get("subtype") != "tombstone"
    # Whether the text was changed cannot be told any more once texts are gone.
    if community is None or (edited and not is_rewritten(event)):
        return None
    user = event.get("user") or after.get("user")
    member = id_of(user) or id_of(as_dict(user).get("id"))
    return Letter(box, community, member, _kept(body), now)


def message_in(body: Body, community: Community) -> MessageRef | None:
    """The message that has to be read before the event is whole again; None when it is whole as it is.

    Raises:
        Malformed: it is no letter of ours.
    """
    event = as_dict(body.get("event"))
    if event.get("type") not in ("message", "app_mention") or event.get("subtype") == "message_deleted":
        return None
    said = as_dict(event.get("message")) if event.get("subtype") == "message_changed" else event
    if not said_by_somebody(said):
        return None
    id_ = ts_of(said.get("ts"))
    return MessageRef(Place(community, id_of(event.get("channel")), thread_of(said, id_)), id_)


def whole(body: Body, message: Body) -> dict[str, Any]:
    """The event with what was said in it, from the message as Slack has it now."""
    event = as_dict(body.get("event"))
    if event.get("subtype") == "message_changed":
        return {**body, "event": {**event, "message": dict(message)}}
    # What was edited since is no less new; the edit is an event of its own.
    said = {key: value for key, value in message.items() if key not in ("edited", "type")}
    return {**body, "event": {**said, **event}}


def _kept(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _kept(inside) for key, inside in value.items() if key in KEPT}
    if isinstance(value, list):
        return [_kept(inside) for inside in value]
    return value[:LONGEST] if isinstance(value, str) else value
