"""Windows and the home tab: what is at their limits."""

from __future__ import annotations

from adapters.slack.home import home_view
from adapters.slack.modals import form_view, post_view
from bot.markup import escape
from bot.model import Community, Place, Platform
from bot.post import Button, Form, Input, InputKind, Item, Post
from tests.slack.valid import refused_view

PLACE = Place(Community(Platform("slack"), "T1"), "C0123ABCD")


def choosing(number: int, initial: str = "") -> Form:
    choices = tuple((f"v{n}", f"Choice {n}") for n in range(number))
    return Form("a.b", "Title", "Send", (Input("choice", "Which?", InputKind.CHOICE, choices, initial=initial),))


def test_a_few_choices_are_all_seen_and_many_are_a_menu() -> None:
    """Slack shows ten radio buttons at most, and a menu of a hundred."""
    kinds = []
    for number in (4, 10, 11, 100, 130):
        view = form_view(choosing(number, "v3"), PLACE)
        assert refused_view(view) == []
        element = view["blocks"][0]["element"]
        assert element["initial_option"]["value"] == "v3"
        kinds.append((element["type"], len(element["options"])))
    assert kinds == [
        ("radio_buttons", 4),
        ("radio_buttons", 10),
        ("static_select", 11),
        ("static_select", 100),
        ("static_select", 100),
    ]


def test_a_text_may_be_left_out_where_the_form_says_so() -> None:
    """What stands in it at first is not longer than what may be typed."""
    inputs = (Input("note", "Note", required=False, initial="x" * 5000), Input("name", "Name"))
    view = form_view(Form("a.b", "Title", "Send", inputs), PLACE)
    assert refused_view(view) == []
    assert [block["optional"] for block in view["blocks"]] == [True, False]


def test_a_private_reply_in_a_window() -> None:
    """With its buttons; nothing is sent off, so Slack's own button closes it."""
    view = post_view(Post("Today’s tip", escape("Say hello."), buttons=(Button("Useful", "tip.useful", "t"),)), "Vigie")
    assert refused_view(view) == []
    assert [block["type"] for block in view["blocks"]] == ["header", "section", "actions"]
    assert "submit" not in view


def test_posts_stand_one_beneath_the_other_on_the_home_tab() -> None:
    """With a line between them; their buttons differ for Slack even where they do the same."""
    post = Post("Title", buttons=(Button("Claim", "mention.claim", "m1"),))
    view = home_view([post, post])
    assert refused_view(view) == []
    assert [block["type"] for block in view["blocks"]] == ["header", "actions", "divider", "header", "actions"]


def test_an_empty_home_tab_is_a_view() -> None:
    """Slack shows an empty one as an error."""
    assert refused_view(home_view([])) == []


def test_what_a_view_cannot_hold_is_left_out_visibly() -> None:
    """A hundred blocks, the last of which tells that there was more; no entry loses its buttons."""
    buttons = (Button("Claim", "mention.claim", "m"), Button("Done", "mention.done", "m"))
    view = home_view([Post("Many", items=tuple(Item(escape(f"entry {n}"), buttons) for n in range(80)))])
    assert refused_view(view) == []
    assert len(view["blocks"]) <= 100
    assert [block["type"] for block in view["blocks"][-2:]] == ["actions", "context"]
    long = post_view(Post("Long", escape("word " * 15_000)), "Vigie")
    assert refused_view(long) == []
    assert long["blocks"][-1]["type"] == "context"
