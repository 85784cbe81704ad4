"""What was said is read from Discord whole and in order: channels, their threads, forums, and what is closed to us."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.errors import Forbidden, Gone, RateLimited
from bot.events import Connected, TeamChanged
from bot.model import MessageRef, Place
from tests.discord.connecting import House, community, living, watching
from tests.discord.wire.faults import broken, limited
from tests.discord.wire.permissions import Permission
from tests.discord.wire.room import Town
from tests.discord.wire.server import WireDiscord

HISTORY = "GET /channels/{channel}/messages"


@pytest.fixture
def town(wire: WireDiscord) -> Town:
    return wire.town()


@pytest.fixture
async def house(wire: WireDiscord, town: Town) -> AsyncIterator[House]:
    async with living(wire) as made:
        yield made


async def read(house: House, place: Place, after: str | None = None) -> list[str]:
    return [message.text async for message in house.chat.history(place, after)]


async def test_a_channel_and_its_threads_are_one_stream(house: House, town: Town) -> None:
    """Merged by the ids, which are ordered over all of Discord; each message with the thread that it is in."""
    support, ada = town.channel("support"), town.person("Ada")
    place = Place(community(town.id), support)
    ada.say(support, "before")
    cursor = ada.say(support, "the last one handled")
    under = ada.say(support, "one")
    thread = ada.start_thread(support, "Aside", on=under)
    ada.say(thread, "two")
    ada.say(support, "three")
    ada.say(thread, "four")
    found = [m async for m in house.chat.history(place, cursor) if m.text in ("one", "two", "three", "four")]
    assert [message.text for message in found] == ["one", "two", "three", "four"]
    assert [message.ref.place.thread for message in found] == [None, thread, None, thread]
    assert {message.ref.place.channel for message in found} == {support}


async def test_more_than_a_page(house: House, town: Town) -> None:
    """Oldest first, all of them, once."""
    support, ada = town.channel("support"), town.person("Ada")
    cursor = ada.say(support, "start")
    said = [f"number {number}" for number in range(250)]
    for text in said:
        ada.say(support, text)
    assert await read(house, Place(community(town.id), support), cursor) == said


async def test_a_forum_is_its_posts(house: House, town: Town) -> None:
    """Also of a post that was answered and archived while nobody looked; one without anything new is not asked."""
    forum, ada = town.forum("help"), town.person("Ada")
    old = ada.open_post(forum, "Old", "old question")
    cursor = ada.say(old, "handled")
    ada.open_post(forum, "It breaks", "new question")
    solved = ada.open_post(forum, "Solved", "quick question")
    ada.say(solved, "quick answer")
    town.archive(solved)
    texts = await read(house, Place(community(town.id), forum), cursor)
    assert texts == ["new question", "quick question", "quick answer"]
    assert old not in [asked.params["channel"] for asked in house.wire.rest.requests(HISTORY)]
    assert house.wire.world.woken == []


async def test_one_thread(house: House, town: Town) -> None:
    """After the message named; where there is no thread that is an error, and no empty one."""
    support, ada = town.channel("support"), town.person("Ada")
    first = ada.say(support, "one")
    place = Place(community(town.id), support, first)
    with pytest.raises(Gone):
        await read(house, place, first)
    ada.start_thread(support, "Aside", on=first)
    ada.say(first, "two")
    assert "two" in await read(house, place, first)


async def test_without_a_cursor_what_is_recent(house: House, town: Town) -> None:
    """The latest fifty, oldest first."""
    support, ada = town.channel("support"), town.person("Ada")
    for number in range(80):
        ada.say(support, f"number {number}")
    assert await read(house, Place(community(town.id), support)) == [f"number {number}" for number in range(30, 80)]


async def test_roles_that_history_leaves_out_are_asked_for(wire: WireDiscord, town: Town) -> None:
    """Whoever answered while we were away is known as the team; each member is asked for once."""
    team, support = town.role("Team"), town.channel("support")
    malo, ada = town.person("Malo", team), town.person("Ada")
    cursor = ada.say(support, "start")
    ada.say(support, f"{malo.ping} help?")
    malo.say(support, "Sure")
    malo.say(support, "Here it is")
    async with living(wire, settings=watching(support, roles=(team,))) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        found = [message async for message in house.chat.history(Place(community(town.id), support), cursor)]
        assert [team in message.author.roles for message in found] == [False, True, True]
        assert malo.id in (await house.chat.team(community(town.id))).members
        assert house.core.told(TeamChanged)
        assert len(wire.rest.requests("GET /guilds/{guild}/members/{user}")) == 2


async def test_without_team_roles_nobody_is_asked_for(house: House, town: Town) -> None:
    """Where roles decide about nothing, members are not fetched."""
    support, ada = town.channel("support"), town.person("Ada")
    ada.say(support, "Hello")
    await read(house, Place(community(town.id), support))
    assert house.wire.rest.requests("GET /guilds/{guild}/members/{user}") == []


async def test_what_is_closed_to_us_is_told_with_the_fix(house: House, town: Town) -> None:
    """A channel that we do not see, one whose history we may not read, one that is gone."""
    hidden, mute, gone = town.channel("hidden"), town.channel("mute"), town.channel("gone")
    town.person("Ada").say(mute, "Hello")
    town.hide(hidden)
    town.overwrite(mute, house.wire.world.me["id"], deny=Permission.READ_MESSAGE_HISTORY)
    town.delete_channel(gone)
    for channel, error in ((hidden, Forbidden), (mute, Forbidden), (gone, Gone)):
        with pytest.raises(error) as raised:
            await read(house, Place(community(town.id), channel), "1")
        assert raised.value.fix


async def test_trouble_is_tried_again_and_a_limit_is_told(house: House, town: Town) -> None:
    """Asking is harmless: twice more when Discord fails; a rate limit is the core's to wait for."""
    support, ada = town.channel("support"), town.person("Ada")
    ada.say(support, "Hello")
    place = Place(community(town.id), support)
    house.wire.rest.script(HISTORY, broken(500), broken(502))
    assert await read(house, place) == ["Hello"]
    house.wire.rest.script(HISTORY, limited(7))
    with pytest.raises(RateLimited) as raised:
        await read(house, place)
    assert raised.value.retry_after == 7


async def test_one_message(house: House, town: Town) -> None:
    """As it is now, in a channel or thread; None once it is gone."""
    support, ada = town.channel("support"), town.person("Ada")
    said = ada.say(support, "Hello")
    thread = ada.start_thread(support, "Aside")
    there = ada.say(thread, "there")
    ref = MessageRef(Place(community(town.id), support), said)
    found = await house.chat.fetch(ref)
    assert found is not None
    assert (found.text, found.author.name) == ("Hello", "Ada")
    inside = await house.chat.fetch(MessageRef(Place(community(town.id), support, thread), there))
    assert inside is not None
    assert inside.text == "there"
    ada.delete(support, said)
    assert await house.chat.fetch(ref) is None
