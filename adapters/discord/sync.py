"""The commands that Discord offers in our name, written only when they are not those declared.

What Discord has is asked for and compared, so that nothing has to be stored about it: 200 commands may be created a
day. https://docs.discord.com/developers/interactions/application-commands#registering-a-command
"""

from __future__ import annotations

from typing import Any

from adapters.discord.commands import application_commands, fingerprint
from adapters.discord.parts import Body
from adapters.discord.refusals import is_unknown
from adapters.discord.rest import Rest
from bot.app import Names
from bot.errors import ChatError, Rejected
from bot.logger import get_logger

log = get_logger(__name__)

COMMANDS = "/applications/{application_id}/commands"


async def sync(rest: Rest, application: str, names: Names) -> bool:
    """Have Discord offer the declared commands; true when it did not before."""
    ours = application_commands(names)
    if await in_sync(rest, application, names):
        return False
    try:
        await rest.do("PUT", COMMANDS, ours, application_id=application)
    except ChatError as error:
        if not is_unknown(error):
            raise
        # A server that only resembles Discord, and takes them one by one.
        for command in ours:
            await _offer(rest, application, command)
    log.info("commands written", fingerprint=fingerprint(ours))
    return True


async def _offer(rest: Rest, application: str, command: Body) -> None:
    """One command; what the server cannot take, such as an entry of a message's menu, keeps it from no other one."""
    try:
        await rest.do("POST", COMMANDS, command, application_id=application)
    except Rejected as error:
        log.warning("command not taken", name=command["name"], reason=error.reason)


async def in_sync(rest: Rest, application: str, names: Names) -> bool:
    """Whether Discord offers what is declared, and nothing else."""
    theirs = await rest.ask(COMMANDS, params={"with_localizations": "true"}, application_id=application)
    offered = {_key(command): command for command in theirs}
    declared = {_key(command): command for command in application_commands(names)}
    return offered.keys() == declared.keys() and all(same(declared[key], offered[key]) for key in declared)


def same(ours: Any, theirs: Any) -> bool:
    """Whether Discord has what we declare; what it adds by itself, such as ids and defaults, does not count."""
    if not ours:
        return not theirs
    if isinstance(ours, dict):
        return isinstance(theirs, dict) and all(same(value, theirs.get(key)) for key, value in ours.items())
    if isinstance(ours, list):
        if not isinstance(theirs, list) or len(ours) != len(theirs):
            return False
        return all(same(one, other) for one, other in zip(_sorted(ours), _sorted(theirs), strict=True))
    return str(ours) == str(theirs)


def _key(command: Any) -> tuple[int, str]:
    return int(command.get("type") or 1), str(command["name"])


def _sorted(items: list[Any]) -> list[Any]:
    """The order of contexts says nothing, that of options does."""
    return items if any(isinstance(item, dict) for item in items) else sorted(items, key=str)
