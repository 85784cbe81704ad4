"""Raw payloads of the gateway and of REST, to the core's events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord import incoming
from adapters.discord.incoming import action_of, command_of, completing_of, events_of, form_of, guild_of, message_of
from bot.app import Names
from bot.events import (
    Addressed,
    ChannelLost,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionAdded,
    ReactionRemoved,
    TeamChanged,
)
from bot.model import MessageKind, MessageRef, Ping, PingKind, Place
from tests.discord.speaking import (
    ADA,
    CHANNEL,
    COMMUNITY,
    DM,
    FORUM,
    GUILD,
    ME,
    MESSAGE,
    MY_ROLE,
    NOW,
    STAFF,
    TEAM,
    TESS,
    THREAD,
    Json,
    KnownGuild,
    in_private,
    interaction,
    message,
    user,
)

KNOWN = KnownGuild()
TESS_CALLED = {**user(TESS, "Tess"), "member": {"nick": "Tess the Great", "roles": [STAFF]}}


def said(content: str, **more: Any) -> tuple[str, tuple[Ping, ...]]:
    read = message_of(message(content, **more), KNOWN)
    return read.text, read.pings


def events(name: str, payload: Json, guild: KnownGuild = KNOWN) -> list[Any]:
    return events_of(name, payload, guild, NOW)


# messages


def test_a_message() -> None:
    """Who said what, where and when; the roles of the author come with it."""
    (event,) = events("MESSAGE_CREATE", message("How do I reset my password?"))
    assert isinstance(event, MessagePosted)
    told = event.message
    assert told.ref == MessageRef(Place(COMMUNITY, CHANNEL), MESSAGE)
    assert (told.author.id, told.author.name, told.author.roles) == (ADA, "Ada", frozenset({"1"}))
    assert (told.text, told.at, told.kind) == ("How do I reset my password?", NOW, MessageKind.NORMAL)


def test_a_nickname_goes_before_other_names() -> None:
    """People are called what they are called in that server."""
    assert message_of(message(member={"nick": "Countess"}), KNOWN).author.name == "Countess"
    assert message_of(message(author={"id": ADA, "username": "ada_l"}), KNOWN).author.name == "ada_l"


@pytest.mark.parametrize(
    ("content", "more", "text", "pings"),
    [
        (
            f"<@{TESS}> hi",
            {"mentions": [TESS_CALLED]},
            "@Tess the Great hi",
            (Ping(PingKind.MEMBER, TESS, leading=True),),
        ),
        (f"hi <@!{ME}>", {"mentions": [user(ME, "Vigie")]}, "hi @Vigie", (Ping(PingKind.MEMBER, ME),)),
        (f"<@&{STAFF}> help", {"mention_roles": [STAFF]}, "@Staff help", (Ping(PingKind.ROLE, STAFF, leading=True),)),
        (f"hi <@&{MY_ROLE}>", {"mention_roles": [MY_ROLE]}, "hi @Vigie", (Ping(PingKind.MEMBER, ME),)),
        ("@everyone hi", {"mention_everyone": True}, "@everyone hi", (Ping(PingKind.EVERYONE, "everyone", True),)),
        ("@everyone hi", {}, "@everyone hi", ()),
        (f"see <#{CHANNEL}> <#9>", {}, "see #support #9", ()),
        ("<:wave:12> <a:party:13>", {}, ":wave: :party:", ()),
        ("at <t:1772442000:R>", {}, "at 2026-03-02 09:00 UTC", ()),
        ("use </tip daily:12> in <id:browse>", {}, "use /tip daily in #browse", ()),
        (f"`<@{TESS}>` and `<@&{STAFF}>`", {}, f"<@{TESS}> and <@&{STAFF}>", ()),
        ("**bold** __under__ ~~struck~~ ||secret|| _it_ *it*", {}, "bold under struck secret it it", ()),
        ("# Title\n[docs](https://a.example) \\*not\\*", {}, "Title\ndocs *not*", ()),
        ("snake_case 2*3*4 a_b_c", {}, "snake_case 2*3*4 a_b_c", ()),
        ("```py\nx = '**'\n```", {}, "x = '**'", ()),
    ],
)
def test_what_is_written_and_whom_it_calls(content: str, more: Json, text: str, pings: tuple[Ping, ...]) -> None:
    """Pings are told apart, names stand in the text, markdown does not; what stands in code calls nobody."""
    assert said(content, **more) == (text, pings)


def test_a_reply_calls_its_author_unless_told_not_to() -> None:
    """And that is another kind of ping than to be named."""
    reply: Json = {"type": 19, "message_reference": {"type": 0, "message_id": "77", "channel_id": CHANNEL}}
    read = message_of(message("ok", mentions=[TESS_CALLED], **reply), KNOWN)
    assert (read.reply_to, read.pings) == ("77", (Ping(PingKind.REPLY, TESS),))
    assert message_of(message("ok", **reply), KNOWN).pings == ()
    named = message_of(message(f"<@{TESS}> ok", mentions=[TESS_CALLED], **reply), KNOWN)
    assert named.pings == (Ping(PingKind.MEMBER, TESS, leading=True),)


def test_only_those_whom_discord_called_are_called() -> None:
    """A name that was written and pinged nobody calls nobody, and who is listed without being named is no reply."""
    assert said(f"hi <@{TESS}>", mentions=[]) == ("hi @Tess", ())
    assert said("hi", mentions=[TESS_CALLED]) == ("hi", ())


def test_a_forwarded_message_is_no_reply() -> None:
    """It refers to one, and has no words of its own."""
    forwarded = message("", message_reference={"type": 1, "message_id": "77"}, message_snapshots=[{"message": {}}])
    read = message_of(forwarded, KNOWN)
    assert (read.reply_to, read.text, read.attachments) == (None, "", 1)


@pytest.mark.parametrize("type_", [1, 6, 7, 8, 12, 18, 21, 24, 46, 99, "x"])
def test_what_the_system_says_is_marked(type_: object) -> None:
    """Joins, pins, boosts, threads begun, a thread's copy of its first message, and what is yet to be invented."""
    (event,) = events("MESSAGE_CREATE", message("", type=type_, mentions=[TESS_CALLED]))
    assert event.message.kind is MessageKind.SYSTEM
    assert event.message.pings == ()


