"""Posts as Discord shows them: within its limits, valid by its own document, calling nobody but whom the core names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.asked import action_of
from adapters.discord.looks import COMPONENTS_V2, as_edit, file_of, has_components_v2, rendered
from adapters.discord.text import escape as escaped
from bot.markup import Markup, bold, channel, escape, link, quote
from bot.model import Ping, PingKind
from bot.post import Button, Field, Item, Picture, Post, Style
from tests.discord.speaking import (
    CHANNEL,
    COMMUNITY,
    GUILD,
    HOSTILE,
    MESSAGE,
    NOW,
    PINGS,
    STAFF,
    TESS,
    KnownGuild,
    interaction,
    parts,
    texts_of,
    thousand,
    told,
    wrong_edit,
    wrong_message,
)
from tests.discord.wire import limits

ADDRESS = f"https://discord.com/channels/{GUILD}/{CHANNEL}/{MESSAGE}"
DUTY = (Ping(PingKind.ROLE, STAFF), Ping(PingKind.MEMBER, TESS))

LONG = st.sampled_from(["word " * 1500, "**" * 1500, "👨‍👩‍👧" * 700, "é\n" * 3000])
ANYTHING = HOSTILE | st.text(max_size=60)


def markups(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Markup]:
    return st.one_of(*(texts.map(made) for made in (escape, quote, bold, Markup, lambda text: link(text, ADDRESS))))


BUTTONS = st.builds(
    Button,
    label=ANYTHING,
    action=st.sampled_from(["mention.claim", "tip.useful"]) | st.text(max_size=10),
    value=st.text(max_size=5) | st.sampled_from(["x" * 150, "é" * 99]),
    style=st.sampled_from(Style),
    url=st.none() | st.sampled_from([ADDRESS, "javascript:x", "https://a.example/" + "x" * 600]),
)
PINGED = st.builds(Ping, st.sampled_from(PingKind), st.sampled_from([STAFF, TESS, "everyone", "1>", ""]))
POSTS = st.builds(
    Post,
    title=ANYTHING,
    body=markups(ANYTHING | LONG),
    fields=st.lists(st.builds(Field, ANYTHING, markups(ANYTHING)), max_size=4).map(tuple),
    items=st.lists(st.builds(Item, markups(ANYTHING), st.lists(BUTTONS, max_size=7).map(tuple)), max_size=8).map(tuple),
    picture=st.none() | st.builds(Picture, st.just(b"png"), ANYTHING),
    buttons=st.lists(BUTTONS, max_size=30).map(tuple),
    context=markups(ANYTHING),
    pings=st.lists(PINGED, max_size=4).map(tuple),
)


def mention_item(number: int, address: str = ADDRESS) -> Item:
    """An entry of `/mentions` as the core makes it."""
    head = Markup("{who} asks a question in {where} ({open})").format(
        who=bold("Ada"), where=channel(CHANNEL), open=link("open", address)
    )
    text = quote(
        "How do I reset my password? I tried everything and the mail with the link never arrives, sorry to ask"
    )
    body = Markup("{head}\n{text}\nWaiting for 1 h 5 min of working time, since 09:00").format(head=head, text=text)
    actions = ("claim", "snooze", "done", "false")
    value = f"{number:020x}/0"
    buttons = [Button(verb.title(), f"mention.{verb}", value) for verb in actions]
    return Item(body, (Button("Open", url=address), *buttons))


@given(POSTS, st.booleans())
@settings(max_examples=25, deadline=None)
def test_every_post_becomes_messages_within_the_limits(post: Post, components_v2: bool) -> None:
    """Whatever the core says, however long or strange: no body is refused, new or as an edit."""
    for body in rendered(post, "fr", COMMUNITY, components_v2=components_v2):
        assert limits.message(body, new=True) == {}
        assert limits.message(as_edit(body), new=False) == {}


@given(POSTS, st.booleans())
@settings(max_examples=8, deadline=None)
def test_every_body_is_valid_by_discords_own_document(post: Post, components_v2: bool) -> None:
    """Fewer examples, since the document is large: these are some 30 bodies."""
    for body in rendered(post, "fr", COMMUNITY, components_v2=components_v2)[:4]:
        assert wrong_message(body) == []
        assert wrong_edit(as_edit(body)) == []


@given(POSTS)
@settings(max_examples=40, deadline=None)
def test_only_those_whom_the_core_names_are_called(post: Post) -> None:
    """No text calls anybody, and the allowed mentions hold the named ones at the place where they stand, once."""
    named = {ping.id for ping in post.pings if ping.kind in (PingKind.MEMBER, PingKind.ROLE)} & {STAFF, TESS}
    called: list[str] = []
    for body in rendered(post, None, COMMUNITY):
        allowed = body["allowed_mentions"]
        assert allowed["parse"] == []
        assert allowed["replied_user"] is False
        called += [*allowed["users"], *allowed["roles"]]
        for text in texts_of(body):
            assert set(PINGS.findall(text)) <= {f"<@{id_}>" for id_ in named} | {f"<@&{id_}>" for id_ in named}
    assert set(called) <= named


def test_a_hostile_name_or_excerpt_calls_nobody() -> None:
    """A thousand strings through every place where a person's words can stand."""
    for text in thousand():
        _calls_nobody(text)


