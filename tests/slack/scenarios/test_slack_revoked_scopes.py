"""A scope is taken from the app while it runs: what still works goes on, and an admin reads what is missing."""

from __future__ import annotations

from bot.rounds import SURE, Rounds
from tests.slack.scenarios.living import HELP, MODS, SUPPORT, Life
from tests.slack.scenarios.looking import texts_of
from tests.slack.server.waiting import until


def _takes(life: Life, scope: str) -> None:
    life.town.granted.scopes -= {scope}


async def _rounds(life: Life, rounds: Rounds, times: int = 3) -> None:
    for _ in range(times):
        await life.time_passes(SURE)
        await rounds.once()
        await life.settle()


async def _reconnects(life: Life) -> None:
    first, before = life.slack.sockets.open[0], life.connections
    first.drop()
    await life.slack.sockets.reconnected(first)
    await until(lambda: life.connections > before, "the connection")


async def test_history_cannot_be_read_any_more(life: Life) -> None:
    """What is missed cannot be caught up: told once for each channel, with the scope; what is heard still counts."""
    _takes(life, "channels:history")
    for _ in range(2):
        await _reconnects(life)
        await life.wait(5)
    told = [texts_of(accepted.blocks) for accepted in life.said_in("D0U0ADAM")]
    assert all("channels:history" in text and "install it in the workspace again" in text for text in told)
    assert sum(f"<#{SUPPORT}>" in text for text in told) == 1
    assert sum(f"<#{HELP}>" in text for text in told) == 1
    assert await life.state(await life.asks()) == "open"


async def test_names_cannot_be_asked_for_any_more(life: Life) -> None:
    """The nudge gets out all the same."""
    _takes(life, "users:read")
    said = await life.asks()
    nudge = await life.nudged(said)
    assert "asks a question" in texts_of(nudge.blocks)


async def test_nothing_can_be_said_any_more(life: Life) -> None:
    """Nobody can be told, but `/vigie check` answers with what is missing; once it is mended, the ladder goes on."""
    said = await life.asks()
    _takes(life, "chat:write")
    await life.wait(60)
    assert life.said_in(MODS) == []
    told = await life.person("tess").types(life.channel(MODS), "/vigie", "check")
    assert "chat:write" in texts_of((await life.answer_to(told))["blocks"])
    life.town.granted.scopes |= {"chat:write"}
    await life.restarts()
    await life.wait(120)
    assert await life.state(said) == "open"
    assert [accepted.key for accepted in life.said_in(MODS)] == [f"nudge/{(await life.the_mention(said)).id}/1"]


async def test_user_groups_cannot_be_read_any_more(life: Life) -> None:
    """The team stays who it was when it could last be read; an admin is told once, and once more when it is mended."""
    rounds = Rounds(life.bot)
    await _rounds(life, rounds)
    said = await life.asks()
    _takes(life, "usergroups:read")
    await _reconnects(life)
    await _rounds(life, rounds)
    (told,) = life.said_in("D0U0ADAM")
    assert "usergroups:read" in texts_of(told.blocks)
    assert "install it in the workspace again" in texts_of(told.blocks)
    await life.person("tess").says(life.channel(SUPPORT), "Like this", thread=said)
    asked = await life.asks("tim", "How do I get in again?")
    assert await life.state(said) == "answered"
    assert await life.state(asked) == "none"
    await life.town.joins_group(life.town.workspace.groups["S0STAFF"], life.person("cleo"))
    life.town.granted.scopes |= {"usergroups:read"}
    await _rounds(life, rounds)
    assert [texts_of(accepted.blocks).splitlines()[0] for accepted in life.said_in("D0U0ADAM")[1:]] == [
        "Everything is set up well again"
    ]
    assert await life.state(await life.asks("cleo", "Where is the door?")) == "none"
    await _rounds(life, rounds)
    assert len(life.said_in("D0U0ADAM")) == 2


async def test_user_groups_that_could_never_be_read(life: Life) -> None:
    """A process that begins without the scope takes those named one by one for the team, and an admin is told soon."""
    _takes(life, "usergroups:read")
    await life.restarts()
    rounds = Rounds(life.bot)
    await _rounds(life, rounds)
    (told,) = life.said_in("D0U0ADAM")
    assert "usergroups:read" in texts_of(told.blocks)
    said = await life.asks()
    await life.person("lea").says(life.channel(SUPPORT), "Like this", thread=said)
    await life.slack.quiet()
    assert await life.state(said) == "answered"
    life.town.granted.scopes |= {"usergroups:read"}
    await _rounds(life, rounds)
    assert len(life.said_in("D0U0ADAM")) == 2
    assert await life.state(await life.asks("tim", "How do I get in again?")) == "none"
