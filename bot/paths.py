"""Paths that somebody gave us. What keeps us from one is an error that names it and tells the reason."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bot.errors import VigieError
from bot.redaction import mask_input


def status(path: Path, error: type[VigieError] = VigieError) -> os.stat_result | None:
    """What is there, links followed; None where nothing is.

    `error` where that cannot be told, as without a right on a folder above it or for a name that is too long: what
    `Path.exists` answers by an OSError, and no command should by a mistake of ours.
    """
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as problem:
        raise error(told(path, problem)) from None


def is_there(path: Path, error: type[VigieError] = VigieError) -> bool:
    """Whether something is there. Raises as `status` does."""
    return status(path, error) is not None


def is_folder(path: Path, error: type[VigieError] = VigieError) -> bool:
    """Whether a folder is there. Raises as `status` does."""
    found = status(path, error)
    return found is not None and stat.S_ISDIR(found.st_mode)


def expanded(path: Path, error: type[VigieError] = VigieError) -> Path:
    """The path with the home directory that a `~` stands for; `error` where nobody knows it."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise error(mask_input(f"{path}: there is no home directory for {path.parts[0]}")) from None


def told(path: Path | str, problem: OSError | ValueError, done: str = "used") -> str:
    """Which path cannot be used (read, written), and why. A ValueError is how Python refuses a null character."""
    return f"{mask_input(str(path))} cannot be {done}: {getattr(problem, 'strerror', None) or 'not a valid path'}"
