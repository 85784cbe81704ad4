"""The Discord on loopback is Discord enough for discord.py: what people do is told, what a bot asks is done."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest

from tests.discord.listening import Listener, connected
from tests.discord.wire import shapes
from tests.discord.wire.ids import stamp
from tests.discord.wire.permissions import EVERYONE, Permission
from tests.discord.wire.schema import Schema
from tests.discord.wire.server import WireDiscord

NOBODY = discord.AllowedMentions.none()


def text_channel(client: Listener, id_: str) -> discord.TextChannel:
    found = client.get_channel(int(id_))
    assert isinstance(found, discord.TextChannel)
    return found


async def test_a_client_logs_in_and_hears_what_people_say(wire: WireDiscord) -> None:
    """Login, READY, GUILD_CREATE, and a message with its author, over TLS and zlib-stream."""
    town = wire.town("Harbour")
    general, ana = town.channel("general"), town.person("Ana")
    async with connected(wire) as client:
        assert [guild.name for guild in client.guilds] == ["Harbour"]
        ana.say(general, f"hello <@{wire.world.me['id']}>")
        await wire.until(lambda: client.heard("message"))
        [message] = client.heard("message")
        assert (message.content, message.author.id) == (f"hello <@{wire.world.me['id']}>", int(ana.id))
        assert message.mentions == [client.user]


async def test_a_message_changes_and_goes_even_when_nobody_remembers_it(wire: WireDiscord) -> None:
    """Edits, previews of links, deletions of one and of many are told as raw events."""
    town = wire.town()
    general, ana = town.channel("general"), town.person("Ana")
    old, older, oldest = (ana.say(general, text) for text in ("one", "two", "three"))
    async with connected(wire) as client:
        ana.edit(general, old, "one and a half")
        town.unfurl(general, older)
        ana.delete(general, old)
        town.bulk_delete(general, older, oldest)
        await wire.until(lambda: client.heard("raw_bulk_message_delete"))
        edit, unfurl = client.heard("raw_message_edit")
        assert edit.data["content"] == "one and a half"
        assert edit.data["edited_timestamp"] is not None
        assert (unfurl.data["edited_timestamp"], unfurl.data["embeds"][0]["type"]) == (None, "link")
        assert edit.data["author"]["id"] == ana.id
        assert [event.message_id for event in client.heard("raw_message_delete")] == [int(old)]
        assert client.heard("raw_bulk_message_delete")[0].message_ids == {int(older), int(oldest)}


async def test_pings_are_told_apart(wire: WireDiscord) -> None:
    """Member, role, reply with and without its ping, everyone; a role that nobody may ping is not pinged."""
    town = wire.town()
    general, mods, quiet = town.channel("general"), town.role("Mods", mentionable=True), town.role("Quiet")
    boss = town.role("Boss", Permission.MENTION_EVERYONE)
    ana, bob, chef = town.person("Ana"), town.person("Bob"), town.person("Chef", boss)
    asked = ana.say(general, "help?")
    ana.say(general, f"{bob.ping} <@&{mods}> <@&{quiet}> @everyone")
    bob.reply(general, asked, "yes")
    bob.reply(general, asked, "no", ping=False)
    chef.say(general, "@everyone come")
    told = [event.data for event in wire.world.events if event.name == "MESSAGE_CREATE"][1:]
    seen = [([each["id"] for each in it["mentions"]], it["mention_roles"], it["mention_everyone"]) for it in told]
    assert seen == [([bob.id], [mods], False), ([ana.id], [], False), ([], [], False), ([], [], True)]
    assert [message["type"] for message in told] == [0, 19, 19, 0]


async def test_what_a_bot_sends_pings_only_whom_it_allows(wire: WireDiscord) -> None:
    """`allowed_mentions` is honoured on a message and on its edit."""
    town = wire.town()
    general, ana = town.channel("general"), town.person("Ana")
    async with connected(wire) as client:
        said = await text_channel(client, general).send(f"{ana.ping} @everyone", allowed_mentions=NOBODY)
        assert said.mentions == []
        edited = await said.edit(content=f"{ana.ping}!", allowed_mentions=discord.AllowedMentions(users=True))
        assert [user.id for user in edited.mentions] == [int(ana.id)]


async def test_history_is_read_in_pages_from_either_end(wire: WireDiscord) -> None:
    """`after`, `before`, `around` and `limit`, and never a nonce."""
    town = wire.town()
    general, ana = town.channel("general"), town.person("Ana")
    ids = [ana.say(general, str(number)) for number in range(7)]
    async with connected(wire) as client:
        await text_channel(client, general).send("mine", nonce="n1")

        async def page(**query: Any) -> list[str]:
            found = await client.http.logs_from(int(general), **query)
            assert all("nonce" not in message for message in found)
            return [message["content"] for message in found]

        assert await page(limit=3) == ["mine", "6", "5"]
        assert await page(limit=3, after=ids[1]) == ["4", "3", "2"]
        assert await page(limit=3, before=ids[2]) == ["1", "0"]
        assert await page(limit=3, around=ids[3]) == ["4", "3", "2"]


async def test_a_nonce_that_is_enforced_makes_one_message() -> None:
    """The same nonce answers with the first message for some minutes, and makes another one after them.

    Unless the first was deleted: then there is none for those minutes.
    """
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    wire = WireDiscord(lambda: now)
    await wire.start()
    general = wire.town().channel("general")
    async with connected(wire) as client:
        channel = text_channel(client, general)
        first, again = await channel.send("x", nonce="key"), await channel.send("y", nonce="key")
        assert (first.id, again.content, again.nonce) == (again.id, "x", "key")
        now += timedelta(minutes=10)
        second = await channel.send("z", nonce="key")
        assert second.id != first.id
        await second.delete()
        with pytest.raises(discord.NotFound) as gone:
            await channel.send("again", nonce="key")
        assert gone.value.code == 10008
    await wire.stop()
    assert [message["content"] for message in wire.world.accepted] == ["x", "z"]


async def test_reactions_are_told_and_counted(wire: WireDiscord) -> None:
    """Added, removed, listed; a guild's own emoji keeps its name."""
    town = wire.town()
    general, ana = town.channel("general"), town.person("Ana")
    message = ana.say(general, "done?")
    async with connected(wire) as client:
        ana.react(general, message, "✅")
        ana.react(general, message, "party:123456789012345678")
        ana.unreact(general, message, "party:123456789012345678")
        await wire.until(lambda: client.heard("raw_reaction_remove"))
        assert str(client.heard("raw_reaction_add")[0].emoji) == "✅"
        assert client.heard("raw_reaction_remove")[0].emoji.name == "party"
        fetched = await text_channel(client, general).fetch_message(int(message))
        assert [(reaction.emoji, reaction.count) for reaction in fetched.reactions] == [("✅", 1)]
        assert [user.id async for user in fetched.reactions[0].users()] == [int(ana.id)]


