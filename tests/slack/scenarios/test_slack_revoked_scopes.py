"""A scope is taken from the app while it runs: what still works goes on, and an admin reads what is missing."""

from __future__ import annotations

from tests.slack.scenarios.living import HELP, MODS, SUPPORT, Life
from tests.slack.scenarios.looking import texts_of
from tests.slack.server.waiting import until


def _takes(life: Life, scope: str) -> None:
    life.town.granted.scopes -= {scope}


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
