"""The small markup: what a person wrote is shown as written, and what we mark is what we meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.markup import Line, LineKind, Markup, Span, bold, bullets, channel, escape, link, parse, plain, quote

TRICKY = st.text(st.sampled_from("*[]()>-#\\ \n\r\t{}ab:/.<!@_~`é\u2028\u200d"), max_size=60)
TEXTS = st.one_of(TRICKY, st.text(max_size=60))


def shown(text: Markup) -> str:
    return "\n".join("".join(span.text for span in line.spans) for line in parse(text))


def is_plain(text: Markup) -> bool:
    lines = parse(text)
    return all(line.kind is LineKind.TEXT for line in lines) and all(
        span == Span(span.text) for line in lines for span in line.spans
    )


@given(TEXTS)
def test_what_is_escaped_is_shown_as_it_is(text: str) -> None:
    """Any text, escaped, shows exactly that text and nothing else: no bold, no link, no channel, no quote, no list."""
    assert shown(escape(text)) == text
    assert is_plain(escape(text))
    assert plain(escape(text)) == text


@given(TEXTS)
def test_what_is_escaped_is_not_escaped_again(text: str) -> None:
    """Markup is left alone, however often it passes."""
    once = escape(text)
    assert escape(once) == once
    assert Markup("{x}").format(x=once) == once


@given(TEXTS, TEXTS)
def test_format_and_join_escape_what_is_not_markup(one: str, other: str) -> None:
    """A plain text put into Markup is escaped, by name, by position, joined or added."""
    assert shown(Markup("{x} and {}").format(other, x=one)) == f"{one} and {other}"
    assert is_plain(Markup("{x}{}").format(other, x=one))
    assert shown(Markup("").join([one, other])) == one + other
    assert shown(Markup("a") + one) == f"a{one}"


@given(TEXTS)
def test_a_persons_lines_never_begin_a_quote_or_a_list(text: str) -> None:
    """New lines inside what a person wrote begin neither a quote nor a list, wherever it is put."""
    for inside in (Markup("Ada: {x}").format(x=text), Markup("{x}").format(x=f"\n{text}"), escape(f"x\n{text}")):
        assert {line.kind for line in parse(inside)} == {LineKind.TEXT}


@given(TEXTS)
def test_a_quotation_quotes_every_line(text: str) -> None:
    """Every line of a quotation is quoted, and holds what was written."""
    lines = parse(quote(text))
    assert {line.kind for line in lines} == {LineKind.QUOTE}
    assert ["".join(span.text for span in line.spans) for line in lines] == (text.splitlines() or [""])


@given(TEXTS.filter(bool))
def test_bold_is_bold_on_one_line(text: str) -> None:
    """Bold shows the text in bold, whatever it holds; its lines become one, since bold ends with its line."""
    assert parse(bold(text)) == [Line(LineKind.TEXT, (Span(text.replace("\n", " "), bold=True),))]


@given(TEXTS.filter(bool))
def test_a_link_shows_its_text(text: str) -> None:
    """A link shows its text and leads where it should, whatever the text holds."""
    url = "https://chat.example/a?b=c#d"
    assert parse(link(text, url)) == [Line(LineKind.TEXT, (Span(text.replace("\n", " "), url=url),))]


@given(TEXTS, TEXTS)
def test_a_link_leads_nowhere_else(text: str, url: str) -> None:
    """An address that could not be written safely is left out, and the text stays."""
    for given_url in (url, f"https://{url}", f"javascript:{url}"):
        spans = [span for line in parse(link(text, given_url)) for span in line.spans]
        assert all(span.url in (None, given_url) for span in spans)
        assert all(span.url is None or span.url.startswith(("https://", "http://")) for span in spans)


@given(st.lists(TEXTS))
def test_a_list_has_one_line_for_each_item(items: list[str]) -> None:
    """Each item is one line of a list, whatever it holds."""
    lines = parse(bullets(items)) if items else []
    assert [(line.kind, "".join(span.text for span in line.spans)) for line in lines] == [
        (LineKind.ITEM, item.replace("\n", " ")) for item in items
    ]


@given(TEXTS)
def test_parse_never_fails(text: str) -> None:
    """Any text can be parsed, marked up or not, and none of its lines is lost."""
    assert len(parse(Markup(text))) == text.count("\n") + 1
    plain(Markup(text))


@given(TEXTS)
def test_a_channel_is_a_channel_or_words(text: str) -> None:
    """Only what can be a channel's id becomes a channel; anything else is shown as words."""
    (line, *rest) = parse(channel(text))
    if rest or line.spans != (Span(f"#{text}", channel=text),):
        assert shown(channel(text)) == f"#{text}"
        assert is_plain(channel(text))


def test_markup_inside_markup() -> None:
    """What we mark ourselves is read back as marked."""
    text = Markup("{who} in {where}\n{said}\n{list}").format(
        who=bold("A*da"), where=channel("C1"), said=quote("so **it** is"), list=bullets([bold("x"), "y"])
    )
    assert parse(text) == [
        Line(LineKind.TEXT, (Span("A*da", bold=True), Span(" in "), Span("#C1", channel="C1"))),
        Line(LineKind.QUOTE, (Span("so **it** is"),)),
        Line(LineKind.ITEM, (Span("x", bold=True),)),
        Line(LineKind.ITEM, (Span("y"),)),
    ]
    assert plain(text) == "A*da in #C1\n> so **it** is\n• x\n• y"


@pytest.mark.parametrize("text", ["****", "**", "[]()", "[a](ftp://x)", "[a](https://)", "[#](channel:a b)"])
def test_what_is_no_markup_is_text(text: str) -> None:
    """Half a mark is shown as it stands."""
    assert shown(Markup(text)) == text


def test_bold_of_nothing_is_nothing() -> None:
    """An empty name leaves no stars behind."""
    assert bold("") == ""
