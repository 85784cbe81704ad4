"""The core's commands as Discord's application commands. Pure.

Names of subcommands and options, menu entries and all descriptions are given in English and in French; what is reported
when one is used are the English names. What the commands themselves are called is configured, and the same for all.
https://discord.com/developers/docs/interactions/application-commands#application-command-object
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

from adapters.discord.parts import Body, fitted
from bot.app import Names
from bot.commands import COMMANDS, SHORTCUTS, Command, Option, Shortcut, Subcommand
from bot.texts import LANGUAGES, texts

CHAT, ON_MESSAGE = 1, 3
SUBCOMMAND, STRING = 1, 3
DESCRIPTION, NAME = 100, 32

IN_GUILDS, WITH_THE_BOT = 0, 1
"""Contexts: in a server, and in the private channel with the bot."""

ADDED_TO_A_GUILD = 0
"""Integration type: nobody carries the bot along to servers that did not add it."""

MANAGE_MESSAGES = 1 << 13
"""Who may use a team's commands unless the server decides otherwise: those who may delete others' messages. It only
keeps menus short; the core asks whether somebody is on the team, whatever the server decided."""


def application_commands(names: Names) -> list[Body]:
    """For `PUT /applications/{id}/commands`, which replaces all of them."""
    chat = [_command(command, names.of(command.name)) for command in COMMANDS.values()]
    return chat + [_entry(shortcut) for shortcut in SHORTCUTS.values() if shortcut.on_message]


def fingerprint(commands: list[Body]) -> str:
    """The same for the same commands, in whatever process."""
    canonical = json.dumps(commands, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(canonical.encode()).hexdigest()


def _command(command: Command, name: str) -> Body:
    made: Body = {
        "type": CHAT,
        "name": name,
        **_described(command.description),
        **_reach(team_only=command.team_only, private=not command.team_only),
    }
    # Discord lets no command have both: there a subcommand is typed into the option.
    inside = _options(command.options) or [*map(_subcommand, command.subcommands)]
    return {**made, "options": inside} if inside else made


def _entry(shortcut: Shortcut) -> Body:
    """An entry of the menu that a message has under *Apps*."""
    return {
        "type": ON_MESSAGE,
        "name": fitted(shortcut.label, NAME),
        "name_localizations": {lang: fitted(texts(lang).t(shortcut.label), NAME) for lang in _others()},
        **_reach(team_only=shortcut.team_only, private=False),
    }


def _reach(*, team_only: bool, private: bool) -> Body:
    return {
        "default_member_permissions": MANAGE_MESSAGES if team_only else None,
        "contexts": [IN_GUILDS, WITH_THE_BOT] if private else [IN_GUILDS],
        "integration_types": [ADDED_TO_A_GUILD],
    }


def _subcommand(subcommand: Subcommand) -> Body:
    made: Body = {
        "type": SUBCOMMAND,
        **_named(subcommand.name, subcommand.french),
        **_described(subcommand.description),
    }
    options = _options(subcommand.options)
    return {**made, "options": options} if options else made


def _options(options: Sequence[Option]) -> list[Body]:
    """Discord wants those that are required first."""
    ordered = sorted(options, key=lambda option: not option.required)
    return [
        {
            "type": STRING,
            **_named(option.name, option.french),
            **_described(option.description),
            "required": option.required,
            **({"autocomplete": True} if option.completes else {}),
        }
        for option in ordered
    ]


def _named(name: str, french: str) -> Body:
    return {"name": name, "name_localizations": {"fr": french}} if french else {"name": name}


def _described(description: str) -> Body:
    others = {lang: fitted(texts(lang).t(description), DESCRIPTION) for lang in _others()}
    return {"description": fitted(description, DESCRIPTION), "description_localizations": others}


def _others() -> list[str]:
    """The languages besides the one that descriptions are written in. Discord's codes are the same: en-GB, fr."""
    return [language for language in LANGUAGES if language != "en"]
