"""`vigie forget` and `vigie export`: what is stored about one member."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.common import ConfigFile
from bot.terminal import log, say, say_json

Whose = Annotated[str, typer.Argument(metavar="COMMUNITY", help="slack:T0123ABCD or discord:123456789012345678.")]
Who = Annotated[str, typer.Argument(metavar="MEMBER", help="The member's id, as the platform calls it.")]


def forget(community: Whose, member: Who, config: ConfigFile = None) -> None:
    """Delete whatever is stored about a member.

    It may be done while the bot runs. The bot then edits its messages that quoted the member.
    """
    from bot.wiring.database import forget_member

    log()
    say(forget_member(config, os.environ, community, member))


def export(
    community: Whose,
    member: Who,
    to: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="FILE", readable=False, help="Where to write it; - or nothing: standard output."
        ),
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Write whatever is stored about a member.

    As JSON, to answer an access request.
    """
    from bot.wiring.database import export_member, write_json

    log()
    exported = export_member(config, os.environ, community, member)
    if to is None or str(to) == "-":
        say_json(exported)
    else:
        say(f"written to {write_json(exported, to)}")
