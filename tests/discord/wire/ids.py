"""Ids as Discord makes them: the instant in milliseconds since 2015, then a counter; later ones are greater."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

EPOCH = 1_420_070_400_000
FIRST_GUILD = datetime(2020, 1, 1, tzinfo=UTC)


def snowflake(at: datetime) -> int:
    """The lowest id of that instant."""
    return (int(at.timestamp() * 1000) - EPOCH) << 22


class Snowflakes:
    """Ids in the order in which they were asked for, even while the clock stands still."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last = 0
        self._guilds = 0

    def next(self) -> str:
        self._last = max(snowflake(self._now()), self._last + 1)
        return str(self._last)

    def next_guild(self) -> str:
        """Guilds made one after the other fall on shards one after the other: `(id >> 22) % shards`."""
        self._guilds += 1
        return str(snowflake(FIRST_GUILD) + (self._guilds << 22))


def stamp(at: datetime) -> str:
    """An instant as Discord writes it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
