"""What `vigie check` tells of the database."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

from sqlalchemy import URL, Connection

from bot.errors import StoreError
from bot.model import Finding, Severity
from storage.engine import file_of, shown
from storage.schema import HEAD, MIGRATIONS, REVISION_TABLE, connected, opened, revision
from storage.tables import metadata

_SUBJECT = "database"


def check_database(url: URL) -> list[Finding]:
    """See `storage.schema.check`."""
    path = file_of(url)
    if path is not None and not path.exists():
        return [_finding(Severity.WARNING, f"there is no database at {path} yet", "it is made at the first start")]
    try:
        findings = [] if path is None else _file(path)
        with opened(url) as engine, engine.connect() as connection:
            findings = [_finding(Severity.OK, f"{shown(url)} can be reached"), *findings]
            return findings + _schema(connection)
    except StoreError as error:
        return [_finding(Severity.ERROR, str(error), "see that it is running and that its address is right")]
    except sqlite3.Error as error:
        return [_finding(Severity.ERROR, f"{path} cannot be read: {error}", "restore a backup, or correct its path")]


def _file(path: Path) -> list[Finding]:
    findings = []
    with connected(path) as connection:
        damage = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        lost = connection.execute("PRAGMA foreign_key_check").fetchone()
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if damage != "ok":
        findings.append(_finding(Severity.ERROR, f"the file is damaged: {damage}", "stop Vigie and restore a backup"))
    elif lost:
        findings.append(_finding(Severity.ERROR, f"{lost[0]} has rows that refer to nothing", "restore a backup"))
    else:
        findings.append(_finding(Severity.OK, "the file is sound"))
    if mode != "wal":
        message = f"the file is in journal mode {mode}, not wal: readers and the writer wait for each other"
        findings.append(_finding(Severity.WARNING, message, "keep it on a local disk; a start sets the mode"))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        findings.append(_finding(Severity.WARNING, "others may read the file", f"chmod 600 {path}"))
    return findings


def _schema(connection: Connection) -> list[Finding]:
    found = revision(connection)
    if found is None:
        return [_finding(Severity.WARNING, "the database is empty", "its tables are made at the first start")]
    if found != HEAD:
        message = f"schema {found}, while this version of Vigie needs {HEAD}"
        if not any((MIGRATIONS / "versions").glob(f"{found}_*.py")):
            fix = "install the version that made it, or restore the backup made before it was upgraded"
            return [_finding(Severity.ERROR, message, fix)]
        return [_finding(Severity.WARNING, message, "it is upgraded at the next start")]
    if differences := differs(connection):
        fix = "restore a backup, or let the tables be as Vigie made them"
        return [_finding(Severity.ERROR, f"the tables are not those of schema {HEAD}: {differences[0]}", fix)]
    return [_finding(Severity.OK, f"schema {HEAD} is up to date")]


def differs(connection: Connection) -> list[str]:
    """In what our tables are not as they should be; other programs' tables are not looked at."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(_object: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
        return kind != "table" or not reflected or name in metadata.tables

    options = {"version_table": REVISION_TABLE, "compare_type": True, "include_object": ours}
    found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    return [str(difference) for difference in found]


def _finding(severity: Severity, message: str, fix: str = "") -> Finding:
    return Finding(_SUBJECT, severity, message, fix)
