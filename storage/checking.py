"""What `vigie check` tells of the database."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection

from bot.errors import StoreError, StoreUnavailable
from bot.model import Finding, Severity
from bot.texts import Texts
from storage.engine import file_of, named, shown
from storage.failures import translated
from storage.schema import HEAD, MIGRATIONS, REVISION_TABLE, connected, opened, revision, there
from storage.tables import metadata

_SHOWN = 3
"""Differences between the tables and ours: who sees these knows what happened."""


def check_database(url: URL, speak: Texts) -> list[Finding]:
    """See `storage.schema.check`."""
    path = file_of(url)
    try:
        if not there(url):
            message = speak.t("there is no database at {path} yet", path=path)
            return [_finding(Severity.WARNING, message, speak.t("it is made at the first start"))]
        findings = [] if path is None else _file(path, url, speak)
        with opened(url) as engine, engine.connect() as connection:
            reached = _finding(Severity.OK, speak.t("{database} can be reached", database=shown(url)))
            return [reached, *findings, *_schema(connection, speak)]
    except StoreUnavailable as error:
        fix = speak.t("see that it is running, that its address is right, and that its disk is well")
        return [_finding(Severity.ERROR, str(error), fix)]
    except StoreError as error:
        return [_finding(Severity.ERROR, str(error))]


def _file(path: Path, url: URL, speak: Texts) -> list[Finding]:
    findings = []
    with translated(named(url)), connected(path) as connection:
        damage = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        lost = connection.execute("PRAGMA foreign_key_check").fetchone()
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if damage != "ok":
        message = speak.t("the file {path} is damaged: {damage}", path=path, damage=damage)
        findings.append(_finding(Severity.ERROR, message, speak.t("stop Vigie and restore a backup")))
    elif lost:
        message = speak.t("the table {table} has rows that refer to nothing", table=lost[0])
        findings.append(_finding(Severity.ERROR, message, speak.t("stop Vigie and restore a backup")))
    else:
        findings.append(_finding(Severity.OK, speak.t("the file is sound")))
    if mode != "wal":
        message = speak.t(
            "the file is in journal mode {mode}, not wal: readers and the writer wait for each other", mode=mode
        )
        fix = speak.t("keep it on a local disk; a start sets the mode")
        findings.append(_finding(Severity.WARNING, message, fix))
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        findings.append(_finding(Severity.WARNING, speak.t("others may read the file"), f"chmod 600 {path}"))
    return findings


def _schema(connection: Connection, speak: Texts) -> list[Finding]:
    found = revision(connection)
    if found is None:
        fix = speak.t("its tables are made at the first start")
        return [_finding(Severity.WARNING, speak.t("the database is empty"), fix)]
    if found != HEAD:
        message = speak.t("schema {found}, while this version of Vigie needs {head}", found=found, head=HEAD)
        if found not in {script.name.partition("_")[0] for script in (MIGRATIONS / "versions").glob("*.py")}:
            fix = speak.t("install the version that made it, or restore the backup made before it was upgraded")
            return [_finding(Severity.ERROR, message, fix)]
        return [_finding(Severity.WARNING, message, speak.t("it is upgraded at the next start"))]
    if differences := differs(connection):
        told = ", ".join(differences[:_SHOWN])
        message = speak.t("the tables are not those of schema {head}: {differences}", head=HEAD, differences=told)
        fix = speak.t("restore a backup, or let the tables be as Vigie made them")
        return [_finding(Severity.ERROR, message, fix)]
    return [_finding(Severity.OK, speak.t("schema {head} is up to date", head=HEAD))]


def differs(connection: Connection) -> list[str]:
    """In what our tables are not as they should be; other programs' tables are not looked at."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(_object: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
        return kind != "table" or not reflected or name in metadata.tables

    options = {"version_table": REVISION_TABLE, "compare_type": True, "include_object": ours}
    found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    missing = {difference[1].name for difference in found if difference[0] == "add_table"}
    return [_words(one) for one in found if one[0] != "add_index" or one[1].table.name not in missing]


def _words(difference: Any) -> str:
    """One of Alembic's differences: https://alembic.sqlalchemy.org/en/latest/api/autogenerate.html"""
    if isinstance(difference, list):  # what is changed of one column
        _, _, table, column, *_ = difference[0]
        return f"{table}.{column} (other)"
    kind, *what = difference
    action, _, thing = kind.partition("_")
    name = f"{what[1]}.{what[2].name}" if thing == "column" else what[0].name or thing
    return f"{name} ({'missing' if action == 'add' else 'new'})"


def _finding(severity: Severity, message: str, fix: str = "") -> Finding:
    return Finding("database", severity, message, fix)
