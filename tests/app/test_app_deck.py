"""The deck of tips: what the team makes of it, and the community's own figures under a tip."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from village import SHELF, TIPS, TIPS_AT_TEN, Village, place, settings

from bot.daily import _long_run
from bot.events import NewLook, Private
from bot.insight.figures import figures
from bot.markup import bold
from bot.model import DeliveryState, MentionState, OccurrenceState, Wait
from bot.ports import Store
from bot.post import Post
from bot.shelf import Shelf
from bot.texts import texts
from bot.tips.deck import Deck
from bot.tips.library import Library
from tests.fakes import COMMUNITY, MONDAY

OWN_TIP = """
slug = "own-one"
topics = ["engagement"]
[en]
title = "Ours"
tip = "Do it the way in which we have always done it around here."
try = "Do it once more than yesterday."
"""

DAILY = settings(tips=TIPS_AT_TEN)


@pytest.fixture
async def village(store: Store) -> Village:
    """A community that gets its tip at ten."""
    village = Village(store, DAILY)
    await village.connect()
    return village


def tips(village: Village) -> list[Post]:
    return village.said_in(TIPS)


NOTED = {
    "talk-with-people": "3 of the 4 people who called on you got an answer",
    "measure-success": "75% of first answers came in time",
    "nurture-relationships": "within 20 min of working time",
}


async def test_not_for_us_leaves_the_deck_and_can_be_put_back(village: Village) -> None:
    """A tip that is turned off does not come again; the whole team decides, and may put it back."""
    unwanted = sorted(village.shelf.library.tips)[:18]
    for slug in unwanted:
        reply = await village.press("tess", "tip.off", slug)
        assert isinstance(reply, Private)
        assert [button.action for button in reply.post.buttons] == ["tip.on"]
    await village.wait(timedelta(days=14))
    titles = {title_of(village, slug) for slug in unwanted}
    assert not titles & {post.title.removeprefix("Tip of the day · ") for post in tips(village)}
    await village.press("tim", "tip.on", unwanted[0])
    await village.wait(timedelta(days=7))
    assert title_of(village, unwanted[0]) in {post.title.removeprefix("Tip of the day · ") for post in tips(village)}
    async with village.store.begin() as tx:
        verdicts = await tx.tip_verdicts(COMMUNITY)
    assert verdicts[unwanted[0]] == {"not-for-us": 1, "welcome": 1}


def title_of(village: Village, slug: str) -> str:
    return village.shelf.library.tips[slug].text("en").title


async def test_useful_is_counted_once_for_each_member(village: Village) -> None:
    """Useful is one opinion for each member, however often it is pressed, and is thanked for."""
    slug = next(iter(village.shelf.library.tips))
    for who in ("tess", "tim", "tess"):
        reply = await village.press(who, "tip.useful", slug)
        assert isinstance(reply, Private)
        assert reply.post.title == "Noted"
    async with village.store.begin() as tx:
        assert await tx.tip_verdicts(COMMUNITY) == {slug: {"useful": 2}}


async def test_only_the_team_takes_tips_out_of_the_deck(village: Village) -> None:
    """What everybody gets is for the team to decide."""
    slug = next(iter(village.shelf.library.tips))
    for action in ("tip.off", "tip.on", "tip.share"):
        reply = await village.press("ada", action, slug)
        assert isinstance(reply, Private)
        assert reply.post.title == "This is for the team"
    async with village.store.begin() as tx:
        assert await tx.deck(COMMUNITY) is None


async def test_another_one_is_never_the_same_and_uses_up_nothing(village: Village) -> None:
    """Another one goes through all other tips and leaves the daily deck as it was."""
    await village.wait(61)
    async with village.store.begin() as tx:
        before = await tx.deck(COMMUNITY)
    slug = first = next(iter(village.shelf.library.tips))
    seen = []
    for _ in village.shelf.library.tips:
        reply = await village.press("ada", "tip.another", slug)
        assert isinstance(reply, Private)
        following = next(button.value for button in reply.post.buttons if button.action == "tip.another")
        assert following != slug
        seen.append(slug := following)
    assert set(seen) == set(village.shelf.library.tips)
    assert slug == first
    async with village.store.begin() as tx:
        assert await tx.deck(COMMUNITY) == before


async def test_another_one_is_not_tomorrows(village: Village) -> None:
    """Under each tip of a round, the next one shown in private is not the one that all are told the day after."""
    shown = ""
    for _ in village.shelf.library.tips:
        before = len(tips(village))
        while len(tips(village)) == before:
            await village.wait(60)
        slug = {button.action: button.value for button in tips(village)[-1].buttons}["tip.another"]
        assert slug != shown
        reply = await village.press("ada", "tip.another", slug)
        assert isinstance(reply, Private)
        shown = next(button.value for button in reply.post.buttons if button.action == "tip.another")


async def test_todays_tip_is_none_that_was_turned_off(village: Village) -> None:
    """When the tip that was told is turned off, `/tip` gives the latest before it that is wanted, with its date; and
    before the very first, the one that will be told."""

    async def shown() -> tuple[str, str]:
        reply = await village.command("tess", "tip")
        assert isinstance(reply, Private)
        heading, _, title = reply.post.title.partition(" · ")
        return heading, title

    _, coming = await shown()
    await village.press("tess", "tip.off", slug_of(village, coming))
    assert (await shown())[1] != coming
    await village.wait(timedelta(days=3))
    monday, tuesday, wednesday = (post.title.partition(" · ")[2] for post in tips(village))
    assert await shown() == ("Latest tip, Wednesday 4 March", wednesday)
    for unwanted, expected in (
        (wednesday, ("Latest tip, Tuesday 3 March", tuesday)),
        (tuesday, ("Latest tip, Monday 2 March", monday)),
    ):
        await village.press("tess", "tip.off", slug_of(village, unwanted))
        assert await shown() == expected
    await village.press("tess", "tip.off", slug_of(village, monday))
    heading, title = await shown()
    assert heading == "Today’s tip"
    assert title not in {monday, tuesday, wednesday, coming}


async def test_the_team_sees_what_it_turned_off_and_puts_it_back(village: Village) -> None:
    """`/tip off` lists the tips that were turned off, each with a button that puts it back and shows the list anew."""
    slugs = list(village.shelf.library.tips)[:2]
    for slug in slugs:
        reply = await village.press("tess", "tip.off", slug)
        assert isinstance(reply, Private)
        assert "/tip off lists" in reply.post.context
    listed = await village.command("tim", "tip", "off")
    assert isinstance(listed, Private)
    assert listed.post.title == "2 tips are turned off"
    assert [item.body for item in listed.post.items] == [bold(title_of(village, slug)) for slug in slugs]
    (button,) = listed.post.items[0].buttons
    assert (button.label, button.action) == ("Put it back", "tip.on")
    left = await village.press("tim", button.action, button.value)
    assert isinstance(left, NewLook)
    assert [item.body for item in left.post.items] == [bold(title_of(village, slugs[1]))]
    left = await village.press("tim", "tip.on", left.post.items[0].buttons[0].value)
    assert isinstance(left, NewLook)
    assert (left.post.title, left.post.items) == ("No tip is turned off", ())
    async with village.store.begin() as tx:
        deck = await tx.deck(COMMUNITY)
        assert deck is not None
        assert deck.off == frozenset()


@pytest.mark.parametrize("word", ["off", "Off", "écartés", "ecartes", "refusés"])
async def test_what_was_turned_off_is_for_the_team(village: Village, word: str) -> None:
    """The list is for those who decide; its French name is understood as well."""
    for who, locale, title in (("ada", "en", "This is for the team"), ("tess", "fr", "Aucun conseil n’est écarté")):
        reply = await village.command(who, "tip", word, locale=locale)
        assert isinstance(reply, Private)
        assert reply.post.title == title
    refused = await village.press("ada", "tip.page", "0")
    assert isinstance(refused, Private)
    assert refused.post.title == "This is for the team"


async def test_a_long_list_of_what_was_turned_off_has_pages(village: Village) -> None:
    """However many were turned off, each is on a page; a page that is gone since is the last one."""
    async with village.store.begin() as tx:
        await tx.save_deck(COMMUNITY, Deck(seed=1, off=frozenset({*village.shelf.library.tips, "long-gone"})))
    reply = await village.command("tess", "tip", "off")
    assert isinstance(reply, Private)
    pages = [reply.post]
    while following := next((button for button in pages[-1].buttons if button.label == "Next"), None):
        turned = await village.press("tess", following.action, following.value)
        assert isinstance(turned, NewLook)
        pages.append(turned.post)
    listed = [item.body for page in pages for item in page.items]
    assert listed == [bold(title_of(village, slug)) for slug in village.shelf.library.tips]
    back = await village.press("tess", "tip.page", "99999")
    assert isinstance(back, NewLook)
    assert back.post == pages[-1]
    assert [button.label for button in back.post.buttons] == ["Previous"]


def slug_of(village: Village, title: str) -> str:
    return next(tip.slug for tip in village.shelf.library.tips.values() if tip.text("en").title == title)


async def test_a_team_that_turned_every_tip_off_gets_none(village: Village) -> None:
    """With nothing left, the day is recorded as skipped, and whoever asks is told so."""
    async with village.store.begin() as tx:
        await tx.save_deck(COMMUNITY, Deck(seed=1, off=frozenset(village.shelf.library.tips)))
    await village.wait(timedelta(days=2))
    assert not village.said
    async with village.store.begin() as tx:
        settled = await tx.settled(f"tip/{COMMUNITY}", date(2026, 3, 1))
    assert {one.state for one in settled} == {OccurrenceState.SKIPPED}
    for reply in (
        await village.command("tess", "tip"),
        await village.press("tess", "tip.another", next(iter(village.shelf.library.tips))),
    ):
        assert isinstance(reply, Private)
        assert reply.post.title == "No tip left"


async def test_a_tip_removed_or_turned_off_between_decision_and_sending_is_not_told(village: Village) -> None:
    """What was drawn is checked again when it is told."""
    for turned_off in (True, False):
        await village.time_passes(timedelta(hours=1) if turned_off else timedelta(days=1))
        await village.bot.tick()
        *_, delivery = await village.deliveries()
        slug = str(delivery.subject["tip"])
        if turned_off:
            await village.press("tess", "tip.off", slug)
        else:
            village.shelf = village.bot.shelf = _without(slug)
        await village.deliverer.deliver_due([COMMUNITY])
        assert await village.state_of(delivery.key) is DeliveryState.CANCELLED
    village.bot.shelf = SHELF
    await village.wait(timedelta(days=1))
    assert len(tips(village)) == 1


def _without(slug: str) -> Shelf:
    shelf = Shelf()
    left = [tip for tip in shelf.library.tips.values() if tip.slug != slug]
    shelf.library = Library.of(left, shelf.library.topics.values(), shelf.library.fingerprint)
    return shelf


async def test_a_teams_new_tip_is_told_without_a_restart(store: Store, tmp_path: Path) -> None:
    """A team's own folder is read again when it changed: what was put there today may be told tomorrow."""
    village = Village(store, DAILY)
    village.shelf = Shelf(tmp_path)
    await village.restart()
    (tmp_path / "own.toml").write_text(OWN_TIP, "utf-8")
    await village.bot.tick()
    assert "own-one" in village.shelf.library.tips, village.shelf.problems