def _calls_nobody(text: str) -> None:
    post = Post(
        title=text,
        body=quote(text),
        fields=(Field(text, escape(text)),),
        items=(Item(bold(text), (Button(text, "mention.claim", "1"),)),),
        context=escape(text),
        buttons=(Button(text, "tip.show", "a"),),
    )
    for shown in (post, replace(post, items=())):
        for body in rendered(shown, None, COMMUNITY):
            assert body["allowed_mentions"] == {"parse": [], "users": [], "roles": [], "replied_user": False}
            assert all(PINGS.search(line) is None for line in texts_of(body))


def test_a_notification_says_what_it_is_about() -> None:
    """It shows a message's content only: those who are called, and the title."""
    post = Post("Ada is waiting for an answer", escape("How?"), pings=DUTY)
    (body,) = rendered(post, "en", COMMUNITY)
    assert body["content"] == f"<@&{STAFF}> <@{TESS}> **Ada is waiting for an answer**"
    assert body["allowed_mentions"] == {"parse": [], "users": [TESS], "roles": [STAFF], "replied_user": False}
    assert body["embeds"][0]["description"] == "How?"


def test_a_card_has_everything_of_its_post() -> None:
    """Text, fields, small print, picture and buttons, each where the platform has a place for it."""
    post = Post(
        "Title",
        escape("Body"),
        (Field("Waiting now", escape("3")),),
        picture=Picture(b"data", "A chart of waiting times"),
        buttons=(Button("Claim", "mention.claim", "m1", Style.PRIMARY), Button("Open", url=ADDRESS)),
        context=escape("Since 09:00"),
    )
    (body,) = rendered(post, "en", COMMUNITY)
    (embed,) = body["embeds"]
    assert embed["fields"] == [{"name": "Waiting now", "value": "3", "inline": False}]
    assert embed["footer"] == {"text": "Since 09:00"}
    assert embed["image"] == {"url": "attachment://picture.png"}
    assert body["attachments"] == [{"id": "0", "filename": "picture.png", "description": "A chart of waiting times"}]
    assert [part.get("custom_id", part.get("url")) for part in body["components"][0]["components"]] == [
        f"v1|{GUILD}|mention.claim|m1",
        ADDRESS,
    ]
    file = file_of(post)
    assert file is not None
    assert (file.name, file.data, file.mime) == ("picture.png", b"data", "image/png")


def test_small_print_with_a_link_stays_a_link() -> None:
    """A footer shows no links, so that it becomes a small line."""
    (body,) = rendered(Post("T", context=link("more", ADDRESS)), "en", COMMUNITY)
    assert body["embeds"][0]["description"] == f"-# [more]({ADDRESS})"


def test_a_fix_that_names_a_page_can_be_tapped() -> None:
    """Not in a footer, which shows no links."""
    (body,) = rendered(Post("Refused", context=escape("Appeal at https://dis.gd/app-appeal.")), "en", COMMUNITY)
    assert body["embeds"][0]["description"] == "-# Appeal at <https://dis.gd/app-appeal>."


def test_a_page_of_mentions_is_one_message() -> None:
    """Eight people who wait, each with a menu of what can be done; within 40 components and 4000 characters."""
    post = Post("8 people", items=tuple(map(mention_item, range(8))), buttons=(Button("Next", "mentions.page", "8"),))
    (body,) = rendered(post, "fr", COMMUNITY)
    assert body["flags"] == COMPONENTS_V2
    assert wrong_message(body) == []
    menus = [part for part in parts(body) if part["type"] == 3]
    assert [[option["label"] for option in menu["options"]] for menu in menus] == [
        ["Claim", "Snooze", "Done", "False"]
    ] * 8
    assert told([body]).count(f"[open]({ADDRESS})") == 8


