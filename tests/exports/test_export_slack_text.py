"""How Slack's escaped text becomes what people see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.exports.slack_text import decoded, plain
from bot.model import Ping, PingKind
from tests.exports.making import workspace

WORKSPACE = workspace()
MEMBER, ROLE, EVERYONE = PingKind.MEMBER, PingKind.ROLE, PingKind.EVERYONE


@pytest.mark.parametrize(
    ("text", "shown", "pings"),
    [
        ("plain", "plain", []),
        ("<@U1> hello", "@Inès hello", [(MEMBER, "U1", True)]),
        ("  \n<@U1>: hello", "  \n@Inès: hello", [(MEMBER, "U1", True)]),
        ("<@U2|kim>", "@Karim H.", [(MEMBER, "U2", True)]),
        ("<@U7|kim> and <@U8>", "@kim and @U8", [(MEMBER, "U7", True), (MEMBER, "U8", False)]),
        ("<@U1>, <@U2> : hi", "@Inès, @Karim H. : hi", [(MEMBER, "U1", True), (MEMBER, "U2", True)]),
        ("hey <@U1>", "hey @Inès", [(MEMBER, "U1", False)]),
        ("<@U1> hey <@U1>", "@Inès hey @Inès", [(MEMBER, "U1", True)]),
        ("<#C2> <@U1>", "#support @Inès", [(MEMBER, "U1", False)]),
        ("<!subteam^S1|@equipe> help", "@equipe help", [(ROLE, "S1", True)]),
        ("<!subteam^S1> help", "@S1 help", [(ROLE, "S1", True)]),
        ("<!here> <@U1>", "@here @Inès", [(EVERYONE, "here", True), (MEMBER, "U1", True)]),
        ("so <!channel|@channel>", "so @channel", [(EVERYONE, "channel", False)]),
        ("<!everyone>", "@everyone", [(EVERYONE, "everyone", True)]),
        ("<#C2|old-name> <#C7|new> <#C8>", "#support #new #C8", []),
        ("<#C2|>", "#support", []),
        ("<http://x.org|the &lt;docs&gt;>", "the <docs>", []),
        ("<http://x.org/?a=1&amp;b=2>", "http://x.org/?a=1&b=2", []),
        ("<mailto:a@b.org|a@b.org> <mailto:c@d.org>", "a@b.org c@d.org", []),
        ("<tel:+331>", "+331", []),
        ("<!date^1392734382^{date}|18 Feb>", "18 Feb", []),
        ("<!new^thing>", "new", []),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d", []),
        ("&amp;lt;@U1&amp;gt; &lt;@U1&gt;", "&lt;@U1&gt; <@U1>", []),
        ("&nbsp; &quot;", "&nbsp; &quot;", []),
        ("<> <@> <!> < @U1 >", "<> @ !  @U1 ", []),
        (":white_check_mark: *bold* `code`", ":white_check_mark: *bold* `code`", []),
    ],
)
def test_text(text: str, shown: str, pings: list[tuple[PingKind, str, bool]]) -> None:
    """References are written as people see them, pings are typed and lead only at the very start."""
    assert plain(text, WORKSPACE.members, WORKSPACE.channels) == (shown, tuple(Ping(*ping) for ping in pings))


@given(st.text())
def test_escaping_undone_once(text: str) -> None:
    """Whatever somebody typed comes back as it was, even if it looks like an entity or a reference."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert plain(escaped, {}, {}) == (text, ())
    assert decoded(escaped) == text


@given(st.text(st.sampled_from("<>&@#!|^;: amplgtU1C2subteamhere")))
def test_never_fails(text: str) -> None:
    """Any jumble of Slack's own marks gives a text, and every ping is shown with an at sign."""
    shown, pings = plain(text, WORKSPACE.members, WORKSPACE.channels)
    assert shown.count("@") >= len(pings)
