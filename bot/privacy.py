"""What is stored about a member, told and deleted at the member's own wish.

Messages of ours that show a forgotten member's name or words are edited. Which ones those are is known only as long as
the member is, so the edits are decided in the transaction that forgets.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING

from bot.events import CommandInvoked, Private, Reply
from bot.excerpt import shorten
from bot.markup import Markup, bullets
from bot.model import Community, Delivery, DeliveryKind, DeliveryState, MentionState
from bot.patience import Timing
from bot.ports import Transaction
from bot.post import Button, Post, Style
from bot.recording import look_of
from bot.texts import Texts
from bot.traces import Traces

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.watch import Watch

FORGOTTEN = "forgotten"
"""In a delivery's subject: whom it was about is forgotten. As a note: somebody was, so memory has to follow."""

SHOWS = (DeliveryKind.NUDGE, DeliveryKind.DIGEST)
"""What shows people's names and words."""

LAND = Timing().post + timedelta(seconds=1)
"""An edit that is under way while somebody is forgotten has landed by then, or never will."""


@dataclass(frozen=True, slots=True)
class Erased:
    """`rows` were removed or blanked, `messages` of ours will be edited."""

    traces: Traces
    rows: int
    messages: int


async def erase(tx: Transaction, community: Community, member: str, now: datetime) -> Erased:
    """Forget a member, and have our messages that show their name or words edited."""
    traces = await tx.traces(community, member)
    rows = await tx.forget_member(community, member)
    shown = [d for d in traces.deliveries if d.kind in SHOWS and d.place.channel != f"@{member}"]
    looking = any(d.kind is DeliveryKind.LOOK and d.leased_by for d in traces.deliveries)
    edits = [await _blank(tx, delivery, now + LAND if looking else now, now) for delivery in shown]
    if rows:
        await tx.note(FORGOTTEN, now)
    return Erased(traces, rows, sum(edits))


async def _blank(tx: Transaction, shown: Delivery, when: datetime, now: datetime) -> bool:
    """Have a message edited that is out, or may be; whether there is one."""
    if shown.state not in (DeliveryState.SENT, DeliveryState.SENDING):
        return False
    left = await tx.delivery(shown.key)
    if left is None:
        # One that is under way keeps its key, by which it is found; its sender then asks for the edit.
        under_way = shown.state is DeliveryState.SENDING
        left = replace(shown, key=shown.key if under_way else f"{FORGOTTEN}/{token_hex(8)}", subject={FORGOTTEN: 1})
        await tx.add_delivery(left)
    if left.state is DeliveryState.SENT:
        await tx.ask_look(look_of(left, now, when))
    return True


def blank_post(speak: Texts) -> Post:
    """What is left of a nudge about somebody who was forgotten."""
    return Post(speak.t("Nothing to answer any more"), speak.rich("The person who asked had their data deleted."))


async def answer(bot: Bot, watch: Watch, event: CommandInvoked) -> Reply:
    """`/privacy` and `/privacy what` tell what is stored about the member, `/privacy forget-me` asks once more."""
    speak = bot.speak(event.member, watch)
    word = event.text.strip().casefold().replace(" ", "-")
    match word:
        case "" | "what" | "quoi":
            async with bot.store.begin() as tx:
                traces = await tx.traces(watch.community, event.member.id)
            return Private(_told(traces, bot, speak))
        case "forget-me" | "oubliez-moi" | "oublie-moi":
            return Private(_asked(speak))
    usage = [
        speak.rich("/{name} what: what I keep about you", name=bot.names.privacy),
        speak.rich("/{name} forget-me: delete all of it", name=bot.names.privacy),
    ]
    return Private(Post(speak.t("I do not know “{name}”", name=shorten(word, 40)), bullets(usage)))


