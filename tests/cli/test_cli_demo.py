"""`vigie demo`: the three jobs, told in a minute."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from rich.cells import cell_len

import bot
from tests.cli.conftest import Vigie

CATALOGUE = Path(bot.__file__).parent / "locales" / "fr" / "LC_MESSAGES" / "vigie.po"
LANGUAGES = ("en", "fr")


def flat(text: str) -> str:
    """Without boxes and line breaks."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text).split())


@pytest.mark.parametrize(
    ("language", "steps"),
    [
        (
            "en",
            (
                "1. One good practice a day",
                "Tip of the day · ",
                "2. Advice when you need it",
                "Malo types /tip",
                "Vigie, to you alone",
                "3. Nobody is left waiting",
                "Fri 17:48 Femi writes in #support",
                "Mon 09:18 Vigie → #moderators",
                "Femi is waiting for an answer",
                "Malo presses Claim",
                "Femi is being answered",
                "Malo answers in the thread",
                "Femi was answered",
                "What Vigie would have seen",
                "vigie backtest EXPORT --team ID,ID",
            ),
        ),
        (
            "fr",
            (
                "1. Une bonne pratique par jour",
                "Conseil du jour · ",
                "2. Un conseil quand il en faut un",
                "Malo tape /tip",
                "Vigie, en privé",
                "3. Personne n’est oublié",
                "ven. 17:48 Femi écrit dans #support",
                "lun. 09:18 Vigie → #moderators",
                "Femi attend une réponse",
                "Je m’en occupe",
                "Femi va recevoir une réponse",
                "Malo répond dans le fil",
                "Femi a reçu une réponse",
                "Ce que Vigie aurait vu",
                "vigie backtest EXPORT --team ID,ID",
            ),
        ),
    ],
)
def test_three_jobs_in_order(vigie: Vigie, language: str, steps: tuple[str, ...]) -> None:
    """The tip, the advice, and the mention that nobody answered until the working day began, each once and in order."""
    ran = vigie("demo", "--story", "--lang", language)
    assert (ran.code, ran.err) == (0, "")
    story = flat(ran.out)
    places = [story.find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)


def test_each_state_told_once(vigie: Vigie) -> None:
    """The nudge is posted once and edited twice, and each of its states is told one time."""
    story = flat(vigie("demo", "--story").out)
    for state in ("Femi is waiting for an answer", "Femi is being answered", "Femi was answered"):
        assert story.count(state) == 1
    assert story.count("Vigie edits its message") == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_fits_a_terminal(vigie: Vigie, language: str) -> None:
    """No line is wider than 80 columns, and the whole is short enough to be read."""
    lines = vigie("demo", "--story", "--lang", language).out.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert len(lines) <= 75


def test_french_all_through(vigie: Vigie) -> None:
    """With --lang fr no text of the English catalogue is left, nor an English day or unit."""
    story = flat(vigie("demo", "--story", "--lang", "fr").out)
    with CATALOGUE.open("rb") as file:
        entries = [entry for entry in read_po(file, locale="fr") if entry.id]
    for entry in entries:
        english, french = ([text] if isinstance(text, str) else list(text) for text in (entry.id, entry.string))
        for text in english:
            words = max(re.split(r"\{\w+\}", text), key=len).strip()
            if len(words) >= 4 and not any(words in translated for translated in french):
                assert not re.search(rf"(?<!\w){re.escape(words)}(?!\w)", story), words
    assert not re.search(r"\b(Friday|Monday|Fri|Mon|days?|hours?|the|and|of)\b", story)


def test_same_every_time(vigie: Vigie) -> None:
    """The story is the same each time it is told."""
    assert vigie("demo", "--story").out == vigie("demo", "--story").out


def test_unknown_language(vigie: Vigie) -> None:
    """A language we do not speak is refused, with those that we do."""
    ran = vigie("demo", "--story", "--lang", "de")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == 'vigie: --lang: "de" is not known; choose one of en, fr\n'
