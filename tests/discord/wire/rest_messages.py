"""Routes about messages and reactions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.discord.wire import limits, posting
from tests.discord.wire.errors import Refusal
from tests.discord.wire.permissions import Json, Permission
from tests.discord.wire.reacting import react, unreact
from tests.discord.wire.rest import Asked, Route
from tests.discord.wire.rest_guilds import seen
from tests.discord.wire.shapes import ChannelType
from tests.discord.wire.world import THREADS, Guild, World

P = Permission

NONCES_KEPT = timedelta(minutes=3)
""""The past few minutes", says the documentation of `enforce_nonce`."""


class MessageRoutes:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> Iterator[tuple[str, Route]]:
        one = "/channels/{channel}/messages/{message}"
        yield "GET /channels/{channel}/messages", self._history
        yield "POST /channels/{channel}/messages", self._create
        yield "POST /channels/{channel}/messages/bulk-delete", self._bulk_delete
        yield f"GET {one}", self._get
        yield f"PATCH {one}", self._edit
        yield f"DELETE {one}", self._delete
        yield f"PUT {one}/reactions/{{emoji}}/@me", self._react
        yield f"DELETE {one}/reactions/{{emoji}}/@me", self._unreact
        yield f"GET {one}/reactions/{{emoji}}", self._reactors
        yield "POST /channels/{channel}/typing", self._typing

    async def _history(self, asked: Asked) -> tuple[int, Any]:
        channel, _, allowed = self._seen(asked)
        if channel["type"] == ChannelType.FORUM:
            raise Refusal(50008)
        if not allowed & P.READ_MESSAGE_HISTORY:
            return 200, []
        limit = asked.number("limit", 50, 100)
        messages = sorted(self._world.messages.get(channel["id"], {}).values(), key=lambda message: int(message["id"]))
        return 200, [self.told(message) for message in reversed(_page(messages, asked.query, limit))]

    async def _get(self, asked: Asked) -> tuple[int, Any]:
        _, _, allowed = self._seen(asked)
        if not allowed & P.READ_MESSAGE_HISTORY:
            raise Refusal(50001)
        return 200, self.told(self._message(asked))

    async def _create(self, asked: Asked) -> tuple[int, Any]:
        channel, guild, allowed = self._seen(asked)
        body = uploaded(asked)
        self._may_write(channel, guild, allowed, body)
        check(body, new=True)
        nonce = body.get("nonce")
        if nonce is not None and body.get("enforce_nonce") and (made := self._made_before(str(nonce))) is not None:
            return 200, {**made, "nonce": nonce}
        reference = body.get("message_reference")
        if reference is not None:
            if not allowed & P.READ_MESSAGE_HISTORY:
                raise Refusal(160002)
            if self._world.message(channel["id"], str(reference["message_id"])) is None:
                if reference.get("fail_if_not_exists", True):
                    raise Refusal(50035, errors={"message_reference": "Unknown message"})
                body = {key: value for key, value in body.items() if key != "message_reference"}
        message = posting.write(self._world, channel["id"], self._world.me, body)
        self._world.accepted.append(message)
        if nonce is not None:
            self._world.nonces[self._world.me["id"], str(nonce)] = (self._world.now(), channel["id"], message["id"])
            return 200, {**message, "nonce": nonce}
        return 200, message

    def _made_before(self, nonce: str) -> Json | None:
        at, channel, id_ = self._world.nonces.get((self._world.me["id"], nonce), (None, "", ""))
        if at is None or self._world.now() - at > NONCES_KEPT:
            return None
        made = self._world.message(channel, id_)
        if made is None:
            # Deleted meanwhile: it is not made again. https://github.com/discord/discord-api-docs/pull/6647
            raise Refusal(10008)
        return made

    def _may_write(self, channel: Json, guild: Guild | None, allowed: int, body: Json) -> None:
        if guild is None:
            if channel["recipients"][0]["id"] in self._world.refuses_direct:
                raise Refusal(50007)
            return
        if channel["type"] == ChannelType.FORUM:
            raise Refusal(40058)
        if channel["type"] in THREADS and channel["thread_metadata"]["locked"] and not allowed & P.MANAGE_THREADS:
            raise Refusal(160005)
        needed = P.SEND_MESSAGES_IN_THREADS if channel["type"] in THREADS else P.SEND_MESSAGES
        needed |= P.EMBED_LINKS if body.get("embeds") else P(0)
        needed |= P.ATTACH_FILES if body.get("attachments") else P(0)
        if needed & ~allowed:
            raise Refusal(50013)

    async def _edit(self, asked: Asked) -> tuple[int, Any]:
        channel, _, _ = self._seen(asked)
        message, body = self._message(asked), uploaded(asked)
        if message["author"]["id"] != self._world.me["id"]:
            raise Refusal(50005)
        if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
            raise Refusal(50083)
        merged = {**body, "flags": body.get("flags", message["flags"])}
        check(merged, new=False)
        return 200, self.told(posting.change(self._world, message, body))

    async def _delete(self, asked: Asked) -> tuple[int, Any]:
        _, _, allowed = self._seen(asked)
        message = self._message(asked)
        if message["author"]["id"] != self._world.me["id"] and not allowed & P.MANAGE_MESSAGES:
            raise Refusal(50013)
        posting.remove(self._world, message["channel_id"], [message["id"]])
        return 204, None

    async def _bulk_delete(self, asked: Asked) -> tuple[int, Any]:
        channel, _, allowed = self._seen(asked)
        if not allowed & P.MANAGE_MESSAGES:
            raise Refusal(50013)
        posting.remove(self._world, channel["id"], list(map(str, asked.body["messages"])))
        return 204, None

    async def _react(self, asked: Asked) -> tuple[int, Any]:
        _, _, allowed = self._seen(asked)
        if not allowed & P.ADD_REACTIONS or not allowed & P.READ_MESSAGE_HISTORY:
            raise Refusal(50013)
        react(self._world, self._message(asked), self._world.me["id"], asked.params["emoji"])
        return 204, None

    async def _unreact(self, asked: Asked) -> tuple[int, Any]:
        self._seen(asked)
        unreact(self._world, self._message(asked), self._world.me["id"], asked.params["emoji"])
        return 204, None

    async def _reactors(self, asked: Asked) -> tuple[int, Any]:
        self._seen(asked)
        message = self._message(asked)
        limit, after = asked.number("limit", 25, 100), int(asked.query.get("after", 0))
        people = self._world.reactors.get(message["id"], {}).get(asked.params["emoji"], [])
        later = sorted((id_ for id_ in people if int(id_) > after), key=int)
        return 200, [self._world.users[id_] for id_ in later[:limit]]

    async def _typing(self, asked: Asked) -> tuple[int, Any]:
        self._seen(asked)
        return 204, None

    def told(self, message: Json) -> Json:
        """As REST tells it: a message replied to as it is now, and never a nonce, which Discord does not keep."""
        made = dict(message)
        if "referenced_message" in made:
            reference = made["message_reference"]
            replied_to = self._world.message(reference["channel_id"], reference["message_id"])
            made["referenced_message"] = None if replied_to is None else posting.without_reference(replied_to)
        return made

    def _seen(self, asked: Asked) -> tuple[Json, Guild | None, int]:
        return seen(self._world, asked.params["channel"])

    def _message(self, asked: Asked) -> Json:
        message = self._world.message(asked.params["channel"], asked.params["message"])
        if message is None:
            raise Refusal(10008)
        return message


def uploaded(asked: Asked) -> Json:
    """The body, with what was uploaded among its attachments."""
    body: Json = asked.body or {}
    told = {str(each["id"]): each for each in body.get("attachments") or () if "id" in each}
    if not asked.files:
        return body
    new = [{**told.get(number, {}), **file} for number, file in asked.files.items()]
    kept = [each for number, each in told.items() if number not in asked.files]
    return {**body, "attachments": kept + [{key: each[key] for key in each if key != "data"} for each in new]}


def check(body: Json, *, new: bool) -> None:
    """Within Discord's limits, and not empty."""
    if wrong := limits.message(body, new=new):
        raise Refusal(50035, errors=wrong)
    said = any(body.get(key) for key in ("content", "embeds", "components", "attachments", "sticker_ids", "poll"))
    if new and not said:
        raise Refusal(50006)


def _page(messages: list[Json], query: dict[str, str], limit: int) -> list[Json]:
    """What a history request asks for, oldest first, out of `messages`, oldest first."""
    if "after" in query:
        return [message for message in messages if int(message["id"]) > int(query["after"])][:limit]
    if "around" in query:
        centre, half = int(query["around"]), limit // 2
        before = [message for message in messages if int(message["id"]) < centre][-half:]
        return before + [message for message in messages if int(message["id"]) >= centre][: limit - half]
    if "before" in query:
        messages = [message for message in messages if int(message["id"]) < int(query["before"])]
    return messages[-limit:]
