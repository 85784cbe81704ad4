"""One workspace from the outside: its people and channels by name, and what its owners do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slack.server import payloads
from tests.slack.server.journal import Told
from tests.slack.server.model import Channel, Group, Json, Said, Token, User, Workspace, named
from tests.slack.server.person import Person

if TYPE_CHECKING:
    from tests.slack.server.slack import Slack

OWNER = "U0OWNER"


class Town:
    """`token` is the bot's as a string, `scopes` can be taken from `granted`."""

    def __init__(self, slack: Slack, workspace: Workspace, token: Token) -> None:
        self.slack = slack
        self.workspace = workspace
        self.granted = token

    @property
    def id(self) -> str:
        return self.workspace.id

    @property
    def token(self) -> str:
        return self.granted.value

    @property
    def me(self) -> str:
        """The bot's user id."""
        return self.workspace.bot.id

    # who and what there is

    def person(self, name: str, **about: Any) -> Person:
        """Somebody of the workspace, made when first asked for."""
        id_ = named("U", name)
        if id_ not in self.workspace.users:
            self.workspace.users[id_] = User(id_, name, self.workspace.id, **about)
        return Person(self.slack, self, self.workspace.users[id_])

    def stranger(self, name: str, organisation: str = "T0OTHER") -> Person:
        """Somebody of another organisation, met in a Slack Connect channel."""
        id_ = named("U", name)
        self.workspace.users.setdefault(id_, User(id_, name, organisation, stranger=True))
        return Person(self.slack, self, self.workspace.users[id_])

    def channel(
        self, name: str, *members: str, kind: str = "channel", bot: bool = True, others: tuple[str, ...] = ()
    ) -> Channel:
        """A channel as if it had always been there. `others`: organisations that share it."""
        id_ = named("C" if kind == "channel" else "G", name)
        people = {self.person(member).user.id for member in members} | ({self.me} if bot else set())
        return self.workspace.channels.setdefault(id_, Channel(id_, name, kind, people, others=set(others)))

    def group(self, handle: str, *members: str) -> Group:
        """A user group as if it had always been there."""
        id_ = named("S", handle)
        return self.workspace.groups.setdefault(
            id_, Group(id_, handle, [self.person(name).user.id for name in members])
        )

    # what the app said

    def shown(self, channel: Channel, ts: str) -> Said:
        """A message as it looks now."""
        return channel.messages.get(ts) or channel.ephemeral[ts]

    def home(self, person: Person) -> Json | None:
        return self.workspace.homes.get(person.id)

    # what owners and others do to channels

    async def admit(self, channel: Channel, by: str = OWNER) -> None:
        """The bot is invited."""
        await self.slack.presence.enter(self.workspace, channel, self.workspace.bot, inviter=by)

    async def expel(self, channel: Channel, by: str = OWNER, *, told: bool = True) -> None:
        """The bot is removed. Slack does not always tell."""
        if told:
            await self.slack.presence.part(self.workspace, channel, self.workspace.bot, actor=by)
        else:
            channel.members.discard(self.me)

    async def archive(self, channel: Channel, by: str = OWNER) -> None:
        channel.archived = True
        kind = "channel_archive" if channel.kind == "channel" else "group_archive"
        await self._about(channel, {"type": kind, "channel": channel.id, "user": by})

    async def unarchive(self, channel: Channel, by: str = OWNER) -> None:
        channel.archived = False
        if channel.kind == "channel":
            await self._about(channel, {"type": "channel_unarchive", "channel": channel.id, "user": by})
        else:
            await self._about(channel, {"type": "group_unarchive", "channel": channel.id, "actor_id": by})

    async def delete(self, channel: Channel, by: str = OWNER) -> None:
        channel.deleted = True
        kind = "channel_deleted" if channel.kind == "channel" else "group_deleted"
        await self._about(channel, {"type": kind, "channel": channel.id, "actor_id": by})

    async def rename(self, channel: Channel, name: str) -> None:
        channel.name = name
        kind = "channel_rename" if channel.kind == "channel" else "group_rename"
        about = {
            "id": channel.id,
            "is_channel": channel.kind == "channel",
            "is_mpim": False,
            "name": name,
            "name_normalized": name,
            "created": 1,
        }
        await self._about(channel, {"type": kind, "channel": about})

    async def _about(self, channel: Channel, event: Json) -> None:
        """Of a public channel every app is told, of a private one those that are in it."""
        private = channel if channel.private else None
        await self.slack.tell(self.workspace, private, event | {"event_ts": self.slack.stamps.next()})

    # user groups

    async def joins_group(self, group: Group, person: Person) -> None:
        group.users.append(person.id)
        await self._group_changed(group, added=[person.id])

    async def leaves_group(self, group: Group, person: Person) -> None:
        group.users.remove(person.id)
        await self._group_changed(group, removed=[person.id])

    async def disables_group(self, group: Group) -> None:
        group.disabled = True
        at = int(self.slack.now().timestamp())
        event = {"type": "subteam_updated", "subteam": payloads.group(self.workspace, group, at)}
        await self.slack.tell(self.workspace, None, event | {"event_ts": self.slack.stamps.next()})

    async def _group_changed(
        self, group: Group, added: list[str] | None = None, removed: list[str] | None = None
    ) -> None:
        at = int(self.slack.now().timestamp())
        event = {
            "type": "subteam_members_changed",
            "subteam_id": group.id,
            "team_id": self.workspace.id,
            "date_previous_update": at,
            "date_update": at,
            "added_users": added or [],
            "added_users_count": len(added or []),
            "removed_users": removed or [],
            "removed_users_count": len(removed or []),
        }
        await self.slack.tell(self.workspace, None, event | {"event_ts": self.slack.stamps.next()})

    # the end

    async def uninstalls(self) -> Told | None:
        """The app is removed: its token dies, and one event says so."""
        self.granted.state = "account_inactive"
        told = await self.slack.tell(self.workspace, None, {"type": "app_uninstalled"})
        self.workspace.installed = False
        return told

    async def revokes(self, *, bot: bool = True) -> Told | None:
        """The bot's token is revoked, or only that of a person who had given one."""
        if bot:
            self.granted.state = "token_revoked"
        tokens = {"oauth": [] if bot else [OWNER], "bot": [self.me] if bot else []}
        return await self.slack.tell(self.workspace, None, {"type": "tokens_revoked", "tokens": tokens})
