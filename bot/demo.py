"""The three jobs as a short story for a terminal: an imaginary community, a simulated clock, and the real bot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot import looks
from bot.events import ActionTaken, CommandInvoked, Connected, Event, MessagePosted, Private, Reply
from bot.model import Community, Member, Message, MessageRef, Place
from bot.post import Post
from bot.settings import LADDER, MentionSettings, Mode, Settings, TeamSettings, TipSettings, within_reach
from bot.texts import Texts, later

if TYPE_CHECKING:
    from rich.console import Console

    from bot.app import Bot
    from bot.clock import SimulatedClock
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


@dataclass(slots=True)
class Stage:
    """What the story plays on: the bot, its clock, and the terminal."""

    bot: Bot
    clock: SimulatedClock
    simulation: Simulation
    community: Community
    console: Console
    speak: Texts
    zone: ZoneInfo

    def tell(self, line: str, **values: object) -> None:
        """A line of the story, after the time of day in the community."""
        self.console.print()
        self._time()
        self.console.print(self.speak.t(line, **values), markup=False)

    def heading(self, text: str) -> None:
        self.console.print()
        self.console.rule(self.speak.t(text), align="left", style="cyan")

    def show(self, post: Post, where: str, *, private: bool = False) -> None:
        """A post of the bot, as a box."""
        from rich.markup import escape
        from rich.panel import Panel

        title = self.speak.t("Vigie, to you alone") if private else f"Vigie → #{where}"
        body = f"[bold]{escape(post.title)}[/bold]\n{escape(looks.as_text(replace(post, title='')))}"
        self.console.print(
            Panel(body, title=title, title_align="left", border_style="green", width=88, highlight=False)
        )

    def posted(self, place: Place, post: Post) -> None:
        """The bot said something, or edited what it had said, in a channel."""
        self.console.print()
        self._time()
        self.console.print()
        self.show(post, place.channel)

    def _time(self) -> None:
        now = self.clock.now()
        day = self.speak.day(now.astimezone(self.zone).date())
        self.console.print(f"{day} {self.speak.clock(now, self.zone)}  ", style="bold cyan", end="")

    async def hear(self, event: Event) -> Reply | None:
        reply = await self.bot.handle(event)
        if isinstance(reply, Private):
            self.show(reply.post, "", private=True)
        await self.simulation.settle()
        return reply


async def tell(stage: Stage, remember: Remember) -> None:
    """The story, from a Friday morning before the tip to the Monday after."""
    await stage.hear(Connected(stage.community))
    stage.heading(later("1. One good practice a day"))
    await stage.simulation.move_to(FRIDAY + timedelta(minutes=30))
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
    await stage.simulation.move_to(stage.clock.now().replace(hour=15, minute=48))
    question = MessageRef(Place(stage.community, SUPPORT), "1")
    text = speak.t("Hello! Can the till work offline? Our café has terrible wifi.")
    stage.tell(later("Femi writes in #support: {said}"), said=text)
    await stage.hear(_says(stage, question, _member(stage, "U0FEMI", "Femi"), text, remember))
    stage.tell(later("The team's working day ends at 18:00. Nothing is sent at night or during the weekend."))
    await stage.simulation.move_to(stage.clock.now() + timedelta(days=2, hours=15, minutes=30))
    (mention,) = (w.mention for w in stage.bot.watches[stage.community].rooms[SUPPORT].waiting.values())
    stage.tell(later("Malo presses Claim, so that everybody sees who takes care of it."))
    nudge = MessageRef(Place(stage.community, MODERATORS), "nudge")
    await stage.hear(ActionTaken(nudge.place, malo, "mention.claim", mention.id, stage.clock.now(), nudge))
    await stage.simulation.move_to(stage.clock.now() + timedelta(minutes=9))
    answer = MessageRef(Place(stage.community, SUPPORT, thread="1"), "2")
    text = speak.t("Partly: sales are kept and sent later.")
    stage.tell(later("Malo answers in the thread: {said}"), said=text)
    await stage.hear(_says(stage, answer, malo, text, remember))
    await stage.simulation.move_to(stage.clock.now() + timedelta(seconds=5))


def _says(stage: Stage, ref: MessageRef, author: Member, text: str, remember: Remember) -> MessagePosted:
    posted = MessagePosted(Message(ref, author, stage.clock.now(), text))
    remember(posted)
    return posted


def _member(stage: Stage, id_: str, name: str) -> Member:
    return Member(stage.community, id_, name, locale=stage.speak.language)
