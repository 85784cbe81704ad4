"""Who lives in the sandbox, where they talk, and what their community decided."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.model import Community, Member, Platform, Team
from bot.settings import LADDER, MentionSettings, Mode, Settings, TeamSettings, TipSettings, within_reach
from bot.texts import later

PLATFORM = Platform("sandbox")

ME = "vigie"
"""The id of the bot itself."""

MODERATORS = "moderators"

START = datetime(2026, 9, 11, 6, 55, tzinfo=UTC)
"""A Friday, 8:55 in Paris: just before the tip, and early enough for a question to be answered before the weekend."""

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Channel:
    """`topic` is a text of the catalogue, looked up where it is shown."""

    id: str
    name: str
    topic: str = ""


@dataclass(frozen=True)
class Scene:
    """A community at the moment at which a page first sees it.

    `roles` are ids to the ids of those who have them; a role is called by its id. The language of `settings` is not
    decided here.
    """

    community: Community
    people: Mapping[str, Member]
    channels: Mapping[str, Channel]
    team: Team
    settings: Settings
    start: datetime
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def member(self, id_: str, locale: str | None = None) -> Member:
        """Somebody as an event tells of them. `KeyError` for a stranger."""
        known = self.people[id_]
        roles = frozenset(role for role, members in self.roles.items() if id_ in members)
        return Member(known.community, id_, known.name, known.bot, known.home, known.roles | roles, locale)

    def name(self, id_: str) -> str:
        known = self.people.get(id_)
        return (known.name if known else "") or id_

    @cached_property
    def called(self) -> dict[str, tuple[str, str]]:
        """What may follow an `@`, as `folded` writes it: to `member`, `role` or `everyone`, and whose id that is."""
        words = {word: ("everyone", word) for word in ("everyone", "here", "channel")}
        members = {folded(member.name): ("member", id_) for id_, member in self.people.items() if member.name}
        return words | members | {folded(role): ("role", role) for role in self.roles}


def folded(text: str) -> str:
    """`text` without accents and capitals, each character in its place."""
    return "".join(unicodedata.normalize("NFD", char)[0].lower()[0] for char in text)


def demo_scene() -> Scene:
    """The made-up community: three channels, two people of it, two moderators, another bot, and us."""
    community = Community(PLATFORM, "demo")
    people = [
        Member(community, "ada", "Ada"),
        Member(community, "karim", "Karim"),
        Member(community, "ines", "Inès"),
        Member(community, "malo", "Malo"),
        Member(community, "forge", "Forge", bot=True),
        Member(community, ME, "Vigie", bot=True),
    ]
    channels = [
        Channel("general", "general", later("Everything and nothing; Vigie looks up when it is called")),
        Channel("support", "support", later("Questions; Vigie sees to it that each gets an answer")),
        Channel("team", "team", later("Those who look after this community; tips and nudges come here")),
    ]
    moderators = frozenset({"ines", "malo"})
    return Scene(
        community,
        {member.id: member for member in people},
        {channel.id: channel for channel in channels},
        Team(me=ME, members=moderators, roles=frozenset({MODERATORS})),
        Settings(
            zone=PARIS,
            team=TeamSettings(moderators, frozenset({MODERATORS}), admins=("ines",), lead="ines", on_duty=MODERATORS),
            tips=TipSettings(channel="team"),
            mentions=MentionSettings(channel="team", watch={"general": Mode.PINGS, "support": Mode.QUESTIONS}),
        ),
        START,
        {MODERATORS: moderators},
    )


def replayed_scene(
    community: Community,
    people: Iterable[Member],
    channels: Mapping[str, str],
    team: Iterable[str],
    start: datetime,
) -> Scene:
    """The community of a history: every channel of it is watched, and one is added for what the bot has to say."""
    known = {member.id: member for member in people}
    looking_after = frozenset(team)
    decided = TeamSettings(looking_after, on_duty=MODERATORS)
    ours = _unused("vigie", {*channels, *channels.values()})
    topic = later("Where Vigie would speak to the team; not part of the history")
    named = sorted(channels.items(), key=lambda channel: channel[1].casefold())
    return Scene(
        community,
        known | {ME: Member(community, ME, "Vigie", bot=True)},
        {id_: Channel(id_, name) for id_, name in named} | {ours: Channel(ours, ours, topic)},
        Team(me=ME, members=looking_after, roles=frozenset({MODERATORS})),
        Settings(
            zone=PARIS,
            team=decided,
            tips=TipSettings(channel=ours),
            mentions=MentionSettings(
                channel=ours,
                watch=dict.fromkeys(sorted(channels), Mode.QUESTIONS),
                ladder=within_reach(LADDER, decided, ours),
            ),
        ),
        start,
        {MODERATORS: looking_after},
    )


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "-bot"
    return name
