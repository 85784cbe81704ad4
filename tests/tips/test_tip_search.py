"""Search: the right tip for what people type, nothing for nonsense, in bounded time."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.tips.library import LANGUAGES, Library, Source, Tip, TipText, Topic, load
from bot.tips.search import Hit, Index

QUERIES: dict[str, dict[str, list[int]]] = tomllib.loads(Path(__file__).with_name("queries.toml").read_text("utf-8"))
SENSIBLE = {query: right for kind, queries in QUERIES.items() if kind != "nonsense" for query, right in queries.items()}
LIBRARY, _ = load()


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(LIBRARY)


def first(hits: list[Hit]) -> int | None:
    return hits[0].tip.number if hits else None


def own(slug: str, title: str, language: str = "en", words: tuple[str, ...] = (), topic: str = "community") -> Tip:
    text = TipText(title, "Some advice of the team itself.", "Do it in the main channel.", words)
    return Tip(slug, None, (topic,), {language: text}, Source.OWN)


def with_own(*tips: Tip) -> Index:
    return Index(Library.of((*LIBRARY.tips.values(), *tips), LIBRARY.topics.values()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_right_tip_comes_first(index: Index, language: str) -> None:
    """At least 95 of 100 queries give a right tip first, whichever language the person has set."""
    assert len(SENSIBLE) >= 100
    wrong = {
        q: first(index.search(q, language)) for q in SENSIBLE if first(index.search(q, language)) not in SENSIBLE[q]
    }
    assert len(wrong) <= 0.05 * len(SENSIBLE), wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_sensible_finds_nothing(index: Index, language: str) -> None:
    """Every sensible query finds some tip."""
    assert [query for query in SENSIBLE if not index.search(query, language)] == []


@pytest.mark.parametrize("query", ["", "   ", "\n", "?!", *QUERIES["nonsense"]])
def test_nonsense_finds_nothing(index: Index, query: str) -> None:
    """Nonsense, and nothing at all, find no tip rather than a wrong one."""
    assert [index.search(query, language) for language in LANGUAGES] == [[], []]


@pytest.mark.parametrize("tip", LIBRARY.tips.values(), ids=lambda tip: tip.slug)
def test_number_slug_and_title_find_their_tip(index: Index, tip: Tip) -> None:
    """A tip's number, with or without a sign, its slug and its titles give it first, with the full score for a name."""
    for name in (str(tip.number), f"#{tip.number}", f" {tip.number} ", tip.slug, tip.slug.upper()):
        hits = index.search(name, "fr")
        assert (first(hits), hits[0].score) == (tip.number, 1.0), name
    for language in LANGUAGES:
        assert first(index.search(tip.text(language).title, language)) == tip.number


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_tip_is_asked_for_finds_it(index: Index, language: str) -> None:
    """Every title and search phrase, typed as it stands, finds a tip that has it first; at most one in 300 does not,
    where another tip is about a topic of that very name."""
    owners: dict[str, set[int | None]] = {}
    for tip in LIBRARY.tips.values():
        for phrase in (tip.text(language).title, *tip.text(language).words):
            owners.setdefault(phrase.casefold(), set()).add(tip.number)
    lost = [phrase for phrase, numbers in owners.items() if first(index.search(phrase, language)) not in numbers]
    assert len(lost) * 300 <= len(owners), lost


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("be yourself", 8),
        ("BE MYSELF!", 8),
        ("how do I say no", 17),
        ("being one-way", 9),
        ("pas à pas", 18),
        ("comment dire non ?", 17),
        ("l’être soi-même", 8),
        ("what to say", 2),
    ],
)
def test_small_words_are_found_where_a_phrase_is_made_of_them(index: Index, query: str, number: int) -> None:
    """A search phrase of nothing but small words is found word for word, alone or among other small words."""
    for language in LANGUAGES:
        hit, *_ = index.search(query, language)
        assert (hit.tip.number, 0 < hit.score < 1) == (number, True)


@pytest.mark.parametrize(
    "query",
    ["how are you", "the", "des", "same", "comment faire", "no say", "yourself be", "is it the", "à qui est-ce"],
)
def test_small_words_are_not_guessed_at(index: Index, query: str) -> None:
    """Small words that are no phrase of any tip find nothing: *you* is not taken for the beginning of *YouTube*."""
    assert [index.search(query, language) for language in LANGUAGES] == [[], []]


def test_a_small_word_may_be_a_word_of_the_other_language(index: Index) -> None:
    """*but* says nothing in English and is a goal in French."""
    assert first(index.search("but", "fr")) in {5, 13}


def test_own_phrases_of_small_words_are_found_in_a_library_of_any_size() -> None:
    """A team's own phrases and titles of small words are found as the shipped ones, whichever tips have them."""
    many = [own(f"own-{n}", f"Tip of the team {n}") for n in range(5_000)]
    index = with_own(own("own-a", "What now?"), own("own-b", "B", words=("over and out", "yourself")), *many)
    for query, slug in (("what now", "own-a"), ("over and out", "own-b"), ("yourself", "own-b")):
        assert index.search(query, "en")[0].tip.slug == slug


