"""Turning a committed Delivery into what is said, at the moment of saying it.

The reason is checked again first: what was answered, claimed or put off in the meantime is not said, and nothing is
said outside working hours. What a message said is fetched here, shown, and forgotten.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot import looks
from bot.daily import figure_note
from bot.delivery import Cancel, Later, Say
from bot.errors import ChatError
from bot.looks import Subject
from bot.model import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Mention,
    MentionState,
    Message,
    Ping,
    PingKind,
    Place,
)
from bot.notices import notice_post, refusal
from bot.ports import Transaction
from bot.post import Post
from bot.settings import Target
from bot.texts import texts
from bot.watch import Watch, ask_look

if TYPE_CHECKING:
    from bot.app import Bot


class Voice:
    """The `Composer` of the deliverer: what each kind of delivery says, and what follows from its having been said."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def compose(self, delivery: Delivery) -> Say | Cancel | Later:
        """What to say, or why not. Reads the store and the chat, changes nothing but a mention found to be over."""
        watch = self._bot.watches.get(delivery.place.community)
        if watch is None:
            return Cancel("community-lost")
        match delivery.kind:
            case DeliveryKind.TIP:
                return await self._tip(delivery, watch)
            case DeliveryKind.SHARE:
                return self._share(delivery, watch)
            case DeliveryKind.NUDGE:
                return await self._nudge(delivery, watch)
            case DeliveryKind.DIGEST:
                return await self._digest(delivery, watch)
            case DeliveryKind.LOOK:
                return await self._look(delivery, watch)
            case DeliveryKind.NOTICE:
                return Say(notice_post(delivery, texts(watch.settings.language)), delivery.place)

    async def sent(self, tx: Transaction, delivery: Delivery) -> None:
        """A nudge that was said is its mentions' living one; what changed while it was said is shown at once."""
        if delivery.kind not in (DeliveryKind.NUDGE, DeliveryKind.DIGEST):
            return
        told = delivery.subject["to"] == Target.CHANNEL
        for mention_id in mentions_of(delivery):
            mention = await tx.mention(mention_id)
            if mention is None:
                continue
            if told and mention.told_by is None:
                await tx.note_told(mention.id, delivery.key)
                mention = replace(mention, told_by=delivery.key)
            if mention.state is not MentionState.OPEN or not told:
                await ask_look(tx, mention, self._bot.clock)

    async def refused(self, tx: Transaction, delivery: Delivery, error: ChatError) -> None:
        """Tell each admin once, in private, what is closed to us and what to do about it."""
        watch = self._bot.watches.get(delivery.place.community)
        if watch is not None:
            for notice in refusal(delivery, error, watch.settings, self._bot.clock.now()):
                await tx.add_delivery(notice)

    async def subject(self, mention: Mention, watch: Watch) -> Subject:
        """A mention with its asker's name and an excerpt, as far as the platform tells them now."""
        message = await watch.chat.fetch(mention.ref)
        return _subject(mention, message, watch)

    async def subjects(self, mentions: list[Mention], watch: Watch) -> list[Subject]:
        """The same for several; what the platform does not tell now is left out, since a list is better than none."""
        fetched = await asyncio.gather(*(watch.chat.fetch(m.ref) for m in mentions), return_exceptions=True)
        return [
            _subject(mention, message if isinstance(message, Message) else None, watch)
            for mention, message in zip(mentions, fetched, strict=True)
        ]

    async def _tip(self, delivery: Delivery, watch: Watch) -> Say | Cancel:
        tip = self._bot.shelf.library.tips.get(str(delivery.subject["tip"]))
        if tip is None:
            return Cancel("tip-removed")
        speak = texts(watch.settings.language)
        note = await figure_note(tip, watch, self._bot.store, speak, self._bot.clock.now())
        title = speak.t("Tip of the day")
        return Say(looks.tip_post(tip, self._bot.shelf.library, speak, title=title, note=note), delivery.place)

    def _share(self, delivery: Delivery, watch: Watch) -> Say | Cancel:
        tip = self._bot.shelf.library.tips.get(str(delivery.subject["tip"]))
        if tip is None:
            return Cancel("tip-removed")
        post = looks.tip_post(tip, self._bot.shelf.library, texts(watch.settings.language))
        return Say(replace(post, buttons=()), delivery.place)

    async def _nudge(self, delivery: Delivery, watch: Watch) -> Say | Cancel | Later:
        mention, told = await self._as_it_is(str(delivery.subject["mention"]))
        if mention is None or mention.state is not MentionState.OPEN:
            return Cancel(str(mention.state) if mention else "forgotten")
        now = self._bot.clock.now()
        if wait := _wait(watch, mention, now):
            return wait
        message = await watch.chat.fetch(mention.ref)
        if over := await self._over(mention, message, watch):
            return Cancel(over)
        subject = _subject(mention, message, watch)
        target = Target(str(delivery.subject["to"]))
        return Say(*_nudge(subject, target, delivery, watch, told, now))

    async def _digest(self, delivery: Delivery, watch: Watch) -> Say | Cancel | Later:
        mentions = [(await self._as_it_is(mention_id))[0] for mention_id in mentions_of(delivery)]
        waiting = [m for m in mentions if m is not None and m.state is MentionState.OPEN]
        if not waiting:
            return Cancel("nobody waits any more")
        now = self._bot.clock.now()
        if not watch.settings.hours.is_open(now):
            return Later(watch.settings.hours.next_open(now))
        post = await self._digest_post(waiting, watch, now)
        return Say(replace(post, pings=_duty(Target(str(delivery.subject["to"])), watch)), delivery.place)

    async def _look(self, delivery: Delivery, watch: Watch) -> Say | Cancel:
        async with self._bot.store.begin() as tx:
            told = await tx.delivery(str(delivery.subject["of"]))
        if told is None or told.state is not DeliveryState.SENT:
            return Cancel("nothing to edit")
        now = self._bot.clock.now()
        found = [(await self._as_it_is(mention_id))[0] for mention_id in mentions_of(told)]
        mentions = [m for m in found if m is not None]
        if not mentions:
            return Cancel("forgotten")
        if told.kind is DeliveryKind.DIGEST:
            return Say(await self._digest_post(mentions, watch, now), told.place)
        subject = (await self.subjects(mentions[:1], watch))[0]
        return Say(looks.nudge_post(subject, watch.settings, texts(watch.settings.language), now), told.place)

    async def _digest_post(self, mentions: list[Mention], watch: Watch, now: datetime) -> Post:
        shown = mentions[: looks.DIGEST_ITEMS]
        subjects = await self.subjects(shown, watch)
        waiting = sum(mention.state is MentionState.OPEN for mention in mentions)
        hidden = len(mentions) - len(shown)
        return looks.digest_post(
            subjects, waiting, hidden, watch.settings, texts(watch.settings.language), now, self._bot.names.mentions
        )

    async def _as_it_is(self, mention_id: str) -> tuple[Mention | None, Delivery | None]:
        """The mention as it is stored now, and the delivery that is its living nudge, once that was sent."""
        async with self._bot.store.begin() as tx:
            mention = await tx.mention(mention_id)
            told = await tx.delivery(mention.told_by) if mention and mention.told_by else None
        return mention, told

    async def _over(self, mention: Mention, message: Message | None, watch: Watch) -> str | None:
        """Whether the message itself shows that nobody waits: it is gone, or a reaction given while we were away."""
        now = self._bot.clock.now()
        if message is None:
            await watch.commit([watch.judge.gone(mention, now, "deleted")])
            return "deleted"
        room = watch.rooms.get(mention.place.channel)
        for reaction in message.reactions if room else ():
            by = watch.member(reaction.member)
            if room and (changes := watch.judge.reaction(message.ref, by, reaction.emoji, now, room)):
                await watch.commit(changes)
                return "reaction"
        return None


