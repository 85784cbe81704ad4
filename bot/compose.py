"""Turning a committed Delivery into what is said, at the moment of saying it.

The reason is checked again first: what was answered, claimed or put off in the meantime is not said, and nothing is
said outside working hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot import helping, looks, privacy, trials
from bot.copying import replace
from bot.daily import figure_note
from bot.delivery import Cancel, Later, Say
from bot.errors import ChatError, Gone, Unauthorised
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
    Severity,
)
from bot.notices import let_in, notice_post, refusal, writable
from bot.ports import Transaction
from bot.post import Post
from bot.recording import ask_look, look_of
from bot.settings import Target
from bot.steps import is_replaced, mentions_of, pings_before, steps_of
from bot.subjects import fetched, look_up, shows_over, subject_of, subjects_of
from bot.texts import texts
from bot.watch import Watch

if TYPE_CHECKING:
    from bot.app import Bot

SOON = timedelta(seconds=15)
"""When to look again at what waits for its community to be connected."""

TIP_TRIES = timedelta(minutes=15)
"""However short the catch-up window, a tip that was decided may take this long to get out."""


MOST_PINGS = 2
"""However long the ladder, whoever is on duty is pinged no more often about one mention: more would be noise."""


LOOKS = 3
"""How often a digest is filled up: each of its messages is a request, and thousands may be over."""


class Voice:
    """The `Composer` of the deliverer: what each kind of delivery says, and what follows from its having been said."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def compose(self, delivery: Delivery) -> Say | Cancel | Later:
        """What to say, or why not. Reads the store and the chat, changes nothing but a mention found to be over."""
        watch = self._bot.watches.get(delivery.place.community)
        if watch is None or not watch.along.connected:
            return Later(self._bot.clock.now() + SOON)
        if privacy.FORGOTTEN in delivery.subject:
            return Cancel(privacy.FORGOTTEN)
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
                return await self._notice(delivery, watch)

    async def still(self, tx: Transaction, delivery: Delivery, waiting: tuple[str, ...]) -> Cancel | Later | None:
        """Somebody may have been answered, or working time may have ended, while their message was fetched."""
        now, watch = self._bot.clock.now(), self._bot.watches.get(delivery.place.community)
        for mention_id in waiting:
            mention = await tx.mention(mention_id)
            if mention is None or mention.state is not MentionState.OPEN:
                reason = str(mention.state) if mention else "forgotten"
                return Cancel(reason) if delivery.kind is DeliveryKind.NUDGE else Later(now)
            if watch is None:
                return Later(now + SOON)
            if wait := _wait(watch, mention, now):
                return wait
        return None

    async def sent(self, tx: Transaction, delivery: Delivery) -> None:
        """A nudge that was said is its mentions' living one; what changed while it was said is shown at once."""
        await self._works_again(tx, delivery)
        if delivery.kind not in (DeliveryKind.NUDGE, DeliveryKind.DIGEST):
            return
        if privacy.FORGOTTEN in delivery.subject:
            await tx.ask_look(look_of(delivery, self._bot.clock.now()))
            return
        seen_by_all = delivery.subject["to"] != Target.LEAD
        for mention_id in mentions_of(delivery):
            mention = await tx.mention(mention_id)
            if mention is None:  # forgotten while this was being said
                await tx.ask_look(look_of(delivery, self._bot.clock.now()))
                continue
            first = seen_by_all and await self._is_first(tx, mention, delivery)
            if first:
                await tx.note_told(mention.id, delivery.key)
                mention = replace(mention, told_by=delivery.key)
            if mention.state is not MentionState.OPEN or not first:
                await ask_look(tx, mention, self._bot.clock)

    async def refused(self, tx: Transaction, delivery: Delivery, error: ChatError) -> None:
        """Tell each admin once, in private, what is closed to us and what to do about it."""
        if delivery.place.thread is not None and isinstance(error, Gone):
            await self._say_anew(tx, delivery)
            return
        now, community = self._bot.clock.now(), delivery.place.community
        if isinstance(error, Unauthorised):
            await trials.shut_out(tx, community, error.reason, now)
            return
        known = delivery.place.thread is None and await trials.over(tx, delivery.place)
        watch = self._bot.watches.get(community)
        if watch is not None and not known:
            for notice in refusal(delivery, error, watch.settings, now):
                await tx.add_delivery(notice)

    async def _works_again(self, tx: Transaction, delivery: Delivery) -> None:
        """Tell each admin of what they mended: a place, or all of a community, that had refused us."""
        watch = self._bot.watches.get(delivery.place.community)
        if watch is None:
            return
        now, mended = self._bot.clock.now(), []
        if await trials.let_in(tx, watch.community):
            mended += let_in(watch.community, watch.settings, now)
        if delivery.kind is not DeliveryKind.LOOK and await trials.over(tx, delivery.place):
            mended += writable(delivery.place, watch.settings, now)
        for notice in mended:
            await tx.add_delivery(notice)

    async def _is_first(self, tx: Transaction, mention: Mention, delivery: Delivery) -> bool:
        """Whether a nudge that was said is the living one: the first, or the first in a new moderators' channel."""
        told = await tx.delivery(mention.told_by) if mention.told_by else None
        return told is None or told.key == delivery.key or told.place.flat != delivery.place.flat

    async def _say_anew(self, tx: Transaction, delivery: Delivery) -> None:
        """Somebody removed the nudge under which this one was to stand: it becomes a living nudge of its own."""
        if delivery.kind is not DeliveryKind.NUDGE:
            return
        now, key = self._bot.clock.now(), f"{delivery.key}/anew"
        anew = Delivery(key, delivery.kind, delivery.place.flat, delivery.subject, now, created_at=now)
        if await tx.add_delivery(anew):
            await tx.note_told(str(delivery.subject["mention"]), key)

    async def _notice(self, delivery: Delivery, watch: Watch) -> Say | Cancel | Later:
        now, hours = self._bot.clock.now(), watch.settings.hours
        if not hours.is_open(now):
            return Later(hours.next_open(now))
        speak = texts(watch.settings.language)
        if delivery.subject["notice"] != "check":
            return Say(notice_post(delivery, speak), delivery.place)
        findings = await watch.chat.check(speak, watch.community)
        wrong = [finding for finding in findings if finding.severity is Severity.ERROR]
        return Say(helping.check_post(wrong, speak), delivery.place) if wrong else Cancel("mended")

    async def _tip(self, delivery: Delivery, watch: Watch) -> Say | Cancel:
        tip = self._bot.shelf.library.tips.get(str(delivery.subject["tip"]))
        if tip is None:
            return Cancel("tip-removed")
        async with self._bot.store.begin() as tx:
            deck = await tx.deck(watch.community)
        if deck is not None and tip.slug in deck.off:
            return Cancel("turned-off")
        late = self._bot.clock.now() - delivery.created_at
        if late > max(watch.settings.tips.catch_up, TIP_TRIES):
            return Cancel("too-late")
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
        ((mention_id, number),) = steps_of(delivery)
        async with self._bot.store.begin() as tx:
            mention = await tx.mention(mention_id)
            told = await tx.delivery(mention.told_by) if mention and mention.told_by else None
            pinged = await pings_before(tx, mention_id, number, watch.settings)
        if mention is None or mention.state is not MentionState.OPEN:
            return Cancel(str(mention.state) if mention else "forgotten")
        if is_replaced(mention, number, watch.settings):
            return Cancel("a later step is to be said")
        now = self._bot.clock.now()
        if wait := _wait(watch, mention, now):
            return wait
        message, readable = await look_up(mention, watch)
        if readable and (over := await shows_over(mention, message, watch, self._bot.store, now)):
            return Cancel(over)
        target = Target(str(delivery.subject["to"]))
        pings = _duty(target, watch) if pinged < MOST_PINGS else ()
        return self.nudge(mention, message, delivery, watch, told, pings)

    def nudge(
        self,
        mention: Mention,
        message: Message | None,
        delivery: Delivery,
        watch: Watch,
        told: Delivery | None,
        pings: tuple[Ping, ...],
    ) -> Say:
        """A nudge whose reason holds, in words; `told` is the living one so far."""
        subject = subject_of(mention, message, watch)
        post, place = _nudge(subject, delivery, watch, told, pings, self._bot.clock.now())
        return Say(post, place, (mention.id,))

    async def _digest(self, delivery: Delivery, watch: Watch) -> Say | Cancel | Later:
        latest = dict(sorted(steps_of(delivery), key=lambda step: step[1]))
        waiting = [
            mention
            for mention in await self._about(delivery)
            if mention.state is MentionState.OPEN and not is_replaced(mention, latest[mention.id], watch.settings)
        ]
        if not waiting:
            return Cancel("nobody waits any more")
        now = self._bot.clock.now()
        for mention in waiting:
            if wait := _wait(watch, mention, now):
                return wait
        subjects: list[Subject] = []
        for _ in range(LOOKS):  # whoever is over makes room for the next
            room = looks.DIGEST_ITEMS - len(subjects)
            shown, waiting = waiting[:room], waiting[room:]
            subjects += await self._still_waiting(shown, watch, now)
        if not subjects and not waiting:
            return Cancel("nobody waits any more")
        post = self._digest_post(subjects, waiting, watch, now)
        post = replace(post, pings=_duty(Target(str(delivery.subject["to"])), watch))
        return Say(post, delivery.place, tuple(subject.mention.id for subject in subjects))

    async def _still_waiting(self, mentions: list[Mention], watch: Watch, now: datetime) -> list[Subject]:
        """Those of them whose messages, as far as we may read them, do not show that they are over."""
        found = []
        for mention, message in zip(mentions, await fetched(mentions, watch), strict=True):
            there = message if isinstance(message, Message) else None
            unreadable = isinstance(message, BaseException) and not isinstance(message, Gone)
            if unreadable or not await shows_over(mention, there, watch, self._bot.store, now):
                found.append(subject_of(mention, there, watch))
        return found

    async def _look(self, delivery: Delivery, watch: Watch) -> Say | Cancel:
        async with self._bot.store.begin() as tx:
            told = await tx.delivery(str(delivery.subject["of"]))
        if told is None or told.state is not DeliveryState.SENT:
            return Cancel("nothing to edit")
        if privacy.FORGOTTEN in told.subject:
            return Say(privacy.blank_post(texts(watch.settings.language)), told.place)
        now = self._bot.clock.now()
        mentions = await self._about(told)
        if not mentions:
            return Cancel("forgotten")
        if told.kind is DeliveryKind.DIGEST:
            shown, hidden = mentions[: looks.DIGEST_ITEMS], mentions[looks.DIGEST_ITEMS :]
            return Say(self._digest_post(await subjects_of(shown, watch), hidden, watch, now), told.place)
        message, _ = await look_up(mentions[0], watch)
        subject = subject_of(mentions[0], message, watch)
        return Say(looks.nudge_post(subject, watch.settings, texts(watch.settings.language), now), told.place)

    def _digest_post(self, subjects: list[Subject], hidden: list[Mention], watch: Watch, now: datetime) -> Post:
        told = [*(subject.mention for subject in subjects), *hidden]
        waiting = sum(mention.state is MentionState.OPEN for mention in told)
        return looks.digest_post(
            subjects,
            waiting,
            len(hidden),
            watch.settings,
            texts(watch.settings.language),
            now,
            self._bot.names.mentions,
        )

    async def _about(self, delivery: Delivery) -> list[Mention]:
        """The mentions that it is about, as they are stored now."""
        async with self._bot.store.begin() as tx:
            found = [await tx.mention(mention_id) for mention_id in mentions_of(delivery)]
        return [mention for mention in found if mention is not None]


