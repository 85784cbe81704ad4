"""The schema of a database: which revision it has, bringing it up to date, and a copy before that.

Alembic is imported only where a schema is changed or compared: a start on one that is up to date does not pay for it.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, inspect, text

from bot.errors import StoreError, StoreUnavailable
from bot.model import Finding, Severity
from bot.paths import is_folder, is_there
from bot.texts import Texts, texts
from storage.engine import PATIENCE, file_of, named, parse, plain_engine
from storage.failures import translated

HEAD = "0001"
"""The revision that this version works with: the last one in `migrations`."""

MIGRATIONS = Path(__file__).parent / "migrations"

REVISION_TABLE = "vigie_revision"
"""Not Alembic's own name for it: in a database shared with another program that one may be taken."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What became of a schema. `from_revision` is None for a new database, `backup` where none was needed or made."""

    from_revision: str | None
    to_revision: str
    backup: Path | None


async def ensure(url: str, head: str = HEAD, migrations: Path = MIGRATIONS) -> Upgrade:
    """What a start does: make or upgrade the schema, after a backup, unless it is up to date.

    Raises:
        StoreUnavailable: the database cannot be reached.
        StoreError: its schema is another version's; the text names both revisions and what to do.
    """
    found = await asyncio.to_thread(_revision_at, parse(url))
    if found == head:
        return Upgrade(found, head, None)
    return await upgrade(url, migrations)


async def require(url: str) -> None:
    """Change nothing, and raise `StoreError` unless the database is there with the schema of this version."""
    found = await asyncio.to_thread(_revision_at, parse(url))
    if found is None:
        raise StoreError("there is no database yet: it is made at the first start")
    if found != HEAD:
        raise StoreError(f"the database's schema is {found}, and this version of Vigie works with {HEAD}: see db check")


async def upgrade(url: str, migrations: Path = MIGRATIONS) -> Upgrade:
    """Bring the schema up to the last revision: all of it or, whatever happens, nothing. Raises as `ensure` does."""
    from storage.migrating import migrate

    return await asyncio.to_thread(migrate, parse(url), migrations)


async def check(url: str, speak: Texts | None = None) -> list[Finding]:
    """Whether it can be reached, is sound, and has the schema that this version needs. Changes nothing."""
    from storage.checking import check_database

    try:
        parsed = parse(url)
    except StoreError as error:
        return [Finding("database", Severity.ERROR, str(error))]
    return await asyncio.to_thread(check_database, parsed, speak or texts("en"))


async def backup(url: str, target: Path) -> Path:
    """A consistent copy of a SQLite database, also while it is being used, readable by its owner only.

    `StoreError` when the target exists, when it cannot be written, and for PostgreSQL, whose own tool does it.
    """
    parsed = parse(url)
    source = file_of(parsed)
    if source is None:
        raise StoreError(f"PostgreSQL has its own tool for that: {_pg_dump(parsed, target)}")
    if not is_there(source, StoreError):
        raise StoreError(f"there is no database at {source}")
    return await asyncio.to_thread(copy, source, target)


def revision(connection: Connection) -> str | None:
    """The revision of a schema, None when there is none yet. `StoreError` when somebody changed what tells it."""
    if not inspect(connection).has_table(REVISION_TABLE):
        return None
    told = connection.execute(text(f"SELECT version_num FROM {REVISION_TABLE}")).scalars().all()  # noqa: S608 (a constant)
    if len(told) != 1 or not told[0]:
        found = ", ".join(map(repr, told)) or "nothing"
        raise StoreError(
            f"{named(connection.engine.url)}: the table {REVISION_TABLE} was changed by hand: it should hold the one "
            f"revision of the schema, and holds {found}: restore a backup"
        )
    return str(told[0])


def _revision_at(url: URL) -> str | None:
    if not there(url):
        return None
    with opened(url) as engine, engine.connect() as connection:
        return revision(connection)


def there(url: URL) -> bool:
    """Whether there is a database. A SQLite file is looked at before anything could change it.

    `StoreError` when this user may not use that file, or when it is another program's.
    """
    path = file_of(url)
    if path is None:
        return True
    if not is_there(path, StoreError):
        return False
    if is_folder(path, StoreError):
        raise StoreError(f"{path} is a folder, and no database: see database.url")
    # SQLite keeps its log beside the file.
    for place, needed in ((path, os.R_OK | os.W_OK), (path.parent, os.W_OK | os.X_OK)):
        if not os.access(place, needed):
            raise StoreError(
                f"{named(url)}: this user may not read and write {place}: run Vigie as the user whose it is, or "
                "give this one the right"
            )
    with translated(named(url)), connected(path) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    if tables and REVISION_TABLE not in tables:
        others = ", ".join(sorted(tables)[:3])
        raise StoreError(
            f"{path} is another program's database, which holds the tables {others}: Vigie needs a file of its own, "
            "see database.url"
        )
    return True


@contextmanager
def opened(url: URL) -> Iterator[Engine]:
    """A blocking engine; its errors leave as errors of the core."""
    engine = plain_engine(url)
    try:
        with translated(named(url)):
            yield engine
    finally:
        engine.dispose()


def copy(source: Path, target: Path) -> Path:
    """Copy a SQLite database. The target appears under its name only when it is whole."""
    if is_there(target, StoreError):
        raise StoreError(f"{target} exists: a backup never overwrites anything")
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        # Unlike a copy of the file, this leaves out what was deleted; unlike SQLite's backup API, a busy writer
        # cannot make it begin again.
        with connected(source) as connection:
            connection.execute("VACUUM INTO ?", (str(part),))
        _sync(part)
        part.rename(target)
        _sync(target.parent)
    except OSError as error:
        raise StoreError(f"the backup {target} cannot be written: {error.strerror}") from error
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the backup {target} cannot be made: {error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return target


def dated(path: Path, found: str | None) -> Path:
    """Where the copy that is made before an upgrade goes."""
    return path.with_name(f"{path.name}.{found}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.backup")


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of its own to an existing file, as it is: nothing about the file is changed by opening it."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=PATIENCE, isolation_level=None
    )
    try:
        yield connection
    finally:
        connection.close()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _pg_dump(url: URL, target: Path) -> str:
    host = url.host or url.query.get("host")  # a folder of sockets stands among the options
    options = {"file": str(target), "host": host, "port": url.port, "username": url.username}
    given = [f"--{name}={value}" for name, value in options.items() if value is not None]
    return shlex.join(["pg_dump", "--format=custom", *given, url.database or ""])