def test_few_mentions_have_real_buttons() -> None:
    """Where there is room, one tap is enough."""
    post = Post("3 people", items=tuple(map(mention_item, range(3))))
    (body,) = rendered(post, "en", COMMUNITY)
    assert len([part for part in parts(body) if part["type"] == 2]) == 12
    assert not [part for part in parts(body) if part["type"] == 3]


@pytest.mark.parametrize("count", [1, 8])
def test_a_button_and_a_menu_say_the_same(count: int) -> None:
    """Choosing the option of a menu is pressing the button that stands in its place."""
    post = Post("People", items=tuple(map(mention_item, range(count))))
    (body,) = rendered(post, "en", COMMUNITY)
    for number in range(count):
        value = f"{number:020x}/0"
        for part in parts(body):
            for pressed in _presses(part):
                if pressed.get("values", [pressed["custom_id"]])[0].endswith(f"mention.done|{value}"):
                    taken = action_of(interaction(3, pressed, message={"id": MESSAGE}), KnownGuild(), NOW)
                    assert taken is not None
                    assert (taken.action, taken.value) == ("mention.done", value)
                    break
            else:
                continue
            break
        else:
            pytest.fail(f"nothing to press for {value}")


def _presses(part: dict[str, Any]) -> list[dict[str, Any]]:
    if part["type"] == 3:
        return [
            {"component_type": 3, "custom_id": part["custom_id"], "values": [option["value"]]}
            for option in part["options"]
        ]
    return [{"component_type": 2, "custom_id": part["custom_id"]}] if "custom_id" in part else []


def test_a_list_without_buttons_of_its_own_is_a_card() -> None:
    """A digest is said unasked: it must show in a notification. Its addresses stand in the text, once each."""
    items = tuple(replace(mention_item(n), buttons=(Button("Open", url=ADDRESS),)) for n in range(12))
    (body,) = rendered(Post("12 people", items=items, context=escape("Use /mentions")), "en", COMMUNITY)
    assert body["content"] == "**12 people**"
    assert told([body]).count(ADDRESS) == 12
    assert body["components"] == []


def test_a_message_in_components_v2_stays_one() -> None:
    """The flag cannot be taken away: what replaces a list is one too, and the old texts go."""
    (body,) = rendered(Post("Nobody is waiting", escape("Well done.")), "en", COMMUNITY, components_v2=True)
    assert has_components_v2({"flags": body["flags"] | 64})
    assert as_edit(body)["content"] is None
    assert as_edit(body)["embeds"] is None
    assert told([body]) == "### Nobody is waiting\nWell done\\.".replace("\\.", ".")


def test_an_edit_takes_away_what_is_no_more() -> None:
    """An edit that leaves something out would leave it standing."""
    (body,) = rendered(Post("Done"), "en", COMMUNITY)
    assert as_edit(body) == {
        "content": "**Done**",
        "embeds": [],
        "components": [],
        "attachments": [],
        "allowed_mentions": {"parse": [], "users": [], "roles": [], "replied_user": False},
    }


def test_what_is_too_long_goes_on_in_the_next_message() -> None:
    """Nothing is lost; the first calls, the last has the buttons."""
    words = " ".join(f"word{number}" for number in range(2000))
    post = Post("Long", escape(words), buttons=(Button("Claim", "mention.claim", "1"),), pings=DUTY)
    bodies = rendered(post, "en", COMMUNITY)
    assert len(bodies) > 1
    assert told(bodies).replace("\n", " ").replace("  ", " ").endswith(words)
    assert [bool(body["components"]) for body in bodies] == [False] * (len(bodies) - 1) + [True]
    assert [bool(body["allowed_mentions"]["roles"]) for body in bodies] == [True] + [False] * (len(bodies) - 1)


def test_a_title_too_long_is_visibly_shortened() -> None:
    """It ends in an ellipsis."""
    (body,) = rendered(Post("word " * 200), "en", COMMUNITY)
    assert len(body["content"]) <= 256 + 4
    assert body["content"].endswith("…**")


def test_a_button_that_cannot_be_carried_cannot_be_pressed() -> None:
    """It is shown, and switched off, rather than acting on something else."""
    (body,) = rendered(Post("T", buttons=(Button("Far", "tip.show", "é" * 200),)), "en", COMMUNITY)
    assert body["components"][0]["components"][0]["disabled"] is True


def test_an_empty_post_is_still_a_message() -> None:
    """Discord refuses a message without anything in it."""
    assert [wrong_message(body) for body in rendered(Post(), "en", COMMUNITY)] == [[]]
    assert rendered(Post(), "en", COMMUNITY)[0]["content"] == "…"
    assert escaped("…") == "…"