def _wait(watch: Watch, mention: Mention, now: datetime) -> Later | None:
    """Out of hours, or not yet sure that nobody answered: not now."""
    if not watch.settings.hours.is_open(now):
        return Later(watch.settings.hours.next_open(now))
    if not watch.is_current(mention.place.channel):
        return Later(watch.along.retry_at(mention.place.channel))
    return None


def _nudge(
    subject: Subject, delivery: Delivery, watch: Watch, told: Delivery | None, pings: tuple[Ping, ...], now: datetime
) -> tuple[Post, Place]:
    """The first nudge in the moderators' channel; whatever comes later stands under it or is said in private."""
    speak = texts(watch.settings.language)
    if delivery.subject["to"] == Target.LEAD:
        return looks.reminder_post(subject, watch.settings, speak, now, ()), delivery.place
    if told is None or told.sent_ref is None or told.place.flat != delivery.place.flat:
        return looks.nudge_post(subject, watch.settings, speak, now, pings), delivery.place
    place = delivery.place
    if watch.chat.capabilities.threads:
        place = replace(told.sent_ref.place, thread=told.sent_ref.place.thread or told.sent_ref.id)
    return looks.reminder_post(subject, watch.settings, speak, now, pings), place


def _duty(target: Target, watch: Watch) -> tuple[Ping, ...]:
    duty = watch.settings.team.on_duty
    return (Ping(PingKind.ROLE, duty),) if target is Target.ON_DUTY and duty else ()
