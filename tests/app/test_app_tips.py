"""`/tip`: today's tip, the best advice on a topic, what there is, and sharing it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import pytest
from village import SUPPORT, TIPS, TIPS_AT_TEN, Village, member, place, settings

from bot.events import ActionTaken, Private, Reply
from bot.model import Place
from bot.post import Post
from bot.shelf import Shelf
from bot.texts import texts
from bot.tips.library import Library
from tests.fakes import COMMUNITY


def private(reply: Reply | None) -> Post:
    assert isinstance(reply, Private)
    return reply.post


def actions(post: Post) -> list[tuple[str, str]]:
    return [(button.action, button.value) for button in post.buttons]


async def test_tip_without_a_topic_gives_todays(village: Village) -> None:
    """`/tip` gives the tip that was told today; before the very first, the one that will be."""
    village.settings = settings(tips=TIPS_AT_TEN)
    await village.restart()
    before = private(await village.command("tess", "tip"))
    await village.wait(61)
    (told,) = village.said_in(TIPS)
    after = private(await village.command("tess", "tip"))
    assert before.title == after.title == told.title.replace("Tip of the day", "Today’s tip")
    await village.wait(timedelta(hours=10))
    assert private(await village.command("tess", "tip")) == after


async def test_on_a_day_without_a_tip_the_latest_is_told_as_such(village: Village) -> None:
    """On Saturday, and on Monday before ten, `/tip` gives Friday's tip with its date, and does not call it today's."""
    village.settings = settings(tips=TIPS_AT_TEN)
    await village.restart()
    await village.wait(timedelta(days=5))
    told = village.said_in(TIPS)[-1].title.removeprefix("Tip of the day")
    assert private(await village.command("tess", "tip")).title == f"Latest tip, Friday 6 March{told}"
    french = private(await village.command("tess", "tip", locale="fr"))
    assert french.title.startswith("Dernier conseil, vendredi 6 mars · ")
    await village.wait(timedelta(days=2))
    assert private(await village.command("tess", "tip")).title == f"Latest tip, Friday 6 March{told}"
    await village.wait(61)
    assert private(await village.command("tess", "tip")).title.startswith("Today’s tip · ")


def told(reply: Reply | None) -> str:
    """The slug of the tip that is shown."""
    return dict(actions(private(reply)))["tip.useful"]


async def test_without_a_daily_tip_each_date_has_one_of_its_own(village: Village) -> None:
    """Where no channel has a daily tip, `/tip` gives another one on every date until all were told: the same all day,
    in the community's own zone, to everybody, after a restart too. The deck is left as it is."""
    village.settings = settings(zone=ZoneInfo("Asia/Tokyo"))  # there it is 18:00
    await village.restart()
    number, seen = len(village.shelf.library.tips), []
    for _ in range(number):
        first = private(await village.command("tess", "tip"))
        assert first.title.startswith("Today’s tip · ")
        await village.wait(timedelta(hours=5, minutes=59))
        assert told(await village.command("ada", "tip", locale="fr")) == told(Private(first))
        await village.restart()
        assert told(await village.command("tess", "tip")) == told(Private(first))
        seen.append(told(Private(first)))
        await village.wait(timedelta(hours=18, minutes=1))
    assert len(set(seen)) == number
    await village.wait(timedelta(days=3))
    assert [told(await village.command("tess", "tip"))] == seen[:1], "whoever does not ask misses none"
    async with village.store.begin() as tx:
        assert await tx.deck(COMMUNITY) is None


async def test_two_copies_that_are_asked_at_once_give_the_same_tip(village: Village) -> None:
    """The tip of a date without a daily one is settled once, whichever process is asked first; and it is forgotten with
    the community."""
    other = Village(village.store, clock=village.clock)
    await other.connect()
    for _ in range(3):
        asked = (one.command("tess", "tip") for one in (village, other, village, other))
        assert len({told(reply) for reply in await asyncio.gather(*asked)}) == 1
        await village.time_passes(timedelta(days=1))
    async with village.store.begin() as tx:
        assert await tx.last_told(f"asked/{COMMUNITY}")
        await tx.forget_community(COMMUNITY)
        assert await tx.last_told(f"asked/{COMMUNITY}") is None


