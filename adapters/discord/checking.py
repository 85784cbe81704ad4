"""`vigie check` for Discord: whatever would keep the bot from its work, each with what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.discord.allowed import GUILD, MEMBER, Allowed
from adapters.discord.guilds import DISCORD, FORUMS
from adapters.discord.identity import Identity, Us
from adapters.discord.manifest import BITS, PERMISSIONS, TITLES, invitation, portal
from adapters.discord.refusals import INTENTS, is_unknown
from adapters.discord.rest import Rest
from adapters.discord.sync import in_sync
from bot.app import Names
from bot.errors import ChatError
from bot.model import Community, Finding, Severity
from bot.settings import Settings
from bot.texts import Texts, later

READ = ("view_channel", "read_message_history")
MENTION_EVERYONE = 1 << 17
"""Lets a bot ping roles that are not mentionable by everybody."""

_INTENT_FLAGS = {
    later("Server Members Intent"): 1 << 14 | 1 << 15,
    later("Message Content Intent"): 1 << 18 | 1 << 19,
}
"""Granted, or granted to a bot in fewer than 100 servers.
https://docs.discord.com/developers/resources/application#application-object-application-flags"""


class Checker:
    def __init__(self, rest: Rest, identity: Identity, settings: Callable[[Community], Settings], names: Names) -> None:
        self._rest = rest
        self._identity = identity
        self._settings = settings
        self._names = names

    async def check(self, speak: Texts, community: Community | None) -> list[Finding]:
        """Never raises a `ChatError`."""
        subject = speak.t("Discord")
        try:
            us = await self._identity.get()
        except ChatError as error:
            return [_failed(subject, error, speak)]
        findings = [Finding(subject, Severity.OK, speak.t("The token belongs to {name}.", name=us.name))]
        findings += self._intents(us, speak)
        findings.append(await self._commands(us, speak))
        try:
            communities = [community] if community is not None else await self._used()
        except ChatError as error:
            failed = _unknown(subject, error, speak) if is_unknown(error) else _failed(subject, error, speak)
            return [*findings, failed]
        for one in communities:
            findings += await self._guild(one, us, speak)
        return findings

    def _intents(self, us: Us, speak: Texts) -> list[Finding]:
        page = portal(us.application)
        findings = []
        for name, flags in _INTENT_FLAGS.items():
            subject = speak.t(name)
            if us.flags is None:
                findings.append(Finding(subject, Severity.WARNING, speak.t("This server does not tell about it.")))
            elif us.flags & flags:
                findings.append(Finding(subject, Severity.OK, speak.t("Switched on.")))
            else:
                told = speak.t("Switched off: Discord will refuse the connection. The page is {page}", page=page)
                findings.append(Finding(subject, Severity.ERROR, told, speak.t(INTENTS)))
        return findings

    async def _commands(self, us: Us, speak: Texts) -> Finding:
        subject = speak.t("Commands")
        try:
            if await in_sync(self._rest, us.application, self._names):
                return Finding(subject, Severity.OK, speak.t("Discord offers them as declared."))
        except ChatError as error:
            return _failed(subject, error, speak) if not is_unknown(error) else _unknown(subject, error, speak)
        told = speak.t("Discord does not offer them as declared yet.")
        return Finding(subject, Severity.WARNING, told, speak.t("They are written when the bot starts."))

    async def _used(self) -> list[Community]:
        """The guilds that we are in and in which something is configured."""
        found: list[Community] = []
        after = "0"
        while True:
            page = await self._rest.ask("/users/@me/guilds", params={"limit": 200, "after": after})
            found += [Community(DISCORD, str(guild["id"])) for guild in page]
            if len(page) < 200 or str(page[-1]["id"]) == after:
                break
            after = str(page[-1]["id"])
        return [community for community in found if _channels(self._settings(community))]

    async def _guild(self, community: Community, us: Us, speak: Texts) -> list[Finding]:
        try:
            guild = await self._rest.ask(GUILD, guild_id=community.id)
            channels = await self._rest.ask("/guilds/{guild_id}/channels", guild_id=community.id)
            me = await self._rest.ask(MEMBER, guild_id=community.id, user_id=us.me)
        except ChatError as error:
            if is_unknown(error):
                return [_unknown(str(community), error, speak)]
            fix = speak.t("Invite the bot: {link}", link=invitation(us.application))
            told = speak.t("The server {id} cannot be looked at: {why}", id=community.id, why=str(error))
            return [Finding(str(community), Severity.ERROR, told, fix)]
        name = str(guild.get("name") or community.id)
        allowed = Allowed(guild, me)
        known = {str(channel["id"]): channel for channel in channels}
        settings = self._settings(community)
        findings = []
        for id_, needed in _channels(settings).items():
            findings.append(self._channel(name, id_, known.get(id_), needed, allowed, speak))
        return findings + _roles(name, guild, settings, allowed, speak)

    def _channel(
        self, guild: str, id_: str, channel: Any, needed: tuple[str, ...], allowed: Allowed, speak: Texts
    ) -> Finding:
        if channel is None:
            told = speak.t("There is no such channel, or the bot does not see it.")
            fix = speak.t("Correct its id in the configuration, or let the bot's role see it.")
            return Finding(f"{guild}: {id_}", Severity.ERROR, told, fix)
        subject = f"{guild}: #{channel.get('name', id_)}"
        if channel.get("type") in FORUMS and needed != READ:
            told = speak.t("Nothing can be posted to a forum itself.")
            return Finding(subject, Severity.ERROR, told, speak.t("Choose a text channel."))
        granted = allowed.in_channel(channel)
        missing = [name for name in needed if not granted & BITS[name]]
        if not missing:
            return Finding(subject, Severity.OK, speak.t("The bot may do there what it needs to."))
        names = ", ".join(f"{speak.t(TITLES[name])} ({speak.t(PERMISSIONS[name])})" for name in missing)
        told = speak.t("Missing permissions: {names}", names=names)
        fix = speak.t("Grant them to the bot's role: the channel's settings, Permissions.")
        return Finding(subject, Severity.ERROR, told, fix)


