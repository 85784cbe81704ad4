"""The configured platforms: connected, checked, and what has to be entered on their own pages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from bot.errors import ConfigError
from bot.model import Finding, Severity
from bot.options import Misuse
from bot.texts import later

if TYPE_CHECKING:
    from adapters.discord.chat import DiscordChat
    from adapters.slack.chat import SlackChat
    from adapters.web.site import Route
    from bot.app import Names
    from bot.config import Config
    from bot.config.assembly import DiscordConfig, SlackConfig
    from bot.config.schema import Slack as SlackTable
    from bot.model import Community, Platform
    from bot.ports import Chat, Clock, Keeper
    from bot.texts import Texts

T = TypeVar("T")

Known = Callable[[], Awaitable[Collection["Community"]]]

NOTHING = later(
    "nothing to connect to: set VIGIE_SLACK_BOT_TOKEN and VIGIE_SLACK_APP_TOKEN, or VIGIE_DISCORD_TOKEN "
    "(docs/slack.md and docs/discord.md tell where they come from)"
)


@dataclass(frozen=True)
class Chats:
    """The platforms that are configured, and what they answer over HTTP."""

    by_platform: Mapping[Platform, Chat]
    routes: list[Route]


def names_of(config: Config) -> Names:
    """What the commands are called."""
    from bot.app import Names

    return Names(**config.commands.model_dump())


def chats_of(config: Config, names: Names, keeper: Keeper, clock: Clock, known: Known | None = None) -> Chats:
    """Every platform that has its token; `known` tells which communities the database holds.

    Raises `ConfigError` when there is none, or its library is not installed.
    """
    chats: list[Chat] = []
    routes: list[Route] = []
    if (slack := config.slack) is not None:
        chat = _installed("slack", lambda: _slack(config, slack, names, keeper, clock))
        chats.append(chat)
        routes += chat.routes()
    if (discord := config.discord) is not None:
        chats.append(_installed("discord", lambda: _discord(config, discord, names, keeper, clock, known)))
    if not chats:
        raise ConfigError(NOTHING)
    return Chats({chat.platform: chat for chat in chats}, routes)


def check(config_file: Path | None, environ: Mapping[str, str], speak: Texts) -> list[Finding]:
    """Everything that `vigie run` needs, without running: configuration, database, own tips, each platform."""
    from bot.config import load

    try:
        config = load(config_file, environ)
    except ConfigError as error:
        return [Finding("configuration", Severity.ERROR, line) for line in str(error).splitlines()]
    found = [Finding("configuration", Severity.OK, str(config.path))]
    found += [Finding("configuration", Severity.WARNING, warning) for warning in config.warnings]
    found += _tips(config, speak)
    return found + asyncio.run(_check(config, speak))


def _tips(config: Config, speak: Texts) -> list[Finding]:
    from bot.tips.library import Level, load

    library, problems = load(config.own_tips)
    found = []
    for problem in problems:
        where = problem.path if problem.line is None else f"{problem.path}:{problem.line}"
        severity = Severity.ERROR if problem.level is Level.ERROR else Severity.WARNING
        found.append(Finding("tips", severity, f"{where}: {problem.message}", problem.fix or ""))
    return found or [Finding("tips", Severity.OK, speak.plural("{n} tip", "{n} tips", len(library.tips)))]


async def _check(config: Config, speak: Texts) -> list[Finding]:
    from bot.clock import SystemClock
    from bot.keeping import StoreKeeper
    from storage.memory import MemoryStore
    from storage.schema import check as check_schema

    found = await check_schema(config.database.url.get_secret_value(), speak)
    clock = SystemClock()
    # A check notes nothing and holds nothing: it may run beside the bot.
    keeper = StoreKeeper(MemoryStore(), clock, "check")
    try:
        chats = chats_of(config, names_of(config), keeper, clock)
    except ConfigError as error:
        message = speak.t(NOTHING) if str(error) == NOTHING else str(error)
        return [*found, Finding("platforms", Severity.ERROR, message)]
    for chat in chats.by_platform.values():
        try:
            found += await chat.check(speak)
        finally:
            await chat.close()
    return found


def slack_manifest(config_file: Path | None, environ: Mapping[str, str], language: str | None) -> str:
    """The JSON from which Slack makes an app, for this configuration or, without one, by default."""
    from bot.app import Names

    config = _configured(config_file, environ)
    slack = config.slack_table if config else None
    names = names_of(config) if config else Names()
    mode = mode_of(slack) if slack else "socket"
    speaks = language or (config.default.language if config else "en")

    def made() -> str:
        from adapters.slack.manifest import manifest

        url = slack.public_url or None if slack else None
        return json.dumps(manifest(names, mode, speaks, url), ensure_ascii=False, indent=2)

    return _installed("slack", made)


def discord_invitation(
    config_file: Path | None, environ: Mapping[str, str], language: str, application: str | None
) -> list[str]:
    """The link that adds the bot to a server, then what each permission, scope and intent is for, line by line."""
    from bot.texts import texts

    id_ = application
    if id_ is None:
        config = _configured(config_file, environ)
        if config is None or config.discord is None:
            raise ConfigError(
                "which application? Set VIGIE_DISCORD_TOKEN, or give its id with --application "
                "(the portal shows it under General Information)"
            )
        id_ = _application_of(config.discord)
    if not (id_.isascii() and id_.isdigit()):
        error = ConfigError if application is None else Misuse
        raise error(f'--application: "{id_}" is not an application id: those are 17 to 20 digits')
    asked = id_

    def made() -> list[str]:
        from adapters.discord import manifest

        speak = texts(language)
        lines = [manifest.invitation(asked)]
        for title, reasons in (
            (speak.t("Scopes"), manifest.SCOPES),
            (speak.t("Permissions"), manifest.PERMISSIONS),
            (speak.t("Gateway intents"), manifest.INTENTS),
        ):
            lines += ["", title, *(f"  {name}: {speak.t(why)}" for name, why in reasons.items())]
        return lines

    return _installed("discord", made)


def _configured(config_file: Path | None, environ: Mapping[str, str]) -> Config | None:
    """The configuration; None where none is named and none is there: then the defaults serve."""
    from bot.config import exists, load

    return load(config_file, environ) if config_file or exists(environ) else None


def _application_of(config: DiscordConfig) -> str:
    """A bot token begins with its application's id, in base 64."""
    from base64 import urlsafe_b64decode

    head = config.token.get_secret_value().partition(".")[0]
    with suppress(ValueError):
        return urlsafe_b64decode(head + "=" * (-len(head) % 4)).decode("ascii")
    raise ConfigError("the application's id cannot be read out of VIGIE_DISCORD_TOKEN: give it with --application")


