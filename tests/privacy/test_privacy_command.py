"""`/privacy`: what is stored about whoever asks, and deleting it, with all that follows for those who wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.events import Private
from bot.looks import as_text
from bot.model import DeliveryState, MentionState
from bot.ports import Store
from bot.post import Post
from bot.privacy import LAND
from tests.app.village import HELP, MODS, SUPPORT, Village, named
from tests.fakes import COMMUNITY, DROPPED, Fault, give_way

WORDS = "Where is my lost parrot?"


@pytest.fixture
async def village(store: Store) -> Village:
    village = Village(store)
    await village.connect()
    return village


async def asks(village: Village, name: str, text: str = "", **how: str) -> Post:
    reply = await village.command(name, "privacy", text, **how)
    assert isinstance(reply, Private)
    return reply.post


async def forgets(village: Village, name: str) -> Post:
    """The member asks to be forgotten and says yes."""
    (yes,) = (await asks(village, name, "forget-me")).buttons
    reply = await village.press(name, yes.action, yes.value)
    assert isinstance(reply, Private)
    return reply.post


async def test_anybody_learns_what_is_stored_of_them_and_nothing_of_others(village: Village) -> None:
    """Kinds and counts in words: an asker sees mentions, a helper what they helped with, a stranger none."""
    question = await village.asks("ada", WORDS)
    await village.asks("bob", "And where is my cat?")
    await village.wait(31)
    await village.press("tess", "mention.claim", (await village.the_mention(question)).id)
    told = as_text(await asks(village, "ada"))
    assert "1 mention that you opened" in told
    assert "message of mine" in told or "messages of mine" in told
    assert "parrot" not in told
    assert "1 mention of somebody else" in as_text(await asks(village, "tess", "what"))
    stranger = await asks(village, "cleo", "what")
    assert stranger.title == "I keep nothing about you"
    assert not stranger.buttons


async def test_asking_to_be_forgotten_deletes_nothing_before_the_second_yes(village: Village) -> None:
    """The first answer is a question; only its button deletes, and only whoever presses it is forgotten."""
    question = await village.asks("ada", WORDS)
    (yes,) = (await asks(village, "ada", "forget-me")).buttons
    assert (await village.the_mention(question)).state is MentionState.OPEN
    reply = await village.press("bob", yes.action, yes.value)
    assert isinstance(reply, Private)
    assert reply.post.title == "I keep nothing about you"
    assert (await village.the_mention(question)).state is MentionState.OPEN


async def test_who_is_forgotten_while_waiting_is_told_of_no_more(village: Village) -> None:
    """The living nudge loses name and words, nothing later is said, memory holds nothing, others still wait."""
    await village.asks("ada", WORDS)
    other = await village.asks("bob", "I need help, how do I log in?", channel=HELP, pings=named("tess"))
    await village.wait(31)
    (about_ada,) = [said for said in village.said if "parrot" in as_text(said.post)]
    told = await forgets(village, "ada")
    assert "1 mention that you opened" in as_text(told)
    assert "1 message of mine that quoted you will be edited" in as_text(told)
    await village.wait(LAND)
    left = as_text(village.look(about_ada))
    assert "Ada" not in left
    assert "parrot" not in left
    assert not village.bot.watches[COMMUNITY].rooms[SUPPORT].of_asker("ada")
    assert [mention.asker for mention in await village.waiting()] == ["bob"]
    before = len(village.said)
    await village.wait(timedelta(hours=9))
    assert len(village.said) > before, "Bob still waits"
    assert not any("Ada" in as_text(said.post) for said in village.said[before:])
    assert (await village.the_mention(other)).state is MentionState.OPEN
    assert (await asks(village, "ada")).title == "I keep nothing about you"


async def test_what_was_decided_and_not_said_yet_is_never_said(village: Village) -> None:
    """A nudge that waits for its turn goes with the member."""
    await village.asks("ada", WORDS)
    await village.time_passes(31)
    await village.bot.tick()
    await forgets(village, "ada")
    await village.wait(timedelta(days=2))
    assert village.said == []


@pytest.mark.parametrize("fault", [None, DROPPED])
async def test_a_nudge_under_way_while_its_asker_is_forgotten_is_edited_once_it_is_out(
    village: Village, fault: Fault | None
) -> None:
    """It got out, and its sender learns so at once or by looking: name and words are taken out of it all the same."""
    await village.asks("ada", WORDS)
    await village.time_passes(31)

    async def meanwhile(what: str) -> None:
        if what == "post: done" and len(village.said) == 1 and not village.chat.edits():
            village.chat.step = give_way
            await forgets(village, "ada")

    village.chat.script("post", fault)
    village.chat.step = meanwhile
    await village.wait(timedelta(minutes=5))
    (nudge,) = village.said
    assert "parrot" in as_text(nudge.post)
    assert "parrot" not in as_text(village.look(nudge))
    assert "Ada" not in as_text(village.look(nudge))
    assert all(d.state is not DeliveryState.SENDING for d in await village.deliveries())


async def test_a_digest_still_tells_of_the_others(store: Store) -> None:
    """Of a list of many, the forgotten one's line goes and the others' stay."""
    village = Village(store)
    await village.connect()
    for name in ("ada", "bob", "cleo", "dora"):
        await village.asks(name, f"How does {name}'s parrot fly?")
    await village.wait(31)
    (digest,) = village.said
    await forgets(village, "ada")
    await village.wait(1)
    left = as_text(village.look(digest))
    assert "Ada" not in left
    assert all(name in left for name in ("Bob", "Cleo", "Dora"))


async def test_a_restart_does_not_begin_anew_with_what_was_forgotten(village: Village) -> None:
    """What was read before is not read again; what the member writes afterwards is treated like anybody's."""
    await village.asks("ada", WORDS)
    await forgets(village, "ada")
    await village.restart()
    assert not await village.waiting()
    again = await village.asks("ada", "How do I log in?")
    assert (await village.the_mention(again)).state is MentionState.OPEN


async def test_it_is_said_in_french_too(village: Village) -> None:
    """The French words are understood as well as the English ones."""
    asked = await asks(village, "ada", "oubliez-moi", locale="fr")
    assert [button.action for button in asked.buttons] == ["privacy.forget"]
    assert (await asks(village, "ada", "quoi", locale="fr")).title
    assert "forget-me" in as_text(await asks(village, "ada", "nonsense"))
    assert village.said_in(MODS) == []
