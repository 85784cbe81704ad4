from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
import structlog

from bot.cli import run

OWN = """\
slug = "welcome-wizards"
topics = ["community"]

[en]
title = "Greet every xylophonist by name"
tip = "Whoever plays the xylophone here should hear their name on the first day, from a person and not from a bot."
try = "Write to one xylophonist who joined this week."
words = ["xylophone", "newcomer"]

[fr]
title = "Saluez chaque xylophoniste par son nom"
tip = "Quand quelqu’un joue du xylophone ici, qu’une vraie personne prononce son nom dès le premier jour."
try = "Écrivez à un xylophoniste arrivé cette semaine."
words = ["xylophone", "nouveau"]
"""


@dataclass(frozen=True)
class Ran:
    """What a command line answered."""

    code: int
    out: str
    err: str


class Vigie(Protocol):
    def __call__(self, *arguments: object) -> Ran: ...


@pytest.fixture
def vigie(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Vigie]:
    """Runs a command line in this process, on a terminal of 80 columns and far from any configuration."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("VIGIE_CONFIG", raising=False)
    monkeypatch.delenv("VIGIE_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    before = _logging()

    def vigie(*arguments: object) -> Ran:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        assert "unexpected error" not in err
        return Ran(code, out, err)

    yield vigie
    _restore(*before)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that names a SQLite file beside it."""
    monkeypatch.delenv("VIGIE_DATABASE__URL", raising=False)
    file = tmp_path / "vigie.toml"
    file.write_text('[database]\nurl = "sqlite:///vigie.db"\n', "utf-8")
    return file


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with one tip of a team's own."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "welcome.toml").write_text(OWN, "utf-8")
    return folder


def _logging() -> tuple[list[logging.Handler], int, Any, Any]:
    root = logging.getLogger()
    return list(root.handlers), root.level, sys.excepthook, threading.excepthook


def _restore(handlers: list[logging.Handler], level: int, hook: Any, thread_hook: Any) -> None:
    root = logging.getLogger()
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hook, thread_hook
    logging.captureWarnings(False)
    structlog.reset_defaults()
