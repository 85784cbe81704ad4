"""One app in several workspaces: each is its own community, and none knows of the others."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.model import MessageRef, Place
from bot.ports import Store
from tests.fakes import FakeClock
from tests.slack.scenarios.living import MODS, SUPPORT, Life, populate
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town


@pytest.fixture(params=["socket", "http"])
async def life(request: pytest.FixtureRequest, store: Store) -> AsyncIterator[Life]:
    """Acme, and a workspace of an organisation on Enterprise Grid, with the same channels."""
    clock = FakeClock()
    async with Slack(clock.now) as slack:
        acme, globex = slack.workspace("acme"), slack.workspace("globex", enterprise="E0GLOBEX")
        for town in (acme, globex):
            populate(town)
        life = Life(slack, acme, store, clock, request.param)
        life.towns.append(globex)
        await life.starts()
        yield life
        await life.dies()


async def _open(life: Life, town: Town, ts: str) -> bool:
    async with life.store.begin() as tx:
        found = await tx.mention_of(MessageRef(Place(life.community_of(town), SUPPORT), ts))
    return found is not None and found.state == "open"


async def test_each_workspace_has_its_own_mentions(life: Life) -> None:
    """The same channel id in both: a question in one is nudged there and nowhere else."""
    acme, globex = life.towns
    said = await globex.person("ada").says(globex.channel("support"), "How do I reset my password?")
    await life.slack.quiet()
    assert await _open(life, globex, said.ts)
    assert not await _open(life, acme, said.ts)
    await life.wait(31)
    assert [accepted.team for accepted in life.said_in(MODS)] == [globex.id]


async def test_a_community_is_enterprise_and_team(life: Life) -> None:
    """On Grid the organisation's id belongs to the community's."""
    ids = {watch.id for watch in life.bot.watches}
    assert ids == {"T0ACME", "E0GLOBEX:T0GLOBEX"}


async def test_people_act_where_they_are(life: Life) -> None:
    """A command in one workspace lists that one's people."""
    acme, globex = life.towns
    await globex.person("ada").says(globex.channel("support"), "How do I reset my password?")
    await life.slack.quiet()
    there = await life.answer_to(await globex.person("tess").types(globex.channel("mods"), "/mentions"))
    here = await life.answer_to(await acme.person("tess").types(acme.channel("mods"), "/mentions"))
    assert "ada" in str(there["blocks"])
    assert "ada" not in str(here["blocks"])


async def test_one_workspace_leaves_and_the_other_stays(life: Life) -> None:
    """Uninstalled in one: forgotten there, and the other's nudges go on."""
    acme, globex = life.towns
    said = await acme.person("ada").says(acme.channel("support"), "How do I reset my password?")
    await globex.person("ada").says(globex.channel("support"), "How do I reset my password?")
    await life.slack.quiet()
    await globex.uninstalls()
    await life.slack.quiet()
    async with life.store.begin() as tx:
        assert await tx.waiting(life.community_of(globex)) == []
    life.towns.remove(globex)
    await life.wait(31)
    assert [accepted.team for accepted in life.said_in(MODS)] == [acme.id]
    assert await _open(life, acme, said.ts)


async def test_a_revoked_token_of_one_does_not_stop_the_other(life: Life) -> None:
    """The next start meets a dead token: that workspace is left out, the other is served."""
    acme, globex = life.towns
    globex.granted.state = "token_revoked"
    await life.dies()
    life.towns.remove(globex)
    tokens = (acme.token, globex.token)
    life.tokens = tokens
    await life.starts()
    said = await acme.person("ada").says(acme.channel("support"), "How do I reset my password?")
    await life.slack.quiet()
    assert await _open(life, acme, said.ts)
