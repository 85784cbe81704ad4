"""The shipped texts: complete, short enough, and set as each language sets its type."""

import re
from collections.abc import Iterator

import pytest

from bot.tips.library import LANGUAGES, SHIPPED, Source, Tip, lint, load

LIBRARY, PROBLEMS = load()

SLUGS = (
    "no-shortcuts contribute-value be-the-expert constructive-conversations productive-not-busy quality-over-quantity "
    "no-spam be-authentic talk-with-people nothing-is-owed respect-a-big-audience keep-adapting measure-success "
    "engagement-that-enriches use-visuals nurture-relationships stay-polite be-patient dont-spread-thin have-a-blog "
    "have-fun"
).split()

NARROW, WIDE = "\u202f", "\u00a0"


def shown(tip: Tip, language: str) -> tuple[str, ...]:
    text = tip.texts[language]
    return text.title, text.body, text.try_today


def strings(language: str) -> Iterator[tuple[str, str]]:
    """(where, text) for everything in a language, search words and topics included."""
    for tip in LIBRARY.tips.values():
        for text in (*shown(tip, language), *tip.texts[language].words):
            yield tip.slug, text
    for topic in LIBRARY.topics.values():
        for text in (topic.labels[language], *topic.synonyms[language]):
            yield topic.id, text


def test_shipped_library_has_no_problem() -> None:
    """What is shipped passes its own lint: lengths, keys, topics, both languages."""
    assert [str(problem) for problem in (*PROBLEMS, *lint())] == []


def test_numbers_and_slugs_are_fixed() -> None:
    """The 21 tips keep their numbers and slugs: databases and links hold them."""
    assert {tip.slug: tip.number for tip in LIBRARY.tips.values()} == {slug: n for n, slug in enumerate(SLUGS, 1)}
    assert list(LIBRARY.tips) == SLUGS
    assert {tip.source for tip in LIBRARY.tips.values()} == {Source.SHIPPED}
    assert sorted(path.name for path in SHIPPED.glob("[0-9]*.toml")) == [
        f"{n:02}-{s}.toml" for n, s in enumerate(SLUGS, 1)
    ]


@pytest.mark.parametrize("tip", LIBRARY.tips.values(), ids=lambda tip: tip.slug)
def test_every_tip_is_whole_in_both_languages(tip: Tip) -> None:
    """Each tip has, in both languages, a title, two to four sentences, something to try today, and search words."""
    assert tuple(tip.texts) == LANGUAGES
    for text in tip.texts.values():
        sentences = re.split(r"(?<=[.!?…])[”»\s]+(?=[A-ZÀ-Ý“«])", text.body)
        assert 2 <= len(sentences) <= 4, sentences
        assert text.body.endswith(".")
        assert text.try_today.endswith((".", "?", "!"))
        assert not text.title.endswith(".")
        assert len(text.words) >= 10


def test_every_topic_leads_somewhere() -> None:
    """No topic is without a tip, and each has a label and synonyms in both languages."""
    for topic in LIBRARY.topics.values():
        assert LIBRARY.about(topic.id), topic.id
        assert set(topic.labels) == set(topic.synonyms) == set(LANGUAGES)
        assert all(topic.synonyms.values()), topic.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_twice(language: str) -> None:
    """No two tips share a title, and no list of search words holds one twice."""
    titles = [tip.texts[language].title for tip in LIBRARY.tips.values()]
    assert len(set(titles)) == len(titles)
    for tip in LIBRARY.tips.values():
        words = tip.texts[language].words
        assert len(set(words)) == len(words), tip.slug


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a straight apostrophe", r"'"),
        ("a straight quotation mark", r'"'),
        ("three dots for an ellipsis", r"\.\.\."),
        ("a long dash", "[—–]"),
        ("two blanks", r"\s\s"),
        ("a blank at an end", r"^\s|\s$"),
    ],
)
def test_typography(language: str, what: str, pattern: str) -> None:
    """Apostrophes, quotation marks and ellipses are typographic ones, and blanks single."""
    assert [(where, text) for where, text in strings(language) if re.search(pattern, text)] == [], what


def test_french_punctuation() -> None:
    """In French a no-break space stands before ; : ! ? and inside « », never an ordinary one and never none."""
    bad = re.compile(f"(?:[^{NARROW}{WIDE}][;:!?]|«[^{WIDE}]|[^{WIDE}]»|[“”])")
    assert [(where, text) for where, text in strings("fr") if bad.search(text)] == []


def test_english_punctuation() -> None:
    """In English no blank stands before punctuation, and no-break spaces are not needed."""
    bad = re.compile(f"[{NARROW}{WIDE}«»]| [;:!?,.]")
    assert [(where, text) for where, text in strings("en") if bad.search(text)] == []
