"""Slack's payloads as the core's events."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import incoming
from adapters.slack.incoming import Workspace, channel_of, community_of, events_of, matters, message_of
from bot.events import (
    Addressed,
    ChannelFound,
    ChannelLost,
    CommunityLost,
    Event,
    HomeOpened,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionAdded,
    ReactionRemoved,
    TeamChanged,
)
from bot.model import Community, Member, MessageKind, MessageRef, Ping, PingKind, Place, Platform, Reaction

SAMPLES = Path(__file__).parents[2].parent / "shared" / "specs" / "slack-samples"
SLACK = Platform("slack")
HOME = Community(SLACK, "T1")
NAMES = {"U1": "Ada", "U2": "Tess", "S1": "moderators", "C1": "support"}
HERE = Workspace(HOME, me="UBOT", bot="BBOT", team="T1", names=NAMES.get)
GRID = Workspace(Community(SLACK, "E1:T1"), me="UBOT", bot="BBOT", team="T1", names=NAMES.get)
TS = "1790000000.000100"
AT = datetime.fromtimestamp(1790000000, UTC).replace(microsecond=100)
LATER = "1790000100.000000"
LATER_AT = datetime.fromtimestamp(1790000100, UTC)

Body = dict[str, Any]


def said(text: str = "hello", **more: Any) -> Body:
    usual = {"type": "message", "user": "U1", "team": "T1", "text": text, "ts": TS, "channel": "C1", "event_ts": TS}
    return {**usual, "channel_type": "channel", **more}


def one(event: Body, workspace: Workspace = HERE) -> Event:
    [found] = events_of(event, workspace)
    return found


def posted(event: Body, workspace: Workspace = HERE) -> MessagePosted:
    found = one(event, workspace)
    assert isinstance(found, MessagePosted)
    return found


def changed(before: Body, after: Body) -> Body:
    return {
        "type": "message",
        "subtype": "message_changed",
        "channel": "C1",
        "channel_type": "channel",
        "message": {key: value for key, value in after.items() if key not in ("channel", "channel_type", "event_ts")},
        "previous_message": {key: value for key, value in before.items() if key != "channel"},
        "ts": LATER,
        "event_ts": LATER,
    }


# messages


def test_a_message() -> None:
    """Who, where, when to the microsecond, what people see, and whom it calls."""
    message = posted(said("<!subteam^S1> I need &lt;help&gt;")).message
    assert message.ref == MessageRef(Place(HOME, "C1"), TS)
    assert message.author == Member(HOME, "U1", "Ada")
    assert message.at == AT
    assert message.text == "@moderators I need <help>"
    assert message.pings == (Ping(PingKind.ROLE, "S1", leading=True),)


def test_a_reply_stands_in_its_thread_and_the_first_message_in_the_channel() -> None:
    """`thread_ts` is also on the message that the thread began with; a broadcast reply stays in its thread."""
    root = "1780000000.000000"
    assert posted(said(thread_ts=root)).message.ref.place == Place(HOME, "C1", root)
    assert posted(said(thread_ts=TS)).message.ref.place == Place(HOME, "C1")
    broadcast = said(thread_ts=root, subtype="thread_broadcast", root={"ts": root, "user": "U2"})
    assert posted(broadcast).message.ref.place == Place(HOME, "C1", root)


def test_files_are_counted() -> None:
    """A picture without a word is still something said."""
    message = posted(said("", subtype="file_share", files=[{"id": "F1"}, {"id": "F2"}])).message
    assert (message.attachments, message.kind) == (2, MessageKind.NORMAL)


@pytest.mark.parametrize(
    "event",
    [
        said(subtype="bot_message", user=None, bot_id="B9", username="Deploys"),
        said(bot_id="B9", user="U9", bot_profile={"name": "Deploys"}),
        said(user="UBOT", bot_id="BBOT"),
        said(user="USLACKBOT", subtype="slackbot_response"),
    ],
)
def test_bots_are_bots(event: Body) -> None:
    """Integrations, other apps, Slackbot and ourselves."""
    assert posted(event).message.author.bot


@pytest.mark.parametrize(
    ("workspace", "told", "home"),
    [
        (HERE, {"team": "T1"}, True),
        (HERE, {"team": "T2", "user_team": "T2", "source_team": "T2"}, False),
        (HERE, {"team": "T1", "user_team": "T2"}, False),
        (HERE, {"team": None}, True),
        (HERE, {"team": None, "user_profile": {"team": "T2"}}, False),
        (GRID, {"team": "T1", "user_team": "E1"}, True),
        (GRID, {"team": "T7", "enterprise": "E1"}, True),
        (GRID, {"team": "T7", "user_team": "E2"}, False),
    ],
)
def test_other_organisations_are_not_at_home(workspace: Workspace, told: Body, home: bool) -> None:
    """In a Slack Connect channel, whoever is of another organisation can never pass for the team."""
    assert posted(said(**told), workspace).message.author.home is home


@pytest.mark.parametrize(
    "subtype", ["channel_join", "channel_topic", "pinned_item", "huddle_thread", "message_replied"]
)
def test_notices_of_slack_itself_are_nothing_said(subtype: str) -> None:
    """They are dropped as they come; in a history they are there, as system messages that call nobody."""
    event = said("<@U1> has joined", subtype=subtype)
    assert events_of(event, HERE) == []
    assert not matters({"type": "event_callback", "event": event}, {"C1"})
    message = message_of(event, "C1", HERE)
    assert (message.kind, message.pings) == (MessageKind.SYSTEM, ())


def test_a_message_of_the_history_tells_its_reactions() -> None:
    """What was marked as solved while nobody was connected counts, too."""
    item = {"type": "message", "user": "U1", "text": "hi", "ts": TS}
    reactions = [{"name": "white_check_mark", "users": ["U2", "U3"], "count": 2}, {"name": ":eyes:", "users": ["U2"]}]
    assert message_of({**item, "reactions": reactions}, "C1", HERE).reactions == (
        Reaction("white_check_mark", "U2"),
        Reaction("white_check_mark", "U3"),
        Reaction("eyes", "U2"),
    )


def test_an_edit_tells_how_the_message_is_now() -> None:
    """With the instant of the edit, not of the message."""
    event = one(changed(said("hi"), said("hi <@U2>", edited={"user": "U1", "ts": LATER})))
    assert isinstance(event, MessageEdited)
    assert (event.message.ref.id, event.message.text, event.at) == (TS, "hi @Tess", LATER_AT)
    assert event.message.pings == (Ping(PingKind.MEMBER, "U2"),)


def test_an_unfurled_link_is_no_edit() -> None:
    """Nor is the first reply under a message, nor a pin: the text is as it was. Likewise where Slack tells no past."""
    before = said("<https://example.org>")
    after = {**before, "attachments": [{"id": 1}], "reply_count": 1}
    assert events_of(changed(before, after), HERE) == []
    assert events_of({**changed(before, after), "previous_message": None}, HERE) == []


def test_a_deletion() -> None:
    """In its thread; the first message of a thread leaves a tombstone behind, which is an edit to Slack."""
    root = "1780000000.000000"
    deletion = {
        **said(),
        "subtype": "message_deleted",
        "deleted_ts": TS,
        "previous_message": said(thread_ts=root),
        "ts": LATER,
        "event_ts": LATER,
    }
    event = one(deletion)
    assert isinstance(event, MessageDeleted)
    assert event.ref == MessageRef(Place(HOME, "C1", root), TS)
    stone = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "text": "gone", "ts": TS, "thread_ts": TS}
    buried = one(changed(said(thread_ts=TS), stone))
    assert isinstance(buried, MessageDeleted)
    assert buried.ref == MessageRef(Place(HOME, "C1"), TS)


# speaking to the bot


def test_what_is_written_in_private_speaks_to_the_bot() -> None:
    """With or without its name; a pasted link is its address, whatever Slack shows for it."""
    link = "<https://acme.slack.com/archives/C1/p1?thread_ts=1.2&amp;cid=C1|a message>"
    event = one(said(f"<@UBOT> mentions why {link}", channel="D1", channel_type="im"))
    assert event == Addressed(
        Place(HOME, "D1"),
        Member(HOME, "U1", "Ada"),
        "mentions why https://acme.slack.com/archives/C1/p1?thread_ts=1.2&cid=C1",
        AT,
        private=True,
    )
    assert one(said("help", channel="D1", channel_type="im", thread_ts="1780000000.000000")).place.thread  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "event",
    [
        said(user="UBOT", bot_id="BBOT", channel="D1", channel_type="im"),
        {**changed(said("hi"), said("ho")), "channel": "D1", "channel_type": "im"},
        {**said(), "subtype": "message_deleted", "deleted_ts": TS, "channel": "D1", "channel_type": "im"},
        said(subtype="channel_topic", channel="D1", channel_type="im"),
    ],
)
def test_in_private_only_people_are_answered(event: Body) -> None:
    """Not ourselves, which would go on for ever; and what was corrected was answered already."""
    assert events_of(event, HERE) == []


def test_a_mention_of_the_app_speaks_to_it_when_it_begins_with_the_name() -> None:
    """The same message comes as `message` besides, which alone may open a mention."""
    mention = said("<@UBOT> help", type="app_mention")
    event = one(mention)
    assert isinstance(event, Addressed)
    assert (event.text, event.private, event.place.channel) == ("help", False, "C1")
    assert events_of(said("I like <@UBOT>", type="app_mention"), HERE) == []
    assert events_of({**mention, "bot_id": "B9"}, HERE) == []
    assert events_of({**mention, "edited": {"ts": LATER}}, HERE) == []
    assert events_of({**mention, "channel": "D1", "channel_type": "im"}, HERE) == []


def test_the_home_tab() -> None:
    """The *Messages* tab opens with the same event and asks for nothing."""
    event = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home", "event_ts": TS}
    assert one(event) == HomeOpened(Member(HOME, "U1", "Ada"), AT)
    assert events_of({**event, "tab": "messages"}, HERE) == []


# reactions, channels, the team, the workspace


@pytest.mark.parametrize(("kind", "event"), [("reaction_added", ReactionAdded), ("reaction_removed", ReactionRemoved)])
def test_reactions(kind: str, event: type[ReactionAdded | ReactionRemoved]) -> None:
    """On messages; one on a file is none of ours."""
    item = {"type": "message", "channel": "C1", "ts": TS}
    told = {"type": kind, "user": "U2", "item": item, "reaction": "white_check_mark", "event_ts": LATER}
    found = one(told)
    assert isinstance(found, event)
    assert (found.ref, found.member.id, found.emoji) == (MessageRef(Place(HOME, "C1"), TS), "U2", "white_check_mark")
    assert events_of({**told, "item": {"type": "file", "file": "F1"}}, HERE) == []


LOSING = [
    *incoming.LOST,
    "channel_id_changed",
    "member_left_channel",
]


@pytest.mark.parametrize("kind", LOSING)
def test_a_channel_is_lost(kind: str) -> None:
    """Archived, deleted, left, or shared under a new id: the reason is Slack's own name for it."""
    event = {"type": kind, "channel": "C1", "user": "UBOT", "event_ts": TS}
    if kind == "channel_id_changed":
        event = {"type": kind, "old_channel_id": "C1", "new_channel_id": "C2", "event_ts": TS}
    assert one(event) == ChannelLost(Place(HOME, "C1"), kind, AT)


