"""The Slack of these tests is a faithful one: what slack_sdk's own clients see of it."""

from __future__ import annotations

import asyncio

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.server.slack import Slack
from tests.slack.server.town import Town


def client(slack: Slack, token: str) -> AsyncWebClient:
    return AsyncWebClient(token, base_url=slack.api_url, retry_handlers=[])


async def test_a_token_is_known_by_its_workspace(slack: Slack, acme: Town) -> None:
    """auth.test names the workspace and the bot, and the granted scopes come as a header."""
    answer = await client(slack, acme.token).auth_test()
    assert (answer["team_id"], answer["user_id"]) == (acme.id, acme.me)
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


async def test_a_message_is_seen_in_history_with_its_metadata_only_when_asked_for(slack: Slack, acme: Town) -> None:
    """Message metadata stays hidden without include_all_metadata."""
    support = acme.channel("support")
    web = client(slack, acme.token)
    note = {"event_type": "vigie_delivery", "event_payload": {"key": "tip/1"}}
    await web.chat_postMessage(channel=support.id, text="Hello", metadata=note)
    plain = await web.conversations_history(channel=support.id)
    full = await web.conversations_history(channel=support.id, include_all_metadata=True)
    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == note
    assert slack.journal.keys() == ["tip/1"]


async def test_a_socket_is_told_what_is_said_until_it_acknowledges(slack: Slack, acme: Town) -> None:
    """The SDK's Socket Mode client receives an event; unacknowledged, it comes again with its retry number."""
    support = acme.channel("support")
    heard: asyncio.Queue[SocketModeRequest] = asyncio.Queue()

    async def listen(_client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        await heard.put(request)

    sockets = SocketModeClient(slack.app.app_token, web_client=client(slack, slack.app.app_token))
    sockets.socket_mode_request_listeners.append(listen)
    await sockets.connect()
    try:
        await acme.person("ada").says(support, "Can somebody help?")
        first = await heard.get()
        assert first.payload["event"]["text"] == "Can somebody help?"
        await slack.telling.redeliver()
        second = await heard.get()
        assert (second.retry_attempt, second.retry_reason) == (1, "timeout")
        assert second.payload["event_id"] == first.payload["event_id"]
        await sockets.send_socket_mode_response(SocketModeResponse(second.envelope_id))
        await slack.quiet()
    finally:
        await sockets.close()


async def test_a_scope_that_is_missing_is_named(slack: Slack, acme: Town) -> None:
    """missing_scope tells what is needed and what was granted."""
    support = acme.channel("support")
    acme.granted.scopes -= {"channels:history"}
    with pytest.raises(SlackApiError) as refused:
        await client(slack, acme.token).conversations_history(channel=support.id)
    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == "channels:history"