@pytest.mark.parametrize(
    "more",
    [
        {"author": user("5", "Helper", bot=True)},
        {"webhook_id": "6", "application_id": "7"},
        {"author": user("643945264868098049", "Discord", system=True)},
        {"author": user(ME, "Vigie")},
    ],
)
def test_bots_webhooks_and_ourselves_are_bots(more: Json) -> None:
    """Other applications as well; whatever they say to us is not spoken to us."""
    (event,) = events("MESSAGE_CREATE", message(f"<@{ME}> tip", **more))
    assert event.message.author.bot


def test_a_message_of_rest_is_read_alike() -> None:
    """It lacks guild and member, and tells the same otherwise."""
    payload = {key: value for key, value in message("hi").items() if key not in ("guild_id", "member")}
    read, live = message_of(payload, KNOWN), message_of(message("hi"), KNOWN)
    assert replace(read, author=live.author) == live


def test_a_message_in_a_thread_belongs_to_its_channel() -> None:
    """A forum's post begins with the message that has the post's own id."""
    (first,) = events("MESSAGE_CREATE", message("Help!", id=THREAD, channel_id=THREAD))
    (answer,) = events("MESSAGE_CREATE", message("Sure", channel_id=THREAD))
    assert first.message.ref == MessageRef(Place(COMMUNITY, FORUM, THREAD), THREAD)
    assert answer.message.ref.place == first.message.ref.place


# spoken to


@pytest.mark.parametrize("name", [f"<@{ME}>", f"<@!{ME}>", f"<@&{MY_ROLE}>"])
def test_speaking_to_the_bot_is_told_besides(name: str) -> None:
    """The message as any other, and what follows the name."""
    posted, addressed = events("MESSAGE_CREATE", message(f"{name}, tip  **engagement**"))
    assert isinstance(posted, MessagePosted)
    assert isinstance(addressed, Addressed)
    assert (addressed.text, addressed.private, addressed.member.id) == ("tip  engagement", False, ADA)


def test_naming_the_bot_is_not_speaking_to_it() -> None:
    """Only a message that begins with the name is."""
    assert len(events("MESSAGE_CREATE", message(f"ask <@{ME}>"))) == 1
    assert len(events("MESSAGE_CREATE", message(f"<@{TESS}> ask <@{ME}>"))) == 1


