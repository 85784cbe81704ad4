"""What goes wrong, when a test says so: one fault for one call, or for every call of a method until it is lifted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from tests.slack.server.model import Json


@dataclass(frozen=True)
class Fault:
    """What becomes of one call.

    `accepted`: it takes effect before the fault shows. `dropped`: the connection ends without an answer. Otherwise the
    answer is `status` with `body` (text) or `error` (one of Slack's codes, with `more` beside it). `delay` is in real
    seconds, before it is looked at; `gate` is waited for instead of a time.
    """

    accepted: bool = False
    dropped: bool = False
    status: int = 200
    body: str = ""
    error: str = ""
    more: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0
    gate: asyncio.Event | None = None

    @property
    def answers(self) -> bool:
        """Whether the usual answer is replaced."""
        return self.dropped or bool(self.body) or bool(self.error) or self.status != 200


DROPPED: Final = Fault(accepted=True, dropped=True)
"""Accepted, and the answer is lost."""

REFUSED: Final = Fault(dropped=True)
"""The connection ends before anything was accepted."""

BROKEN: Final = Fault(status=500, body="Internal Server Error")
BROKEN_THOUGH_ACCEPTED: Final = Fault(accepted=True, status=503, body="Service Unavailable")
HTML: Final = Fault(status=200, body="<!DOCTYPE html><html><body>Scheduled maintenance</body></html>")


def ratelimited(seconds: int) -> Fault:
    """429 with `Retry-After`: nothing was done."""
    return Fault(status=429, error="ratelimited", headers=(("Retry-After", str(seconds)),))


def refused(code: str, **more: str) -> Fault:
    """One of Slack's own error codes."""
    return Fault(error=code, more=tuple(more.items()))


def slow(seconds: float) -> Fault:
    return Fault(delay=seconds)


def held(gate: asyncio.Event, *, accepted: bool = False) -> Fault:
    """Nothing happens, or the answer does not come, before `gate` is set."""
    return Fault(gate=gate, accepted=accepted)


@dataclass
class Faults:
    """The script of what goes wrong. A method's name, or `*` for any; a channel, or none for any."""

    _once: list[tuple[str, str | None, Fault | None]] = field(default_factory=list)
    _always: dict[str, Fault] = field(default_factory=dict)

    def next(self, method: str, *faults: Fault | None, channel: str | None = None) -> None:
        """What becomes of the next calls of that method, one after the other; None: it goes well."""
        self._once += [(method, channel, fault) for fault in faults]

    def always(self, method: str, fault: Fault) -> None:
        self._always[method] = fault

    def lift(self) -> None:
        """All goes well from now on."""
        self._once.clear()
        self._always.clear()

    def take(self, method: str, args: Json) -> Fault | None:
        for index, (wanted, channel, fault) in enumerate(self._once):
            if wanted in (method, "*") and channel in (None, args.get("channel")):
                del self._once[index]
                return fault
        return self._always.get(method) or self._always.get("*")
