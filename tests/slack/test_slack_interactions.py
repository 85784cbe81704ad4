"""Commands, buttons, forms and menu entries as the core's events."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.slack.blocks import rendered
from adapters.slack.incoming import Workspace, action_of, command_of, form_of, shortcut_of
from adapters.slack.modals import form_view, post_view
from bot.events import ActionTaken, CommandInvoked, FormSubmitted, ShortcutUsed
from bot.model import Community, Member, MessageRef, Place, Platform
from bot.post import Button, Form, Input, Post

SAMPLES = Path(__file__).parents[2].parent / "shared" / "specs" / "slack-samples" / "app-backend"
HOME = Community(Platform("slack"), "T1")
HERE = Workspace(HOME, me="UBOT", bot="BBOT", team="T1", names={"U1": "Ada"}.get)
TYPED = {"/conseil": "tip", "/mentions": "mentions"}
TS, ROOT = "1790000000.000100", "1780000000.000000"
NOW = datetime(2026, 9, 21, 14, 0, tzinfo=UTC)
PRESSED_AT = datetime.fromtimestamp(1790000200, UTC)
ADA = Member(HOME, "U1", "Ada")
USER = {"id": "U1", "username": "ada.l", "name": "ada.l", "team_id": "T1"}

Body = dict[str, Any]


def command(**more: Any) -> Body:
    usual = {"command": "/conseil", "text": "engagement", "user_id": "U1", "user_name": "ada.l", "channel_id": "C1"}
    return {**usual, "team_id": "T1", **more}


def pressed(button: Button, **more: Any) -> Body:
    """What Slack tells of pressing a button just as we rendered it."""
    element = rendered(Post("Title", buttons=(button,)))[-1].blocks[-1]["elements"][0]
    return {
        "type": "block_actions",
        "team": {"id": "T1", "domain": "acme"},
        "user": USER,
        "channel": {"id": "C1", "name": "support"},
        "container": {"type": "message", "message_ts": TS, "channel_id": "C1", "is_ephemeral": False},
        "actions": [{**element, "action_ts": "1790000200.000000"}],
        **more,
    }


CLAIM = Button("Claim", "mention.claim", "m1/8")


def test_a_command() -> None:
    """Under its key, whatever it is called in the chat, with what was typed after it."""
    assert command_of(command(), HERE, TYPED, now=NOW) == CommandInvoked(
        Place(HOME, "C1"), ADA, "tip", "engagement", NOW
    )
    unknown = command_of(command(user_id="U9"), HERE, TYPED)
    assert unknown is not None
    assert unknown.member.name == "ada.l"
    assert command_of(command(command="/other"), HERE, TYPED) is None


@pytest.mark.parametrize(
    ("channel", "name", "private"),
    [
        ("C1", "support", False),
        ("G1", "privategroup", False),
        ("D1", "directmessage", True),
        ("C2", "mpdm-ada--tess--vigie-1", True),
    ],
)
def test_a_conversation_between_a_few_is_told_from_a_channel(channel: str, name: str, private: bool) -> None:
    """For commands and for buttons: there is nobody else there with whom anything could be shared."""
    told = command_of(command(channel_id=channel, channel_name=name), HERE, TYPED)
    assert told is not None
    assert told.private is private
    container = {"type": "message", "message_ts": TS, "channel_id": channel, "is_ephemeral": True}
    taken = action_of(pressed(CLAIM, channel={"id": channel, "name": name}, container=container), HERE)
    assert taken is not None
    assert taken.private is private


def test_what_is_typed_arrives_as_typed() -> None:
    """Entities are decoded, and a pasted link is its address."""
    asked = command_of(command(text="why <https://a.slack.com/archives/C1/p1?a=1&amp;b=2|x> &lt;3 "), HERE, TYPED)
    assert asked is not None
    assert asked.text == "why https://a.slack.com/archives/C1/p1?a=1&b=2 <3"


@pytest.mark.parametrize("team", ["T2", "E2"])
def test_somebody_of_another_organisation_acts(team: str) -> None:
    """In a shared channel they may press a button; the core is told that they are not at home."""
    taken = action_of(pressed(CLAIM, user={**USER, "team_id": team}), HERE)
    assert taken is not None
    assert not taken.member.home


def test_a_button_comes_back_as_it_was_given() -> None:
    """With the message that carries it, in its thread, at the instant when it was pressed."""
    taken = action_of(pressed(CLAIM), HERE)
    assert taken == ActionTaken(
        Place(HOME, "C1"), ADA, "mention.claim", "m1/8", PRESSED_AT, MessageRef(Place(HOME, "C1"), TS)
    )
    container = {"type": "message", "message_ts": TS, "channel_id": "C1", "thread_ts": ROOT}
    threaded = action_of(pressed(CLAIM, container=container), HERE)
    assert threaded is not None
    assert threaded.ref == MessageRef(Place(HOME, "C1", ROOT), TS)


def test_a_private_reply_cannot_be_referred_to() -> None:
    """Slack lets nobody change it later except through what came along with the press."""
    container = {"type": "message", "message_ts": TS, "channel_id": "C1", "is_ephemeral": True}
    taken = action_of(pressed(CLAIM, container=container), HERE)
    assert taken is not None
    assert (taken.place, taken.ref) == (Place(HOME, "C1"), None)


def test_buttons_that_do_the_same_are_told_apart_by_their_values() -> None:
    """Slack wants their ids to differ; the core is told the same action for all of them."""
    post = Post("T", buttons=tuple(Button(f"Tip {n}", "tip.show", f"tip-{n}") for n in range(3)))
    elements = rendered(post)[0].blocks[-1]["elements"]
    assert len({element["action_id"] for element in elements}) == 3
    body = pressed(CLAIM)
    taken = [action_of({**body, "actions": [element]}, HERE) for element in elements]
    assert [(t.action, t.value) for t in taken if t] == [("tip.show", f"tip-{n}") for n in range(3)]


def test_a_button_that_only_opens_an_address_does_nothing() -> None:
    """Slack tells of it all the same; nor is anything done about somebody else's buttons."""
    assert action_of(pressed(Button("Open", url="https://example.org")), HERE) is None
    body = pressed(CLAIM)
    assert action_of({**body, "actions": [{"action_id": "approve", "value": "1"}]}, HERE) is None


