"""Guilds come, go and change; people get roles; messages are edited and deleted: the bot keeps up."""

from __future__ import annotations

import pytest

from adapters.discord.guilds import DISCORD
from bot.model import Community, MentionState, Platform
from tests.discord.scenarios.harbour import Harbour
from tests.discord.wire.faults import Fault, broken, limited, refused
from tests.discord.wire.permissions import Permission
from tests.discord.wire.shapes import ChannelType

HELP = "How do I reset my password?"
MORE = "Where do I find the log?"
GUILD = "GET /guilds/{guild}"


async def settled(harbour: Harbour) -> None:
    """Wait until everything told so far was judged: what is said now comes after it."""
    await harbour.opened(harbour.town.person("Marker").say(harbour.support, "Can somebody tell me where the map is?"))


async def test_a_guild_that_is_unavailable_at_the_start_is_read_when_it_comes(harbour: Harbour) -> None:
    """READY names it only; its GUILD_CREATE is the connection."""
    harbour.town.guild.available = False
    harbour.listen()
    await harbour.until(lambda: harbour.wire.gateway.connected)
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.clock.advance(60)
    harbour.town.recover()
    await harbour.until(harbour.is_current)
    await harbour.opened(harbour.bob.say(harbour.support, MORE))
    # What was there before anybody watched is not judged.
    assert await harbour.mention(asked) is None


async def test_an_outage_loses_nothing(harbour: Harbour) -> None:
    """Who waited waits on, and what was said meanwhile is read when it is over."""
    await harbour.start()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.opened(asked)
    harbour.town.outage()
    harbour.tess.reply(harbour.support, asked, "Like this.")
    missed = harbour.bob.say(harbour.support, MORE)
    harbour.town.recover()
    await harbour.opened(missed)
    assert (await harbour.closed(asked)).closed_by == harbour.tess.id


async def test_a_guild_that_removes_the_bot_is_forgotten(harbour: Harbour) -> None:
    """Nothing about it is kept, and it begins anew when the bot is invited again."""
    await harbour.start()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.opened(asked)
    harbour.town.remove_bot()
    await harbour.until(lambda: forgotten(harbour))
    assert await harbour.mention(asked) is None
    assert await harbour.deliveries() == []
    harbour.town.add_bot()
    await harbour.opened(harbour.bob.say(harbour.support, MORE))
    assert len(await harbour.waiting()) == 1


async def forgotten(harbour: Harbour) -> bool:
    """Nothing at all is stored."""
    return await harbour.known() == []


async def missed(harbour: Harbour) -> None:
    """Somebody asks, an hour later the process dies, and the bot is removed meanwhile."""
    await harbour.start()
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    await harbour.wait(60)
    await harbour.die()
    harbour.town.remove_bot()


async def test_a_guild_that_removed_the_bot_while_nobody_ran_is_forgotten(harbour: Harbour) -> None:
    """READY does not list it any more, and Discord confirms that the bot is out."""
    await missed(harbour)
    harbour.listen()
    await harbour.until(lambda: forgotten(harbour))
    assert await harbour.deliveries() == []


@pytest.mark.parametrize("faults", [[broken(500)] * 3, [refused(10003)], [limited(60)]])
async def test_a_guild_is_kept_while_it_is_uncertain_that_the_bot_is_out(harbour: Harbour, faults: list[Fault]) -> None:
    """Discord does not answer, or answers something else: a later READY is soon enough."""
    await missed(harbour)
    harbour.wire.rest.script(GUILD, *faults)
    harbour.listen()
    await harbour.until(lambda: harbour.wire.rest.requests(GUILD))
    await harbour.clock.advance(60)
    assert not await forgotten(harbour)
    await harbour.clock.advance(60)
    harbour.wire.gateway.expire()
    harbour.wire.gateway.drop()
    await harbour.until(lambda: forgotten(harbour))


