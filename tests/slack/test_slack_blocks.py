"""Posts as Slack's messages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from adapters.slack.blocks import Rendered, rendered
from adapters.slack.fallback import fallback
from adapters.slack.home import home_view
from adapters.slack.modals import form_view, post_view
from bot.markup import Markup, bold, bullets, channel, escape, link, quote
from bot.model import Community, Ping, PingKind, Place, Platform
from bot.post import Button, Field, Form, Input, InputKind, Item, Picture, Post, Style
from tests.slack.core_posts import DUTY, core_forms, core_home, core_posts
from tests.slack.test_slack_grammar import HOSTILE
from tests.slack.valid import called, refused_blocks, refused_view, texts_of

PLACE = Place(Community(Platform("slack"), "T1"), "C0123ABCD")
PINGS = (Ping(PingKind.ROLE, "S0DUTY0001"), Ping(PingKind.MEMBER, "U0123ABCD"))

TEXTS = HOSTILE | st.text(max_size=40) | st.integers(1, 900).map("word ".__mul__)
MARKUP = st.one_of(
    TEXTS.map(escape),
    TEXTS.map(bold),
    TEXTS.map(quote),
    st.lists(TEXTS, max_size=3).map(bullets),
    st.tuples(TEXTS, TEXTS).map(lambda two: link(two[0], f"https://example.org/{two[1]}")),
    TEXTS.map(channel),
    TEXTS.map(Markup),
)
BUTTONS = st.lists(
    st.builds(
        Button,
        label=TEXTS,
        action=st.sampled_from(["tip.show", "mention.claim", "a" * 300]),
        value=TEXTS,
        style=st.sampled_from(Style),
        url=st.none() | TEXTS | st.just("https://example.org"),
    ),
    max_size=6,
).map(tuple)
POSTS = st.builds(
    Post,
    title=TEXTS,
    body=MARKUP,
    fields=st.lists(st.builds(Field, name=TEXTS, value=MARKUP), max_size=4).map(tuple),
    items=st.lists(st.builds(Item, body=MARKUP, buttons=BUTTONS), max_size=4).map(tuple),
    buttons=BUTTONS,
    context=MARKUP,
    pings=st.sampled_from([(), PINGS, (*PINGS, Ping(PingKind.EVERYONE, "channel"))]),
)


def whole(post: Post, *, published: bool = True) -> list[Rendered]:
    """Its messages, each of which Slack would take."""
    parts = rendered(post)
    assert [p for part in parts for p in refused_blocks(part.text, part.blocks, published=published)] == []
    return parts


# what the core says


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_whatever_the_core_says_is_one_message_that_slack_takes(language: str) -> None:
    """Tips, nudges, reminders, lists, digests, figures, reasons, help, refusals: as the core really makes them."""
    for name, post in (await core_posts(language)).items():
        parts = whole(post)
        assert len(parts) == 1, name
        assert parts[0].text.startswith((post.title, "<!subteam^")), name
        assert called(parts[0].text, parts[0].blocks) <= {f"!subteam^{DUTY}"}, name


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", ["tess", "bob"])
async def test_the_home_tab_is_a_view_that_slack_takes(language: str, name: str) -> None:
    """For the team with those who wait and their buttons, and the week's figures; for everybody else without."""
    view = home_view(await core_home(language, name))
    assert refused_view(view) == []
    actions = {
        element["action_id"]
        for block in view["blocks"]
        for element in block.get("elements", ())
        if "action_id" in element
    }
    assert ("vigie:mention.claim" in actions) is (name == "tess")


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_forms_are_views_that_slack_takes(language: str) -> None:
    """Snooze and *Not a mention*, with nothing shortened in either language."""
    for form in await core_forms(language):
        view = form_view(form, PLACE)
        assert refused_view(view) == []
        shown = [text for _, text in texts_of(view)]
        assert {form.title, form.submit, *(label for one in form.inputs for _, label in one.choices)} <= set(shown)


