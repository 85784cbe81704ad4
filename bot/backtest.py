"""What Vigie would have done: an export fed to the core on a simulated clock, and what became of every mention."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappush, heappushpop
from zoneinfo import ZoneInfo

from bot.app import Bot
from bot.compose import Voice
from bot.delivery import Say
from bot.events import Connected, Event, MessageDeleted, MessageEdited, MessagePosted, ReactionAdded, ReactionRemoved
from bot.insight.figures import Spread, spread
from bot.mentions.worktime import WorkingHours
from bot.model import Community, Delivery, DeliveryKind, Mention, MentionState, Message, Ping
from bot.ports import Store, Transaction
from bot.post import Post
from bot.settings import LADDER, MentionSettings, Mode, Outsiders, Settings, Step, Target, TeamSettings, within_reach
from bot.simulation import Simulation
from bot.steps import mentions_of
from bot.watch import Watch

MODERATORS = "moderators"
"""The channel of an export in which the bot would have spoken: no real one."""

LONGEST = 10
"""How many of those who waited longest are told."""

DAY = timedelta(days=1)
WEEK = timedelta(days=7)

PATIENCE = timedelta(days=30)
"""Somebody not heard of for so long counts as never answered: an answer later than that helps nobody, and those who
wait in vain must not pile up in memory over the years of an export.
"""

GIVEN_UP = "given-up"

LAST_YEAR = 9000
"""A later instant is a damaged file's: what is counted on from it would fall off the calendar."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of an export: under which settings would what have happened?

    `after` is a ladder of one step in the moderators' channel; None stands for the default ladder's first step.
    `channels` are ids or names; None is all of them.
    """

    mode: Mode = Mode.QUESTIONS
    hours: WorkingHours | None = None
    zone: ZoneInfo = ZoneInfo("UTC")
    after: timedelta | None = None
    outsiders: Outsiders = Outsiders.IGNORE
    channels: tuple[str, ...] | None = None
    language: str = "en"

    @property
    def around_the_clock(self) -> bool:
        """Whether working time is all of time."""
        return self.hours is None or all(day == ((0, 1440),) for day in self.hours.week)

    def settings(self, channels: Iterable[str]) -> Settings:
        """The settings of the community, all the channels given being watched."""
        steps = (Step(self.after, Target.CHANNEL),) if self.after else LADDER
        team = TeamSettings()
        return Settings(
            language=self.language,
            zone=self.zone,
            hours=self.hours or WorkingHours.parse("always", self.zone),
            team=team,
            mentions=MentionSettings(
                channel=MODERATORS,
                watch=dict.fromkeys(sorted(channels), self.mode),
                outsiders=self.outsiders,
                ladder=within_reach(steps, team, MODERATORS),
            ),
        )


@dataclass(frozen=True, slots=True)
class Nudged:
    """A nudge that would have been sent, and the message it was about."""

    channel: str
    ts: str
    user: str
    rule: str
    nudged_at: datetime


@dataclass(frozen=True, slots=True, order=True)
class Waited:
    """How long (seconds of working time) somebody waited; `answered` tells whether anybody came."""

    seconds: float
    channel: str
    ts: str
    user: str
    opened_at: datetime
    answered: bool


@dataclass(slots=True)
class Tally:
    """What became of the mentions, in memory that grows by a number for each answer and no more."""

    in_time: timedelta
    messages: int = 0
    opened: int = 0
    answered_in_time: int = 0
    answered_late: int = 0
    solved_by_asker: int = 0
    never: int = 0
    gone: int = 0
    worked: array[float] = field(default_factory=lambda: array("d"))
    wall: array[float] = field(default_factory=lambda: array("d"))
    longest: list[Waited] = field(default_factory=list)
    rules: dict[str, int] = field(default_factory=dict)

    def see(self, mention: Mention) -> None:
        """A mention was stored."""
        if mention.version == 0:
            self.opened += 1
            self.rules[mention.rule] = self.rules.get(mention.rule, 0) + 1
        if mention.state.waits or mention.closing_rule == GIVEN_UP:
            return
        if mention.state is not MentionState.ANSWERED:
            self.gone += 1
        elif mention.worked is None or mention.first_answer_at is None:
            self.solved_by_asker += 1
        else:
            self.worked.append(mention.worked.total_seconds())
            self.wall.append((mention.first_answer_at - mention.opened_at).total_seconds())
            if mention.worked <= self.in_time:
                self.answered_in_time += 1
            else:
                self.answered_late += 1
            self._wait(mention, mention.worked, answered=True)

    def give_up(self, mention: Mention, waited: timedelta) -> None:
        """Nobody answered, to the end of the export or of our patience."""
        self.never += 1
        self._wait(mention, waited, answered=False)

    def first_answers(self) -> tuple[Spread | None, Spread | None]:
        """Working time and wall time until the first answer."""
        worked, wall = ([timedelta(seconds=s) for s in seconds] for seconds in (self.worked, self.wall))
        return spread(worked), spread(wall)

    def _wait(self, mention: Mention, waited: timedelta, *, answered: bool) -> None:
        where = (mention.place.channel, mention.ref.id, mention.asker, mention.opened_at)
        entry = Waited(waited.total_seconds(), *where, answered)
        push = heappush if len(self.longest) < LONGEST else heappushpop
        push(self.longest, entry)


class Witness(Voice):
    """The bot's voice, noting which message each nudge is about. It is not put into words, which nobody would read."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot)
        self.nudges: list[Nudged] = []
        self._clock = bot.clock

    def nudge(
        self,
        mention: Mention,
        message: Message | None,  # noqa: ARG002  # the voice's
        delivery: Delivery,
        watch: Watch,  # noqa: ARG002
        told: Delivery | None,  # noqa: ARG002
        pings: tuple[Ping, ...],  # noqa: ARG002
    ) -> Say:
        return Say(Post(), delivery.place, (mention.id,))

    async def sent(self, tx: Transaction, delivery: Delivery) -> None:
        await super().sent(tx, delivery)
        if delivery.kind not in (DeliveryKind.NUDGE, DeliveryKind.DIGEST):
            return
        for mention_id in mentions_of(delivery):
            mention = await tx.mention(mention_id)
            if mention is not None:
                self.nudges.append(
                    Nudged(mention.place.channel, mention.ref.id, mention.asker, mention.rule, self._clock.now())
                )


