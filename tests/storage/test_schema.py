from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from bot.errors import StoreError
from bot.model import Severity
from storage.checking import differs
from storage.engine import parse
from storage.schema import HEAD, MIGRATIONS, REVISION_TABLE, Upgrade, backup, check, ensure, opened, upgrade
from storage.store import open_store
from storage.tables import WHERE, metadata
from tests.postgres import Postgres
from tests.storage.samples import NOW, OURS, add, claim, delivery, fill, mention, stored

NEXT = '''
    """A later version."""

    import sqlalchemy as sa
    from alembic import op

    revision = "0002"
    down_revision = "0001"
    branch_labels = depends_on = None


    def upgrade() -> None:
        copied = "always" if op.get_bind().dialect.name == "sqlite" else "never"
        with op.batch_alter_table("mentions", recreate=copied) as mentions:
            mentions.add_column(sa.Column("mood", sa.Text()))
        {then}
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vigie.db"


def later(tmp_path: Path, then: str = "pass") -> Path:
    """The migrations of a later version, which copies and drops a table that others refer to."""
    folder = tmp_path / "later"
    (folder / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako", "versions/0001_first.py"):
        (folder / name).write_bytes((MIGRATIONS / name).read_bytes())
    (folder / "versions/0002_mood.py").write_text(textwrap.dedent(NEXT).format(then=then))
    return folder


def backups(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.backup"))


async def fill_some(url: str) -> None:
    store = open_store(url)
    async with store.begin() as tx:
        for number in range(5):
            await fill(tx, OURS, "U1", number)
    await store.close()


def test_head_is_the_last_migration() -> None:
    """The constant that spares a start the import of Alembic tells the truth."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_a_new_file_is_made_for_its_owner_only(path: Path) -> None:
    """With its folder, at the last revision, without a backup."""
    url = f"sqlite:///{path}"
    assert await ensure(url) == Upgrade(None, HEAD, None)
    await fill_some(url)
    assert [stat.st_mode & 0o077 for stat in map(Path.stat, [path, path.parent])] == [0, 0]
    assert not backups(path)


async def test_a_start_on_an_up_to_date_schema_does_nothing(url: str) -> None:
    """And upgrading by hand is harmless as well."""
    assert await ensure(url) == Upgrade(HEAD, HEAD, None)
    assert await upgrade(url) == Upgrade(HEAD, HEAD, None)


@pytest.mark.parametrize("module", ["storage.store", "storage.schema", "storage.memory"])
def test_a_start_does_not_pay_for_alembic(module: str, sqlite_url: str) -> None:
    """Neither importing nor ensuring loads it; the store in memory does without SQLAlchemy, too."""
    code = f"""
        import asyncio, sys, {module}
        assert not {module.endswith("memory")} or "sqlalchemy" not in sys.modules
        from storage.schema import ensure
        asyncio.run(ensure({sqlite_url!r}))
        assert "alembic" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


def test_the_migrations_make_the_tables(url: str) -> None:
    """What Alembic would still want to change is nothing, on either database."""
    with opened(parse(url)) as engine, engine.connect() as connection:
        assert differs(connection) == []


async def test_an_older_file_is_upgraded_after_a_backup(sqlite_url: str, tmp_path: Path) -> None:
    """All rows are kept, also those that refer to a table that is copied and dropped; the backup is the old file."""
    await fill_some(sqlite_url)
    before = _rows(tmp_path / "vigie.db")
    done = await ensure(sqlite_url, "0002", later(tmp_path))
    (saved,) = backups(tmp_path / "vigie.db")
    assert done == Upgrade("0001", "0002", saved)
    assert re.fullmatch(r"vigie\.db\.0001-\d{8}T\d{12}Z\.backup", saved.name)
    assert saved.stat().st_mode & 0o077 == 0
    assert _rows(saved) == before
    assert _rows(tmp_path / "vigie.db", without="mood") == {**before, REVISION_TABLE: [("0002",)]}


async def test_an_older_postgres_is_upgraded(postgres_url: str, tmp_path: Path) -> None:
    """Its own tools make its backups."""
    await fill_some(postgres_url)
    assert await ensure(postgres_url, "0002", later(tmp_path)) == Upgrade("0001", "0002", None)
    store = open_store(postgres_url)
    assert (await stored(store, "nudge/a1-E1T1/1")).key
    await store.close()


async def test_a_newer_schema_is_refused(url: str, tmp_path: Path) -> None:
    """The text names both revisions and what to do; nothing is changed, and no password is told."""
    await ensure(url, "0002", later(tmp_path))
    with pytest.raises(StoreError, match=r"schema 0002.* up to 0001: install the version that made it, or restore"):
        await ensure(url)
    with pytest.raises(StoreError, match="0002"):
        await upgrade(url)
    (problem,) = [finding for finding in await check(url) if finding.severity is not Severity.OK]
    assert problem.severity is Severity.ERROR  # as the start that it warns of would refuse
    assert "0002" in problem.message
    assert "0001" in problem.message


@pytest.mark.parametrize("then", ["raise OSError('disk')", "op.execute('DELETE FROM mentions')", "op.drop_table('x')"])
async def test_a_failed_upgrade_changes_nothing(sqlite_url: str, tmp_path: Path, then: str) -> None:
    """Neither does one that would leave rows which refer to nothing."""
    await fill_some(sqlite_url)
    before = _rows(tmp_path / "vigie.db")
    with pytest.raises((StoreError, OSError)):
        await ensure(sqlite_url, "0002", later(tmp_path, then))
    assert _rows(tmp_path / "vigie.db") == before
    assert await ensure(sqlite_url) == Upgrade(HEAD, HEAD, None)


async def test_a_failed_upgrade_changes_nothing_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    """The whole upgrade is one transaction there as well."""
    with pytest.raises(StoreError):
        await ensure(postgres_url, "0002", later(tmp_path, "op.drop_table('x')"))
    assert await ensure(postgres_url) == Upgrade(HEAD, HEAD, None)
    with opened(parse(postgres_url)) as engine, engine.connect() as connection:
        assert differs(connection) == []


@pytest.mark.parametrize("statement", [0, 8, 20, 35])
def test_a_kill_during_the_first_start_leaves_a_usable_database(path: Path, statement: int) -> None:
    """Wherever it strikes: the next start makes the schema, or finds it made."""
    code = f"""
        import asyncio, os, signal
        from sqlalchemy import Engine, event
        from storage.schema import ensure
        left = {statement}
        @event.listens_for(Engine, "before_cursor_execute")
        def kill(*_):
            global left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        asyncio.run(ensure("sqlite:///{path}"))
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert asyncio.run(ensure(f"sqlite:///{path}")) == Upgrade(None, HEAD, None)
    assert {finding.severity for finding in asyncio.run(check(f"sqlite:///{path}"))} == {Severity.OK}


def test_a_kill_during_an_upgrade_leaves_a_usable_database(sqlite_url: str, tmp_path: Path) -> None:
    """Rows, schema and backup are whole, and the next start upgrades it."""
    asyncio.run(fill_some(sqlite_url))
    before = _rows(tmp_path / "vigie.db")
    folder = later(tmp_path, "__import__('os').kill(__import__('os').getpid(), 9)")
    code = f"""
        import asyncio
        from pathlib import Path
        from storage.schema import ensure
        asyncio.run(ensure({sqlite_url!r}, "0002", Path({str(folder)!r})))
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False).returncode == -signal.SIGKILL
    assert _rows(tmp_path / "vigie.db") == before
    assert _rows(backups(tmp_path / "vigie.db")[0]) == before
    (folder / "versions/0002_mood.py").write_text(textwrap.dedent(NEXT).format(then="pass"))
    done = asyncio.run(ensure(sqlite_url, "0002", folder))
    assert (done.from_revision, done.to_revision) == ("0001", "0002")


def test_a_committed_intention_outlives_a_kill(sqlite_url: str) -> None:
    """What was committed is there, what was not is not, and the file needs no repair."""
    code = f"""
        import asyncio, os, signal
        from storage.store import open_store
        from tests.storage.samples import delivery
        async def main():
            store = open_store({sqlite_url!r})
            for number in range(3):
                async with store.begin() as tx:
                    await tx.add_delivery(delivery(f"d{{number}}", f"c{{number}}"))
            async with store.begin() as tx:
                await tx.add_delivery(delivery("half", "half"))
                os.kill(os.getpid(), signal.SIGKILL)
        asyncio.run(main())
    """
    root = Path(__file__).parents[2]
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )

    async def claimed() -> list[str]:
        store = open_store(sqlite_url)
        keys = await claim(store)
        await store.close()
        return keys

    assert asyncio.run(claimed()) == ["d0", "d1", "d2"]
    assert {finding.severity for finding in asyncio.run(check(sqlite_url))} == {Severity.OK}


async def test_a_backup_while_it_is_being_written(sqlite_url: str, tmp_path: Path) -> None:
    """Consistent at some instant: every transaction is in it whole or not at all. Only its owner can read it."""
    store = open_store(sqlite_url)

    async def write() -> None:
        for number in range(40):
            async with store.begin() as tx:
                await tx.add_delivery(delivery(f"{number}/1"))
                await tx.add_mention(mention(f"m{number}"))

    writing = asyncio.create_task(write())
    targets = [await backup(sqlite_url, tmp_path / f"copy{number}.db") for number in range(4)]
    await writing
    targets.append(await backup(sqlite_url, tmp_path / "last.db"))
    await store.close()
    counts = []
    for target in targets:
        rows = _rows(target)
        assert len(rows["deliveries"]) == len(rows["mentions"]) == len(rows["messages"])
        assert target.stat().st_mode & 0o077 == 0
        counts.append(len(rows["mentions"]))
    assert counts == sorted(counts)
    assert counts[-1] == 40


async def test_a_backup_is_a_database(sqlite_url: str, tmp_path: Path) -> None:
    """It can be started from at once."""
    await fill_some(sqlite_url)
    target = await backup(sqlite_url, tmp_path / "copy.db")
    assert await ensure(f"sqlite:///{target}") == Upgrade(HEAD, HEAD, None)
    store = open_store(f"sqlite:///{target}")
    await add(store, mention("new", "new"))
    assert (await stored(store, "nudge/a1-E1T1/1")).sent_at == NOW
    await store.close()
    assert {finding.severity for finding in await check(f"sqlite:///{target}")} == {Severity.OK}


def test_a_backup_never_overwrites(sqlite_url: str, tmp_path: Path) -> None:
    """And says so; a folder that is not there, or no database, is said too. Nothing half made is left."""
    target = tmp_path / "copy.db"
    target.write_text("precious")
    with pytest.raises(StoreError, match="exists"):
        asyncio.run(backup(sqlite_url, target))
    assert target.read_text() == "precious"
    with pytest.raises(StoreError, match="cannot be written"):
        asyncio.run(backup(sqlite_url, tmp_path / "nowhere" / "copy.db"))
    with pytest.raises(StoreError, match="no database"):
        asyncio.run(backup(f"sqlite:///{tmp_path}/none.db", tmp_path / "x"))
    (tmp_path / "vigie.db").write_bytes(b"no database at all " * 1000)
    with pytest.raises(StoreError, match="cannot be made"):
        asyncio.run(backup(sqlite_url, tmp_path / "y"))
    assert {path.name for path in tmp_path.iterdir()} == {"vigie.db", "copy.db"}


async def test_postgres_is_backed_up_by_its_own_tool(tmp_path: Path) -> None:
    """The text gives the command, ready to be pasted and without the password."""
    with pytest.raises(StoreError) as raised:
        await backup("postgresql://ann:s3cret@db.example.org:5433/vigie", tmp_path / "my copy")
    command = "pg_dump --format=custom '--file={}' --host=db.example.org --port=5433 --username=ann vigie"
    assert command.format(tmp_path / "my copy") in str(raised.value)
    assert "s3cret" not in str(raised.value)


async def test_check_of_what_is_in_order(url: str) -> None:
    """Reachable, sound, up to date."""
    assert {finding.severity for finding in await check(url)} == {Severity.OK}


def test_check_of_a_file_that_others_may_read(sqlite_url: str, tmp_path: Path) -> None:
    """A warning, with the command that mends it."""
    (tmp_path / "vigie.db").chmod(0o644)
    (warning,) = [finding for finding in asyncio.run(check(sqlite_url)) if finding.severity is Severity.WARNING]
    assert warning.fix == f"chmod 600 {tmp_path / 'vigie.db'}"


def test_check_of_a_file_in_another_mode(sqlite_url: str, tmp_path: Path) -> None:
    """Somebody's tool switched the journal: a warning, and the next start mends it."""
    connection = sqlite3.connect(tmp_path / "vigie.db")
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    (warning,) = [finding for finding in asyncio.run(check(sqlite_url)) if finding.severity is Severity.WARNING]
    assert "journal mode delete" in warning.message
    asyncio.run(fill_some(sqlite_url))
    assert {finding.severity for finding in asyncio.run(check(sqlite_url))} == {Severity.OK}


async def test_check_of_what_is_not_there_makes_nothing(path: Path) -> None:
    """A file that does not exist yet is no error, and does not exist afterwards either."""
    (finding,) = await check(f"sqlite:///{path}")
    assert finding.severity is Severity.WARNING
    assert not path.parent.exists()


async def test_check_finds_a_changed_table(url: str) -> None:
    """Somebody dropped an index or a column: told by name."""
    with opened(parse(url)) as engine, engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix_mentions_due")
    (problem,) = [finding for finding in await check(url) if finding.severity is Severity.ERROR]
    assert "ix_mentions_due" in problem.message


def test_check_finds_a_damaged_file(sqlite_url: str, tmp_path: Path) -> None:
    """A page that was overwritten, and a file that is no database at all."""
    asyncio.run(fill_some(sqlite_url))
    path = tmp_path / "vigie.db"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * 8192 + whole[12288:])
    assert Severity.ERROR in {finding.severity for finding in asyncio.run(check(sqlite_url))}
    path.write_bytes(b"no database at all " * 1000)
    assert Severity.ERROR in {finding.severity for finding in asyncio.run(check(sqlite_url))}
    with pytest.raises(StoreError, match="none"):
        asyncio.run(ensure(sqlite_url))


async def test_check_of_a_server_that_does_not_answer(tmp_path: Path) -> None:
    """An error with what to do, not a traceback; no password."""
    (finding,) = await check(f"postgresql://ann:s3cret@/vigie?host={tmp_path}")
    assert finding.severity is Severity.ERROR
    assert "s3cret" not in repr(finding)


async def test_another_programs_tables_are_left_alone(postgres: Postgres) -> None:
    """In a shared database, Alembic's own table of another program included."""
    with postgres.database() as name:
        url = postgres.url(name)
        with opened(parse(url)) as engine, engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num text)")
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('of another')")
        assert await ensure(url) == Upgrade(None, HEAD, None)
        assert {finding.severity for finding in await check(url)} == {Severity.OK}


def _rows(path: Path, without: str = "") -> dict[str, list[tuple[object, ...]]]:
    """All that is in a file, without one column."""
    connection = sqlite3.connect(path)
    try:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        ]
        found = {}
        for table in tables:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != without]
            found[table] = sorted(connection.execute(f"SELECT {', '.join(columns)} FROM {table}"), key=repr)
        return found
    finally:
        connection.close()


async def test_an_index_holds_what_the_tables_say(url: str) -> None:
    """A partial index that held too little would be a wrong answer, one that held everything a slow one."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(parse(url).database or "")) as file:
            made = dict(file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    else:
        async with await psycopg.AsyncConnection.connect(url) as server:
            made = dict(await (await server.execute("SELECT indexname, indexdef FROM pg_indexes")).fetchall())
    indexes = [index for table in metadata.sorted_tables for index in table.indexes]
    assert indexes
    for index in indexes:
        _, _, condition = made[str(index.name)].partition(" WHERE ")
        wanted = set(re.findall(r"\w+", index.info.get(WHERE, "")))
        assert wanted - {"IN"} <= set(re.findall(r"\w+", condition)), index.name
        assert bool(wanted) == bool(condition), index.name
