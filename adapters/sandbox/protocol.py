"""What the page and the server say to each other, as JSON over one WebSocket at `/ws`.

The page sends `Request`s, each with an `id` of its own making; the server answers every one with an `Ack` and does each
id once, however often it is sent, so that a page that lost its connection may send what it is unsure of again. The
server sends `Hello` on every connect, and then `Change`s numbered by `seq` without gaps. A page that reconnects with
`/ws?after=SEQ&session=ID` gets only the changes after that number, if the server still has them, else a new `Hello`.
After `restart` and `language` every page gets a new `Hello` on the connection that it has: all that it shows is anew.

All texts that a person or the bot wrote are plain strings or `Rich` lines, never HTML. Instants are ISO in UTC, with
`local` beside them as the community's clock shows it.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Span(TypedDict):
    """A run of characters; `bold`, `url`, or `channel` (an id, shown as #name)."""

    text: str
    bold: NotRequired[bool]
    url: NotRequired[str]
    channel: NotRequired[str]


class Line(TypedDict):
    kind: Literal["text", "quote", "item"]
    spans: list[Span]


class ButtonView(TypedDict):
    label: str
    action: str
    value: str
    style: Literal["default", "primary", "danger"]
    url: NotRequired[str]


class FieldView(TypedDict):
    name: str
    value: list[Line]


class ItemView(TypedDict):
    body: list[Line]
    buttons: list[ButtonView]


class PostView(TypedDict):
    """A post of the bot."""

    title: str
    body: list[Line]
    fields: list[FieldView]
    items: list[ItemView]
    buttons: list[ButtonView]
    context: list[Line]
    pings: list[str]  # names to show in front, as @On duty


class Person(TypedDict):
    id: str
    name: str
    kind: Literal["community", "team", "bot", "vigie"]
    locale: str


class ChannelView(TypedDict):
    id: str
    name: str
    topic: str


class ReactionView(TypedDict):
    emoji: str  # what it is called when it is given or taken back
    shown: str
    members: list[str]


class MessageView(TypedDict):
    """One message. Either `text` (somebody wrote it) or `post` (the bot did). A deleted one is taken out."""

    id: str
    channel: str
    thread: str | None  # the id of the thread's root
    author: str
    at: str
    local: str  # Mon 09:18
    text: NotRequired[str]
    post: NotRequired[PostView]
    edited: bool
    reactions: list[ReactionView]
    replies: int  # of a thread's root


class OptionView(TypedDict):
    value: str
    label: str


class InputView(TypedDict):
    name: str
    label: str
    kind: Literal["text", "choice"]
    choices: list[OptionView]
    required: bool
    initial: str


class FormView(TypedDict):
    id: str
    title: str
    submit: str
    inputs: list[InputView]
    value: str


class CommandView(TypedDict):
    """A slash command: `usage` such as `/mentions why LINK`, `complete` what to insert."""

    usage: str
    complete: str
    description: str


class ClockView(TypedDict):
    now: str
    local: str  # Monday 14 September, 09:18
    working: bool
    opens: str | None  # when working time begins next, if it is closed: Monday 14 September, 09:00
    running: bool  # it goes on by itself
    speed: float  # simulated seconds per second


class MentionRow(TypedDict):
    id: str
    asker: str
    channel: str
    message: str
    state: str
    state_label: str
    rule: str  # in words: asks a question
    waited: str  # 12 min
    next: str | None  # in words: the moderators' channel, Monday 09:18


class OccurrenceRow(TypedDict):
    what: str
    when: str


class DeliveryRow(TypedDict):
    key: str
    what: str
    where: str
    state: str
    state_label: str
    when: str


class Panel(TypedDict):
    """What the bot is thinking, read from the store."""

    mentions: list[MentionRow]
    occurrences: list[OccurrenceRow]
    deliveries: list[DeliveryRow]


class PrivateView(TypedDict):
    """A private reply, or a message in the private channel with somebody."""

    private_id: str
    person: str
    channel: str
    private: PostView
    at: str
    local: str


class Hello(TypedDict):
    type: Literal["hello"]
    session: str  # of the server's process: another one means that everything begins anew
    seq: int
    language: str
    texts: dict[str, str]  # every label of the page, by key
    people: list[Person]
    channels: list[ChannelView]
    commands: list[CommandView]
    messages: list[MessageView]  # the latest WINDOW of each channel, oldest first
    older: dict[str, bool]  # channel → whether there are older ones to ask for
    clock: ClockView
    panel: Panel
    replay: NotRequired[ReplayView]
    roles: NotRequired[list[str]]  # names that can be called besides people's: @moderators
    privates: NotRequired[list[PrivateView]]  # the latest private replies of everybody, oldest first


class ReplayView(TypedDict):
    name: str
    playing: bool
    speed: float
    done: float  # 0 to 1


class Change(TypedDict):
    """`kind` tells which of the other keys is there.

    message: posted or changed; deleted: by id; private: a private reply to `person` (dismissible, with buttons);
    form: to fill in, for `person`; clock; panel; replay; typing is never sent.
    """

    type: Literal["change"]
    seq: int
    kind: Literal["message", "deleted", "private", "form", "clock", "panel", "replay"]
    message: NotRequired[MessageView]
    deleted: NotRequired[str]
    person: NotRequired[str]
    channel: NotRequired[str]
    private: NotRequired[PostView]
    private_id: NotRequired[str]  # the same id again replaces the private reply shown before
    at: NotRequired[str]  # of a private reply, like the next
    local: NotRequired[str]
    form: NotRequired[FormView]
    clock: NotRequired[ClockView]
    panel: NotRequired[Panel]
    replay: NotRequired[ReplayView]


class Ack(TypedDict):
    """`error` is a sentence to show when it could not be done. `messages` answers `older`, `options` `complete`."""

    type: Literal["ack"]
    id: str
    error: NotRequired[str]
    messages: NotRequired[list[MessageView]]
    older: NotRequired[bool]
    options: NotRequired[list[OptionView]]


class Request(TypedDict):
    """What the page asks for; `kind` tells which keys it needs.

    say: person, channel, text, thread?        a text that begins with `/` is a command
    edit: person, message, text
    delete: person, message
    react: person, message, emoji, on          on: false takes it back
    press: person, channel, action, value, message?, private_id?
    submit: person, channel, form, value, values
    clock: move (`5m`, `1h`, `9:00`, `monday`), or running
    older: channel, before                     a message id
    complete: person, text                     what was typed so far, with its slash
    language: language                         en or fr: the page and the bot's posts from now on
    restart:                                   everything begins anew
    replay: playing?, speed?
    """

    type: Literal["request"]
    id: str
    kind: Literal[
        "say",
        "edit",
        "delete",
        "react",
        "press",
        "submit",
        "clock",
        "older",
        "complete",
        "language",
        "restart",
        "replay",
    ]
    person: NotRequired[str]
    channel: NotRequired[str]
    thread: NotRequired[str | None]
    message: NotRequired[str]
    text: NotRequired[str]
    emoji: NotRequired[str]
    on: NotRequired[bool]
    action: NotRequired[str]
    value: NotRequired[str]
    private_id: NotRequired[str]
    form: NotRequired[str]
    values: NotRequired[dict[str, str]]
    move: NotRequired[str]
    running: NotRequired[bool]
    before: NotRequired[str]
    language: NotRequired[str]
    playing: NotRequired[bool]
    speed: NotRequired[float]


WINDOW = 200
"""Messages of a channel that a page gets at first; older ones when it scrolls there."""
