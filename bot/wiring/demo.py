"""The demonstration: a story in the terminal, and the sandbox in the browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.errors import ExportError
from bot.wiring.backtest import ME, backtest, progress_bar, team_of

if TYPE_CHECKING:
    from rich.console import Console

    from adapters.sandbox.chat import SandboxChat
    from adapters.sandbox.scene import Scene
    from adapters.sandbox.world import Replay, Staging
    from bot.app import Bot
    from bot.clock import SimulatedClock
    from bot.model import Community
    from bot.settings import Settings
    from bot.simulation import Simulation

PARIS = ZoneInfo("Europe/Paris")
"""Where the community of the demonstration lives."""


def demonstrate(language: str) -> None:
    """The three jobs as a short story, then a backtest of the chat that ships with us."""
    from rich.console import Console

    from adapters.exports import DEMO_TEAM, demo_export, open_export
    from bot.backtest import Question
    from bot.demo import closing
    from bot.mentions.worktime import WorkingHours

    console = Console(highlight=False, emoji=False)
    asyncio.run(_story(language, console))
    hours = WorkingHours.parse("mon-fri 09:00-18:00", PARIS)
    question = Question(hours=hours, zone=PARIS, channels=("support",), language=language)
    with open_export(demo_export()) as export:
        report = asyncio.run(backtest(export, DEMO_TEAM, question, None))
    closing(report, console)


async def _story(language: str, console: Console) -> None:
    from adapters.exports import DEMO_TEAM
    from adapters.exports.chat import ExportChat
    from bot.app import Bot
    from bot.clock import SimulatedClock
    from bot.delivery import Deliverer
    from bot.demo import FRIDAY, Stage, settings, tell
    from bot.model import Community, Team
    from bot.shelf import Shelf
    from bot.simulation import Simulation
    from bot.texts import texts
    from storage.memory import MemoryStore

    community = Community(ExportChat.platform, "cambouis")
    team = Team(me=ME, members=frozenset(DEMO_TEAM))
    clock, store, decided = SimulatedClock(FRIDAY), MemoryStore(), settings(language, PARIS)
    chat = ExportChat(community, team, edits=True)
    bot = Bot(store, {chat.platform: chat}, clock, lambda _: decided, Shelf())
    deliverer = Deliverer(store, bot.chats, clock, bot.voice, owner="demo")
    stage = Stage(bot, clock, Simulation(bot, clock, deliverer, community), community, console, texts(language), PARIS)
    chat.on_post = lambda place, post, _key: stage.posted(place, post)
    chat.on_edit = lambda place, post, _id: stage.edited(place, post)
    await tell(stage, chat.remember)


def serve_sandbox(
    language: str,
    *,
    port: int,
    browser: bool,
    database: str | None = None,
    replay: Path | None = None,
    speed: float = 600,
    team: Sequence[str] = (),
) -> None:
    """The sandbox until it is interrupted: the made-up community or, with `replay`, an export played back.

    Without `database`, the store is a file that is gone afterwards. Whatever an earlier sandbox left is forgotten.
    Without `team`, those of the export count as the team who answer most people.
    """
    from adapters.sandbox.run import run
    from adapters.sandbox.scene import demo_scene
    from storage.schema import ensure

    if database is not None:
        asyncio.run(ensure(database))  # before an address is told at which nothing would be
    with ExitStack() as stack:
        scene, history = demo_scene(), None
        if replay is not None:
            scene, history = _played_back(stack, replay, speed, team, language)
        asyncio.run(run(lambda address: _stage(address, scene, history, database), language, port, browser=browser))


@asynccontextmanager
async def _stage(address: str, scene: Scene, history: Replay | None, database: str | None) -> AsyncIterator[Staging]:
    from adapters.sandbox.world import Staging
    from bot.app import Bot
    from bot.delivery import Deliverer
    from bot.shelf import Shelf
    from bot.simulation import Simulation
    from storage.schema import ensure
    from storage.store import open_store

    with TemporaryDirectory(prefix="vigie-", ignore_cleanup_errors=True) as folder:
        url = database or f"sqlite:///{folder}/sandbox.db"
        await ensure(url)
        store, shelf = open_store(url), Shelf()

        async def compose(
            chat: SandboxChat, clock: SimulatedClock, settings: Callable[[Community], Settings]
        ) -> tuple[Bot, Simulation]:
            async with store.begin() as tx:
                await tx.forget_community(chat.community)
            bot = Bot(store, {chat.platform: chat}, clock, settings, shelf)
            deliverer = Deliverer(store, bot.chats, clock, bot.voice, owner="sandbox")
            return bot, Simulation(bot, clock, deliverer, chat.community)

        try:
            yield Staging(scene, compose, address, monotonic, replay=history)
        finally:
            await store.close()


def _played_back(
    stack: ExitStack, path: Path, speed: float, team: Sequence[str], language: str
) -> tuple[Scene, Replay]:
    """Who lives in an export and how to play it; the export is closed by `stack`."""
    from adapters.exports import open_export
    from adapters.sandbox.scene import replayed_scene
    from adapters.sandbox.world import Replay
    from bot.insight.survey import Survey

    export, survey = stack.enter_context(open_export(path)), Survey()
    with progress_bar(export.size, language) as progress:
        for event in export.events(progress=progress):
            survey.see(event)
    if survey.first is None or survey.last is None:
        raise ExportError(f"{export.label}: nobody says anything in it")
    people = dict(export.members) if team else {}
    who = sorted(team_of(team, people.values())[0].members) if team else survey.likely_team()
    known = survey.people | {id_: people[id_] for id_ in who if id_ in people}
    scene = replayed_scene(export.community, known.values(), export.channels, who, survey.first - timedelta(minutes=1))
    return scene, Replay(export.label, export.events, survey.first, survey.last, speed)
