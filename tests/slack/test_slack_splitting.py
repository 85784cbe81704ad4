"""Markup in pieces, and texts that fit."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import grammar
from adapters.slack.fallback import cut
from adapters.slack.splitting import fitted, pieces, size
from bot.excerpt import signs
from bot.markup import Markup, bold, bullets, escape, link, plain, quote
from bot.markup import channel as channel_markup

SIGNS = st.sampled_from(
    ["a", "é", " ", "\n", "👩‍👩‍👧‍👦", "🇫🇷", "👍🏽", "e\u0301", "*", "_", "&", "<", "-", "word "]
) | st.characters(codec="utf-8")
WORDS = st.lists(SIGNS, max_size=60).map("".join)
PARTS = st.one_of(
    WORDS.map(escape),
    WORDS.map(bold),
    WORDS.map(quote),
    st.lists(WORDS, max_size=4).map(bullets),
    WORDS.map(lambda text: link(text, "https://example.org/?a=1&b=2")),
    st.just(channel_markup("C0123ABCD")),
)
MARKUP = st.lists(PARTS, max_size=8).map(lambda parts: Markup(" ").join(parts))


def visible(text: str) -> str:
    """What is left of a text when its marks are taken away, without white space."""
    text = re.sub(r"<(?:https?:[^|>]*\|)?([^>]*)>", r"\1", text)
    return re.sub(r"[\s\u200b*>•ˋ`#]", "", grammar.decoded(text))


@given(MARKUP, st.integers(40, 400))
def test_every_piece_fits_and_nothing_is_lost(text: Markup, limit: int) -> None:
    """Whatever the limit, all that people would see is in the pieces, in order."""
    found = pieces(text, limit)
    assert all(0 < size(piece) <= limit for piece in found)
    shown = re.sub(r"#?C0123ABCD", "", visible("".join(found)))
    whole = re.sub(r"#?C0123ABCD", "", visible(grammar.escaped(plain(text))))
    assert shown == whole


@given(MARKUP, st.integers(40, 400))
def test_no_piece_ends_inside_an_entity_or_a_reference(text: Markup, limit: int) -> None:
    """Brackets are closed where they were opened, and an ampersand begins one of Slack's three entities."""
    for piece in pieces(text, limit):
        assert re.fullmatch(r"(?:[^<>&]|<[^<>]*>|&(?:amp|lt|gt);)*", re.sub("^> ", "", piece, flags=re.MULTILINE))


def test_a_piece_ends_between_signs() -> None:
    """A family is one sign of eleven units: it is never taken apart."""
    family = "👩‍👩‍👧‍👦"
    found = pieces(escape(family * 50), 100)
    assert len(found) > 1
    assert all(piece.replace(family, "") == "" for piece in found)


def test_a_quotation_goes_on_as_one() -> None:
    """So does a bold text: each piece has its own marks."""
    assert all(piece.startswith("> ") for piece in pieces(quote("word " * 100), 100))
    assert all(re.fullmatch(r"\*[^*]+\*\s?", piece) for piece in pieces(bold("word " * 100), 100))


def test_bold_is_set_apart_from_letters() -> None:
    """Slack shows stars that touch a letter outside as stars."""
    text = Markup("a{b}c").format(b=bold("b"))
    assert pieces(text, 100) == [f"a{grammar.APART}*b*{grammar.APART}c"]


def test_a_link_to_where_a_button_leads_is_left_out() -> None:
    """With its brackets; any other link stays."""
    there, elsewhere = link("open", "https://x.example/1"), link("open", "https://x.example/2")
    text = Markup("in #support ({a}), and ({b}); {c}").format(a=there, b=elsewhere, c=there)
    assert pieces(text, 500, {"https://x.example/1"}) == [
        "in #support, and (<https://x.example/2|open>); <https://x.example/1|open>"
    ]


@given(WORDS, st.integers(8, 80))
def test_a_plain_text_fits(text: str, limit: int) -> None:
    """On one line, never empty, shortened visibly between signs."""
    short = fitted(text, limit)
    assert 0 < size(short) <= limit
    assert "\n" not in short


@given(WORDS, st.integers(8, 80))
def test_a_notification_is_cut_between_signs(text: str, limit: int) -> None:
    """What is left is a beginning of what there was, as whole signs, and three dots tell that there was more."""
    whole = grammar.escaped(text)
    short = cut(whole, limit)
    assert size(short) <= limit
    if short != whole:
        assert short.endswith("…")
        kept = list(signs(grammar.decoded(short.removesuffix("…"))))
        assert kept == list(signs(grammar.decoded(whole)))[: len(kept)] or "&" in whole


@pytest.mark.parametrize("text", [Markup(""), Markup("\n\n"), Markup("  ")])
def test_an_empty_text_has_no_pieces(text: Markup) -> None:
    """Slack refuses an empty section."""
    assert pieces(text, 100) == []
