"""How one message object of a Slack export becomes an event."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.exports.shapes import Malformed
from adapters.exports.slack import NOTICES, SAID, instant, translate
from adapters.exports.workspace import read_workspace
from bot.events import MessageDeleted, MessageEdited, MessagePosted
from bot.model import Message, MessageKind, Reaction
from tests.exports.making import COMMUNITY, GENERAL, TEAM, USERS, said, workspace

TS = "1788998400.000123"


def message(**payload: Any) -> Message:
    event = translate({"type": "message", "ts": TS, **payload}, GENERAL, workspace())
    assert isinstance(event, MessagePosted)
    return event.message


def test_ordinary_message() -> None:
    """Id, instant, author, place and text are those of the payload."""
    found = message(user="U1", text="bonjour", team=TEAM, client_msg_id="x", edited={"user": "U1", "ts": "1.0"})
    assert (found.ref.id, found.ref.place, found.text) == (TS, GENERAL, "bonjour")
    assert found.at == datetime(2026, 9, 10, 0, 0, 0, 123, tzinfo=UTC)
    assert found.author == workspace().members["U1"]
    assert (found.author.name, found.author.home, found.author.bot) == ("Inès", True, False)
    assert found.kind is MessageKind.NORMAL
    assert found.reply_to is None


@pytest.mark.parametrize(
    ("ts", "microsecond"),
    [("1788998400.999999", 999_999), ("1788998400.000001", 1), ("1788998400", 0), ("1788998400.1", 100_000)],
)
def test_instant_exact(ts: str, microsecond: int) -> None:
    """No microsecond is lost, as with a float it would be."""
    assert instant(ts) == datetime(2026, 9, 10, 0, 0, 0, microsecond, tzinfo=UTC)


@pytest.mark.parametrize(
    "ts", [None, "", "x", "1.x", "1.2.3", "-1.0", " 1.0", "1_0.0", "٣.0", 1.5, 17, [], "9" * 12, "9" * 5000]
)
def test_instant_refused(ts: object) -> None:
    """What is no instant is refused and never guessed."""
    with pytest.raises(Malformed, match="ts"):
        instant(ts)


@pytest.mark.parametrize(
    ("payload", "id_", "bot", "home", "name"),
    [
        ({"user": "U1"}, "U1", False, True, "Inès"),
        ({"user": "U2", "team": TEAM}, "U2", False, True, "Karim H."),
        ({"user": "U3", "team": TEAM}, "U3", True, True, "La Forge"),
        ({"user": "USLACKBOT"}, "USLACKBOT", True, True, "Slackbot"),
        ({"user": "U9", "team": "T9"}, "U9", False, False, "Ann Other"),
        ({"user": "U9"}, "U9", False, False, "Ann Other"),
        ({"user": "U1", "team": "T9"}, "U1", False, False, "Inès"),
        ({"user": "U1", "user_team": "T9", "team": TEAM}, "U1", False, False, "Inès"),
        ({"user": "U5", "team": TEAM}, "U5", False, True, ""),
        ({"user": "U5", "user_profile": {"display_name": "", "real_name": "Eve"}}, "U5", False, True, "Eve"),
        ({"subtype": "bot_message", "bot_id": "B1", "username": "CI"}, "B1", True, True, "CI"),
        ({"subtype": "bot_message", "username": "old hook"}, "old hook", True, True, "old hook"),
        ({"user": "U1", "bot_id": "B1", "team": TEAM}, "U1", True, True, "Inès"),
        ({"bot_id": "B1", "bot_profile": {"id": "B1", "name": "Poll"}}, "B1", True, True, "Poll"),
        ({"user": "U1", "app_id": "A1"}, "U1", True, True, "Inès"),
        ({"subtype": "file_comment", "comment": {"user": "U2"}}, "U2", False, True, "Karim H."),
        ({"subtype": "huddle_thread"}, "USLACKBOT", True, True, "Slackbot"),
    ],
)
def test_author(payload: dict[str, Any], id_: str, bot: bool, home: bool, name: str) -> None:
    """Bots, apps, webhooks and Slack itself are bots; an account of another team is not at home."""
    author = message(**payload).author
    assert (author.id, author.bot, author.home, author.name) == (id_, bot, home, name)
    assert author.community == COMMUNITY


def test_author_is_one_object() -> None:
    """All messages of an account share one Member, also when users.json does not know it."""
    space = workspace()
    events = [translate(said(TS, user=user), GENERAL, space) for user in ("U1", "U1", "U5", "U5")]
    authors = [event.message.author for event in events if isinstance(event, MessagePosted)]
    assert authors[0] is authors[1]
    assert authors[2] is authors[3]


def test_enterprise_is_home() -> None:
    """Colleagues of another workspace of the same enterprise are at home, a guest organisation is not."""
    users = [
        {"id": f"W{n}", "team_id": team, "enterprise_user": {"enterprise_id": enterprise, "teams": [team]}}
        for n, (team, enterprise) in enumerate([("T1", "E1"), ("T1", "E1"), ("T2", "E1"), ("T3", "E2")])
    ]
    space = read_workspace(users, {})
    assert space.community.id == "T1"
    assert [member.home for member in space.members.values()] == [True, True, True, False]


@pytest.mark.parametrize("subtype", sorted(SAID))
def test_said(subtype: str) -> None:
    """These subtypes are people or bots saying something."""
    assert message(user="U1", text="x", subtype=subtype).kind is MessageKind.NORMAL


@pytest.mark.parametrize("subtype", [*sorted(NOTICES), "something_new"])
def test_notice(subtype: str) -> None:
    """Every other subtype is a notice: kept, so that messages can be counted, and pinging nobody."""
    found = message(user="U1", text="<@U1> has joined", subtype=subtype)
    assert (found.kind, found.pings, found.text) == (MessageKind.SYSTEM, (), "@Inès has joined")


def test_threads() -> None:
    """A reply stands in its thread, also when the channel shows it too; the first message stands in the channel."""
    assert message(user="U1", thread_ts=TS, reply_count=1).ref.place == GENERAL
    assert message(user="U1", thread_ts="1788998000.000001").ref.place.thread == "1788998000.000001"
    assert message(user="U1", thread_ts="1.0", subtype="thread_broadcast").ref.place.thread == "1.0"
    assert (
        message(user="USLACKBOT", thread_ts=TS, subtype="tombstone", text="This message was deleted.").ref.place
        == GENERAL
    )


def test_attachments() -> None:
    """Files count, those deleted since and link previews do not."""
    files = [{"id": "F1"}, {"id": "F2", "mode": "tombstone"}, {"id": "F3", "mode": "hidden_by_limit"}]
    assert message(user="U1", subtype="file_share", files=files).attachments == 2
    assert message(user="U1", subtype="file_share", file={"id": "F1"}).attachments == 1
    assert message(user="U1", attachments=[{"from_url": "https://x.org"}]).attachments == 0


def test_reactions() -> None:
    """One reaction for each person, by name and without the colour of the skin."""
    reactions = [{"name": "+1::skin-tone-2", "users": ["U1", "U2"], "count": 2}, {"name": "tada", "users": ["U3"]}]
    expected = (Reaction("+1", "U1"), Reaction("+1", "U2"), Reaction("tada", "U3"))
    assert message(user="U1", reactions=reactions).reactions == expected
    assert message(user="U1", reactions=[{"name": 1, "users": ["U1"]}, {"name": "x", "users": 3}, 7]).reactions == ()


def test_edits() -> None:
    """An edit tells the message as it is now, at the instant of the edit; a link preview is none."""
    edited = {"user": "U1", "ts": "1788998500.000000"}
    payload = {
        "subtype": "message_changed",
        "ts": "1788998500.000200",
        "message": said(TS, "new", edited=edited, thread_ts="1.0"),
        "previous_message": said(TS, "old"),
    }
    event = translate(payload, GENERAL, workspace())
    assert isinstance(event, MessageEdited)
    assert (event.message.ref.id, event.message.text, event.message.ref.place.thread) == (TS, "new", "1.0")
    assert event.at == instant("1788998500.000200")
    unfurled = {"message": said(TS, "new", attachments=[{}]), "previous_message": said(TS, "new")}
    assert translate({**payload, **unfurled}, GENERAL, workspace()) is None


def test_deletions() -> None:
    """Both ways in which Slack says that a message was deleted."""
    plainly = {
        "subtype": "message_deleted",
        "ts": "1788998500.000200",
        "deleted_ts": TS,
        "previous_message": said(TS, thread_ts="1.0"),
    }
    event = translate(plainly, GENERAL, workspace())
    assert isinstance(event, MessageDeleted)
    assert (event.ref.id, event.ref.place.thread, event.at) == (TS, "1.0", instant("1788998500.000200"))
    tombstone = said(TS, "This message was deleted.", user="USLACKBOT", subtype="tombstone", thread_ts=TS)
    event = translate(
        {"subtype": "message_changed", "ts": "1788998500.000200", "message": tombstone}, GENERAL, workspace()
    )
    assert isinstance(event, MessageDeleted)
    assert (event.ref.id, event.ref.place) == (TS, GENERAL)


def test_half_characters() -> None:
    """A text cut within an emoji can still be printed."""
    message(user="U1", text="oups \ud83d").text.encode()


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ("text", "not an object"),
        ({"user": "U1", "text": "x"}, "no ts"),
        ({"user": "U1", "ts": "yesterday"}, "its ts is 'yesterday'"),
        ({"ts": TS, "text": "x"}, "no author"),
        ({"ts": TS, "user": 5}, "no author"),
        ({"ts": TS, "user": ["U1"]}, "where an id should be"),
        ({"ts": TS, "user": "U1", "text": ["x"]}, "text is not a text"),
        ({"ts": TS, "user": "U1", "thread_ts": 5}, "thread_ts"),
        ({"ts": TS, "user": "U1", "subtype": {}}, "where an id should be"),
        ({"ts": TS, "subtype": "message_changed"}, "without the message"),
        ({"ts": TS, "subtype": "message_deleted"}, "of what"),
    ],
)
def test_malformed(payload: object, why: str) -> None:
    """What is no message is refused in words."""
    with pytest.raises(Malformed, match=why):
        translate(payload, GENERAL, workspace())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = "bot_id bot_profile comment deleted_ts edited files file message reactions subtype team text thread_ts ts user"
VALUES = JSON | st.sampled_from(
    ["message_changed", "message_deleted", "tombstone", TS, "U1", "<@U1> <x", [{"name": "x"}]]
)


@given(JSON | st.dictionaries(st.sampled_from([*FIELDS.split(), "user_profile", "username"]), VALUES))
def test_never_fails(payload: object) -> None:
    """Whatever stands in a file gives an event, nothing, or a problem."""
    event = None
    with suppress(Malformed):
        event = translate(payload, GENERAL, workspace())
    if isinstance(event, MessagePosted):
        assert isinstance(event.message.author.id, str)
        event.message.text.encode()


@given(
    st.lists(
        JSON
        | st.fixed_dictionaries(
            {"id": JSON | st.just("U1")},
            optional={
                "profile": JSON,
                "team_id": JSON,
                "enterprise_user": JSON | st.dictionaries(st.sampled_from(["teams", "enterprise_id"]), JSON),
            },
        )
    )
)
def test_users_never_fail(users: list[object]) -> None:
    """Whatever stands in users.json gives a workspace."""
    space = read_workspace([*users, *USERS], {})
    assert "U2" in space.members
