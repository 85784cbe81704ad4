"""Routes about the bot itself, guilds, members, roles, channels and threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.discord.wire import posting
from tests.discord.wire.errors import Refusal
from tests.discord.wire.gateway import Gateway
from tests.discord.wire.permissions import Json, Permission
from tests.discord.wire.rest import Asked, Route
from tests.discord.wire.shapes import ChannelType
from tests.discord.wire.world import THREADS, Guild, World

P = Permission


class GuildRoutes:
    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def routes(self) -> Iterator[tuple[str, Route]]:
        yield "GET /gateway", self._address
        yield "GET /gateway/bot", self._gateway_bot
        yield "GET /users/@me", self._me
        yield "GET /users/@me/guilds", self._my_guilds
        yield "POST /users/@me/channels", self._direct
        yield "GET /users/{user}", self._user
        yield "GET /oauth2/applications/@me", self._application
        yield "GET /applications/@me", self._application
        yield "GET /guilds/{guild}", self._guild
        yield "GET /guilds/{guild}/channels", self._channels
        yield "GET /guilds/{guild}/roles", self._roles
        yield "GET /guilds/{guild}/members", self._members
        yield "GET /guilds/{guild}/members/search", self._search
        yield "GET /guilds/{guild}/members/{user}", self._member
        yield "GET /guilds/{guild}/threads/active", self._active
        yield "GET /channels/{channel}", self._channel
        yield "GET /channels/{channel}/threads/archived/public", self._archived
        yield "PUT /channels/{channel}/thread-members/@me", self._join
        yield "DELETE /channels/{channel}/thread-members/@me", self._join
        yield "GET /channels/{channel}/thread-members", self._thread_members
        yield "POST /channels/{channel}/threads", self._start
        yield "POST /channels/{channel}/messages/{message}/threads", self._start_under
        yield "PATCH /channels/{channel}", self._change

    async def _address(self, asked: Asked) -> tuple[int, Any]:
        return 200, {"url": self._gateway.described()["url"]}

    async def _gateway_bot(self, asked: Asked) -> tuple[int, Any]:
        return 200, self._gateway.described()

    async def _me(self, asked: Asked) -> tuple[int, Any]:
        return 200, {**self._world.me, "mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}

    async def _application(self, asked: Asked) -> tuple[int, Any]:
        guilds = sum(guild.joined for guild in self._world.guilds.values())
        return 200, {**self._world.application, "approximate_guild_count": guilds}

    async def _user(self, asked: Asked) -> tuple[int, Any]:
        user = self._world.users.get(asked.params["user"])
        if user is None:
            raise Refusal(10013)
        return 200, user

    async def _my_guilds(self, asked: Asked) -> tuple[int, Any]:
        limit, after = asked.number("limit", 200, 200), int(asked.query.get("after", 0))
        joined = [guild for guild in self._world.guilds.values() if guild.joined and int(guild.id) > after]
        me = self._world.me["id"]
        keys = ("id", "name", "icon", "banner", "features")
        return 200, [
            {**{key: guild.raw[key] for key in keys}, "owner": False, "permissions": str(guild.allows(me))}
            for guild in sorted(joined, key=lambda guild: int(guild.id))[:limit]
        ]

    async def _direct(self, asked: Asked) -> tuple[int, Any]:
        user = str(asked.body["recipient_id"])
        if user not in self._world.users:
            raise Refusal(50035, errors={"recipient_id": "Invalid Recipient(s)"})
        return 200, self._world.private_with(user)

    async def _guild(self, asked: Asked) -> tuple[int, Any]:
        guild = self._entered(asked)
        counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": 1}
        return 200, guild.described() | (counts if asked.query.get("with_counts", "").lower() in ("1", "true") else {})

    async def _channels(self, asked: Asked) -> tuple[int, Any]:
        # All of them, those that the bot does not see included: Discord tells a bot their names.
        return 200, list(self._entered(asked).channels.values())

    async def _roles(self, asked: Asked) -> tuple[int, Any]:
        return 200, list(self._entered(asked).roles.values())

    async def _members(self, asked: Asked) -> tuple[int, Any]:
        guild = self._entered(asked)
        limit, after = asked.number("limit", 1, 1000), int(asked.query.get("after", 0))
        later = sorted((each for each in guild.members.values() if int(each["user"]["id"]) > after), key=_user_id)
        return 200, later[:limit]

    async def _search(self, asked: Asked) -> tuple[int, Any]:
        guild, limit = self._entered(asked), asked.number("limit", 1, 1000)
        query = asked.query["query"].lower()
        found = [each for each in guild.members.values() if each["user"]["username"].startswith(query)]
        return 200, found[:limit]

    async def _member(self, asked: Asked) -> tuple[int, Any]:
        member = self._entered(asked).members.get(asked.params["user"])
        if member is None:
            raise Refusal(10007 if asked.params["user"] in self._world.users else 10013)
        return 200, member

    async def _active(self, asked: Asked) -> tuple[int, Any]:
        guild, me = self._entered(asked), self._world.me["id"]
        threads = [each for each in guild.active_threads() if guild.allows(me, each["id"]) & P.VIEW_CHANNEL]
        newest = sorted(threads, key=lambda thread: -int(thread["id"]))
        return 200, {"threads": newest, "members": [], "has_more": False}

    async def _channel(self, asked: Asked) -> tuple[int, Any]:
        return 200, self._seen(asked)[0]

    async def _archived(self, asked: Asked) -> tuple[int, Any]:
        channel, guild, allowed = self._seen(asked)
        if guild is None or not allowed & P.READ_MESSAGE_HISTORY:
            raise Refusal(50013)
        limit = asked.number("limit", 50, 100)
        before = asked.query.get("before")
        archived = [
            each
            for each in guild.threads.values()
            if each["parent_id"] == channel["id"] and each["thread_metadata"]["archived"]
        ]
        archived.sort(key=lambda thread: str(thread["thread_metadata"]["archive_timestamp"]), reverse=True)
        if before is not None:
            archived = [each for each in archived if each["thread_metadata"]["archive_timestamp"] < before]
        return 200, {"threads": archived[:limit], "members": [], "has_more": len(archived) > limit}

    async def _join(self, asked: Asked) -> tuple[int, Any]:
        channel, _, _ = self._seen(asked)
        if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
            raise Refusal(50083)
        return 204, None

    async def _thread_members(self, asked: Asked) -> tuple[int, Any]:
        channel, _, _ = self._seen(asked)
        joined = channel["thread_metadata"]["create_timestamp"]
        return 200, [{"id": channel["id"], "user_id": channel["owner_id"], "join_timestamp": joined, "flags": 0}]

    async def _start(self, asked: Asked) -> tuple[int, Any]:
        channel, guild, allowed = self._seen(asked)
        if guild is None:
            raise Refusal(50008)
        if channel["type"] == ChannelType.FORUM:
            if not allowed & P.SEND_MESSAGES:
                raise Refusal(50013)
            thread = posting.start_thread(self._world, channel, asked.body["name"], self._world.me)
            first = posting.write(self._world, thread["id"], self._world.me, asked.body["message"], id_=thread["id"])
            self._world.accepted.append(first)
            return 201, {**thread, "message": first}
        if not allowed & P.CREATE_PUBLIC_THREADS:
            raise Refusal(50013)
        return 201, posting.start_thread(self._world, channel, asked.body["name"], self._world.me)

    async def _start_under(self, asked: Asked) -> tuple[int, Any]:
        channel, guild, allowed = self._seen(asked)
        message = self._world.message(channel["id"], asked.params["message"])
        if message is None or guild is None:
            raise Refusal(10008)
        if not allowed & P.CREATE_PUBLIC_THREADS:
            raise Refusal(50013)
        if message["id"] in guild.threads:
            raise Refusal(160004)
        return 201, posting.start_thread(self._world, channel, asked.body["name"], self._world.me, on=message)

    async def _change(self, asked: Asked) -> tuple[int, Any]:
        """Of a thread: whether it is archived or locked."""
        channel, guild, allowed = self._seen(asked)
        if guild is None or channel["type"] not in THREADS or not allowed & P.MANAGE_THREADS:
            raise Refusal(50013)
        archived = asked.body.get("archived", channel["thread_metadata"]["archived"])
        self._world.set_archived(channel, archived=archived, locked=asked.body.get("locked"))
        return 200, channel

    def _entered(self, asked: Asked) -> Guild:
        guild = self._world.guilds.get(asked.params["guild"])
        if guild is None or not guild.joined:
            # Discord tells the two apart no more than this.
            raise Refusal(10004)
        return guild

    def _seen(self, asked: Asked) -> tuple[Json, Guild | None, int]:
        return seen(self._world, asked.params["channel"])


def seen(world: World, channel: str) -> tuple[Json, Guild | None, int]:
    """A channel that the bot sees, its guild, and what the bot may do there.

    Raises:
        Refusal: 10003 there is none, 50001 the bot does not see it.
    """
    found, guild = world.channel(channel), world.guild_of(channel)
    if found is None:
        raise Refusal(10003)
    if guild is not None and not guild.joined:
        raise Refusal(50001)
    allowed = world.allows(world.me["id"], channel)
    if not allowed & P.VIEW_CHANNEL:
        raise Refusal(50001)
    return found, guild, allowed


def _user_id(member: Json) -> int:
    return int(member["user"]["id"])
