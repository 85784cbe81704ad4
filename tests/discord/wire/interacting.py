"""How a person uses the bot: commands, what is offered while typing, menus, buttons, selects and forms."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from tests.discord.wire.interaction import Interaction
from tests.discord.wire.limits import parts
from tests.discord.wire.permissions import ALL, Json

if TYPE_CHECKING:
    from tests.discord.wire.room import Town

COMMAND, COMPONENT, COMPLETION, FORM = 2, 3, 4, 5
SLASH, ON_USER, ON_MESSAGE = 1, 2, 3
SUBCOMMAND = 1


class NotOffered(Exception):
    """Discord does not show that command, button or form to this person here."""


class Interacting:
    """Each way of acting answers with an `Interaction`; await `answered` of it to see what the bot shows."""

    def __init__(self, town: Town, user: Json, locale: str) -> None:
        self.town = town
        self.locale = locale
        self._user = user

    async def slash(self, channel: str, name: str, subcommand: str | None = None, **options: Any) -> Interaction:
        """`/name subcommand option: value`, with the names as registered, whatever language they are shown in."""
        command = self._command(SLASH, name, channel)
        data = {"id": command["id"], "name": name, "type": SLASH, "options": _options(command, subcommand, options)}
        return await self.answered(self._begin(COMMAND, channel, _without_empty(data)))

    async def types(
        self, channel: str, name: str, option: str, so_far: str, subcommand: str | None = None
    ) -> list[Json]:
        """What is offered while an option is being typed."""
        command = self._command(SLASH, name, channel)
        filled = _options(command, subcommand, {option: so_far}, focused=option)
        data = {"id": command["id"], "name": name, "type": SLASH, "options": filled}
        return (await self.answered(self._begin(COMPLETION, channel, data))).choices

    async def choose(self, channel: str, message: str, name: str) -> Interaction:
        """From the menu of a message: Apps, `name`."""
        command = self._command(ON_MESSAGE, name, channel)
        resolved = {"messages": {message: self.town.message(channel, message)}}
        data = {"id": command["id"], "name": name, "type": ON_MESSAGE, "target_id": message, "resolved": resolved}
        return await self.answered(self._begin(COMMAND, channel, data))

    async def press(self, message: Json, label: str) -> Interaction:
        """A button of a message, by what is written on it."""
        for part in parts(message["components"]):
            if part["type"] == 2 and part.get("label") == label and not part.get("disabled") and part.get("custom_id"):
                data = {"custom_id": part["custom_id"], "component_type": 2, "id": part["id"]}
                return await self.answered(self._begin(COMPONENT, message["channel_id"], data, on=message))
        raise NotOffered(f"no button {label!r}")

    async def select(self, message: Json, *values: str) -> Interaction:
        """From the first select that offers these."""
        for part in parts(message["components"]):
            if part["type"] == 3 and set(values) <= {option["value"] for option in part["options"]}:
                data = {"custom_id": part["custom_id"], "component_type": 3, "id": part["id"], "values": list(values)}
                return await self.answered(self._begin(COMPONENT, message["channel_id"], data, on=message))
        raise NotOffered("nothing to select")

    async def submit(self, shown: Interaction, **values: str) -> Interaction:
        """Send the form that an interaction opened, with `values` by the custom id of each input."""
        modal = shown.modal
        if modal is None:
            raise NotOffered("no form was opened")
        missing = values.keys() - {part.get("custom_id") for part in parts(modal["components"])}
        if missing:
            raise NotOffered(f"no input {missing}")
        components = [_filled(component, values) for component in modal["components"]]
        data = {"custom_id": modal["custom_id"], "components": components}
        return await self.answered(self._begin(FORM, shown.channel, data, on=shown.on))

    async def answered(self, interaction: Interaction) -> Interaction:
        """Once the person sees something other than "is thinking"."""
        await self.town.wire.until(lambda: not interaction.waits or interaction.expired)
        return interaction

    def begin_slash(self, channel: str, name: str, subcommand: str | None = None, **options: Any) -> Interaction:
        """As `slash`, without waiting for the answer."""
        command = self._command(SLASH, name, channel)
        data = {"id": command["id"], "name": name, "type": SLASH, "options": _options(command, subcommand, options)}
        return self._begin(COMMAND, channel, _without_empty(data))

    def _command(self, kind: int, name: str, channel: str) -> Json:
        """The registered command, if this person is shown it in that channel."""
        registered = self.town.wire.commands
        private = channel in self.town.world.private
        for command in [*registered.get("" if private else self.town.id, []), *registered.get("", [])]:
            if (command["type"], command["name"]) != (kind, name):
                continue
            if command["contexts"] is not None and (1 if private else 0) not in command["contexts"]:
                raise NotOffered(f"{name} is not offered there")
            needed = int(command["default_member_permissions"] or 0)
            if not private and needed & ~self.town.guild.allows(self._user["id"]):
                raise NotOffered(f"{name} is not offered to this person")
            return command
        raise NotOffered(f"no command {name!r} is registered")

    def _begin(self, kind: int, channel: str, data: Json, *, on: Json | None = None) -> Interaction:
        world, guild = self.town.world, self.town.guild
        interaction = Interaction(
            world.ids.next(), token_urlsafe(32), kind, self._user["id"], channel, world.now(), on=on
        )
        self.town.wire.interactions[interaction.token] = interaction
        room = world.channel(channel)
        assert room is not None
        private = channel in world.private
        told: Json = {
            "id": interaction.id,
            "application_id": world.application["id"],
            "type": kind,
            "token": interaction.token,
            "version": 1,
            "data": data,
            "channel_id": channel,
            "channel": room if private else {**room, "permissions": str(guild.allows(self._user["id"], channel))},
            "locale": self.locale,
            "app_permissions": str(ALL if private else guild.allows(world.me["id"], channel)),
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": {"0": "0" if private else guild.id},
            "context": 1 if private else 0,
            "attachment_size_limit": 10_485_760,
        }
        if private:
            told["user"] = self._user
        else:
            allowed = str(guild.allows(self._user["id"], channel))
            told["member"] = {**guild.members[self._user["id"]], "permissions": allowed}
            told |= {"guild_id": guild.id, "guild_locale": guild.raw["preferred_locale"]}
            told["guild"] = {"id": guild.id, "locale": guild.raw["preferred_locale"], "features": []}
        if on is not None:
            told["message"] = on
        world.happen("INTERACTION_CREATE", told, guild=None if private else guild.id, channel=channel)
        return interaction


def _options(command: Json, subcommand: str | None, values: dict[str, Any], focused: str | None = None) -> list[Json]:
    declared = command.get("options") or []
    if subcommand is not None:
        found = [each for each in declared if each["type"] == SUBCOMMAND and each["name"] == subcommand]
        if not found:
            raise NotOffered(f"no subcommand {subcommand!r}")
        inner = _options(found[0], None, values, focused)
        return [{"name": subcommand, "type": SUBCOMMAND, "options": inner}]
    by_name = {each["name"]: each for each in declared}
    if unknown := values.keys() - by_name.keys():
        raise NotOffered(f"no option {unknown}")
    lacking = {name for name, each in by_name.items() if each.get("required") or each["type"] == SUBCOMMAND}
    if focused is None and (missing := lacking - values.keys()):
        raise NotOffered(f"{missing} must be given")
    made = [{"name": name, "type": by_name[name]["type"], "value": value} for name, value in values.items()]
    return [each | ({"focused": True} if each["name"] == focused else {}) for each in made]


def _without_empty(data: Json) -> Json:
    """Discord leaves out `options` when there are none."""
    return {key: value for key, value in data.items() if key != "options" or value}


def _filled(component: Json, values: dict[str, str], number: int = 1) -> Json:
    """A component of a form as it comes back."""
    made: Json = {"type": component["type"], "id": component.get("id", number)}
    if "custom_id" in component:
        made["custom_id"] = component["custom_id"]
        given = values.get(component["custom_id"], component.get("value", ""))
        if component["type"] == 4:
            made["value"] = given
        else:
            offered = [option["value"] for option in component.get("options", ())]
            chosen = [option["value"] for option in component.get("options", ()) if option.get("default")]
            if component["custom_id"] in values:
                if given not in offered:
                    raise NotOffered(f"{given!r} is not among {offered}")
                chosen = [given]
            if component.get("required", True) and not chosen:
                raise NotOffered(f"{component['custom_id']} must be chosen")
            made["values"] = chosen
        return made
    if "component" in component:
        made["component"] = _filled(component["component"], values, number + 1)
    if "components" in component:
        inner = component["components"]
        made["components"] = [_filled(child, values, number + place) for place, child in enumerate(inner, 1)]
    return made
