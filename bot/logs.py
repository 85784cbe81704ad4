"""What the operator reads: structured lines on the standard error output, ours and the SDKs' by the same way.

Nothing secret and nothing that a person wrote comes through. Other people's code is heard from `warning` on, and from
`debug` on only if that is what the operator asked for: then it shows payloads, so masking does not depend on the level.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TextIO

from bot.logger import structlog
from bot.redaction import HIDDEN, SECRET_KEY, mask

if TYPE_CHECKING:
    from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

OURS: Final = ("bot", "adapters", "storage")
QUIET: Final = ("aiosqlite", "discord")
"""At DEBUG the one tells every statement with its values, among them who is being forgotten (SQLAlchemy hides them);
the other tells whole payloads: what somebody searches for has no name by which it could be told from the rest."""

PRIVATE: Final = frozenset({"text", "body", "content", "title"})

# The same four names inside a payload or a dataclass that a client shows as text, quotes escaped or not.
_PRIVATE_PART = re.compile(
    rf"""\b((?:{"|".join(sorted(PRIVATE))})\\*["']?\s*[:=]\s*)(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\+"(?:.*?)\\+")"""
)
_DEEPEST = 6


def configure(format: str, level: str, stream: TextIO | None = None) -> None:  # noqa: A002 (the setting's name)
    """Send every log line to `stream` (the standard error output), from `level` on, as `console` or `json`.

    Handlers that were on the root logger are replaced: they would show what this one hides. May be called again.

    Raises:
        ValueError: an unknown format or level.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if format not in ("console", "json") or number is None:
        raise ValueError(f"unknown log format or level: {format}, {level}")
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Rendered here and plainly: structlog's own console tracebacks show local variables, tokens among them.
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if format == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty()),
    ]
    handler = _Handler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number if number <= logging.DEBUG else max(number, logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(number)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(root.level, logging.INFO))
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The last processor before the renderer: every value masked by shape, private keys dropped."""
    return {key: _shown(key, value) for key, value in event.items() if key not in PRIVATE}


def _shown(key: object, value: Any, depth: int = 0) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(key, str) and SECRET_KEY.search(key):
        return HIDDEN
    if isinstance(value, str | bytes):
        return _masked(value if isinstance(value, str) else value.decode(errors="replace"))
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {
            _masked(str(name)): _shown(name, item, depth + 1) for name, item in value.items() if name not in PRIVATE
        }
    if depth < _DEEPEST and isinstance(value, list | tuple | set | frozenset):
        return [_shown(None, item, depth + 1) for item in value]
    return _masked(str(value))


def _masked(text: str) -> str:
    return mask(_PRIVATE_PART.sub(rf'\1"{HIDDEN}"', text))


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the base class's name)
        """A line that cannot be formatted: say which, but not its arguments, as the base class would."""
        kind = getattr(sys.exc_info()[0], "__name__", "error")
        self.stream.write(f"a log line of {record.name} was lost ({kind}, {record.filename}:{record.lineno})\n")


def _uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _critical((kind, error, traceback))


def _uncaught_in_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None and not issubclass(found.exc_type, SystemExit):
        _critical((found.exc_type, found.exc_value, found.exc_traceback))


def _critical(found: ExcInfo) -> None:
    logging.getLogger(__name__).critical("uncaught", exc_info=found)
