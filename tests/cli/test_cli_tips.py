"""`vigie tips`: finding advice, and checking it by file and line."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from tests.cli.conftest import OWN, Vigie


@pytest.mark.parametrize(("language", "title"), [("en", "welcome"), ("fr", "accueillir les nouveaux")])
def test_search_for_machines(vigie: Vigie, language: str, title: str) -> None:
    """Each hit has number, slug, title and score; the best comes first, and no more come than were asked for."""
    ran = vigie("tips", "search", title, "--lang", language, "--limit", 3, "--json")
    assert (ran.code, ran.err) == (0, "")
    found = json.loads(ran.out)
    assert 1 <= len(found) <= 3
    assert all(hit.keys() == {"number", "slug", "title", "score"} for hit in found)
    assert all(better["score"] >= worse["score"] for better, worse in pairwise(found))


def test_search_speaks_the_language(vigie: Vigie) -> None:
    """The same tip comes under the title of the language asked for."""
    english, french = (
        json.loads(vigie("tips", "search", "engagement", "--lang", language, "--limit", 100, "--json").out)
        for language in ("en", "fr")
    )
    titles = {hit["slug"]: hit["title"] for hit in english}
    assert any(hit["slug"] in titles and hit["title"] != titles[hit["slug"]] for hit in french)


def test_nonsense_finds_nothing(vigie: Vigie) -> None:
    """A word of no language gives an empty list, and a person is told so in theirs."""
    assert json.loads(vigie("tips", "search", "qzxv", "--json").out) == []
    assert vigie("tips", "search", "qzxv", "--lang", "fr").out == "Rien trouvé\n"


def test_words_need_no_quotes(vigie: Vigie) -> None:
    """Several words are one query."""
    assert vigie("tips", "search", "rude", "member").out == vigie("tips", "search", "rude member").out != ""


def test_own_tips_are_found(vigie: Vigie, own: Path) -> None:
    """A team's own tips count, and have no number unless they give one."""
    (best, *_) = json.loads(vigie("tips", "search", "xylophone", "--own", own, "--json").out)
    assert (best["slug"], best["number"]) == ("welcome-wizards", None)


@pytest.mark.parametrize("where", ["config.toml", "home/vigie/config.toml", "named.toml", "given.toml"])
def test_own_tips_of_the_configuration(
    vigie: Vigie, own: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str
) -> None:
    """Those count too, wherever the configuration is: search finds them, and lint looks at them."""
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    (tmp_path / where).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / where).write_text(f'own_tips = "{own}"', "utf-8")
    if where == "named.toml":
        monkeypatch.setenv("VIGIE_CONFIG", where)
    given = ["--config", where] if where == "given.toml" else []
    (best, *_) = json.loads(vigie("tips", "search", "xylophone", "--json", *given).out)
    assert best["slug"] == "welcome-wizards"
    assert vigie("tips", "lint", *given).out == "22 tips, 0 problems\n"


def test_a_broken_tip_stops_nothing(vigie: Vigie, own: Path) -> None:
    """A file of one's own that cannot be read is told beside the answer, never inside it."""
    (own / "broken.toml").write_text("slug = \n", "utf-8")
    ran = vigie("tips", "search", "xylophone", "--own", own, "--json")
    assert ran.code == 0
    assert json.loads(ran.out)[0]["slug"] == "welcome-wizards"
    assert "broken.toml:1" in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("x", "--lang", "de"), 2, ("--lang: ", '"de"', "en, fr")),
        (("x", "--limit", "0"), 2, ('--limit: "0" is not a whole number from 1 to 100',)),
        (("x", "--own", "nowhere"), 1, ("--own: ", "nowhere")),
        (("x", "--own", "x" * 300), 1, ("--own: ", "cannot be used: File name too long")),
        ((), 2, ("QUERY", "vigie tips search --help")),
    ],
)
def test_wrong_search(vigie: Vigie, arguments: tuple[str, ...], code: int, words: tuple[str, ...]) -> None:
    """A wrong option is named with what is valid, in one line."""
    ran = vigie("tips", "search", *arguments)
    assert ran.code == code
    assert ran.out == ""
    assert ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err


def test_lint_is_content_with_ours(vigie: Vigie, own: Path) -> None:
    """The shipped tips, and a sound one of a team's own, have no problem."""
    assert vigie("tips", "lint").out == "21 tips, 0 problems\n"
    assert (vigie("tips", "lint", own).code, vigie("tips", "lint", own).out) == (0, "22 tips, 0 problems\n")
    assert json.loads(vigie("tips", "lint", "--json").out) == []


def test_lint_names_file_and_line(vigie: Vigie, own: Path) -> None:
    """A wrong tip gives exit code 1, with the file and the line to look at."""
    text = OWN.replace('slug = "welcome-wizards"', 'slug = "Welcome Wizards"')
    (own / "welcome.toml").write_text(text, "utf-8")
    ran = vigie("tips", "lint", own)
    assert ran.code == 1
    assert f"{own / 'welcome.toml'}:1: error: " in ran.out
    (problem, *_) = json.loads(vigie("tips", "lint", own, "--json").out)
    assert (problem["file"], problem["line"], problem["level"]) == (str(own / "welcome.toml"), 1, "error")


def test_lint_needs_a_folder(vigie: Vigie, tmp_path: Path) -> None:
    """A folder that is not there is a problem, not silence."""
    ran = vigie("tips", "lint", tmp_path / "nowhere")
    assert ran.code == 1
    assert "nowhere" in ran.out