async def test_a_guild_of_another_bot_with_the_same_database_is_left_alone(harbour: Harbour) -> None:
    """It is not ours to delete: this bot was never in it."""
    async with harbour.store.begin() as tx:
        await tx.know(Community(DISCORD, "661720242589790000"), harbour.clock.now())
        await tx.know(Community(Platform("slack"), "T1"), harbour.clock.now())
    await harbour.start()
    await harbour.wait(60)
    await harbour.restart()
    assert len(await harbour.known()) == 3
    assert harbour.wire.rest.requests(GUILD) == []


async def test_a_guild_that_changed_over_to_another_bot_is_left_alone(harbour: Harbour) -> None:
    """It removed this one, and the other one with the same database was invited."""
    await harbour.start()
    await harbour.wait(60)
    harbour.town.remove_bot()
    await harbour.until(lambda: forgotten(harbour))
    async with harbour.store.begin() as tx:
        await tx.know(harbour.community, harbour.clock.now())
    await harbour.die()
    harbour.listen()
    await harbour.until(lambda: harbour.wire.gateway.connected)
    await harbour.clock.advance(60)
    assert await harbour.known() == [harbour.community]
    assert harbour.wire.rest.requests(GUILD) == []


async def test_a_guild_in_an_outage_is_not_lost(harbour: Harbour) -> None:
    """READY lists it, as unavailable."""
    await harbour.start()
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    await harbour.wait(60)
    await harbour.die()
    harbour.town.guild.available = False
    harbour.listen()
    await harbour.until(lambda: harbour.wire.gateway.connected)
    await harbour.clock.advance(60)
    assert not await forgotten(harbour)


async def test_a_deleted_channel_ends_what_waited_there(harbour: Harbour) -> None:
    """Gone, not answered; an admin is told; the other channels are watched on."""
    await harbour.start()
    asked = harbour.ada.say(harbour.quiet, HELP)
    await harbour.opened(asked, harbour.quiet)
    harbour.town.delete_channel(harbour.quiet)
    assert (await harbour.closed(asked, harbour.quiet)).state is MentionState.GONE
    await harbour.wait(1)
    assert len(harbour.said_in(harbour.lea.private)) == 1
    await harbour.opened(harbour.bob.say(harbour.support, MORE))


async def test_a_channel_that_is_hidden_and_shown_again(harbour: Harbour) -> None:
    """Hidden, it is lost and an admin is told; shown again, what was said meanwhile is read."""
    await harbour.start()
    await settled(harbour)
    await harbour.settle()
    harbour.town.hide(harbour.quiet)
    await harbour.until(lambda: _told(harbour, harbour.quiet))
    asked = harbour.ada.say(harbour.quiet, HELP)
    harbour.town.show(harbour.quiet)

    async def read() -> bool:
        await harbour.settle()
        return await harbour.mention(asked, harbour.quiet) is not None

    await harbour.until(read)


async def _told(harbour: Harbour, channel: str) -> bool:
    await harbour.settle()
    return any(channel in str(message) for message in harbour.said_in(harbour.lea.private))


async def test_whoever_gets_the_role_is_of_the_team_at_once(harbour: Harbour) -> None:
    """Their next reply is an answer; once the role is taken, it is an outsider's."""
    await harbour.start()
    asked, other = harbour.ada.say(harbour.support, HELP), harbour.ada.say(harbour.quiet, MORE)
    await harbour.opened(asked)
    await harbour.opened(other, harbour.quiet)
    harbour.town.give(harbour.bob.id, harbour.staff)
    harbour.bob.reply(harbour.support, asked, "Like this.")
    assert (await harbour.closed(asked)).closed_by == harbour.bob.id
    harbour.town.give(harbour.bob.id)
    harbour.bob.reply(harbour.quiet, other, "Over there.")
    await settled(harbour)
    assert (await harbour.the_mention(other, harbour.quiet)).state is MentionState.OPEN