@pytest.mark.parametrize(
    ("query", "number"), [("chart", 15), ("banner", 15), ("lively", 21), ("conversion", 13), ("réagir", 14)]
)
def test_a_word_is_no_topic_because_their_stems_are_alike(index: Index, query: str, number: int) -> None:
    """*chart* is no French *charte* and *conversion* no *conversation*: what a tip lists as such goes before."""
    hits = index.search(query, "en")
    assert number in {hit.tip.number for hit in hits if hit.score == hits[0].score}


@pytest.mark.parametrize(("one", "other"), [("troll", "trolls"), ("objectif", "objectifs"), ("kpi", "kpis")])
def test_a_plural_names_a_topic_as_its_singular_does(index: Index, one: str, other: str) -> None:
    """The topic is asked for with or without the s."""
    assert [hit.tip.slug for hit in index.search(one, "fr")] == [hit.tip.slug for hit in index.search(other, "fr")]


@pytest.mark.parametrize("topic", LIBRARY.topics.values(), ids=lambda topic: topic.id)
def test_topics_and_synonyms_find_their_tips(index: Index, topic: Topic) -> None:
    """A topic's id and labels give all of its tips before any other; no synonym is in vain."""
    about = {tip.slug for tip in LIBRARY.about(topic.id)}
    for name in (topic.id, *topic.labels.values()):
        hits = index.search(name, "en", limit=len(about))
        assert {hit.tip.slug for hit in hits} == about, name
    for language, synonyms in topic.synonyms.items():
        for synonym in synonyms:
            assert index.search(synonym, language), synonym


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("modération", "moderation"),
        ("MODÉRATION", "modération"),
        ("l’engagement", "l'engagement"),
        ("l’engagement", "engagement"),
        ("mode\u0301ration", "modération"),
        ("long-term", "long term"),
        ("🔥 engagement 🔥", "engagement"),
        ("engagement!!!", "engagement ?"),
        ("écoute", "ECOUTE"),
    ],
)
def test_spelling_variants_are_one_query(index: Index, one: str, other: str) -> None:
    """Accents, case, apostrophes, hyphens, punctuation and emoji make no difference."""
    slugs = [[hit.tip.slug for hit in index.search(query, "fr")] for query in (one, other)]
    assert slugs[0] == slugs[1] != []


def test_language_prefers_but_never_hides(index: Index) -> None:
    """A query in one language finds the same tip first for someone who has set the other."""
    for query in ("comment calmer un membre agressif", "how to welcome new members"):
        assert first(index.search(query, "fr")) == first(index.search(query, "en"))


def test_scores_fall_and_stay_between_0_and_1(index: Index) -> None:
    """Results come best first, with scores that can be compared: above 0, at most 1."""
    for query in SENSIBLE:
        scores = [hit.score for hit in index.search(query, "en", 21)]
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score <= 1 for score in scores), query


def test_same_query_same_answer() -> None:
    """Two indexes of the same library answer alike, ties being settled by number and then slug."""
    tips = [own(f"twin-{letter}", "Pancakes for everyone") for letter in "dbca"]
    once, again = with_own(*tips), with_own(*reversed(tips))
    slugs = [hit.tip.slug for hit in once.search("pancakes", "en")]
    assert slugs == [hit.tip.slug for hit in again.search("pancakes", "en")]
    assert slugs == ["twin-a", "twin-b", "twin-c", "twin-d"]


def test_own_tips_count_as_much_as_shipped_ones() -> None:
    """A team's own tip is found by its title, its search words, its topic in either language, and with a typo."""
    index = with_own(own("release-notes", "Announce a release", words=("changelog", "version")), own("b", "B", "fr"))
    for query in ("release", "announce a release", "changelog", "changlog", "release-notes"):
        assert index.search(query, "fr")[0].tip.slug == "release-notes", query
    communaute = [hit.tip.slug for hit in index.search("communauté", "fr")]
    assert {"release-notes", "b", "nothing-is-owed"} <= set(communaute)


def test_limit_is_honoured(index: Index) -> None:
    """Never more tips than asked for, and none for zero."""
    assert [len(index.search("engagement", "en", limit)) for limit in (0, 1, 2)] == [0, 1, 2]


def test_unknown_language_is_no_error(index: Index) -> None:
    """A locale the tips are not written in searches as in English."""
    assert first(index.search("trolls", "de")) == first(index.search("trolls", "en"))


def test_what_was_guessed_is_told(index: Index) -> None:
    """A hit tells which words it was found by, spelt as they should have been."""
    assert index.search("moderatoin", "en")[0].why == ("moderation",)


@settings(max_examples=200, deadline=None)
@given(query=st.text(max_size=80), language=st.sampled_from(LANGUAGES))
def test_any_text_can_be_searched(query: str, language: str) -> None:
    """Whatever is typed, search, completion and nearest topics answer and never raise."""
    hits = HOSTILE.search(query, language)
    assert len(hits) <= 5
    assert len(HOSTILE.complete(query, language, 5)) <= 5
    assert len(HOSTILE.topics_near(query, language, 3)) == len(set(HOSTILE.topics_near(query, language, 3))) <= 3


