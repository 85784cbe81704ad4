"""Routes about application commands, and the answers to interactions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.discord.wire import limits, posting
from tests.discord.wire.errors import Refusal
from tests.discord.wire.interaction import (
    CHOICES,
    DEFERRED_MESSAGE,
    DEFERRED_UPDATE,
    MESSAGE,
    MODAL,
    UPDATE,
    Interaction,
)
from tests.discord.wire.permissions import Json
from tests.discord.wire.rest import Asked, Route
from tests.discord.wire.rest_messages import check, uploaded
from tests.discord.wire.world import World

ANSWER_WITHIN = timedelta(seconds=3)
TOKEN_LASTS = timedelta(minutes=15)


class InteractionRoutes:
    """`commands` are those registered, by guild or, under "", everywhere. `interactions` by their token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.commands: dict[str, list[Json]] = {}
        self.interactions: dict[str, Interaction] = {}

    def routes(self) -> Iterator[tuple[str, Route]]:
        everywhere = "/applications/{application}/commands"
        for path in (everywhere, "/applications/{application}/guilds/{guild}/commands"):
            yield f"GET {path}", self._list
            yield f"PUT {path}", self._replace
            yield f"POST {path}", self._upsert
        yield "POST /interactions/{interaction}/{token}/callback", self._callback
        hook = "/webhooks/{application}/{token}"
        yield f"POST {hook}", self._follow_up
        # The order matters to the router: `@original` would be taken for an id.
        yield f"GET {hook}/messages/@original", self._original
        yield f"PATCH {hook}/messages/@original", self._edit_original
        yield f"DELETE {hook}/messages/@original", self._delete_original
        yield f"PATCH {hook}/messages/{{message}}", self._edit_follow_up

    async def _list(self, asked: Asked) -> tuple[int, Any]:
        self._ours(asked)
        keys = () if asked.query.get("with_localizations", "").lower() in ("1", "true") else ("name", "description")
        hidden = {f"{key}_localizations" for key in keys}
        commands = self.commands.get(asked.params.get("guild", ""), [])
        return 200, [{key: each[key] for key in each if key not in hidden} for each in commands]

    async def _replace(self, asked: Asked) -> tuple[int, Any]:
        self._ours(asked)
        if wrong := limits.commands(asked.body):
            raise Refusal(50035, errors=wrong)
        where = asked.params.get("guild", "")
        before = {(each["type"], each["name"]): each["id"] for each in self.commands.get(where, [])}
        self.commands[where] = [self._registered(each, before, asked.params.get("guild")) for each in asked.body]
        return 200, self.commands[where]

    async def _upsert(self, asked: Asked) -> tuple[int, Any]:
        self._ours(asked)
        if wrong := limits.commands([asked.body]):
            raise Refusal(50035, errors=wrong)
        where = asked.params.get("guild", "")
        known = self.commands.setdefault(where, [])
        before = {(each["type"], each["name"]): each["id"] for each in known}
        made = self._registered(asked.body, before, asked.params.get("guild"))
        self.commands[where] = [each for each in known if each["id"] != made["id"]] + [made]
        return 200 if made["id"] in before.values() else 201, made

    def _registered(self, told: Json, before: dict[tuple[int, str], str], guild: str | None) -> Json:
        kind = told.get("type", 1)
        permissions = told.get("default_member_permissions")
        made = {
            "id": before.get((kind, told["name"])) or self._world.ids.next(),
            "application_id": self._world.application["id"],
            "version": self._world.ids.next(),
            "type": kind,
            "name": told["name"],
            "name_localizations": told.get("name_localizations"),
            "description": told.get("description", ""),
            "description_localizations": told.get("description_localizations"),
            "default_member_permissions": None if permissions is None else str(permissions),
            "dm_permission": 1 in (told.get("contexts") or (0, 1, 2)),
            "contexts": told.get("contexts"),
            "integration_types": told.get("integration_types") or [0],
            "nsfw": False,
        }
        made |= {"options": told["options"]} if told.get("options") else {}
        return made | ({"guild_id": guild} if guild else {})

    async def _callback(self, asked: Asked) -> tuple[int, Any]:
        interaction = self.interactions.get(asked.params["token"])
        late = interaction is not None and self._world.now() - interaction.at > ANSWER_WITHIN
        if interaction is None or interaction.id != asked.params["interaction"] or interaction.expired or late:
            raise Refusal(10062)
        if interaction.callback is not None:
            raise Refusal(40060)
        body = asked.body or {}
        if asked.files:
            body = {**body, "data": uploaded(_data(asked))}
        self._respond(interaction, body)
        interaction.callback = body
        if asked.query.get("with_response", "").lower() not in ("1", "true"):
            return 204, None
        return 200, self._responded(interaction)

    def _respond(self, interaction: Interaction, body: Json) -> None:
        data = body.get("data") or {}
        match body["type"]:
            case kind if kind == MESSAGE:
                check(data, new=True)
                interaction.private = bool((data.get("flags") or 0) & posting.EPHEMERAL)
                interaction.original = self._say(interaction, data)
            case kind if kind == DEFERRED_MESSAGE:
                interaction.private = bool((data.get("flags") or 0) & posting.EPHEMERAL)
            case kind if kind in (DEFERRED_UPDATE, UPDATE):
                if interaction.on is None:
                    raise Refusal(50035, errors={"type": "no message to update"})
                interaction.original = interaction.on
                if kind == UPDATE:
                    check({**data, "flags": data.get("flags", interaction.on["flags"])}, new=False)
                    posting.change(self._world, interaction.on, data)
            case kind if kind == CHOICES:
                choices = data.get("choices") or []
                if len(choices) > 25 or any(not 1 <= len(each["name"]) <= 100 for each in choices):
                    raise Refusal(50035, errors={"data.choices": "at most 25, each of at most 100"})
                if any(not 1 <= len(str(each["value"])) <= 100 for each in choices):
                    raise Refusal(50035, errors={"data.choices": "at most 100"})
            case kind if kind == MODAL:
                if interaction.kind == 5:
                    raise Refusal(50035, errors={"type": "no modal in answer to a modal"})
                if wrong := limits.modal(data):
                    raise Refusal(50035, errors=wrong)
            case _:
                raise Refusal(50035, errors={"type": "no such response"})

    def _responded(self, interaction: Interaction) -> Json:
        about: Json = {"id": interaction.id, "type": interaction.kind}
        about |= {"response_message_loading": interaction.type == DEFERRED_MESSAGE}
        about["response_message_ephemeral"] = interaction.private
        told: Json = {"interaction": about}
        if interaction.original is not None and interaction.type in (MESSAGE, UPDATE):
            about["response_message_id"] = interaction.original["id"]
            told["resource"] = {"type": interaction.type, "message": interaction.original}
        return told

    async def _follow_up(self, asked: Asked) -> tuple[int, Any]:
        interaction, body = self._answered(asked), uploaded(asked)
        check(body, new=True)
        if interaction.type == DEFERRED_MESSAGE and interaction.original is None:
            # The first followup takes the place of "is thinking", and is as private as that was.
            flags = (body.get("flags") or 0) & ~posting.EPHEMERAL
            body = {**body, "flags": flags | (posting.EPHEMERAL if interaction.private else 0)}
            interaction.original = self._say(interaction, body)
            return 200, interaction.original
        message = self._say(interaction, body)
        interaction.followups.append(message)
        return 200, message

    async def _original(self, asked: Asked) -> tuple[int, Any]:
        return 200, self._the_original(asked)

    async def _edit_original(self, asked: Asked) -> tuple[int, Any]:
        interaction, body = self._answered(asked), uploaded(asked)
        if interaction.type == DEFERRED_MESSAGE and interaction.original is None:
            check(body, new=True)
            flags = (body.get("flags") or 0) | (posting.EPHEMERAL if interaction.private else 0)
            interaction.original = self._say(interaction, {**body, "flags": flags})
            return 200, interaction.original
        message = self._the_original(asked)
        check({**body, "flags": body.get("flags", message["flags"])}, new=False)
        return 200, posting.change(self._world, message, body)

    async def _delete_original(self, asked: Asked) -> tuple[int, Any]:
        interaction = self._answered(asked)
        message = self._the_original(asked)
        if not message["flags"] & posting.EPHEMERAL:
            posting.remove(self._world, message["channel_id"], [message["id"]])
        interaction.original = None
        return 204, None

    async def _edit_follow_up(self, asked: Asked) -> tuple[int, Any]:
        interaction, body = self._answered(asked), uploaded(asked)
        for message in interaction.shown:
            if message["id"] == asked.params["message"]:
                check({**body, "flags": body.get("flags", message["flags"])}, new=False)
                return 200, posting.change(self._world, message, body)
        raise Refusal(10008)

    def _the_original(self, asked: Asked) -> Json:
        original = self._answered(asked).original
        if original is None:
            raise Refusal(10008)
        return original

    def _say(self, interaction: Interaction, body: Json) -> Json:
        """A message of the interaction's webhook. A private one exists for this person alone, in no history."""
        more = {"webhook_id": self._world.application["id"], "application_id": self._world.application["id"]}
        kind = {"id": interaction.id, "type": interaction.kind, "user": self._world.users[interaction.user]}
        kind["authorizing_integration_owners"] = {}
        if interaction.kind != 2:
            kind |= {"interacted_message_id": interaction.on["id"]} if interaction.on else {}
        if (body.get("flags") or 0) & posting.EPHEMERAL:
            return posting.compose(self._world, interaction.channel, self._world.me, body, **more)
        message = posting.write(self._world, interaction.channel, self._world.me, body, **more)
        self._world.accepted.append(message)
        return message

    def _answered(self, asked: Asked) -> Interaction:
        """The interaction to which this token belongs, once it was responded to."""
        interaction = self.interactions.get(asked.params["token"])
        if interaction is None or asked.params["application"] != self._world.application["id"]:
            raise Refusal(10015)
        if interaction.expired or self._world.now() - interaction.at > TOKEN_LASTS:
            raise Refusal(50027)
        if interaction.callback is None:
            raise Refusal(10015)
        return interaction

    def _ours(self, asked: Asked) -> None:
        if asked.params["application"] != self._world.application["id"]:
            raise Refusal(50001)


def _data(asked: Asked) -> Asked:
    """The request as if its `data` were the body, for the uploads among it."""
    return replace(asked, body=asked.body["data"])