@pytest.mark.parametrize("kind", ["member_joined_channel", *incoming.FOUND])
def test_a_channel_is_found(kind: str) -> None:
    """We were invited, or somebody opened it again."""
    assert one({"type": kind, "channel": "C1", "user": "UBOT", "event_ts": TS}) == ChannelFound(Place(HOME, "C1"), AT)


@pytest.mark.parametrize("kind", ["member_joined_channel", "member_left_channel"])
def test_others_come_and_go(kind: str) -> None:
    """That changes nothing."""
    assert events_of({"type": kind, "channel": "C1", "user": "U1", "event_ts": TS}, HERE) == []


@pytest.mark.parametrize("kind", incoming.TEAM)
def test_user_groups_change(kind: str) -> None:
    """Then whoever is remembered as the team is asked for again."""
    assert one({"type": kind, "event_ts": TS}) == TeamChanged(HOME)


def test_the_app_is_removed() -> None:
    """By either event, in any order. Tokens of single people do not matter; neither event has a date of its own."""
    now = AT
    lost = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["UBOT"]}}
    assert events_of({"type": "app_uninstalled"}, HERE, now=now) == [CommunityLost(HOME, "app_uninstalled", now)]
    assert events_of(lost, HERE, now=now) == [CommunityLost(HOME, "tokens_revoked", now)]
    assert events_of({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}, HERE) == []


