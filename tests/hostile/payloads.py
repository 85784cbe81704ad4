"""One well-formed payload of each kind that the platforms send, to be mangled."""

from __future__ import annotations

from typing import Any

from tests.discord import speaking
from tests.discord.speaking import ADA, CHANNEL, GUILD, ME, MESSAGE, STAFF, TESS

Json = dict[str, Any]

TS = "1772442000.000100"
"""Monday at nine, when these stories begin."""
SUPPORT = "C0SUPPORT"
QUESTION = "Hello <@U0TESS>, how do I reset my <https://x.example|password>?"


def _said(text: str = QUESTION, **more: Any) -> Json:
    usual = {"type": "message", "user": "U0ADA", "team": "T1", "text": text, "ts": TS, "event_ts": TS}
    return {**usual, "channel": SUPPORT, "channel_type": "channel", "client_msg_id": "1", **more}


def _around(kind: str, **more: Any) -> Json:
    return {"type": kind, "channel": SUPPORT, "user": "U0ADA", "event_ts": TS, **more}


SLACK_EVENTS: tuple[Json, ...] = (
    _said(),
    _said("and it is urgent", thread_ts="1772441000.000100", reactions=[{"name": "eyes", "users": ["U0TIM"]}]),
    _said("", subtype="file_share", files=[{"id": "F1", "name": "a.png"}], upload=False),
    _said("hi", bot_id="B9", bot_profile={"name": "Deploys", "id": "B9"}, subtype="bot_message"),
    _said("<@U0VIGIE> tip welcome", type="app_mention"),
    _said("help me", channel="D0ADA", channel_type="im"),
    {
        **_said(subtype="message_changed", ts="1772442010.000000"),
        "message": _said(edited={"user": "U0ADA", "ts": "1772442010.000000"}),
        "previous_message": _said("What?"),
    },
    {**_said(subtype="message_deleted", ts="1772442010.000000"), "deleted_ts": TS, "previous_message": _said()},
    _around("reaction_added", reaction="white_check_mark", item={"type": "message", "channel": SUPPORT, "ts": TS}),
    _around("reaction_removed", reaction="eyes", item={"type": "message", "channel": SUPPORT, "ts": TS}),
    _around("app_home_opened", tab="home", view={"id": "V1", "blocks": []}),
    _around("member_joined_channel", channel_type="C", team="T1"),
    _around("member_left_channel", user="U0VIGIE"),
    _around("channel_archive"),
    _around("channel_id_changed", old_channel_id=SUPPORT, new_channel_id="C9"),
    {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}},
    {"type": "subteam_updated", "subteam": {"id": "S0STAFF", "users": ["U0TESS"]}},
    {"type": "link_shared", "channel": SUPPORT, "links": [{"url": "https://x.example"}]},
)  # fmt: skip

_WHO = {"enterprise_id": None, "team_id": "T1", "user_id": "U0VIGIE", "is_bot": True, "is_enterprise_install": False}
_ACTED: Json = {
    "team": {"id": "T1", "domain": "acme"},
    "user": {"id": "U0ADA", "username": "ada", "team_id": "T1"},
    "api_app_id": "A1",
    "trigger_id": "1.2.3",
    "channel": {"id": SUPPORT, "name": "support"},
    "response_url": "https://hooks.invalid/actions/T1/1/2",
}
SLACK_ACTS: tuple[Json, ...] = (
    {
        "command": "/tip",
        "text": "welcome <#C0SUPPORT|support>",
        "user_id": "U0ADA",
        "user_name": "ada",
        "channel_id": SUPPORT,
        "team_id": "T1",
        "response_url": "https://hooks.invalid/commands/T1/1/2",
        "trigger_id": "1.2.3",
    },
    {
        **_ACTED,
        "type": "block_actions",
        "actions": [{"action_id": "vigie:mention.done", "value": "m1", "type": "button", "action_ts": TS}],
        "container": {"type": "message", "message_ts": TS, "channel_id": SUPPORT},
        "message": _said(),
    },
    {
        **_ACTED,
        "type": "view_submission",
        "view": {
            "id": "V1",
            "private_metadata": '{"form":"mention.snooze","value":"m1","channel":"C0SUPPORT","thread":null}',
            "state": {"values": {"choice": {"x": {"type": "static_select", "selected_option": {"value": "1h"}}}}},
        },
    },
    {**_ACTED, "type": "message_action", "callback_id": "track", "message": _said(), "action_ts": TS},
    {**_ACTED, "type": "shortcut", "callback_id": "tip", "action_ts": TS},
)


