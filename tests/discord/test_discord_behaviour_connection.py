"""What happens to a connection, and what the core is told of it."""

from __future__ import annotations

import pytest

from bot.errors import Forbidden
from bot.events import (
    Addressed,
    ChannelFound,
    ChannelLost,
    CommunityLost,
    Connected,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Private,
    ReactionAdded,
    ReactionRemoved,
    TeamChanged,
)
from bot.model import Place
from bot.post import Post
from tests.discord.connecting import Core, community, living, watching
from tests.discord.wire.faults import Answered
from tests.discord.wire.permissions import Permission
from tests.discord.wire.server import WireDiscord

GUILD = "GET /guilds/{guild}"


async def test_a_broken_connection_is_resumed_and_nothing_is_missed(wire: WireDiscord) -> None:
    """What was said meanwhile is told once, and no catching up is needed."""
    town = wire.town()
    support, ada = town.channel("support"), town.person("Ada")
    async with living(wire, settings=watching(support)) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        wire.gateway.drop()
        ada.say(support, "While you were away")
        await house.until(lambda: house.core.told(MessagePosted))
        assert len(house.core.told(MessagePosted)) == 1
        assert len(house.core.told(Connected)) == 1
        assert wire.gateway.resumes == 1


async def test_an_expired_session_begins_anew_with_catching_up(wire: WireDiscord) -> None:
    """READY a second time: the core is told to read what was missed, and history has it."""
    town = wire.town()
    support, ada = town.channel("support"), town.person("Ada")
    async with living(wire, settings=watching(support)) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        wire.gateway.expire()
        wire.gateway.drop()
        ada.say(support, "While you were away")
        await house.until(lambda: len(house.core.told(Connected)) == 2)
        assert len(wire.gateway.identifies) == 2


async def test_discord_asking_to_reconnect_costs_no_login(wire: WireDiscord) -> None:
    """Op 7, and an invalid session that may be resumed."""
    wire.town()
    async with living(wire) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        await wire.gateway.reconnect()
        await house.until(lambda: wire.gateway.resumes == 1)
        await wire.gateway.invalidate(resumable=True)
        await house.until(lambda: wire.gateway.resumes == 2)
        assert len(wire.gateway.identifies) == 1


async def test_a_gateway_that_is_away_is_tried_until_it_is_back(wire: WireDiscord) -> None:
    """Longer and longer between attempts, and no login is spent on them."""
    wire.town()
    wire.gateway.refusing = True
    async with living(wire) as house:
        house.start()
        await house.until(lambda: len(house.clock.slept) > 4)
        assert max(house.clock.slept) > min(house.clock.slept)
        wire.gateway.refusing = False
        await house.until(lambda: house.core.told(Connected))
        assert len(house.keeper.notes) == 1


async def test_joining_leaving_and_outages_of_guilds(wire: WireDiscord) -> None:
    """A guild joined is connected, one in an outage is not lost, one left is."""
    async with living(wire) as house:
        house.start()
        await house.until(lambda: wire.gateway.connected)
        town = wire.town()
        town.add_bot()
        await house.until(lambda: len(house.core.told(Connected)) == 1)
        town.outage()
        town.recover()
        await house.until(lambda: len(house.core.told(Connected)) == 2)
        assert not house.core.told(CommunityLost)
        town.remove_bot()
        await house.until(lambda: house.core.told(CommunityLost))


async def test_a_guild_left_while_the_session_was_over_is_lost(wire: WireDiscord) -> None:
    """READY names the guilds that there are; one that we knew and that is not among them is over."""
    town, other = wire.town(), wire.town()
    async with living(wire) as house:
        house.start()
        await house.until(lambda: len(house.core.told(Connected)) == 2)
        wire.gateway.expire()
        wire.gateway.drop()
        other.guild.joined = False
        await house.until(lambda: house.core.told(CommunityLost))
        assert [event.community.id for event in house.core.told(CommunityLost)] == [other.id]
        assert town.id != other.id