# whose it is, and whether it matters


def envelope(event: Body, **more: Any) -> Body:
    usual = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event_time": 1790000000}
    return {**usual, "authorizations": [{"enterprise_id": None, "team_id": "T1"}], **more, "event": event}


@pytest.mark.parametrize(
    ("body", "community"),
    [
        (envelope(said()), "T1"),
        (envelope(said(), team_id="T2"), "T1"),  # said by somebody of another organisation
        (envelope(said(), authorizations=[{"enterprise_id": "E1", "team_id": "T1"}]), "E1:T1"),
        (
            envelope(said(), authorizations=[{"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}]),
            "E1:T1",
        ),
        (
            envelope(
                said(),
                team_id="E1",
                authorizations=[{"enterprise_id": "E1", "team_id": "E1", "is_enterprise_install": True}],
            ),
            "E1",
        ),
        (
            envelope(
                said(),
                team_id="T9",
                context_team_id="T3",
                authorizations=[{"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}],
            ),
            "E1:T3",
        ),
        ({"type": "event_callback", "team_id": "T1", "event": {}}, "T1"),
        ({"command": "/tip", "team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": "false"}, "E1:T1"),
        ({"type": "block_actions", "team": {"id": "T1", "domain": "acme"}, "enterprise": None}, "T1"),
        ({"type": "shortcut", "team": {"id": "T1", "enterprise_id": "E1"}, "enterprise": {"id": "E1"}}, "E1:T1"),
        (
            {
                "type": "block_actions",
                "team": None,
                "enterprise": {"id": "E1"},
                "is_enterprise_install": True,
                "user": {"id": "U1", "team_id": "T1"},
            },
            "E1:T1",
        ),
        ({"type": "view_submission", "team": {"id": "T2"}, "view": {"app_installed_team_id": "T1"}}, "T1"),
        ({"type": "event_callback"}, None),
    ],
)
def test_whose_it_is(body: Body, community: str | None) -> None:
    """The workspace that installed the app, by organisation and workspace, in every kind of envelope."""
    assert community_of(body) == (Community(SLACK, community) if community else None)


@pytest.mark.parametrize(
    ("body", "channel"),
    [
        (envelope(said()), "C1"),
        (envelope({"type": "reaction_added", "item": {"channel": "C2"}}), "C2"),
        (envelope({"type": "channel_rename", "channel": {"id": "C3"}}), "C3"),
        (envelope({"type": "channel_id_changed", "old_channel_id": "C4"}), "C4"),
        ({"command": "/tip", "channel_id": "C5"}, "C5"),
        ({"type": "block_actions", "container": {"channel_id": "C6"}}, "C6"),
        (envelope({"type": "app_uninstalled"}), None),
    ],
)
def test_which_channel_it_is_about(body: Body, channel: str | None) -> None:
    """Found without translating anything."""
    assert channel_of(body) == channel


@pytest.mark.parametrize(
    ("event", "does"),
    [
        (said(), True),
        (said(channel="C9"), False),
        (said(channel="D9", channel_type="im"), True),
        (said(subtype="channel_join"), False),
        (changed(said(), said("x")), True),
        ({"type": "reaction_added", "item": {"type": "message", "channel": "C1", "ts": TS}}, True),
        ({"type": "reaction_added", "item": {"type": "message", "channel": "C9", "ts": TS}}, False),
        ({"type": "channel_archive", "channel": "C9"}, True),
        ({"type": "app_mention", "channel": "C9"}, True),
        ({"type": "app_uninstalled"}, True),
        ({"type": "emoji_changed"}, False),
        ({"type": ["message"]}, False),
    ],
)
def test_what_matters_not_is_dropped_early(event: Body, does: bool) -> None:
    """Unwatched channels, notices and unknown kinds cost no more than a glance; what people ask for always matters."""
    assert matters(envelope(event), {"C1"}) is does
    assert matters({"type": "block_actions"}, {"C1"})
    assert matters({"command": "/tip"}, {"C1"})


# whatever comes


@pytest.mark.skipif(not SAMPLES.exists(), reason="Slack's samples are not beside this repository")
def test_slacks_own_samples_are_taken_in() -> None:
    """Skeletons of every event that Slack sends, with values blanked and with plausible ones: none is a surprise."""
    kinds = set()
    for path in sorted((SAMPLES / "events").glob("*.json")):
        body = json.loads(path.read_text())
        assert isinstance(events_of(body["event"], HERE), list)
        filled = _filled(body["event"])
        if "previous_message" in filled:
            filled["previous_message"]["text"] = "what it said before"
        filled["user"] = "UBOT" if path.stem.startswith("Member") else filled.get("user")
        kinds |= {type(event).__name__ for event in events_of(filled, HERE)}
    assert kinds >= {
        "ChannelFound",
        "ChannelLost",
        "MessageDeleted",
        "MessageEdited",
        "MessagePosted",
        "ReactionAdded",
        "ReactionRemoved",
        "TeamChanged",
        "CommunityLost",
    }


def _filled(value: Any, key: str = "") -> Any:
    """The skeleton with values of the right shape; where one key decides, the one that we act upon."""
    if isinstance(value, dict):
        return {k: _filled(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(item, key) for item in value]
    if key == "ts" or key.endswith("_ts"):
        return TS
    known = {"channel": "C1", "id": "C1", "user": "U1", "old_channel_id": "C1", "reaction": "eyes", "subteam_id": "S1"}
    if key in known and isinstance(value, str):
        return known[key]
    return value or (f"some {key}" if key == "text" else value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["C1", "U1", TS, "im"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    """
    type subtype channel channel_type user text ts event_ts thread_ts message previous_message deleted_ts edited files
    bot_id team item reaction reactions tokens tab user_profile enterprise authorizations team_id view actions container
    callback_id private_metadata state command user_id channel_id body event old_channel_id is_enterprise_install
    """.split()
)
KINDS = st.sampled_from(
    [*incoming.EVERYWHERE, *incoming.REACTIONS, "message", "block_actions", "view_submission", "shortcut"]
)


@given(st.dictionaries(KEYS, JSON, max_size=12), KINDS, st.sampled_from(["message_changed", "message_deleted", None]))
def test_no_payload_is_a_surprise(payload: Body, kind: str, subtype: str | None) -> None:
    """However malformed, it gives events or is ignored; nothing raises."""
    event = {**payload, "type": kind, **({"subtype": subtype} if subtype else {})}
    assert isinstance(events_of(event, HERE), list)
    for body in (event, {**payload, "type": "event_callback", "event": event}):
        community_of(body)
        channel_of(body)
        matters(body, {"C1"})
        incoming.action_of(body, HERE)
        incoming.form_of(body, HERE)
        incoming.shortcut_of(body, HERE)
        incoming.command_of(body, HERE, {"/tip": "tip"})


def test_a_text_can_be_stored_and_printed() -> None:
    """Half of a pair of surrogates, and the character that no database takes, are left out."""
    message = posted(said("a\ud83d\x00b")).message
    assert message.text == "ab"
    message.text.encode()
