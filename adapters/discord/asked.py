"""What people ask of the bot by its commands, menus, buttons and forms: interactions, to the core's events. Pure.

Nothing here raises: None for what is not ours.
https://discord.com/developers/docs/interactions/receiving-and-responding
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from adapters.discord import custom_ids
from adapters.discord.messages import Guild, member_of, message_of, place_of
from adapters.discord.payloads import THREADS, as_dict, as_id, as_int, as_list, as_text
from bot.app import Names
from bot.commands import COMMANDS, SHORTCUTS
from bot.events import ActionTaken, CommandInvoked, Completing, FormSubmitted, ShortcutUsed
from bot.model import Member, MessageRef, Place

COMMAND, COMPONENT, TYPING, FORM = 2, 3, 4, 5
"""Types of interactions."""

CHAT, ON_MESSAGE = 1, 3
"""Types of commands."""

SUBCOMMANDS = (1, 2)
SELECTS = (3,)
EPHEMERAL = 1 << 6


def guild_of(interaction: Any) -> str | None:
    """The guild on whose behalf it happens: where it happened or, in a private channel, that of its button or form."""
    payload = as_dict(interaction)
    if told := as_id(payload.get("guild_id")):
        return told
    custom_id = custom_ids.decode(as_dict(payload.get("data")).get("custom_id"))
    return custom_id.guild if custom_id is not None else None


def command_of(interaction: Any, guild: Guild, names: Names, now: datetime) -> CommandInvoked | ShortcutUsed | None:
    """A command with its options as they would be typed (`why https://…`), or an entry of a message's menu."""
    payload, data = as_dict(interaction), as_dict(as_dict(interaction).get("data"))
    who = _who(payload, guild)
    if payload.get("type") != COMMAND or who is None:
        return None
    name, place = as_text(data.get("name")), _where(payload, guild)
    if data.get("type") == ON_MESSAGE:
        shortcut = next((s.name for s in SHORTCUTS.values() if s.on_message and s.label == name), None)
        target = as_id(data.get("target_id"))
        found = as_dict(as_dict(as_dict(data.get("resolved")).get("messages")).get(target))
        if shortcut is None or not found:
            return None
        return ShortcutUsed(place, who, shortcut, now, message_of({"id": target, **found}, guild, place))
    key = _key(name, names)
    if key is None or data.get("type", CHAT) != CHAT:
        return None
    text = " ".join(_typed(data.get("options")))
    return CommandInvoked(place, who, key, text, now, private=_is_private(payload))


def completing_of(interaction: Any, guild: Guild, names: Names) -> Completing | None:
    payload, data = as_dict(interaction), as_dict(as_dict(interaction).get("data"))
    who, key = _who(payload, guild), _key(as_text(data.get("name")), names)
    focused = next((o for o in _options(data.get("options")) if o.get("focused") is True), None)
    if payload.get("type") != TYPING or who is None or key is None or focused is None:
        return None
    text = as_text(focused.get("value"))
    return Completing(_where(payload, guild), who, key, as_text(focused.get("name")), text)


def action_of(interaction: Any, guild: Guild, now: datetime) -> ActionTaken | None:
    """A button, or the option of a menu that stands for one."""
    payload, data = as_dict(interaction), as_dict(as_dict(interaction).get("data"))
    who = _who(payload, guild)
    custom_id = custom_ids.decode(data.get("custom_id"))
    if custom_id is not None and data.get("component_type") in SELECTS:
        custom_id = custom_ids.decode(next(iter(as_list(data.get("values"))), None))
    if payload.get("type") != COMPONENT or who is None or custom_id is None or custom_id.guild != guild.community.id:
        return None
    place, message = _where(payload, guild), as_dict(payload.get("message"))
    id_ = as_id(message.get("id"))
    private = as_int(message.get("flags")) & EPHEMERAL
    ref = MessageRef(place, id_) if id_ and not private else None
    return ActionTaken(place, who, custom_id.action, custom_id.value, now, ref, private=_is_private(payload))


def form_of(interaction: Any, guild: Guild, now: datetime) -> FormSubmitted | None:
    payload, data = as_dict(interaction), as_dict(as_dict(interaction).get("data"))
    who = _who(payload, guild)
    custom_id = custom_ids.decode(data.get("custom_id"))
    if payload.get("type") != FORM or who is None or custom_id is None or custom_id.guild != guild.community.id:
        return None
    values = {name: value for name, value in _filled_in(data.get("components")) if name}
    of_message = bool(as_dict(payload.get("message")))
    return FormSubmitted(_where(payload, guild), who, custom_id.action, custom_id.value, now, values, of_message)


def _key(name: str, names: Names) -> str | None:
    return next((key for key in COMMANDS if names.of(key) == name), None)


def _who(payload: Mapping[str, Any], guild: Guild) -> Member | None:
    """In a guild the account stands inside the member, in private alone."""
    member = as_dict(payload.get("member"))
    user = as_dict(member.get("user")) or as_dict(payload.get("user"))
    who = member_of(user, member, guild, locale=as_text(payload.get("locale")) or None)
    return who if who.id else None


def _is_private(payload: Mapping[str, Any]) -> bool:
    """In the private channel with the bot, which belongs to no guild."""
    return not as_id(payload.get("guild_id"))


def _where(payload: Mapping[str, Any], guild: Guild) -> Place:
    """The interaction itself tells whether its channel is a thread, so that no cache has to know it."""
    channel = as_dict(payload.get("channel"))
    id_ = as_id(payload.get("channel_id")) or as_id(channel.get("id"))
    parent = as_id(channel.get("parent_id"))
    if channel.get("type") in THREADS and parent:
        return Place(guild.community, parent, id_)
    return place_of(id_, guild)


def _options(options: object) -> Iterator[Mapping[str, Any]]:
    """All of them, subcommands before their own."""
    waiting = [as_dict(option) for option in as_list(options)]
    for _ in range(25 * 3):  # three levels of at most 25
        if not waiting:
            return
        option = waiting.pop(0)
        yield option
        waiting = [*(as_dict(inner) for inner in as_list(option.get("options"))), *waiting]


def _typed(options: object) -> Iterator[str]:
    for option in _options(options):
        value = option.get("name") if option.get("type") in SUBCOMMANDS else option.get("value")
        text = as_text(value).strip()
        if text:
            yield text


def _filled_in(components: object) -> Iterator[tuple[str, str]]:
    """Name and value of each input, in a label (Components V2) or in a row (before)."""
    for part in map(as_dict, as_list(components)):
        for field in map(as_dict, [part.get("component"), *as_list(part.get("components"))]):
            chosen = next(iter(as_list(field.get("values"))), None)
            yield as_text(field.get("custom_id")), as_text(field.get("value", chosen))
