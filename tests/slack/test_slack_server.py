"""The Slack of these tests is a faithful one: what slack_sdk's own clients see of its Web API."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes import FakeClock
from tests.slack.server.faults import BROKEN_THOUGH_ACCEPTED, DROPPED, HTML, REFUSED, ratelimited
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town

NOTE = {"event_type": "vigie_delivery", "event_payload": {"key": "tip/1"}}


def client(slack: Slack, token: str) -> AsyncWebClient:
    return AsyncWebClient(token, base_url=slack.api_url, retry_handlers=[])


@pytest.fixture
def web(slack: Slack, acme: Town) -> AsyncWebClient:
    return client(slack, acme.token)


async def code_of(call: object) -> str:
    """The error code that a call is refused with."""
    with pytest.raises(SlackApiError) as refused:
        await call  # type: ignore[misc]
    return str(refused.value.response["error"])


def section(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def test_a_token_is_known_by_its_workspace(acme: Town, web: AsyncWebClient) -> None:
    """auth.test names the workspace and the bot, and the granted scopes come as a header."""
    answer = await web.auth_test()
    assert (answer["team_id"], answer["user_id"]) == (acme.id, acme.me)
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


async def test_bad_tokens_are_told_apart(slack: Slack, acme: Town, web: AsyncWebClient) -> None:
    """Unknown, of the wrong kind, revoked, of a workspace that removed the app: each has its code."""
    assert await code_of(client(slack, "xoxb-unknown").auth_test()) == "invalid_auth"
    assert await code_of(web.apps_connections_open(app_token=acme.token)) == "not_allowed_token_type"
    await acme.revokes()
    assert await code_of(web.auth_test()) == "token_revoked"
    await acme.uninstalls()
    assert await code_of(web.auth_test()) == "account_inactive"


async def test_an_unknown_method_is_refused(web: AsyncWebClient) -> None:
    """Whatever is not offered says so."""
    assert await code_of(web.api_call("chat.shout")) == "unknown_method"


async def test_metadata_is_shown_only_when_asked_for(slack: Slack, acme: Town, web: AsyncWebClient) -> None:
    """Message metadata stays hidden without include_all_metadata."""
    support = acme.channel("support")
    await web.chat_postMessage(channel=support.id, text="Hello", metadata=NOTE)
    plain = await web.conversations_history(channel=support.id)
    full = await web.conversations_history(channel=support.id, include_all_metadata=True)
    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == NOTE
    assert slack.journal.keys() == ["tip/1"]


async def test_a_scope_that_is_missing_is_named(acme: Town, web: AsyncWebClient) -> None:
    """missing_scope tells what is needed and what was granted."""
    support = acme.channel("support")
    acme.granted.scopes -= {"channels:history"}
    with pytest.raises(SlackApiError) as refused:
        await web.conversations_history(channel=support.id)
    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == "channels:history"


async def test_places_that_are_closed_are_told_apart(acme: Town, web: AsyncWebClient) -> None:
    """Not a member, archived, deleted, private and unknown: each has its code."""
    acme.granted.scopes -= {"chat:write.public"}
    outside, secret = acme.channel("outside", bot=False), acme.channel("secret", kind="group", bot=False)
    old, gone = acme.channel("old"), acme.channel("gone")
    await acme.archive(old)
    await acme.delete(gone)
    said = {name: await code_of(web.chat_postMessage(channel=name, text="x")) for name in (outside.id, secret.id)}
    said |= {name: await code_of(web.chat_postMessage(channel=name, text="x")) for name in (old.id, gone.id)}
    assert said == {
        outside.id: "not_in_channel",
        secret.id: "channel_not_found",
        old.id: "is_archived",
        gone.id: "channel_not_found",
    }


async def test_what_cannot_be_shown_is_refused(acme: Town, web: AsyncWebClient) -> None:
    """No text, too much text, blocks beyond a limit, a thread that is not there, metadata of a wrong shape."""
    support = acme.channel("support").id
    with pytest.warns(UserWarning, match="text"):
        assert await code_of(web.chat_postMessage(channel=support)) == "no_text"
    assert await code_of(web.chat_postMessage(channel=support, text="x" * 40_001)) == "msg_too_long"
    long, many = [section("x" * 3001)], [section("x")] * 51
    assert await code_of(web.chat_postMessage(channel=support, text="x", blocks=long)) == "invalid_blocks"
    assert await code_of(web.chat_postMessage(channel=support, text="x", blocks=many)) == "invalid_blocks"
    assert await code_of(web.chat_postMessage(channel=support, text="x", thread_ts="1.0")) == "thread_not_found"
    wrong = web.chat_postMessage(channel=support, text="x", metadata={"event_type": "x"})
    assert await code_of(wrong) == "invalid_metadata_format"


async def test_history_comes_in_pages_newest_first_and_threads_apart(acme: Town, web: AsyncWebClient) -> None:
    """Cursors lead through all of it once; replies are only in conversations.replies, oldest first with their root."""
    support, ada = acme.channel("support", "ada"), acme.person("ada")
    said = [ada.wrote(support, f"message {index}") for index in range(7)]
    replies = [ada.wrote(support, f"reply {index}", thread=said[0]) for index in range(3)]
    pages = [page["messages"] async for page in await web.conversations_history(channel=support.id, limit=3)]
    assert [one["ts"] for page in pages for one in page] == [one.ts for one in reversed(said)]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert pages[-1][-1]["latest_reply"] == replies[-1].ts
    thread = await web.conversations_replies(channel=support.id, ts=said[0].ts)
    assert [one["ts"] for one in thread["messages"]] == [said[0].ts, *(reply.ts for reply in replies)]
    later = await web.conversations_history(channel=support.id, oldest=said[4].ts)
    assert [one["ts"] for one in later["messages"]] == [said[6].ts, said[5].ts]


async def test_a_channel_takes_one_message_a_second(acme: Town) -> None:
    """With pacing on, the second one is refused with Retry-After, and another channel is not concerned."""
    clock = FakeClock()
    async with Slack(clock.now) as slack:
        slack.paced = True
        town = slack.workspace("acme")
        one, other, web = town.channel("one").id, town.channel("other").id, client(slack, town.token)
        await web.chat_postMessage(channel=one, text="x")
        with pytest.raises(SlackApiError) as refused:
            await web.chat_postMessage(channel=one, text="x")
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["Retry-After"] == "1"
        await web.chat_postMessage(channel=other, text="x")
        await clock.advance(timedelta(seconds=1))
        await web.chat_postMessage(channel=one, text="x")
        assert len(slack.journal.accepted) == 3


async def test_faults_happen_before_or_after_the_message_is_accepted(
    slack: Slack, acme: Town, web: AsyncWebClient
) -> None:
    """A lost answer leaves the message standing, a refused connection leaves nothing, and then all is well again."""
    support = acme.channel("support").id
    slack.faults.next("chat.postMessage", DROPPED, REFUSED, BROKEN_THOUGH_ACCEPTED, HTML, ratelimited(30))
    for text in ("dropped", "refused"):
        with pytest.raises(aiohttp.ClientError):
            await web.chat_postMessage(channel=support, text=text)
    for text in ("broken", "html"):
        with pytest.raises(SlackApiError):
            await web.chat_postMessage(channel=support, text=text)
    with pytest.raises(SlackApiError) as limited:
        await web.chat_postMessage(channel=support, text="limited")
    assert limited.value.response.headers["Retry-After"] == "30"
    await web.chat_postMessage(channel=support, text="well")
    assert [accepted.text for accepted in slack.journal.accepted] == ["dropped", "broken", "well"]
    assert len(slack.journal.calls_of("chat.postMessage")) == 6


async def test_only_the_bots_own_messages_can_be_changed(acme: Town, web: AsyncWebClient) -> None:
    """An edit of somebody else's message is refused, one of our own is told as message_changed."""
    support, ada = acme.channel("support", "ada"), acme.person("ada")
    theirs = ada.wrote(support, "mine")
    assert await code_of(web.chat_update(channel=support.id, ts=theirs.ts, text="x")) == "cant_update_message"
    ours = await web.chat_postMessage(channel=support.id, text="first")
    await web.chat_update(channel=support.id, ts=ours["ts"], text="second")
    assert acme.shown(support, ours["ts"]).text == "second"
    changed = acme.slack.journal.events("message/message_changed")
    assert [one.event["message"]["text"] for one in changed] == ["second"]


