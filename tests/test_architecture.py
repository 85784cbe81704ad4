"""Who may import whom, and what a command line that only helps must not pay for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

HEAVY = {
    "sqlalchemy",
    "alembic",
    "aiosqlite",
    "discord",
    "slack_bolt",
    "slack_sdk",
    "aiohttp",
    "apscheduler",
    "pydantic",
    "babel",
    "holidays",
    "rapidfuzz",
    "rich",
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_layers_are_kept() -> None:
    """adapters → bot ← storage: import-linter's contracts hold."""
    done = run(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "import bot.cli",
        "from bot.cli import run; run(['--help'])",
        "import bot.wiring.backtest, bot.wiring.database, bot.wiring.demo, bot.wiring.platforms",
    ],
)
def test_help_comes_at_once(statement: str) -> None:
    """The command line imports nothing heavy until a command needs it."""
    program = f"import sys\n{statement}\nprint('loaded', *sorted(n for n in sys.modules if '.' not in n))"
    done = run(sys.executable, "-c", program)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "bot" in loaded
    assert loaded & HEAVY == set()


def test_what_serves_shows_nothing_in_colour() -> None:
    """The core and both adapters start without rich, which is a twentieth of a start: it is for commands alone."""
    program = "import sys, bot.logs, bot.app, adapters.slack.chat, adapters.discord.chat; print('rich' in sys.modules)"
    done = run(sys.executable, "-W", "ignore", "-c", program)
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr


def test_the_door_is_the_command_line() -> None:
    """`python -m bot --help` is `vigie --help`."""
    done = run(sys.executable, "-m", "bot", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "vigie" in done.stdout