HOSTILE = Index(LIBRARY)


@pytest.mark.parametrize(
    "query", ["engagment " * 10_000, "a" * 1_000_000, "é\u0301" * 50_000, "'\"; " * 9_999, "16" * 999]
)
def test_very_long_queries_are_cut(index: Index, query: str) -> None:
    """Of a very long query only the beginning is read: the same results as for that beginning."""
    assert index.search(query, "en") == index.search(query[:400], "en")


def test_empty_library_finds_nothing() -> None:
    """A library without tips can be searched, in vain."""
    index = Index(Library.of([], []))
    assert (index.search("engagement", "en"), index.complete("e", "fr"), index.topics_near("e", "fr")) == ([], [], [])


def test_large_library_keeps_the_best() -> None:
    """Where a word is in more tips than are read, those it says most about still come first."""
    many = [
        own(f"own-{n}", f"Tip of the team {n}", words=("pancakes", "waffles") if n == 4_321 else ())
        for n in range(5_000)
    ]
    crowd = [own(f"crowd-{n}", f"A crowd {n}", words=("griddle pancakes and many other cakes",)) for n in range(5_000)]
    index = with_own(*many, *crowd)
    assert index.search("pancakes waffles", "en")[0].tip.slug == "own-4321"
    assert index.search("pancakes", "en")[0].tip.slug == "own-4321"


class TestComplete:
    """Autocompletion."""

    def test_nothing_typed_offers_popular_topics(self, index: Index) -> None:
        """Before anything is typed, the first topics of the list are offered, by their labels."""
        popular = list(LIBRARY.topics.values())[:5]
        assert index.complete("", "fr", 5) == [(topic.id, topic.label("fr")) for topic in popular]

    def test_topics_come_before_titles(self, index: Index) -> None:
        """A topic that begins so comes first, then titles with a word that does."""
        assert index.complete("blog", "fr") == [
            ("blog", "Blog"),
            ("have-a-blog", LIBRARY.text("have-a-blog", "fr").title),
        ]

    @pytest.mark.parametrize("typed", ["mod", "MOD", "modé", "Mode", "modér"])
    def test_accents_and_case_are_ignored(self, index: Index, typed: str) -> None:
        """*mode*, *modé* and *MODE* complete alike."""
        assert ("moderation", "Modération") in index.complete(typed, "fr")

    def test_synonyms_complete_to_their_topic(self, index: Index) -> None:
        """The beginning of a synonym offers the topic."""
        assert index.complete("kp", "en")[0][0] == "metrics"

    def test_values_can_be_searched(self, index: Index) -> None:
        """Whatever is offered, searching for its value gives that tip or one about that topic."""
        for letter in "abcdefghijklmnopqrstuv":
            for value, _ in index.complete(letter, "en", 25):
                tip = index.search(value, "en", 1)[0].tip
                assert value == tip.slug or value in tip.topics


class TestTopicsNear:
    """What to name when a topic does not exist."""

    @pytest.mark.parametrize(
        ("typed", "topic"),
        [("moderaton", "moderation"), ("kpis", "metrics"), ("modérateur", "moderation"), ("Platform", "platforms")],
    )
    def test_nearest_comes_first(self, index: Index, typed: str, topic: str) -> None:
        """A mistyped topic, synonym or label leads to the topic meant."""
        assert index.topics_near(typed, "en", 3)[0].id == topic

    def test_nothing_is_near_nonsense(self, index: Index) -> None:
        """What no topic is like has none near; the most asked ones are there to be named instead."""
        assert index.topics_near("qzxv", "fr", 3) == index.topics_near("#99", "en", 3) == []
        assert index.popular(3) == list(LIBRARY.topics.values())[:3]


class TestLike:
    """Tips that go with another."""

    @pytest.mark.parametrize("tip", LIBRARY.tips.values(), ids=lambda tip: tip.slug)
    def test_every_tip_has_some(self, index: Index, tip: Tip) -> None:
        """Each tip has as many others as are asked for, those that share a topic with it before the rest."""
        for language in LANGUAGES:
            like = index.like(tip, language, 3)
            assert (len(set(like)), tip in like) == (3, False)
            shared = [not set(tip.topics).isdisjoint(other.topics) for other in like]
            assert shared == sorted(shared, reverse=True)
            others = [other for other in LIBRARY.tips.values() if other != tip]
            assert sum(shared) == min(3, sum(not set(tip.topics).isdisjoint(other.topics) for other in others))

    def test_a_tip_in_one_language_has_some(self) -> None:
        """A team's own tip that is written in one language is like others in either."""
        mine = own("mine", "Nos vidéos", "fr", words=("vidéo",), topic="nothing-known")
        for language in LANGUAGES:
            assert with_own(mine).like(mine, language, 1)[0].slug == "use-visuals"


def test_reading_the_library_does_not_load_search() -> None:
    """Importing the library stays light: no stemmer, no fuzzy matching, no configuration library."""
    heavy = {"snowballstemmer", "Stemmer", "rapidfuzz", "pydantic"}
    code = f"import sys, bot.tips.library; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
