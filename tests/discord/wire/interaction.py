"""One interaction as the person who began it sees it: what they are shown, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tests.discord.wire.permissions import Json

PONG, MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9


@dataclass(eq=False)
class Interaction:
    """`callback` is the first response, once it came; `original` the message that it made or belongs to.

    `shown` are the messages that this person was shown in answer, the original first, followups after it. `private`
    tells whether nobody else sees the original.
    """

    id: str
    token: str
    kind: int
    user: str
    channel: str
    at: datetime
    on: Json | None = None
    callback: Json | None = None
    original: Json | None = None
    followups: list[Json] = field(default_factory=list)
    private: bool = False
    expired: bool = False

    @property
    def type(self) -> int | None:
        """The callback's type; None while there is none."""
        return None if self.callback is None else int(self.callback["type"])

    @property
    def waits(self) -> bool:
        """They see "is thinking", or nothing at all."""
        return self.callback is None or (self.type == DEFERRED_MESSAGE and self.original is None and not self.followups)

    @property
    def shown(self) -> list[Json]:
        return ([] if self.original is None or self.original is self.on else [self.original]) + self.followups

    @property
    def modal(self) -> Json | None:
        """The form that was opened."""
        return self.callback["data"] if self.callback is not None and self.type == MODAL else None

    @property
    def choices(self) -> list[Json]:
        """What was offered while typing."""
        if self.callback is None or self.type != CHOICES:
            return []
        return list(self.callback["data"]["choices"])
