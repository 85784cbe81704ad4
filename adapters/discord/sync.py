"""The commands that Discord offers in our name, written only when they are not those declared.

What Discord has is asked for and compared, so that nothing has to be stored about it: 200 commands may be created a
day. https://docs.discord.com/developers/interactions/application-commands#registering-a-command
"""

from __future__ import annotations

from typing import Any

import structlog

from adapters.discord.commands import application_commands, fingerprint
from adapters.discord.rest import Rest
from bot.app import Names

log = structlog.get_logger(__name__)

COMMANDS = "/applications/{application_id}/commands"


async def sync(rest: Rest, application: str, names: Names) -> bool:
    """Have Discord offer the declared commands; true when it did not before."""
    ours = application_commands(names)
    if await in_sync(rest, application, names):
        return False
    await rest.do("PUT", COMMANDS, ours, application_id=application)
    log.info("commands written", fingerprint=fingerprint(ours))
    return True


async def in_sync(rest: Rest, application: str, names: Names) -> bool:
    theirs = await rest.ask(COMMANDS, params={"with_localizations": "true"}, application_id=application)
    return same(application_commands(names), theirs)


def same(ours: Any, theirs: Any) -> bool:
    """Whether Discord has what we declare; what it adds by itself, such as ids and defaults, does not count."""
    if isinstance(ours, dict):
        if not isinstance(theirs, dict):
            return not any(ours.values()) and not theirs
        return all(same(value, theirs.get(key)) for key, value in ours.items())
    if isinstance(ours, list):
        if not isinstance(theirs, list):
            return not ours and not theirs
        if len(ours) != len(theirs):
            return False
        pairs = zip(_ordered(ours), _ordered(theirs), strict=True)
        return all(same(one, other) for one, other in pairs)
    if ours in (None, False, ""):
        return not theirs
    return bool(ours == theirs or str(ours) == str(theirs))


def _ordered(items: list[Any]) -> list[Any]:
    """Commands come back in any order; options keep theirs."""
    if items and all(
        isinstance(item, dict) and "name" in item and item.get("description") is not None for item in items
    ):
        return sorted(items, key=lambda item: (str(item.get("type", 1)), str(item["name"])))
    if all(isinstance(item, int | str) for item in items):
        return sorted(items, key=str)
    return items
