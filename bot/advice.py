"""What `/tip` shows: today's tip, the best advice on a topic, what topics there are, what the team turned off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot import looks
from bot.daily import tip_for_today
from bot.events import ActionTaken, CommandInvoked
from bot.excerpt import shorten
from bot.markup import Markup, bold
from bot.post import Button, Item, Post
from bot.texts import Texts
from bot.tips.library import Tip

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.watch import Watch

OFFERED = 3
"""Tips that a search offers: the best in full, the others as buttons; and topics where it finds nothing."""

PAGE = 15
"""Turned-off tips on one page of the list: a screenful, and with their buttons far from a Slack message's 50 blocks."""


def may_share(watch: Watch, event: CommandInvoked | ActionTaken) -> bool:
    """Whether there is a channel here with which a tip can be shared, and whoever asks is of the team."""
    return watch.team.has(event.member) and bool(event.place.channel) and not event.private


async def todays_tip(bot: Bot, watch: Watch, speak: Texts, *, share: bool) -> Post:
    """Today's tip, or the latest where today has none, which is then said."""
    now, library = bot.clock.now(), bot.shelf.library
    found = await tip_for_today(watch, bot.store, library, now)
    if found is None:
        return Post(speak.t("No tip left"), speak.rich("Every tip was turned off. Ask for a topic instead."))
    slug, day = found
    today = day == now.astimezone(watch.settings.zone).date()
    title = speak.t("Today’s tip") if today else speak.t("Latest tip, {day}", day=speak.day(day))
    return tip_in_full(library.tips[slug], bot, speak, share=share, title=title)


def tip_in_full(tip: Tip, bot: Bot, speak: Texts, *, share: bool, title: str = "") -> Post:
    """A tip as a private reply; `share`: with a button that shows it to the whole channel."""
    post = looks.tip_post(tip, bot.shelf.library, speak, title=title, private=True)
    sharing = (Button(speak.t("Share with the channel"), "tip.share", tip.slug),) if share else ()
    return replace(post, buttons=(*post.buttons, *sharing))


async def search_post(query: str, bot: Bot, watch: Watch, speak: Texts, *, share: bool) -> Post:
    """The best tip in full, the next two as buttons, made up by those most like it that the team has not turned off;
    for what is not found, the nearest topics, or the most asked ones, and how to browse."""
    index = bot.shelf.index
    tips = [hit.tip for hit in index.search(query, speak.language, OFFERED)]
    if not tips:
        return _nothing_found(query, bot, speak)
    if len(tips) < OFFERED:
        off = await _turned_off(bot, watch)
        like = index.like(tips[0], speak.language, OFFERED + len(off))
        tips += [tip for tip in like if tip not in tips and tip.slug not in off]
    post = tip_in_full(tips[0], bot, speak, share=share)
    more = [Button(shorten(tip.text(speak.language).title, 70), "tip.show", tip.slug) for tip in tips[1:OFFERED]]
    return replace(post, buttons=(*more, *post.buttons))


def _nothing_found(query: str, bot: Bot, speak: Texts) -> Post:
    index = bot.shelf.index
    near = index.topics_near(query, speak.language, OFFERED)
    topics = near or index.popular(OFFERED)
    body = [speak.rich("I have no advice on “{query}” yet.", query=shorten(query, 80))]
    if near:
        body.append(speak.rich("The nearest topics are below."))
    elif topics:
        body.append(speak.rich("People often ask about the topics below."))
    body.append(speak.rich("/{name} topics lists them all.", name=bot.names.tip))
    buttons = [Button(topic.label(speak.language), "tip.topic", topic.id) for topic in topics]
    return Post(speak.t("Nothing found"), Markup(" ").join(body), buttons=tuple(buttons))


def topics_post(bot: Bot, speak: Texts) -> Post:
    """All topics, and how many tips each has."""
    library = bot.shelf.library
    counted = [(topic.label(speak.language), len(library.about(topic.id))) for topic in library.topics.values()]
    names = sorted((name, n) for name, n in counted if n)
    listed = ", ".join(f"{name} ({speak.number(n)})" for name, n in names)
    use = speak.rich("Ask with /{name} and a topic, or a question in your own words.", name=bot.names.tip)
    return Post(speak.t("Topics"), Markup("{listed}").format(listed=listed), context=use)


async def off_post(bot: Bot, watch: Watch, speak: Texts, offset: int = 0) -> Post:
    """A page of the tips that the team turned off, in the library's order, each with a button that puts it back."""
    slugs = await _turned_off(bot, watch)
    off = [tip for tip in bot.shelf.library.tips.values() if tip.slug in slugs]
    if not off:
        how = speak.rich("“{button}” under the tip of the day turns one off.", button=speak.t("Not for us"))
        return Post(speak.t("No tip is turned off"), how)
    offset = min(offset, (len(off) - 1) // PAGE * PAGE)
    items = [
        Item(bold(tip.text(speak.language).title), (Button(speak.t("Put it back"), "tip.on", f"{tip.slug}/{offset}"),))
        for tip in off[offset : offset + PAGE]
    ]
    buttons = []
    if offset:
        buttons.append(Button(speak.t("Previous"), "tip.page", str(max(0, offset - PAGE))))
    if offset + PAGE < len(off):
        buttons.append(Button(speak.t("Next"), "tip.page", str(offset + PAGE)))
    title = speak.plural("{n} tip is turned off", "{n} tips are turned off", len(off))
    return Post(title, items=tuple(items), buttons=tuple(buttons))


async def _turned_off(bot: Bot, watch: Watch) -> frozenset[str]:
    async with bot.store.begin() as tx:
        deck = await tx.deck(watch.community)
    return deck.off if deck else frozenset()
