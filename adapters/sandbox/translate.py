"""What the page asks for, as events of the core. Pure: the page's words and the scene go in, an Event comes out."""

from __future__ import annotations

import re
from datetime import datetime

from adapters.sandbox.scene import Scene, folded
from bot.events import ActionTaken, CommandInvoked, FormSubmitted
from bot.model import Member, Message, MessageRef, Ping, PingKind, Place

_AT = re.compile(r"(?<!\w)@")
_WORD_GOES_ON = re.compile(r"\w")
_BETWEEN = " \t\r\n\xa0,;:"
"""What people write between the names of those they speak to."""

_LONGEST_NAME = 80


def pings(text: str, scene: Scene) -> tuple[Ping, ...]:
    """Who is called with `@Name`, each once and in order; leading as long as the message has said nothing else."""
    found: dict[tuple[str, str], Ping] = {}
    plain = folded(text)
    leading, end = True, 0
    for at in _AT.finditer(text):
        call = _call(plain, at.end(), scene)
        if call is None:
            continue
        kind, id_, length = call
        leading = leading and not text[end : at.start()].strip(_BETWEEN)
        end = at.end() + length
        found.setdefault((kind, id_), Ping(PingKind(kind), id_, leading))
    return tuple(found.values())


def _call(plain: str, start: int, scene: Scene) -> tuple[str, str, int] | None:
    """The longest name that stands there: `@Max Mustermann` calls nobody named Max."""
    for length in range(min(_LONGEST_NAME, len(plain) - start), 0, -1):
        called = scene.called.get(plain[start : start + length])
        if called is not None and not _WORD_GOES_ON.match(plain, start + length):
            return (*called, length)
    return None


def message(ref: MessageRef, author: Member, at: datetime, text: str, scene: Scene) -> Message:
    """What somebody wrote, with whom it calls."""
    return Message(ref, author, at, text, pings(text, scene))


def command(text: str, place: Place, member: Member, at: datetime, names: dict[str, str]) -> CommandInvoked | None:
    """`/tip engagement` as a command; None for what is none. `names`: what commands are called in the chat → keys."""
    if not text.startswith("/"):
        return None
    name, _, rest = text[1:].partition(" ")
    return CommandInvoked(place, member, names.get(name.casefold(), name), rest.strip(), at)


def action(place: Place, member: Member, name: str, value: str, at: datetime, on: MessageRef | None) -> ActionTaken:
    """A button that was pressed; `on` is None for one under a private reply."""
    return ActionTaken(place, member, name, value, at, on)


def form(place: Place, member: Member, name: str, value: str, values: dict[str, str], at: datetime) -> FormSubmitted:
    """A form that was sent."""
    return FormSubmitted(place, member, name, value, at, values)
