"""What we remember of each guild, so that a payload can be translated and one that matters to nobody dropped.

Only names, kinds and who is whose parent, as plain strings; nothing at all of a guild in which nothing is watched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from adapters.discord.people import People
from bot.model import Community, Platform, Team
from bot.settings import Settings

DISCORD = Platform("discord")

FORUMS = frozenset({15, 16})
"""GUILD_FORUM and GUILD_MEDIA: channels that hold nothing but threads.
https://docs.discord.com/developers/resources/channel#channel-object-channel-types"""

MANY_THREADS = 1500
"""Threads of a guild that are known; Discord allows 1000 active ones."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread that is known, of the channel or forum `parent`."""

    parent: str
    name: str
    archived: bool = False
    locked: bool = False


class Guild:
    """Implements `incoming.Guild`.

    `used` are the channels that are `watched` or `spoken_in`, `closed` those of them that were closed to us when we
    last tried.
    """

    __slots__ = (
        *("_people", "available", "channels", "closed", "community", "me", "my_role", "my_roles"),
        *("roles", "settings", "spoken_in", "threads", "used", "watched"),
    )

    def __init__(self, id_: str, me: str, settings: Settings, people: People) -> None:
        self.community = Community(DISCORD, id_)
        self.me = me
        self.my_role: str | None = None
        self.settings = settings
        self.my_roles = frozenset({id_})
        self.watched = frozenset(settings.mentions.watch)
        targets = (settings.tips.channel, settings.mentions.channel)
        self.spoken_in = frozenset(channel for channel in targets if channel is not None)
        self.used = self.watched | self.spoken_in
        self.closed: set[str] = set()
        self.channels: dict[str, str] = {}
        self.threads: dict[str, Thread] = {}
        self.roles: dict[str, str] = {}
        self.available = True
        self._people = people

    @property
    def team(self) -> Team:
        return self._people.team(self.community.id, self.me, self.settings.team)

    def channel_name(self, id: str) -> str | None:  # noqa: A002
        thread = self.threads.get(id)
        return thread.name if thread else self.channels.get(id)

    def parent_of(self, channel: str) -> str | None:
        thread = self.threads.get(channel)
        return thread.parent if thread else None

    def member_name(self, id: str) -> str | None:  # noqa: A002
        return self._people.name(self.community.id, id)

    def role_name(self, id: str) -> str | None:  # noqa: A002
        return self.roles.get(id)

    def watches(self, channel: object) -> bool:
        """Whether a channel, or the one that a thread belongs to, is watched."""
        if channel in self.watched:
            return True
        thread = self.threads.get(channel) if isinstance(channel, str) else None
        return thread is not None and thread.parent in self.watched

    def take(self, payload: Any) -> None:
        """GUILD_CREATE: everything anew."""
        self.available = True
        self.my_role = next((str(role["id"]) for role in _dicts(payload, "roles") if _is_mine(role, self.me)), None)
        for member in payload.get("members") or ():
            self.take_member(member)
        self.channels.clear()
        self.threads.clear()
        self.roles.clear()
        if not self.watched:
            return
        for role in _dicts(payload, "roles"):
            self.roles[str(role["id"])] = str(role.get("name", ""))
        for channel in _dicts(payload, "channels"):
            self.add_channel(channel)
        for thread in _dicts(payload, "threads"):
            self.add_thread(thread)

    def take_member(self, payload: Any) -> None:
        """Ourselves with other roles; everybody has the one with the guild's id."""
        if str((payload.get("user") or {}).get("id")) == self.me:
            self.my_roles = frozenset({self.community.id, *map(str, payload.get("roles") or ())})

    def add_channel(self, payload: Any) -> None:
        self.channels[str(payload["id"])] = str(payload.get("name") or "")

    def add_thread(self, payload: Any) -> None:
        """An archived one stays known too, for what is deleted or read there; the oldest are forgotten."""
        parent = payload.get("parent_id")
        if parent is None:
            return
        meta = payload.get("thread_metadata") or {}
        thread = Thread(
            str(parent), str(payload.get("name") or ""), bool(meta.get("archived")), bool(meta.get("locked"))
        )
        self.threads.pop(str(payload["id"]), None)
        self.threads[str(payload["id"])] = thread
        if thread.archived and len(self.threads) > MANY_THREADS:
            del self.threads[next(id_ for id_, known in self.threads.items() if known.archived)]

    def before(self, name: str, payload: Any) -> None:
        """Learn from a dispatch what its translation needs to know."""
        if name == "GUILD_MEMBER_UPDATE":
            self.take_member(payload)
        if not self.watched:
            return
        match name:
            case "CHANNEL_CREATE" | "CHANNEL_UPDATE":
                self.add_channel(payload)
            case "THREAD_CREATE" | "THREAD_UPDATE":
                self.add_thread(payload)
            case "THREAD_LIST_SYNC":
                for thread in _dicts(payload, "threads"):
                    self.add_thread(thread)
            case "GUILD_ROLE_CREATE" | "GUILD_ROLE_UPDATE":
                role = payload["role"]
                self.roles[str(role["id"])] = str(role.get("name", ""))

    def after(self, name: str, payload: Any) -> None:
        """Forget what is over, once the dispatch that told so was translated."""
        match name:
            case "CHANNEL_DELETE":
                id_ = str(payload["id"])
                self.channels.pop(id_, None)
                for thread in [key for key, thread in self.threads.items() if thread.parent == id_]:
                    del self.threads[thread]
            case "THREAD_DELETE":
                self.threads.pop(str(payload["id"]), None)
            case "GUILD_ROLE_DELETE":
                self.roles.pop(str(payload["role_id"]), None)


class Guilds:
    """All guilds that this process looks after."""

    def __init__(self, settings: Callable[[Community], Settings], people: People) -> None:
        self.me = ""
        self.application = ""
        self.shards = 1
        self._settings = settings
        self._people = people
        self._known: dict[str, Guild] = {}

    def __iter__(self) -> Iterator[Guild]:
        return iter(self._known.values())

    def get(self, id_: str) -> Guild | None:
        return self._known.get(id_)

    def hears(self, community: Community) -> bool:
        """Whether the gateway tells us of the threads that are begun there."""
        guild = self._known.get(community.id)
        return guild is not None and guild.available and bool(guild.watched)

    def of(self, community: Community) -> Guild:
        """The guild, or what can be said of one that is not connected: its settings."""
        return self._known.get(community.id) or Guild(community.id, self.me, self._settings(community), self._people)

    def created(self, payload: Any) -> Guild:
        id_ = str(payload["id"])
        guild = self._known.get(id_)
        if guild is None:
            guild = self._known[id_] = self.of(Community(DISCORD, id_))
        guild.take(payload)
        return guild

    def with_channel(self, channel: object) -> str | None:
        """The guild of a channel in use, for what does not name it."""
        return next((guild.community.id for guild in self if guild.watches(channel) or channel in guild.used), None)

    def forget(self, id_: str) -> Guild | None:
        return self._known.pop(id_, None)

    def of_shard(self, shard: int) -> list[Guild]:
        """https://docs.discord.com/developers/events/gateway#sharding-sharding-formula"""
        return [guild for guild in self if shard_of(guild.community.id, self.shards) == shard]


def shard_of(guild: str, shards: int) -> int:
    return (int(guild) >> 22) % shards


def _dicts(payload: Any, key: str) -> list[dict[str, Any]]:
    return [item for item in payload.get(key) or () if isinstance(item, dict) and "id" in item]


def _is_mine(role: dict[str, Any], me: str) -> bool:
    return str((role.get("tags") or {}).get("bot_id")) == me
