"""A team's own tips, whatever lies in their folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.shelf import Shelf
from bot.tips.library import Level, lint, load
from tests.cli.conftest import OWN, Vigie
from tests.rights import run_weakly

ENGLISH = OWN.partition("[fr]")[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("number = " + "9" * 5000, "a number has too many digits"),
        ("number = 0x" + "f" * 5000, "number of so many digits is not valid"),
        ("slug = 0x" + "f" * 5000, "slug of so many digits is not valid"),
        ("x = " + "[" * 20_000, "too many nested brackets"),
        (OWN.replace("Greet every", r"Greet\u0000"), "en.title holds the control character U+0000"),
        (OWN.replace("Write to one", r"\u001b[2J"), "en.try holds the control character U+001B"),
        (OWN.replace("Greet every", r"Greet\n\n"), "en.title has an empty line in it"),
        (OWN.replace("Greet every xylophonist by name", "G"), "en.title is too short: 1 character"),
    ],
)
def test_a_file_that_is_no_tip(own: Path, text: str, words: str) -> None:
    """It is named with what is wrong, and every other tip is there."""
    shelf = Shelf(own)
    assert len(shelf.library.tips) == 22
    (own / "wrong.toml").write_text(text, "utf-8")
    assert shelf.refresh()
    assert len(shelf.library.tips) == 22
    (problem,) = [problem for problem in shelf.problems if problem.message.endswith(words)]
    assert problem.path == own / "wrong.toml"


def test_a_folder_that_nobody_may_enter(own: Path) -> None:
    """While the bot runs, its mode is set wrong: that is told, and the shipped tips are still there."""
    code = """
        import sys
        from pathlib import Path
        from bot.shelf import Shelf
        folder = Path(sys.argv[1])
        shelf = Shelf(folder)
        assert len(shelf.library.tips) == 22
        folder.chmod(0o644)
        shelf.refresh()
        assert len(shelf.library.tips) == 21
        assert "Permission denied" in str(shelf.problems)
        folder.chmod(0o755)
        assert shelf.refresh()
        assert len(shelf.library.tips) == 22
    """
    run_weakly(code, own)


def test_no_surprise_stops_the_bot(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even an error in the reading itself leaves the shipped tips in use: ladders are climbed in the same tick."""

    def reading(folder: Path | None = None) -> object:
        return load() if folder is None else 1 / 0

    monkeypatch.setattr("bot.shelf.load", reading)
    shelf = Shelf(own)
    assert len(shelf.library.tips) == 21
    assert not shelf.refresh()
    (own / "welcome.toml").unlink()
    assert shelf.refresh()


def test_the_log_tells_what_was_left_out(own: Path) -> None:
    """And does not say so of a tip that is in use, only not in both languages."""
    (own / "welcome.toml").write_text(ENGLISH, "utf-8")
    (own / "broken.toml").write_text("slug = ", "utf-8")
    with capture_logs() as logged:
        assert "welcome-wizards" in Shelf(own).library.tips
    left, kept = logged
    assert (left["event"], "broken.toml" in left["problem"]) == ("tip left out", True)
    assert (kept["event"], "welcome.toml" in kept["problem"]) == ("tip kept, with a flaw", True)


def test_an_example_is_a_topic_of_ours(own: Path) -> None:
    """What lint offers for a mistake, lint takes."""
    (own / "welcome.toml").write_text(OWN.replace('["community"]', '"community"'), "utf-8")
    (problem,) = lint(own)
    assert problem.fix is not None
    (own / "welcome.toml").write_text(OWN.replace('topics = ["community"]', problem.fix.removeprefix("for example ")))
    assert lint(own) == []


def test_a_warning_is_no_error(own: Path, vigie: Vigie) -> None:
    """A tip in one language is told to everybody: lint says so, and is content."""
    (own / "welcome.toml").write_text(ENGLISH, "utf-8")
    assert [problem.level for problem in lint(own)] == [Level.WARNING]
    ran = vigie("tips", "lint", own)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "22 tips, 1 problem")
