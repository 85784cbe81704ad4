"""The daily tip: which occurrences are due, which tip is drawn, and what the community's own figures say of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import blake2b

from bot.insight.figures import Figures, figures
from bot.logger import get_logger
from bot.markup import Markup
from bot.model import Community, Delivery, DeliveryKind, OccurrenceState, Place, Settled
from bot.ports import Store, Transaction
from bot.schedule import Occurrence, due
from bot.shelf import Shelf
from bot.texts import Texts
from bot.tips.deck import Deck, draw, following
from bot.tips.library import Library, Tip
from bot.watch import Watch

log = get_logger(__name__)

ENOUGH = 3
"""Answers below which a figure says more about chance than about the team."""

POSTS = (DeliveryKind.TIP, DeliveryKind.NUDGE, DeliveryKind.DIGEST, DeliveryKind.SHARE)
"""What counts as a message of ours: an edit says nothing new, and what an admin should mend is no chatter."""

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
SEASON = timedelta(days=90)


def fresh_deck(community: Community) -> Deck:
    """The deck of a community that was told nothing yet: the same whoever makes it, another for each community."""
    return Deck(seed=int.from_bytes(blake2b(str(community).encode(), digest_size=6).digest(), "big"))


async def tell_due(watch: Watch, store: Store, shelf: Shelf, now: datetime) -> bool:
    """Settle every occurrence that has come: the latest within the catch-up window is told, older ones are skipped.

    One row for each (schedule, local date) is what makes it happen once, whoever asks and however often.
    """
    schedule = watch.coming.schedule
    if schedule is None or not watch.coming.may_have_come(now):
        return False
    async with store.begin() as tx:
        last = await tx.last_settled(schedule.name)
    since = date.fromisoformat(last.local_date) if last else None
    told = False
    for occurrence, verdict in due(schedule, now, since, watch.settings.tips.catch_up):
        if verdict == "tell":
            told |= await _tell(occurrence, watch, store, shelf.library, now)
        else:
            await _skip(occurrence, store)
    watch.coming.settled_at = now
    return told


async def _tell(occurrence: Occurrence, watch: Watch, store: Store, library: Library, now: datetime) -> bool:
    channel = watch.settings.tips.channel or ""
    day = occurrence.local_date.isoformat()
    async with store.begin() as tx:
        deck = await tx.deck(watch.community) or fresh_deck(watch.community)
        slug, rest = draw(deck, library.tips)
        if slug is None:
            log.warning("no tip left to tell: every one was turned off", community=str(watch.community))
            state = OccurrenceState.SKIPPED
        else:
            state = OccurrenceState.TOLD
        if not await tx.settle(Settled(occurrence.schedule, day, occurrence.instant, state, slug)):
            return False
        await tx.save_deck(watch.community, rest)
        if slug is None:
            return False
        return await tx.add_delivery(
            Delivery(
                key=f"tip/{watch.community}/{channel}/{day}",
                kind=DeliveryKind.TIP,
                place=Place(watch.community, channel),
                subject={"tip": slug},
                due_at=now,
                created_at=now,
            )
        )


async def _skip(occurrence: Occurrence, store: Store) -> None:
    async with store.begin() as tx:
        settled = Settled(
            occurrence.schedule, occurrence.local_date.isoformat(), occurrence.instant, OccurrenceState.SKIPPED
        )
        first = await tx.settle(settled)
    if first:
        log.warning("tip skipped", schedule=occurrence.schedule, local_date=settled.local_date, why="missed while down")


async def tip_for_today(watch: Watch, store: Store, library: Library, now: datetime) -> tuple[str, date] | None:
    """The tip for whoever asks for today's, and the local date that it is of; None when every tip was turned off.

    With a daily tip, it is the one told last of those that are still wanted; before the very first, the one that will
    be told. Without, each local date on which somebody asks has one of its own. Never one that was turned off.
    """
    today = now.astimezone(watch.settings.zone).date()
    async with store.begin() as tx:
        deck = await tx.deck(watch.community) or fresh_deck(watch.community)
        wanted = set(library.tips) - deck.off
        if not wanted:
            return None
        if watch.coming.schedule is None:
            return await _asked_for(tx, watch.community, deck, wanted, today, now), today
        told = await _last_told(tx, watch.coming.schedule.name, wanted, today)
    return told or (draw(deck, wanted)[0] or min(wanted), today)


async def _last_told(tx: Transaction, schedule: str, wanted: set[str], today: date) -> tuple[str, date] | None:
    last = await tx.last_told(schedule)
    if last and last.slug not in wanted:
        told = [one for one in await tx.settled(schedule, today - SEASON) if one.slug in wanted]
        last = told[-1] if told else None
    return (last.slug, date.fromisoformat(last.local_date)) if last and last.slug else None


async def _asked_for(
    tx: Transaction, community: Community, deck: Deck, wanted: set[str], today: date, now: datetime
) -> str:
    """The tip of a local date where none is told: settled by whoever asks first, after that of the last such date.

    The deck of the daily tip stays as it is. For a tip that was turned off since, the one after it stands in.
    """
    schedule, day = f"asked/{community}", today.isoformat()

    def after(slug: str | None) -> str:
        return following(deck, wanted, slug) or min(wanted)

    def shown(last: Settled) -> str:
        return last.slug if last.slug is not None and last.slug in wanted else after(last.slug)

    last = await tx.last_told(schedule)
    if last is None or last.local_date < day:
        slug = after(shown(last) if last else None)
        if await tx.settle(Settled(schedule, day, now, OccurrenceState.TOLD, slug)):
            return slug
        last = await tx.last_told(schedule)  # another copy was asked at the same moment
    return shown(last) if last else after(None)


async def figure_note(tip: Tip, watch: Watch, store: Store, texts: Texts, now: datetime) -> Markup:
    """The bot lives by its own tips: where one shows in the community's own figures, the real number; else nothing."""
    if tip.slug not in _NOTES:
        return Markup("")
    async with store.begin() as tx:
        waits = await tx.waits(watch.community, now - MONTH)
        posted = await tx.count_sent(watch.community, now - WEEK, POSTS)
    ladder = watch.settings.mentions.ladder
    in_time = ladder[0].after if ladder else timedelta(minutes=30)
    week, month = (figures(waits, now - period, in_time) for period in (WEEK, MONTH))
    return _NOTES[tip.slug](week, month, posted, texts)


