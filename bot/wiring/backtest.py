"""An export fed to the core on a simulated clock."""

from __future__ import annotations

import asyncio
import gc
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

from bot.errors import ConfigError, ExportError

if TYPE_CHECKING:
    from adapters.exports import Export
    from bot.backtest import Question
    from bot.events import Event
    from bot.model import Member, Team
    from bot.report import Report

ME = "vigie"
"""The bot's own id in an export, where it never was."""

ROUND = 10_000
"""Objects that are made, and kept, between two looks of the garbage collector: some hundred messages' worth."""

_ROLE_ID = re.compile(r"S[A-Z0-9]{5,}|[0-9]{5,}")
"""A Slack user group or Discord role: exports tell of one only where somebody pings or has it."""


def backtest_export(path: Path, team: Sequence[str], question: Question, *, progress: bool) -> Report:
    """Feed an export to the core. `progress` draws a bar on the standard error output where that is a terminal."""
    from adapters.exports import open_export

    with ExitStack() as stack:
        stack.enter_context(_collecting_seldom())
        export = stack.enter_context(open_export(path))
        advance = stack.enter_context(progress_bar(export.size, question.language)) if progress else None
        return asyncio.run(backtest(export, team, question, advance))


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Look for garbage that refers to itself seldom, and not at all among what was there before.

    A message leaves none; to look for it after every 700 objects, as Python does, takes a tenth of a backtest.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(ROUND, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


async def backtest(
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
    who, strangers = team_of(team, export.members.values())
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


def team_of(named: Sequence[str], members: Iterable[Member]) -> tuple[Team, list[str]]:
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
def progress_bar(size: int, language: str) -> Iterator[Callable[[int], None] | None]:
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    from rich.progress import Progress

    from bot.texts import texts

    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(texts(language).t("reading"), total=size)
        yield lambda done: bar.update(task, completed=done)
