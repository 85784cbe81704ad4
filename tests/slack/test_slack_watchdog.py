"""The socket's watchdog: a healthy connection is left alone, a dead one is replaced, and in the end we say so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import time_machine
from aiohttp import ClientSession, ClientWebSocketResponse

from adapters.slack.chat import Patience
from adapters.slack.socket import Watchdog
from bot.errors import Unauthorised, Unavailable
from bot.events import Connected, Disconnected, MessagePosted
from bot.settings import MentionSettings, Mode, Settings
from tests.slack.connecting import QUICK, Ear, FakeKeeper, app, chat_of, running
from tests.slack.server import faults
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town
from tests.slack.server.waiting import until

SETTINGS = Settings(mentions=MentionSettings(watch={"C0SUPPORT": Mode.PINGS}))
DAY = 86_400


def test_a_quiet_day_is_healthy() -> None:
    """24 hours without an event, with a pong every ten seconds: never silent."""
    dog = Watchdog(0, Patience())
    for second in range(0, DAY, 10):
        dog.look(1_700_000_000.0 + second, second)
        assert not dog.is_silent(second)


def test_a_minute_without_a_pong_is_too_long() -> None:
    """The same pong seen again is no sign of life."""
    dog = Watchdog(0, Patience())
    dog.look(1.0, 10)
    dog.look(2.0, 20)
    assert not dog.is_silent(79.9)
    dog.look(2.0, 79.9)
    assert dog.is_silent(80)


def test_sending_a_ping_is_no_sign_of_life() -> None:
    """The SDK notes an instant when it first sends a ping, too."""
    dog = Watchdog(0, Patience())
    dog.look(None, 10)
    dog.look(5.0, 50)
    assert dog.is_silent(60)


def test_a_new_client_has_a_minute_of_its_own_but_hope_ends() -> None:
    """Rebuilding gives time to connect, and no more than five minutes in all."""
    dog = Watchdog(0, Patience())
    for built in (60, 120, 180, 240):
        assert dog.is_silent(built)
        dog.built(built)
        assert not dog.is_silent(built + 59)
        assert not dog.is_hopeless(built)
    assert dog.is_hopeless(300)
    dog.heard(310)
    assert not dog.is_hopeless(400)


async def test_a_ticket_that_is_refused_is_given_up_for_another(slack: Slack, acme: Town) -> None:
    """One dead address never wedges the connection."""
    slack.sockets.refusals = 2
    async with running(chat_of(app(slack, acme), SETTINGS)) as line:
        assert len(line.ear.of(Connected)) == 1
    assert len(set(slack.sockets.refused)) == 2


@asynccontextmanager
async def crowd(slack: Slack) -> AsyncIterator[list[ClientWebSocketResponse]]:
    """As many connections of the app as Slack allows, none of them ours."""
    async with ClientSession() as http:
        address = f"{slack.address}/link/?ticket="
        # Kept by name: what nobody refers to is closed.
        others = [await http.ws_connect(f"{address}{slack.sockets.ticket()}") for _ in range(10)]
        yield others


async def test_where_there_is_no_room_tickets_are_asked_for_at_a_walk(slack: Slack, acme: Town) -> None:
    """Slack closes each further connection at once (`too_many_websockets`): the next try has its time."""
    patient = replace(QUICK, silence=1000, give_up=1000, retry=1000)
    async with crowd(slack), running(chat_of(app(slack, acme), SETTINGS, patience=patient), connected=0):
        await until(lambda: slack.sockets.turned_away == 2, "two connections that are closed")
        async with ClientSession() as http:
            for _ in range(30):
                await http.post(f"{slack.api_url}api.test")
        assert len(slack.journal.calls_of("apps.connections.open")) == 2


async def test_as_soon_as_there_is_room_we_are_in(slack: Slack, acme: Town) -> None:
    """Somebody else's connection ends."""
    async with crowd(slack) as others, running(chat_of(app(slack, acme), SETTINGS), connected=0) as line:
        await until(lambda: slack.sockets.turned_away >= 2, "two connections that are closed")
        await others[0].close()
        await line.ear.hears(Connected)


