"""Saying and changing messages, and finding out whether something was said.

A post that Slack's limits break into several messages has the key on the first and `key#2`, `key#3`… on the others.
`find` knows it only when all of them are there; said again, it says only those that are missing. So a post that was cut
short by an outage is completed, and nothing of it is said twice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from adapters.slack.blocks import BLOCKS, Rendered, rendered
from adapters.slack.reading import Reading
from adapters.slack.web import told
from adapters.slack.workspaces import Office
from bot.errors import Rejected
from bot.logger import get_logger
from bot.model import MessageRef, Place
from bot.post import Picture, Post

log = get_logger(__name__)

EVENT_TYPE = "vigie_delivery"
"""Marks our messages: https://docs.slack.dev/messaging/message-metadata/"""

LOOK_BACK = timedelta(days=1)
"""How far back a post in several messages looks for those that it said already."""

BETWEEN = 1.0
"""Seconds between two messages of one post: https://docs.slack.dev/apis/web-api/rate-limits/#posting-messages"""

PICTURE_READY = (1.0, 2.0)
"""Seconds to wait for Slack to have looked at an uploaded picture, which it refuses in a message before that
(python-slack-sdk #1521)."""

ALT = 2000
"""Characters of an image's alternative text: https://docs.slack.dev/reference/block-kit/blocks/image-block"""

PLAIN = {"link_names": False, "parse": "none", "unfurl_links": False, "unfurl_media": False}
"""Nothing in a text becomes a ping or a link by itself, and no preview is fetched."""


async def post(office: Office, reading: Reading, place: Place, said: Post, key: str, now: datetime) -> MessageRef:
    """Say it; the reference of its first message."""
    parts = await with_picture(office, said)
    out: dict[int, str] = {}
    if len(parts) > 1:
        out = await _out(office, reading, place, key, now - LOOK_BACK)
    for number, part in enumerate(parts, start=1):
        if number in out:
            continue
        if out:
            await asyncio.sleep(BETWEEN)
        out[number] = await _say(office, place, part, _metadata(key, number, len(parts)))
    return MessageRef(place, out[1])


async def say(office: Office, place: Place, said: Post) -> None:
    """Say what nobody has to find again: the answer in a private channel."""
    for number, part in enumerate(await with_picture(office, said)):
        if number:
            await asyncio.sleep(BETWEEN)
        await _say(office, place, part, None)


async def edit(office: Office, ref: MessageRef, said: Post) -> None:
    """Make one message look like the post. What one message cannot hold is left out, visibly.

    Its metadata, and so its key, stays: Slack keeps what an update does not mention.
    https://docs.slack.dev/reference/methods/chat.update
    """
    part = single(await with_picture(office, said))
    await office.web.write(
        "chat.update",
        channel=ref.place.channel,
        ts=ref.id,
        text=part.text,
        blocks=part.blocks,
        link_names=False,
        parse="none",
    )


async def find(office: Office, reading: Reading, place: Place, key: str, since: datetime) -> MessageRef | None:
    """The first message of the post sent with `key`, when all of it is there."""
    parts: dict[int, str] = {}
    whole = 1
    async for item in reading.since(office, place, f"{since.timestamp():.6f}"):
        if ours := _delivery(office, item, key):
            number, whole = ours
            parts[number] = str(item["ts"])
    return MessageRef(place, parts[1]) if parts and all(n in parts for n in range(1, whole + 1)) else None


def single(parts: list[Rendered]) -> Rendered:
    """The one message that stands for all of them: the beginning, a sign that there was more, and the buttons."""
    first, last = parts[0], parts[-1]
    if first is last:
        return first
    buttons = [block for block in last.blocks[-1:] if block.get("type") == "actions"]
    more = {"type": "context", "elements": [{"type": "plain_text", "text": "…"}]}
    return replace(first, blocks=[*first.blocks[: BLOCKS - 1 - len(buttons)], more, *buttons])


async def with_picture(office: Office, said: Post) -> list[Rendered]:
    """The post's messages, its picture uploaded and shown beneath the title."""
    parts = rendered(said)
    if said.picture is None:
        return parts
    file = {"id": await upload(office, said.picture)}
    block = {"type": "image", "slack_file": file, "alt_text": said.picture.alt[:ALT] or "…"}
    first, *others = parts
    at = 1 if first.blocks and first.blocks[0].get("type") == "header" else 0
    before, after = [*first.blocks[:at], block], first.blocks[at:]
    if len(first.blocks) < BLOCKS:
        return [replace(first, blocks=[*before, *after]), *others]
    return [replace(first, blocks=before), replace(first, blocks=after), *others]


async def upload(office: Office, picture: Picture) -> str:
    """Give Slack a picture; the id of the file."""
    name = f"picture.{picture.mime.partition('/')[2] or 'png'}"
    ticket = await office.web.form("files.getUploadURLExternal", filename=name, length=len(picture.data))
    await office.web.line.upload(str(ticket["upload_url"]), picture.data, picture.mime)
    file = {"id": str(ticket["file_id"]), "title": picture.alt[:100] or name}
    await office.web.form("files.completeUploadExternal", files=json.dumps([file]))
    return file["id"]


async def _say(office: Office, place: Place, part: Rendered, metadata: Mapping[str, Any] | None) -> str:
    """One message; its id. A picture that Slack will not show is left out: what it says is said in words, too."""
    blocks = part.blocks
    words = [block for block in blocks if "slack_file" not in block]
    if len(words) == len(blocks):
        return await _call(office, place, part.text, blocks, metadata)
    for wait in PICTURE_READY:
        try:
            return await _call(office, place, part.text, blocks, metadata)
        except Rejected as error:
            if error.reason != "invalid_blocks":
                raise
            await asyncio.sleep(wait)
    log.warning("picture not shown", channel=place.channel)
    return await _call(office, place, part.text, words, metadata)


async def _call(
    office: Office, place: Place, text: str, blocks: list[dict[str, Any]], metadata: Mapping[str, Any] | None
) -> str:
    answer = await office.web.write(
        "chat.postMessage",
        channel=place.channel,
        thread_ts=place.thread,
        text=text,
        blocks=blocks,
        metadata=metadata,
        **PLAIN,
    )
    return str(told(answer, "chat.postMessage", "ts"))


async def _out(office: Office, reading: Reading, place: Place, key: str, since: datetime) -> dict[int, str]:
    """Which messages of a post are out already."""
    found: dict[int, str] = {}
    async for item in reading.since(office, place, f"{since.timestamp():.6f}"):
        if ours := _delivery(office, item, key):
            found[ours[0]] = str(item["ts"])
    return found


def _metadata(key: str, number: int, whole: int) -> dict[str, Any]:
    payload: dict[str, Any] = {"key": key if number == 1 else f"{key}#{number}"}
    if whole > 1:
        payload["of"] = whole
    return {"event_type": EVENT_TYPE, "event_payload": payload}


def _delivery(office: Office, item: Mapping[str, Any], key: str) -> tuple[int, int] | None:
    """Which message of the post with `key` this is, and of how many; None when it is another, or not ours."""
    ours = item.get("user") == office.workspace.me or item.get("bot_id") == office.workspace.bot
    metadata = item.get("metadata") or {}
    if not ours or metadata.get("event_type") != EVENT_TYPE:
        return None
    payload = metadata.get("event_payload") or {}
    start, hash_, number = str(payload.get("key") or "").rpartition("#")
    whole = int(payload.get("of") or 1)
    if payload.get("key") == key:
        return 1, whole
    return (int(number), whole) if hash_ and start == key and number.isdigit() else None
