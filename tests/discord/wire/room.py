"""A guild as its people use it: channels, roles, members, and what befalls the guild as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.discord.wire import posting, shapes
from tests.discord.wire.people import Person
from tests.discord.wire.permissions import Json, Permission
from tests.discord.wire.shapes import ChannelType
from tests.discord.wire.world import Guild

if TYPE_CHECKING:
    from tests.discord.wire.server import WireDiscord


class Town:
    """Channels, threads, roles and messages are named by their ids."""

    def __init__(self, wire: WireDiscord, guild: Guild) -> None:
        self.wire = wire
        self.world = wire.world
        self.guild = guild

    @property
    def id(self) -> str:
        return self.guild.id

    # who and what there is

    def channel(self, name: str, type_: ChannelType = ChannelType.TEXT) -> str:
        made = shapes.channel(self.world.ids.next(), self.id, name, type_, len(self.guild.channels))
        self.guild.channels[made["id"]] = made
        self.world.happen_in("CHANNEL_CREATE", made["id"], made)
        return str(made["id"])

    def forum(self, name: str) -> str:
        return self.channel(name, ChannelType.FORUM)

    def role(self, name: str, permissions: int = 0, *, mentionable: bool = False) -> str:
        id_, place = self.world.ids.next(), len(self.guild.roles)
        made = shapes.role(id_, name, permissions, place, mentionable=mentionable)
        self.guild.roles[id_] = made
        self._tell("GUILD_ROLE_CREATE", {"role": made})
        return id_

    def person(self, name: str, *roles: str, bot: bool = False, locale: str = "en-US") -> Person:
        """A new member."""
        user = self.world.add_user(name, bot=bot)
        return self.admit(Person(self, user, locale), *roles)

    def admit(self, person: Person, *roles: str) -> Person:
        """Somebody who exists already becomes a member here; acts here from now on."""
        member = shapes.member(person.user, list(roles), self.world.now())
        self.guild.members[person.id] = member
        self._tell("GUILD_MEMBER_ADD", member)
        return Person(self, person.user, person.locale)

    # roles and members change

    def give(self, person: str, *roles: str) -> None:
        """These roles and no others."""
        self.guild.members[person]["roles"] = list(roles)
        self._tell("GUILD_MEMBER_UPDATE", self.guild.members[person])

    def give_bot(self, permissions: int) -> None:
        """The bot's own role allows this from now on."""
        own = self.guild.roles[self.guild.members[self.world.me["id"]]["roles"][0]]
        own["permissions"] = str(int(permissions))
        self._tell("GUILD_ROLE_UPDATE", {"role": own})

    def change_role(self, role: str, **changes: object) -> None:
        self.guild.roles[role] |= changes
        self._tell("GUILD_ROLE_UPDATE", {"role": self.guild.roles[role]})

    def delete_role(self, role: str) -> None:
        self.guild.roles.pop(role)
        for member in self.guild.members.values():
            if role in member["roles"]:
                member["roles"] = [each for each in member["roles"] if each != role]
                self._tell("GUILD_MEMBER_UPDATE", member)
        self._tell("GUILD_ROLE_DELETE", {"role_id": role})

    def remove(self, person: str) -> None:
        """They leave, or are made to."""
        member = self.guild.members.pop(person)
        self._tell("GUILD_MEMBER_REMOVE", {"user": member["user"]})

    # channels change

    def overwrite(self, channel: str, who: str, *, allow: int = 0, deny: int = 0) -> None:
        """What a role or member may do in this channel beyond or beside what it may anywhere."""
        room = self.guild.channels[channel]
        kept = [each for each in room["permission_overwrites"] if each["id"] != who]
        kind = 0 if who in self.guild.roles else 1
        made = {"id": who, "type": kind, "allow": str(int(allow)), "deny": str(int(deny))}
        room["permission_overwrites"] = [*kept, made]
        self._tell("CHANNEL_UPDATE", room)

    def hide(self, channel: str) -> None:
        """From the bot."""
        self.overwrite(channel, self.world.me["id"], deny=Permission.VIEW_CHANNEL)

    def show(self, channel: str) -> None:
        """To the bot again: it is told which threads there are."""
        self.overwrite(channel, self.world.me["id"], allow=Permission.VIEW_CHANNEL)
        threads = [each for each in self.guild.active_threads() if each["parent_id"] == channel]
        self._tell("THREAD_LIST_SYNC", {"channel_ids": [channel], "threads": threads, "members": []})

    def rename(self, channel: str, name: str) -> None:
        self.guild.channels[channel]["name"] = name
        self._tell("CHANNEL_UPDATE", self.guild.channels[channel])

    def delete_channel(self, channel: str) -> None:
        """With its threads, of which Discord tells nothing."""
        room = self.guild.channels.pop(channel)
        for thread in [each for each in self.guild.threads.values() if each["parent_id"] == channel]:
            del self.guild.threads[thread["id"]]
            self.world.messages.pop(thread["id"], None)
        self.world.messages.pop(channel, None)
        self._tell("CHANNEL_DELETE", room)

    # threads change

    def archive(self, thread: str, *, archived: bool = True) -> None:
        self.world.set_archived(self.guild.threads[thread], archived=archived)

    def lock(self, thread: str, *, locked: bool = True) -> None:
        """Only moderators may write there; it stays as archived as it was."""
        details = self.guild.threads[thread]
        self.world.set_archived(details, archived=details["thread_metadata"]["archived"], locked=locked)

    def delete_thread(self, thread: str) -> None:
        gone = self.guild.threads.pop(thread)
        self.world.messages.pop(thread, None)
        told = {key: gone[key] for key in ("id", "guild_id", "parent_id", "type")}
        self._tell("THREAD_DELETE", told)

    # messages

    def message(self, channel: str, id_: str) -> Json:
        """As it is now."""
        found = self.world.message(channel, id_)
        assert found is not None, f"no message {id_}"
        return found

    def bulk_delete(self, channel: str, *messages: str) -> None:
        posting.remove(self.world, channel, list(messages))

    def webhook(self, channel: str, name: str, text: str) -> str:
        """Something said by another integration."""
        author = shapes.user(self.world.ids.next(), name, bot=True) | {"global_name": None}
        self.world.users[author["id"]] = author
        return str(posting.write(self.world, channel, author, {"content": text}, webhook_id=author["id"])["id"])

    def unfurl(self, channel: str, message: str) -> None:
        """Discord adds the preview of a link: an update, and no edit."""
        found = self.message(channel, message)
        found["embeds"] = [{"type": "link", "url": "https://example.org/", "title": "A page"}]
        posting.tell(self.world, "MESSAGE_UPDATE", found)

    # the guild as a whole

    def remove_bot(self) -> None:
        """Kicked, or the guild was deleted."""
        self.guild.joined = False
        self._tell("GUILD_DELETE", {"id": self.id})

    def add_bot(self) -> None:
        self.guild.joined = True
        self._tell("GUILD_CREATE", self.guild.created(self.world.me["id"]))

    def outage(self) -> None:
        """Discord has trouble: nothing is lost."""
        self.guild.available = False
        self._tell("GUILD_DELETE", {"id": self.id, "unavailable": True})

    def recover(self) -> None:
        self.guild.available = True
        self._tell("GUILD_CREATE", self.guild.created(self.world.me["id"]))

    def _tell(self, name: str, data: Json) -> None:
        about = {} if name in ("GUILD_CREATE", "GUILD_DELETE") else {"guild_id": self.id}
        channel = data["id"] if name.startswith(("CHANNEL_", "THREAD_")) and "id" in data else None
        self.world.happen(name, {**data, **about}, guild=self.id, channel=channel)
