"""Turns: whoever changes the mentions of a channel does so alone; those who wait go in the order in which they came."""

from __future__ import annotations

from asyncio import Lock


class Turns:
    """A queue for each name."""

    def __init__(self) -> None:
        self._turns: dict[str, Turn] = {}

    def of(self, name: str) -> Turn:
        """Held while its block runs. One for which nobody queues is taken without giving way to another task."""
        turn = self._turns.get(name)
        if turn is None:
            turn = self._turns[name] = Turn()
        return turn


class Turn:
    """A lock that knows how many want it: `wanted`, whoever holds it included."""

    __slots__ = ("_lock", "wanted")

    def __init__(self) -> None:
        self._lock = Lock()
        self.wanted = 0

    async def __aenter__(self) -> None:
        self.wanted += 1
        try:
            await self._lock.acquire()
        except BaseException:
            self.wanted -= 1
            raise

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
        self.wanted -= 1
