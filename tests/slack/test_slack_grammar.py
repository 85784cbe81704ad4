"""Slack's own markup, both ways."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import grammar
from bot.model import Ping, PingKind

NAMES = {"U1": "Ada", "S1": "moderators", "C1": "support"}.get

BITS = [
    *("<!channel>", "<!here|here>", "<@U1>", "<!subteam^S1|@team>", "&lt;!channel&gt;", "&amp;lt;", "<", ">", "&", "|"),
    *("*", "_", "~", "`", "```", "> ", "\n", "<https://x.example|y>", "@here", "\u202e", "\x00", "🏳️\u200d🌈", "a", " "),
]
HOSTILE = st.lists(st.sampled_from(BITS) | st.text(max_size=8), max_size=12).map("".join)
"""What somebody might write to call everybody, or to make our own text look otherwise."""


@pytest.mark.parametrize(
    ("written", "text", "pings"),
    [
        ("<@U1> hello", "@Ada hello", (Ping(PingKind.MEMBER, "U1", leading=True),)),
        ("hello <@U1|ada>", "hello @Ada", (Ping(PingKind.MEMBER, "U1"),)),
        ("hello <@U9|zoe>", "hello @zoe", (Ping(PingKind.MEMBER, "U9"),)),
        ("hello <@U9>", "hello @U9", (Ping(PingKind.MEMBER, "U9"),)),
        ("<!subteam^S1> please", "@moderators please", (Ping(PingKind.ROLE, "S1", leading=True),)),
        ("please <!subteam^S9|@helpers>", "please @helpers", (Ping(PingKind.ROLE, "S9"),)),
        (
            "<!here> <@U1>, look",
            "@here @Ada, look",
            (Ping(PingKind.EVERYONE, "here", True), Ping(PingKind.MEMBER, "U1", True)),
        ),
        ("<!channel|channel> now", "@channel now", (Ping(PingKind.EVERYONE, "channel", True),)),
        ("see <#C1> and <#C2|other>", "see #support and #other", ()),
        ("<https://example.org/?a=1&amp;b=2>", "https://example.org/?a=1&b=2", ()),
        ("<https://example.org|our page> <mailto:a@b.c|a@b.c>", "our page a@b.c", ()),
        ("<!date^1392734382^{date}|18 February>", "18 February", ()),
        ("<@U1> <@U1> twice", "@Ada @Ada twice", (Ping(PingKind.MEMBER, "U1", True),)),
    ],
)
def test_every_form_of_a_reference_is_understood(written: str, text: str, pings: tuple[Ping, ...]) -> None:
    """People read names, and whoever is called is known by id, whether or not Slack wrote a label."""
    assert grammar.seen(written, NAMES) == grammar.Seen(text, pings)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("&lt;@U1&gt;", "<@U1>"),
        ("&nbsp;", "&nbsp;"),
    ],
)
def test_entities_are_decoded_exactly_once(written: str, text: str) -> None:
    """What somebody typed as `&lt;` is shown so, and what looks like a reference only after decoding calls nobody."""
    assert grammar.seen(written, NAMES) == grammar.Seen(text)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cf"])))
def test_what_is_written_out_is_read_back(text: str) -> None:
    """Escaping and reading are opposites, whatever the text."""
    assert grammar.seen(grammar.escaped(text), NAMES) == grammar.Seen(text)


@given(HOSTILE)
def test_a_literal_text_refers_to_nothing_and_styles_nothing(text: str) -> None:
    """No ping, link or channel comes of it, and no mark touches the text that it would have to enclose."""
    shown = grammar.literal(text)
    assert "<" not in shown
    assert ">" not in shown
    assert "`" not in shown
    for marks in re.finditer(r"(?<![\u200b*_~])[*_~]+(?!\u200b)", shown):
        around = shown[marks.start() - 1 : marks.start()] + shown[marks.end() : marks.end() + 1]
        assert len(around) == 2
        assert around.isalnum()
    assert not any(line.startswith("&gt;") for line in shown.splitlines())


@pytest.mark.parametrize("text", ["snake_case_name", "2*3*4", "naïve ~ about", ":wave: hi"])
def test_what_is_no_markup_is_left_alone(text: str) -> None:
    """Names can be copied out of a nudge, and emoji stay emoji."""
    assert grammar.literal(text).replace(grammar.APART, "") == text
    assert grammar.APART not in grammar.literal(text) or " ~ " in text


def test_only_ids_are_called() -> None:
    """Members and user groups, each once; nobody else, and nothing that is no id."""
    pings = [
        Ping(PingKind.MEMBER, "U1"),
        Ping(PingKind.ROLE, "S1"),
        Ping(PingKind.MEMBER, "U1"),
        Ping(PingKind.EVERYONE, "channel"),
        Ping(PingKind.MEMBER, "U1> <!channel"),
        Ping(PingKind.REPLY, "U2"),
    ]
    assert grammar.calls(pings) == ["<@U1>", "<!subteam^S1>"]


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "https://x.example/|<!channel>", "https://x.example/ <!here>", "slack://open", ""],
)
def test_an_address_that_cannot_stand_in_a_link_is_left_out(address: str) -> None:
    """Its label is shown, as text."""
    assert grammar.linked("*label*", address) == grammar.literal("*label*")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("<@UBOT> help", "help"),
        ("  <@UBOT|vigie>, help me ", "help me"),
        ("<@UBOT>", ""),
        ("<@UBOT>: <@U1>", "<@U1>"),
        ("hello <@UBOT>", None),
        ("<@UBOTTOM> help", None),
    ],
)
def test_what_follows_the_name_is_what_is_asked(text: str, after: str | None) -> None:
    """A message that merely names the bot somewhere does not speak to it."""
    assert grammar.after_name(text, "UBOT") == after
