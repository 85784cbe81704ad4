from __future__ import annotations

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot import logs
from bot.redaction import mask, mask_input

# Put together here, so that no tool that looks for leaked tokens takes these for real ones.
BOT = "-".join(["xoxb", "17653672481", "19874698323", "canaryCanaryCanary"])
APP = "-".join(["xapp", "1", "A111", "222", "canarycanary"])
ROTATED = ".".join(["xoxe", "xoxb-1-canaryCanary"])
DISCORD = ".".join(["MTk4NjIyNDgzNDcxOTI1MjQ4", "Cl2FMQ", "ZnCjm1XVW7vRze4b7Cqcanary"])
SHOWN_WITH_SECRETS = (
    BOT,
    APP,
    ROTATED,
    DISCORD,
    f"Authorization: Bearer {BOT}",
    "Authorization: Bearer abc.canary~",
    f"Authorization: Bot {DISCORD}",
    "wss://wss-primary.slack.com/link/?ticket=canary-1&app_id=x",
    "https://hooks.slack.com/commands/T01/2/canary",
    "https://discord.com/api/v10/webhooks/123/canary_canary",
    "https://discord.com/api/v10/interactions/123/canary_canary/callback",
    "postgresql+psycopg://vigie:canary@db/vigie",
    "postgresql://vigie:can@nary-canary@db/vigie",
    "postgresql://db/vigie?user=u&password=canary",
    "x-slack-signature: v0=" + "ca" * 20 + "0123456789abcdef01234567",
)


@dataclass
class Said:
    """As our Message is: its repr holds what somebody wrote."""

    id: str
    text: str


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    yield
    root.handlers[:], root.level = handlers, level
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(False)
    for name in logs.OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