class Backtest:
    """Feeds events to a bot in the order of their instants, and counts what becomes of the mentions."""

    def __init__(self, bot: Bot, simulation: Simulation, store: Store, community: Community, tally: Tally) -> None:
        self._bot = bot
        self._simulation = simulation
        self._store = store
        self._community = community
        self._tally = tally
        self._purge_at = bot.clock.now()
        bot.stored = tally.see

    async def run(self, events: Iterator[Event]) -> None:
        """Live through the export, and then count who waits in vain at its end."""
        handle = self._bot.handle
        await handle(Connected(self._community))
        tidy = self._bot.clock.now() + DAY
        for event in events:
            at = event.message.at if type(event) is MessagePosted else instant(event)
            if at is None or at.year > LAST_YEAR:
                continue
            if not self._simulation.passes(at):
                await self._simulation.move_to(at)
            await handle(event)
            if type(event) is MessagePosted:
                self._tally.messages += 1
            if at >= tidy:
                tidy = at + DAY
                await self._tidy(at)
        await self._give_up(await self._waiting(), self._bot.clock.now())

    async def _tidy(self, now: datetime) -> None:
        """Forget what is over, so that a long export takes no more memory than a short one."""
        long_ago = now - PATIENCE
        oldest = await self._waiting(1)
        if oldest and oldest[0].opened_at < long_ago:
            lost = [mention for mention in await self._waiting() if mention.latest_at < long_ago]
            await self._give_up(lost, now)
            if lost:
                watch = await self._bot.watch(self._community)
                await watch.commit([watch.judge.gone(mention, now, GIVEN_UP) for mention in lost])
        if now >= self._purge_at:
            self._purge_at = now + WEEK
            async with self._store.begin() as tx:
                await tx.purge(now - DAY)

    async def _waiting(self, limit: int | None = None) -> list[Mention]:
        async with self._store.begin() as tx:
            return await tx.waiting(self._community, limit)

    async def _give_up(self, mentions: list[Mention], now: datetime) -> None:
        hours = (await self._bot.watch(self._community)).settings.hours
        for mention in mentions:
            self._tally.give_up(mention, hours.between(mention.opened_at, now))


def instant(event: Event) -> datetime | None:
    """When an event of an export happened."""
    match event:
        case MessagePosted(message):
            return message.at
        case MessageEdited(_, at) | MessageDeleted(_, at) | ReactionAdded(_, _, _, at) | ReactionRemoved(_, _, _, at):
            return at
    return None
