"""What reaches us over HTTP: only Slack is believed, and nothing is acknowledged before it is dealt with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession

from bot.errors import StoreUnavailable
from bot.events import CommandInvoked, Connected, MessagePosted, Private
from bot.markup import Markup
from bot.post import Post
from bot.settings import MentionSettings, Mode, Settings
from tests.slack.connecting import Ear, FakeKeeper, app, chat_of, running, serving
from tests.slack.server.slack import Slack
from tests.slack.server.telling import signature
from tests.slack.server.town import Town
from tests.slack.server.waiting import until

SUPPORT = "C0SUPPORT"
SETTINGS = Settings(mentions=MentionSettings(watch={SUPPORT: Mode.PINGS}))


@dataclass
class Door:
    """Our address, and a browser before it."""

    url: str
    http: ClientSession
    slack: Slack
    ear: Ear

    def headers(self, body: bytes, kind: str = "application/json", **changes: str) -> dict[str, str]:
        """As Slack's own, unless changed."""
        stamp = changes.pop("timestamp", str(int(datetime.now().astimezone().timestamp())))
        text = body.decode("utf-8", "replace")
        signed = signature(self.slack.app.signing_secret, stamp, text)
        return {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": changes.pop("signature", signed),
        }

    async def post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        async with self.http.post(f"{self.url}/slack/events", data=body, headers=headers) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def door(slack: Slack, acme: Town) -> AsyncIterator[Door]:
    acme.channel("support")
    chat = chat_of(app(slack, acme, mode="http"), SETTINGS)
    async with serving(chat, slack) as url, running(chat) as line, ClientSession() as http:
        yield Door(url, http, slack, line.ear)


def event(text: str = "hello", id_: str = "Ev1", ts: str = "1700000000.000100") -> bytes:
    """A message as Slack sends it."""
    inner = {"type": "message", "channel": SUPPORT, "channel_type": "channel", "user": "U0ADA", "text": text}
    inner |= {"ts": ts, "event_ts": ts, "team": "T0ACME"}
    about = {"type": "event_callback", "event_id": id_, "event_time": 1700000000, "api_app_id": "A0VIGIE"}
    who = {"enterprise_id": None, "team_id": "T0ACME", "user_id": "U0ACMEVIGIE", "is_bot": True}
    whole = about | {"team_id": "T0ACME", "event": inner, "authorizations": [who | {"is_enterprise_install": False}]}
    return json.dumps(whole).encode()


async def test_what_slack_signed_is_taken(door: Door) -> None:
    """A signed event is told and acknowledged."""
    body = event()
    assert await door.post(body, door.headers(body)) == (200, "")
    assert [told.message.text for told in door.ear.of(MessagePosted)] == ["hello"]


OLD = str(int((datetime.now().astimezone() - timedelta(minutes=6)).timestamp()))
BAD_HEADERS = {
    "a wrong signature": {"signature": "v0=" + "0" * 64},
    "no signature": {"signature": ""},
    "an odd signature": {"signature": "v0=zzz"},
    "a signature that is not ASCII": {"signature": "v0=é" + "0" * 63},
    "an old timestamp": {"timestamp": OLD},
    "a timestamp that is no number": {"timestamp": "soon"},
    "a timestamp in other digits": {"timestamp": "١٢٣"},
    "an empty timestamp": {"timestamp": ""},
    "an endless timestamp": {"timestamp": "9" * 400},
    "a negative timestamp": {"timestamp": "-1"},
}


@pytest.mark.parametrize("changes", BAD_HEADERS.values(), ids=BAD_HEADERS)
async def test_what_slack_did_not_sign_is_not_believed(door: Door, changes: dict[str, str]) -> None:
    """401, never a 5xx, and nothing is told."""
    body = event()
    status, text = await door.post(body, door.headers(body, **changes))
    assert (status, text) == (401, "")
    assert door.ear.of(MessagePosted) == []


async def test_a_request_without_any_header_is_not_believed(door: Door) -> None:
    """Slack always signs."""
    assert (await door.post(event(), {}))[0] == 401


