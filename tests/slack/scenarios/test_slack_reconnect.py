"""Sockets that end: Slack renews them, lines are cut, tickets are refused, and some die without a sign."""

from __future__ import annotations

from tests.slack.scenarios.living import SUPPORT, Life
from tests.slack.server.faults import refused
from tests.slack.server.waiting import until


async def test_slack_asks_for_a_new_connection(life: Life) -> None:
    """refresh_requested: the next socket is there, and what is said then is heard."""
    first = life.slack.sockets.open[0]
    before = life.connections
    await first.refresh()
    await life.slack.sockets.reconnected(first)
    assert await life.state(await life.asks()) == "open"
    await until(lambda: life.connections > before, "the catching up")


async def test_a_cut_line(life: Life) -> None:
    """Without a closing handshake: what was said meanwhile is read from history and told again, and counts once."""
    first = life.slack.sockets.open[0]
    before = life.connections
    first.drop()
    said = await life.person("ada").says(life.channel(SUPPORT), "How do I reset my password?")
    await life.slack.sockets.reconnected(first)
    await until(lambda: life.connections > before, "the catching up")
    await life.slack.telling.redeliver()
    await life.slack.quiet()
    assert await life.state(said) == "open"
    assert [decision.verdict for decision in await life.decisions(said)] == ["opened"]


async def test_refused_tickets(life: Life) -> None:
    """python-slack-sdk #1922: a ticket that is refused is not tried for ever, a new one is asked for."""
    first = life.slack.sockets.open[0]
    life.slack.sockets.refusals = 3
    first.drop()
    await life.slack.sockets.reconnected(first)
    assert await life.state(await life.asks()) == "open"
    tickets = life.slack.sockets.refused
    assert len(tickets) >= 3


async def test_a_line_that_died_without_a_sign(life: Life) -> None:
    """No pong any more, and the socket still looks open: it is replaced."""
    first = life.slack.sockets.open[0]
    first.mute = True
    await life.slack.sockets.reconnected(first)
    assert await life.state(await life.asks()) == "open"


async def test_a_quiet_workspace_is_healthy(life: Life) -> None:
    """Nobody says anything for as long as the watchdog waits, and longer: the same socket stays."""
    first = life.slack.sockets.open[0]
    pings = first.pings
    # The watchdog of these tests waits 5 s for a sign of life; ten pings are as long as that.
    await until(lambda: first.pings >= pings + 12, "pings")
    assert life.slack.sockets.open == [first]


async def test_an_app_token_that_is_refused_ends_the_run(life: Life) -> None:
    """With a clear error, instead of trying for ever."""
    first = life.slack.sockets.open[0]
    life.slack.faults.always("apps.connections.open", refused("invalid_auth"))
    await life.dies()
    life.raised = None
    await life.starts()
    raised = await until(lambda: life.raised, "the error")
    assert "invalid_auth" in getattr(raised, "reason", "")
    assert not first.usable
