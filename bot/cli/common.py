"""What the commands have in common: their options, and how a check is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.terminal import say, say_json

if TYPE_CHECKING:
    from bot.model import Finding

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Language = Annotated[str, typer.Option("--lang", metavar="LANG", help="en or fr.")]
OwnTips = Annotated[
    Path | None,
    typer.Option("--own", metavar="FOLDER", readable=False, help="Your own tips; else the configuration's."),
]
ConfigFile = Annotated[
    Path | None,
    # What cannot be read is told by whoever reads it, whatever it is: hence `readable` here and elsewhere.
    typer.Option("--config", metavar="FILE", readable=False, help="The configuration file (default: config.toml)."),
]


def tell(findings: Sequence[Finding], lang: str, *, as_json: bool) -> int:
    """Print what a check found; the exit code that says whether something is wrong. In JSON a subject is no text."""
    from dataclasses import asdict

    from bot.model import Severity
    from bot.texts import later, texts

    subjects = (later("configuration"), later("database"), later("platforms"), later("tips"))
    if as_json:
        say_json([asdict(finding) for finding in findings])
    else:
        for found in findings:
            subject = texts(lang).t(found.subject) if found.subject in subjects else found.subject
            say(f"{found.severity:8}{subject}: {found.message}" + (f" → {found.fix}" if found.fix else ""))
    return 1 if any(finding.severity is Severity.ERROR for finding in findings) else 0
