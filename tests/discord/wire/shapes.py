"""Discord's objects with every key that Discord sends, as plain dicts."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from tests.discord.wire.ids import stamp
from tests.discord.wire.permissions import Json


class ChannelType(IntEnum):
    TEXT = 0
    DM = 1
    ANNOUNCEMENT = 5
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


def user(id_: str, name: str, *, bot: bool = False) -> Json:
    return {
        "id": id_,
        "username": name.lower().replace(" ", "_"),
        "global_name": None if bot else name,
        "discriminator": "0",
        "avatar": None,
        "bot": bot,
        "system": False,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
        "flags": 0,
        "avatar_decoration_data": None,
        "primary_guild": None,
        "collectibles": None,
    }


def member(user_: Json, roles: list[str], at: datetime) -> Json:
    return {
        "user": user_,
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": roles,
        "joined_at": stamp(at),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }


def role(id_: str, name: str, permissions: int, position: int, *, mentionable: bool = False) -> Json:
    return {
        "id": id_,
        "name": name,
        "description": None,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": position,
        "permissions": str(int(permissions)),
        "managed": False,
        "mentionable": mentionable,
        "flags": 0,
    }


def channel(id_: str, guild_id: str, name: str, type_: ChannelType, position: int) -> Json:
    made: Json = {
        "id": id_,
        "type": int(type_),
        "guild_id": guild_id,
        "name": name,
        "topic": None,
        "position": position,
        "parent_id": None,
        "permission_overwrites": [],
        "nsfw": False,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "flags": 0,
    }
    if type_ is ChannelType.FORUM:
        made |= {"available_tags": [], "default_reaction_emoji": None, "default_sort_order": None}
        made |= {"default_forum_layout": 0}
    return made


def thread(id_: str, parent: Json, name: str, owner: str, at: datetime) -> Json:
    return {
        "id": id_,
        "type": int(ChannelType.PUBLIC_THREAD),
        "guild_id": parent["guild_id"],
        "parent_id": parent["id"],
        "owner_id": owner,
        "name": name,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "flags": 0,
        "message_count": 0,
        "member_count": 1,
        "total_message_sent": 0,
        "thread_metadata": {
            "archived": False,
            "archive_timestamp": stamp(at),
            "auto_archive_duration": 4320,
            "locked": False,
            "create_timestamp": stamp(at),
        },
    }


def private_channel(id_: str, recipient: Json) -> Json:
    return {"id": id_, "type": int(ChannelType.DM), "last_message_id": None, "flags": 0, "recipients": [recipient]}


def message(id_: str, channel_id: str, author: Json, at: datetime, content: str = "") -> Json:
    return {
        "id": id_,
        "type": 0,
        "channel_id": channel_id,
        "author": author,
        "content": content,
        "timestamp": stamp(at),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "flags": 0,
    }


def application(id_: str, bot: Json, owner: Json) -> Json:
    return {
        "id": id_,
        "name": bot["username"],
        "icon": None,
        "description": "",
        "type": None,
        "bot": bot,
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "owner": owner,
        "team": None,
        # All three privileged intents, in the form for bots in fewer than 100 guilds: bits 13, 15, 19.
        "flags": (1 << 13) | (1 << 15) | (1 << 19),
        "flags_new": str((1 << 13) | (1 << 15) | (1 << 19)),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}},
        "hook": True,
    }


def guild(id_: str, name: str, owner: str) -> Json:
    """What REST and gateway both tell of a guild, without its roles."""
    return {
        "id": id_,
        "name": name,
        "icon": None,
        "description": None,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": [],
        "banner": None,
        "owner_id": owner,
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": 0,
        "default_message_notifications": 0,
        "mfa_level": 0,
        "explicit_content_filter": 0,
        "max_presences": None,
        "max_members": 500000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": 0,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }
