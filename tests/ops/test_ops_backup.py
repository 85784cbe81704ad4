"""A backup taken while the bot writes, restored by the words of docs/operations.md, is a whole database."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storage.store import open_store
from tests.cli.conftest import Vigie
from tests.storage.samples import add, delivery, mention

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


@contextmanager
def writing(url: str) -> Iterator[list[int]]:
    """A bot at work in a thread of its own: what it committed so far, each time a mention and its nudge together."""
    done: list[int] = []
    stop = threading.Event()

    async def write() -> None:
        store = open_store(url)
        number = 0
        while not stop.is_set():
            number += 1
            await add(store, mention(f"m{number}"), delivery(f"nudge/m{number}/0"))
            done.append(number)
        await store.close()

    thread = threading.Thread(target=lambda: asyncio.run(write()))
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join()


def numbers(path: Path) -> tuple[set[str], set[str]]:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        told = {key.split("/")[1] for (key,) in database.execute("SELECT key FROM deliveries")}
        return {id_ for (id_,) in database.execute("SELECT id FROM mentions")}, told


def test_backup_while_writing_and_restore(
    vigie: Vigie, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that was committed before is in it, and nothing by halves; once restored it passes `vigie db check`."""
    monkeypatch.setenv("VIGIE_DATABASE__URL", sqlite_url)
    (tmp_path / "config.toml").write_text("", "utf-8")
    backup = tmp_path / "backup.db"
    with writing(sqlite_url) as done:
        while len(done) < 20:
            pass
        before = len(done)
        assert vigie("db", "backup", backup).code == 0
    copied, told = numbers(backup)
    assert copied == told
    assert copied >= {f"m{number}" for number in range(1, before + 1)}
    (tmp_path / "vigie.db").write_bytes(b"damaged" * 1000)
    assert vigie("db", "check").code == 1
    (recipe,) = (
        block for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.S) if "backup.db" in block
    )
    command = recipe.replace("vigie db check", f"{sys.executable} -m bot db check")
    root = str(Path(__file__).parents[2])
    shell = shutil.which("sh") or "/bin/sh"
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": root, "VIGIE_DATABASE__URL": sqlite_url}
    ran = subprocess.run([shell, "-e", "-c", command], cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "the file is sound" in ran.stdout
    assert numbers(tmp_path / "vigie.db") == (copied, told)