async def test_threads_and_forum_posts(wire: WireDiscord) -> None:
    """A thread has its message's id, a forum post its first one's; archived ones are listed apart; writing wakes."""
    town = wire.town()
    general, forum, ana = town.channel("general"), town.forum("help"), town.person("Ana")
    asked = ana.say(general, "how?")
    async with connected(wire) as client:
        thread = ana.start_thread(general, "How", on=asked)
        post = ana.open_post(forum, "It does not start", "the log says nothing")
        await wire.until(lambda: len(client.heard("thread_create")) == 2)
        assert (thread, client.get_channel(int(thread)).parent_id) == (asked, int(general))  # type: ignore[union-attr]
        assert client.heard("message")[-1].id == int(post)
        guild = client.guilds[0]
        assert {each.id for each in await guild.active_threads()} == {int(thread), int(post)}
        town.archive(thread)
        assert [each.id for each in await guild.active_threads()] == [int(post)]
        assert [each.id async for each in text_channel(client, general).archived_threads()] == [int(thread)]
        ana.say(thread, "still nobody?")
        assert wire.world.woken == [(thread, ana.id)]
        town.lock(post)
        with pytest.raises(discord.HTTPException) as refused:
            await client.get_channel(int(post)).send("late")  # type: ignore[union-attr]
        assert refused.value.code == 160005


async def test_refusals_carry_discords_codes(wire: WireDiscord) -> None:
    """Unknown things, hidden channels, missing permissions, closed private channels, wrong bodies."""
    town = wire.town(permissions=0)
    hidden, silent, ana = town.channel("hidden"), town.channel("silent"), town.person("Ana")
    town.hide(hidden)
    town.overwrite(silent, town.id, deny=Permission.SEND_MESSAGES)
    ana.refuse_direct()
    other = town.channel("other")
    foreign = ana.say(other, "mine")
    async with connected(wire) as client:
        http = client.http

        async def code(work: Any) -> tuple[int, int]:
            with pytest.raises(discord.HTTPException) as refused:
                await work
            return refused.value.status, refused.value.code

        direct = await http.start_private_message(int(ana.id))
        with discord.http.handle_message_parameters("hello") as hello:
            assert await code(http.send_message(1, params=hello)) == (404, 10003)
            assert await code(http.send_message(int(hidden), params=hello)) == (403, 50001)
            assert await code(http.send_message(int(silent), params=hello)) == (403, 50013)
            assert await code(http.send_message(int(direct["id"]), params=hello)) == (403, 50007)
            assert await code(http.edit_message(int(other), int(foreign), params=hello)) == (403, 50005)
        assert await code(http.get_message(int(other), 1)) == (404, 10008)
        assert await code(http.get_guild(1)) == (404, 10004)
        assert await code(http.get_member(int(town.id), 1)) == (404, 10013)
        with discord.http.handle_message_parameters("x" * 2001) as long:
            assert await code(http.send_message(int(other), params=long)) == (400, 50035)
        assert wire.rest.invalid == 4


