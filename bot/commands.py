"""Every chat command, declared once for every platform: name, options, texts, who may use it, and what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot import helping, looks, privacy, tables
from bot.daily import fresh_deck
from bot.events import ActionTaken, CommandInvoked, Private, Reply
from bot.excerpt import shorten
from bot.markup import Markup, bullets
from bot.model import OccurrenceState
from bot.post import Button, Post
from bot.texts import Texts, later
from bot.tips.deck import draw
from bot.tips.library import Tip

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.watch import Watch

TOPICS_SHOWN = 3
"""Nearest topics offered when a search finds nothing."""


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
    """`name` is the key under which an adapter reports it; what people type is configurable (`Names`)."""

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
        speak.rich("/{name}: today's tip, or advice on a topic", name=bot.names.tip),
        speak.rich("/{name}: who is waiting for an answer", name=bot.names.mentions),
        speak.rich("/{name}: all that I can do", name=bot.names.vigie),
    ]
    return Post(speak.t("I do not know “{name}”", name=shorten(name, 40)), bullets(lines))


async def tip(bot: Bot, watch: Watch, event: CommandInvoked) -> Reply:
    """`/tip` gives today's tip, `/tip engagement` the best advice on a topic, `/tip topics` what there is."""
    bot.shelf.refresh()
    speak = bot.speak(event.member, watch)
    query = event.text.strip()
    share = may_share(watch, event)
    if not query:
        return Private(await todays_tip(bot, watch, speak, share=share))
    if query.casefold() in ("topics", "thèmes", "themes", "sujets"):
        return Private(topics_post(bot, speak))
    return Private(search_post(query, bot, speak, share=share))


def may_share(watch: Watch, event: CommandInvoked | ActionTaken) -> bool:
    """Whether there is a channel here with which a tip can be shared, and whoever asks is of the team."""
    return watch.team.has(event.member) and bool(event.place.channel) and not event.private


async def todays_tip(bot: Bot, watch: Watch, speak: Texts, *, share: bool) -> Post:
    """The tip told last, today's if there was one already; before the very first, the one that will be told."""
    async with bot.store.begin() as tx:
        last = await tx.last_told(f"tip/{watch.community}")
        deck = await tx.deck(watch.community)
    tips = bot.shelf.library.tips
    slug = last.slug if last and last.state is OccurrenceState.TOLD and last.slug in tips else None
    slug = slug or draw(deck or fresh_deck(watch.community), tips)[0]
    if slug is None:
        return Post(speak.t("No tip left"), speak.rich("Every tip was turned off. Ask for a topic instead."))
    return tip_in_full(tips[slug], bot, speak, share=share, title=speak.t("Today's tip"))


def tip_in_full(tip: Tip, bot: Bot, speak: Texts, *, share: bool, title: str = "") -> Post:
    """A tip as a private reply; `share`: with a button that shows it to the whole channel."""
    post = looks.tip_post(tip, bot.shelf.library, speak, title=title, private=True)
    sharing = (Button(speak.t("Share with the channel"), "tip.share", tip.slug),) if share else ()
    return replace(post, buttons=(*post.buttons, *sharing))


def search_post(query: str, bot: Bot, speak: Texts, *, share: bool) -> Post:
    """The best tip in full, the next two as buttons; for what is not found, the nearest topics and how to browse."""
    hits = bot.shelf.index.search(query, speak.language, 3)
    if hits:
        post = tip_in_full(hits[0].tip, bot, speak, share=share)
        more = [Button(shorten(hit.tip.text(speak.language).title, 70), "tip.show", hit.tip.slug) for hit in hits[1:]]
        return replace(post, buttons=(*more, *post.buttons))
    near = bot.shelf.index.topics_near(query, speak.language, TOPICS_SHOWN)
    body = [speak.rich("I have no advice on “{query}” yet.", query=shorten(query, 80))]
    if near:
        body.append(speak.rich("The nearest topics are below."))
    body.append(speak.rich("/{name} topics lists them all.", name=bot.names.tip))
    buttons = [Button(topic.label(speak.language), "tip.topic", topic.id) for topic in near]
    return Post(speak.t("Nothing found"), Markup(" ").join(body), buttons=tuple(buttons))


def topics_post(bot: Bot, speak: Texts) -> Post:
    """All topics, and how many tips each has."""
    library = bot.shelf.library
    counted = [(topic.label(speak.language), len(library.about(topic.id))) for topic in library.topics.values()]
    names = sorted((name, n) for name, n in counted if n)
    listed = ", ".join(f"{name} ({speak.number(n)})" for name, n in names)
    use = speak.rich("Ask with /{name} and a topic, or a question in your own words.", name=bot.names.tip)
    return Post(speak.t("Topics"), Markup("{listed}").format(listed=listed), context=use)


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
            later("Today's tip, or the best advice on a topic"),
            team_only=False,
            answer=tip,
            options=(
                Option("topic", later("A topic or a question, such as engagement"), completes=True, french="sujet"),
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
            later("Today's tip"),
            later("One good practice for the people who run a community"),
            team_only=False,
            on_message=False,
        ),
    )
}
