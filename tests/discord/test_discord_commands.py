"""The core's commands as Discord offers them."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.discord.asked import command_of
from adapters.discord.commands import MANAGE_MESSAGES, application_commands, fingerprint
from bot.app import Names
from bot.commands import COMMANDS, SHORTCUTS
from bot.events import CommandInvoked, ShortcutUsed
from tests.discord.speaking import NOW, Json, KnownGuild, interaction, message
from tests.discord.wire import limits
from tests.discord.wire.schema import Schema


def by_name(name: str) -> Json:
    return next(command for command in application_commands(Names()) if command["name"] == name)


def test_they_are_valid() -> None:
    """By Discord's own document, and by the limits that it does not tell."""
    commands = application_commands(Names())
    assert limits.commands(commands) == {}
    if schema := Schema.load():
        assert schema.wrong_request("PUT", "/applications/1/commands", commands) == []


def test_all_of_them_are_offered() -> None:
    """Every command of the core, and every shortcut that belongs to a message."""
    offered = {(command["type"], command["name"]) for command in application_commands(Names())}
    menus = {(3, shortcut.label) for shortcut in SHORTCUTS.values() if shortcut.on_message}
    assert offered == {(1, name) for name in COMMANDS} | menus


def test_they_are_called_what_is_configured() -> None:
    """And reported under the core's own name."""
    names = Names(tip="astuce")
    assert "astuce" in [command["name"] for command in application_commands(names)]
    invoked = command_of(interaction(2, {"type": 1, "name": "astuce"}), KnownGuild(), names, NOW)
    assert isinstance(invoked, CommandInvoked)
    assert invoked.name == "tip"


def test_a_french_client_shows_french() -> None:
    """Subcommands, options, descriptions, and the entries of menus."""
    mentions = by_name("mentions")
    assert [option["name_localizations"]["fr"] for option in mentions["options"]] == ["liste", "pourquoi", "chiffres"]
    assert by_name("tip")["options"][0]["name_localizations"] == {"fr": "sujet"}
    for described in (mentions, *mentions["options"], by_name("tip")):
        assert described["description_localizations"]["fr"] != described["description"]
    assert by_name("Mark as answered")["name_localizations"]["fr"] != "Mark as answered"


def test_no_command_mixes_subcommands_and_options() -> None:
    """Discord refuses such a one; what can be typed instead of a topic is typed into the option there."""
    for command in application_commands(Names()):
        kinds = {option["type"] for option in command.get("options", [])}
        assert kinds <= {1} or 1 not in kinds, command["name"]
    assert [option["name"] for option in by_name("tip")["options"]] == ["topic"]


def test_the_teams_commands_are_hidden_from_others() -> None:
    """And exist in servers only; what is for everybody works in private too."""
    for command in application_commands(Names()):
        for_all = command["type"] == 1 and not COMMANDS[command["name"]].team_only
        assert command["default_member_permissions"] == (None if for_all else MANAGE_MESSAGES)
        assert command["contexts"] == ([0, 1] if for_all else [0])
        assert command["integration_types"] == [0]


def test_the_topic_is_suggested_while_it_is_typed() -> None:
    """And what must be given is required."""
    assert by_name("tip")["options"][0]["autocomplete"] is True
    (link,) = next(option for option in by_name("mentions")["options"] if option["name"] == "why")["options"]
    assert link["required"] is True
    assert "autocomplete" not in link


def test_the_fingerprint_changes_with_the_commands() -> None:
    """And with nothing else, so that they are only sent when they changed."""
    commands = application_commands(Names())
    assert fingerprint(commands) == fingerprint([dict(reversed(command.items())) for command in commands])
    assert fingerprint(commands) != fingerprint(application_commands(Names(tip="astuce")))
    assert fingerprint(commands) != fingerprint(commands[::-1])


@pytest.mark.parametrize(
    ("data", "name", "text"),
    [
        ({"name": "tip"}, "tip", ""),
        ({"name": "tip", "options": [{"type": 3, "name": "topic", "value": " engagement "}]}, "tip", "engagement"),
        ({"name": "mentions", "options": [{"type": 1, "name": "stats", "options": []}]}, "mentions", "stats"),
        (
            {
                "name": "mentions",
                "options": [
                    {"type": 1, "name": "why", "options": [{"type": 3, "name": "link", "value": "https://a.b/c"}]}
                ],
            },
            "mentions",
            "why https://a.b/c",
        ),
    ],
)
def test_what_is_chosen_is_what_would_be_typed(data: Json, name: str, text: str) -> None:
    """Subcommand and options, one after the other, as on a platform where they are typed."""
    invoked = command_of(interaction(2, {"type": 1, **data}), KnownGuild(), Names(), NOW)
    assert isinstance(invoked, CommandInvoked)
    assert (invoked.name, invoked.text) == (name, text)


@pytest.mark.parametrize("key", [key for key, shortcut in SHORTCUTS.items() if shortcut.on_message])
def test_a_menus_entry_tells_its_message(key: str) -> None:
    """The message that it was chosen on, as it is now."""
    target: dict[str, Any] = message("How do I reset my password?")
    data = {
        "type": 3,
        "name": SHORTCUTS[key].label,
        "target_id": target["id"],
        "resolved": {"messages": {target["id"]: {k: v for k, v in target.items() if k != "member"}}},
    }
    used = command_of(interaction(2, data), KnownGuild(), Names(), NOW)
    assert isinstance(used, ShortcutUsed)
    assert used.name == key
    assert used.message is not None
    assert (used.message.text, used.message.author.name) == ("How do I reset my password?", "Ada")