BAD_BODIES = {
    "not UTF-8": b"\xff\xfe{}",
    "not JSON": b"{",
    "a list": b"[]",
    "a number": b"7",
    "nothing": b"",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
async def test_a_malformed_body_breaks_nothing(door: Door, body: bytes, kind: str) -> None:
    """Even signed, what Slack would never send is refused, never a 5xx."""
    status, _ = await door.post(body, door.headers(body, kind))
    assert 200 <= status < 500
    if kind == "application/json":
        assert status == 401


async def test_a_form_with_a_broken_payload_breaks_nothing(door: Door) -> None:
    """Interactions carry JSON inside a form."""
    for payload in ("{", "[]", '"x"', "null", "{}"):
        body = urlencode({"payload": payload}).encode()
        status, _ = await door.post(body, door.headers(body, "application/x-www-form-urlencoded"))
        assert status < 500


async def test_a_body_is_capped(door: Door) -> None:
    """Nobody fills our memory, whether the length is told or not."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"x" * 100_000

    large = b"x" * 1_000_001
    assert (await door.post(large, door.headers(large)))[0] == 413
    async with door.http.post(f"{door.url}/slack/events", data=chunks(), headers=door.headers(b"")) as answer:
        assert answer.status == 413


async def test_the_address_is_confirmed(door: Door) -> None:
    """Slack checks a new address with a challenge, which comes back."""
    body = json.dumps({"token": "t", "challenge": "abc", "type": "url_verification"}).encode()
    status, text = await door.post(body, door.headers(body))
    assert status == 200
    assert json.loads(text) == {"challenge": "abc"}


async def test_an_event_that_could_not_be_stored_comes_again(door: Door, acme: Town) -> None:
    """A database that is down means 503; the same event, delivered again, is taken, and what was missed is read."""
    door.ear.failures.append(StoreUnavailable("down"))
    told_before = len(door.ear.of(Connected))
    body = event()
    assert (await door.post(body, door.headers(body)))[0] == 503
    assert (await door.post(body, door.headers(body)))[0] == 200
    await until(lambda: len(door.ear.of(Connected)) > told_before, "catching up")


async def test_an_event_that_is_delivered_twice_is_told_once(door: Door) -> None:
    """Slack delivers again what it believes lost."""
    body = event()
    for _ in range(3):
        assert (await door.post(body, door.headers(body)))[0] == 200
    assert len(door.ear.of(MessagePosted)) == 1


async def test_events_that_slack_kept_back_are_read(door: Door) -> None:
    """After app_rate_limited the channels are looked through."""
    before = len(door.ear.of(Connected))
    body = json.dumps({"type": "app_rate_limited", "minute_rate_limited": 1700000000, "team_id": "T0ACME"}).encode()
    assert (await door.post(body, door.headers(body)))[0] == 200
    await until(lambda: len(door.ear.of(Connected)) > before, "catching up")


async def test_a_command_is_acknowledged_at_once_and_answered_afterwards(door: Door, acme: Town) -> None:
    """The acknowledgement is empty; the answer comes through the response_url."""
    door.ear.answers[CommandInvoked] = Private(Post("Today’s tip", Markup("Say thanks")))
    told = await acme.person("ada").types(acme.channel("support"), "/tip")
    await until(lambda: told.responses, "the answer")
    assert told.acknowledgements == 1
    assert told.response is None
    assert "Today’s tip" in str(told.responses[0])


async def test_whoever_does_not_hold_the_lease_leaves_word(slack: Slack, acme: Town) -> None:
    """Acknowledged once it is stored, without a word of what was said; the holder of the lease reads it and is told."""
    said = acme.person("ada").wrote(acme.channel("support"), "How do I reset my secret password?")
    keeper = FakeKeeper()
    keeper.free.clear()
    chat = chat_of(app(slack, acme, mode="http"), SETTINGS, keeper)
    async with serving(chat, slack) as url, ClientSession() as http, running(chat, connected=0) as line:
        door, body = Door(url, http, slack, line.ear), event(ts=said.ts, text=said.text)
        await until_entered(door, body)
        assert line.ear.of(MessagePosted) == []
        assert [letter.member for letter in keeper.box if "event" in letter.body] == ["U0ADA"]
        assert "secret" not in repr(keeper.box)
        keeper.free.set()
        told = await line.ear.hears(MessagePosted)
        assert told.message.text == "How do I reset my secret password?"
        await until(lambda: not keeper.box, "an empty box")
        assert len(line.ear.of(MessagePosted)) == 1


async def until_entered(door: Door, body: bytes) -> None:
    """A copy that has only just begun does not know yet whom it serves, and says so."""
    async with asyncio.timeout(10):
        while (await door.post(body, door.headers(body)))[0] == 503:  # noqa: ASYNC110  # nothing tells when
            await asyncio.sleep(0.01)


async def test_in_socket_mode_nothing_is_served(slack: Slack, acme: Town) -> None:
    """There is no address to guard."""
    chat = chat_of(app(slack, acme))
    assert chat.routes() == []
    await chat.close()