def _frequency(_week: Figures, _month: Figures, sent: int, texts: Texts) -> Markup:
    if not sent:
        return Markup("")
    return texts.rich_plural(
        "I keep an eye on it too: I posted {n} message in the last 7 days.",
        "I keep an eye on it too: I posted {n} messages in the last 7 days.",
        sent,
    )


def _both_ways(week: Figures, _month: Figures, _sent: int, texts: Texts) -> Markup:
    if week.answered < ENOUGH:
        return Markup("")
    return texts.rich(
        "In the last 7 days, {answered} of the {opened} people who called on you got an answer.",
        answered=texts.number(week.answered),
        opened=texts.number(week.opened),
    )


def _measured(week: Figures, _month: Figures, _sent: int, texts: Texts) -> Markup:
    if week.in_time is None or week.answered < ENOUGH:
        return Markup("")
    return texts.rich("In the last 7 days, {share} of first answers came in time.", share=texts.percent(week.in_time))


def _responsive(week: Figures, _month: Figures, _sent: int, texts: Texts) -> Markup:
    if week.worked is None or week.answered < ENOUGH:
        return Markup("")
    return texts.rich(
        "In the last 7 days, half of the people who called on you had an answer within {median} of working time.",
        median=texts.effort(week.worked.median),
    )


def _long_run(week: Figures, month: Figures, _sent: int, texts: Texts) -> Markup:
    if week.worked is None or month.worked is None or month.answered - week.answered < ENOUGH:
        return Markup("")
    return texts.rich(
        "Your own long run: a median first answer of {week} this week, {month} over 30 days.",
        week=texts.effort(week.worked.median),
        month=texts.effort(month.worked.median),
    )


_NOTES = {
    "no-spam": _frequency,
    "talk-with-people": _both_ways,
    "measure-success": _measured,
    "nurture-relationships": _responsive,
    "be-patient": _long_run,
}
