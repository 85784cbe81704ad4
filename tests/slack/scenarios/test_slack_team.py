"""Who the team is: user groups that change while the bot runs."""

from __future__ import annotations

from bot.events import TeamChanged
from tests.slack.scenarios.living import SUPPORT, Life
from tests.slack.server.waiting import until


async def test_somebody_new_on_the_team_can_answer_at_once(life: Life) -> None:
    """Cleo joins the staff group: her answer counts."""
    said = await life.asks()
    group = life.town.workspace.groups["S0STAFF"]
    await life.town.joins_group(group, life.person("cleo"))
    await life.slack.quiet()
    assert life.count(TeamChanged) == 1
    await life.person("cleo").says(life.channel(SUPPORT), "Like this", thread=said)
    await life.slack.quiet()
    assert await life.state(said) == "answered"


async def test_somebody_who_left_the_team_is_outside(life: Life) -> None:
    """Tim leaves the group: what he asks waits, and what he answers does not count."""
    group = life.town.workspace.groups["S0STAFF"]
    said = await life.asks()
    await life.town.leaves_group(group, life.person("tim"))
    await life.slack.quiet()
    await life.person("tim").says(life.channel(SUPPORT), "Like this", thread=said)
    asked = await life.asks("tim", "How do I get in again?")
    assert await life.state(said) == "open"
    assert await life.state(asked) == "open"


async def test_a_group_that_is_disabled_is_nobody(life: Life) -> None:
    """subteam_updated counts as well; whoever is named by the configuration stays."""
    said = await life.asks()
    await life.town.disables_group(life.town.workspace.groups["S0STAFF"])
    await life.slack.quiet()
    await life.person("tess").says(life.channel(SUPPORT), "Like this", thread=said)
    await life.slack.quiet()
    assert await life.state(said) == "open"
    await life.person("lea").says(life.channel(SUPPORT), "Like this", thread=said)
    await life.slack.quiet()
    assert await life.state(said) == "answered"


async def test_a_change_in_a_group_that_does_not_matter(life: Life) -> None:
    """Another group's members come and go: the core hears of it or not, and answers count as before."""
    await life.town.joins_group(life.town.group("choir"), life.person("bob"))
    said = await life.asks()
    await life.person("bob").says(life.channel(SUPPORT), "Like this", thread=said)
    await life.slack.quiet()
    assert await life.state(said) == "open"


async def test_the_team_changes_while_nobody_listens(life: Life) -> None:
    """Slack tells a change of a group once: after a connect the groups are read anew."""
    first, before = life.slack.sockets.open[0], life.connections
    first.drop()
    life.town.workspace.groups["S0STAFF"].users.append("U0CLEO")
    await life.slack.sockets.reconnected(first)
    await until(lambda: life.connections > before, "the connection")
    assert life.count(TeamChanged) == 0
    assert await life.state(await life.asks("cleo", "How do I get in again?")) == "none"
