"""A message of a Slack export to an Event. Pure: no file is read here.

The files of an export hold message objects as the API gives them: https://docs.slack.dev/reference/events/message
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.exports.shapes import Malformed, as_dict, as_list, clean, is_id
from adapters.exports.slack_text import plain
from adapters.exports.workspace import Workspace
from bot.events import Event, MessageDeleted, MessageEdited, MessagePosted
from bot.model import Message, MessageKind, MessageRef, Place, Reaction

SAID = frozenset({"bot_message", "file_comment", "file_share", "me_message", "slackbot_response", "thread_broadcast"})
"""The subtypes in which somebody says something; a message with any other subtype is a notice by Slack itself."""

NOTICES = frozenset(
    """
    app_conversation_join app_conversation_leave bot_add bot_disable bot_enable bot_remove channel_archive
    channel_canvas_updated channel_convert_to_private channel_convert_to_public channel_join channel_leave channel_name
    channel_posting_permissions channel_purpose channel_topic channel_unarchive document_mention ekm_access_denied
    file_mention group_archive group_join group_leave group_name group_purpose group_topic group_unarchive huddle_thread
    joiner_notification joiner_notification_for_inviter message_replied mpdm_move pinned_item reminder_add
    reminder_delete reply_broadcast sh_room_created sh_room_shared tabbed_canvas_updated tombstone unpinned_item
    """.split()
)
"""The notices that we know. All become SYSTEM messages and none is dropped, so that every message can be counted.

`tombstone` stands where the first message of a thread was deleted; `reply_broadcast` is the old announcement of what
`thread_broadcast` now says itself.
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def translate(payload: object, place: Place, workspace: Workspace) -> Event | None:
    """`place` is the channel. `None` for what changes nothing: an edit by which Slack only unfurled a link.

    An export holds the last text of each message, so its `edited` mark says nothing; edits and deletions as events of
    their own are found in exports made for legal archives. `Malformed` when it is no message as Slack writes it.
    """
    if not isinstance(payload, dict):
        raise Malformed("it is not an object")
    try:
        match payload.get("subtype"):
            case "message_changed":
                return _changed(payload, place, workspace)
            case "message_deleted":
                return _deleted(payload, payload.get("deleted_ts"), as_dict(payload.get("previous_message")), place)
        return MessagePosted(_message(payload, place, workspace))
    except TypeError:
        # An unhashable id. Checked by failing, since a check of every id of every message would be paid for each time.
        raise Malformed("a list or an object stands where an id should be") from None


def instant(ts: object) -> datetime:
    """Seconds and microseconds, exactly: a float would round the last digits. `Malformed` for anything else."""
    if isinstance(ts, str):
        seconds, _, fraction = ts.partition(".")
        if ts.isascii() and seconds.isdecimal() and (fraction.isdecimal() or not fraction):
            try:
                return _EPOCH + timedelta(0, int(seconds), int(fraction[:6].ljust(6, "0")))
            except (OverflowError, ValueError):
                pass
    raise Malformed("it has no ts" if ts is None else f"its ts is {repr(ts)[:40]}, not seconds.microseconds")


def _message(payload: dict[str, Any], place: Place, workspace: Workspace) -> Message:
    ts = payload.get("ts")
    at = instant(ts)
    subtype = payload.get("subtype")
    notice = subtype is not None and subtype not in SAID
    text = payload.get("text") or ""
    if not isinstance(text, str):
        raise Malformed("its text is not a text")
    text = clean(text)
    text, pings = plain(text, workspace.members, workspace.channels) if "<" in text or "&" in text else (text, ())
    return Message(
        MessageRef(_inside(payload, ts, place), ts),  # type: ignore[arg-type]  # a str, or `instant` had refused it
        workspace.author(payload, notice=notice),
        at,
        text,
        () if notice else pings,
        None,
        MessageKind.SYSTEM if notice else MessageKind.NORMAL,
        _attachments(payload) if "files" in payload or "file" in payload else 0,
        _reactions(payload["reactions"]) if "reactions" in payload else (),
    )


def _inside(payload: dict[str, Any], ts: object, place: Place) -> Place:
    thread = payload.get("thread_ts")
    if thread is None or thread == ts:  # a thread's first message stands in the channel
        return place
    if not is_id(thread):
        raise Malformed("its thread_ts is not a ts")
    return Place(place.community, place.channel, thread)


def _changed(payload: dict[str, Any], place: Place, workspace: Workspace) -> Event | None:
    after, before = payload.get("message"), as_dict(payload.get("previous_message"))
    if not isinstance(after, dict):
        raise Malformed("an edit without the message")
    if after.get("subtype") == "tombstone":
        return _deleted(payload, after.get("ts"), after, place)
    # Slack adds a link's preview by an edit too: then the text and the mark of the last edit stay as they were.
    if before.get("text", after.get("text")) == after.get("text") and before.get("edited") == after.get("edited"):
        return None
    return MessageEdited(_message(after, place, workspace), instant(payload.get("ts")))


def _deleted(payload: dict[str, Any], ts: object, before: Any, place: Place) -> MessageDeleted:
    if not is_id(ts):
        raise Malformed("a deletion that does not say of what")
    return MessageDeleted(MessageRef(_inside(before, ts, place), ts), instant(payload.get("ts")))


def _attachments(payload: dict[str, Any]) -> int:
    files = payload.get("files")
    if not isinstance(files, list):
        return int(isinstance(payload.get("file"), dict))  # a single one until 2018
    return sum(as_dict(file).get("mode") != "tombstone" for file in files)  # those are files that were deleted


def _reactions(reactions: object) -> tuple[Reaction, ...]:
    return tuple(
        Reaction(clean(reaction["name"]).partition("::")[0], user)  # `thumbsup::skin-tone-2`
        for reaction in as_list(reactions)
        if isinstance(reaction, dict) and isinstance(reaction.get("name"), str)
        for user in as_list(reaction.get("users"))
        if is_id(user)
    )
