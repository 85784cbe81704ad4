"""What a community's people decided, ready to use: plain values, nothing left to parse, look up or check.

`bot.config` makes these from the configuration file. Nothing here is validated again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from bot.holidays import Holidays
from bot.mentions.worktime import WorkingHours

OFFICE_HOURS: Final = ("mon-fri 09:00-18:00",)


class Mode(StrEnum):
    """Which messages in a watched channel await the team."""

    PINGS = "pings"  # those that address it: the bot, a member or role of the team, a brand keyword
    QUESTIONS = "questions"  # those, and questions or calls for help to nobody else in particular
    EVERYTHING = "everything"  # those, and any conversation that someone outside opens


class Outsiders(StrEnum):
    """What a reply by someone else outside the team does to a mention."""

    IGNORE = "ignore"
    HOLD = "hold"  # the clock stands still for a while
    COUNT = "count"  # it is an answer


class Target(StrEnum):
    """Whom a step of the ladder nudges."""

    CHANNEL = "channel"  # the moderators' channel, pinging nobody
    ON_DUTY = "on_duty"  # the moderators' channel, pinging the role or user group on duty
    LEAD = "lead"  # the lead, in private


@dataclass(frozen=True, slots=True)
class Step:
    """After so much working time without an answer, nudge this target."""

    after: timedelta
    to: Target


LADDER: Final = (
    Step(timedelta(minutes=30), Target.CHANNEL),
    Step(timedelta(hours=2), Target.ON_DUTY),
    Step(timedelta(hours=8), Target.LEAD),
)

# A reaction's name as each platform tells it: Slack's word, Discord's character. Eyes and thumbs are left out on
# purpose: they say that somebody looked or agrees, and the asker still waits.
CHECK_MARKS: Final = ("white_check_mark", "heavy_check_mark", "ballot_box_with_check", "✅", "✔", "☑")


def emoji_key(name: str) -> str:
    """A reaction's name without what varies between people and clients: colons, skin tone, variation selector."""
    word = name.strip().strip(":").partition("::")[0]
    return "".join(char for char in word if char != "\N{VARIATION SELECTOR-16}" and not "🏻" <= char <= "🏿")


@dataclass(frozen=True, slots=True)
class TeamSettings:
    """Who the team is, beyond what the platform tells. `lead` is a member's id, `on_duty` a role's or user group's."""

    members: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    admins: tuple[str, ...] = ()
    lead: str | None = None
    on_duty: str | None = None


@dataclass(frozen=True, slots=True)
class TipSettings:
    """The daily tip; without a channel there is none. Days count from Monday, 0."""

    channel: str | None = None
    at: time = time(9)
    days: frozenset[int] = frozenset(range(5))
    catch_up: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class MentionSettings:
    """What is watched and who is nudged. `ladder` rises strictly; `hold` and `claim` are working time.

    Keywords are case-folded, reactions are `emoji_key`s.
    """

    channel: str | None = None
    watch: Mapping[str, Mode] = field(default_factory=lambda: MappingProxyType({}))
    keywords: tuple[str, ...] = ()
    answer_reactions: frozenset[str] = frozenset(CHECK_MARKS)
    solved_reactions: frozenset[str] = frozenset(CHECK_MARKS)
    outsiders: Outsiders = Outsiders.IGNORE
    hold: timedelta = timedelta(hours=4)
    claim: timedelta = timedelta(hours=2)
    digest: int = 4
    ladder: tuple[Step, ...] = LADDER


_FROM_THE_ZONE: Final[Any] = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything decided for one community. Hours that are left out are office hours in `zone`, minus `holidays`."""

    language: str = "en"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    holidays: Holidays = field(default_factory=Holidays)
    hours: WorkingHours = _FROM_THE_ZONE
    team: TeamSettings = field(default_factory=TeamSettings)
    tips: TipSettings = field(default_factory=TipSettings)
    mentions: MentionSettings = field(default_factory=MentionSettings)

    def __post_init__(self) -> None:
        if cast("WorkingHours | None", self.hours) is None:
            object.__setattr__(self, "hours", WorkingHours.parse(OFFICE_HOURS, self.zone, self.holidays))


def within_reach(ladder: tuple[Step, ...], team: TeamSettings, channel: str | None) -> tuple[Step, ...]:
    """The steps whose target exists: somebody on duty or a lead was named, and there is a channel to speak in."""
    known = {Target.CHANNEL: channel, Target.ON_DUTY: channel and team.on_duty, Target.LEAD: team.lead}
    return tuple(step for step in ladder if known[step.to])
