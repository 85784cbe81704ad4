"""`vigie db`: the database, on a file of SQLite."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Ran, Vigie

PASSWORD = "-".join(["hunter2", "canary"])  # put together here, so that it stands nowhere as one word
COMMANDS = (("db", "check"), ("db", "upgrade"), ("db", "backup", "copy.db"))


def severities(ran: Ran) -> list[str]:
    return [finding["severity"] for finding in json.loads(ran.out)]


def test_from_nothing(vigie: Vigie, config: Path, tmp_path: Path) -> None:
    """A database that is not there yet is no error; upgrade makes it, and a second time changes nothing."""
    ran = vigie("db", "check", "--config", config)
    assert (ran.code, ran.err) == (0, "")
    assert "there is no database" in ran.out
    made = vigie("db", "upgrade", "--config", config)
    assert (made.code, made.err) == (0, "")
    assert "was made" in made.out
    before = (tmp_path / "vigie.db").read_bytes()
    assert "up to date" in vigie("db", "upgrade", "--config", config).out
    assert (tmp_path / "vigie.db").read_bytes() == before
    checked = vigie("db", "check", "--config", config, "--json")
    assert (checked.code, set(severities(checked))) == (0, {"ok"})


def test_backup(vigie: Vigie, config: Path, tmp_path: Path) -> None:
    """A backup is a whole database for its owner's eyes only, and never overwrites anything."""
    vigie("db", "upgrade", "--config", config)
    copy = tmp_path / "copy.db"
    assert vigie("db", "backup", copy, "--config", config).out == f"backup written to {copy}\n"
    assert copy.stat().st_mode & 0o077 == 0
    connection = sqlite3.connect(copy)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    again = vigie("db", "backup", copy, "--config", config)
    assert (again.code, again.out) == (1, "")
    assert "exists" in again.err
    assert "cannot be written" in vigie("db", "backup", tmp_path / "nowhere" / "copy.db", "--config", config).err


def test_no_database_to_back_up(vigie: Vigie, config: Path) -> None:
    """There must be something to copy."""
    ran = vigie("db", "backup", "copy.db", "--config", config)
    assert (ran.code, ran.out) == (1, "")
    assert "there is no database" in ran.err


def test_damaged(vigie: Vigie, config: Path, tmp_path: Path) -> None:
    """A file that is no database is found out by each command, which exits with 1."""
    (tmp_path / "vigie.db").write_bytes(b"not a database" * 500)
    for command in COMMANDS:
        ran = vigie(*command, "--config", config)
        assert ran.code == 1
        assert "not a database" in ran.out + ran.err
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_wrong_configuration(vigie: Vigie, config: Path, command: tuple[str, ...]) -> None:
    """A missing file or a mistyped key is one clear error with what is valid."""
    missing = vigie(*command, "--config", "nowhere.toml")
    assert (missing.code, missing.out) == (1, "")
    assert "nowhere.toml" in missing.err
    config.write_text('[databse]\nurl = "sqlite:///vigie.db"\n', "utf-8")
    mistyped = vigie(*command, "--config", config)
    assert (mistyped.code, mistyped.out) == (1, "")
    assert f"{config}:1: unknown key databse: did you mean database?" in mistyped.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "address",
    ["postgresql://me:{}@127.0.0.1:1/chat", "mysql://me:{}@127.0.0.1:1/chat", "postgresql://me:{}@127.0.0.1:1:2/chat"],
)
def test_passwords_stay_secret(
    vigie: Vigie, config: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], address: str
) -> None:
    """Whatever is wrong with a database's address, its password is never printed."""
    monkeypatch.setenv("VIGIE_DATABASE__URL", address.format(PASSWORD))
    ran = vigie(*command, "--config", config)
    assert ran.code == 1
    assert ran.out + ran.err
    assert PASSWORD not in ran.out + ran.err


def test_no_password_in_the_file(vigie: Vigie, config: Path) -> None:
    """A password in the configuration file is refused by line, without being repeated."""
    config.write_text(f'[database]\nurl = "postgresql://me:{PASSWORD}@127.0.0.1/chat"\n', "utf-8")
    ran = vigie("db", "check", "--config", config)
    assert (ran.code, ran.out) == (1, "")
    assert f"{config}:2: database.url" in ran.err
    assert PASSWORD not in ran.err
