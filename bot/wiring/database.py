"""The configured database, for whoever operates it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import VigieError
from bot.model import Severity
from bot.options import Misuse
from bot.paths import told

if TYPE_CHECKING:
    from bot.model import Community, Finding
    from bot.ports import Transaction


def upgrade_database(config: Path | None, environ: Mapping[str, str]) -> str:
    """Upgrade the configured database; what was done, in a sentence."""
    from storage.schema import check, upgrade

    url = _database(config, environ)
    done = asyncio.run(upgrade(url))
    if done.from_revision == done.to_revision:
        if wrong := [found for found in asyncio.run(check(url)) if found.severity is Severity.ERROR]:
            raise VigieError("\n".join(": ".join(filter(None, (found.message, found.fix))) for found in wrong))
        return f"the database is up to date ({done.to_revision})"
    if done.from_revision is None:
        return f"the database was made ({done.to_revision})"
    backup = f"; the backup is {done.backup}" if done.backup else ""
    return f"upgraded from {done.from_revision} to {done.to_revision}{backup}"


def check_database(config: Path | None, environ: Mapping[str, str]) -> list[Finding]:
    from storage.schema import check

    return asyncio.run(check(_database(config, environ)))


def backup_database(config: Path | None, environ: Mapping[str, str], target: Path) -> Path:
    from storage.schema import backup

    return asyncio.run(backup(_database(config, environ), target))


def forget_member(config: Path | None, environ: Mapping[str, str], community: str, member: str) -> str:
    """Forget a member; what was done, in a sentence."""
    return asyncio.run(_forget(_database(config, environ), community, member))


def export_member(config: Path | None, environ: Mapping[str, str], community: str, member: str) -> dict[str, Any]:
    """Everything stored about a member, as values that JSON knows."""
    return asyncio.run(_export(_database(config, environ), community, member))


def write_json(data: object, target: Path) -> Path:
    """Write for our own eyes only; `VigieError` when the file exists or cannot be written."""
    try:
        descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
    except FileExistsError:
        raise VigieError(f"{target} exists: an export never overwrites anything") from None
    except OSError as error:
        raise VigieError(told(target, error, "written")) from error
    return target


async def _forget(url: str, community: str, member: str) -> str:
    from bot.clock import SystemClock
    from bot.privacy import erase

    async with _about(url, community) as (tx, known):
        erased = await erase(tx, known, _named(member), SystemClock().now())
    if not erased.rows:
        return f"nothing is stored about {member} in {known}"
    edits = f"; messages that the running bot will edit: {erased.messages}" if erased.messages else ""
    return f"{member} is forgotten in {known}: rows removed or blanked: {erased.rows}{edits}"


async def _export(url: str, community: str, member: str) -> dict[str, Any]:
    from bot.clock import SystemClock
    from bot.exporting import exported

    async with _about(url, community) as (tx, known):
        return exported(await tx.traces(known, _named(member)), known, member, SystemClock().now())


def _named(member: str) -> str:
    if not member.strip():
        raise Misuse("MEMBER: an id is needed, such as U0123ABCD")
    return member


@asynccontextmanager
async def _about(url: str, name: str) -> AsyncIterator[tuple[Transaction, Community]]:
    """A transaction about a community that we know. `VigieError` for another one, with those that we know."""
    from bot.model import Community
    from storage.schema import require
    from storage.store import open_store

    try:
        community = Community.parse(name)
    except ValueError as error:
        raise Misuse(f"COMMUNITY: {error}") from None
    await require(url)
    store = open_store(url)
    try:
        async with store.begin() as tx:
            known = await tx.known()
            if community not in known:
                named = ", ".join(sorted(map(str, known))) or "none yet"
                raise VigieError(f"COMMUNITY: {name} is not known; known: {named}")
            yield tx, community
    finally:
        await store.close()


def _database(config: Path | None, environ: Mapping[str, str]) -> str:
    from bot.config import load

    return load(config, environ).database.url.get_secret_value()