@pytest.fixture(params=["console", "json"])
def either(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def fail(words: str) -> None:
    raise RuntimeError(words) from ValueError(words)


def configured(shape: str = "json", level: str = "debug") -> io.StringIO:
    stream = io.StringIO()
    logs.configure(shape, level, stream)
    return stream


def test_one_json_object_per_line_from_us_and_from_others() -> None:
    """structlog and the standard library come out by the same way, with instant, level and logger."""
    out = configured()
    structlog.get_logger("bot.app").info("started", shards=2, at=None)
    logging.getLogger("slack_sdk.web").warning("slow: %s", 3)
    ours, theirs = map(json.loads, out.getvalue().splitlines())
    assert (ours["event"], ours["level"], ours["logger"], ours["shards"]) == ("started", "info", "bot.app", 2)
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("slow: 3", "warning", "slack_sdk.web")
    assert ours["timestamp"].endswith("Z")


def test_others_are_heard_from_warning_on_unless_debugging() -> None:
    """At `info` the SDKs' chatter is off and ours is on; `debug` shows both; `error` quietens both."""
    for level, expected in (
        ("info", ["ours info", "theirs warning"]),
        ("debug", ["ours debug", "ours info", "theirs info", "theirs warning"]),
        ("error", []),
    ):
        out = configured(level=level)
        ours, theirs = structlog.get_logger("adapters.slack"), logging.getLogger("discord.gateway")
        ours.debug("ours debug")
        ours.info("ours info")
        theirs.info("theirs info")
        theirs.warning("theirs warning")
        assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == expected


@pytest.mark.parametrize("shown", SHOWN_WITH_SECRETS)
def test_no_secret_reaches_a_line(shown: str, either: str) -> None:
    """Not in a message, an argument, a value however deep, a key, an object, bytes, a traceback or a stack."""
    out = configured(either)
    log = structlog.get_logger("bot.x")
    log.info(f"event {shown}", value=shown, deep={"a": [{shown: (shown, {shown})}]}, raw=shown.encode())
    log.info("object", thing=Said(shown, "x"), error=ValueError(shown))
    logging.getLogger("slack_bolt").debug("payload %s and %r", shown, {"x": shown})
    try:
        fail(shown)
    except RuntimeError:
        log.exception("failed", stack_info=True)
        logging.getLogger("discord").exception("failed %s", shown)
    assert "canary" not in out.getvalue().lower()
    assert "caca" not in out.getvalue()
    assert "RuntimeError" in out.getvalue()


def test_values_under_a_secrets_name_are_hidden_whatever_their_shape(either: str) -> None:
    """A signing secret looks like any other number."""
    out = configured(either)
    names = ("token", "bot_token", "signing_secret", "password", "Authorization", "api_key", "ticket")
    structlog.get_logger("bot.x").info("x", headers=dict.fromkeys(names, "canary"), token="canary")
    structlog.get_logger("bot.x").info("x", value=SecretStr("canary"))
    assert "canary" not in out.getvalue()


def test_what_people_wrote_is_dropped(either: str) -> None:
    """text, body, content and title never come out: as keys, in payloads, in the repr of our own objects."""
    out = configured(either)
    log = structlog.get_logger("bot.x")
    log.info(
        "x",
        text="canary",
        body="canary",
        content="canary",
        title="canary",
        deep={"text": "canary", "n": [{"body": "canary"}]},
    )
    log.info("x", message=Said("1", 'said "canary" there'), many=[Said("1", "it's canary")])
    sdk = logging.getLogger("slack_sdk")
    sdk.debug("Sending %s", {"channel": "C1", "text": "a 'canary' b", "blocks": {"title": "canary"}})
    sdk.debug("Received %s", json.dumps({"event": {"text": 'x "canary" y'}, "payload": json.dumps({"text": "canary"})}))
    assert "canary" not in out.getvalue()
    assert "C1" in out.getvalue()


def test_local_variables_are_not_shown(either: str) -> None:
    """A traceback tells the lines of code, never what was in the variables."""
    out = configured(either)
    secret = "".join(["can", "ary"])
    try:
        fail(str(len(secret)))
    except RuntimeError:
        structlog.get_logger("bot.x").exception("failed")
    assert "in fail" in out.getvalue()
    assert "canary" not in out.getvalue()


def test_what_nobody_caught_is_a_line_too(either: str) -> None:
    """Otherwise Python itself would print it, in clear."""
    out = configured(either)
    try:
        fail(BOT)
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)
    thread = threading.Thread(target=lambda: int(BOT))
    thread.start()
    thread.join()
    assert out.getvalue().count("uncaught") == 2
    assert "canary" not in out.getvalue().lower()


def test_a_line_that_cannot_be_made_shows_no_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    """The standard library would print them on the standard error output."""
    out = configured()
    logging.getLogger("bot.x").info("%d", BOT)
    assert "was lost (TypeError" in out.getvalue()
    assert "canary" not in (out.getvalue() + capsys.readouterr().err).lower()


def test_warnings_are_lines() -> None:
    """They would be printed as they are; here they are masked like the rest."""
    out = configured()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn(BOT, UserWarning, stacklevel=1)
    assert "UserWarning" in out.getvalue()
    assert "canary" not in out.getvalue().lower()


def test_configuring_again_replaces() -> None:
    """One line per event, on the last stream, whatever handlers were there before."""
    first = configured()
    logging.getLogger().addHandler(logging.StreamHandler(first))
    second = configured("console", "info")
    structlog.get_logger("bot.x").info("hello")
    assert first.getvalue() == ""
    assert second.getvalue().count("hello") == 1
    with pytest.raises(ValueError, match="unknown log format"):
        logs.configure("xml", "info")


@given(st.text(max_size=200))
def test_masking_leaves_plain_words_alone_and_is_stable(text: str) -> None:
    """Masking twice is masking once; it never fails."""
    assert mask(mask(text)) == mask(text)
    assert mask_input(mask_input(text)) == mask_input(text)


@pytest.mark.parametrize(
    "text", ["https://hooks.example.com/a", "C0123ABCD", "12:30", "slack:T01", "mention 01J", "a robot answered you"]
)
def test_what_is_no_secret_is_shown(text: str) -> None:
    """A log is to be read."""
    assert mask_input(text) == text