async def test_a_guild_that_ready_leaves_out_although_we_are_in_it_is_kept(wire: WireDiscord) -> None:
    """Discord is asked before anything is deleted."""
    town, other = wire.town(), wire.town()
    async with living(wire) as house:
        house.start()
        await house.until(lambda: len(house.core.told(Connected)) == 2)
        wire.rest.script(GUILD, Answered(200, other.guild.described()))
        other.guild.joined = False
        wire.gateway.expire()
        wire.gateway.drop()
        await house.until(lambda: len(house.core.told(Connected)) == 3 and wire.rest.requests(GUILD))
        town.remove_bot()
        await house.until(lambda: house.core.told(CommunityLost))
        assert [event.community.id for event in house.core.told(CommunityLost)] == [town.id]


async def test_uncached_messages_count(wire: WireDiscord) -> None:
    """Edits, deletions and reactions of messages from before we came."""
    town = wire.town()
    support, ada = town.channel("support"), town.person("Ada")
    old, gone = ada.say(support, "Does anybody know?"), ada.say(support, "Never mind")
    async with living(wire, settings=watching(support)) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        ada.edit(support, old, "Does anybody know why?")
        ada.react(support, old, "✅")
        ada.unreact(support, old, "✅")
        ada.delete(support, gone)
        await house.until(lambda: house.core.told(MessageDeleted))
        assert house.core.told(MessageEdited)[0].message.ref.id == old
        assert house.core.told(ReactionAdded)[0].emoji == "✅"
        assert house.core.told(ReactionRemoved)
        town.bulk_delete(support, old, ada.say(support, "Two"))
        await house.until(lambda: len(house.core.told(MessageDeleted)) == 3)


async def test_forum_posts_and_threads_belong_to_their_channel(wire: WireDiscord) -> None:
    """What is said in a thread of a watched channel or forum is told with both ids."""
    town = wire.town()
    forum, support, ada = town.forum("help"), town.channel("support"), town.person("Ada")
    async with living(wire, settings=watching(forum, support)) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        post = ada.open_post(forum, "It breaks", "When I start it")
        thread = ada.start_thread(support, "Aside")
        said = ada.say(thread, "And another thing")
        await house.until(lambda: len([e for e in house.core.told(MessagePosted) if e.message.ref.id == said]) == 1)
        places = {event.message.ref.id: event.message.ref.place for event in house.core.told(MessagePosted)}
        assert (places[post].channel, places[post].thread) == (forum, post)
        assert (places[said].channel, places[said].thread) == (support, thread)


async def test_what_nobody_watches_is_dropped_unless_we_are_addressed(wire: WireDiscord) -> None:
    """Elsewhere only a message that begins with our name is told, and answered in private."""
    town = wire.town()
    lounge, ada = town.channel("lounge"), town.person("Ada")
    core = Core({Addressed: lambda event: Private(Post("I am Vigie"))})
    async with living(wire, core=core) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        ada.say(lounge, "Nice weather")
        ada.say(lounge, f"<@{wire.world.me['id']}> who are you?")
        await house.until(lambda: wire.world.accepted)
        [addressed] = house.core.told(Addressed)
        assert addressed.text == "who are you?"
        assert not addressed.private
        assert wire.world.accepted[0]["channel_id"] == ada.private
        assert "Nice weather" not in [event.message.text for event in house.core.told(MessagePosted)]


async def test_a_private_message_is_answered_there_in_the_name_of_a_guild(wire: WireDiscord) -> None:
    """Discord names no guild in private: it is the one on whose team the member is."""
    wire.town("Elsewhere")
    town = wire.town("Here")
    team = town.role("Team")
    malo = town.person("Malo", team)
    core = Core({Addressed: lambda event: Private(Post("Hello"))})
    async with living(wire, core=core, settings=watching(roles=(team,))) as house:
        house.start()
        await house.until(lambda: len(house.core.told(Connected)) == 2)
        malo.direct("tip engagement")
        await house.until(lambda: wire.world.accepted)
        [addressed] = house.core.told(Addressed)
        assert addressed.private
        assert addressed.place.community.id == town.id
        assert team in addressed.member.roles
        assert wire.world.accepted[0]["channel_id"] == malo.private


