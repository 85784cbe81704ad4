"""`/tip`: today's tip, the best advice on a topic, what there is, and sharing it."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property

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
    assert before.title == after.title == told.title.replace("Tip of the day", "Today's tip")
    await village.wait(timedelta(hours=10))
    assert private(await village.command("tess", "tip")) == after


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


@pytest.mark.parametrize("query", ["zzzzqqq", "xkcdvwq", "🤷", "((((", "engagment xyzzyqq" * 1])
async def test_an_unknown_topic_offers_the_nearest_and_tells_how_to_browse(village: Village, query: str) -> None:
    """What is not found is answered with the nearest topics and the way to all of them."""
    post = private(await village.command("ada", "tip", query))
    if post.title == "Nothing found":
        assert "/tip topics lists them all" in post.body
        assert actions(post)
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
