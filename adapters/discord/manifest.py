"""What the bot needs of Discord, each with its reason: the one source for the invitation, the check and the docs.

Keys of `PERMISSIONS` and `INTENTS` are the names that discord.py gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from bot.texts import later

PERMISSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "view_channel": later("to see the channels that I watch and speak in"),
        "send_messages": later("to post tips and reminders"),
        "embed_links": later("to show them as cards; without it they arrive without their text"),
        "attach_files": later("to show charts and pictures"),
        "read_message_history": later("to catch up after an outage, to quote what waits, and to reply to messages"),
        "send_messages_in_threads": later("to speak in threads and forum posts"),
    }
)
"""Not among them, on purpose: administrator; mentioning everyone, which a role that may be mentioned does not need;
managing messages, threads, roles or webhooks; creating threads; reacting.
"""

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "view_channel": later("View Channels"),
        "send_messages": later("Send Messages"),
        "embed_links": later("Embed Links"),
        "attach_files": later("Attach Files"),
        "read_message_history": later("Read Message History"),
        "send_messages_in_threads": later("Send Messages in Threads"),
    }
)
"""What Discord's own pages call them, so that they are found there."""

BITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "view_channel": 1 << 10,
        "send_messages": 1 << 11,
        "embed_links": 1 << 14,
        "attach_files": 1 << 15,
        "read_message_history": 1 << 16,
        "send_messages_in_threads": 1 << 38,
    }
)
"""https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags"""

INTENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "guilds": later("to know channels, threads and roles, and when they change"),
        "members": later("to know who is on the team, and when that changes"),
        "guild_messages": later("to notice messages, edits and deletions"),
        "guild_reactions": later("to notice the reactions that settle a mention"),
        "dm_messages": later("to answer whoever writes to me in private"),
        "message_content": later("to read what messages say; without it they arrive empty"),
    }
)

PRIVILEGED: Final = frozenset({"members", "message_content"})
"""Intents that are to be switched on in the developer portal: https://discord.com/developers/docs/events/gateway#privileged-intents"""

SCOPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bot": later("to join the server"),
        "applications.commands": later("to offer commands there"),
    }
)


def permissions() -> int:
    """All of them as the number that Discord wants."""
    return sum(BITS[name] for name in PERMISSIONS)


def invitation(application_id: str) -> str:
    """The address where an admin adds the bot to a server, with these permissions and no others."""
    asked = {
        "client_id": application_id,
        "permissions": permissions(),
        "integration_type": 0,  # added to a server, not to a person's account
        "scope": " ".join(SCOPES),
    }
    return f"https://discord.com/oauth2/authorize?{urlencode(asked)}"


def portal(application_id: str | None) -> str:
    """The page of the developer portal that has the token and the intents; that of all applications for none."""
    page = "https://discord.com/developers/applications"
    return f"{page}/{application_id}/bot" if application_id else page
