"""An organisation on Enterprise Grid that installed the app as a whole: one token, and each workspace a community."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.events import CommunityLost, Connected
from bot.model import MessageRef, Place
from bot.ports import Store
from tests.fakes import FakeClock
from tests.slack.scenarios.living import MODS, SUPPORT, Life, populate
from tests.slack.scenarios.looking import texts_of
from tests.slack.server import schemas
from tests.slack.server.model import Said
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town


@pytest.fixture(params=["socket", "http"])
async def life(request: pytest.FixtureRequest, store: Store) -> AsyncIterator[Life]:
    """Two workspaces of Globex, with the same people and channels; one page of Slack's lists holds one of them."""
    clock = FakeClock()
    async with Slack(clock.now) as slack:
        north, south = slack.organisation("E0GLOBEX", "north", "south")
        for town in (north, south):
            populate(town)
        slack.page_size = 1
        life = Life(slack, north, store, clock, request.param)
        life.towns.append(south)
        life.tokens = (north.token,)
        await life.starts()
        slack.page_size = 1000
        yield life
        await life.dies()
        if schemas.available():
            calls = [
                call for call in slack.journal.calls if call.method != "auth.teams.list"
            ]  # the one without a schema
            assert schemas.problems(calls) == []


async def _asks(life: Life, town: Town) -> Said:
    said = await town.person("ada").says(town.workspace.channels[SUPPORT], "How do I reset my password?")
    await life.slack.quiet()
    return said


async def _state(life: Life, town: Town, said: Said) -> str:
    async with life.store.begin() as tx:
        found = await tx.mention_of(MessageRef(Place(life.community_of(town), SUPPORT), said.ts))
    return str(found.state) if found else "none"


async def test_each_workspace_is_a_community_and_the_organisation_is_none(life: Life) -> None:
    """All that the app may work in are found, page by page."""
    connected = {event.community.id for event in life.heard_of(Connected)}
    assert connected == {"E0GLOBEX:T0NORTH", "E0GLOBEX:T0SOUTH"}


async def test_a_question_is_nudged_where_it_was_asked(life: Life) -> None:
    """Although the token is the same, and the channels have the same ids."""
    _, south = life.towns
    said = await _asks(life, south)
    await life.wait(31)
    assert await _state(life, south, said) == "open"
    assert [accepted.team for accepted in life.said_in(MODS)] == [south.id]


async def test_people_act_where_they_are(life: Life) -> None:
    """A command is answered from the workspace in which it was typed, and a team is that workspace's own."""
    north, south = life.towns
    await _asks(life, south)
    there = await life.answer_to(await south.person("tess").types(south.workspace.channels[MODS], "/mentions"))
    here = await life.answer_to(await north.person("tess").types(north.workspace.channels[MODS], "/mentions"))
    assert "ada" in texts_of(there["blocks"])
    assert "ada" not in texts_of(here["blocks"])


async def test_a_workspace_that_is_allowed_later_is_served_at_once(life: Life) -> None:
    """Without a restart, from the first thing that is said in it."""
    north, _ = life.towns
    west = life.slack.joins_organisation(north.granted, north.workspace.bot, "west")
    populate(west)
    life.towns.append(west)
    said = await _asks(life, west)
    assert await _state(life, west, said) == "open"
    assert "E0GLOBEX:T0WEST" in {event.community.id for event in life.heard_of(Connected)}
    await life.wait(31)
    assert [accepted.team for accepted in life.said_in(MODS)] == [west.id]


async def test_the_organisation_removes_the_app(life: Life) -> None:
    """Slack tells of it from one workspace; all of them are forgotten."""
    north, south = life.towns
    for town in (north, south):
        await _asks(life, town)
    await south.uninstalls()
    await life.slack.quiet()
    assert {event.community for event in life.heard_of(CommunityLost)} == {*life.communities}
    async with life.store.begin() as tx:
        assert [await tx.waiting(community) for community in life.communities] == [[], []]


async def test_one_workspace_is_taken_away(life: Life) -> None:
    """The token stays good: that workspace is forgotten, and the others go on."""
    north, south = life.towns
    said = await _asks(life, north)
    del life.slack.workspaces[south.id]
    await life.slack.tell(south.workspace, None, {"type": "app_uninstalled"})
    await life.slack.quiet()
    assert [event.community for event in life.heard_of(CommunityLost)] == [life.community_of(south)]
    assert await _state(life, north, said) == "open"