@pytest.mark.parametrize("slug", [*NOTED, "no-spam", "be-patient"])
async def test_the_bot_lives_by_its_own_tips(village: Village, slug: str) -> None:
    """Where a tip shows in the community's own figures, the real number stands under it, once there is enough of it."""
    assert slug in village.shelf.library.tips
    await _told(village, slug)
    assert not _note(tips(village)[-1], village, slug), "no figures, no note"
    for number, minutes in enumerate((10, 20, 30)):
        question = await village.asks(f"guest{number}")
        await village.wait(minutes)
        await village.says("tess", "Like this", thread=question.ref.id)
    await village.asks("late")
    dismissed = await village.asks("chatty")
    await village.press("tess", "mention.false", (await village.the_mention(dismissed)).id)
    await village.submit("tess", "mention.false", (await village.the_mention(dismissed)).id, choice="chat")
    await village.wait(45)
    await _told(village, slug)
    note = _note(tips(village)[-1], village, slug)
    if slug == "no-spam":
        tip = [accepted for accepted in village.said if accepted.ref.place == place(TIPS)][-1]
        earlier = sum(accepted.at < tip.at for accepted in village.said)
        assert f"I posted {earlier} messages in the last 7 days" in note
        assert village.chat.edits(), "edits are no messages"
    elif slug == "be-patient":
        assert not note, "a long run needs more than a week"
    else:
        assert NOTED[slug] in note.replace("\\", "")


