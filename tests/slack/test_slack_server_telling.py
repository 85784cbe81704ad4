"""How the Slack of these tests tells an app what happens: over sockets, as signed requests, and again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web as site
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fakes import FakeClock
from tests.slack.server.responses import TRIGGER_LIFE, URL_LIFE, URL_USES
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town
from tests.slack.server.waiting import until


@dataclass
class Listener:
    """An app that hears over Socket Mode and acknowledges what `agrees` says."""

    client: SocketModeClient
    agrees: Callable[[SocketModeRequest], bool]
    heard: list[SocketModeRequest] = field(default_factory=list)

    async def hear(self, _client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.heard.append(request)
        if self.agrees(request):
            await self.client.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "ok"}))


@asynccontextmanager
async def listening(
    slack: Slack, agrees: Callable[[SocketModeRequest], bool] = lambda _request: True
) -> AsyncIterator[Listener]:
    web = AsyncWebClient(slack.app.app_token, base_url=slack.api_url, retry_handlers=[])
    client = SocketModeClient(slack.app.app_token, web_client=web, ping_interval=0.2)
    listener = Listener(client, agrees)
    client.socket_mode_request_listeners.append(listener.hear)
    await client.connect()  # type: ignore[no-untyped-call]
    try:
        yield listener
    finally:
        await client.close()  # type: ignore[no-untyped-call]


async def test_an_event_comes_again_until_it_is_acknowledged(slack: Slack, acme: Town) -> None:
    """The same event_id with the number of the retry and its reason; not once more after that."""
    support = acme.channel("support")
    async with listening(slack, lambda request: bool(request.retry_attempt)) as app:
        await acme.person("ada").says(support, "Can somebody help?")
        await until(lambda: app.heard)
        await slack.telling.redeliver()
        await slack.quiet()
        assert [(one.retry_attempt, one.retry_reason) for one in app.heard] == [(0, ""), (1, "timeout")]
        assert len({one.payload["event_id"] for one in app.heard}) == 1
        assert await slack.telling.redeliver() == []


async def test_an_event_comes_again_by_itself(slack: Slack, acme: Town) -> None:
    """With delays given, retries need nobody to ask for them, and they end."""
    slack.telling.retry_delays = (0.01, 0.01, 0.01)
    async with listening(slack, lambda request: False) as app:
        await acme.person("ada").says(acme.channel("support"), "Can somebody help?")
        await until(lambda: len(app.heard) == 4)
    assert [one.retry_attempt for one in app.heard] == [0, 1, 2, 3]


async def test_each_event_goes_to_one_of_the_sockets(slack: Slack, acme: Town) -> None:
    """Two connections share the events between them."""
    support, ada = acme.channel("support"), acme.person("ada")
    async with listening(slack) as one, listening(slack) as other:
        await slack.sockets.connected(2)
        for index in range(6):
            await ada.says(support, f"message {index}")
        await slack.quiet()
        texts = [request.payload["event"]["text"] for request in one.heard + other.heard]
        assert sorted(texts) == [f"message {index}" for index in range(6)]
        assert one.heard
        assert other.heard


async def test_a_refresh_brings_a_new_socket(slack: Slack, acme: Town) -> None:
    """The app opens another connection with another ticket when asked to, and hears what is said then."""
    async with listening(slack) as app:
        first = slack.sockets.open[0]
        await first.refresh()
        await slack.sockets.reconnected(first)
        await acme.person("ada").says(acme.channel("support"), "hello")
        await slack.quiet()
        assert len(app.heard) == 1


async def test_a_cut_line_is_noticed_and_what_was_sent_meanwhile_comes_again(slack: Slack, acme: Town) -> None:
    """A dropped socket loses nothing: the event had no acknowledgement."""
    async with listening(slack) as app:
        first = slack.sockets.open[0]
        first.drop()
        await acme.person("ada").says(acme.channel("support"), "hello")
        await slack.sockets.reconnected(first)
        await slack.telling.redeliver()
        await slack.quiet()
        assert len(app.heard) == 1


async def test_a_ticket_serves_once(slack: Slack, acme: Town) -> None:
    """The second use of an address is refused, as is one that was never given out."""
    url = f"ws://{slack.host}/link/?ticket={slack.sockets.ticket()}"
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as ws:
            assert (await ws.receive_json())["type"] == "hello"
        for bad in (url, f"ws://{slack.host}/link/?ticket=made-up"):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(bad)
    assert len(slack.sockets.refused) == 2


async def test_a_command_is_answered_at_once_and_later(slack: Slack, acme: Town) -> None:
    """What comes with the acknowledgement is kept, and the response_url works five times within half an hour."""
    support, ada = acme.channel("support", "ada"), acme.person("ada")
    async with listening(slack):
        told = await ada.types(support, "/tip", "engagement")
        await slack.quiet()
    assert told.response == {"text": "ok"}
    hook = AsyncWebhookClient(told.payload["response_url"])
    statuses = [(await hook.send(text=f"{index}")).status_code for index in range(URL_USES + 1)]
    assert statuses == [200] * URL_USES + [404]
    assert [accepted.to for accepted in slack.journal.accepted] == [ada.id] * URL_USES


async def test_a_response_url_replaces_and_deletes_what_was_acted_upon(slack: Slack, acme: Town) -> None:
    """replace_original changes the message with the button, delete_original removes it."""
    support, ada = acme.channel("support", "ada"), acme.person("ada")
    button = {"type": "button", "text": {"type": "plain_text", "text": "Claim"}, "action_id": "claim"}
    web = AsyncWebClient(acme.token, base_url=slack.api_url, retry_handlers=[])
    posted = await web.chat_postMessage(
        channel=support.id, text="x", blocks=[{"type": "actions", "elements": [button]}]
    )
    told = await ada.presses(support, posted["ts"], "Claim")
    hook = AsyncWebhookClient(told.payload["response_url"])
    await hook.send(text="claimed", replace_original=True)
    assert acme.shown(support, posted["ts"]).text == "claimed"
    await hook.send(delete_original=True)
    assert posted["ts"] not in support.messages


async def test_what_an_interaction_gives_expires(acme: Town) -> None:
    """A trigger_id opens one modal within three seconds, a response_url is dead after half an hour."""
    clock = FakeClock()
    modal = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}
    async with Slack(clock.now) as slack:
        town = slack.workspace("acme")
        web = AsyncWebClient(town.token, base_url=slack.api_url, retry_handlers=[])

        async def opened(trigger: str) -> str:
            try:
                await web.views_open(trigger_id=trigger, view=modal)
            except SlackApiError as refused:
                return str(refused.response["error"])
            return "ok"

        told = await town.person("ada").types(town.channel("support", "ada"), "/tip")
        first = told.payload["trigger_id"]
        assert [await opened(first), await opened(first)] == ["ok", "exchanged_trigger_id"]
        late = (await town.person("ada").uses_shortcut("tip")).payload["trigger_id"]
        await clock.advance(TRIGGER_LIFE.total_seconds() + 0.1)
        assert await opened(late) == "expired_trigger_id"
        await clock.advance(URL_LIFE)
        dead = await AsyncWebhookClient(told.payload["response_url"]).send(text="late")
        assert dead.status_code == 404
        assert "expired_url" in dead.body


async def test_http_requests_are_signed_and_repeated(slack: Slack, acme: Town) -> None:
    """Each request carries Slack's signature; one that fails comes again with its number and reason."""
    verifier = SignatureVerifier(slack.app.signing_secret)
    seen: list[tuple[bool, str | None, str | None]] = []

    async def hear(request: site.Request) -> site.Response:
        body = await request.text()
        headers = dict(request.headers)
        number, why = headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason")
        seen.append((verifier.is_valid_request(body, headers), number, why))
        return site.Response(status=503 if len(seen) == 1 else 200)

    application = site.Application()
    application.router.add_post("/slack/events", hear)
    runner = site.AppRunner(application)
    await runner.setup()
    await site.TCPSite(runner, "127.0.0.1", 0).start()
    slack.telling.events_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    slack.telling.retry_delays = (0.01,)
    try:
        await acme.person("ada").says(acme.channel("support"), "hello")
        await slack.quiet()
        await acme.person("ada").types(acme.channel("support"), "/tip")
        await slack.quiet()
    finally:
        await runner.cleanup()
    assert seen == [(True, None, None), (True, "1", "http_error"), (True, None, None)]


async def test_nothing_is_told_of_channels_where_the_app_is_not(slack: Slack, acme: Town) -> None:
    """No events of a channel without the bot, none of what happens in an outage, none after uninstalling."""
    elsewhere, here, ada = acme.channel("elsewhere", bot=False), acme.channel("here"), acme.person("ada")
    await ada.says(elsewhere, "hello")
    slack.goes_down()
    await ada.says(here, "hello")
    slack.comes_back()
    await acme.uninstalls()
    await ada.says(here, "hello")
    assert [told.name for told in slack.journal.told] == ["app_uninstalled"]


async def test_a_silent_line_answers_no_ping(slack: Slack, acme: Town) -> None:
    """A socket that is mute stays open and says nothing, so that a client must notice by itself."""
    async with listening(slack):
        first = slack.sockets.open[0]
        await until(lambda: first.pings, "a ping")
        first.mute = True
        before = first.pings
        again = await slack.sockets.reconnected(first)
        assert again.number == first.number + 1
        assert first.pings == before
