"""A team's own tips: read beside the shipped ones, and what is wrong named by file and line."""

import os
from pathlib import Path

import pytest

from bot.tips.library import Level, Problem, Source, lint, load

EN = """
[en]
title = "Announce a release kindly"
tip = "Say what changes for people before you say what changed in the code. Then stay for an hour."
try = "Rewrite the first line of your last release note."
"""
FR = """
[fr]
title = "Une annonce qui parle aux gens"
tip = "Dites d’abord ce qui change pour eux, ensuite seulement ce qui a changé dans le code."
try = "Réécrivez la première ligne de votre dernière annonce."
words = ["version", "nouveautés"]
"""
GOOD = 'slug = "release-notes"\ntopics = ["content", "voice"]\n' + EN + FR


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def only_problem(folder: Path) -> Problem:
    problems = lint(folder)
    assert len(problems) == 1, problems
    return problems[0]


def test_own_tips_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    """A team's own tip is found by slug, after the numbered ones, in both languages, and nothing is wrong."""
    write(tmp_path, "release-notes.toml", GOOD)
    library, problems = load(tmp_path)
    tip = library.tips["release-notes"]
    assert (problems, len(library.tips), list(library.tips)[-1]) == ([], 22, "release-notes")
    assert (tip.number, tip.source, tip.topics) == (None, Source.OWN, ("content", "voice"))
    assert library.text("release-notes", "fr").words == ("version", "nouveautés")
    assert tip in library.about("voice")


def test_slug_may_come_from_the_file_name(tmp_path: Path) -> None:
    """Without a slug, the file's name is the slug, a number in front left aside."""
    write(tmp_path, "30-office-hours.toml", GOOD.replace('slug = "release-notes"\n', ""))
    library, problems = load(tmp_path)
    assert (problems, "office-hours" in library.tips) == ([], True)


def test_own_tip_may_have_a_number_above_the_shipped_ones(tmp_path: Path) -> None:
    """An own tip numbered 22 or more takes its place in the order and is found by its number."""
    write(tmp_path, "a.toml", "number = 22\n" + GOOD)
    library, problems = load(tmp_path)
    tip = library.numbered(22)
    assert (problems, tip and tip.slug, library.numbered(23)) == ([], "release-notes", None)


@pytest.mark.parametrize(("text", "has", "lacks"), [(EN, "en", "fr"), (FR, "fr", "en")])
def test_one_language_is_enough_for_own_tips(tmp_path: Path, text: str, has: str, lacks: str) -> None:
    """An own tip in one language is told in that one to everybody, with a warning."""
    write(tmp_path, "a.toml", 'slug = "one"\ntopics = ["voice"]\n' + text)
    library, problems = load(tmp_path)
    assert library.text("one", lacks) is library.text("one", has)
    assert [(problem.level, problem.message) for problem in problems] == [(Level.WARNING, f"has no text in [{lacks}]")]


def test_own_topics_can_be_declared(tmp_path: Path) -> None:
    """An own topics.toml adds topics, which own tips may use."""
    write(tmp_path, "topics.toml", '[releases]\nen = { label = "Releases", synonyms = ["changelog"] }\n')
    write(tmp_path, "a.toml", GOOD.replace('"voice"', '"releases"'))
    library, problems = load(tmp_path)
    assert (problems, library.topics["releases"].label("fr")) == ([], "Releases")
    assert [tip.slug for tip in library.about("releases")] == ["release-notes"]


def test_paragraphs_stay_and_line_breaks_go(tmp_path: Path) -> None:
    """Lines of a paragraph are joined, an empty line parts paragraphs, and no-break spaces are left alone."""
    body = '"""\nUne première ligne assez longue\npour être coupée\u202f!\n\nUn autre paragraphe.\n"""'
    write(
        tmp_path,
        "a.toml",
        f'topics = ["voice"]\n[fr]\ntitle = "Titre"\ntip = {body}\ntry = "Essayez donc aujourd’hui."\n',
    )
    library, _ = load(tmp_path)
    expected = "Une première ligne assez longue pour être coupée\u202f!\n\nUn autre paragraphe."
    assert library.text("a", "fr").body == expected


