"""Events passed on between copies: no word of what was said is kept, and the other copy is told the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.slack.incoming import Workspace, events_of
from adapters.slack.letters import letter_of, message_in, whole
from bot.model import Community, Platform

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOME = Community(Platform("slack"), "T1")
HERE = Workspace(HOME, me="UBOT", bot="BBOT", team="T1", names={"U1": "Ada"}.get)
CANARY = "the canary sings"
TS, THREAD = "1790000000.000100", "1790000000.000000"

Body = dict[str, Any]

SAID = {"type": "message", "user": "U1", "team": "T1", "text": CANARY, "ts": TS}
SHOWN = {
    "blocks": [{"type": "rich_text", "elements": [{"type": "text", "text": CANARY}]}],
    "attachments": [{"fallback": CANARY}],
    "files": [{"id": "F1", "name": CANARY, "title": CANARY}],
    "username": CANARY,
    "topic": CANARY,
    "metadata": {"event_type": "x", "event_payload": {"text": CANARY}},
}
IN_PUBLIC = {"channel": "C1", "channel_type": "channel", "event_ts": TS}
REPLY = {**SAID, "text": f"{CANARY} <@U2>", "thread_ts": THREAD}
EDITED = {**SAID, **SHOWN, "text": f"{CANARY} again", "edited": {"user": "U1", "ts": "1790000005.000000"}}
TOMBSTONE = {"type": "message", "subtype": "tombstone", "ts": TS, "text": CANARY, "thread_ts": THREAD}

EVENTS: dict[str, tuple[Body, Body | None]] = {
    "a message": ({**SAID, **SHOWN, **IN_PUBLIC}, {**SAID, **SHOWN}),
    "a reply with a ping": ({**REPLY, **IN_PUBLIC}, REPLY),
    "a file": ({**SAID, **SHOWN, **IN_PUBLIC, "subtype": "file_share"}, {**SAID, **SHOWN, "subtype": "file_share"}),
    "a message to the bot": ({**SAID, "channel": "D1", "channel_type": "im", "event_ts": TS}, SAID),
    "the bot called": (
        {**SAID, **IN_PUBLIC, "type": "app_mention", "text": f"<@UBOT> {CANARY}"},
        {**SAID, "text": f"<@UBOT> {CANARY}"},
    ),
    "an edit": (
        {"type": "message", "subtype": "message_changed", "message": EDITED, "previous_message": SAID, **IN_PUBLIC},
        EDITED,
    ),
    "a deletion": (
        {"type": "message", "subtype": "message_deleted", "deleted_ts": TS, "previous_message": REPLY, **IN_PUBLIC},
        None,
    ),
    "a deletion with replies": (
        {"type": "message", "subtype": "message_changed", "message": TOMBSTONE, "previous_message": SAID, **IN_PUBLIC},
        None,
    ),
    "a reaction": (
        {
            "type": "reaction_added",
            "user": "U1",
            "reaction": "white_check_mark",
            "item": {"type": "message", "channel": "C1", "ts": TS},
            "event_ts": TS,
        },
        None,
    ),
    "the home tab": (
        {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home", "event_ts": TS, "view": SHOWN},
        None,
    ),
    "the bot invited": ({"type": "member_joined_channel", "user": "UBOT", "channel": "C1", "event_ts": TS}, None),
    "an archived channel": ({"type": "channel_archive", "channel": "C1", "user": "U1", "event_ts": TS}, None),
    "a group": ({"type": "subteam_updated", "subteam": {"id": "S1", "name": CANARY}, "event_ts": TS}, None),
    "uninstalled": ({"type": "app_uninstalled"}, None),
    "tokens revoked": ({"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}}, None),
}


def envelope(event: Body) -> Body:
    who = {"enterprise_id": None, "team_id": "T1", "user_id": "UBOT", "is_bot": True, "is_enterprise_install": False}
    return {"type": "event_callback", "event_id": "Ev1", "team_id": "T1", "event": event, "authorizations": [who]}


@pytest.mark.parametrize("name", EVENTS)
def test_the_other_copy_is_told_the_same_without_a_word_of_it_being_stored(name: str) -> None:
    """What is said, in whatever field, stays out of the letter; read again, the event is the one that Slack told."""
    event, message = EVENTS[name]
    letter = letter_of(envelope(event), "box", NOW)
    assert letter is not None
    stored = json.loads(json.dumps(letter.body))
    assert CANARY not in json.dumps(stored)
    ref = message_in(stored, HOME)
    assert (ref is None) == (message is None)
    again = stored if message is None else whole(stored, message)
    told = events_of(event, HERE, now=NOW)
    assert len(told) == 1
    assert events_of(again["event"], HERE, now=NOW) == told
    assert letter.member in ("", "U1", "UBOT")


def test_an_edit_that_changes_no_text_leaves_no_letter() -> None:
    """A link's preview is none of anybody's business, and could not be told from an edit later."""
    event = {**EVENTS["an edit"][0], "message": {**EDITED, "text": CANARY}}
    assert letter_of(envelope(event), "box", NOW) is None


def test_a_call_that_was_edited_since_is_still_one() -> None:
    """Edited between being told and being read: the call itself came before that."""
    event, message = EVENTS["the bot called"]
    letter = letter_of(envelope(event), "box", NOW)
    assert letter is not None
    assert message is not None
    edited = {**message, "edited": {"user": "U1", "ts": "1790000005.000000"}}
    assert len(events_of(whole(letter.body, edited)["event"], HERE, now=NOW)) == 1


def test_whoever_may_be_forgotten_is_named() -> None:
    """The author of an edited message, too; and where nobody is told, nobody."""
    for name, member in (("an edit", "U1"), ("a message", "U1"), ("a group", ""), ("the bot invited", "UBOT")):
        letter = letter_of(envelope(EVENTS[name][0]), "box", NOW)
        assert letter is not None
        assert letter.member == member