async def test_an_ephemeral_message_is_seen_by_one_person_and_not_in_history(acme: Town, web: AsyncWebClient) -> None:
    """chat.postEphemeral needs the person to be there and leaves no trace for others."""
    support = acme.channel("support", "ada")
    call = web.chat_postEphemeral(channel=support.id, user=acme.person("bob").id, text="x")
    assert await code_of(call) == "user_not_in_channel"
    await web.chat_postEphemeral(channel=support.id, user=acme.person("ada").id, text="psst")
    assert acme.slack.journal.said_in(support.id) == []
    assert acme.slack.journal.accepted[-1].to == acme.person("ada").id
    assert (await web.conversations_history(channel=support.id))["messages"] == []


async def test_workspaces_know_nothing_of_each_other(slack: Slack, acme: Town) -> None:
    """A token of one workspace finds no channel of another."""
    other = slack.workspace("other")
    support = other.channel("support")
    assert await code_of(client(slack, acme.token).conversations_info(channel=other.channel("theirs").id)) == (
        "channel_not_found"
    )
    await client(slack, other.token).chat_postMessage(channel=support.id, text="x")
    assert [accepted.team for accepted in slack.journal.accepted] == [other.id]


# slack_sdk sends the client's secret with an aiohttp class that aiohttp will drop.
@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
async def test_a_code_buys_one_token(slack: Slack, acme: Town) -> None:
    """oauth.v2.access wants the client's secret and takes a code once."""
    code = slack.code(acme.workspace)
    web = AsyncWebClient(base_url=slack.api_url, retry_handlers=[])
    wrong = web.oauth_v2_access(client_id=slack.app.client_id, client_secret="x", code=code)
    assert await code_of(wrong) == "bad_client_secret"
    right = {"client_id": slack.app.client_id, "client_secret": slack.app.client_secret, "code": code}
    answer = await web.oauth_v2_access(**right)
    assert (await client(slack, answer["access_token"]).auth_test())["team_id"] == acme.id
    assert await code_of(web.oauth_v2_access(**right)) == "invalid_code"
