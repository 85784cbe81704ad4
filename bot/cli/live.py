"""Commands around the bot on live platforms."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from bot.cli.common import AsJson, ConfigFile, Language, tell
from bot.terminal import log, say


def run(config: ConfigFile = None) -> None:
    """Connect to the configured platforms, and look out.

    Ends with SIGTERM or Ctrl-C, once what is being sent is out.
    """
    from bot.wiring.service import serve

    log()
    serve(config, os.environ)


def check(config: ConfigFile = None, lang: Language = "en", as_json: AsJson = False) -> int:
    """See whether everything is set up well, each fault with its fix.

    The exit code is 1 if anything is wrong.
    """
    from bot import options
    from bot.texts import texts
    from bot.wiring.platforms import check as check_all

    speaking = options.language(lang)
    log()
    return tell(check_all(config, os.environ, texts(speaking)), speaking, as_json=as_json)


def manifest(
    platform: Annotated[str, typer.Argument(metavar="PLATFORM", help="slack or discord.")],
    config: ConfigFile = None,
    lang: Annotated[str | None, typer.Option(metavar="LANG", help="en or fr; else the configuration's.")] = None,
    application: Annotated[
        str | None, typer.Option(metavar="ID", help="Discord's application; else the token's.")
    ] = None,
) -> None:
    """Print what to enter on the platform's own pages.

    For Slack the app's manifest, for Discord the link that invites the bot.
    """
    from bot import options
    from bot.wiring.platforms import discord_invitation, slack_manifest

    speaking = options.language(lang) if lang else None
    log()
    if options.one_of("PLATFORM", platform, ("slack", "discord")) == "slack":
        say(slack_manifest(config, os.environ, speaking))
        return
    for line in discord_invitation(config, os.environ, speaking or "en", application):
        say(line)


def example() -> None:
    """Print a configuration to begin with.

    Every setting at its default, each with a remark: vigie example > config.toml
    """
    from importlib.resources import files

    say(files("bot.config").joinpath("example.toml").read_text("utf-8").removesuffix("\n"))


def key() -> None:
    """Print a new key for VIGIE_SLACK_ENCRYPTION_KEYS."""
    from base64 import urlsafe_b64encode
    from secrets import token_bytes

    say(urlsafe_b64encode(token_bytes(32)).decode())