NUDGE = Post(
    title="Ada is waiting for an answer",
    body=Markup("{who} asks a question in {where} ({there})\n{text}").format(
        who=bold("Ada"),
        where=channel("C0123ABCD"),
        there=link("open", "https://a.slack.com/p1"),
        text=quote("How?\nWhy?"),
    ),
    buttons=(
        Button("Open", url="https://a.slack.com/p1"),
        Button("Claim", "mention.claim", "m1", Style.PRIMARY),
        Button("Done", "mention.done", "m1"),
    ),
    context=escape("Waiting for 31 min of working time"),
    pings=(Ping(PingKind.ROLE, "S0DUTY0001"),),
)


def test_a_nudge_looks_sober() -> None:
    """Title, who is called, what it is about, how it stands, what can be done: in this order, and nothing else."""
    [message] = whole(NUDGE)
    assert [block["type"] for block in message.blocks] == ["header", "section", "section", "context", "actions"]
    assert [block["text"]["text"] for block in message.blocks[:3]] == [
        "Ada is waiting for an answer",
        "<!subteam^S0DUTY0001>",
        "*Ada* asks a question in <#C0123ABCD>\n> How?\n> Why?",
    ]
    claim = message.blocks[-1]["elements"][1]
    assert (claim["action_id"], claim["value"], claim["style"]) == ("vigie:mention.claim", "m1", "primary")


def test_a_notification_reads_well() -> None:
    """Who is called, what it is about, in sentences; what somebody wrote in quotation marks; no marks, no buttons."""
    assert fallback(NUDGE).splitlines() == [
        "<!subteam^S0DUTY0001> Ada is waiting for an answer",
        "Ada asks a question in <#C0123ABCD>",
        "“How? Why?”",
        "Waiting for 31 min of working time",
    ]


def test_a_list_has_its_buttons_where_they_belong() -> None:
    """Several in a row under their entry, with a line between entries; a single one beside its text."""
    claim, open_ = Button("Claim", "mention.claim", "m1"), Button("Open", url="https://a.slack.com/p1")
    [listed] = whole(Post("2 wait", items=(Item(escape("Ada"), (open_, claim)), Item(escape("Bob"), (open_, claim)))))
    assert [b["type"] for b in listed.blocks] == ["header", "section", "actions", "divider", "section", "actions"]
    [digest] = whole(Post("2 wait", items=(Item(escape("Ada"), (open_,)), Item(escape("Bob"), (open_,)))))
    assert [b["type"] for b in digest.blocks] == ["header", "section", "section"]
    assert digest.blocks[1]["accessory"]["url"] == "https://a.slack.com/p1"


def test_figures_stand_side_by_side() -> None:
    """Each under its name."""
    [message] = whole(
        Post("Figures", fields=(Field("Waiting now", escape("2")), Field("*Last* week", bullets(["a", "b"]))))
    )
    assert [field["text"] for field in message.blocks[1]["fields"]] == [
        "*Waiting now*\n2",
        "*\u200b*\u200bLast\u200b*\u200b week*\n• a\n• b",
    ]


# limits


def test_a_long_post_goes_on_in_further_messages() -> None:
    """The first one calls, the last one has the buttons; nothing of it is lost, and each has its own notification."""
    body = Markup("\n").join(escape(f"line {number}") for number in range(4000))
    parts = whole(replace(NUDGE, body=body))
    assert len(parts) > 2
    assert [bool(called(part.text, part.blocks)) for part in parts] == [True, *[False] * (len(parts) - 1)]
    assert [part.blocks[-1]["type"] == "actions" for part in parts] == [*[False] * (len(parts) - 1), True]
    text = "\n".join(block["text"]["text"] for part in parts for block in part.blocks if block["type"] == "section")
    assert [line for line in text.splitlines() if line.startswith("line")] == [f"line {n}" for n in range(4000)]
    assert len({part.text for part in parts}) == len(parts)