def _channels(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Each channel in use, and what the bot must be allowed there."""
    needed: dict[str, tuple[str, ...]] = dict.fromkeys(settings.mentions.watch, READ)
    for target in (settings.tips.channel, settings.mentions.channel):
        if target is not None:
            needed[target] = tuple(PERMISSIONS)
    return needed


def _roles(guild_name: str, guild: Any, settings: Settings, allowed: Allowed, speak: Texts) -> list[Finding]:
    known = {str(role["id"]): role for role in guild.get("roles") or ()}
    findings = []
    for id_ in sorted(settings.team.roles | ({settings.team.on_duty} if settings.team.on_duty else set())):
        role = known.get(id_)
        if role is None:
            told = speak.t("There is no role {id}.", id=id_)
            fix = speak.t("Correct its id in the configuration.")
            findings.append(Finding(f"{guild_name}: {id_}", Severity.ERROR, told, fix))
            continue
        subject = f"{guild_name}: @{role.get('name', id_)}"
        pingable = role.get("mentionable") or allowed.all or allowed.base & MENTION_EVERYONE
        if id_ == settings.team.on_duty and not pingable:
            told = speak.t("The bot cannot ping this role.")
            fix = speak.t("Server settings, Roles, this role: allow anyone to @mention it.")
            findings.append(Finding(subject, Severity.ERROR, told, fix))
        else:
            findings.append(Finding(subject, Severity.OK, speak.t("The role exists.")))
    return findings


def _unknown(subject: str, error: ChatError, speak: Texts) -> Finding:
    """A server that only resembles Discord: what it does not know keeps the bot from none of its other work."""
    told = speak.t(
        "This server does not know what it was asked for, so that it cannot be checked: {why}", why=str(error)
    )
    return Finding(subject, Severity.WARNING, told, speak.t("Try whether it works there all the same."))


def _failed(subject: str, error: ChatError, speak: Texts) -> Finding:
    return Finding(subject, Severity.ERROR, str(error), speak.t(error.fix) if error.fix else "")
