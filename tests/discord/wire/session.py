"""What one login was told, numbered, so that a client that comes back hears what it missed."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.discord.wire.permissions import Json

if TYPE_CHECKING:
    from tests.discord.wire.connection import Connection


@dataclass(eq=False)
class Session:
    """`connection` is None while nobody listens; what happens then is told on RESUME."""

    id: str
    intents: int
    shard: int
    count: int
    told: list[tuple[int, str, Json]] = field(default_factory=list)
    connection: Connection | None = None

    @property
    def seq(self) -> int:
        return self.told[-1][0] if self.told else 0

    def add(self, name: str, data: Json) -> None:
        self.told.append((self.seq + 1, name, deepcopy(data)))
        if self.connection is not None:
            self.connection.wake()

    def after(self, seq: int) -> tuple[int, str, Json] | None:
        """The first event later than `seq`; numbers have no gaps."""
        return self.told[seq] if seq < len(self.told) else None