def test_a_button_on_the_home_tab_is_in_no_channel() -> None:
    """Only there; in a window that shows a private reply the place is the member's own channel, so that a tip can be
    shared from it."""
    view: Body = {"channel": None, "container": {"type": "view", "view_id": "V1"}}
    home = action_of(pressed(CLAIM, **view, view={"type": "home"}), HERE)
    window = action_of(pressed(CLAIM, **view, view=post_view(Post("T"), "Vigie")), HERE)
    assert home is not None
    assert window is not None
    assert (home.place.channel, window.place.channel) == ("", "@U1")


@pytest.mark.parametrize("place", [Place(HOME, "C1"), Place(HOME, "C1", ROOT), Place(HOME, ""), Place(HOME, "@U1")])
def test_a_form_comes_back_with_all_that_it_carried(place: Place) -> None:
    """Its id, its value, the place where it was asked for, and what was entered."""
    value = 'm1/8 “ü” \\ " <!channel>'
    view = form_view(Form("mention.snooze", "Snooze", "Snooze", (Input("choice", "Until?"),), value), place)
    state = {
        "choice": {"any": {"type": "radio_buttons", "selected_option": {"value": "1h"}}},
        "note": {"any": {"type": "plain_text_input", "value": "later"}},
        "empty": {"any": {"type": "plain_text_input", "value": None}},
    }
    body = {"type": "view_submission", "user": USER, "team": {"id": "T1"}, "view": {**view, "state": {"values": state}}}
    values = {"choice": "1h", "note": "later", "empty": ""}
    assert form_of(body, HERE, now=NOW) == FormSubmitted(place, ADA, "mention.snooze", value, NOW, values)


@pytest.mark.parametrize("metadata", ["", "{", "[]", '{"form": 1}', "[" * 3000])
def test_a_form_of_somebody_else(metadata: str) -> None:
    """It is ignored."""
    body = {"type": "view_submission", "user": USER, "view": {"private_metadata": metadata}}
    assert form_of(body, HERE) is None


def test_an_entry_of_a_messages_menu() -> None:
    """With the message that it was chosen on."""
    body = {
        "type": "message_action",
        "callback_id": "track",
        "user": {"id": "U1", "name": "ada.l", "team_id": "T1"},
        "team": {"id": "T1"},
        "channel": {"id": "C1", "name": "support"},
        "message": {"type": "message", "user": "U1", "text": "help &amp; more", "ts": TS, "thread_ts": ROOT},
        "action_ts": "1790000200.000000",
    }
    used = shortcut_of(body, HERE)
    assert used is not None
    assert (used.name, used.place, used.at) == ("track", Place(HOME, "C1", ROOT), PRESSED_AT)
    assert used.message is not None
    assert used.message.text == "help & more"
    assert shortcut_of({**body, "callback_id": "other"}, HERE) is None
    assert shortcut_of({**body, "callback_id": "tip"}, HERE) is None
    assert shortcut_of({**body, "message": {}}, HERE) is None


def test_an_entry_of_the_apps_own_menu() -> None:
    """It belongs to no channel and no message."""
    body = {"type": "shortcut", "callback_id": "tip", "user": USER, "team": {"id": "T1"}, "action_ts": TS}
    used = shortcut_of(body, HERE)
    assert isinstance(used, ShortcutUsed)
    assert (used.place, used.message, used.member) == (Place(HOME, ""), None, ADA)


@pytest.mark.skipif(not SAMPLES.exists(), reason="Slack's samples are not beside this repository")
def test_slacks_own_samples_are_taken_in() -> None:
    """Skeletons with blank values are nobody's: they are ignored, and nothing raises."""
    for path in SAMPLES.glob("*/*.json"):
        body = json.loads(path.read_text())
        assert command_of(body, HERE, TYPED) is None
        assert action_of(body, HERE) is None
        assert form_of(body, HERE) is None
        assert shortcut_of(body, HERE) is None
