"""What the bot needs of Discord, each with its reason: the one source for the invitation, the check and the docs.

Keys are the names of discord.py: `Permissions` and `Intents`.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.texts import later

PERMISSIONS: Mapping[str, str] = {
    "view_channel": later("to see the channels that it watches and speaks in"),
    "send_messages": later("to post tips and nudges"),
    "send_messages_in_threads": later("to speak in threads and forum posts"),
    "read_message_history": later("to catch up after an outage, show excerpts and reply to messages"),
    "embed_links": later("to show tips and nudges as cards"),
    "attach_files": later("to show tip cards and charts"),
}
INTENTS: Mapping[str, str] = {
    "guilds": later("to know servers, channels, threads and roles"),
    "members": later("to know who is on the team, and when that changes (privileged)"),
    "guild_messages": later("to notice messages, edits and deletions"),
    "guild_reactions": later("to notice reactions that answer or settle a mention"),
    "dm_messages": later("to answer when somebody writes to the bot"),
    "message_content": later("to see what a message says: without it, texts arrive empty (privileged)"),
}
SCOPES: Mapping[str, str] = {
    "bot": later("to join the server as a bot"),
    "applications.commands": later("to offer its commands"),
}


def invitation(application_id: str) -> str:
    """The address where an admin adds the bot to a server, with these permissions and no others."""
    raise NotImplementedError
