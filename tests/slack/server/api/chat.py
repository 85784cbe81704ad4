"""chat.*: saying, changing and removing messages."""

from __future__ import annotations

from typing import Any

from tests.slack.server import payloads
from tests.slack.server.calls import Refused, Request, method
from tests.slack.server.limits import TEXT, complaints
from tests.slack.server.model import Channel, Json


@method("chat.postMessage", "chat:write", required=("channel",))
async def post_message(asked: Request) -> Json:
    channel = destination(asked)
    text, blocks, attachments = content(asked)
    thread = asked.text("thread_ts")
    if thread and thread not in channel.messages:
        raise Refused("thread_not_found")
    broadcast = asked.flag("reply_broadcast")
    said = asked.slack.talk.says(
        asked.workspace,
        channel,
        text,
        blocks=blocks,
        attachments=attachments,
        thread_ts=channel.messages[thread].thread_ts or thread if thread else "",
        metadata=metadata(asked),
        subtype="thread_broadcast" if broadcast and thread else "",
    )
    await asked.slack.talk.post(asked.workspace, channel, said, via="chat.postMessage")
    shown = payloads.message(asked.slack.app, asked.workspace, channel, said, metadata=True)
    return {"channel": channel.id, "ts": said.ts, "message": shown}


@method("chat.postEphemeral", "chat:write", required=("channel", "user"))
async def post_ephemeral(asked: Request) -> Json:
    channel = asked.member_channel()
    user = asked.text("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    if channel.archived:
        raise Refused("is_archived")
    text, blocks, attachments = content(asked)
    said = asked.slack.talk.says(
        asked.workspace, channel, text, blocks=blocks, attachments=attachments, thread_ts=asked.text("thread_ts")
    )
    asked.slack.talk.whisper(asked.workspace, channel, user, said, via="chat.postEphemeral")
    return {"message_ts": said.ts}


@method("chat.update", "chat:write", required=("channel", "ts"))
async def update(asked: Request) -> Json:
    channel = asked.channel()
    said = channel.messages.get(asked.text("ts"))
    if said is None:
        raise Refused("message_not_found")
    if said.bot_id != asked.workspace.bot_id:
        raise Refused("cant_update_message")
    if channel.archived:
        raise Refused("is_archived")
    text, blocks, attachments = content(asked)
    await asked.slack.talk.change(asked.workspace, channel, said, text, blocks, attachments)
    if "metadata" in asked.args:
        said.metadata = metadata(asked)
    shown = payloads.message(asked.slack.app, asked.workspace, channel, said, metadata=True)
    return {"channel": channel.id, "ts": said.ts, "text": said.text, "message": shown}


@method("chat.delete", "chat:write", required=("channel", "ts"))
async def delete(asked: Request) -> Json:
    channel = asked.channel()
    said = channel.messages.get(asked.text("ts"))
    if said is None:
        raise Refused("message_not_found")
    if said.bot_id != asked.workspace.bot_id:
        raise Refused("cant_delete_message")
    await asked.slack.talk.remove(asked.workspace, channel, said)
    return {"channel": channel.id, "ts": said.ts}


@method("chat.getPermalink", required=("channel", "message_ts"))
async def permalink(asked: Request) -> Json:
    channel = asked.channel()
    ts = asked.text("message_ts")
    said = channel.messages.get(ts)
    if said is None:
        raise Refused("message_not_found")
    return {"channel": channel.id, "permalink": asked.slack.link(asked.workspace, channel, said)}


def destination(asked: Request) -> Channel:
    """Where a message may be posted: a member's id opens the private channel with them."""
    name = asked.text("channel")
    if name in asked.workspace.users:
        return asked.slack.direct(asked.workspace, name)
    channel = asked.channel()
    if channel.archived:
        raise Refused("is_archived")
    anywhere = channel.kind == "channel" and "chat:write.public" in asked.token.scopes
    if asked.workspace.bot.id not in channel.members and not anywhere:
        raise Refused("not_in_channel")
    return channel


def content(asked: Request) -> tuple[str, list[Json], list[Json]]:
    """Text, blocks and attachments, as they may be shown."""
    return checked(asked.text("text"), asked.json("blocks"), asked.json("attachments"))


def checked(text: str, blocks: Any, attachments: Any) -> tuple[str, list[Json], list[Json]]:
    if blocks and (wrong := complaints(blocks, "message")):
        raise Refused("invalid_blocks", *wrong, errors=wrong)
    if not text and not blocks and not attachments:
        raise Refused("no_text")
    if len(text) > TEXT:
        raise Refused("msg_too_long")
    numbered = [{"block_id": f"b{index}", **block} for index, block in enumerate(blocks or [])]
    return text, numbered, attachments or []


def metadata(asked: Request) -> Json | None:
    """The app's own note on a message: https://docs.slack.dev/messaging/message-metadata."""
    given = asked.json("metadata")
    if given is None:
        return None
    if not isinstance(given, dict) or set(given) != {"event_type", "event_payload"}:
        raise Refused("invalid_metadata_format")
    if not isinstance(given["event_type"], str) or not isinstance(given["event_payload"], dict):
        raise Refused("invalid_metadata_schema")
    return given
