"""Every chat command, declared once for every platform: name, options, texts, who may use it, and what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import advice, helping, privacy, tables
from bot.events import CommandInvoked, Private, Reply
from bot.excerpt import shorten
from bot.markup import bullets
from bot.post import Post
from bot.texts import Texts, later

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.watch import Watch


@dataclass(frozen=True, slots=True)
class Option:
    """What may follow a command. `completes` where the platform can suggest values while they are typed.

    `french` is its name where a platform shows names in the reader's language; what is reported is always `name`.
    """

    name: str
    description: str
    required: bool = False
    completes: bool = False
    french: str = ""


@dataclass(frozen=True, slots=True)
class Subcommand:
    """`name` and `french` are both understood when they are typed."""

    name: str
    description: str
    options: tuple[Option, ...] = ()
    french: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of the platform's own menus. `on_message`: of a message's menu, else of the app's."""

    name: str
    label: str
    description: str
    team_only: bool
    on_message: bool


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is the key under which an adapter reports it; what people type is configurable (`Names`).

    Where there are options as well, a subcommand is a word that may be typed instead of the first of them.
    """

    name: str
    description: str
    team_only: bool
    answer: Callable[[Bot, Watch, CommandInvoked], Awaitable[Reply]]
    options: tuple[Option, ...] = ()
    subcommands: tuple[Subcommand, ...] = ()


async def answer(bot: Bot, watch: Watch, event: CommandInvoked) -> Reply:
    """What a command answers, privately. Who may use it is checked here, whatever the platform checked."""
    command = COMMANDS.get(event.name)
    speak = bot.speak(event.member, watch)
    if command is None:
        return Private(unknown(event.name, bot, speak))
    if command.team_only and not watch.team.has(event.member):
        return Private(not_for_you(speak))
    return await command.answer(bot, watch, event)


def not_for_you(speak: Texts) -> Post:
    """The polite refusal to somebody who is not on the team."""
    return Post(speak.t("This is for the team"), speak.rich("Only the people who run this community can use this."))


def unknown(name: str, bot: Bot, speak: Texts) -> Post:
    lines = [
        speak.rich("/{name}: today’s tip, or advice on a topic", name=bot.names.tip),
        speak.rich("/{name}: who is waiting for an answer", name=bot.names.mentions),
        speak.rich("/{name}: all that I can do", name=bot.names.vigie),
    ]
    return Post(speak.t("I do not know “{name}”", name=shorten(name, 40)), bullets(lines))


async def tip(bot: Bot, watch: Watch, event: CommandInvoked) -> Reply:
    """`/tip` gives today's tip, `/tip engagement` the best advice on a topic, `/tip topics` what there is, and to the
    team `/tip off` what it turned off."""
    bot.shelf.refresh()
    speak = bot.speak(event.member, watch)
    query = event.text.strip()
    share = advice.may_share(watch, event)
    match query.casefold():
        case "" | "today" | "aujourd'hui" | "aujourd’hui":
            return Private(await advice.todays_tip(bot, watch, speak, share=share))
        case "topics" | "topic" | "list" | "help" | "sujets" | "sujet" | "liste" | "aide":
            return Private(advice.topics_post(bot, speak))
        case "thèmes" | "thème" | "themes" | "theme":
            return Private(advice.topics_post(bot, speak))
        case "off" | "écartés" | "ecartes" | "refusés" | "refuses":
            team = watch.team.has(event.member)
            return Private(await advice.off_post(bot, watch, speak) if team else not_for_you(speak))
    return Private(await advice.search_post(query, bot, watch, speak, share=share))


async def mentions(bot: Bot, watch: Watch, event: CommandInvoked) -> Reply:
    """`/mentions` lists who waits, `why LINK` tells which rule decided, `stats` gives the figures."""
    speak = bot.speak(event.member, watch)
    word, _, rest = event.text.strip().partition(" ")
    match word.casefold():
        case "" | "list" | "liste":
            return Private(await tables.waiting_post(bot, watch, speak))
        case "why" | "pourquoi":
            return Private(await tables.why_post(bot, watch, speak, rest.strip(" <>")))
        case "stats" | "chiffres":
            return Private(await tables.stats_post(bot, watch, speak))
    usage = [
        speak.rich("/{name}: who is waiting, the longest first", name=bot.names.mentions),
        speak.rich("/{name} why LINK: why a message waits for an answer, or does not", name=bot.names.mentions),
        speak.rich("/{name} stats: how fast people get an answer", name=bot.names.mentions),
    ]
    return Private(Post(speak.t("I do not know “{name}”", name=shorten(word, 40)), bullets(usage)))


async def vigie(bot: Bot, watch: Watch, event: CommandInvoked) -> Reply:
    """`/vigie` and `/vigie help` say what there is, `/vigie check` whether all is set up well (team only)."""
    speak = bot.speak(event.member, watch)
    word = event.text.strip().casefold()
    team = watch.team.has(event.member)
    match word:
        case "" | "help" | "aide":
            return Private(helping.help_post(bot, speak, team=team))
        case "check" | "verifier" | "vérifier":
            if not team:
                return Private(not_for_you(speak))
            return Private(helping.check_post(await watch.chat.check(speak, watch.community), speak))
    return Private(unknown(word, bot, speak))


COMMANDS = {
    command.name: command
    for command in (
        Command(
            "tip",
            later("Today’s tip, or the best advice on a topic"),
            team_only=False,
            answer=tip,
            options=(
                Option("topic", later("A topic or a question, such as engagement"), completes=True, french="sujet"),
            ),
            subcommands=(
                Subcommand("topics", later("All topics"), french="thèmes"),
                Subcommand("off", later("Tips that were turned off, to put them back (team only)"), french="écartés"),
            ),
        ),
        Command(
            "mentions",
            later("Who is waiting for an answer from the team"),
            team_only=True,
            answer=mentions,
            subcommands=(
                Subcommand("list", later("Who is waiting, the longest first"), french="liste"),
                Subcommand(
                    "why",
                    later("Which rule opened or closed a mention"),
                    (Option("link", later("The link of the message"), required=True, french="lien"),),
                    french="pourquoi",
                ),
                Subcommand("stats", later("How fast people are answered"), french="chiffres"),
            ),
        ),
        Command(
            "vigie",
            later("Help, and whether everything is set up well"),
            team_only=False,
            answer=vigie,
            subcommands=(
                Subcommand("help", later("What I can do"), french="aide"),
                Subcommand("check", later("Whether everything is set up well (team only)"), french="verifier"),
            ),
        ),
        Command(
            "privacy",
            later("What I keep about you, and how to delete it"),
            team_only=False,
            answer=privacy.answer,
            subcommands=(
                Subcommand("what", later("What I keep about you"), french="quoi"),
                Subcommand("forget-me", later("Delete all that I keep about you"), french="oubliez-moi"),
            ),
        ),
    )
}

SHORTCUTS = {
    shortcut.name: shortcut
    for shortcut in (
        Shortcut(
            "track",
            later("Track as mention"),
            later("Have the team reminded of this message until somebody answers"),
            team_only=True,
            on_message=True,
        ),
        Shortcut(
            "answered",
            later("Mark as answered"),
            later("Nobody needs to be reminded of this message any more"),
            team_only=True,
            on_message=True,
        ),
        Shortcut(
            "tip",
            later("Today’s tip"),
            later("One good practice for the people who run a community"),
            team_only=False,
            on_message=False,
        ),
    )
}