async def test_a_line_that_is_cut_unnoticed_is_replaced(slack: Slack, acme: Town) -> None:
    """Nothing is answered and nothing closes: the watchdog makes a new connection."""
    async with running(chat_of(app(slack, acme), SETTINGS)) as line:
        [first] = await slack.sockets.connected()
        first.mute = True
        await slack.sockets.reconnected(first)
        await line.ear.hears(Connected, 2)


async def test_a_cut_line_is_made_again(slack: Slack, acme: Town) -> None:
    """After every reconnect the core is told, so that it reads what was missed."""
    async with running(chat_of(app(slack, acme), SETTINGS)) as line:
        for number in (2, 3):
            [socket] = await slack.sockets.connected()
            socket.drop()
            await slack.sockets.reconnected(socket)
            await line.ear.hears(Connected, number)


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_is_set_disturbs_nothing(slack: Slack, acme: Town, hours: int) -> None:
    """An hour forth or back costs one reconnect at most; what falls into it is delivered again, as Slack does."""
    support = acme.channel("support")
    slack.telling.retry_delays = (0.2, 0.5, 1.0, 2.0)
    async with running(chat_of(app(slack, acme), SETTINGS)) as line:
        await slack.sockets.connected()
        with time_machine.travel(slack.now().timestamp() + hours * 3600, tick=True):
            pings = slack.sockets.open[0].pings
            await until(lambda: slack.sockets.open and slack.sockets.open[-1].pings > pings + 1, "a pong")
            await acme.person("ada").says(support, "hello")
            await line.ear.hears(MessagePosted)
            await slack.quiet()
    assert len(slack.sockets.all) <= 2


async def test_a_token_that_opens_no_socket_ends_it_with_the_fix(slack: Slack, acme: Town) -> None:
    """No use in trying again: the error says what to do."""
    slack.faults.always("apps.connections.open", faults.refused("invalid_auth"))
    with pytest.raises(Unauthorised) as caught:
        await chat_of(app(slack, acme), SETTINGS).run(Ear())
    assert "xapp-" in caught.value.fix


async def test_without_slack_it_ends_after_a_while(slack: Slack, acme: Town) -> None:
    """What cannot be reached for so long is told as an error, for whoever supervises us."""
    impatient = Patience(ping=0.05, silence=0.1, give_up=0.3, retry=0.02, closing=0.1)
    slack.faults.always("apps.connections.open", faults.BROKEN)
    with pytest.raises(Unavailable, match="no connection to Slack"):
        await chat_of(app(slack, acme), SETTINGS, patience=impatient).run(Ear())


async def test_slack_may_be_away_at_the_start(slack: Slack, acme: Town) -> None:
    """A start during an outage waits for its end."""
    slack.faults.next("auth.test", faults.BROKEN, faults.HTML, faults.ratelimited(0), faults.REFUSED)
    async with running(chat_of(app(slack, acme), SETTINGS)) as line:
        assert len(line.ear.of(Connected)) == 1


async def test_a_lease_that_is_lost_ends_the_connection_until_it_is_ours_again(slack: Slack, acme: Town) -> None:
    """One process at a time: the core is told when it is somebody else's turn."""
    keeper = FakeKeeper()
    async with running(chat_of(app(slack, acme), SETTINGS, keeper)) as line:
        [socket] = await slack.sockets.connected()
        keeper.free.clear()
        keeper.held["slack/A0VIGIE"].lost.set()
        await line.ear.hears(Disconnected)
        await until(lambda: not socket.usable, "the socket's end")
        assert keeper.held == {}
        keeper.free.set()
        await slack.sockets.reconnected(socket)
        await line.ear.hears(Connected, 2)


async def test_nothing_is_left_behind(slack: Slack, acme: Town) -> None:
    """After `close` no socket is open and no call is made."""
    async with running(chat_of(app(slack, acme), SETTINGS)) as line:
        await slack.sockets.connected()
        await line.chat.close()
        await line.chat.close()
        await line.running
    await until(lambda: not slack.sockets.open, "the end of all sockets")
