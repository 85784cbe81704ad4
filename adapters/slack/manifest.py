"""The app's manifest: what an admin gives Slack to make the app from, generated from what the code uses. Pure.

https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from bot.app import Names
from bot.commands import COMMANDS, SHORTCUTS, Command
from bot.errors import ConfigError
from bot.texts import Texts, later, texts

NAME: Final = "Vigie"
COLOUR: Final = "#1F6F8B"

EVENTS, REDIRECT = "/slack/events", "/slack/oauth_redirect"
"""Paths of the HTTP mode."""

BOT_SCOPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "app_mentions:read": later("to answer when somebody calls me by name"),
        "channels:history": later("to see which questions in public channels were answered, and to read what I missed"),
        "channels:read": later("to notice when a public channel is archived or I am removed from it"),
        "chat:write": later("to post tips and nudges, and to keep nudges up to date"),
        "commands": later("for the slash commands and the entries in Slack’s menus"),
        "files:write": later("to show charts and pictures"),
        "groups:history": later("to see which questions in private channels were answered, and to read what I missed"),
        "groups:read": later("to notice when a private channel is archived or I am removed from it"),
        "im:history": later("to answer what people write to me in private"),
        "im:write": later("to tell the lead and the admins something in private"),
        "reactions:read": later("to see that a ✅ settled a question"),
        "usergroups:read": later("to know who belongs to the team’s user groups"),
        "users:read": later("to call people by their names and to speak their language"),
    }
)
"""What a bot token must be allowed, and why."""

APP_SCOPES: Final = ("connections:write",)
"""What the app-level token of Socket Mode must be allowed; a manifest cannot ask for it."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Why we want to be told of an event, and the scope without which Slack does not tell."""

    why: str
    scope: str = ""


BOT_EVENTS: Final[Mapping[str, Subscription]] = MappingProxyType(
    {
        "app_home_opened": Subscription("to show the page that the app has for each member"),
        "app_mention": Subscription(
            "to answer `@Vigie help` in any channel that it was invited to", "app_mentions:read"
        ),
        "app_uninstalled": Subscription("to delete what is stored about the workspace"),
        "channel_archive": Subscription("nobody can answer there any more; an admin is told", "channels:read"),
        "channel_deleted": Subscription("as above", "channels:read"),
        "channel_id_changed": Subscription(
            "a private channel that is shared gets a new id: an admin is told", "groups:read"
        ),
        "channel_left": Subscription("Vigie was removed; an admin is told", "channels:read"),
        "channel_unarchive": Subscription("the channel is read again", "channels:read"),
        "group_archive": Subscription("as for public channels", "groups:read"),
        "group_deleted": Subscription("as for public channels", "groups:read"),
        "group_left": Subscription("as for public channels", "groups:read"),
        "group_unarchive": Subscription("as for public channels", "groups:read"),
        "member_joined_channel": Subscription("Vigie was invited: what was said meanwhile is read", "channels:read"),
        "member_left_channel": Subscription(
            "Vigie was removed; others' comings and goings are dropped", "channels:read"
        ),
        "message.channels": Subscription("mentions and their answers in public channels", "channels:history"),
        "message.groups": Subscription("mentions and their answers in private channels", "groups:history"),
        "message.im": Subscription("what people write to Vigie in private", "im:history"),
        "reaction_added": Subscription("a ✅ of the team answers, one of the asker solves", "reactions:read"),
        "reaction_removed": Subscription("and taken back, reopens", "reactions:read"),
        "subteam_members_changed": Subscription("somebody joined or left the team", "usergroups:read"),
        "subteam_updated": Subscription("a user group was switched off or on", "usergroups:read"),
        "tokens_revoked": Subscription("as `app_uninstalled`: either may come alone"),
    }
)
"""What Slack is to tell us. Renamed channels and people are not in it: ids stay, and names are asked for."""


def manifest(names: Names, mode: Literal["socket", "http"], language: str, url: str | None = None) -> dict[str, Any]:
    """The manifest in a language of `bot.texts`. `url`: where the world reaches the bot, for the HTTP mode.

    `ConfigError` when that mode has none.
    """
    if mode == "http" and not url:
        raise ConfigError('slack.mode = "http" needs slack.public_url: the address at which Slack reaches the bot')
    speak = texts(language)
    site = (url or "").rstrip("/") if mode == "http" else ""
    requests = {"request_url": f"{site}{EVENTS}"} if site else {}
    return {
        "display_information": {
            "name": NAME,
            "description": speak.t("Looks out for the people of your community whom nobody has answered yet"),
            "long_description": _at_length(speak),
            "background_color": COLOUR,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "shortcuts": [_shortcut(name, speak) for name in SHORTCUTS],
            "slash_commands": [_command(c, names, site, speak) for c in COMMANDS.values()],
        },
        "oauth_config": {
            **({"redirect_urls": [f"{site}{REDIRECT}"]} if site else {}),
            "scopes": {"bot": list(BOT_SCOPES)},
        },
        "settings": {
            "event_subscriptions": {**requests, "bot_events": list(BOT_EVENTS)},
            "interactivity": {"is_enabled": True, **requests},
            # An organisation's admins may switch it on; a workspace has no use for it, and it cannot be switched off.
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == "socket",
            # A rotated token ends after 12 hours, and one that came from the environment cannot be exchanged there.
            "token_rotation_enabled": False,
        },
    }


def _command(command: Command, names: Names, site: str, speak: Texts) -> dict[str, Any]:
    """`should_escape` off: what is typed arrives as it was typed."""
    made: dict[str, Any] = {"command": f"/{names.of(command.name)}", "description": speak.t(command.description)}
    if hint := _hint(command, speak):
        made["usage_hint"] = hint
    if site:
        made["url"] = f"{site}{EVENTS}"
    return made | {"should_escape": False}


def _hint(command: Command, speak: Texts) -> str:
    """What may follow a command: `[topic | topics | off]`, or `[list | why LINK | stats]`."""
    french = speak.language == "fr"
    uses = [(french and option.french) or option.name for option in command.options]
    for sub in command.subcommands:
        words = [(french and option.french) or option.name for option in sub.options]
        uses.append(" ".join([(french and sub.french) or sub.name, *(word.upper() for word in words)]))
    return f"[{' | '.join(uses)}]" if uses else ""


def _shortcut(name: str, speak: Texts) -> dict[str, Any]:
    shortcut = SHORTCUTS[name]
    return {
        "name": speak.t(shortcut.label),
        "type": "message" if shortcut.on_message else "global",
        "callback_id": name,
        "description": speak.t(shortcut.description),
    }


def _at_length(speak: Texts) -> str:
    """For the app's page in Slack, which wants 175 characters at least."""
    return speak.t(
        "Vigie reads along in the channels that you choose and tells your moderators who is still waiting for an "
        "answer: within your working hours, once, and never about something that was answered. Every working day it "
        "also gives your team one good practice of community management, and advice on a topic whenever somebody asks. "
        "It stores no message."
    )
