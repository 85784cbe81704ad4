"""Where loggers come from: structlog, without what it would import for tracebacks that we never show.

With rich at hand it imports rich and pygments, a twentieth of a whole start, to show tracebacks with local variables,
tokens among them. `bot.logs` renders tracebacks plainly, and says where log lines go.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["get_logger", "structlog"]


@contextmanager
def _without(name: str) -> Iterator[None]:
    """As if that package were not installed: https://docs.python.org/3/reference/import.html#the-module-cache."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # which is how Python is told so
    try:
        yield
    finally:
        del sys.modules[name]


with _without("rich"):
    import structlog

get_logger = structlog.get_logger