def test_a_private_message_is_for_the_bot_alone() -> None:
    """No community reads along; its own and other bots' are none."""
    private = {key: value for key, value in message("engagement", channel_id=DM).items() if key != "guild_id"}
    (event,) = events("MESSAGE_CREATE", private)
    assert isinstance(event, Addressed)
    assert (event.place, event.text, event.private) == (Place(COMMUNITY, DM), "engagement", True)
    assert events("MESSAGE_CREATE", {**private, "author": user(ME, "Vigie", bot=True)}) == []
    assert events("MESSAGE_UPDATE", {**private, "edited_timestamp": NOW.isoformat()}) == []
    assert events("MESSAGE_DELETE", {"id": MESSAGE, "channel_id": DM}) == []


# what becomes of messages


def test_an_edit() -> None:
    """The message as it is now, and when it was changed."""
    at = NOW - timedelta(seconds=2)
    changed = message(f"<@{TESS}> hi", mentions=[TESS_CALLED], edited_timestamp=at.isoformat())
    (event,) = events("MESSAGE_UPDATE", changed)
    assert isinstance(event, MessageEdited)
    assert event.at == at
    assert event.message.pings == (Ping(PingKind.MEMBER, TESS, leading=True),)


@pytest.mark.parametrize(
    "update",
    [
        message("https://a.example", embeds=[{"type": "link"}]),
        message("hi", pinned=True),
        message("hi", flags=32),
        message("hi", pinned=True, edited_timestamp=(NOW - timedelta(days=1)).isoformat()),
        message("", type=6, edited_timestamp=NOW.isoformat()),
        {"id": MESSAGE, "channel_id": CHANNEL, "guild_id": GUILD, "embeds": []},
        {"id": MESSAGE, "channel_id": CHANNEL, "guild_id": GUILD, "edited_timestamp": NOW.isoformat()},
    ],
)
def test_an_update_that_is_no_edit(update: Json) -> None:
    """An embed found, a pin, a thread begun under it: nobody changed what they said."""
    assert events("MESSAGE_UPDATE", update) == []


def test_deletions_one_by_one() -> None:
    """Those in bulk are as many deletions."""
    place = Place(COMMUNITY, CHANNEL)
    where = {"channel_id": CHANNEL, "guild_id": GUILD}
    assert events("MESSAGE_DELETE", {"id": "1", **where}) == [MessageDeleted(MessageRef(place, "1"), NOW)]
    assert events("MESSAGE_DELETE_BULK", {"ids": ["1", "2"], **where}) == [
        MessageDeleted(MessageRef(place, "1"), NOW),
        MessageDeleted(MessageRef(place, "2"), NOW),
    ]


@pytest.mark.parametrize(
    ("emoji", "name"), [({"id": None, "name": "✅"}, "✅"), ({"id": "12", "name": "done"}, "done")]
)
def test_reactions(emoji: Json, name: str) -> None:
    """A character, or a custom emoji's name; who gave it comes with roles, who took it back by id alone."""
    where = {"channel_id": CHANNEL, "guild_id": GUILD, "message_id": "1", "user_id": TESS, "emoji": emoji}
    member = {"user": user(TESS, "Tess"), "roles": [STAFF]}
    (added,) = events("MESSAGE_REACTION_ADD", {**where, "member": member})
    (removed,) = events("MESSAGE_REACTION_REMOVE", where)
    assert isinstance(added, ReactionAdded)
    assert (added.emoji, added.member.id, added.member.roles) == (name, TESS, frozenset({STAFF}))
    assert isinstance(removed, ReactionRemoved)
    assert (removed.emoji, removed.member.id, removed.member.name) == (name, TESS, "Tess")


def test_a_deleted_emoji_is_no_reaction() -> None:
    """Discord tells it without a name."""
    where = {"channel_id": CHANNEL, "guild_id": GUILD, "message_id": "1", "user_id": TESS}
    assert events("MESSAGE_REACTION_ADD", {**where, "emoji": {"id": "1", "name": None}}) == []


# channels, threads, people


def test_a_thread_that_was_locked_or_deleted_is_lost() -> None:
    """With its parent, known or not; one that is merely archived or renamed is not."""
    thread: Json = {"id": "55", "guild_id": GUILD, "parent_id": FORUM, "type": 11}
    place = Place(COMMUNITY, FORUM, "55")
    locked = {**thread, "thread_metadata": {"archived": True, "locked": True}}
    archived = {**thread, "thread_metadata": {"archived": True, "locked": False}}
    assert events("THREAD_UPDATE", locked) == [ChannelLost(place, "thread_locked", NOW)]
    assert events("THREAD_DELETE", thread) == [ChannelLost(place, "thread_deleted", NOW)]
    assert events("THREAD_UPDATE", archived) == []
    assert events("THREAD_CREATE", {**thread, "newly_created": True}) == []