def mentions_of(delivery: Delivery) -> list[str]:
    """The mentions that a NUDGE or a DIGEST is about."""
    if delivery.kind is DeliveryKind.DIGEST:
        listed = delivery.subject["mentions"]
        return [entry.partition("/")[0] for entry in listed] if isinstance(listed, list) else []
    return [str(delivery.subject["mention"])]


def _wait(watch: Watch, mention: Mention, now: datetime) -> Later | None:
    """Out of hours, or not yet sure that nobody answered: not now."""
    if not watch.settings.hours.is_open(now):
        return Later(watch.settings.hours.next_open(now))
    if not watch.along.is_current(mention.place.channel) and mention.place.channel in watch.rooms:
        return Later(watch.along.retry_at(mention.place.channel))
    return None


def _nudge(
    subject: Subject, target: Target, delivery: Delivery, watch: Watch, told: Delivery | None, now: datetime
) -> tuple[Post, Place]:
    """The first nudge in the moderators' channel; whatever comes later stands under it or is said in private."""
    speak = texts(watch.settings.language)
    pings = _duty(target, watch)
    if target is Target.LEAD:
        return looks.reminder_post(subject, watch.settings, speak, now, ()), delivery.place
    if told is None or told.sent_ref is None:
        return looks.nudge_post(subject, watch.settings, speak, now, pings), delivery.place
    place = delivery.place
    if watch.chat.capabilities.threads:
        place = replace(told.sent_ref.place, thread=told.sent_ref.place.thread or told.sent_ref.id)
    return looks.reminder_post(subject, watch.settings, speak, now, pings), place


def _duty(target: Target, watch: Watch) -> tuple[Ping, ...]:
    duty = watch.settings.team.on_duty
    return (Ping(PingKind.ROLE, duty),) if target is Target.ON_DUTY and duty else ()


def _subject(mention: Mention, message: Message | None, watch: Watch) -> Subject:
    name = message.author.name if message else ""
    excerpt = looks.shorten(message.text, looks.EXCERPT) if message else ""
    return Subject(mention, name, excerpt, watch.chat.link(mention.ref))
