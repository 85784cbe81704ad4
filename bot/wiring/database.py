"""The configured database, for whoever operates it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.model import Finding


def upgrade_database(config: Path | None, environ: Mapping[str, str]) -> str:
    """Upgrade the configured database; what was done, in a sentence."""
    from storage.schema import upgrade

    done = asyncio.run(upgrade(_database(config, environ)))
    if done.from_revision == done.to_revision:
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


def _database(config: Path | None, environ: Mapping[str, str]) -> str:
    from bot.config import load

    return load(config, environ).database.url.get_secret_value()