async def _told(village: Village, slug: str) -> None:
    """Have that very tip told on the next day."""
    async with village.store.begin() as tx:
        await tx.save_deck(COMMUNITY, Deck(seed=1, off=frozenset(village.shelf.library.tips) - {slug}))
    before = len(tips(village))
    while len(tips(village)) == before:
        await village.wait(60)


def _note(post: Post, village: Village, slug: str) -> str:
    said = village.shelf.library.tips[slug].text("en")
    return post.body.replace("\\", "").rpartition(said.try_today)[2].strip()


def test_the_long_run_compares_the_week_with_the_month() -> None:
    """The long run shows this week's median beside that of 30 days, as soon as there was something before this week."""

    def wait(days: int, minutes: int) -> Wait:
        took = timedelta(minutes=minutes)
        return Wait("c", "question", MONDAY - timedelta(days=days), MentionState.ANSWERED, 0, took, took)

    waits = [wait(20, 60), wait(15, 40), wait(10, 50), wait(2, 10)]
    week, month = (figures(waits, MONDAY - timedelta(days=days), timedelta(minutes=30)) for days in (7, 30))
    assert "10 min this week, 40 min over 30 days" in _long_run(week, month, 0, texts("en"))
    assert not _long_run(week, week, 0, texts("en"))
