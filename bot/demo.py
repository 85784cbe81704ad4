"""The three jobs as a short story for a terminal: an imaginary community, a simulated clock, and the real bot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from bot import looks
from bot.events import ActionTaken, CommandInvoked, Connected, Event, MessagePosted, Private
from bot.markup import Markup, plain
from bot.model import Community, Member, Message, MessageRef, Place
from bot.post import Post
from bot.settings import LADDER, MentionSettings, Mode, Settings, TeamSettings, TipSettings, within_reach
from bot.texts import Texts, later, texts

if TYPE_CHECKING:
    from rich.console import Console

    from bot.app import Bot
    from bot.clock import SimulatedClock
    from bot.report import Report
    from bot.simulation import Simulation

TEAM, SUPPORT, MODERATORS = "team", "support", "moderators"

FRIDAY = datetime(2026, 9, 11, 6, 55, tzinfo=UTC)
"""8:55 in Paris."""

Remember = Callable[[Event], None]
"""How the chat is told what people wrote, before the bot hears of it."""


def settings(language: str, zone: ZoneInfo) -> Settings:
    """What the imaginary community decided."""
    return Settings(
        language=language,
        zone=zone,
        tips=TipSettings(channel=TEAM),
        mentions=MentionSettings(
            channel=MODERATORS,
            watch={SUPPORT: Mode.QUESTIONS},
            ladder=within_reach(LADDER, TeamSettings(), MODERATORS),
        ),
    )


class Said(NamedTuple):
    """What the bot said or, when `edited`, made to look anew."""

    at: datetime
    channel: str
    post: Post
    edited: bool


@dataclass(slots=True)
class Stage:
    """What the story plays on: the bot, its clock, and the terminal.

    What the bot says is noted while it is being delivered and shown afterwards: a terminal that fails is no platform
    that fails, and must not make it try again.
    """

    bot: Bot
    clock: SimulatedClock
    simulation: Simulation
    community: Community
    console: Console
    speak: Texts
    zone: ZoneInfo
    said: list[Said] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)

    def heading(self, text: str) -> None:
        self.console.print()
        self.console.rule(self.speak.t(text), align="left", style="cyan")

    def tell(self, line: str, **values: object) -> None:
        """A line of the story, after the day and time in the community."""
        self._line(self.clock.now(), self.speak.t(line, **values))

    def posted(self, place: Place, post: Post) -> None:
        """The bot said something in a channel."""
        self.said.append(Said(self.clock.now(), place.channel, post, edited=False))

    def edited(self, place: Place, post: Post) -> None:
        """The bot made what it had said look anew."""
        self.said.append(Said(self.clock.now(), place.channel, post, edited=True))

    async def move_to(self, instant: datetime) -> None:
        await self.simulation.move_to(instant)
        self._show_said()

    async def hear(self, event: Event) -> None:
        """Something happens; the bot does and answers what it has to at that very instant."""
        reply = await self.bot.handle(event)
        if isinstance(reply, Private):
            # The beginning will do: a tip was shown whole just before.
            body, _, _ = reply.post.body.partition("\n\n")
            self._box(replace(reply.post, body=Markup(body)), self.speak.t("Vigie, to you alone"))
        await self.simulation.settle()
        self._show_said()

    def _show_said(self) -> None:
        """The first post in a channel is shown whole; of later ones and of edits, what is new."""
        t = self.speak.t
        for at, channel, post, edited in self.said:
            if edited:
                how = plain(post.context)
                self._line(at, t("Vigie edits its message: {said}. {how}.", said=post.title, how=how))
            elif channel in self.shown:
                self._line(at, t("Vigie writes in #{channel}: {said}", channel=channel, said=post.title))
            else:
                self._box(post, f"{self._time(at)}  Vigie → #{channel}")
            self.shown.add(channel)
        self.said.clear()

    def _line(self, at: datetime, text: str) -> None:
        from rich.table import Table
        from rich.text import Text

        # A grid, so that a second line does not run under the time.
        row = Table.grid(padding=(0, 2))
        row.add_row(Text(self._time(at), "bold cyan"), Text(text))
        self.console.print(row)

    def _box(self, post: Post, title: str) -> None:
        from rich.panel import Panel
        from rich.text import Text

        text = Text.assemble((post.title, "bold"), "\n", looks.as_text(replace(post, title="")))
        self.console.print(Panel(text, title=Text(title), title_align="left", border_style="green", width=88))

    def _time(self, at: datetime) -> str:
        """Fri 17:48, in the community's zone."""
        from babel.dates import format_datetime

        return format_datetime(at, "EEE HH:mm", tzinfo=self.zone, locale=self.speak.language)


