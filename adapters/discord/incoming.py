"""What the gateway and the REST API tell, to the core's events. Pure: nothing is asked, nothing is raised.

Payloads are the raw ones, whatever their shape: what cannot be read is no event.
https://discord.com/developers/docs/events/gateway-events
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from bot.app import Names
from bot.events import ActionTaken, CommandInvoked, Completing, Event, FormSubmitted, ShortcutUsed
from bot.model import Community, Message, Place, Team


class Guild(Protocol):
    """What translation must know of one guild.

    `me` is our user id, `my_role` the role that Discord made for us (people ping it instead of us), `team` who looks
    after the guild as far as known: it decides whose change of roles matters.
    """

    @property
    def community(self) -> Community: ...
    @property
    def me(self) -> str: ...
    @property
    def my_role(self) -> str | None: ...
    @property
    def team(self) -> Team | None: ...

    def channel_name(self, id: str) -> str | None: ...  # noqa: A002
    def parent_of(self, channel: str) -> str | None:
        """The channel or forum that a thread belongs to; None for what is no thread."""

    def member_name(self, id: str) -> str | None: ...  # noqa: A002
    def role_name(self, id: str) -> str | None: ...  # noqa: A002


def place_of(channel_id: str, guild: Guild) -> Place:
    """A thread is `Place(channel=its parent, thread=its id)`."""
    raise NotImplementedError


def message_of(payload: Any, guild: Guild) -> Message:
    """MESSAGE_CREATE, MESSAGE_UPDATE and the messages of REST."""
    raise NotImplementedError


def events_of(name: str, payload: Any, guild: Guild, now: datetime) -> list[Event]:
    """What a dispatch of the gateway means; `[]` for what matters not."""
    raise NotImplementedError


def guild_of(interaction: Any) -> str | None:
    """The guild on whose behalf an interaction happens: where it happened or, in a private channel, that of its button."""
    raise NotImplementedError


def command_of(interaction: Any, guild: Guild, names: Names, now: datetime) -> CommandInvoked | ShortcutUsed | None:
    """APPLICATION_COMMAND: a command or a message's menu entry."""
    raise NotImplementedError


def completing_of(interaction: Any, guild: Guild, names: Names) -> Completing | None:
    """APPLICATION_COMMAND_AUTOCOMPLETE."""
    raise NotImplementedError


def action_of(interaction: Any, guild: Guild, now: datetime) -> ActionTaken | None:
    """MESSAGE_COMPONENT: a button or a select; None for components that are not ours."""
    raise NotImplementedError


def form_of(interaction: Any, guild: Guild, now: datetime) -> FormSubmitted | None:
    """MODAL_SUBMIT; None for modals that are not ours."""
    raise NotImplementedError
