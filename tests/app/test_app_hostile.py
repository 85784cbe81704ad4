"""Whatever a person wrote is shown as written: it becomes no markup, no ping, and no broken sign."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st
from village import HELP, ME, ON_DUTY, Village, settings

from bot.events import NewLook, Private
from bot.excerpt import shorten
from bot.looks import as_text
from bot.markup import LineKind, Markup, Span, parse
from bot.model import Member, Ping, PingKind
from bot.post import Post
from storage.memory import MemoryStore
from tests.fakes import COMMUNITY

HOSTILE = [
    "**all** of you",
    "[click](http://evil.example/x)",
    "<!channel> <!here> <@U123|x> <#C1>",
    "@everyone @here @staff",
    "one\n> two\n- three\r\n> four\u2028- five\x85> six",
    "x" * 10_000,
    "word " * 2_000,
    "\u202eevil\u202c \u2066abc\u2069 \u200b\u200d\ufeff",
    "مرحبا بكم في القناة من فضلكم",
    "{name} {0} %s \\n \\* \\[ [#](channel:abc)",
    "```code``` `x` ~y~ _z_ # h ||spoiler||",
    "\x00\x1b[31m\x07",
    "**",
    "[](http://x.example)",
    "]]](((",
    "",
    " \n ",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_hostile_words_stay_words(text: str, language: str) -> None:
    """Names, messages and queries never become markup or pings, in any post of a mention's whole life."""

    async def live() -> list[Post]:
        village = Village(MemoryStore(), settings(language=language))
        await village.connect()
        by = Member(COMMUNITY, "ada", text)
        called = (Ping(PingKind.MEMBER, ME), Ping(PingKind.EVERYONE, ""), Ping(PingKind.ROLE, "everyone"))
        said = f"Hello, {text} what now?"
        question = await village.says("ada", said, channel=HELP, pings=called, by=by)
        for number in range(4):
            other = Member(COMMUNITY, f"b{number}", text)
            await village.says(f"b{number}", said, channel=HELP, pings=called, by=other)
        await village.wait(32)
        mention = await village.the_mention(question)
        link = village.chat.link(question.ref) or ""
        replies = [
            await village.command("tess", "tip", text),
            await village.command("tess", "tip", f"zzqqxx {text}"),
            await village.command("tess", "mentions"),
            await village.command("tess", "mentions", f"why {link}"),
            await village.command("tess", "mentions", text.replace("/", "") or "x"),
            await village.command("tess", text or "x"),
            await village.press("tess", "mention.claim", mention.id, village.said[0]),
            await village.press("tess", "tip.topic", text),
        ]
        await village.wait(200)
        posts = [entry.post for entry in village.chat.journal.read()]
        return posts + [reply.post for reply in replies if isinstance(reply, Private | NewLook)]

    posts = asyncio.run(live())
    assert len(posts) > 8
    channels = {HELP}
    for post in posts:
        assert set(post.pings) <= {Ping(PingKind.ROLE, ON_DUTY)}
        assert "\n" not in post.title
        for span in _spans(post):
            assert span.url is None or span.url.startswith("https://chat.example/"), span
            assert span.channel is None or span.channel in channels, span
            assert not span.bold or "\n" not in span.text
        as_text(post)


def _spans(post: Post) -> Iterator[Span]:
    texts = [post.body, post.context, *(item.body for item in post.items), *(field.value for field in post.fields)]
    for text in texts:
        assert isinstance(text, Markup)
        for line in parse(text):
            yield from line.spans


def test_a_nudge_shows_the_words_as_they_were_written() -> None:
    """What looks like markup in a message is shown as the characters that it is, on one quoted line."""

    async def live() -> Post:
        village = Village(MemoryStore())
        await village.connect()
        await village.asks(text="How **do** I\n> [log](http://evil.example) in?\n- now")
        await village.wait(31)
        return village.said[0].post

    quoted = [line for line in parse(asyncio.run(live()).body) if line.kind is LineKind.QUOTE]
    assert [line.spans for line in quoted] == [(Span("How **do** I > [log](http://evil.example) in? - now"),)]


SIGNS = [
    "a",
    "é",
    "e\u0301",
    "👨‍👩‍👧‍👦",
    "🇫🇷",
    "🇬🇧",
    "👍🏽",
    "❤️",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "1️⃣",
    "क्षि",
    "नि",
    "각",
    "ก็",
    "z\u0335\u0321\u0322",
    "🏳️‍🌈",
    "\N{HEBREW LETTER SHIN}\u05c1",
]


@tries(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(SIGNS), max_size=60), st.integers(2, 60))
def test_a_sign_is_never_cut_in_two(signs: list[str], limit: int) -> None:
    """A family, a flag, an accented letter, a syllable: what people see as one is shown whole or not at all."""
    short = shorten("".join(signs), limit)
    assert len(short) <= limit
    wholes = {"".join(signs[:count]) for count in range(len(signs) + 1)}
    assert short in wholes or short.removesuffix("…") in wholes


@tries(max_examples=300, deadline=None)
@given(st.text(max_size=400), st.integers(2, 300))
def test_shortening_is_total(text: str, limit: int) -> None:
    """Any text is cut to its limit, onto one line, and a short one is only put onto one line."""
    short = shorten(text, limit)
    assert len(short) <= limit
    assert len(short.splitlines()) <= 1
    assert shorten(short, limit) == short


def test_words_are_kept_whole() -> None:
    """A text is cut between words where there are any."""
    assert shorten("one two three four", 14) == "one two three…"
    assert shorten("one   two\n\nthree", 14) == "one two three"


def test_flags_do_not_swallow_each_other() -> None:
    """A row of flags keeps as many as there is room for, whole."""
    assert shorten("🇫🇷" * 20, 10) == "🇫🇷" * 4 + "…"


def test_spaces_that_hold_words_together_are_kept() -> None:
    """An excerpt is on one line, and a French question mark still does not stand alone on the next."""
    said = "Hors ligne\u202f?\n\n Oui\u00a0: bien\u2028sûr"
    assert shorten(said, 100) == "Hors ligne\u202f? Oui\u00a0: bien sûr"
