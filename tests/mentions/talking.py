"""Small words for long scenes: who says what, and what a judge makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from bot.mentions.judge import Change, Judge
from bot.mentions.room import Room, listen
from bot.mentions.worktime import WorkingHours
from bot.model import (
    Community,
    Member,
    Mention,
    Message,
    MessageKind,
    MessageRef,
    Ping,
    PingKind,
    Place,
    Platform,
    Reaction,
    Team,
)
from bot.settings import MentionSettings, Mode, Settings

HERE = Community(Platform("fake"), "C1")
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TEAM = Team(me="VIGIE", members=frozenset({"malo", "ruth"}), roles=frozenset({"HELPERS"}))
ALWAYS = WorkingHours.parse("always", ZoneInfo("UTC"))


def member(name: str, *, bot: bool = False, home: bool = True, roles: Iterable[str] = ()) -> Member:
    return Member(HERE, name, name.title(), bot=bot, home=home, roles=frozenset(roles))


def ping(name: str, *, leading: bool = True) -> Ping:
    return Ping(PingKind.MEMBER, name, leading)


ROLE = Ping(PingKind.ROLE, "HELPERS")
EVERYONE = Ping(PingKind.EVERYONE, "here")


@dataclass
class Scene:
    """One channel and its judge; every message comes a minute after the last unless said otherwise."""

    mode: Mode = Mode.QUESTIONS
    settings: Settings | None = None
    keywords: tuple[str, ...] = ()
    at: datetime = START
    ids: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        settings = self.settings or Settings(hours=ALWAYS)
        mentions = replace(settings.mentions, keywords=self.keywords) if self.keywords else settings.mentions
        self.judge = Judge(replace(settings, mentions=mentions), TEAM)
        self.room = Room("support", self.mode)

    def message(self, who: str | Member, text: str, *pings: Ping, **more: object) -> Message:
        thread = more.pop("thread", None)
        kind = more.pop("kind", MessageKind.NORMAL)
        author = who if isinstance(who, Member) else member(who)
        ref = MessageRef(Place(HERE, "support", thread), str(next(self.ids)))  # type: ignore[arg-type]
        return Message(ref, author, self.at, text, pings, kind=kind, **more)  # type: ignore[arg-type]

    def say(self, who: str | Member, text: str, *pings: Ping, after: float = 1, **more: object) -> list[Change]:
        """Somebody says something `after` minutes; what it changed is applied to the room."""
        self.at += timedelta(minutes=after)
        message = self.message(who, text, *pings, **more)
        heard = listen(message, TEAM, self.room)
        changes = self.judge.post(message, heard, self.room)
        self.apply(changes)
        self.room.hear(heard)
        self.last = message
        return changes

    def apply(self, changes: list[Change]) -> None:
        for change in changes:
            self.room.keep(change.mention, *([change.message.id] if change.message else []))
            if change.left:
                self.room.release(change.left.id)

    def waiting(self) -> list[Mention]:
        return [waiting.mention for waiting in self.room.waiting.values()]

    def askers(self) -> list[str]:
        return [mention.asker for mention in self.waiting()]


def rules(changes: list[Change]) -> list[str]:
    """The rules of the decisions that were made."""
    return [change.decision.rule for change in changes if change.decision]


__all__ = [
    "ALWAYS",
    "EVERYONE",
    "HERE",
    "ROLE",
    "START",
    "TEAM",
    "MentionSettings",
    "Reaction",
    "Scene",
    "member",
    "ping",
    "rules",
]
