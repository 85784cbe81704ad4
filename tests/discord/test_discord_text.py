"""What people wrote is shown as they wrote it, and calls nobody."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.text import escape, rendered_line, size
from bot.markup import Markup, bold, channel, link, parse, quote
from tests.discord.speaking import HOSTILE, PINGS, thousand


def seen(markdown: str) -> str:
    """What Discord shows of a text in which every mark is escaped."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", markdown).replace("\u200b", "")


def calls_nobody(text: str) -> None:
    """The server finds no ping in it."""
    assert PINGS.search(escape(text)) is None


def stays_as_written(text: str) -> None:
    """Every mark of Discord's markdown has its backslash; lines begin with no heading, list or quote."""
    bare = re.sub(r"\\.", "", escape(text), flags=re.DOTALL)
    assert not set(bare) & set("*_~`|<>[]")
    assert re.search(r"^\s*(?:#{1,3} |-# |[-+*] |\d+[.)] )", escape(text), re.MULTILINE) is None
    assert re.search("[A-Za-z]://", escape(text)) is None


@pytest.mark.parametrize("holds", [calls_nobody, stays_as_written])
def test_a_thousand_hostile_texts(holds: Callable[[str], None]) -> None:
    """Nobody is called, and no mark acts, in any of them."""
    for text in thousand():
        holds(text)


@given(HOSTILE)
@settings(max_examples=50, deadline=None)
def test_any_hostile_text(text: str) -> None:
    """The same of whatever else comes out of such marks."""
    calls_nobody(text)
    stays_as_written(text)


@given(st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])))
@settings(max_examples=100, deadline=None)
def test_escaping_changes_nothing_that_people_see(text: str) -> None:
    """With the backslashes and the spaces without width taken away again, the text is what it was."""
    assert seen(escape(text)) == text.replace("\u200b", "")


@pytest.mark.parametrize(
    ("written", "escaped"),
    [
        ("# not a heading", r"\# not a heading"),
        ("-# small print", r"\-# small print"),
        ("- a\n- b", "\\- a\n\\- b"),
        ("1. first\n2) second", "1\\. first\n2\\) second"),
        ("> quote", r"\> quote"),
        ("||secret||", r"\|\|secret\|\|"),
        ("[bank](https://evil.example)", r"\[bank\](https\://evil.example)"),
        ("discord.gg/abc", r"discord.gg\/abc"),
        ("<t:0:R> <:x:1> </tip:1> <id:guide>", r"\<t:0:R\> \<:x:1\> \</tip:1\> \<id:guide\>"),
        ("snake_case 2 - 1 = 1, #1 and ada@example.org", r"snake\_case 2 - 1 = 1, #1 and ada@example.org"),
    ],
)
def test_each_kind_of_mark(written: str, escaped: str) -> None:
    """Headings, lists, quotes, spoilers, links, invitations, timestamps, emoji, commands; plain signs stay plain."""
    assert escape(written) == escaped


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("The page is https://discord.com/developers/applications/123/bot", "<https://discord.com/developers/applications/123/bot>"),
        ("New token: https://discord.com/developers/applications (Bot).", "<https://discord.com/developers/applications>"),
        ("Appeal at https://dis.gd/app-appeal.", "<https://dis.gd/app-appeal>"),
    ],
)  # fmt: skip
def test_a_page_on_which_something_is_mended_can_be_opened(written: str, shown: str) -> None:
    """It stands in a fix, and is tapped rather than copied."""
    assert shown in escape(written)


@pytest.mark.parametrize(
    "written",
    [
        "https://discord.com/developers/applications.evil.example",
        "https://discord.com/developers/applications/../../oauth2/authorize?client_id=1",
        "https://discord.com/oauth2/authorize?client_id=1",
        "https://discord.com.evil.example/developers/applications",
    ],
)
def test_no_other_address_of_a_person_can(written: str) -> None:
    """Whatever it resembles."""
    stays_as_written(written)


def test_what_turns_the_direction_of_writing_is_left_out() -> None:
    """It would turn our own words round as well."""
    assert escape("a\u202eb\u2066c\x1bd") == "abcd"


@pytest.mark.parametrize(
    ("markup", "line"),
    [
        (bold("Ada *"), r"**Ada \***"),
        (bold(" "), " "),
        (link("here", "https://a.example/b_c"), "[here](https://a.example/b_c)"),
        (channel("200000000000000001"), "<#200000000000000001>"),
        (channel("general"), r"\#general"),
        (quote("# x"), r"> \# x"),
        (Markup("- {a}").format(a="- b"), r"- \- b"),
    ],
)
def test_the_small_markup_in_discords_own(markup: Markup, line: str) -> None:
    """Bold, links, channels, quotes and lists, with what people wrote in them escaped."""
    assert rendered_line(parse(markup)[0]) == line


def test_length_is_counted_as_the_strictest_client_does() -> None:
    """An emoji outside of the basic plane is two."""
    assert size("a🙂é") == 4
