"""Requests that Slack did not sign, or not just now, or that somebody sends once more."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.hostile import junk
from tests.hostile.payloads import SLACK_ACTS, SLACK_EVENTS, slack_envelope
from tests.slack.scenarios.living import SUPPORT, Life
from tests.slack.server.telling import signature

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    body: bytes
    headers: dict[str, str]


async def forged(life: Life, number: int, seed: int = 0) -> Counter[int]:
    """Send so many; the statuses that came back. What the bot heard or said meanwhile is for the caller to compare."""
    random = Random(seed)
    statuses: Counter[int] = Counter()
    async with aiohttp.ClientSession() as http:
        for _ in range(number):
            statuses[await send(http, life, wrong(random, life))] += 1
    return statuses


async def send(http: aiohttp.ClientSession, life: Life, request: Request) -> int:
    async with http.post(life.address, data=request.body, headers=request.headers) as answer:
        return answer.status


def right(life: Life, body: bytes, kind: str, shift: int = 0) -> Request:
    """As Slack signs it, so many seconds from now."""
    at = str(int(life.clock.now().timestamp()) + shift)
    return Request(body, _headers(at, signature(life.slack.app.signing_secret, at, body.decode()), kind))


def wrong(random: Random, life: Life) -> Request:
    """One that nobody may believe, with a body that would move the bot."""
    body, kind = _asked(random) if random.random() < 0.8 else _acted(random)
    good = right(life, body, kind)
    at, signed = good.headers["X-Slack-Request-Timestamp"], good.headers["X-Slack-Signature"]
    secret = life.slack.app.signing_secret
    match random.randrange(8):
        case 0:  # stale: signed long ago, or for a time to come
            return right(life, body, kind, random.choice((-1, 1)) * random.randint(301, 10**9))
        case 1:  # another secret, perhaps a part of ours
            other = random.choice(("", secret[:-1], secret.upper(), secret + "0", junk.text(random)))
            return Request(body, _headers(at, _signed(other, at, body), kind))
        case 2:  # another body than was signed
            changed, _ = _asked(random)
            return Request(changed + b" ", good.headers)
        case 3:  # another timestamp than was signed
            return Request(body, _headers(str(int(at) + random.choice((-1, 1)) * random.randint(1, 299)), signed, kind))
        case 4:  # a few digits of the signature
            digits = list(signed)
            place = random.randrange(3, len(digits))
            digits[place] = random.choice("0123456789abcdefABCDEFg".replace(digits[place], ""))
            return Request(body, _headers(at, "".join(digits), kind))
        case 5:  # odd headers
            return Request(body, _headers(_header(random, at), _header(random, signed), kind))
        case 6:  # none
            return Request(body, {"Content-Type": kind})
    # The right signature under another version, in another alphabet, doubled.
    odd = random.choice((signed[3:], f"v1={signed[3:]}", signed.upper(), f"{signed},{signed}", f" v0={signed[3:]}0"))
    return Request(body, _headers(at, odd, kind))


def _signed(secret: str, at: str, body: bytes) -> str:
    return signature(secret.encode(errors="replace").decode(), at, body.decode())


def _asked(random: Random) -> tuple[bytes, str]:
    """A question in a watched channel, which would be nudged about."""
    event: dict[str, Any] = {
        **SLACK_EVENTS[0],
        "channel": SUPPORT,
        "ts": f"{random.randrange(10**9, 2 * 10**9)}.000100",
    }
    return json.dumps(slack_envelope(event, random.randrange(10**9)) | {"team_id": "T0ACME"}).encode(), JSON


def _acted(random: Random) -> tuple[bytes, str]:
    act = random.choice(SLACK_ACTS)
    fields = act if "command" in act else {"payload": json.dumps(act)}
    return urlencode(fields).encode(), FORM


def _header(random: Random, usual: str) -> str:
    """What can be sent as the value of a header, and is not the right one."""
    written = "".join(sign for sign in junk.text(random) if sign.isprintable() and sign.isascii()).strip()
    return random.choice((written, "", usual + "0", f"-{usual}", "9" * 400, "v0=" + "0" * 64, "1e9", "0x1"))


def _headers(at: str, signed: str, kind: str) -> dict[str, str]:
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signed, "Content-Type": kind}


async def replayed(life: Life) -> list[int]:
    """What was answered to true requests that somebody sends once more, at once and six minutes later."""
    question = {**SLACK_EVENTS[0], "team": "T0ACME", "ts": f"{int(life.clock.now().timestamp())}.000200"}
    envelope = slack_envelope(question) | {"team_id": "T0ACME"}
    envelope["authorizations"] = [{**envelope["authorizations"][0], "team_id": "T0ACME"}]
    requests = [right(life, json.dumps(envelope).encode(), JSON), _command(life)]
    async with aiohttp.ClientSession() as http:
        first = [await send(http, life, request) for request in requests]
        assert first == [200, 200], "what is replayed was right"
        await life.slack.quiet()
        heard = len(life.heard)
        answered = [await send(http, life, request) for request in requests * 3]
        await life.time_passes(timedelta(minutes=6))
        answered += [await send(http, life, request) for request in requests]
        await life.slack.quiet()
    assert len(life.heard) == heard, "a replay was heard"
    return answered


def _command(life: Life) -> Request:
    command = {**SLACK_ACTS[0], "team_id": "T0ACME", "response_url": f"{life.slack.api_url}nowhere"}
    return right(life, urlencode(command).encode(), FORM)


async def taken_by(*lives: Life) -> list[int]:
    """What each copy in turn answers to one and the same command."""
    request = _command(lives[0])
    async with aiohttp.ClientSession() as http:
        answers = [await send(http, life, request) for life in lives]
        await lives[0].slack.quiet()
    return answers
