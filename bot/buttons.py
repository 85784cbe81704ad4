"""What the buttons and forms under the bot's posts do. Who may press them is checked here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot import advice, commands, looks, privacy, tables
from bot.daily import fresh_deck
from bot.events import ActionTaken, FormSubmitted, NewLook, Private, Reply, ShowForm
from bot.mentions.judge import Change
from bot.mentions.ladder import reopened, timed
from bot.model import Decision, Delivery, DeliveryKind, Mention, MentionState, Verdict
from bot.post import Button, Form, Input, InputKind, Post
from bot.subjects import helper_of, subjects_of
from bot.texts import Texts, later
from bot.tips.deck import preceding, turn_off, turn_on

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.watch import Watch

Press = ActionTaken | FormSubmitted

SNOOZES = {
    "1h": later("For an hour"),
    "3h": later("For 3 hours"),
    "day": later("Until the next working day"),
    "week": later("For a week"),
}

REASONS = {
    "chat": later("Just chatting"),
    "other": later("Meant for somebody else"),
    "handled": later("Handled elsewhere"),
    "spam": later("Spam"),
}

PAGES = {"mentions.page": tables.waiting_post, "tip.page": advice.off_post}
"""Lists through which buttons lead, page by page."""


async def press(bot: Bot, watch: Watch, event: Press) -> Reply:
    """What pressing a button, or sending a form, does and answers."""
    name = event.action if isinstance(event, ActionTaken) else event.form
    speak = bot.speak(event.member, watch)
    area, _, verb = name.partition(".")
    if area == "tip" and verb in ("useful", "another", "show", "topic"):
        return await _read_tip(bot, watch, event, verb, speak)
    if name == "privacy.forget":
        return await privacy.confirmed(bot, watch, event.member.id, speak)
    if not watch.team.has(event.member):
        return Private(commands.not_for_you(speak))
    if name == "tip.share" and not (isinstance(event, ActionTaken) and advice.may_share(watch, event)):
        return Private(_out_of_date(speak))
    if area == "tip" and verb in ("off", "on", "share"):
        return await _keep_tips(bot, watch, event, verb, speak)
    if name in PAGES and (page := _page(event.value)) is not None:
        return NewLook(await PAGES[name](bot, watch, speak, page))
    if area == "mention" and verb in ("claim", "release", "snooze", "done", "false", "reopen"):
        return await _handle_mention(bot, watch, event, verb, speak)
    return Private(_out_of_date(speak))


def _out_of_date(speak: Texts) -> Post:
    return Post(speak.t("This button is out of date"), speak.rich("Please use the command again."))


def _page(value: str) -> int | None:
    """Where in the list a button stands; None when it stands elsewhere."""
    return int(value) if re.fullmatch("[0-9]{1,9}", value) else None


async def _read_tip(bot: Bot, watch: Watch, event: Press, verb: str, speak: Texts) -> Reply:
    tips = bot.shelf.library.tips
    share = isinstance(event, ActionTaken) and advice.may_share(watch, event)
    if verb == "topic":
        return Private(await advice.search_post(event.value, bot, watch, speak, share=share))
    if verb != "another" and event.value not in tips:
        return Private(_gone(speak))
    if verb == "useful":
        async with bot.store.begin() as tx:
            await tx.judge_tip(watch.community, event.value, event.member.id, "useful", event.at)
        return Private(Post(speak.t("Noted"), speak.rich("Thank you. Good to know that it helps.")))
    if verb == "another":
        slug = await _another(bot, watch, event.value)
        if slug is None:
            return Private(Post(speak.t("No tip left"), speak.rich("Every other tip was turned off.")))
    else:
        slug = event.value
    return Private(advice.tip_in_full(tips[slug], bot, speak, share=share))


def _gone(speak: Texts) -> Post:
    return Post(speak.t("This tip is gone"), speak.rich("It was taken out of the library."))


async def _another(bot: Bot, watch: Watch, last: str) -> str | None:
    """A tip other than the one shown, back through the deck's order: the daily tips to come are neither used up nor
    told in advance."""
    async with bot.store.begin() as tx:
        deck = await tx.deck(watch.community) or fresh_deck(watch.community)
    return preceding(deck, bot.shelf.library.tips.keys() - deck.off - {last}, last)


async def _keep_tips(bot: Bot, watch: Watch, event: Press, verb: str, speak: Texts) -> Reply:
    slug, _, page = event.value.partition("/")
    tip = bot.shelf.library.tips.get(slug)
    if tip is None:
        return Private(_gone(speak))
    title = tip.text(speak.language).title
    if verb == "share":
        place, day = event.place, event.at.astimezone(watch.settings.zone).date().isoformat()
        where = f"{place.channel}/{place.thread}" if place.thread else place.channel
        async with bot.store.begin() as tx:
            first = await tx.add_delivery(
                Delivery(
                    key=f"share/{place.community}/{where}/{slug}/{day}",
                    kind=DeliveryKind.SHARE,
                    place=place,
                    subject={"tip": slug},
                    due_at=event.at,
                    created_at=event.at,
                )
            )
        said = speak.rich("“{title}” is on its way to the channel.", title=title)
        again = speak.rich("“{title}” was shared here today already.", title=title)
        return Private(Post(speak.t("Shared"), said if first else again))
    async with bot.store.begin() as tx:
        deck = await tx.deck(watch.community) or fresh_deck(watch.community)
        changed = turn_off(deck, slug) if verb == "off" else turn_on(deck, slug)
        await tx.save_deck(watch.community, changed)
        await tx.judge_tip(
            watch.community, slug, event.member.id, "not-for-us" if verb == "off" else "welcome", event.at
        )
    if verb == "off":
        back = Button(speak.t("Put it back"), "tip.on", slug)
        body = speak.rich("“{title}” will not come up again.", title=title)
        where = speak.rich("/{name} off lists the tips that were turned off.", name=bot.names.tip)
        return Private(Post(speak.t("Taken out of the deck"), body, buttons=(back,), context=where))
    if (start := _page(page)) is not None:
        return NewLook(await advice.off_post(bot, watch, speak, start))
    return Private(Post(speak.t("Back in the deck"), speak.rich("“{title}” will come up again.", title=title)))


async def _handle_mention(bot: Bot, watch: Watch, event: Press, verb: str, speak: Texts) -> Reply:
    mention_id, _, page = event.value.partition("/")
    mention = await watch.find(mention_id)
    if mention is None:
        return Private(_forgotten(speak))
    asks = verb in ("snooze", "false") and mention.state.waits
    if asks and isinstance(event, ActionTaken) and watch.chat.capabilities.forms:
        return ShowForm(_form(verb, event.value, speak))
    chosen = event.values.get("choice", "") if isinstance(event, FormSubmitted) else ""
    done = await watch.decide(mention, lambda as_it_is: _change(verb, chosen, as_it_is, watch, event))
    if (start := _page(page)) is not None:
        listed = await tables.waiting_post(bot, watch, speak, start)
        return NewLook(listed) if isinstance(event, ActionTaken) or event.updates else Private(listed)
    now_is = await watch.find(mention_id)
    if now_is is None:
        return Private(_forgotten(speak))
    if not done or isinstance(event, FormSubmitted) or event.ref is None:
        standing = looks.standing(now_is, watch.settings, speak, event.at, helper_of(now_is, watch))
        return Private(Post(speak.t("Done") if done else speak.t("Nothing to change"), standing))
    public = bot.public_texts(watch)
    subject = (await subjects_of([now_is], watch))[0]
    return NewLook(looks.nudge_post(subject, watch.settings, public, bot.clock.now()))


def _forgotten(speak: Texts) -> Post:
    return Post(speak.t("This mention is gone"), speak.rich("It was closed long ago and forgotten."))


def _change(verb: str, chosen: str, mention: Mention, watch: Watch, event: Press) -> Change | None:
    """What a button makes of a mention as it is now; None where there is nothing to change."""
    by, at, judge = event.member.id, event.at, watch.judge
    if verb == "reopen":
        again = mention.state in (MentionState.ANSWERED, MentionState.DISMISSED)
        return judge.reopening(mention, by, at, "still-waiting") if again else None
    if not mention.state.waits:
        return None
    match verb:
        case "claim" if mention.state is not MentionState.CLAIMED:
            until = watch.settings.hours.next_open(watch.settings.hours.add(at, watch.settings.mentions.claim))
            return _set(mention, watch, Verdict.CLAIMED, by, at, state=MentionState.CLAIMED, claimed_by=by, until=until)
        case "release" if mention.state is MentionState.CLAIMED:
            return _set(reopened(mention, at), watch, Verdict.RELEASED, by, at)
        case "snooze":
            until = snoozed_until(chosen, at, watch)
            return _set(
                mention, watch, Verdict.SNOOZED, by, at, state=MentionState.SNOOZED, claimed_by=None, until=until
            )
        case "done":
            return judge.answered(mention, by, at, "done")
        case "false":
            return judge.dismissed(mention, by, at, f"not-a-mention:{chosen}" if chosen in REASONS else "not-a-mention")
    return None


def _set(mention: Mention, watch: Watch, verdict: Verdict, by: str, at: datetime, **changes: object) -> Change:
    changed = timed(replace(mention, **changes), watch.settings)  # type: ignore[arg-type]  # the caller names fields
    return Change(changed, Decision(mention.id, at, verdict, "button", by))


def snoozed_until(chosen: str, at: datetime, watch: Watch) -> datetime:
    """When a snoozed mention comes back: the next working day unless something else was chosen; always in hours."""
    hours = watch.settings.hours
    waits: dict[str, Callable[[], datetime]] = {
        "1h": lambda: hours.next_open(at + timedelta(hours=1)),
        "3h": lambda: hours.next_open(at + timedelta(hours=3)),
        "week": lambda: hours.next_open(at + timedelta(days=7)),
    }
    return waits.get(chosen, lambda: hours.next_day_open(at))()


def _form(verb: str, value: str, speak: Texts) -> Form:
    """The dialogue of Snooze, or of *Not a mention*."""
    if verb == "snooze":
        choices = tuple((key, speak.t(label)) for key, label in SNOOZES.items())
        field = Input("choice", speak.t("Until when?"), InputKind.CHOICE, choices, initial="day")
        return Form("mention.snooze", speak.t("Snooze"), speak.t("Snooze"), (field,), value)
    choices = tuple((key, speak.t(label)) for key, label in REASONS.items())
    field = Input("choice", speak.t("What is it?"), InputKind.CHOICE, choices, initial="chat")
    return Form("mention.false", speak.t("Not a mention"), speak.t("Close it"), (field,), value)
