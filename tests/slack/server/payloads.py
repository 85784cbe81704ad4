"""Slack's payloads, built from what exists: pure, with the keys of the published samples and no others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from tests.slack.server.model import App, Channel, Group, Json, Said, User, Workspace

TOKENS = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")


def rich_text(text: str) -> list[Json]:
    """The block that Slack makes of what a person typed."""
    elements: list[Json] = []
    end = 0
    for match in TOKENS.finditer(text):
        if match.start() > end:
            elements.append({"type": "text", "text": plain(text[end : match.start()])})
        elements.append(_element(match[1], match[2], match[3]))
        end = match.end()
    if end < len(text):
        elements.append({"type": "text", "text": plain(text[end:])})
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": "b1", "elements": [section]}] if elements else []


def _element(sign: str, what: str, label: str | None) -> Json:
    if sign == "@":
        return {"type": "user", "user_id": what}
    if sign == "#":
        return {"type": "channel", "channel_id": what}
    if sign == "!" and what.startswith("subteam^"):
        return {"type": "usergroup", "usergroup_id": what.removeprefix("subteam^")}
    if sign == "!":
        return {"type": "broadcast", "range": what}
    return {"type": "link", "url": plain(what)} | ({"text": plain(label)} if label else {})


def plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def message(app: App, workspace: Workspace, channel: Channel, said: Said, *, metadata: bool = False) -> Json:
    """A message as conversations.history shows it and as events carry it in `message`."""
    shown: Json = {"type": "message", "user": said.user, "text": said.text, "ts": said.ts}
    if said.subtype:
        shown["subtype"] = said.subtype
    if said.team:
        shown["team"] = said.team
    if said.bot_id:
        shown |= {"bot_id": said.bot_id, "app_id": said.app_id, "bot_profile": bot_profile(app, workspace)}
    for key in ("client_msg_id", "blocks", "attachments", "files", "edited", "thread_ts"):
        if getattr(said, key):
            shown[key] = getattr(said, key)
    if said.files:
        shown |= {"upload": False, "display_as_bot": False}
    if metadata and said.metadata:
        shown["metadata"] = said.metadata
    if said.reactions:
        shown["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in said.reactions.items()
        ]
    return shown | said.more | _thread(channel, said)


def _thread(channel: Channel, said: Said) -> Json:
    if said.is_reply:
        root = channel.messages.get(said.thread_ts)
        return {"parent_user_id": root.user} if root else {}
    replies = channel.thread(said.ts)
    if not replies:
        return {}
    repliers = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": said.ts,
        "reply_count": len(replies),
        "reply_users_count": len(repliers),
        "latest_reply": replies[-1].ts,
        "reply_users": repliers[:5],
        "is_locked": False,
        "subscribed": False,
    }


def bot_profile(app: App, workspace: Workspace) -> Json:
    icons = {f"image_{size}": f"https://avatars.example/{size}.png" for size in (36, 48, 72)}
    return {
        "id": workspace.bot_id,
        "deleted": False,
        "name": app.name,
        "updated": 1,
        "app_id": app.id,
        "icons": icons,
        "team_id": workspace.id,
    }


_IN_EVENTS = ("is_locked", "subscribed", "reply_count", "reply_users_count", "latest_reply")


def posted(app: App, workspace: Workspace, channel: Channel, said: Said) -> Json:
    """The inner event of a new message."""
    shown = message(app, workspace, channel, said, metadata=bool(said.metadata))
    for key in ("reactions", "reply_users", "app_id", *_IN_EVENTS):
        shown.pop(key, None)
    if said.subtype == "thread_broadcast":
        root = channel.messages.get(said.thread_ts)
        if root is not None:
            shown["root"] = _inside(message(app, workspace, channel, root), "client_msg_id", "blocks", "is_locked")
        shown.pop("parent_user_id", None)
        shown.pop("team", None)
    if said.subtype == "file_share":
        shown.pop("team", None)
        shown.pop("client_msg_id", None)
    return shown | {"channel": channel.id, "event_ts": said.ts, "channel_type": channel.kind}


def _inside(shown: Json, *without: str) -> Json:
    """A message inside an event: Slack leaves some keys out there."""
    gone = {"reactions", "reply_users", "app_id", "metadata", *without}
    return {key: value for key, value in shown.items() if key not in gone}


def changed(before: Json, after: Json, channel: Channel, event_ts: str) -> Json:
    """`before` and `after` are messages as `message` shows them."""
    return {
        "type": "message",
        "subtype": "message_changed",
        "channel": channel.id,
        "hidden": True,
        "message": _inside(after),
        "previous_message": _inside(before),
        "event_ts": event_ts,
        "ts": event_ts,
        "channel_type": channel.kind,
    }


def deleted(before: Json, channel: Channel, event_ts: str) -> Json:
    return {
        "type": "message",
        "subtype": "message_deleted",
        "channel": channel.id,
        "hidden": True,
        "deleted_ts": before["ts"],
        "previous_message": _inside(before),
        "event_ts": event_ts,
        "ts": event_ts,
        "channel_type": channel.kind,
    }


def mentioned(event: Json) -> Json:
    """`app_mention`, told besides the message event."""
    keep = ("client_msg_id", "user", "text", "blocks", "ts", "team", "channel", "event_ts", "thread_ts", "bot_id")
    return {"type": "app_mention"} | {key: event[key] for key in keep if key in event}


def reaction(kind: str, user: str, channel: Channel, said: Said, name: str, event_ts: str) -> Json:
    return {
        "type": kind,
        "user": user,
        "item": {"type": "message", "channel": channel.id, "ts": said.ts},
        "reaction": name,
        "item_user": said.user,
        "event_ts": event_ts,
    }


def group(workspace: Workspace, group: Group, at: int) -> Json:
    return {
        "id": group.id,
        "team_id": workspace.id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.handle.title(),
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": 1,
        "date_update": at,
        "date_delete": at if group.disabled else 0,
        "auto_provision": False,
        "created_by": "U0OWNER",
        "updated_by": "U0OWNER",
        "prefs": {"channels": [], "groups": []},
        "users": list(group.users),
        "user_count": len(group.users),
        "channel_count": 0,
    }


def user(user: User, workspace: Workspace, *, locale: bool) -> Json:
    shown: Json = {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "deleted": user.deleted,
        "color": "9f69e7",
        "real_name": user.real_name or user.name.title(),
        "tz": "Europe/Paris",
        "tz_label": "Central European Time",
        "tz_offset": 3600,
        "profile": {
            "real_name": user.real_name or user.name.title(),
            "display_name": user.name,
            "team": user.team,
        },
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.restricted,
        "is_ultra_restricted": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 1,
    }
    if user.stranger:
        shown["is_stranger"] = True
    if workspace.enterprise and not user.stranger:
        shown["enterprise_user"] = {
            "id": user.id,
            "enterprise_id": workspace.enterprise,
            "enterprise_name": "Enterprise",
            "is_admin": False,
            "is_owner": False,
            "teams": [workspace.id],
        }
    return shown | ({"locale": user.locale} if locale else {})


def channel(channel: Channel, workspace: Workspace) -> Json:
    if channel.kind == "im":
        other = next(iter(channel.members - {workspace.bot.id}), "")
        return {"id": channel.id, "created": 1, "is_archived": False, "is_im": True, "user": other}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": False,
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.private,
        "created": 1,
        "is_archived": channel.archived,
        "is_general": False,
        "name_normalized": channel.name,
        "is_shared": bool(channel.others),
        "is_ext_shared": bool(channel.others),
        "is_org_shared": False,
        "is_member": workspace.bot.id in channel.members,
        "creator": "U0OWNER",
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def envelope(app: App, workspace: Workspace, inner: Json, event_id: str, at: int, *, team: str, shared: bool) -> Json:
    """An `event_callback`. `team`: where it happened, which in a Slack Connect channel may be another organisation."""
    outer: Json = {
        "token": app.verification,
        "team_id": team,
        "api_app_id": app.id,
        "event": inner,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": at,
        "authorizations": [
            {
                "enterprise_id": workspace.enterprise,
                "team_id": None if workspace.whole else workspace.id,
                "user_id": workspace.bot.id,
                "is_bot": True,
                "is_enterprise_install": workspace.whole,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{event_id}",
    }
    if workspace.enterprise:
        outer["enterprise_id"] = workspace.enterprise
    return outer


def acting(app: App, workspace: Workspace, user: User) -> Json:
    """What all interactions tell about who acts where."""
    team: Json = {"id": workspace.id, "domain": workspace.domain}
    enterprise: Json | None = None
    if workspace.enterprise:
        enterprise = {"id": workspace.enterprise, "name": "Enterprise"}
        team |= {"enterprise_id": workspace.enterprise, "enterprise_name": "Enterprise"}
    return {
        "team": team,
        "enterprise": enterprise,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team},
        "api_app_id": app.id,
        "token": app.verification,
        "is_enterprise_install": workspace.whole,
    }


def buttons(blocks: Iterable[Json]) -> list[tuple[Json, Json]]:
    """Every element that can be pressed, with its block."""
    found: list[tuple[Json, Json]] = []
    for block in blocks:
        inside: list[Any] = list(block.get("elements", []))
        if "accessory" in block:
            inside.append(block["accessory"])
        found += [(block, element) for element in inside if isinstance(element, dict) and "action_id" in element]
    return found
