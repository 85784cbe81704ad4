"""What people do and see in Discord, by another's model of it (simcord): commands, completion, menus, forms, buttons
after a restart, permissions, threads, forum posts, and errors of Discord's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
import simcord

from adapters.discord.chat import DiscordApp, DiscordChat
from bot.app import Names
from bot.errors import Forbidden, Gone, Sent, Unavailable
from bot.events import (
    ActionTaken,
    Choices,
    CommandInvoked,
    Completing,
    Connected,
    FormSubmitted,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    NewLook,
    Private,
    ReactionAdded,
    ShortcutUsed,
    ShowForm,
)
from bot.markup import Markup, escape
from bot.model import Place
from bot.post import Button, Form, Input, Post
from bot.settings import Settings
from tests.discord.connecting import Core, FakeKeeper, PatientClock, community, watching

MODEL_TIME = datetime(2026, 1, 1, tzinfo=UTC)
NUDGE = Post("Ada is waiting", Markup("For an answer"), buttons=(Button("Claim", "claim", "m1"),))


@dataclass
class Hall:
    """A guild with a watched channel, a forum, a moderator and somebody from outside."""

    core: Core = field(default_factory=Core)
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        self.chat = self._chat()
        self.env = simcord.Env(self.chat.client)
        self.guild = self.env.create_guild()
        self.role = self.guild.create_role("Moderators", permissions=_permissions("manage_messages"))
        self.support = self.guild.create_text_channel("support")
        self.team = self.guild.create_text_channel("team")
        self.forum = self.guild.create_forum_channel("help")
        self.malo = self.guild.add_member(self.env.create_user("malo"), roles=[self.role])
        self.ada = self.guild.add_member(self.env.create_user("ada"))
        self.settings = watching(str(self.support.id), str(self.forum.id), roles=(str(self.role.id),))

    def _chat(self) -> DiscordChat:
        chat = DiscordChat(DiscordApp("a.fake.token"), lambda _: self.settings, Names(), FakeKeeper(), StandingClock())
        chat.attend(self.core.handle)
        return chat

    async def start(self) -> None:
        await self.env.start()
        await self.chat.sync()

    async def restart(self) -> None:
        self.chat = self._chat()
        await self.env.restart_bot(self.chat.client)

    @property
    def place(self) -> Place:
        return Place(community(str(self.guild.id)), str(self.team.id))

    async def nudge(self) -> Any:
        await self.chat.post(self.place, NUDGE, "nudge/1")
        return self.team.last_message


class StandingClock(PatientClock):
    """The model's own clock, which stands still."""

    def now(self) -> datetime:
        return MODEL_TIME


def _permissions(*names: str) -> Any:
    return discord.Permissions(**dict.fromkeys(names, True))


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    made = Hall()
    await made.start()
    yield made
    await made.env.shutdown()
    made.env.raise_errors()


async def test_messages_edits_deletions_and_reactions(hall: Hall) -> None:
    """All of them are told, of the watched channel."""
    said = await hall.ada.send(hall.support, "Does anybody know?")
    await hall.ada.edit(said, "Does anybody know why?")
    await hall.malo.react(said, "✅")
    await hall.ada.delete(said)
    assert hall.core.told(Connected)
    assert hall.core.told(MessagePosted)[0].message.author.name == "ada"
    assert hall.core.told(MessageEdited)[0].message.text == "Does anybody know why?"
    assert hall.core.told(ReactionAdded)[0].member.id == str(hall.malo.id)
    assert hall.core.told(MessageDeleted)[0].ref.id == str(said.id)


async def test_a_command_is_answered_in_private(hall: Hall) -> None:
    """With what was typed."""
    hall.core.answers[CommandInvoked] = lambda event: Private(Post("Advice", escape(event.text)))
    result = await hall.ada.slash(hall.support, "tip", topic="engagement")
    assert result.response is not None
    assert result.response.ephemeral
    assert hall.core.told(CommandInvoked)[0].text == "engagement"


async def test_a_subcommand_with_its_option(hall: Hall) -> None:
    """As it would be typed elsewhere."""
    hall.core.answers[CommandInvoked] = lambda event: Private(Post("Why"))
    await hall.malo.slash(hall.support, "mentions why", link="https://discord.com/channels/1/2/3")
    assert hall.core.told(CommandInvoked)[0].text == "why https://discord.com/channels/1/2/3"


async def test_a_team_command_is_not_offered_to_everybody(hall: Hall) -> None:
    """Discord hides it by default from those who may not delete others' messages."""
    assert "mentions list" in hall.malo.available_commands(hall.support)
    assert "mentions list" not in hall.ada.available_commands(hall.support)
    assert "tip" in hall.ada.available_commands(hall.support)


