"""`vigie check` for Discord: each thing that would keep the bot from its work is named, with what to do about it."""

from __future__ import annotations

from bot.model import Finding, Severity
from bot.texts import texts
from tests.discord.connecting import House, community, living, watching
from tests.discord.wire.permissions import Permission
from tests.discord.wire.server import WireDiscord

EN = texts("en")


async def check(house: House, guild: str | None = None) -> list[Finding]:
    return await house.chat.check(EN, community(guild) if guild else None)


def wrong(findings: list[Finding]) -> list[str]:
    return [finding.subject for finding in findings if finding.severity is Severity.ERROR]


async def test_all_is_well(wire: WireDiscord) -> None:
    """Without being connected; nothing is changed by looking."""
    town = wire.town("Harbour")
    support, team = town.channel("support"), town.channel("team")
    mods = town.role("Mods", mentionable=True)
    settings = watching(support, roles=(mods,), mentions=team, tips=team, on_duty=mods)
    async with living(wire, settings=settings) as house:
        await house.chat.sync()
        findings = await check(house)
    assert {finding.severity for finding in findings} == {Severity.OK}
    assert {"Harbour: #support", "Harbour: #team", "Harbour: @Mods"} <= {finding.subject for finding in findings}
    assert {asked.method for asked in wire.rest.asked} == {"GET", "PUT"}
    assert wire.gateway.identifies == []


async def test_a_bad_token(wire: WireDiscord) -> None:
    """The only finding, with the page on which there is a new one."""
    async with living(wire, token="wrong") as house:
        [finding] = await check(house)
    assert finding.severity is Severity.ERROR
    assert "https://discord.com/developers/applications" in finding.fix


async def test_intents_that_are_switched_off(wire: WireDiscord) -> None:
    """From the application's flags, with the very page."""
    wire.world.application["flags"] = 0
    async with living(wire) as house:
        findings = await check(house)
    assert wrong(findings) == ["Server Members Intent", "Message Content Intent"]
    assert all(wire.world.application["id"] in f.message for f in findings if f.severity is Severity.ERROR)


async def test_commands_not_offered_yet(wire: WireDiscord) -> None:
    """A warning: they are written at the start."""
    async with living(wire) as house:
        findings = await check(house)
    assert [finding.subject for finding in findings if finding.severity is Severity.WARNING] == ["Commands"]


async def test_permissions_in_each_channel(wire: WireDiscord) -> None:
    """From roles and overwrites, each missing one with its reason; in a watched channel less is needed."""
    town = wire.town("Harbour")
    support, team, nowhere = town.channel("support"), town.channel("team"), "123456789012345678"
    me = wire.world.me["id"]
    town.overwrite(team, me, deny=Permission.SEND_MESSAGES | Permission.EMBED_LINKS)
    town.overwrite(support, me, deny=Permission.SEND_MESSAGES)
    async with living(wire, settings=watching(support, nowhere, mentions=team)) as house:
        findings = await check(house, town.id)
    assert wrong(findings) == [f"Harbour: {nowhere}", "Harbour: #team"]
    [finding] = [f for f in findings if f.subject == "Harbour: #team"]
    assert "Send Messages (to post tips and reminders)" in finding.message
    assert "Embed Links" in finding.message
    assert "View Channels" not in finding.message
    assert finding.fix


async def test_overwrites_of_roles_and_everybody(wire: WireDiscord) -> None:
    """A channel closed to everybody and opened to the bot's role is open to it."""
    town = wire.town("Harbour")
    closed, opened = town.channel("closed"), town.channel("opened")
    [own] = town.guild.members[wire.world.me["id"]]["roles"]
    for channel in (closed, opened):
        town.overwrite(channel, town.id, deny=Permission.VIEW_CHANNEL)
    town.overwrite(opened, own, allow=Permission.VIEW_CHANNEL)
    async with living(wire, settings=watching(closed, opened)) as house:
        assert wrong(await check(house, town.id)) == ["Harbour: #closed"]


async def test_roles_that_are_missing_or_cannot_be_pinged(wire: WireDiscord) -> None:
    """The one on duty has to be pingable, the others only to exist."""
    town = wire.town("Harbour")
    mods, duty = town.role("Mods"), town.role("Duty")
    channel = town.channel("team")
    settings = watching(channel, roles=(mods, "999999999999999999"), mentions=channel, on_duty=duty)
    async with living(wire, settings=settings) as house:
        findings = await check(house, town.id)
    assert sorted(wrong(findings)) == ["Harbour: 999999999999999999", "Harbour: @Duty"]


async def test_a_guild_that_we_are_not_in(wire: WireDiscord) -> None:
    """With the link that invites the bot."""
    async with living(wire, settings=watching("1")) as house:
        findings = await check(house, "123456789012345678")
    [finding] = [f for f in findings if f.severity is Severity.ERROR and f.subject.startswith("discord:")]
    assert "https://discord.com/" in finding.fix


async def test_a_forum_can_be_watched_and_not_posted_to(wire: WireDiscord) -> None:
    """Nothing is said in a forum itself."""
    town = wire.town("Harbour")
    forum = town.forum("help")
    async with living(wire, settings=watching(forum)) as house:
        assert wrong(await check(house, town.id)) == []
    async with living(wire, settings=watching(forum, mentions=forum)) as house:
        assert wrong(await check(house, town.id)) == ["Harbour: #help"]
