"""Speaking to whoever ran a command: what was asked for on the standard output, everything else beside it."""

from __future__ import annotations

import json
import os
import sys
import unicodedata


def printable(text: str, keep: str = "") -> str:
    """`text` without anything that a terminal would obey; of such characters only those in `keep` are left."""
    # Python counts the no-break spaces of French and the joiner inside emoji as not printable.
    keep += "\N{ZERO WIDTH JOINER}"
    return "".join(
        char
        if char.isprintable() or char in keep or unicodedata.category(char) == "Zs"
        else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


def say(text: str) -> None:
    print(printable(text, keep="\n"))  # noqa: T201  # the command line speaks


def say_json(data: object) -> None:
    """Valid JSON whatever the output can write."""
    unicode = (sys.stdout.encoding or "").casefold().startswith("utf")
    say(json.dumps(data, ensure_ascii=not unicode, indent=2))


def warn(message: str) -> None:
    """On the standard error output."""
    print("vigie:", printable(message, keep="\n"), file=sys.stderr)  # noqa: T201  # the command line speaks


def log() -> None:
    """Warnings go to the standard error output, so that they never stand in the midst of what was asked for."""
    from bot.logs import configure

    configure("console", "debug" if os.environ.get("VIGIE_DEBUG") else "warning")


def enough() -> None:
    """Whoever read our output has seen enough; without this, Python complains again while it shuts down."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
