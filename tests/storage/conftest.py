"""A store of each kind, new for each test."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.ports import Store
from storage.engine import parse
from storage.memory import MemoryStore
from storage.migrating import migrate
from storage.schema import MIGRATIONS
from storage.store import SqlStore, open_store
from tests.postgres import Postgres, postgres
from tests.storage.samples import Opening

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file: copying it is faster than migrating another one."""
    path = tmp_path_factory.mktemp("template") / "vigie.db"
    migrate(parse(f"sqlite:///{path}"), MIGRATIONS)
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> Iterator[str]:
    """The name of a migrated database."""
    with postgres.database() as name:
        migrate(parse(postgres.url(name)), MIGRATIONS)
        yield name


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "vigie.db"
    shutil.copyfile(sqlite_template, path)
    path.chmod(0o600)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    with postgres.database(postgres_template) as name:
        yield postgres.url(name)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a database with the schema and no rows."""
    address: str = request.getfixturevalue(f"{request.param}_url")
    return address


@pytest.fixture
def sql_store(url: str, opening: Opening) -> SqlStore:
    return opening(url)


@pytest.fixture
async def opening() -> AsyncIterator[Opening]:
    """Opens stores that are closed at the end, however the test ends."""
    stores: list[SqlStore] = []

    def open_one(address: str) -> SqlStore:
        stores.append(open_store(address))
        return stores[-1]

    yield open_one
    for store in stores:
        await store.close()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, opening: Opening) -> Store:
    if request.param == "memory":
        return MemoryStore()
    return opening(request.getfixturevalue(f"{request.param}_url"))
