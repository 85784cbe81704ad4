"""What we want said, platform-neutral. Each adapter renders it as natively as its platform allows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.markup import Markup
from bot.model import Ping


class Style(StrEnum):
    DEFAULT = "default"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """`action` and `value` come back in `ActionTaken`; with a `url` it is a link and nothing comes back."""

    label: str
    action: str = ""
    value: str = ""
    style: Style = Style.DEFAULT
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A short figure under a short name."""

    name: str
    value: Markup


@dataclass(frozen=True, slots=True)
class Picture:
    data: bytes
    alt: str
    mime: str = "image/png"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list that has buttons of its own."""

    body: Markup
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """`title` and labels are plain text; `body` and what is of type Markup may be bold, link, quote, list.

    `pings` are the only members and roles that this post may call: whatever a text looks like, it pings nobody.
    """

    title: str = ""
    body: Markup = Markup("")
    fields: tuple[Field, ...] = ()
    items: tuple[Item, ...] = ()
    picture: Picture | None = None
    buttons: tuple[Button, ...] = ()
    context: Markup = Markup("")
    pings: tuple[Ping, ...] = ()


class InputKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Input:
    name: str
    label: str
    kind: InputKind = InputKind.TEXT
    choices: tuple[tuple[str, str], ...] = ()  # value, label
    required: bool = True
    initial: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A small dialogue; comes back as `FormSubmitted` with `id` and `value`."""

    id: str
    title: str
    submit: str
    inputs: tuple[Input, ...]
    value: str = ""
