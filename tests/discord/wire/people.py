"""What one person does in a guild, or in private with the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.discord.wire import posting
from tests.discord.wire.interacting import Interacting
from tests.discord.wire.permissions import Json
from tests.discord.wire.reacting import react, unreact

if TYPE_CHECKING:
    from tests.discord.wire.room import Town


class Person(Interacting):
    """Says, replies, reacts, and uses commands, buttons and forms. Answers with the ids of what came to be."""

    def __init__(self, town: Town, user: Json, locale: str = "en-US") -> None:
        super().__init__(town, user, locale)
        self.user = user

    @property
    def id(self) -> str:
        return str(self.user["id"])

    @property
    def ping(self) -> str:
        """What others write to ping them."""
        return f"<@{self.id}>"

    def say(self, channel: str, text: str, *, attachments: int = 0) -> str:
        files = [{"filename": f"picture-{number}.png", "size": 1000} for number in range(attachments)]
        return self._write(channel, {"content": text, "attachments": files})

    def reply(self, channel: str, to: str, text: str, *, ping: bool = True) -> str:
        body: Json = {"content": text, "message_reference": {"message_id": to}}
        if not ping:
            body["allowed_mentions"] = {"parse": ["users", "roles", "everyone"], "replied_user": False}
        return self._write(channel, body)

    def edit(self, channel: str, message: str, text: str) -> None:
        posting.change(self.town.world, self.town.message(channel, message), {"content": text})

    def delete(self, channel: str, message: str) -> None:
        posting.remove(self.town.world, channel, [message])

    def react(self, channel: str, message: str, emoji: str) -> None:
        react(self.town.world, self.town.message(channel, message), self.id, emoji)

    def unreact(self, channel: str, message: str, emoji: str) -> None:
        unreact(self.town.world, self.town.message(channel, message), self.id, emoji)

    def start_thread(self, channel: str, name: str, *, on: str | None = None) -> str:
        """Under a message, or on its own."""
        parent = self.town.guild.channels[channel]
        under = None if on is None else self.town.message(channel, on)
        return str(posting.start_thread(self.town.world, parent, name, self.user, on=under)["id"])

    def open_post(self, forum: str, title: str, text: str) -> str:
        """A post of a forum: its thread, and the first message of the same id."""
        thread = self.start_thread(forum, title)
        posting.write(self.town.world, thread, self.user, {"content": text}, id_=thread)
        return thread

    def direct(self, text: str) -> str:
        """Said to the bot in private."""
        return self._write(self.private, {"content": text})

    @property
    def private(self) -> str:
        """The private channel with the bot."""
        return str(self.town.world.private_with(self.id)["id"])

    def refuse_direct(self, *, refuses: bool = True) -> None:
        """The bot may write to them no longer (50007)."""
        (self.town.world.refuses_direct.add if refuses else self.town.world.refuses_direct.discard)(self.id)

    def _write(self, channel: str, body: Json) -> str:
        return str(posting.write(self.town.world, channel, self.user, body)["id"])
