"""The composition root: from configuration and arguments to objects. The only module of the core that knows adapters
and storage, each imported where it is needed, so that nothing is built, connected or paid for at import."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

from bot.errors import ConfigError, ExportError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from adapters.exports import Export
    from adapters.sandbox.chat import SandboxChat
    from adapters.sandbox.scene import Scene
    from adapters.sandbox.world import Replay, Staging
    from bot.app import Bot
    from bot.backtest import Question
    from bot.clock import SimulatedClock
    from bot.events import Event
    from bot.model import Community, Finding, Member, Team
    from bot.report import Report
    from bot.settings import Settings
    from bot.simulation import Simulation

PARIS = ZoneInfo("Europe/Paris")
"""Where the community of the demonstration lives."""

ME = "vigie"
"""The bot's own id in an export, where it never was."""

_ROLE_ID = re.compile(r"S[A-Z0-9]{5,}|[0-9]{5,}")
"""A Slack user group or Discord role: exports tell of one only where somebody pings or has it."""


def backtest_export(path: Path, team: Sequence[str], question: Question, *, progress: bool) -> Report:
    """Feed an export to the core. `progress` draws a bar on the standard error output where that is a terminal."""
    from adapters.exports import open_export

    with ExitStack() as stack:
        export = stack.enter_context(open_export(path))
        advance = stack.enter_context(_bar(export.size, question.language)) if progress else None
        return asyncio.run(_backtest(export, team, question, advance))


async def _backtest(
    export: Export, team: Sequence[str], question: Question, progress: Callable[[int], None] | None
) -> Report:
    from adapters.exports.chat import ExportChat
    from bot.app import Bot
    from bot.backtest import Backtest, Tally, Witness
    from bot.clock import SimulatedClock
    from bot.delivery import Deliverer
    from bot.report import Report, Source
    from bot.shelf import Shelf
    from bot.simulation import Simulation
    from storage.memory import MemoryStore

    settings = question.settings(_chosen(question.channels, export))
    who, strangers = _team(team, export.members.values())
    chat = ExportChat(export.community, who)
    clock, store = SimulatedClock(datetime(1990, 1, 1, tzinfo=UTC)), MemoryStore()
    bot = Bot(store, {chat.platform: chat}, clock, lambda _: settings, Shelf())
    witness = bot.voice = Witness(bot)
    deliverer = Deliverer(store, bot.chats, clock, witness, owner="backtest")
    tally = Tally(settings.mentions.ladder[0].after)
    run = Backtest(bot, Simulation(bot, clock, deliverer, export.community), store, export.community, tally)
    await run.run(_remembered(export.events(question.channels, progress), chat.remember))
    names = {member.id: member.name or member.id for member in export.members.values()}
    source = Source(names, export.channels, strangers, export.problems, export.problem_count)
    return Report(question, tally, witness.nudges, source)


def _chosen(channels: Sequence[str] | None, export: Export) -> frozenset[str]:
    from adapters.exports.export import choose

    try:
        return choose(channels, export.channels, export.label)
    except ExportError as error:
        raise ConfigError(f"--channel: {error}") from None


def _remembered(events: Iterator[Event], remember: Callable[[Event], None]) -> Iterator[Event]:
    for event in events:
        remember(event)
        yield event


def _team(named: Sequence[str], members: Iterable[Member]) -> tuple[Team, list[str]]:
    """The team that these ids and names stand for, and those of them of whom nothing is known.

    An id that is nobody's may be a role's, or that of somebody who never wrote: it counts as both.
    """
    from bot.model import Team

    by_name: defaultdict[str, list[str]] = defaultdict(list)
    ids: set[str] = set()
    roles: set[str] = set()
    for member in members:
        ids.add(member.id)
        roles |= member.roles
        by_name[_folded(member.name)].append(member.id)
    found: set[str] = set()
    unknown: list[str] = []
    for name in named:
        same = [name] if name in ids or name in roles else by_name.get(_folded(name), [])
        if len(same) > 1:
            raise ConfigError(f"--team: several people are called {name}; give the id: {', '.join(sorted(same))}")
        found.update(same)
        if not same:
            unknown.append(name)
    if not found:
        near = get_close_matches(_folded(unknown[0]), filter(None, by_name), n=3, cutoff=0.5)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise ConfigError(f"--team: nobody in this export has the id or name {', '.join(unknown[:5])}.{hint}")
    everybody = found.union(unknown)
    strangers = [name for name in unknown if not _ROLE_ID.fullmatch(name)]
    return Team(me=ME, members=frozenset(everybody - roles), roles=frozenset(everybody - ids)), strangers


def _folded(name: str) -> str:
    """A name as people type it: without capitals and accents."""
    return "".join(char for char in normalize("NFKD", name.casefold()) if not combining(char))


@contextmanager
def _bar(size: int, language: str) -> Iterator[Callable[[int], None] | None]:
    from rich.console import Console
    from rich.progress import Progress

    from bot.texts import texts

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(texts(language).t("reading"), total=size)
        yield lambda done: bar.update(task, completed=done)


def demonstrate(language: str) -> None:
    """The three jobs as a short story, then a backtest of the chat that ships with us."""
    from rich.console import Console

    from adapters.exports import DEMO_TEAM, demo_export, open_export
    from bot.backtest import Question
    from bot.demo import closing
    from bot.mentions.worktime import WorkingHours

    console = Console(highlight=False)
    asyncio.run(_story(language, console))
    hours = WorkingHours.parse("mon-fri 09:00-18:00", PARIS)
    question = Question(hours=hours, zone=PARIS, channels=("support",), language=language)
    with open_export(demo_export()) as export:
        report = asyncio.run(_backtest(export, DEMO_TEAM, question, None))
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


def upgrade_database(config: Path | None, environ: Mapping[str, str]) -> str:
    """Upgrade the configured database; what was done, in a sentence."""
    from storage.schema import upgrade

    done = asyncio.run(upgrade(_database(config, environ)))
    if done.from_revision == done.to_revision:
        return f"the database is up to date ({done.to_revision})"
    if done.from_revision is None:
        return f"the database was made ({done.to_revision})"
    backup = f"; the backup is {done.backup}" if done.backup else ""
    return f"upgraded from {done.from_revision} to {done.to_revision}{backup}"


def check_database(config: Path | None, environ: Mapping[str, str]) -> list[Finding]:
    from storage.schema import check

    return asyncio.run(check(_database(config, environ)))


def backup_database(config: Path | None, environ: Mapping[str, str], target: Path) -> Path:
    from storage.schema import backup

    return asyncio.run(backup(_database(config, environ), target))


def _database(config: Path | None, environ: Mapping[str, str]) -> str:
    from bot.config import load

    return load(config, environ).database.url.get_secret_value()


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
    with _bar(export.size, language) as progress:
        for event in export.events(progress=progress):
            survey.see(event)
    if survey.first is None or survey.last is None:
        raise ExportError(f"{export.label}: nobody says anything in it")
    people = dict(export.members) if team else {}
    who = sorted(_team(team, people.values())[0].members) if team else survey.likely_team()
    known = survey.people | {id_: people[id_] for id_ in who if id_ in people}
    scene = replayed_scene(export.community, known.values(), export.channels, who, survey.first - timedelta(minutes=1))
    return scene, Replay(export.label, export.events, survey.first, survey.last, speed)