def slack_envelope(event: Any, number: int = 1) -> Json:
    """As Slack tells an event."""
    about = {"type": "event_callback", "event_id": f"Ev{number}", "event_time": 1772442000, "api_app_id": "A1"}
    return {**about, "team_id": "T1", "event": event, "authorizations": [_WHO]}


_IN_CHANNEL = {"guild_id": GUILD, "channel_id": CHANNEL}
_MEMBER = {"user": speaking.user(ADA, "Ada"), "nick": None, "roles": ["1"]}
_EMOJI = {"id": None, "name": "✅"}
_REACTION = {**_IN_CHANNEL, "user_id": TESS, "message_id": MESSAGE, "emoji": _EMOJI, "member": _MEMBER}
_TO_TESS = speaking.message(f"Hello <@{TESS}>, how do I reset my password?", mentions=[speaking.user(TESS, "Tess")])
_A_REPLY = speaking.message("and it is urgent", type=19, message_reference={"message_id": MESSAGE, "type": 0})
_WORDLESS = speaking.message("", attachments=[{"id": "1"}], poll={"question": {"text": "a"}}, webhook_id="9")
_DONE = f"v1|{GUILD}|mention.done|m1"
_TOPIC = {"name": "topic", "type": 3, "value": "x"}

DISCORD_EVENTS: tuple[tuple[str, Json], ...] = (
    ("MESSAGE_CREATE", _TO_TESS),
    ("MESSAGE_CREATE", speaking.message(f"<@{ME}> tip welcome", mention_roles=[STAFF])),
    ("MESSAGE_CREATE", _A_REPLY),
    ("MESSAGE_CREATE", _WORDLESS),
    ("MESSAGE_UPDATE", speaking.message("What?", edited_timestamp="2026-03-02T09:00:10.000000+00:00")),
    ("MESSAGE_DELETE", {**_IN_CHANNEL, "id": MESSAGE}),
    ("MESSAGE_DELETE_BULK", {**_IN_CHANNEL, "ids": [MESSAGE, "3"]}),
    ("MESSAGE_REACTION_ADD", _REACTION),
    ("MESSAGE_REACTION_REMOVE", _REACTION),
    ("THREAD_UPDATE", {"id": "300", "parent_id": CHANNEL, "guild_id": GUILD, "thread_metadata": {"locked": True}}),
    ("THREAD_DELETE", {"id": "300", "parent_id": CHANNEL, "guild_id": GUILD}),
    ("CHANNEL_DELETE", {"id": "201", "guild_id": GUILD, "type": 0}),
    ("GUILD_ROLE_UPDATE", {"guild_id": GUILD, "role": {"id": STAFF, "name": "Staff", "permissions": "0"}}),
    ("GUILD_MEMBER_UPDATE", {"guild_id": GUILD, "user": speaking.user(ADA, "Ada"), "roles": [STAFF]}),
    ("GUILD_MEMBER_REMOVE", {"guild_id": GUILD, "user": speaking.user(ADA, "Ada")}),
)  # fmt: skip
DISCORD_ACTS: tuple[Json, ...] = (
    speaking.interaction(2, {"id": "1", "name": "tip", "type": 1, "options": [_TOPIC]}),
    speaking.interaction(
        2,
        {
            "name": "mentions",
            "type": 1,
            "options": [{"name": "why", "type": 1, "options": [{"name": "link", "type": 3, "value": "https://x.example"}]}],
        },
    ),
    speaking.interaction(3, {"custom_id": _DONE, "component_type": 2}, message=speaking.message()),
    speaking.interaction(4, {"name": "tip", "options": [{**_TOPIC, "focused": True}]}),
    speaking.interaction(
        5,
        {
            "custom_id": f"v1|{GUILD}|mention.snooze|m1",
            "components": [{"type": 18, "component": {"type": 3, "custom_id": "choice", "values": ["1h"]}}],
        },
    ),
)  # fmt: skip
