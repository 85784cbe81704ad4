"""What is too long goes on in a next piece, cut where people see a cut."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.discord.splitting import packed, pieces
from adapters.discord.text import size
from bot.excerpt import signs
from bot.markup import Markup, bold, bullets, escape, link, quote

FAMILY, FLAG = "👨‍👩‍👧‍👦", "🇫🇷"


@given(st.text(max_size=400) | st.lists(st.sampled_from([FAMILY, FLAG, "e\u0301", "word ", "\n", "*"])).map("".join))
@example("a" * 60)
@example("*" * 60)
@settings(max_examples=100, deadline=None)
def test_every_piece_fits(text: str) -> None:
    """Whatever is written, no piece is longer than the limit, and none is blank."""
    for markup in (escape(text), quote(text), bold(text), bullets(text.splitlines())):
        for piece in pieces(markup, 60):
            assert size(piece) <= 60
            assert piece.strip()


def test_pieces_end_with_lines_where_they_can() -> None:
    """A line is kept whole as long as it fits."""
    text = escape("\n".join(["one two three"] * 4))
    assert pieces(text, 30) == ["one two three\none two three"] * 2


def test_a_long_line_ends_with_a_word() -> None:
    """And goes on as what it was: a quotation, an entry of a list."""
    assert pieces(quote("alpha beta gamma delta"), 16) == ["> alpha beta ", "> gamma delta"]


def test_no_emoji_is_cut() -> None:
    """A family, a flag, an accent: what people see as one sign stays one."""
    for sign in (FAMILY, FLAG, "e\u0301"):
        for piece in pieces(escape(sign * 40), 50):
            assert set(signs(piece)) == {sign}


def test_bold_and_links_are_closed_in_each_piece() -> None:
    """The marks are set after the cut."""
    assert pieces(bold("alpha beta gamma delta"), 20) == ["**alpha beta **", "**gamma delta**"]
    for piece in pieces(link("alpha beta gamma delta", "https://a.example"), 40):
        assert piece.startswith("[")
        assert piece.endswith("](https://a.example)")


def test_an_escaped_mark_keeps_its_backslash() -> None:
    """No piece ends between the two."""
    for piece in pieces(escape("*" * 100), 11):
        assert piece == r"\*" * (len(piece) // 2)


def test_a_fence_that_somebody_wrote_opens_no_code_block() -> None:
    """So that no piece can leave one open."""
    assert all("```" not in piece for piece in pieces(escape("```py\n" + "x = 1\n" * 50 + "```"), 80))


def test_an_address_too_long_for_any_piece_is_left_out() -> None:
    """Its label is shown all the same."""
    assert pieces(link("here", "https://a.example/" + "x" * 100), 60) == ["here"]


def test_a_sign_with_more_marks_than_fit_is_cut() -> None:
    """A letter under a thousand accents is an attack, not a sign."""
    assert all(size(piece) <= 50 for piece in pieces(escape("a" + "\u0301" * 1000), 50))


def test_nothing_is_no_piece() -> None:
    """An empty text needs no message."""
    assert pieces(Markup(""), 10) == []
    assert packed(["", " "], 10) == []