async def tell(stage: Stage, remember: Remember) -> None:
    """The story, from a Friday morning before the tip to the Monday after."""
    await stage.hear(Connected(stage.community))
    stage.heading(later("1. One good practice a day"))
    await stage.move_to(FRIDAY + timedelta(minutes=30))
    await _advice(stage)
    await _unanswered(stage, remember)


async def _advice(stage: Stage) -> None:
    stage.heading(later("2. Advice when you need it"))
    malo = _member(stage, "U0MALO", "Malo")
    query = stage.speak.t("someone is being rude")
    stage.tell(later("Malo types /tip {query}"), query=query)
    place = Place(stage.community, TEAM)
    await stage.hear(CommandInvoked(place, malo, "tip", query, stage.clock.now()))


async def _unanswered(stage: Stage, remember: Remember) -> None:
    stage.heading(later("3. Nobody is left waiting"))
    speak, malo = stage.speak, _member(stage, "U0MALO", "Malo")
    await stage.move_to(stage.clock.now().replace(hour=15, minute=48))
    question = MessageRef(Place(stage.community, SUPPORT), "1")
    text = speak.t("Hello! Can the till work offline? Our café has terrible wifi.")
    stage.tell(later("Femi writes in #support: {said}"), said=text)
    await stage.hear(_says(stage, question, _member(stage, "U0FEMI", "Femi"), text, remember))
    stage.tell(later("The team's working day ends at 18:00. Nothing is sent at night or during the weekend."))
    await stage.move_to(stage.clock.now() + timedelta(days=2, hours=15, minutes=30))
    (mention,) = (w.mention for w in stage.bot.watches[stage.community].rooms[SUPPORT].waiting.values())
    stage.tell(later("Malo presses Claim, so that everybody sees who takes care of it."))
    nudge = MessageRef(Place(stage.community, MODERATORS), "nudge")
    await stage.hear(ActionTaken(nudge.place, malo, "mention.claim", mention.id, stage.clock.now(), nudge))
    await stage.move_to(stage.clock.now() + timedelta(minutes=9))
    answer = MessageRef(Place(stage.community, SUPPORT, thread="1"), "2")
    text = speak.t("Partly: sales are kept and sent later.")
    stage.tell(later("Malo answers in the thread: {said}"), said=text)
    await stage.hear(_says(stage, answer, malo, text, remember))
    await stage.move_to(stage.clock.now() + timedelta(seconds=5))


def closing(report: Report, console: Console) -> None:
    """What the same bot makes of a real history, and how to show it one's own."""
    speak = texts(report.question.language)
    console.print()
    console.rule(speak.t("And in your own history"), align="left", style="cyan")
    console.print(speak.t("Five days of a small chat that ships with Vigie, through `vigie backtest`:"), markup=False)
    report.show(console, longest=3)
    console.print()
    console.print(
        speak.t("With an export of your own Slack or Discord: vigie backtest EXPORT --team ID,ID"), markup=False
    )


def _says(stage: Stage, ref: MessageRef, author: Member, text: str, remember: Remember) -> MessagePosted:
    posted = MessagePosted(Message(ref, author, stage.clock.now(), text))
    remember(posted)
    return posted


def _member(stage: Stage, id_: str, name: str) -> Member:
    return Member(stage.community, id_, name, locale=stage.speak.language)
