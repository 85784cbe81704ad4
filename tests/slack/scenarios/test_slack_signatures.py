"""Who is not Slack gets nothing: 401 or 413, never a 5xx, and no bot is moved by it."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from bot.ports import Store
from tests.fakes import MONDAY
from tests.slack.scenarios.living import Life, living
from tests.slack.server.telling import signature


@pytest.fixture
async def life(store: Store) -> AsyncIterator[Life]:
    async with living(store, "http") as life:
        yield life


EVENT = json.dumps({"type": "event_callback", "event": {"type": "message"}, "event_id": "Ev1", "team_id": "T0ACME"})


async def _sent(life: Life, body: bytes, headers: dict[str, str]) -> int:
    url = life.slack.telling.events_url
    assert url is not None
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
        return response.status


def _headers(timestamp: str, signed: str, kind: str = "application/json") -> dict[str, str]:
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signed, "Content-Type": kind}


def _now(shift: int = 0) -> str:
    """The instant at which these stories stand still, or so many seconds later."""
    return str(int(MONDAY.timestamp()) + shift)


async def test_a_signed_request_is_taken(life: Life) -> None:
    """What these tests send is right but for what each makes wrong."""
    at = _now()
    good = signature(life.slack.app.signing_secret, at, EVENT)
    assert await _sent(life, EVENT.encode(), _headers(at, good)) == 200


@pytest.mark.parametrize("shift", [-3600, -301, 3600])
async def test_an_old_request_is_refused(life: Life, shift: int) -> None:
    """A signature is good for five minutes: nobody replays a request."""
    at = _now(shift)
    signed = signature(life.slack.app.signing_secret, at, EVENT)
    assert await _sent(life, EVENT.encode(), _headers(at, signed)) == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "now"},
        _headers("not a number", "v0=" + "0" * 64),
        _headers("9" * 400, "v0=" + "0" * 64),
        _headers("-1", "v0=" + "0" * 64),
        _headers("1e9", "v0=" + "0" * 64),
        _headers("١٧٠٠٠٠٠٠٠٠", "v0=" + "0" * 64),
        _headers("", ""),
        _headers(_now(), "v0="),
        _headers(_now(), "v0=é" + "0" * 63),
        _headers(_now(), "v1=" + "0" * 64),
        _headers(_now(), "0" * 64),
    ],
)
async def test_malformed_headers_are_refused(life: Life, headers: dict[str, str]) -> None:
    """No timestamp, no signature, or none that could be one."""
    assert await _sent(life, EVENT.encode(), headers) == 401


async def test_another_apps_secret_is_refused(life: Life) -> None:
    """A signature by somebody else."""
    at = _now()
    assert await _sent(life, EVENT.encode(), _headers(at, signature("another secret", at, EVENT))) == 401


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"payload=%7B", b'"text"', b"[" * 5000])
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
async def test_a_body_that_is_none_is_never_a_server_error(life: Life, body: bytes, kind: str) -> None:
    """Signed or not, whatever stands in it."""
    at = _now()
    signed = signature(life.slack.app.signing_secret, at, body.decode("utf-8", "replace"))
    for given_signature in (signed, "v0=" + "0" * 64):
        status = await _sent(life, body, _headers(at, given_signature, kind))
        assert status < 500, (given_signature == signed, status)
    assert await _sent(life, body, _headers(at, "v0=" + "0" * 64, kind)) == 401


async def test_an_endless_body_is_cut_off(life: Life) -> None:
    """Bodies are capped, whether their length is told or not."""
    at = _now()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(500):
            yield b"x" * 10_000

    url = life.slack.telling.events_url
    assert url is not None
    headers = _headers(at, "v0=" + "0" * 64)
    for body in (endless(), io.BytesIO(b"x" * 5_000_000)):
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
            assert response.status == 413


async def test_slacks_check_of_the_address(life: Life) -> None:
    """url_verification is answered with its challenge."""
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"})
    at = _now()
    url = life.slack.telling.events_url
    assert url is not None
    headers = _headers(at, signature(life.slack.app.signing_secret, at, body))
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
        assert response.status == 200
        assert "abc" in await response.text()


async def test_a_form_without_a_payload(life: Life) -> None:
    """Signed and well-formed, and about nothing that we know."""
    for fields in ({}, {"payload": "{}"}, {"payload": "no json"}, {"command": "/tip"}, {"ssl_check": "1"}):
        body = urlencode(fields)
        at = _now()
        signed = signature(life.slack.app.signing_secret, at, body)
        status = await _sent(life, body.encode(), _headers(at, signed, "application/x-www-form-urlencoded"))
        assert status < 500, fields


@given(st.binary(max_size=200), st.text(max_size=20).filter(lambda text: text.isprintable() and text.isascii()))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_signer_of_these_tests_is_slacks(body: bytes, timestamp: str) -> None:
    """Our signature is the one that slack_sdk makes."""
    text = body.decode("utf-8", "replace")
    made = SignatureVerifier("secret").generate_signature(timestamp=timestamp, body=text)
    assert made == signature("secret", timestamp, text)
