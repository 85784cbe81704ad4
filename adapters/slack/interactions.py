"""What people do on purpose: commands, buttons, forms, menu entries. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.slack import grammar
from adapters.slack.payloads import (
    Malformed,
    Workspace,
    as_dict,
    as_list,
    at_home,
    id_of,
    instant,
    message_of,
    text_of,
    thread_of,
    ts_of,
)
from bot.commands import SHORTCUTS
from bot.events import ActionTaken, CommandInvoked, FormSubmitted, ShortcutUsed
from bot.model import Member, MessageRef, Place

Body = Mapping[str, Any]

OURS = "vigie:"
"""Begins the `action_id` of buttons that do something; one that only opens an address has another."""


def action_id(action: str, number: int) -> str:
    """Unique among the buttons of a message, as Slack wants it: `number` tells those apart that do the same."""
    return f"{OURS}{action}" if number == 1 else f"{OURS}{action}#{number}"


def private_metadata(form: str, value: str, place: Place) -> str:
    """What a form carries along until it is sent off."""
    carried = {"form": form, "value": value, "channel": place.channel, "thread": place.thread}
    return json.dumps(carried, ensure_ascii=False, separators=(",", ":"))


def command_of(
    body: Body, workspace: Workspace, names: Mapping[str, str], *, now: datetime | None = None
) -> CommandInvoked | None:
    """A slash command. `names`: what is typed (`/tip`) → its key. Slack does not date it: `now` does."""
    name = names.get(text_of(body.get("command")))
    user, channel = id_of(body.get("user_id")), id_of(body.get("channel_id"))
    if name is None or not user or not channel:
        return None
    who = _member(user, body.get("user_name"), body.get("team_id"), body.get("enterprise_id"), workspace)
    text = grammar.seen(text_of(body.get("text")), workspace.names, addresses=True).text.strip()
    private = _is_private(channel, body.get("channel_name"))
    return CommandInvoked(Place(workspace.community, channel), who, name, text, now or datetime.now(UTC), private)


def action_of(body: Body, workspace: Workspace, *, now: datetime | None = None) -> ActionTaken | None:
    """A button; None for one that only opens an address, and for what is not ours."""
    pressed = as_dict((as_list(body.get("actions")) or [None])[0])
    id_, who = text_of(pressed.get("action_id")), _actor(body, workspace)
    if who is None or not id_.startswith(OURS):
        return None
    action, value = id_.removeprefix(OURS).partition("#")[0], text_of(pressed.get("value"))
    place, ref = _where(body, who, workspace)
    private = _is_private(place.channel, as_dict(body.get("channel")).get("name"))
    return ActionTaken(place, who, action, value, _dated(pressed, now), ref, private)


def form_of(body: Body, workspace: Workspace, *, now: datetime | None = None) -> FormSubmitted | None:
    """A form that was sent off; None for one that is not ours. Slack does not date it: `now` does."""
    view, who = as_dict(body.get("view")), _actor(body, workspace)
    carried = _carried(view)
    form = text_of(carried.get("form"))
    if who is None or not form:
        return None
    values = {
        text_of(name): _entered(as_dict(entered))
        for name, entered in as_dict(as_dict(view.get("state")).get("values")).items()
    }
    place = _carried_place(carried, who)
    return FormSubmitted(place, who, form, text_of(carried.get("value")), now or datetime.now(UTC), values)


def shortcut_of(body: Body, workspace: Workspace, *, now: datetime | None = None) -> ShortcutUsed | None:
    """An entry of a message's menu, or of the app's own; None for what is not ours."""
    name, who = text_of(body.get("callback_id")), _actor(body, workspace)
    known = SHORTCUTS.get(name)
    if who is None or known is None or known.on_message != (body.get("type") == "message_action"):
        return None
    at = _dated(body, now)
    if not known.on_message:
        return ShortcutUsed(Place(workspace.community, ""), who, name, at)
    channel = id_of(as_dict(body.get("channel")).get("id"))
    if not channel:
        return None
    try:
        message = message_of(as_dict(body.get("message")), channel, workspace)
    except Malformed:
        return None
    return ShortcutUsed(message.ref.place, who, name, at, message)


def _actor(body: Body, workspace: Workspace) -> Member | None:
    user, team, enterprise = as_dict(body.get("user")), as_dict(body.get("team")), as_dict(body.get("enterprise"))
    id_ = id_of(user.get("id"))
    if not id_:
        return None
    # Somebody's own workspace is of our organisation where theirs is the one in which this happened.
    same = user.get("team_id") == team.get("id")
    name = user.get("name") or user.get("username")
    return _member(id_, name, user.get("team_id"), enterprise.get("id") if same else None, workspace)


def _member(id_: str, name: object, team: object, enterprise: object, workspace: Workspace) -> Member:
    shown = workspace.names(id_) or text_of(name)
    return Member(workspace.community, id_, shown, home=at_home(team, enterprise, workspace))


def _where(body: Body, who: Member, workspace: Workspace) -> tuple[Place, MessageRef | None]:
    """Where a button stands: on the home tab, in no channel at all. A private reply cannot be referred to later."""
    container, view = as_dict(body.get("container")), as_dict(body.get("view"))
    channel = id_of(as_dict(body.get("channel")).get("id")) or id_of(container.get("channel_id"))
    if container.get("type") == "view" or not channel:
        return Place(workspace.community, "") if view.get("type") == "home" else _carried_place(
            _carried(view), who
        ), None
    try:
        id_ = ts_of(container.get("message_ts") or as_dict(body.get("message")).get("ts"))
        thread = thread_of(container, id_) or thread_of(as_dict(body.get("message")), id_)
    except Malformed:
        return Place(workspace.community, channel), None
    place = Place(workspace.community, channel, thread)
    return place, None if container.get("is_ephemeral") else MessageRef(place, id_)


def _is_private(channel: str, name: object) -> bool:
    """Whether it is a conversation between one and another, or a few: their names begin so."""
    return channel.startswith(("D", "@")) or text_of(name).startswith("mpdm-")


def _carried(view: Body) -> Body:
    try:
        return as_dict(json.loads(text_of(view.get("private_metadata")) or "{}"))
    except (ValueError, RecursionError):
        return {}


def _carried_place(carried: Body, who: Member) -> Place:
    """Where a form was asked for. A private reply in a window carries nothing: its place is the member's own channel,
    by the name under which the core knows it before it is opened.
    """
    channel = text_of(carried.get("channel")) if "channel" in carried else f"@{who.id}"
    try:
        return Place(who.community, channel, thread_of({"thread_ts": carried.get("thread")}, ""))
    except Malformed:
        return Place(who.community, channel)


def _entered(inputs: Body) -> str:
    """What was typed into an input, or which option was chosen; an empty text for nothing."""
    for told in map(as_dict, inputs.values()):
        chosen = as_dict(told.get("selected_option")).get("value")
        return text_of(chosen) or text_of(told.get("value"))
    return ""


def _dated(told: Body, now: datetime | None) -> datetime:
    try:
        return instant(told.get("action_ts"))
    except Malformed:
        return now or datetime.now(UTC)
