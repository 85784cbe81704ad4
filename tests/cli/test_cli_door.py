"""The `vigie` program itself: help, exit codes, pipes, and what it takes to start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.exports import DEMO_TEAM, demo_export
from bot import __version__
from tests.cli.conftest import Vigie

ROOT = Path(__file__).parents[2]
HEAVY = {"sqlalchemy", "alembic", "discord", "slack_bolt", "slack_sdk", "aiohttp", "apscheduler", "rich", "babel"}
PROGRAM = (sys.executable, "-m", "bot")


def test_help(vigie: Vigie) -> None:
    """Help names every command with one short line, and comes too when nothing is asked for."""
    helped = vigie("--help")
    assert helped.code == 0
    for command in ("demo", "backtest", "schedule", "example", "manifest", "check", "run", "tips", "db"):
        assert f"\n  {command} " in helped.out
    assert "..." not in helped.out.partition("Commands:")[2]
    assert vigie().out == helped.out


@pytest.mark.parametrize(
    "command",
    ["demo", "backtest", "schedule", "tips", "tips search", "tips lint", "db check", "check", "run", "manifest"],
)
def test_help_of_a_command(vigie: Vigie, command: str) -> None:
    """Each command explains itself in 80 columns."""
    ran = vigie(*command.split(), "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: vigie {command} ")
    assert max(map(len, ran.out.splitlines())) <= 80


def test_version(vigie: Vigie) -> None:
    """The version stands alone on its line."""
    assert vigie("--version").out == f"{__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("schedul",), ("'schedul'", "Did you mean 'schedule'?", "'vigie --help'")),
        (("tips", "serch"), ("'serch'", "Did you mean 'search'?", "'vigie tips --help'")),
        (("--verion",), ("--verion", "--version")),
        (("demo", "--sped", "2"), ("--sped", "--speed", "'vigie demo --help'")),
        (("demo", "more"), ("more", "'vigie demo --help'")),
    ],
)
def test_unknown_words(vigie: Vigie, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    """An unknown command or option is named in one line, with the nearest one and where help is; exit code 2."""
    ran = vigie(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err


def test_the_program(tmp_path: Path) -> None:
    """The installed program prints what it was asked for, and its exit code tells how it went."""
    done = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")
    wrong = subprocess.run([*PROGRAM, "schedule"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("vigie: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("schedule", "--at", "9:00", "--count", "100000"),
        ("demo", "--story"),
        ("tips", "search", "engagement"),
        ("backtest", str(demo_export()), "--team", ",".join(DEMO_TEAM)),
    ],
    ids=lambda arguments: arguments[0],
)
def test_broken_pipe(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """When whoever reads our output goes away, as `head` does, we end quietly."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        done = subprocess.run(
            [*PROGRAM, *arguments], stdout=gone, stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path
        )
    assert (done.returncode, done.stderr) == (0, "")


CLOSED = (("schedule", "--at", "9:00"), ("--help",), ("backtest", str(demo_export()), "--team", "U0INES"))


@pytest.mark.parametrize("arguments", CLOSED, ids=lambda arguments: arguments[0])
@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_closed_streams(arguments: tuple[str, ...], closed: tuple[int, ...], unbuffered: str, tmp_path: Path) -> None:
    """Whoever closed a stream wants nothing of it: that is no error, and no other file gets our words."""
    environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    closing = " ".join(f"{number}>&-" for number in closed)
    command = ["sh", "-c", f'exec "$@" {closing}', "sh", *PROGRAM, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert bool(done.stdout) is (1 not in closed)


@pytest.mark.parametrize("arguments", CLOSED, ids=lambda arguments: arguments[0])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_output_that_is_full(arguments: tuple[str, ...], unbuffered: str, tmp_path: Path) -> None:
    """What was asked for could not be told: one sentence, and exit code 1."""
    environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with full().open("w") as out:
        done = subprocess.run(
            [*PROGRAM, *arguments],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=tmp_path,
            env=environ,
        )
    assert (done.returncode, done.stderr) == (1, "vigie: the output cannot be written: No space left on device\n")


def test_errors_that_cannot_be_told(tmp_path: Path) -> None:
    """The exit code still says which kind it was."""
    with full().open("w") as err:
        done = subprocess.run([*PROGRAM, "schedule", "--at", "25:00"], stderr=err, check=False, cwd=tmp_path)
    assert done.returncode == 2


def full() -> Path:
    device = Path("/dev/full")
    if not device.exists():
        pytest.skip("this system has no /dev/full")
    return device


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("schedule", "--at", "25:00"), "--at: "),
        (("schedule", "--at", "9:00", "--zone"), "'--zone' requires an argument."),
        (("schedule", "--at", "9:00", "--days", "sun", "--from", "9999-12-30"), "--from: "),
        (("tips", "search", "x", "--lang", "de"), "--lang: "),
        (("check", "--lang", "de"), "--lang: "),
        (("demo", "--port", "70000"), '--port: "70000" is not a whole number from 0 to 65535'),
        (("demo", "--port", "x"), "--port: "),
        (("demo", "--speed", "0.5"), '--speed: "0.5" is not a number from 1 to 86400'),
        (("demo", "--speed", "nan"), "--speed: "),
        (("manifest", "teams"), "PLATFORM: "),
        (("manifest", "discord", "--application", "me"), "--application: "),
        (("db", "backup", "-"), "FILE: "),
    ],
)
def test_wrong_use(vigie: Vigie, arguments: tuple[str, ...], words: str) -> None:
    """Exit code 2, one line that names the option, and nothing of the words of whoever reads options for us."""
    ran = vigie(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert words in ran.err
    assert "Input should" not in ran.err
    assert "'vigie --help'" not in ran.err


def test_choices_in_capitals(vigie: Vigie) -> None:
    """A word is taken in whatever letters, as in the configuration."""
    assert vigie("tips", "search", "qzxv", "--lang", "FR").out == "Rien trouvé\n"


def test_poor_terminal(tmp_path: Path) -> None:
    """A terminal that knows only ASCII gets question marks, not an error."""
    poor = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*PROGRAM, "demo", "--story", "--lang", "fr"], capture_output=True, check=False, cwd=tmp_path, env=poor
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], HEAVY | {"pydantic"}),  # which typer itself needs to read options
        (["backtest", "--help"], HEAVY),
        (["tips", "search", "engagement"], HEAVY),
        (["schedule", "--at", "9:00"], HEAVY),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_light_start(arguments: list[str], heavy: set[str], tmp_path: Path) -> None:
    """What needs no database and no platform does not load one."""
    code = f"import sys; from bot.cli import run; run({arguments!r}); print(*sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert not set(done.stderr.split()) & heavy


def test_brackets_once(vigie: Vigie) -> None:
    """What may be left out stands in one pair of brackets."""
    assert vigie("tips", "lint", "--help").out.startswith("Usage: vigie tips lint [OPTIONS] [FOLDER]\n")


def test_last_door(vigie: Vigie, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An error that nobody foresaw is one sentence that says what to do; VIGIE_DEBUG shows where it came from."""
    from bot.cli import run

    del vigie
    monkeypatch.setattr("bot.wiring.demo.demonstrate", lambda _language: 1 / 0)
    assert run(["demo", "--story"]) == 1
    assert capsys.readouterr().err.startswith("vigie: unexpected error, please report it (ZeroDivisionError: ")
    monkeypatch.setenv("VIGIE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run(["demo", "--story"])
