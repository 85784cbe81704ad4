"""What people ask of the bot otherwise than by a command: speaking to it, a menu, typing, opening its home."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot import advice, commands, helping, looks, tables
from bot.events import Addressed, Choices, CommandInvoked, Completing, Home, HomeOpened, Private, Reply, ShortcutUsed
from bot.mentions.judge import Change
from bot.model import Mention, Message, MessageKind
from bot.post import Post
from bot.subjects import helper_of
from bot.texts import Texts

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.watch import Watch

OFFERED = 25
"""Choices that Discord shows while somebody types: https://docs.discord.com/developers/interactions/application-commands#autocomplete"""


async def addressed(bot: Bot, watch: Watch, event: Addressed) -> Reply | None:
    """A command without its slash; in private, a topic or a question as well. Anything else in a channel is none."""
    word, _, rest = event.text.strip().lstrip("/").partition(" ")
    name, rest = word.casefold().rstrip("!?.,:"), rest.strip()
    keys = {bot.names.of(key): key for key in commands.COMMANDS}
    if name in ("help", "aide", "check") or (not name and event.private):
        name, rest = bot.names.vigie, name
    elif name not in keys:
        if not event.private:
            return None
        name, rest = bot.names.tip, event.text
    invoked = CommandInvoked(event.place, event.member, keys[name], rest, event.at, event.private)
    return await commands.answer(bot, watch, invoked)


async def shortcut(bot: Bot, watch: Watch, event: ShortcutUsed) -> Reply:
    """What choosing an entry of `SHORTCUTS` does and answers."""
    speak = bot.speak(event.member, watch)
    known = commands.SHORTCUTS.get(event.name)
    team = watch.team.has(event.member)
    if known is None:
        return Private(commands.unknown(event.name, bot, speak))
    if known.team_only and not team:
        return Private(commands.not_for_you(speak))
    if event.message is None:
        return Private(await advice.todays_tip(bot, watch, speak, share=False))
    if event.name == "track":
        return Private(await _track(bot, watch, event, event.message, speak))
    return Private(await _mark_answered(bot, watch, event, event.message, speak))


async def _track(bot: Bot, watch: Watch, event: ShortcutUsed, message: Message, speak: Texts) -> Post:
    channel, author = message.ref.place.channel, message.author
    if not watch.watches(channel):
        how = speak.rich("Have it added to `mentions.watch` first, so that I notice an answer there.")
        return Post(speak.t("I do not watch that channel"), how)
    if message.kind is MessageKind.SYSTEM or author.bot or watch.team.has(author):
        return Post(
            speak.t("Nobody waits there"),
            speak.rich("Only what somebody outside the team said can wait for an answer."),
        )
    async with bot.store.begin() as tx:
        known = await tx.mention_of(message.ref)
    if known is None:
        async with watch.turn(channel):
            await watch.settle(lambda: [watch.judge.track(message, event.member.id, event.at)])
    else:

        def again(as_it_is: Mention) -> Change | None:
            waits = as_it_is.state.waits
            return None if waits else watch.judge.reopening(as_it_is, event.member.id, event.at, "tracked-again")

        await watch.decide(known, again)
    return await _standing(bot, watch, message, speak.t("I keep an eye on it"), speak)


async def _mark_answered(bot: Bot, watch: Watch, event: ShortcutUsed, message: Message, speak: Texts) -> Post:
    mention = await _mention_about(bot, message)
    if mention is None or not mention.state.waits:
        return Post(speak.t("Nobody waits there"), speak.rich("No open mention belongs to this message."))

    def done(as_it_is: Mention) -> Change | None:
        return watch.judge.answered(as_it_is, event.member.id, event.at, "done") if as_it_is.state.waits else None

    await watch.decide(mention, done)
    return await _standing(bot, watch, replace(message, ref=mention.ref), speak.t("Done"), speak)


async def _mention_about(bot: Bot, message: Message) -> Mention | None:
    """The mention to which a message belongs, else the one that its thread is about."""
    ref = message.ref
    async with bot.store.begin() as tx:
        mention = await tx.mention_of(ref)
        if mention is None and ref.place.thread is not None:
            mention = await tx.mention_of(replace(ref, id=ref.place.thread))
    return mention


async def _standing(bot: Bot, watch: Watch, message: Message, title: str, speak: Texts) -> Post:
    """How the mention of a message stands by now."""
    async with bot.store.begin() as tx:
        mention = await tx.mention_of(message.ref)
    if mention is None:
        return Post(speak.t("Nobody waits there"))
    helper = helper_of(mention, watch)
    return Post(title, looks.standing(mention, watch.settings, speak, bot.clock.now(), helper))


def complete(bot: Bot, event: Completing) -> Choices:
    """What is offered for an option of a command while it is typed; nothing where there is nothing to choose from.

    Decided from memory: it is asked for with every key that is pressed.
    """
    command = commands.COMMANDS.get(event.name)
    option = next((o for o in command.options if o.name == event.option), None) if command else None
    if option is None or not option.completes:
        return Choices(())
    speak = bot.address(event.member)
    offered = bot.shelf.index.complete(event.text, speak.language, OFFERED)
    return Choices(tuple((label, label) for _, label in offered))


async def home(bot: Bot, watch: Watch, event: HomeOpened) -> Home:
    """A member's page: today's tip; for the team also who waits and how the week went; how to ask for more."""
    speak = bot.speak(event.member, watch)
    team = watch.team.has(event.member)
    posts = [await advice.todays_tip(bot, watch, speak, share=False)]
    if team:
        posts.append(replace(await tables.waiting_post(bot, watch, speak), buttons=()))
        posts.append(await tables.stats_post(bot, watch, speak, periods=(7,)))
    return Home((*posts, helping.help_post(bot, speak, team=team)))