async def confirmed(bot: Bot, watch: Watch, member: str, speak: Texts) -> Reply:
    """The member said yes: all is deleted, and memory follows."""
    erased = await forget(bot, watch, member)
    if not erased.rows:
        return Private(_nothing(speak))
    body = [speak.rich("This was deleted:"), bullets(_kinds(erased.traces, speak))]
    if erased.messages:
        body.append(
            speak.rich_plural(
                "{n} message of mine that quoted you will be edited within a minute.",
                "{n} messages of mine that quoted you will be edited within a minute.",
                erased.messages,
            )
        )
    after = speak.rich("Backups go as they grow old. What you write from now on, I treat like anybody’s.")
    return Private(Post(speak.t("You are forgotten"), Markup("\n").join(body), context=after))


async def forget(bot: Bot, watch: Watch, member: str) -> Erased:
    """Forget a member in the database and in memory, so that nothing about them is told any more."""
    async with AsyncExitStack() as stack:
        for channel in sorted(watch.rooms):
            await stack.enter_async_context(watch.turn(channel))
        async with bot.store.begin() as tx:
            erased = await erase(tx, watch.community, member, bot.clock.now())
        for room in watch.rooms.values():
            for waiting in room.of_asker(member):
                room.keep(replace(waiting.mention, state=MentionState.GONE))
    # Or else a restart would read again what they said last, and begin anew.
    await watch.along.save()
    return erased


async def follow(bot: Bot, watch: Watch) -> None:
    """Drop from memory what the database has forgotten meanwhile, by whatever process."""
    async with bot.store.begin() as tx:
        stored = {mention.id for mention in await tx.waiting(watch.community)}
    for channel, room in list(watch.rooms.items()):
        for mention_id in room.waiting.keys() - stored:
            async with watch.turn(channel):
                await watch.reload(mention_id)


def _asked(speak: Texts) -> Post:
    yes = Button(speak.t("Delete it all"), "privacy.forget", style=Style.DANGER)
    body = speak.rich(
        "I will delete whatever I keep about you. If you wait for an answer, nobody will be reminded of it. "
        "This cannot be undone."
    )
    return Post(speak.t("Shall I forget you?"), body, buttons=(yes,))


def _nothing(speak: Texts) -> Post:
    return Post(speak.t("I keep nothing about you"), speak.rich("There is nothing to delete."))


def _told(traces: Traces, bot: Bot, speak: Texts) -> Post:
    never = speak.rich("I never store what people write, nor their names: only ids, dates and what was decided.")
    kinds = _kinds(traces, speak)
    if not kinds:
        return Post(speak.t("I keep nothing about you"), never)
    how = speak.rich(
        "/{name} forget-me deletes it. For a copy, ask the people who run this bot.", name=bot.names.privacy
    )
    return Post(speak.t("What I keep about you"), Markup("\n").join([bullets(kinds), never]), context=how)


def _kinds(traces: Traces, speak: Texts) -> list[Markup]:
    """What there is, in words and figures, and nothing of anybody else."""
    decided = sum(len(decisions) for *_, decisions in traces.asked) + len(traces.said)
    private = sum(thing is not None for thing in (traces.paused_until, traces.closed)) + len(traces.read)
    asked, helped, told, opinions = (
        len(things) for things in (traces.asked, traces.helped, traces.deliveries, traces.opinions)
    )
    counted = {
        speak.rich_plural(
            "{n} mention that you opened: where, when and how it ended",
            "{n} mentions that you opened: where, when and how they ended",
            asked,
        ): asked,
        speak.rich_plural(
            "{n} mention of somebody else that you took care of",
            "{n} mentions of other people that you took care of",
            helped,
        ): helped,
        speak.rich_plural("{n} decision that names you", "{n} decisions that name you", decided): decided,
        speak.rich_plural(
            "{n} message of mine about your mentions or to you: when and where, not what it said",
            "{n} messages of mine about your mentions or to you: when and where, not what they said",
            told,
        ): told,
        speak.rich_plural("{n} opinion on a tip", "{n} opinions on tips", opinions): opinions,
        speak.rich_plural("{n} note on our private channel", "{n} notes on our private channel", private): private,
    }
    return [kind for kind, n in counted.items() if n]