async def test_members_roles_and_guilds_change(wire: WireDiscord) -> None:
    """Roles given and taken, members who leave, channels deleted and hidden, outages, and the bot removed."""
    town = wire.town()
    mods, general, ana = town.role("Mods"), town.channel("general"), town.person("Ana")
    async with connected(wire) as client:
        town.give(ana.id, mods)
        town.delete_role(mods)
        town.remove(ana.id)
        town.delete_channel(general)
        town.outage()
        town.recover()
        town.remove_bot()
        await wire.until(lambda: client.heard("guild_remove"))
        names = [name for name, _ in client.told]
        order = ["raw_member_remove", "guild_channel_delete", "guild_unavailable", "guild_available", "guild_remove"]
        assert [name for name in names if name in order][-5:] == order
        assert "guild_role_delete" in names
        with pytest.raises(discord.NotFound):
            await client.fetch_guild(int(town.id))


async def test_members_are_sent_in_pieces_when_asked_for(wire: WireDiscord) -> None:
    """More than a thousand come in several chunks; REST gives them in pages."""
    town = wire.town()
    for number in range(1, 1201):
        town.guild.members[str(number)] = {
            **town.guild.members[wire.world.me["id"]],
            "user": shapes.user(str(number), f"u{number}"),
        }
    async with connected(wire, chunk_guilds_at_startup=False) as client:
        assert len(await client.guilds[0].chunk()) == 1202
        assert len([member async for member in client.guilds[0].fetch_members(limit=None)]) == 1202


async def test_a_bot_without_the_content_intent_reads_only_what_concerns_it(wire: WireDiscord) -> None:
    """Text is blank but in what pings the bot or is said to it in private."""
    town = wire.town()
    general, ana = town.channel("general"), town.person("Ana")
    intents = discord.Intents.all()
    intents.message_content = False
    async with connected(wire, intents=intents) as client:
        ana.say(general, "secret")
        ana.say(general, f"<@{wire.world.me['id']}> hello")
        ana.direct("psst")
        await wire.until(lambda: len(client.heard("message")) == 3)
        assert [message.content[-5:] for message in client.heard("message")] == ["", "hello", "psst"]


async def test_what_is_told_has_the_shapes_of_discords_document(wire: WireDiscord) -> None:
    """Messages, threads, channels, roles of the gateway are those of REST, whose document is public."""
    schema = Schema.load()
    if schema is None:
        pytest.skip("Discord's document does not lie beside the repository")
    town = wire.town()
    general, forum, mods, ana = town.channel("general"), town.forum("help"), town.role("Mods"), town.person("Ana")
    asked = ana.say(general, f"hello <@&{mods}>", attachments=1)
    ana.reply(general, asked, "again")
    ana.react(general, asked, "✅")
    ana.start_thread(general, "Here", on=asked)
    ana.open_post(forum, "Title", "text")
    ana.edit(general, asked, "bye")
    town.webhook(general, "CI", "green")
    named = {
        "MESSAGE_CREATE": "MessageResponse",
        "MESSAGE_UPDATE": "MessageResponse",
        "THREAD_CREATE": "ThreadResponse",
        "CHANNEL_CREATE": "GuildChannelResponse",
        "GUILD_MEMBER_ADD": "GuildMemberResponse",
    }
    checked = [event for event in wire.world.events if event.name in named]
    assert {event.name for event in checked} == named.keys()
    assert [wrong for event in checked for wrong in schema.wrong(named[event.name], event.data)] == []


async def test_permissions_are_computed_as_discord_does(wire: WireDiscord) -> None:
    """Everyone, then roles together, then the member; an administrator may everything, whatever a channel says."""
    town = wire.town()
    room = town.channel("room")
    one, two, admin = town.role("One"), town.role("Two"), town.role("Admin", Permission.ADMINISTRATOR)
    ana, chef = town.person("Ana", one, two), town.person("Chef", admin)
    town.overwrite(room, town.id, deny=Permission.SEND_MESSAGES)
    assert not town.guild.allows(ana.id, room) & Permission.SEND_MESSAGES
    town.overwrite(room, one, deny=Permission.ADD_REACTIONS)
    town.overwrite(room, two, allow=Permission.ADD_REACTIONS | Permission.SEND_MESSAGES)
    assert town.guild.allows(ana.id, room) == EVERYONE
    town.overwrite(room, ana.id, deny=Permission.VIEW_CHANNEL)
    assert town.guild.allows(ana.id, room) == 0
    assert town.guild.allows(chef.id, room) & Permission.MANAGE_GUILD


async def test_a_file_arrives_with_its_description(wire: WireDiscord) -> None:
    """Uploads are taken as multipart and come back as attachments."""
    general = wire.town().channel("general")
    async with connected(wire) as client:
        file = discord.File(io.BytesIO(b"png"), "chart.png", description="A chart")
        said = await text_channel(client, general).send("see", file=file)
        assert [(each.filename, each.description, each.size) for each in said.attachments] == [
            ("chart.png", "A chart", 3)
        ]


def test_an_instant_is_written_as_discord_writes_it() -> None:
    """With microseconds and an offset, which discord.py and the document's pattern both read."""
    assert stamp(datetime(2026, 3, 2, 9, tzinfo=UTC)) == "2026-03-02T09:00:00.000000+00:00"