# What is broken in GOOD, and the line, the message and the advice that name it.
BROKEN = {
    "syntax": (GOOD.replace('topics = ["content"', 'topics = ["content'), 2, "is not valid TOML", "check quotes"),
    "unclosed text": (GOOD + 'oops = """never closed', 14, "is not valid TOML", "check quotes"),
    "unknown key": ("author = 'me'\n" + GOOD, 1, "unknown key 'author'", "number, slug, topics, en, fr"),
    "unknown key in a text": (GOOD + 'body = "x"\n', 14, "unknown key 'body' in [fr]", "title, tip, try, words"),
    "unknown topic": (GOOD.replace("voice", "moderaton"), 2, "unknown topic 'moderaton'", "nearest topics: moderation"),
    "no topic": (GOOD.replace('["content", "voice"]', "[]"), 2, "topics is missing or empty", "for example topics"),
    "topics is a text": (GOOD.replace('["content", "voice"]', '"voice"'), 2, "topics must be a list", "for example"),
    "long title": (GOOD.replace("kindly", "k" * 60), 5, "en.title is too long: 79", "3 to 60 are allowed"),
    "empty title": (GOOD.replace('"Announce a release kindly"', '" "'), 5, "en.title is empty", None),
    "short tip": (
        GOOD.replace(
            "Say what changes for people before you say what changed in the code. Then stay for an hour", "No"
        ),
        6,
        "en.tip is too short: 3",
        "40 to 700",
    ),
    "missing try": (
        GOOD.replace('try = "Rewrite the first line of your last release note."\n', ""),
        4,
        "en.try is missing",
        None,
    ),
    "try is a number": (
        GOOD.replace('"Rewrite the first line of your last release note."', "5"),
        7,
        "en.try must be a text",
        None,
    ),
    "placeholder": (
        GOOD.replace("Rewrite the first line", "TODO rewrite the line"),
        7,
        "en.try still holds a placeholder",
        "write the text",
    ),
    "empty word": (GOOD.replace('"version"', '""'), 13, "fr.words holds an empty text", None),
    "words is a text": (
        GOOD.replace('["version", "nouveautés"]', '"version"'),
        13,
        "fr.words must be a list",
        "for example",
    ),
    "bad slug": (
        GOOD.replace("release-notes", "Release Notes!"),
        1,
        "slug 'Release Notes!' is not valid",
        "have-a-blog",
    ),
    "number as slug": (GOOD.replace("release-notes", "16"), 1, "slug '16' is not valid", "have-a-blog"),
    "shipped slug": (
        GOOD.replace("release-notes", "have-fun"),
        1,
        "slug have-fun is already used by",
        "choose another",
    ),
    "shipped number": ("number = 7\n" + GOOD, 1, "number 7 is already used by", "or use 22 or more"),
    "bad number": ("number = -1\n" + GOOD, 1, "number -1 is not valid", "1 to 9999"),
    "language is a text": ('topics = ["voice"]\nen = "hello"\n' + FR, 2, "en must be a table, [en]", None),
    "no text at all": ('topics = ["voice"]\n', 1, "has no text in [en]", "[en] or [fr]"),
    "not UTF-8": (GOOD.encode("latin-1", "replace").replace(b"?", b"\xe9", 1), 11, "is not UTF-8", "UTF-8 encoding"),
    "too big": (GOOD + "#" * 200_000, None, "is too big", "one tip in each file"),
    "nested too deeply": ("a = " + "[" * 5_000, 1, "is not valid TOML", None),
}


