"""The words of the product as plain data. Ids are `str`, instants are aware and in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType

from bot.making import value

Platform = NewType("Platform", str)
"""The name under which an adapter is configured; the core compares it and never looks behind it."""


@value(frozen=True, slots=True, order=True)
class Community:
    """A Slack workspace (id: `enterprise:team` or `team`) or a Discord guild."""

    platform: Platform
    id: str

    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Community:
        """The opposite of `str()`; `ValueError` when there is no colon."""
        platform, colon, id_ = text.partition(":")
        if not (platform and colon and id_):
            raise ValueError(f"{text!r} is not a community: expected PLATFORM:ID, such as slack:T0123ABCD")
        return cls(Platform(platform), id_)


@value(frozen=True, slots=True)
class Place:
    """Where something is said: a channel of a community, and the thread in it if any."""

    community: Community
    channel: str
    thread: str | None = None

    @property
    def flat(self) -> Place:
        """The channel itself."""
        return self if self.thread is None else replace(self, thread=None)


@value(frozen=True, slots=True)
class MessageRef:
    """One message. A platform's message id is unique only within its channel, so the place belongs to it."""

    place: Place
    id: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Equal for one message however it was reached, inside its thread or from the channel."""
        return (str(self.place.community), self.place.channel, self.id)


@value(frozen=True, slots=True)
class Member:
    """An account in a community, as far as an event tells.

    `home` is false for an account of another organisation (Slack Connect); `bot` is true for bots, apps and webhooks.
    """

    community: Community
    id: str
    name: str = ""
    bot: bool = False
    home: bool = True
    roles: frozenset[str] = frozenset()
    locale: str | None = None


class PingKind(StrEnum):
    MEMBER = "member"
    ROLE = "role"
    REPLY = "reply"  # a platform that pings the author replied to
    EVERYONE = "everyone"


@value(frozen=True, slots=True)
class Ping:
    """Somebody called by name; `leading` when the message begins with it, as one begins when speaking *to* somebody."""

    kind: PingKind
    id: str
    leading: bool = False


@dataclass(frozen=True, slots=True)
class Reaction:
    emoji: str
    member: str


class MessageKind(StrEnum):
    NORMAL = "normal"
    SYSTEM = "system"  # joins, pins, topic changes: nobody said anything


@value(frozen=True, slots=True)
class Message:
    """What somebody said. `text` lives in memory only, with pings written as `@name`, entities decoded, no markup.

    `reactions` are those known when the message was fetched; live ones come as events of their own.
    """

    ref: MessageRef
    author: Member
    at: datetime
    text: str
    pings: tuple[Ping, ...] = ()
    reply_to: str | None = None
    kind: MessageKind = MessageKind.NORMAL
    attachments: int = 0
    reactions: tuple[Reaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """Who looks after a community: its members, the roles or user groups that make one of it, and the bot itself.

    `unread` are roles whose members could not be asked for; `members` has those who were known to have them before.
    """

    me: str
    members: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()

    def has(self, member: Member) -> bool:
        return member.home and not member.bot and (member.id in self.members or not self.roles.isdisjoint(member.roles))


class MentionState(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    SNOOZED = "snoozed"
    ANSWERED = "answered"
    DISMISSED = "dismissed"
    GONE = "gone"

    @property
    def waits(self) -> bool:
        return self in _WAITING


_WAITING = (MentionState.OPEN, MentionState.CLAIMED, MentionState.SNOOZED)


@dataclass(frozen=True)  # no slots, for `bot.copying`
class Mention:
    """A message by someone outside that awaits the team.

    The clock counts working time: `waited` had passed when it was last (re)started, at `since`, which lies in the
    future while the clock is held. `step` is the ladder's next step; `due_at` the instant at which anything may have
    to happen, `None` when nothing is to come. `version` grows with every change that was saved.
    """

    id: str
    ref: MessageRef
    asker: str
    opened_at: datetime
    rule: str
    state: MentionState = MentionState.OPEN
    since: datetime = field(kw_only=True)
    waited: timedelta = timedelta(0)
    step: int = 0
    due_at: datetime | None = None
    latest: str = ""
    latest_at: datetime = field(kw_only=True)
    claimed_by: str | None = None
    until: datetime | None = None  # a claim's expiry, a snooze's end
    closed_at: datetime | None = None
    closed_by: str | None = None
    closing_rule: str | None = None
    first_answer_at: datetime | None = None
    worked: timedelta | None = None  # working time from opening to the first answer
    told_by: str | None = None  # key of the delivery that is its living nudge
    version: int = 0

    @property
    def place(self) -> Place:
        return self.ref.place

    @property
    def community(self) -> Community:
        return self.ref.place.community


class Verdict(StrEnum):
    """What a decision did to a mention."""

    OPENED = "opened"
    HELD = "held"
    CLAIMED = "claimed"
    RELEASED = "released"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    NUDGED = "nudged"
    ANSWERED = "answered"
    DISMISSED = "dismissed"
    GONE = "gone"


@value(frozen=True, slots=True)
class Decision:
    """One line of a mention's history: what was decided, by which rule, because of whom. Never a message's text."""

    mention: str
    at: datetime
    verdict: Verdict
    rule: str
    member: str | None = None
    message: str | None = None
    reasons: tuple[str, ...] = ()


class DeliveryKind(StrEnum):
    TIP = "tip"
    NUDGE = "nudge"
    DIGEST = "digest"
    LOOK = "look"  # an edit: the message that an earlier delivery made is to look as things are now
    SHARE = "share"
    NOTICE = "notice"  # something an admin should mend


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"  # committed just before the platform is called: from here on it may have got out
    SENT = "sent"
    CANCELLED = "cancelled"  # the reason no longer held when it was about to be sent
    FOLDED = "folded"  # said by a digest instead
    FAILED = "failed"


@dataclass(frozen=True)  # no slots, for `bot.copying`
class Delivery:
    """The committed intention to say something once, and how that went.

    `subject` holds ids and figures that `compose` turns into a Post when it is sent, never a text. A `place` whose
    channel is `@ID` is the private channel with that member, found when sending. `due_at` of a SENDING one is when it
    is to be looked up.
    """

    key: str
    kind: DeliveryKind
    place: Place
    subject: Mapping[str, str | int | list[str]]
    due_at: datetime
    state: DeliveryState = DeliveryState.PENDING
    created_at: datetime = field(kw_only=True)
    attempts: int = 0
    revision: int = 0  # of what is to be said: grows when a LOOK is asked for again
    leased_by: str | None = None
    leased_until: datetime | None = None
    tried_at: datetime | None = None  # since when it may be out; None while it surely is not
    sent_at: datetime | None = None
    sent_ref: MessageRef | None = None
    problem: str | None = None


class OccurrenceState(StrEnum):
    TOLD = "told"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Settled:
    """One (schedule, local date) that happened or was passed over: once, ever."""

    schedule: str
    local_date: str
    instant: datetime
    state: OccurrenceState
    slug: str | None = None


@value(frozen=True, slots=True)
class Cursor:
    """How far a place was read: `after` is the last message handled there."""

    place: Place
    after: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """What a copy that does not judge was told by a platform, kept for the one that does: ids and instants, no text.

    `box` is whose lease the reader has to hold; `member` is whom it is about, should they want to be forgotten.
    """

    box: str
    community: Community
    member: str
    body: Mapping[str, Any]
    at: datetime
    number: int = 0  # given by the store


@dataclass(frozen=True, slots=True)
class Wait:
    """A figure of how one mention fared; `None` while nobody of the team has answered, `step` as in Mention."""

    channel: str
    rule: str
    opened_at: datetime
    state: MentionState
    step: int
    wall: timedelta | None
    worked: timedelta | None
    closing_rule: str | None = None


class Severity(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `vigie check`: what was looked at, how it stands, and what to do about it."""

    subject: str
    severity: Severity
    message: str
    fix: str = ""