async def test_what_nobody_said_opens_nothing(harbour: Harbour) -> None:
    """Bots, webhooks, system messages, staff and the bot itself."""
    await harbour.start()
    robot = harbour.town.person("Robot", bot=True)
    robot.say(harbour.support, HELP)
    harbour.town.webhook(harbour.support, "CI", HELP)
    harbour.tess.say(harbour.support, HELP)
    harbour.ada.start_thread(harbour.quiet, HELP)
    await settled(harbour)
    assert len(await harbour.waiting()) == 1


@pytest.mark.parametrize("how", ["deleted", "deleted with others", "edited", "marked as solved", "answered by a mark"])
async def test_what_ends_a_mention_besides_an_answer(harbour: Harbour, how: str) -> None:
    """Told as raw events, whether or not the library has the message in memory: another process heard it."""
    await harbour.start()
    ping = f"<@{harbour.wire.world.me['id']}>"
    asked = harbour.ada.say(harbour.support, f"{ping} good that you exist" if how == "edited" else HELP)
    other = harbour.ada.say(harbour.support, "never mind me")
    await harbour.opened(asked)
    await harbour.restart()
    match how:
        case "deleted":
            harbour.ada.delete(harbour.support, asked)
        case "deleted with others":
            harbour.town.bulk_delete(harbour.support, other, asked)
        case "edited":
            harbour.ada.edit(harbour.support, asked, "good that you exist")
        case "marked as solved":
            harbour.ada.react(harbour.support, asked, "✅")
        case _:
            harbour.tess.react(harbour.support, asked, "✅")
    assert not (await harbour.closed(asked)).state.waits


async def test_a_preview_of_a_link_is_no_edit(harbour: Harbour) -> None:
    """MESSAGE_UPDATE without an edit changes nothing."""
    await harbour.start()
    asked = harbour.ada.say(harbour.support, f"{HELP} https://example.org/")
    opened = await harbour.opened(asked)
    harbour.town.unfurl(harbour.support, asked)
    await settled(harbour)
    assert await harbour.the_mention(asked) == opened


async def test_pings_are_told_apart(harbour: Harbour) -> None:
    """The bot, a role of the team (Discord tells it to nobody, so all the more), a member, a reply that pings one.

    Not everyone, and not a reply without its ping.
    """
    await harbour.start()
    noise = harbour.tess.say(harbour.support, "The harbour opens at ten.")
    herald = harbour.town.person("Herald", harbour.town.role("Herald", Permission.MENTION_EVERYONE))
    said = {
        "ping-bot": harbour.ada.say(harbour.support, f"<@{harbour.wire.world.me['id']}> good that you exist"),
        "ping-role": harbour.town.person("Cleo").say(harbour.support, f"<@&{harbour.staff}> the sea rises"),
        "ping-member": harbour.town.person("Dan").say(harbour.support, f"{harbour.tess.ping} the sea rises"),
        "ping-reply": harbour.town.person("Eve").reply(harbour.support, noise, "It did not open today"),
    }
    herald.say(harbour.support, "@everyone come and see")
    harbour.town.person("Fay").reply(harbour.support, noise, "It was open for me", ping=False)
    await settled(harbour)
    rules = {mention.ref.id: mention.rule for mention in await harbour.waiting()}
    assert {rule: rules.get(message) for rule, message in said.items()} == {rule: rule for rule in said}
    assert len(rules) == len(said) + 1


async def test_a_new_channel_that_is_watched_nowhere_costs_nothing(harbour: Harbour) -> None:
    """Only what is watched is read: no request is made because of what others say elsewhere."""
    await harbour.start()
    await settled(harbour)
    asked = len(harbour.wire.rest.asked)
    lounge = harbour.town.channel("lounge", ChannelType.TEXT)
    for number in range(50):
        harbour.bob.say(lounge, f"How are you, number {number}?")
    await settled(harbour)
    assert len(harbour.wire.rest.asked) == asked
