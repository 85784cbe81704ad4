"""`vigie db` on files that hands other than ours were at, and on those that it may not use."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Ran, Vigie
from tests.rights import run_weakly

Change = Callable[[str], None]


@pytest.fixture
def changed(vigie: Vigie, config: Path, tmp_path: Path) -> Change:
    """Our own database after somebody's SQL."""
    vigie("db", "upgrade", "--config", config)

    def changed(sql: str) -> None:
        with closing(sqlite3.connect(tmp_path / "vigie.db")) as connection:
            connection.executescript(sql)

    return changed


def both(vigie: Vigie, config: Path) -> tuple[Ran, Ran]:
    return vigie("db", "check", "--config", config), vigie("db", "upgrade", "--config", config)


@pytest.mark.parametrize("table", ["notes", "mentions"])
def test_another_programs_file(vigie: Vigie, config: Path, tmp_path: Path, table: str) -> None:
    """It is refused by its name and left byte for byte as it was, whatever its tables are called."""
    file = tmp_path / "vigie.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(f"CREATE TABLE {table} (x); INSERT INTO {table} VALUES (1)")
    before = file.read_bytes()
    for ran in both(vigie, config):
        assert ran.code == 1
        assert f"{file} is another program's database, which holds the tables {table}" in ran.out + ran.err
        assert "database.url" in ran.out + ran.err
    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["vigie.db", "vigie.toml"]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("INSERT INTO vigie_revision VALUES ('0002')", "'0001', '0002'"),
        ("UPDATE vigie_revision SET version_num = ''", "''"),
        ("DELETE FROM vigie_revision", "nothing"),
    ],
)
def test_a_revision_changed_by_hand(vigie: Vigie, config: Path, changed: Change, sql: str, found: str) -> None:
    """Both commands say so, with what the table holds and what to do; none takes it for up to date or for empty."""
    changed(sql)
    for ran in both(vigie, config):
        assert ran.code == 1
        assert (
            f"vigie_revision was changed by hand: it should hold the one revision of the schema, and holds {found}"
            in (ran.out + ran.err)
        )
        assert "restore a backup" in ran.out + ran.err


def test_part_of_a_revision(vigie: Vigie, config: Path, changed: Change) -> None:
    """The beginning of a revision is none."""
    changed("UPDATE vigie_revision SET version_num = '000'")
    for ran in both(vigie, config):
        assert ran.code == 1
        assert "schema 000" in ran.out + ran.err


def test_a_table_that_is_gone(vigie: Vigie, config: Path, changed: Change) -> None:
    """It is named, in words; upgrade does not call such a database up to date."""
    changed("DROP TABLE deliveries; ALTER TABLE mentions ADD COLUMN mood text")
    for ran in both(vigie, config):
        assert ran.code == 1
        assert "the tables are not those of schema 0001: deliveries (missing)" in ran.out + ran.err
        assert "mentions.mood (new)" in ran.out + ran.err
        assert len(ran.out + ran.err) < 600


@pytest.mark.parametrize("content", [b"no database at all " * 500, b"SQLite format 3\0" + b"\xff" * 4000])
def test_an_error_names_the_file(vigie: Vigie, config: Path, tmp_path: Path, content: bytes) -> None:
    """Whoever has several databases knows which one is meant."""
    (tmp_path / "vigie.db").write_bytes(content)
    for ran in both(vigie, config):
        assert ran.code == 1
        assert str(tmp_path / "vigie.db") in ran.out + ran.err
        assert "restore a backup" in ran.out + ran.err


@pytest.mark.parametrize("command", [("check",), ("upgrade",), ("backup", "copy.db")])
def test_a_name_that_is_too_long(vigie: Vigie, config: Path, command: tuple[str, ...]) -> None:
    """The file and the reason are told, as for any that cannot be used."""
    config.write_text(f'[database]\nurl = "sqlite:///{"x" * 300}.db"\n', "utf-8")
    ran = vigie("db", *command, "--config", config)
    assert ran.code == 1
    assert f"{'x' * 300}.db cannot be used: File name too long" in ran.out + ran.err


