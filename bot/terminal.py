"""Speaking to whoever ran a command: what was asked for on the standard output, everything else beside it."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from bot.errors import VigieError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class OutputError(VigieError):
    """Nothing can be written on the standard output, as on a disk that is full."""


class _Output(FileIO):
    """The standard output. What keeps us from writing there is an `OutputError`, whoever writes."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"the output cannot be written: {error.strerror}") from None


def set_up() -> None:
    """Make the standard streams such that anybody can write to them."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # Closed by whoever started us: the next file to be opened would get its number, and our words with it.
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115 (a number, for good)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Better a question mark than no answer where the terminal cannot write a character.
            stream.reconfigure(errors="replace")
    out = sys.stdout
    raw = getattr(out.buffer, "raw", out.buffer) if isinstance(out, TextIOWrapper) else None  # raw with `python -u`
    if isinstance(out, TextIOWrapper) and type(raw) is FileIO:  # unlike a Windows console, which is not one of bytes
        guarded = _Output(out.fileno(), "w", closefd=False)
        buffer = guarded if raw is out.buffer else BufferedWriter(guarded)
        sys.stdout = TextIOWrapper(
            buffer,
            encoding=out.encoding,
            errors=out.errors,
            line_buffering=out.line_buffering,
            write_through=out.write_through,
        )


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
    """On the standard error output; where nothing can be written there, nobody can be told."""
    try:
        print("vigie:", printable(message, keep="\n"), file=sys.stderr)  # noqa: T201  # the command line speaks
    except OSError:
        enough(sys.stderr)


def log() -> None:
    """Warnings go to the standard error output, so that they never stand in the midst of what was asked for."""
    from bot.logs import configure

    configure("console", "debug" if os.environ.get("VIGIE_DEBUG") else "warning")


def enough(stream: TextIO | None = None) -> None:
    """Nobody reads our output any more, or can; without this, Python complains again while it shuts down."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), (stream or sys.stdout).fileno())