def test_a_deleted_channel_is_lost() -> None:
    """Under the id that it had, with words for an admin and what to do."""
    gone = {"id": CHANNEL, "guild_id": GUILD, "type": 0, "name": "support"}
    (lost,) = events("CHANNEL_DELETE", gone)
    assert isinstance(lost, ChannelLost)
    assert (lost.place, lost.reason, lost.at) == (Place(COMMUNITY, CHANNEL), "channel_deleted", NOW)
    assert lost.words == "it was deleted"
    assert "another channel" in lost.fix


@pytest.mark.parametrize(
    ("name", "payload", "changed"),
    [
        ("GUILD_ROLE_UPDATE", {"role": {"id": STAFF, "name": "Crew"}}, True),
        ("GUILD_ROLE_DELETE", {"role_id": STAFF}, True),
        ("GUILD_ROLE_UPDATE", {"role": {"id": "1"}}, False),
        ("GUILD_MEMBER_UPDATE", {"user": {"id": ADA}, "roles": [STAFF]}, True),
        ("GUILD_MEMBER_UPDATE", {"user": {"id": TESS}, "roles": []}, True),
        ("GUILD_MEMBER_UPDATE", {"user": {"id": TESS}, "roles": [STAFF], "nick": "T"}, False),
        ("GUILD_MEMBER_UPDATE", {"user": {"id": ADA}, "roles": ["1"]}, False),
        ("GUILD_MEMBER_REMOVE", {"user": {"id": TESS}}, True),
        ("GUILD_MEMBER_REMOVE", {"user": {"id": ADA}}, False),
    ],
)
def test_only_changes_of_the_team_matter(name: str, payload: Json, changed: bool) -> None:
    """Its roles, and who has them; nicknames and other people's roles change nothing."""
    assert events(name, {"guild_id": GUILD, **payload}) == ([TeamChanged(COMMUNITY)] if changed else [])
    assert events(name, {"guild_id": GUILD, **payload}, KnownGuild(team=None)) == []


# interactions


def test_who_asks_and_where() -> None:
    """Name, roles and language of the member; a thread is told by the interaction itself."""
    thread = {"id": "55", "type": 11, "parent_id": FORUM}
    invoked = command_of(
        interaction(2, {"type": 1, "name": "tip"}, channel_id="55", channel=thread), KNOWN, Names(), NOW
    )
    assert invoked is not None
    assert (invoked.member.id, invoked.member.name, invoked.member.locale) == (ADA, "Ada L.", "fr")
    assert TEAM.has(invoked.member)
    assert invoked.place == Place(COMMUNITY, FORUM, "55")


def test_typing_an_option() -> None:
    """The one in focus, as far as it was typed; inside a subcommand too."""
    focused = {"type": 3, "name": "topic", "value": "enga", "focused": True}
    typing = completing_of(interaction(4, {"type": 1, "name": "tip", "options": [focused]}), KNOWN, Names())
    assert typing is not None
    assert (typing.name, typing.option, typing.text) == ("tip", "topic", "enga")
    nested = {"type": 1, "name": "why", "options": [{**focused, "name": "link"}]}
    typing = completing_of(interaction(4, {"type": 1, "name": "mentions", "options": [nested]}), KNOWN, Names())
    assert typing is not None
    assert (typing.name, typing.option) == ("mentions", "link")


PRESSED = {"component_type": 2, "custom_id": f"v1|{GUILD}|mention.claim|m1"}


def test_a_button() -> None:
    """What it does, and the message that carries it unless only the one who pressed sees that."""
    taken = action_of(interaction(3, PRESSED, message={"id": MESSAGE, "flags": 0}), KNOWN, NOW)
    assert taken is not None
    assert (taken.action, taken.value) == ("mention.claim", "m1")
    assert taken.ref == MessageRef(Place(COMMUNITY, CHANNEL), MESSAGE)
    private = action_of(interaction(3, PRESSED, message={"id": MESSAGE, "flags": 64}), KNOWN, NOW)
    assert private is not None
    assert private.ref is None