def test_a_backup_that_cannot_be_named(vigie: Vigie, config: Path, changed: Change) -> None:
    """So is what a backup should be called."""
    changed("SELECT 1")
    ran = vigie("db", "backup", "x" * 300, "--config", config)
    assert (ran.code, ran.out) == (1, "")
    assert "File name too long" in ran.err


def test_what_sqlite_has_no_option_for(vigie: Vigie, config: Path) -> None:
    """An option that would be passed over is an error, so that nobody believes in it."""
    config.write_text('[database]\nurl = "sqlite:///v.db?mode=ro"\n', "utf-8")
    for ran in (
        vigie("db", "upgrade", "--config", config),
        vigie("demo", "--no-browser", "--db", "sqlite:///v.db?x=1"),
    ):
        assert (ran.code, ran.out) == (1, "")
        assert "SQLite has no option " in ran.err


def test_rights(vigie: Vigie, config: Path, changed: Change, tmp_path: Path) -> None:
    """A file that may only be read, and a folder that is closed, are errors that name it; no backup is advised."""
    changed("SELECT 1")
    code = """
        import sys
        from contextlib import redirect_stderr, redirect_stdout
        from io import StringIO
        from pathlib import Path
        from bot.cli import run
        config = Path(sys.argv[1])
        for place, mode, words in (
            (config.with_name("vigie.db"), 0o400, "may not read and write"),
            (config.with_name("vigie.db"), 0o000, "may not read and write"),
            (config.with_name("shut"), 0o000, "Permission denied"),
        ):
            if place.name == "shut":
                place.mkdir()
                config.write_text('[database]\\nurl = "sqlite:///shut/vigie.db"')
            usual = place.stat().st_mode
            place.chmod(mode)
            for command in ("check", "upgrade"):
                said = StringIO()
                with redirect_stdout(said), redirect_stderr(said):
                    assert run(["db", command, "--config", str(config)]) == 1
                assert str(place) in said.getvalue(), said.getvalue()
                assert words in said.getvalue(), said.getvalue()
                assert "backup" not in said.getvalue(), said.getvalue()
            place.chmod(usual)
    """
    run_weakly(code, config)


@pytest.mark.parametrize("address", ["vigie.db", "folder", "v.db?mode=ro", "x" * 300])
def test_check_for_machines(vigie: Vigie, config: Path, tmp_path: Path, address: str) -> None:
    """Whatever is wrong with the database or its address, `--json` is JSON."""
    (tmp_path / "vigie.db").write_bytes(b"no database at all " * 500)
    (tmp_path / "folder").mkdir()
    config.write_text(f'[database]\nurl = "sqlite:///{address}"\n', "utf-8")
    (finding,) = json.loads(vigie("db", "check", "--config", config, "--json").out)
    assert (finding["subject"], finding["severity"]) == ("database", "error")
    assert address.partition("?")[2].partition("=")[0] in finding["message"]


def test_a_folder_for_a_database(vigie: Vigie, config: Path, tmp_path: Path) -> None:
    """It is called one."""
    (tmp_path / "vigie.db").mkdir()
    for ran in both(vigie, config):
        assert ran.code == 1
        assert f"{tmp_path / 'vigie.db'} is a folder" in ran.out + ran.err


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """Whatever it was given for, that is exit code 1 and not wrong use: its mode can be set right."""
    code = """
        import sys
        from contextlib import redirect_stderr
        from io import StringIO
        from pathlib import Path
        from bot.cli import run
        file = sys.argv[1]
        Path(file).chmod(0)
        for command in (
            ["db", "check", "--config", file],
            ["backtest", file, "--team", "U1"],
            ["demo", "--no-browser", "--replay", file],
            ["tips", "search", "x", "--own", file + "/x"],
        ):
            said = StringIO()
            with redirect_stderr(said):
                assert run(command) == 1, command
            assert file in said.getvalue(), said.getvalue()
    """
    (tmp_path / "file").touch()
    run_weakly(code, tmp_path / "file")