async def test_topics_are_completed(hall: Hall) -> None:
    """While they are typed."""
    hall.core.answers[Completing] = lambda event: Choices((("engagement", "Engagement"),))
    offered = await hall.ada.autocomplete(hall.support, "tip", "topic", "eng")
    assert [choice["value"] for choice in offered] == ["engagement"]


async def test_the_menus_of_a_message(hall: Hall) -> None:
    """Track and mark as answered, with the message."""
    hall.core.answers[ShortcutUsed] = lambda event: Private(Post("Noted"))
    said = await hall.ada.send(hall.support, "Does anybody know?")
    await hall.malo.context_menu(hall.support, "Track as mention", said)
    await hall.malo.context_menu(hall.support, "Mark as answered", said)
    assert [event.name for event in hall.core.told(ShortcutUsed)] == ["track", "answered"]


async def test_a_button_a_form_and_its_answer(hall: Hall) -> None:
    """Pressed, filled in, sent: each comes back with what it carries."""
    form = Form("not-a-mention", "Not a mention", "Send", (Input("why", "Why?"),), value="m1")
    hall.core.answers[ActionTaken] = lambda event: ShowForm(form)
    hall.core.answers[FormSubmitted] = lambda event: NewLook(Post("Dismissed"))
    message = await hall.nudge()
    shown = await hall.malo.click(message, label="Claim")
    assert shown.modal is not None
    await hall.malo.submit_modal(shown, {"why": "thanks only"})
    [event] = hall.core.told(FormSubmitted)
    assert (event.form, event.value, event.values["why"]) == ("not-a-mention", "m1", "thanks only")
    assert "Dismissed" in hall.team.last_message.content


async def test_buttons_work_after_a_restart(hall: Hall) -> None:
    """In a process that never made them."""
    message = await hall.nudge()
    await hall.restart()
    hall.core.answers[ActionTaken] = lambda event: NewLook(Post("Claimed"))
    await hall.malo.click(message, label="Claim")
    assert hall.core.told(ActionTaken)[0].value == "m1"
    assert "Claimed" in hall.team.last_message.content


async def test_threads_and_forum_posts(hall: Hall) -> None:
    """A new post in a watched forum is told with its first message."""
    said = await _open_post(hall, hall.forum, "It breaks", "When I start it")
    places = [event.message.ref.place for event in hall.core.told(MessagePosted)]
    assert Place(community(str(hall.guild.id)), str(hall.forum.id), str(said)) in places


async def _open_post(hall: Hall, forum: Any, title: str, text: str) -> int:
    """simcord lets only the bot begin posts: told through its backend, as if somebody had."""
    backend = hall.env.backend
    thread = backend.create_thread(forum.id, title, owner_id=hall.ada.id)
    backend.create_message(thread.id, hall.ada.id, text)
    await hall.env.settle()
    return int(thread.id)


async def test_errors_of_discord_are_the_cores(hall: Hall) -> None:
    """Injected: no permission, no channel any more, trouble, a member who takes no private messages."""
    path = f"/channels/{hall.team.id}/messages"
    for status, code, kind in ((403, 50013, Forbidden), (404, 10003, Gone), (403, 50007, Forbidden)):
        hall.env.inject_error("POST", path, status=status, code=code)
        with pytest.raises(kind) as raised:
            await hall.chat.post(hall.place, NUDGE, "nudge/1")
        assert raised.value.reason == str(code)
    hall.env.inject_error("POST", path, status=503, code=0)
    with pytest.raises(Unavailable) as uncertain:
        await hall.chat.post(hall.place, NUDGE, "nudge/1")
    assert uncertain.value.sent is Sent.MAYBE


async def test_a_channel_that_is_closed_to_the_bot(hall: Hall) -> None:
    """By its permissions."""
    hall.team = hall.guild.create_text_channel(
        "closed", overwrites={hall.guild.default_role: _overwrite(send_messages=False)}
    )
    with pytest.raises(Forbidden):
        await hall.chat.post(hall.place, NUDGE, "nudge/1")


def _overwrite(**what: bool) -> Any:
    return discord.PermissionOverwrite(**what)


async def test_what_was_said_is_found_and_read(hall: Hall) -> None:
    """By its key after a restart; the history of the channel has what others said."""
    since = MODEL_TIME - timedelta(minutes=1)
    ref = await hall.chat.post(hall.place, NUDGE, "nudge/1")
    await hall.ada.send(hall.team, "Hello")
    await hall.restart()
    assert await hall.chat.find(hall.place, "nudge/1", since) == ref
    texts = [message.text async for message in hall.chat.history(hall.place, ref.id)]
    assert texts == ["Hello"]
