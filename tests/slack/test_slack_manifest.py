"""The manifest, held against Slack's schema, against the code, and against what admins read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from adapters.slack import incoming
from adapters.slack.http import EVENTS, REDIRECT
from adapters.slack.manifest import APP_SCOPES, BOT_EVENTS, BOT_SCOPES, manifest
from adapters.slack.refusals import refusal
from bot.app import Names
from bot.commands import COMMANDS, SHORTCUTS
from bot.errors import ConfigError

REPOSITORY = Path(__file__).parents[2]
SCHEMA = REPOSITORY.parent / "shared" / "specs" / "slack-manifest.schema.json"
ADAPTER = REPOSITORY / "adapters" / "slack"
DOCS = (REPOSITORY / "docs" / "slack.md").read_text()
URL = "https://vigie.example.org"

METHODS = {
    "apps.connections.open": set[str](),  # with the app-level token
    "auth.test": set(),
    "auth.teams.list": set(),
    "bots.info": {"users:read"},
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.open": {"im:write"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "files.completeUploadExternal": {"files:write"},
    "files.getUploadURLExternal": {"files:write"},
    "usergroups.list": {"usergroups:read"},
    "usergroups.users.list": {"usergroups:read"},
    "users.info": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.push": set(),
    "views.update": set(),
}
"""What each method of the Web API needs, by https://docs.slack.dev/reference/methods, in the channels that we use."""


@pytest.mark.skipif(not SCHEMA.exists(), reason="Slack's schema is not beside this repository")
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("mode", "url"), [("socket", None), ("socket", URL), ("http", URL)])
def test_slack_takes_it(language: str, mode: Any, url: str | None) -> None:
    """In both modes and both languages."""
    schema = json.loads(SCHEMA.read_text())
    assert list(map(str, Draft7Validator(schema).iter_errors(manifest(Names(), mode, language, url)))) == []


def test_over_a_socket_nothing_has_an_address() -> None:
    """Slack refuses a manifest that has both."""
    assert "http" not in json.dumps(manifest(Names(), "socket", "en", URL)).replace("https:", "")
    assert URL not in json.dumps(manifest(Names(), "socket", "en", URL))


def test_over_http_everything_comes_to_the_same_door() -> None:
    """Events, buttons and each command; people who add the app come back to another."""
    made = manifest(Names(), "http", "en", f"{URL}/")
    door = f"{URL}{EVENTS}"
    assert made["settings"]["event_subscriptions"]["request_url"] == door
    assert made["settings"]["interactivity"]["request_url"] == door
    assert {command["url"] for command in made["features"]["slash_commands"]} == {door}
    assert made["oauth_config"]["redirect_urls"] == [f"{URL}{REDIRECT}"]
    assert made["settings"]["socket_mode_enabled"] is False


def test_over_http_an_address_is_needed() -> None:
    """The error names the key."""
    with pytest.raises(ConfigError, match=r"slack\.public_url"):
        manifest(Names(), "http", "en")


def test_commands_have_the_names_of_the_configuration() -> None:
    """Every command of the core, and no other; every entry of the menus under its key."""
    made = manifest(Names(tip="conseil"), "socket", "fr")
    commands = made["features"]["slash_commands"]
    assert [command["command"] for command in commands] == ["/conseil", "/mentions", "/vigie", "/privacy"]
    assert len(commands) == len(COMMANDS)
    assert [command["usage_hint"] for command in commands] == [
        "[sujet | thèmes | écartés]",
        "[liste | pourquoi LIEN | chiffres]",
        "[aide | verifier]",
        "[quoi | oubliez-moi]",
    ]
    shortcuts = {one["callback_id"]: one["type"] for one in made["features"]["shortcuts"]}
    assert shortcuts == {name: "message" if s.on_message else "global" for name, s in SHORTCUTS.items()}


def test_it_asks_for_every_scope_that_the_code_needs_and_for_no_other() -> None:
    """Counted from the methods that the adapter calls, the events that it wants, and its commands."""
    source = "\n".join(path.read_text() for path in sorted(ADAPTER.glob("*.py")))
    called = set(
        re.findall(r'"((?:apps|auth|bots|chat|conversations|files|usergroups|users|views)\.[a-zA-Z.]+)"', source)
    )
    called -= {"chat.post"}  # how the names of some begin
    assert called == METHODS.keys()
    needed = set[str]().union(*METHODS.values(), *({s.scope} for s in BOT_EVENTS.values() if s.scope), {"commands"})
    assert needed == BOT_SCOPES.keys()
    made = manifest(Names(), "socket", "en")
    assert made["oauth_config"]["scopes"] == {"bot": sorted(needed)}
    assert APP_SCOPES == ("connections:write",)


def test_it_subscribes_to_every_event_that_the_code_understands_and_to_no_other() -> None:
    """Messages of all kinds are one event to us, and three subscriptions to Slack."""
    understood = {*incoming.EVERYWHERE, *incoming.REACTIONS, "message.channels", "message.groups", "message.im"}
    assert set(BOT_EVENTS) == understood
    assert manifest(Names(), "socket", "en")["settings"]["event_subscriptions"]["bot_events"] == sorted(understood)


def test_tokens_that_expire_are_off() -> None:
    """One that comes from the environment could not be renewed there."""
    assert manifest(Names(), "socket", "en")["settings"]["token_rotation_enabled"] is False


@pytest.mark.parametrize(
    ("heading", "names"), [("### Scopes", list(BOT_SCOPES)), ("### Events", list(BOT_EVENTS))], ids=["scopes", "events"]
)
def test_the_guide_explains_each_of_them(heading: str, names: list[str]) -> None:
    """An admin finds every scope and event that the manifest asks for, with the reason that the code gives."""
    part = DOCS.partition(f"{heading}\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", part, re.MULTILINE)
    assert [name for name, _ in rows] == names
    for name, why in rows:
        reason = BOT_SCOPES[name] if name in BOT_SCOPES else BOT_EVENTS[name].why
        assert reason in why


def test_the_guide_names_every_secret_and_path() -> None:
    """As the code has them."""
    for word in ("VIGIE_SLACK_BOT_TOKEN", "VIGIE_SLACK_APP_TOKEN", "VIGIE_SLACK_SIGNING_SECRET", EVENTS, REDIRECT):
        assert word in DOCS


def test_the_guide_tells_what_to_do_about_each_error() -> None:
    """In the words in which admins are told."""
    part = DOCS.partition("## When something is wrong\n")[2]
    rows = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \| (.+) \|$", part, re.MULTILINE)
    assert len(rows) > 5
    for codes, fix in rows:
        for code in re.findall(r"`([a-z_]+)`", codes):
            assert refusal("chat.postMessage", {"error": code}).fix == fix, code
