"""The commands that Discord offers are written when they are not those declared, and only then."""

from __future__ import annotations

from copy import deepcopy

import pytest

from adapters.discord.chat import DiscordApp, DiscordChat
from adapters.discord.commands import application_commands
from adapters.discord.sync import same
from bot.app import Names
from bot.settings import Settings
from tests.discord.connecting import FakeKeeper, HastyClock, living
from tests.discord.wire.faults import broken
from tests.discord.wire.server import WireDiscord

WRITE = "PUT /applications/{application}/commands"


async def test_they_are_written_once(wire: WireDiscord) -> None:
    """The first start writes them, the next one, of another process, finds them as they are."""
    async with living(wire) as house:
        assert await house.chat.sync()
        assert not await house.chat.sync()
    async with living(wire) as other:
        assert not await other.chat.sync()
    assert len(wire.rest.requests(WRITE)) == 1


async def test_other_names_are_other_commands(wire: WireDiscord) -> None:
    """Somebody renames a command in the configuration: it is written anew, and the old one is gone."""
    async with living(wire) as house:
        await house.chat.sync()
    app = DiscordApp(wire.token)
    renamed = DiscordChat(
        app, lambda _: Settings(), Names(tip="conseil"), FakeKeeper(), HastyClock(), connector=wire.connector()
    )
    assert await renamed.sync()
    assert not await renamed.sync()
    await renamed.close()
    names = {command["name"] for command in wire.commands[""]}
    assert "conseil" in names
    assert "tip" not in names


async def test_a_failure_to_write_them_keeps_nobody_from_working(wire: WireDiscord) -> None:
    """Whatever was offered before stays, and the bot connects."""
    wire.town()
    wire.rest.script(WRITE, broken(500))
    async with living(wire) as house:
        house.start()
        await house.until(lambda: wire.gateway.connected)


@pytest.mark.parametrize("changed", ["description", "options", "contexts", "name_localizations"])
def test_a_difference_is_seen(changed: str) -> None:
    """In any of what we declare."""
    ours = next(command for command in application_commands(Names()) if command.get("options"))
    theirs = deepcopy(ours) | {"id": "1", "version": "2", "nsfw": False, "dm_permission": None}
    assert same(ours, theirs)
    if changed == "name_localizations":
        theirs["options"][0]["name_localizations"] = {"fr": "autre"}
    else:
        theirs[changed] = "another" if changed == "description" else []
    assert not same(ours, theirs)
