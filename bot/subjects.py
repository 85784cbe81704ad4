"""What the message of a mention says and shows at this moment: fetched from the chat, told, and forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from bot import looks
from bot.errors import Forbidden, Gone
from bot.excerpt import shorten
from bot.looks import Subject
from bot.model import Mention, MentionState, Message, Verdict
from bot.ports import Store
from bot.recording import MARKED
from bot.watch import Watch


async def subjects_of(mentions: Sequence[Mention], watch: Watch) -> list[Subject]:
    """Mentions with their askers and excerpts; what the platform does not tell now is left out."""
    messages = await fetched(mentions, watch)
    return [
        subject_of(mention, message if isinstance(message, Message) else None, watch)
        for mention, message in zip(mentions, messages, strict=True)
    ]


def subject_of(mention: Mention, message: Message | None, watch: Watch) -> Subject:
    """A mention with what its message says, where that is known."""
    name = shorten(message.author.name, looks.NAME) if message else ""
    excerpt = shorten(message.text, looks.EXCERPT) if message else ""
    helper = shorten(helper_of(mention, watch), looks.NAME)
    return Subject(mention, name, excerpt, watch.chat.link(mention.ref), helper)


def helper_of(mention: Mention, watch: Watch) -> str:
    """What whoever claimed or closed a mention is called, as far as that is known; else empty."""
    helper = mention.claimed_by if mention.state is MentionState.CLAIMED else mention.closed_by
    return watch.chat.name(watch.member(helper)) if helper else ""


async def fetched(mentions: Sequence[Mention], watch: Watch) -> list[Message | BaseException | None]:
    """The message of each as it is now, or the error that came of asking for it."""
    return await asyncio.gather(*(watch.chat.fetch(m.ref) for m in mentions), return_exceptions=True)


async def look_up(mention: Mention, watch: Watch) -> tuple[Message | None, bool]:
    """The message as it is now, None when it is gone; and whether we may read it: others may well see what we may not.

    Raises what is worth trying again.
    """
    try:
        return await watch.chat.fetch(mention.ref), True
    except Gone:
        return None, True
    except Forbidden:
        return None, False


async def shows_over(
    mention: Mention, message: Message | None, watch: Watch, store: Store, now: datetime
) -> str | None:
    """Whether the message itself shows that nobody waits, and why: gone, calls nobody any more, or marked while we were
    away. The mention is closed then; what somebody else decided meanwhile stands.
    """
    judge, room = watch.judge, watch.rooms.get(mention.place.channel)
    if message is None:
        await watch.decide(mention, lambda m: judge.gone(m, now, "deleted") if m.state.waits else None)
        return "deleted"
    if room is None:
        return None
    if judge.seen_again(mention, message, now, room):
        await watch.decide(mention, lambda m: judge.seen_again(m, message, now, room))
        return "edited-away"
    marks = [(watch.member(mark.member), mark.emoji) for mark in message.reactions]
    mark = next(((by, emoji) for by, emoji in marks if judge.marks(mention, by, emoji)), None)
    if mark is None or await _said_to_wait(mention, mark[0].id, store):
        return None
    await watch.decide(mention, lambda _: next(iter(judge.reaction(mention.ref, *mark, now, room)), None))
    return "reaction"


async def _said_to_wait(mention: Mention, by: str, store: Store) -> bool:
    """Whether it was said that this mention waits, whatever reactions it had: by the team, or by an edit of its message
    that called somebody after the mark of that member had counted.
    """
    async with store.begin() as tx:
        decisions = await tx.decisions(mention.id)
    opened = [decision for decision in decisions if decision.verdict is Verdict.OPENED]
    counted = [decision.at for decision in decisions if decision.rule in MARKED and decision.member == by]
    if any(decision.rule == "still-waiting" for decision in opened):
        return True
    return bool(counted) and any(decision.message and decision.at > max(counted) for decision in opened)