async def test_what_is_turned_off_is_no_tip_of_any_date(village: Village) -> None:
    """Without a daily tip, one that is turned off is replaced at once, by one that does not come again tomorrow."""
    seen = []
    for _ in range(10):
        seen.append(told(await village.command("tess", "tip")))
        await village.press("tess", "tip.off", seen[-1])
        seen.append(told(await village.command("tess", "tip")))
        assert told(await village.command("tim", "tip")) == seen[-1]
        await village.wait(timedelta(days=1))
    assert len(set(seen)) == 20


async def test_tip_with_a_topic_gives_the_best_and_offers_the_next(village: Village) -> None:
    """`/tip engagement` answers anybody in private with the best tip in full and the next two as buttons."""
    post = private(await village.command("ada", "tip", "engagement"))
    library = village.shelf.library
    offered = [value for action, value in actions(post) if action == "tip.show"]
    assert len(offered) == 2
    best = next(value for action, value in actions(post) if action == "tip.useful")
    assert "engagement" in library.tips[best].topics
    shown = private(await village.press("ada", "tip.show", offered[0]))
    assert shown.title == library.tips[offered[0]].text("en").title
    assert not village.said


@pytest.mark.parametrize("query", ["trolls", "16", "kpi", "engagement", "use-visuals", "be yourself"])
async def test_two_more_tips_are_always_offered(village: Village, query: str) -> None:
    """A search that finds a single tip offers two others all the same: those that go with it."""
    for language in ("en", "fr"):
        post = private(await village.command("ada", "tip", query, locale=language))
        offered = [value for action, value in actions(post) if action == "tip.show"]
        assert len({*offered, told(Private(post))}) == 3


async def test_what_is_offered_besides_was_not_turned_off(village: Village) -> None:
    """Of the tips that go with the one that was found, those that the team turned off are left out."""
    for _ in range(4):
        post = private(await village.command("ada", "tip", "trolls"))
        offered = {value for action, value in actions(post) if action == "tip.show"}
        assert len(offered) == 2
        async with village.store.begin() as tx:
            deck = await tx.deck(COMMUNITY)
        assert offered.isdisjoint(deck.off if deck else ())
        for slug in offered:
            await village.press("tess", "tip.off", slug)


async def test_every_topic_that_is_offered_leads_somewhere(village: Village) -> None:
    """Whatever a button offers exists: each topic, pressed or typed in either language, gives a tip about it."""
    library = village.shelf.library
    for topic in library.topics.values():
        if not library.about(topic.id):
            continue
        for language in ("en", "fr"):
            pressed = private(await village.press("ada", "tip.topic", topic.id, locale=language))
            typed = private(await village.command("ada", "tip", topic.label(language), locale=language))
            assert pressed.title != texts(language).t("Nothing found"), topic.id
            assert typed.title != texts(language).t("Nothing found"), topic.id


@pytest.mark.parametrize("query", ["zzzzqqq", "xkcdvwq", "🤷", "((((", "#99", "qzxv"])
async def test_an_unknown_topic_offers_the_popular_and_tells_how_to_browse(village: Village, query: str) -> None:
    """What is like no topic is answered with those that people ask for, called that, and with the way to all."""
    post = private(await village.command("ada", "tip", query))
    popular = [topic.id for topic in village.shelf.library.topics.values()][:3]
    assert (post.title, actions(post)) == ("Nothing found", [("tip.topic", topic) for topic in popular])
    assert "People often ask about the topics below" in post.body
    assert "nearest" not in post.body
    assert "/tip topics lists them all" in post.body


async def test_a_topic_that_is_nearly_known_offers_the_nearest(village: Village) -> None:
    """What resembles topics but finds no tip is answered with these."""
    post = private(await village.command("ada", "tip", "grwthz"))
    assert post.title == "Nothing found"
    assert "The nearest topics are below" in post.body
    assert {action for action, _ in actions(post)} == {"tip.topic"}


async def test_topics_lists_what_there_is(village: Village) -> None:
    """`/tip topics` lists every topic that has tips, with their number, in the member's language."""
    english = private(await village.command("ada", "tip", "topics"))
    french = private(await village.command("ada", "tip", "thèmes", locale="fr-FR"))
    library = village.shelf.library
    for topic in library.topics.values():
        if n := len(library.about(topic.id)):
            assert f"{topic.label('en')} \\({n}\\)" in english.body.replace("\\-", "-")
            assert f"{topic.label('fr')} \\({n}\\)" in french.body.replace("\\-", "-")


@pytest.mark.parametrize(
    "word", ["topics", "Topic", "list", "help", "thèmes", "THÈME", "themes", "sujet", "liste", "aide"]
)
async def test_whoever_looks_around_is_shown_the_topics(village: Village, word: str) -> None:
    """Words by which people ask what there is are no topics to search for."""
    expected = private(await village.command("ada", "tip", "topics"))
    assert private(await village.command("ada", "tip", word)) == expected


