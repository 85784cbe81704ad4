"""`vigie db`: the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import AsJson, ConfigFile, tell
from bot.terminal import log, say


def upgrade(config: ConfigFile = None) -> None:
    """Bring the database to this version's schema.

    A SQLite database is copied first.
    """
    from bot.wiring.database import upgrade_database

    log()
    say(upgrade_database(config, os.environ))


def check(config: ConfigFile = None, as_json: AsJson = False) -> int:
    """See whether the database is sound; exit code 1 if not."""
    from bot.wiring.database import check_database

    log()
    return tell(check_database(config, os.environ), "en", as_json=as_json)


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="FILE", readable=False, help="The file to write; it must not exist.")
    ],
    config: ConfigFile = None,
) -> None:
    """Copy a SQLite database to a file, even in use."""
    from bot.options import Misuse
    from bot.wiring.database import backup_database

    if str(target) == "-":
        raise Misuse("FILE: a database is written to a file, not to the standard output; name one")
    log()
    say(f"backup written to {backup_database(config, os.environ, target)}")
