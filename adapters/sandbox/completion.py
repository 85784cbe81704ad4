"""What the message box offers while a command is being typed: all of it from the core's own list of commands."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.sandbox.protocol import CommandView, OptionView
from adapters.sandbox.scene import folded
from bot.app import Bot
from bot.commands import COMMANDS, Command, Option, Subcommand
from bot.texts import Texts

OFFERED = 8


def command_views(bot: Bot, speak: Texts) -> list[CommandView]:
    """Every command, and each of its subcommands, with how it is written."""
    views: list[CommandView] = []
    for command in COMMANDS.values():
        name = _called(command, bot)
        if command.options or not command.subcommands:
            views.append(_view(f"/{name}", command.options, command.description, speak))
        views += [
            _view(f"/{name} {_named(sub, speak)}", sub.options, sub.description, speak) for sub in command.subcommands
        ]
    return views


def completions(typed: str, bot: Bot, speak: Texts) -> list[OptionView]:
    """Whole lines that begin, accents and capitals aside, as what was typed so far."""
    wanted = folded(typed.lstrip())
    if not wanted.startswith("/"):
        return []
    offered = (option for option in _lines(bot, speak) if folded(option["value"]).startswith(wanted))
    return [option for option, _ in zip(offered, range(OFFERED), strict=False) if folded(option["value"]) != wanted]


def _lines(bot: Bot, speak: Texts) -> Iterator[OptionView]:
    for view in command_views(bot, speak):
        yield {"value": view["complete"], "label": view["description"]}
    library = bot.shelf.library
    topics = [topic for topic in library.topics.values() if library.about(topic.id)]
    for command in COMMANDS.values():
        if any(option.completes for option in command.options):
            for topic in topics:
                label = topic.label(speak.language)
                yield {"value": f"/{_called(command, bot)} {label}", "label": label}


def _view(line: str, options: tuple[Option, ...], description: str, speak: Texts) -> CommandView:
    words = [(_named(option, speak).upper(), option.required) for option in options]
    named = " ".join(word if required else f"[{word}]" for word, required in words)
    return {
        "usage": f"{line} {named}".rstrip(),
        "complete": f"{line} " if options else line,
        "description": speak.t(description),
    }


def _named(what: Option | Subcommand, speak: Texts) -> str:
    """What people of that language type or read."""
    return (speak.language == "fr" and what.french) or what.name


def _called(command: Command, bot: Bot) -> str:
    return bot.names.of(command.name)
