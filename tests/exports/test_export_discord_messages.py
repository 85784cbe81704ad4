"""How one message object of a DiscordChatExporter file becomes an event."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.exports.discord import instant, translate
from adapters.exports.shapes import Malformed
from bot.events import MessagePosted
from bot.model import Message, MessageKind, Ping, PingKind, Reaction
from tests.exports.making import ALICE, HELP, STAFF, guild, person, posted

MEMBER, ROLE, REPLY, EVERYONE = PingKind.MEMBER, PingKind.ROLE, PingKind.REPLY, PingKind.EVERYONE
ANNA = person("3", "anna", "Anna")
MAX = person("4", "max", "Max Mod")
REFERENCE = {"type": "Default", "messageId": "5", "channelId": "100", "guildId": "900"}


def message(content: str = "hello", **more: Any) -> Message:
    """After a member with the role Helpers, and one with the role Max, were met."""
    here = guild()
    here.meet(STAFF)
    here.meet(person("8", "root", roles=[("56", "Max")]))
    return translate(posted(7, content, **more), HELP, here).message


def test_ordinary_message() -> None:
    """Id, instant, author with roles, place and text are those of the payload."""
    found = message("bonjour", author=STAFF)
    assert (found.ref.id, found.ref.place, found.text, found.kind) == ("7", HELP, "bonjour", MessageKind.NORMAL)
    assert found.at == datetime(2026, 9, 10, 8, 0, 7, 500_000, tzinfo=UTC)
    assert (found.author.name, found.author.roles, found.author.bot) == ("Bob", frozenset({"55"}), False)
    assert found.author.home
    assert message(author=person("9", "hook", bot=True)).author.bot


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("2026-09-10T08:00:00+00:00", datetime(2026, 9, 10, 8, tzinfo=UTC)),
        ("2026-09-10T10:00:00.1234567+02:00", datetime(2026, 9, 10, 8, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-09-10T08:00:00.123Z", datetime(2026, 9, 10, 8, 0, 0, 123_000, tzinfo=UTC)),
    ],
)
def test_instants(timestamp: str, expected: datetime) -> None:
    """Any zone that the exporter was told to write, in UTC."""
    assert instant(timestamp) == expected
    assert instant(timestamp).tzinfo is UTC


@pytest.mark.parametrize("timestamp", [None, "", "soon", "2026-09-10T08:00:00", 5, "0001-01-01T00:00:00+14:00"])
def test_instants_refused(timestamp: object) -> None:
    """What is no instant is refused and never guessed, a time without a zone included."""
    with pytest.raises(Malformed, match="timestamp"):
        instant(timestamp)


@pytest.mark.parametrize(
    ("content", "mentions", "shown", "pings"),
    [
        ("plain @ home, me@example.org", [], "plain @ home, me@example.org", []),
        ("@Alice A. hi", [ALICE], "@Alice A. hi", [(MEMBER, "1", True)]),
        ("hi @alice", [ALICE], "hi @alice", [(MEMBER, "1", False)]),
        (" @Alice A., @Anna: hi", [ANNA, ALICE], " @Alice A., @Anna: hi", [(MEMBER, "1", True), (MEMBER, "3", True)]),
        ("<@1> <@!3> hi", [ALICE, ANNA], "@Alice A. @Anna hi", [(MEMBER, "1", True), (MEMBER, "3", True)]),
        ("<@2> <@77>", [], "@Bob @77", [(MEMBER, "2", True), (MEMBER, "77", True)]),
        ("<@&55> help <@&99>", [], "@Helpers help @99", [(ROLE, "55", True), (ROLE, "99", False)]),
        ("@Helpers, anyone?", [], "@Helpers, anyone?", [(ROLE, "55", True)]),
        ("@Helpersons", [], "@Helpersons", []),
        ("@Max Mod hi", [MAX], "@Max Mod hi", [(MEMBER, "4", True)]),
        ("@everyone and @here", [], "@everyone and @here", [(EVERYONE, "everyone", True), (EVERYONE, "here", False)]),
        ("me@here.org @everyoneelse", [], "me@here.org @everyoneelse", []),
        ("see <#101> <#9> <:wrench:5> <a:spin:6>", [], "see #lounge #9 :wrench: :spin:", []),
        ("a < b <http://x.org> &amp;", [], "a < b <http://x.org> &amp;", []),
        ("gone", [ALICE], "gone", [(MEMBER, "1", False)]),
    ],
)
def test_text(content: str, mentions: list[Any], shown: str, pings: list[tuple[PingKind, str, bool]]) -> None:
    """Names or raw forms, the text is what people see and the pings are typed."""
    found = message(content, mentions=mentions)
    assert (found.text, found.pings) == (shown, tuple(Ping(*ping) for ping in pings))


def test_replies() -> None:
    """A reply refers to its message; its author is pinged by it unless the text calls them anyway."""
    found = message("thanks", type="Reply", reference=REFERENCE, mentions=[STAFF])
    assert (found.reply_to, found.pings) == ("5", (Ping(REPLY, "2"),))
    assert message("@Bob ok", type="Reply", reference=REFERENCE, mentions=[STAFF]).pings == (Ping(MEMBER, "2", True),)
    assert message("silent", type="Reply", reference=REFERENCE).pings == ()
    assert message("x", type="Reply", reference={"messageId": None}).reply_to is None
    assert message("", reference={**REFERENCE, "type": "Forward"}, forwardedMessage={"content": "x"}).reply_to is None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Default", MessageKind.NORMAL),
        ("Reply", MessageKind.NORMAL),
        ("20", MessageKind.NORMAL),
        ("GuildMemberJoin", MessageKind.SYSTEM),
        ("ChannelPinnedMessage", MessageKind.SYSTEM),
        ("ThreadCreated", MessageKind.SYSTEM),
        ("RecipientAdd", MessageKind.SYSTEM),
        ("21", MessageKind.SYSTEM),
        ("8", MessageKind.SYSTEM),
    ],
)
def test_kinds(kind: str, expected: MessageKind) -> None:
    """Joins, pins, boosts and the like are notices, and ping nobody."""
    found = message("x", type=kind, mentions=[STAFF])
    assert found.kind is expected
    assert bool(found.pings) is (expected is MessageKind.NORMAL)


def test_attachments_and_reactions() -> None:
    """Attachments are counted; reactions are the character or the custom name, for each person that is named."""
    reactions = [
        {"emoji": {"id": "", "name": "👍🏽", "code": "thumbsup"}, "count": 2, "users": [{"id": "1"}, {"id": "2"}]},
        {"emoji": {"id": "5", "name": "wrench", "code": "wrench"}, "count": 1, "users": [{"id": "1"}]},
        {"emoji": {"name": "✅", "code": "white_check_mark"}, "count": 4},
    ]
    found = message(attachments=[{}, {}], reactions=reactions)
    assert found.attachments == 2
    assert found.reactions == (Reaction("👍", "1"), Reaction("👍", "2"), Reaction("wrench", "1"))


def test_account_known_by_its_roles() -> None:
    """Who was first seen reacting, without roles, has them once they write."""
    here = guild()
    here.learn(posted(1, reactions=[{"emoji": {"name": "x"}, "users": [{"id": "2", "name": "bob"}]}]))
    assert here.members["2"].roles == frozenset()
    assert translate(posted(2, author=STAFF), HELP, here).message.author.roles == {"55"}
    assert here.members["2"].roles == {"55"}
    assert translate(posted(3, author={"id": "2"}), HELP, here).message.author is here.members["2"]


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ([], "not an object"),
        ({}, "no id"),
        ({**posted(1), "content": 5}, "content"),
        ({**posted(1), "author": None}, "no author"),
        ({**posted(1), "author": {"name": "x"}}, "author has no id"),
        ({**posted(1), "author": {"id": []}}, "where an id should be"),
        ({**posted(1), "timestamp": None}, "no timestamp"),
        ({**posted(1), "type": {}}, "where an id should be"),
    ],
)
def test_malformed(payload: object, why: str) -> None:
    """What is no message is refused in words."""
    with pytest.raises(Malformed, match=why):
        translate(payload, HELP, guild())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
PEOPLE = st.dictionaries(st.sampled_from(["id", "name", "nickname", "roles", "isBot"]), JSON | st.just("1"))
VALUES = JSON | st.sampled_from(["1", "Reply", "<@1> @x", "2026-09-10T08:00:00Z", [ALICE]]) | PEOPLE | st.lists(PEOPLE)
FIELDS = ("attachments", "author", "content", "id", "mentions", "reactions", "reference", "timestamp", "type")


@given(JSON | st.dictionaries(st.sampled_from(FIELDS), VALUES))
def test_never_fails(payload: object) -> None:
    """Whatever stands in a file gives an event or a problem."""
    event = None
    with suppress(Malformed):
        event = translate(payload, HELP, guild())
    if isinstance(event, MessagePosted):
        assert isinstance(event.message.author.id, str)
        event.message.text.encode()


@given(st.text(st.sampled_from("<>@&!#:a1 ,HelprsMxo")), st.booleans())
def test_text_never_fails(content: str, reply: bool) -> None:
    """Any jumble of Discord's own marks gives a text, in which every ping is written."""
    found = message(content, type="Reply" if reply else "Default", reference=REFERENCE)
    assert found.text.count("@") >= len(found.pings)
