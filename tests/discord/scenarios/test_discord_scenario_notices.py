"""What an admin is told when something needs mending: in words, with what to do about it."""

from __future__ import annotations

from tests.discord.scenarios.harbour import Harbour
from tests.discord.scenarios.test_discord_scenario_commands import words
from tests.discord.wire.faults import refused
from tests.discord.wire.permissions import Json

HELP = "How do I reset my password?"


def notices(harbour: Harbour) -> list[str]:
    """What the admin reads in private."""
    me, private = harbour.wire.world.me["id"], harbour.lea.private
    said: list[Json] = list(harbour.wire.world.messages.get(private, {}).values())
    return [words(message) for message in said if message["author"]["id"] == me]


async def test_a_deleted_channel_comes_with_what_to_do(harbour: Harbour) -> None:
    """The notice says in words what happened and what an admin can do about it."""
    await harbour.start()
    harbour.town.delete_channel(harbour.quiet)
    await harbour.until(harbour.disabled)
    await harbour.settle()
    (told,) = notices(harbour)
    assert "it was deleted" in told
    assert "Name another channel" in told
    assert f"{harbour.quiet} in the configuration" in told
    assert "channel_deleted" not in told
    await harbour.restart()
    await harbour.settle()
    assert notices(harbour) == [told]


async def test_a_hidden_channel_comes_with_what_to_do(harbour: Harbour) -> None:
    """Words beside the code, and where in Discord's settings the permission is."""
    await harbour.start()
    harbour.town.hide(harbour.support)
    await harbour.until(harbour.disabled)
    await harbour.settle()
    (told,) = notices(harbour)
    assert "missing access (50001)" in told
    assert "View Channel" in told


async def test_a_channel_closed_to_what_we_say_comes_with_words(harbour: Harbour) -> None:
    """50013 alone tells nobody anything."""
    await harbour.start()
    harbour.wire.rest.script("POST /channels/{channel}/messages", refused(50013))
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    await harbour.wait(35)
    (told,) = notices(harbour)
    assert "missing permissions (50013)" in told
    assert f"<#{harbour.mods}>" in told
    assert "Send Messages" in told
