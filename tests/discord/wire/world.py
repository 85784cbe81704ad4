"""Everything that exists: users, guilds, channels, threads, messages, and the log of all that happened."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime

from tests.discord.wire import shapes
from tests.discord.wire.ids import Snowflakes, stamp
from tests.discord.wire.permissions import ALL, EVERYONE, Json, Permission, base, within
from tests.discord.wire.shapes import ChannelType

THREADS = (ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One event of the gateway, and what decides who is told of it. `guild` is None for private channels."""

    name: str
    data: Json
    guild: str | None
    channel: str | None
    at: datetime


@dataclass
class Guild:
    """`joined`: the bot is in it; `available`: Discord has no outage there."""

    raw: Json
    roles: dict[str, Json] = field(default_factory=dict)
    channels: dict[str, Json] = field(default_factory=dict)
    threads: dict[str, Json] = field(default_factory=dict)
    members: dict[str, Json] = field(default_factory=dict)
    joined: bool = True
    available: bool = True

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    def allows(self, user: str, channel: str | None = None) -> int:
        """The permissions of a member here or in a channel or thread; 0 for who is not a member."""
        member = self.members.get(user)
        if member is None:
            return 0
        allowed = base(self.id, self.raw["owner_id"], self.roles, member)
        if channel is None:
            return allowed
        room = self.channels[self.threads[channel]["parent_id"] if channel in self.threads else channel]
        return within(allowed, self.id, room["permission_overwrites"], member)

    def described(self) -> Json:
        """As REST tells it."""
        return {**self.raw, "roles": list(self.roles.values())}

    def created(self, me: str) -> Json:
        """As GUILD_CREATE tells it: with its channels and the active threads, and of its members only the bot."""
        seen = [thread for thread in self.active_threads() if self.allows(me, thread["id"]) & Permission.VIEW_CHANNEL]
        return {
            **self.described(),
            "joined_at": self.members[me]["joined_at"],
            "large": len(self.members) > 250,
            "unavailable": False,
            "member_count": len(self.members),
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "members": [self.members[me]],
            "channels": [self.without_guild(channel) for channel in self.channels.values()],
            "threads": seen,
        }

    def active_threads(self) -> list[Json]:
        return [thread for thread in self.threads.values() if not thread["thread_metadata"]["archived"]]

    @staticmethod
    def without_guild(channel: Json) -> Json:
        return {key: value for key, value in channel.items() if key != "guild_id"}


class World:
    """The bot is `me`. `tell` is called with each event as it happens; `now` is the server's clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.ids = Snowflakes(now)
        self.tell: Callable[[Dispatch], None] = lambda _dispatch: None
        self.users: dict[str, Json] = {}
        self.guilds: dict[str, Guild] = {}
        self.private: dict[str, Json] = {}
        self.messages: dict[str, dict[str, Json]] = {}
        self.reactors: dict[str, dict[str, list[str]]] = {}
        self.refuses_direct: set[str] = set()
        self.nonces: dict[tuple[str, str], tuple[datetime, str, str]] = {}
        self.woken: list[tuple[str, str]] = []
        """Archived threads that a message woke: the thread, and who wrote it."""
        self.accepted: list[Json] = []
        """Every message that the bot sent and Discord took, as it was then, in order."""
        self.events: list[Dispatch] = []
        """Every event, in order, whether or not anybody was connected."""
        self.me = self.add_user("Vigie", bot=True)
        self.application = shapes.application(self.me["id"], self.me, self.add_user("Owner"))

    def add_user(self, name: str, *, bot: bool = False) -> Json:
        user = shapes.user(self.ids.next(), name, bot=bot)
        self.users[user["id"]] = user
        return user

    def add_guild(self, name: str, *, permissions: int | None = None, id_: str | None = None) -> Guild:
        """A guild with the bot in it, whose own role gives it `permissions` (None: what everybody has)."""
        id_ = id_ or self.ids.next_guild()
        owner = self.add_user(f"{name} owner")
        guild = Guild(shapes.guild(id_, name, owner["id"]))
        guild.roles[id_] = shapes.role(id_, "@everyone", EVERYONE, 0)
        guild.members[owner["id"]] = shapes.member(owner, [], self.now())
        own = shapes.role(self.ids.next(), "Vigie", EVERYONE if permissions is None else permissions, 1)
        own |= {"managed": True, "tags": {"bot_id": self.me["id"]}}
        guild.roles[own["id"]] = own
        guild.members[self.me["id"]] = shapes.member(self.me, [own["id"]], self.now())
        self.guilds[id_] = guild
        return guild

    def channel(self, id_: str) -> Json | None:
        """A channel, thread or private channel, while it exists."""
        if id_ in self.private:
            return self.private[id_]
        guild = self.guild_of(id_)
        return None if guild is None else guild.channels.get(id_) or guild.threads[id_]

    def guild_of(self, channel: str) -> Guild | None:
        for guild in self.guilds.values():
            if channel in guild.channels or channel in guild.threads:
                return guild
        return None

    def allows(self, user: str, channel: str) -> int:
        """The permissions of a user in a channel of whatever kind."""
        guild = self.guild_of(channel)
        if guild is None:
            return ALL if channel in self.private else 0
        return guild.allows(user, channel)

    def message(self, channel: str, id_: str) -> Json | None:
        return self.messages.get(channel, {}).get(id_)

    def happen(self, name: str, data: Json, *, guild: str | None = None, channel: str | None = None) -> None:
        """Something is told to whoever may know."""
        dispatch = Dispatch(name, deepcopy(data), guild, channel, self.now())
        self.events.append(dispatch)
        self.tell(dispatch)

    def happen_in(self, name: str, channel: str, data: Json) -> None:
        """Something happens in a channel; `guild_id` is added when it belongs to a guild."""
        guild = self.guild_of(channel)
        known = {"guild_id": guild.id} if guild else {}
        self.happen(name, {**data, **known}, guild=guild.id if guild else None, channel=channel)

    def private_with(self, user: str) -> Json:
        """The private channel between the bot and a user."""
        for channel in self.private.values():
            if channel["recipients"][0]["id"] == user:
                return channel
        channel = shapes.private_channel(self.ids.next(), self.users[user])
        self.private[channel["id"]] = channel
        return channel

    def set_archived(self, thread: Json, *, archived: bool, locked: bool | None = None) -> None:
        details = thread["thread_metadata"]
        details["archived"] = archived
        details["archive_timestamp"] = stamp(self.now())
        if locked is not None:
            details["locked"] = locked
        self.happen_in("THREAD_UPDATE", thread["id"], thread)