@pytest.mark.parametrize("word", ["today", "Today", "aujourd'hui", "aujourd’hui"])
async def test_today_is_todays_tip(village: Village, word: str) -> None:
    """Who asks for today's tip by that word is given it."""
    assert private(await village.command("ada", "tip", word)) == private(await village.command("ada", "tip"))


async def test_sharing_is_for_the_team_and_once_a_day_in_a_channel(village: Village) -> None:
    """Share puts a tip into the channel, once a day there however many press it; only the team may."""
    asked = private(await village.command("ada", "tip", "engagement", channel=SUPPORT))
    assert "tip.share" not in dict(actions(asked))
    slug = dict(actions(asked))["tip.useful"]
    assert "tip.share" in dict(actions(private(await village.command("tess", "tip", "engagement"))))
    for who in ("tess", "tim", "tess"):
        assert private(await village.press(who, "tip.share", slug)).title == "Shared"
    await village.settle()
    (shared,) = village.said
    assert (shared.ref.place.channel, shared.post.buttons, shared.post.pings) == ("mods", (), ())
    again = private(await village.press("tim", "tip.share", slug))
    assert "was shared here today already" in again.body
    await village.time_passes(timedelta(days=1))
    await village.press("tim", "tip.share", slug)
    await village.settle()
    assert len(village.said) == 2


async def test_a_tip_is_shared_where_there_is_somebody_to_share_it_with(village: Village) -> None:
    """Neither in private nor on one's own page, nor by the buttons that stand there; an old button says so."""
    asked = private(await village.command("tess", "tip", "engagement", private=True))
    assert "tip.share" not in dict(actions(asked))
    slug = dict(actions(asked))["tip.useful"]
    alone = Place(COMMUNITY, "")
    for where, few in ((alone, False), (place(TIPS), True)):
        for action in ("tip.show", "tip.another"):
            pressed = ActionTaken(where, member("tess"), action, slug, village.clock.now(), private=few)
            assert "tip.share" not in dict(actions(private(await village.bot.handle(pressed))))
        pressed = ActionTaken(where, member("tess"), "tip.share", slug, village.clock.now(), private=few)
        assert private(await village.bot.handle(pressed)).title == "This button is out of date"
    await village.settle()
    assert village.said == []


async def test_a_tip_that_is_gone_is_told_politely(village: Village) -> None:
    """Old buttons may name tips that were taken out of the library."""
    for action in ("tip.show", "tip.useful", "tip.off", "tip.on", "tip.share"):
        assert private(await village.press("tess", action, "long-gone")).title == "This tip is gone"
    assert private(await village.press("tess", "tip.another", "long-gone")).title != "This tip is gone"


async def test_private_replies_are_in_the_members_language_and_public_ones_in_the_communitys(village: Village) -> None:
    """A French client is answered in French within an English community, and what all see stays English."""
    post = private(await village.command("tess", "tip", "engagement", locale="fr-FR"))
    slug = dict(actions(post))["tip.useful"]
    tip = village.shelf.library.tips[slug]
    assert post.title == tip.text("fr").title
    assert post.buttons[-1].label == "Partager dans le canal"
    assert private(await village.command("tess", "tip", "engagement", locale="de")).title == tip.text("en").title
    assert private(await village.press("ada", "tip.off", slug, locale="fr_CA")).title == "C’est réservé à l’équipe"
    await village.press("tess", "tip.share", slug, locale="fr-FR")
    await village.settle()
    assert village.said[0].post.title == tip.text("en").title
    assert village.said[0].ref.place == place("mods")


class Unread(Shelf):
    """A shelf from which nobody may take a tip."""

    @cached_property
    def library(self) -> Library:
        pytest.fail("the tips were read")


async def test_a_community_without_a_daily_tip_has_none_read(village: Village) -> None:
    """To read the library takes as long as a thousand messages: who only wants nudges does not wait for it."""
    village.shelf = Unread()
    await village.restart()
    await village.asks()
    await village.wait(40)
    assert len(village.said) == 1


async def test_an_unknown_command_is_answered_helpfully(village: Village) -> None:
    """Whatever an adapter passes on, its sender learns what there is."""
    post = private(await village.command("ada", "teapot"))
    assert "/tip" in post.body
    assert "/mentions" in post.body
