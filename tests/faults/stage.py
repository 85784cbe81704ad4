"""What the kill rig needs of a platform: its people, its faults, and its record of what was said."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from random import Random
from typing import Any, Protocol

from tests.faults.checker import Uttered
from tests.faults.town import Town

ANY = "*"
"""Any call, in `Doom.arm`."""


class Doom:
    """The call during which its caller is killed, once armed."""

    def __init__(self) -> None:
        self._call, self._left, self._accepted = "", 0, False
        self._kill: Callable[[], None] = lambda: None

    def arm(self, call: str, number: int, kill: Callable[[], None], *, accepted: bool) -> None:
        """At the `number`-th call of this name, before the platform took it or after."""
        self._call, self._left, self._kill, self._accepted = call, number, kill, accepted

    def disarm(self) -> None:
        self._left = 0

    def strikes(self, call: str) -> bool | None:
        """None: not at this call. Else its caller is dead by now, and the answer is whether the call takes effect."""
        if not self._left or self._call not in (call, ANY):
            return None
        self._left -= 1
        if self._left:
            return None
        self._kill()
        return self._accepted


class Stage(AbstractAsyncContextManager["Stage"], Protocol):
    """A platform on loopback, open while entered. `say` is its call that says something, for `doom`."""

    doom: Doom
    say: str
    town: Town

    def file(self) -> str:
        """The platform's part of the configuration."""

    def environ(self, number: int) -> dict[str, str]:
        """The variables of the process of that number."""

    async def connected(self) -> None:
        """Return once a process is."""

    def lives(self, numbers: Collection[int]) -> None:
        """Told again and again which processes there are."""

    def activity(self) -> int:
        """Changes whenever something happens between the platform and a process."""

    def fails(self, random: Random) -> None:
        """The next time that something is said goes wrong."""

    def lift(self) -> None:
        """All goes well from now on."""

    async def asks(self, name: str, text: str) -> Any:
        """Somebody outside asks where support is given; the message, for `answers`."""

    async def disturbs(self) -> None:
        """What the platform told last does not arrive as it should: late, or twice."""

    async def answers(self, asked: Any, *, by_mark: bool) -> None:
        """Somebody of the team does, in words or by a reaction."""

    def said(self) -> list[Uttered]:
        """What everybody or somebody could read that nobody had asked for."""

    def complaints(self) -> list[str]:
        """What the platform's documents or limits do not allow of the bot."""
