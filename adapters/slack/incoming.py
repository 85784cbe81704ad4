"""Slack's payloads as the core's events. Pure: nothing is asked for, nothing is remembered, nothing fails."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any

from bot.events import ActionTaken, CommandInvoked, Event, FormSubmitted, ShortcutUsed
from bot.model import Community, Message


@dataclass(frozen=True, slots=True)
class Workspace:
    """What translation must know of one installation.

    `me` is the bot's user id and `bot` its bot id (B…), by which our own messages are recognised. Whoever is not of
    `team`, nor of the same organisation, is not at home there. `names` tells from memory what people see instead of
    the id of a user, a user group or a channel.
    """

    community: Community
    me: str
    bot: str
    team: str
    names: Callable[[str], str | None]


def community_of(body: Mapping[str, Any]) -> Community | None:
    raise NotImplementedError


def events_of(event: Mapping[str, Any], workspace: Workspace) -> list[Event]:
    raise NotImplementedError


def message_of(message: Mapping[str, Any], channel: str, workspace: Workspace) -> Message:
    raise NotImplementedError


def command_of(body: Mapping[str, Any], workspace: Workspace, names: Mapping[str, str]) -> CommandInvoked | None:
    raise NotImplementedError


def action_of(body: Mapping[str, Any], workspace: Workspace) -> ActionTaken | None:
    raise NotImplementedError


def form_of(body: Mapping[str, Any], workspace: Workspace) -> FormSubmitted:
    raise NotImplementedError


def shortcut_of(body: Mapping[str, Any], workspace: Workspace) -> ShortcutUsed | None:
    raise NotImplementedError


def channel_of(body: Mapping[str, Any]) -> str | None:
    raise NotImplementedError


def matters(body: Mapping[str, Any], watched: Container[str]) -> bool:
    raise NotImplementedError