def test_more_entries_than_a_message_holds_go_on_in_the_next() -> None:
    """An entry and its buttons are never parted."""
    buttons = (Button("Claim", "mention.claim", "m"), Button("Done", "mention.done", "m"))
    parts = whole(Post("Many", items=tuple(Item(escape(f"entry {n}"), buttons) for n in range(60))))
    assert len(parts) > 1
    for part in parts:
        kinds = [block["type"] for block in part.blocks if block["type"] not in ("divider", "header")]
        assert kinds == ["section", "actions"] * (len(kinds) // 2)


def test_what_one_place_cannot_hold_is_shortened_visibly() -> None:
    """A title of 150, a label of 75, between signs that people see."""
    family = "👩‍👩‍👧‍👦"
    [message] = whole(Post(family * 40, buttons=(Button(family * 40, "a.b", "v"),)))
    title, label = message.blocks[0]["text"]["text"], message.blocks[-1]["elements"][0]["text"]["text"]
    assert title == family * 13 + "…"
    assert label == family * 6 + "…"


def test_a_button_that_could_not_come_back_is_not_shown() -> None:
    """What it carries is cut by nobody, and an address that Slack refuses costs the button, not the message."""
    bad = (Button("A", "a.b", "v" * 2001), Button("B", "a" * 300, "v"), Button("C", url="ftp://x"), Button("D", url=""))
    [message] = whole(Post("Title", buttons=(*bad, Button("E", "a.b", "v" * 2000))))
    assert [element["text"]["text"] for element in message.blocks[-1]["elements"]] == ["E"]


@pytest.mark.parametrize(
    "post", [Post(), Post(title=" \n"), Post(body=Markup("\n\n")), Post(items=(Item(Markup("")),))]
)
def test_an_empty_post_is_a_message(post: Post) -> None:
    """Slack wants a text."""
    assert len(whole(post)) == 1


def test_a_picture_alone_is_read_aloud() -> None:
    """Its alternative text is the notification; the picture itself is uploaded when it is sent."""
    assert [part.text for part in rendered(Post(picture=Picture(b"png", "Answers <by> hour")))] == [
        "Answers &lt;by&gt; hour"
    ]


# whatever comes


@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(POSTS)
def test_whatever_a_post_says_it_calls_only_whom_it_names(post: Post) -> None:
    """Hostile names, excerpts and topics, in every place of a post: valid messages, and not one ping more."""
    named = {"!subteam^S0DUTY0001", "@U0123ABCD"} if post.pings else set()
    parts = whole(post, published=False)
    assert called(parts[0].text, parts[0].blocks) == named
    assert all(called(part.text, part.blocks) == set() for part in parts[1:])
    for part in parts:
        assert not any(
            f"<{sign}" in text for kind, text in texts_of(part.blocks) if kind == "plain_text" for sign in "!@#"
        )
    for view in (post_view(post, post.title), home_view([post, post])):
        assert refused_view(view, published=False) == []
        assert called("", view["blocks"]) == named


@hypothesis_settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.builds(
        Form,
        id=st.text(alphabet="abc.", min_size=1, max_size=300),
        title=TEXTS,
        submit=TEXTS,
        inputs=st.lists(
            st.builds(
                Input,
                name=st.text(alphabet="abcdef", min_size=1, max_size=20),
                label=TEXTS,
                kind=st.sampled_from(InputKind),
                choices=st.lists(
                    st.tuples(st.text(alphabet="xyz", min_size=1, max_size=9), TEXTS), min_size=1, max_size=12
                ).map(tuple),
                required=st.booleans(),
                initial=st.sampled_from(["", "x", "y" * 4000]),
            ),
            min_size=1,
            max_size=4,
            unique_by=lambda one: one.name,
        ).map(tuple),
        value=st.text(max_size=200),
    )
)
def test_whatever_a_form_asks_slack_takes_it(form: Form) -> None:
    """Long titles, many choices, initial values that are none of them."""
    assert refused_view(form_view(form, PLACE), published=False) == []