@pytest.mark.parametrize(("text", "line", "message", "fix"), BROKEN.values(), ids=BROKEN)
def test_broken_file_is_named_by_line(
    tmp_path: Path, text: str | bytes, line: int | None, message: str, fix: str | None
) -> None:
    """One thing wrong gives one problem, with the file, the line and what would be valid; the other tips still work."""
    path = write(tmp_path, "broken.toml", text)
    write(tmp_path, "fine.toml", GOOD.replace("release-notes", "fine"))
    problem = only_problem(tmp_path)
    assert (problem.path, problem.line, problem.level) == (path, line, Level.ERROR)
    assert message in problem.message
    assert (fix or "") in (problem.fix or "")
    assert str(path) in str(problem)
    library, _ = load(tmp_path)
    assert len(library.tips) == 22
    assert "fine" in library.tips


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('[metrics]\nen = { label = "Numbers" }\n', 1, "topic metrics is already in the shipped library"),
        ('\n["Bad Id"]\nen = { label = "Bad" }\n', 2, "'Bad Id' cannot be a topic's id"),
        ('[x]\nen = { label = "Ex", word = "y" }\n', 2, "unknown key 'word' in [x.en]"),
        ('[x]\nde = { label = "Ex" }\nen = { label = "Ex" }\n', 2, "unknown key 'de' in [x]"),
        ("[x]\n", 1, "topic x has no label"),
        ("x = 1\n", 1, "x must be a table, [x]"),
        ("[x\n", 1, "is not valid TOML"),
    ],
)
def test_broken_topics_are_named_by_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    """What is wrong in an own topics.toml is named by line, and the shipped topics stay as they are."""
    write(tmp_path, "topics.toml", text)
    problem = only_problem(tmp_path)
    assert (problem.path.name, problem.line) == ("topics.toml", line)
    assert message in problem.message
    library, _ = load(tmp_path)
    assert library.topics == load()[0].topics


def test_two_own_tips_cannot_share_a_slug(tmp_path: Path) -> None:
    """Of two own tips with one slug the first by file name stays, and the problem names both files."""
    write(tmp_path, "a.toml", GOOD)
    write(tmp_path, "b.toml", GOOD)
    problem = only_problem(tmp_path)
    assert problem.path.name == "b.toml"
    assert "a.toml" in problem.message


@pytest.mark.parametrize("name", ["missing", "file.toml"])
def test_missing_folder_is_a_problem(tmp_path: Path, name: str) -> None:
    """A folder that is not there, or is a file, is one problem, and the shipped tips work."""
    write(tmp_path, "file.toml", GOOD)
    library, problems = load(tmp_path / name)
    assert (len(library.tips), [problem.message for problem in problems]) == (21, ["is not a folder of tips"])


@pytest.mark.parametrize("name", ["welcome.md", "events/welcome.toml"])
def test_a_folder_in_which_no_tip_is_found_is_told_so(tmp_path: Path, name: str) -> None:
    """Tips under another ending, or in a folder further down, are not missed in silence; nothing is refused for it."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    write(tmp_path, name, GOOD)
    library, problems = load(tmp_path)
    assert [(problem.message, problem.level) for problem in problems] == [("holds no tips", Level.WARNING)]
    assert len(library.tips) == 21


def test_topics_alone_are_worth_a_folder(tmp_path: Path) -> None:
    """A team may name topics of its own before it writes its first tip."""
    write(tmp_path, "topics.toml", '[events]\nen = { label = "Events" }\nfr = { label = "Événements" }\n')
    assert load(tmp_path)[1] == []


def test_dangling_link_is_a_problem(tmp_path: Path) -> None:
    """A file that cannot be read is named, and stops nothing."""
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nowhere")
    problem = only_problem(tmp_path)
    assert (problem.path.name, problem.line) == ("gone.toml", None)
    assert "cannot be read" in problem.message


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    """Notes, hidden files and editors' copies in the folder are not read."""
    for name in ("README.md", ".hidden.toml", "tip.toml~", "tip.toml.bak"):
        write(tmp_path, name, "not a tip")
    write(tmp_path, "tip.toml", GOOD)
    assert lint(tmp_path) == []


def test_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    """A file saved by an editor that marks UTF-8 is read like any other."""
    write(tmp_path, "a.toml", b"\xef\xbb\xbf" + GOOD.encode())
    assert lint(tmp_path) == []


def test_change_is_noticed(tmp_path: Path) -> None:
    """A file added, written or removed is noticed; nothing else is."""
    library, _ = load(tmp_path)
    assert not library.changed(tmp_path)
    path = write(tmp_path, "a.toml", GOOD)
    assert library.changed(tmp_path)
    library, _ = load(tmp_path)
    assert not library.changed(tmp_path)
    os.utime(path, ns=(1, 1))
    assert library.changed(tmp_path)
    library, _ = load(tmp_path)
    path.unlink()
    assert library.changed(tmp_path)


def test_no_own_folder_never_changes() -> None:
    """Without an own folder there is nothing to watch."""
    library, problems = load()
    assert (library.changed(None), problems) == (False, [])
