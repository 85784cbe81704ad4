"""views.*: modals on one person's screen, opened in answer to what they did, and their home tab."""

from __future__ import annotations

from typing import Any

from tests.slack.server.calls import Refused, Request, method
from tests.slack.server.limits import view_complaints
from tests.slack.server.model import Json

STACK = 3
"""Modals that may lie on each other; documented."""


@method("views.open", required=("view",))
async def open_view(asked: Request) -> Json:
    view = _checked(asked, "modal")
    user = asked.slack.triggers.exchange(_trigger(asked))
    shown = _made(asked, view)
    asked.workspace.modals[user] = [shown]
    return {"view": shown}


@method("views.push", required=("view",))
async def push(asked: Request) -> Json:
    view = _checked(asked, "modal")
    user = asked.slack.triggers.exchange(_trigger(asked))
    stack = asked.workspace.modals.setdefault(user, [])
    if len(stack) >= STACK:
        raise Refused("push_limit_reached")
    shown = _made(asked, view)
    stack.append(shown)
    return {"view": shown}


@method("views.update", required=("view",))
async def update(asked: Request) -> Json:
    view = _checked(asked, "modal")
    for stack in asked.workspace.modals.values():
        for index, old in enumerate(stack):
            if asked.text("view_id") == old["id"] or (asked.text("external_id") or None) == old["external_id"]:
                _same_hash(asked, old)
                stack[index] = _made(asked, view) | {"id": old["id"]}
                return {"view": stack[index]}
    raise Refused("not_found")


@method("views.publish", required=("user_id", "view"))
async def publish(asked: Request) -> Json:
    view = _checked(asked, "home")
    user = asked.text("user_id")
    if user not in asked.workspace.users:
        raise Refused("user_not_found")
    old = asked.workspace.homes.get(user)
    if old is not None:
        _same_hash(asked, old)
    shown = _made(asked, view)
    asked.workspace.homes[user] = shown
    return {"view": shown}


def _trigger(asked: Request) -> str:
    trigger = asked.text("trigger_id") or asked.text("interactivity_pointer")
    if not trigger:
        raise Refused("invalid_arguments", "[ERROR] missing required field: trigger_id")
    return trigger


def _checked(asked: Request, kind: str) -> Json:
    view: Any = asked.json("view")
    if wrong := view_complaints(view, kind):
        raise Refused("invalid_arguments", *wrong)
    assert isinstance(view, dict)
    return view


def _same_hash(asked: Request, old: Json) -> None:
    if asked.text("hash") not in ("", old["hash"]):
        raise Refused("hash_conflict")


def _made(asked: Request, view: Json) -> Json:
    """The view as Slack keeps it: with an id, a hash and what nobody set."""
    id_ = next(asked.slack.view_ids)
    blocks = [{"block_id": f"b{index}", **block} for index, block in enumerate(view["blocks"])]
    return {
        "title": {"type": "plain_text", "text": "View Title", "emoji": True},
        "submit": None,
        "close": None,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        **view,
        "blocks": blocks,
        "id": id_,
        "team_id": asked.workspace.id,
        "state": {"values": {}},
        "hash": f"{asked.slack.stamps.next()}.hash",
        "root_view_id": id_,
        "previous_view_id": None,
        "app_id": asked.slack.app.id,
        "app_installed_team_id": asked.workspace.id,
        "bot_id": asked.workspace.bot_id,
    }