def mode_of(slack: SlackConfig | SlackTable) -> Literal["socket", "http"]:
    """How Slack reaches us."""
    from bot.config.schema import SlackMode

    return "http" if slack.mode is SlackMode.HTTP else "socket"


def _slack(config: Config, slack: SlackConfig, names: Names, keeper: Keeper, clock: Clock) -> SlackChat:
    from adapters.slack.app import SlackApp
    from adapters.slack.chat import SlackChat

    add = slack.add_to_slack
    app = SlackApp(
        mode=mode_of(slack),
        api_url=slack.api_url,
        bot_tokens=tuple(token.get_secret_value() for token in slack.bot_tokens),
        app_token=slack.app_token.get_secret_value() if slack.app_token else "",
        signing_secret=slack.signing_secret.get_secret_value() if slack.signing_secret else "",
        client_id=add.client_id if add else "",
        client_secret=add.client_secret.get_secret_value() if add else "",
        public_url=slack.public_url,
        database_url=config.database.url.get_secret_value(),
        encryption_keys=tuple(key.get_secret_value() for key in add.keys) if add else (),
    )
    return SlackChat(app, config.settings, names, keeper, clock)


def _discord(
    config: Config, discord: DiscordConfig, names: Names, keeper: Keeper, clock: Clock, known: Known | None
) -> DiscordChat:
    from adapters.discord.chat import DiscordApp, DiscordChat

    token, api, gateway = discord.token.get_secret_value(), discord.api_url or None, discord.gateway_url or None
    app = DiscordApp(token, api_url=api, gateway_url=gateway)
    return DiscordChat(app, config.settings, names, keeper, clock, known=known)


def _installed(extra: str, make: Callable[[], T]) -> T:
    """What `make` gives; where the platform's library is not there, how to get it."""
    try:
        return make()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("slack_bolt", "slack_sdk", "discord", "cryptography"):
            raise
        raise ConfigError(f"{error.name} is not installed: pip install 'vigie[{extra}]'") from None