async def test_the_team_is_who_has_its_roles(wire: WireDiscord) -> None:
    """Nobody lists the members: whoever acts or is pinged shows their roles, before they are judged."""
    town = wire.town()
    team, support = town.role("Team"), town.channel("support")
    malo, ada = town.person("Malo", team), town.person("Ada")
    async with living(wire, settings=watching(support, roles=(team,))) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        ada.say(support, f"{malo.ping} can you help?")
        await house.until(lambda: house.core.told(MessagePosted))
        kinds = [type(event) for event in house.core.events]
        assert kinds.index(TeamChanged) < kinds.index(MessagePosted)
        known = await house.chat.team(house.core.told(Connected)[0].community)
        assert malo.id in known.members
        assert ada.id not in known.members
        town.give(malo.id)
        await house.until(lambda: len(house.core.told(TeamChanged)) == 2)
        assert malo.id not in (await house.chat.team(house.core.told(Connected)[0].community)).members
        assert wire.rest.requests("GET /guilds/{guild}/members") == []


async def test_a_channel_that_is_deleted_is_lost(wire: WireDiscord) -> None:
    """Told with its id."""
    town = wire.town()
    support = town.channel("support")
    async with living(wire, settings=watching(support)) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        town.delete_channel(support)
        await house.until(lambda: house.core.told(ChannelLost))
        assert house.core.told(ChannelLost)[0].place.channel == support


async def test_a_channel_that_is_closed_and_opened(wire: WireDiscord) -> None:
    """By an overwrite, by the bot's own role, or while nobody was connected: told each time, once."""
    town = wire.town(permissions=0)
    support = town.channel("support")
    me, view = wire.world.me["id"], Permission.VIEW_CHANNEL
    async with living(wire, settings=watching(support)) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        town.hide(support)
        await house.until(lambda: len(house.core.told(ChannelLost)) == 1)
        town.hide(support)
        town.show(support)
        await house.until(lambda: len(house.core.told(ChannelFound)) == 1)
        town.overwrite(support, me)
        town.change_role(town.id, permissions="0")
        await house.until(lambda: len(house.core.told(ChannelLost)) == 2)
        wire.gateway.expire()
        wire.gateway.drop()
        town.change_role(town.id, permissions=str(int(view)))
        await house.until(lambda: len(house.core.told(ChannelFound)) == 2)
        assert len(house.core.told(ChannelLost)) == 2


async def test_a_channel_that_refused_a_message_is_tried_again_once_it_is_opened(wire: WireDiscord) -> None:
    """An admin mends the permissions: the core is told, and nobody has to restart anything. Another change is none."""
    town = wire.town()
    team = town.channel("team")
    town.overwrite(team, wire.world.me["id"], deny=Permission.SEND_MESSAGES)
    async with living(wire, settings=watching(mentions=team)) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        with pytest.raises(Forbidden):
            await house.chat.post(Place(community(town.id), team), Post("Hello"), "tip/1")
        town.rename(team, "crew")
        await house.until(lambda: len(wire.rest.requests("GET /guilds/{guild}/members/{user}")) == 1)
        assert house.core.told(ChannelFound) == []
        town.overwrite(team, wire.world.me["id"])
        await house.until(lambda: house.core.told(ChannelFound))
        await house.chat.post(Place(community(town.id), team), Post("Hello"), "tip/1")
        assert len(house.core.told(ChannelFound)) == 1


async def test_what_cannot_be_stored_comes_again_and_in_order(wire: WireDiscord) -> None:
    """Discord takes no acknowledgement, so that an event waits here while the store is down."""
    town = wire.town()
    support, ada = town.channel("support"), town.person("Ada")
    async with living(wire, settings=watching(support)) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        house.core.fails[MessagePosted] = 3
        first = ada.say(support, "One")
        second = ada.say(support, "Two")
        await house.until(lambda: len(house.core.told(MessagePosted)) == 2)
        assert [event.message.ref.id for event in house.core.told(MessagePosted)] == [first, second]


async def test_what_cannot_be_stored_for_long_is_read_from_history(wire: WireDiscord) -> None:
    """After some minutes it is given up, and the guild is told to be connected anew."""
    town = wire.town()
    support, ada = town.channel("support"), town.person("Ada")
    async with living(wire, settings=watching(support)) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        house.core.fails[MessagePosted] = 100
        ada.say(support, "One")
        await house.until(lambda: len(house.core.told(Connected)) == 2)