def test_a_button_under_a_private_message_tells_its_guild() -> None:
    """The lead is reminded in private, where Discord tells none."""
    payload = in_private(interaction(3, PRESSED, message={"id": MESSAGE, "flags": 0}))
    assert guild_of(payload) == GUILD
    taken = action_of(payload, KNOWN, NOW)
    assert taken is not None
    assert (taken.place, taken.member.id) == (Place(COMMUNITY, DM), ADA)
    assert guild_of(in_private(interaction(2, {"type": 1, "name": "tip"}))) is None


def test_what_is_not_ours_is_nothing() -> None:
    """Another guild's button, foreign custom ids, commands and forms that nobody declared."""
    other = {"component_type": 2, "custom_id": "v1|1|mention.claim|m1"}
    assert action_of(interaction(3, other), KNOWN, NOW) is None
    assert action_of(interaction(3, {"component_type": 2, "custom_id": "theirs"}), KNOWN, NOW) is None
    assert command_of(interaction(2, {"type": 1, "name": "ban"}), KNOWN, Names(), NOW) is None
    assert command_of(interaction(2, {"type": 2, "name": "tip"}), KNOWN, Names(), NOW) is None
    assert form_of(interaction(5, {"custom_id": "theirs", "components": []}), KNOWN, NOW) is None


# whatever comes

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from([ADA, "\ud83d"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
WHOLE = (
    message(f"<@{ME}> hi", mentions=[TESS_CALLED], edited_timestamp=NOW.isoformat(), type=19),
    interaction(3, PRESSED, message={"id": MESSAGE}),
    interaction(2, {"type": 1, "name": "tip", "options": [{"name": "topic", "value": "x", "focused": True}]}),
    interaction(5, {"custom_id": PRESSED["custom_id"], "components": [{"component": {"values": ["a"]}}]}),
    {"id": "1", "guild_id": GUILD, "parent_id": FORUM, "thread_metadata": {"locked": True}, "ids": ["1"],
     "role_id": "1",
     "user": {"id": ADA}, "roles": [STAFF], "emoji": {"name": "x"}, "user_id": ADA, "message_id": "1"},
)  # fmt: skip


def paths(value: object) -> list[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *rest) for key, inner in pairs for rest in paths(inner))]


def replaced(value: Any, path: tuple[Any, ...], junk: object) -> Any:
    if not path:
        return junk
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], junk)
    return copy


SCRAPS: tuple[Any, ...] = (
    None, True, 0, -1, 2**70, 0.5, float("nan"), "", "\ud83d", "x", ADA, [], [None], [[]], ["1"], {},
    {"id": {}}, {"": 1},
)  # fmt: skip


def test_no_payload_makes_translation_fail() -> None:
    """Something else stands where anything should be: what cannot be read is no event, and nothing is raised."""
    for whole in WHOLE:
        for path in paths(whole):
            for scrap in SCRAPS:
                is_read(replaced(whole, path, scrap))


@given(
    st.sampled_from(WHOLE).flatmap(
        lambda whole: st.builds(lambda path, junk: replaced(whole, path, junk), st.sampled_from(paths(whole)), JUNK)
    )
)
@settings(max_examples=100, deadline=None)
def test_no_odd_payload_makes_translation_fail(payload: Any) -> None:
    """The same with whatever else may stand there."""
    is_read(payload)


def is_read(payload: Any) -> None:
    """As everything that it could be."""
    for name in incoming.KINDS:
        for event in events_of(name, payload, KNOWN, NOW):
            repr(event).encode()
    message_of(payload, KNOWN)
    guild_of(payload)
    command_of(payload, KNOWN, Names(), NOW)
    completing_of(payload, KNOWN, Names())
    action_of(payload, KNOWN, NOW)
    form_of(payload, KNOWN, NOW)


@given(st.text("*_~|`<@>#[]()\\:/ 1ab\n", max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_content_is_read(content: str) -> None:
    """Marks in any order: a text, without failing."""
    assert isinstance(said(content)[0], str)


def test_an_instant_that_is_none_is_that_of_the_id() -> None:
    """Ids tell when they were given."""
    assert message_of(message(timestamp="soon"), KNOWN).at == NOW
    assert message_of({}, KNOWN).at == datetime(2015, 1, 1, tzinfo=UTC)
