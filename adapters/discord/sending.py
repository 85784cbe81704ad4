"""Saying, changing and finding again: what a post becomes in Discord, once.

A send whose outcome is unknown is never repeated here: its error says so, and the core asks `find` first. The nonce,
the same for the same key, is enforced besides, so that Discord itself gives back the message that was made before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from adapters.discord.channels import MESSAGE, MESSAGES, Channels, Spot
from adapters.discord.guilds import Guilds
from adapters.discord.looks import as_edit, file_of, has_components_v2, rendered
from adapters.discord.marks import PARTS, Mark, digest, mark_of, marked, nonce
from adapters.discord.payloads import lowest_id
from adapters.discord.plainer import Speaker
from adapters.discord.refusals import UNKNOWN_MESSAGE
from adapters.discord.rest import Rest
from bot.errors import Gone, RateLimited, Rejected, Sent, Unavailable
from bot.model import Community, MessageRef, Place
from bot.post import Post

PAGE = 100
"""Messages of one request: https://docs.discord.com/developers/resources/message#get-channel-messages"""


class Sender:
    """`language` gives the language of what everybody in a community sees."""

    def __init__(self, rest: Rest, guilds: Guilds, channels: Channels, language: Callable[[Community], str]) -> None:
        self._rest = rest
        self._speaker = Speaker(rest)
        self._guilds = guilds
        self._channels = channels
        self._language = language

    async def post(self, place: Place, post: Post, key: str) -> MessageRef:
        spot = await self._channels.open_spot(place)
        bodies = self._rendered(post, place.community)
        # What takes several messages may be out in part: those are not said again.
        said = await self._said(spot.channel, digest(key), None) if len(bodies) > 1 else {}
        for part, body in enumerate(bodies):
            if part in said:
                continue
            sent = await self._send(spot, body, post, Mark(digest(key), part, len(bodies)), nonce(key, part), said)
            said[part] = str(sent["id"])
        return MessageRef(spot.place, said[0])

    async def find(self, place: Place, key: str, since: datetime) -> MessageRef | None:
        """None also when only some of a post's messages got out: `post` says the others."""
        spot = await self._channels.spot(place)
        found: dict[int, tuple[str, int]] = {}
        async for message in self._ours(spot.channel, str(lowest_id(since))):
            mark = mark_of(message)
            if message.get("nonce") == nonce(key) and mark is None:
                return MessageRef(spot.place, str(message["id"]))
            if mark is not None and mark.of == digest(key):
                found[mark.part] = str(message["id"]), mark.parts
        if not found:
            # Where ids do not count from Discord's epoch, none is told to be after that instant.
            latest = await self._rest.ask(MESSAGES, params={"limit": PAGE}, channel_id=spot.channel)
            for message in latest:
                mark = mark_of(message) if _author(message) == self._guilds.me else None
                if mark is not None and mark.of == digest(key):
                    found[mark.part] = str(message["id"]), mark.parts
        if 0 not in found or len(found) < found[0][1]:
            return None
        return MessageRef(spot.place, found[0][0])

    async def edit(self, ref: MessageRef, post: Post) -> None:
        channel = await self._channels.channel_of(ref)
        now = await self._rest.ask(MESSAGE, channel_id=channel, message_id=ref.id)
        bodies = rendered(
            post, self._language(ref.place.community), ref.place.community, components_v2=has_components_v2(now)
        )[:PARTS]
        mark = mark_of(now) or Mark(digest(f"edit/{ref.id}"), 0, 1)
        ids = {0: ref.id}
        if mark.parts > 1:
            ids |= await self._said(channel, mark.of, ref.id)
        for part, body in enumerate(bodies):
            whole = marked(body, Mark(mark.of, part, len(bodies)))
            if part in ids:
                file = file_of(post) if part == 0 else None
                changed = _safe(as_edit(whole))
                await self._speaker.say(
                    "PATCH", MESSAGE, changed, ids[part], file, channel_id=channel, message_id=ids[part]
                )
            else:
                once = nonce(f"edit/{ref.id}", part)
                fresh = {**_safe(whole), "nonce": once, "enforce_nonce": True}
                await self._speaker.say("POST", MESSAGES, fresh, once, channel_id=channel)
        for part in sorted(ids.keys() - set(range(len(bodies)))):
            await self._rest.do("DELETE", MESSAGE, channel_id=channel, message_id=ids[part])

    def _rendered(self, post: Post, community: Community) -> list[dict[str, Any]]:
        bodies = rendered(post, self._language(community), community)
        if len(bodies) > PARTS:
            raise Rejected(f"the post takes {len(bodies)} messages", reason="too_long")
        return bodies

    async def _send(
        self, spot: Spot, body: dict[str, Any], post: Post, mark: Mark, once: str, said: dict[int, str]
    ) -> Any:
        whole = {**_safe(marked(body, mark)), "nonce": once, "enforce_nonce": True}
        if mark.part == 0 and spot.reply_to is not None:
            # A message that is gone meanwhile makes this an ordinary one.
            whole["message_reference"] = {"message_id": spot.reply_to, "fail_if_not_exists": False}
        try:
            file = file_of(post) if mark.part == 0 else None
            return await self._speaker.say("POST", MESSAGES, whole, once, file, channel_id=spot.channel)
        except Gone as error:
            if error.reason != str(UNKNOWN_MESSAGE):
                raise
            # Said before with this nonce, and deleted since: Discord gives back what is not there any more.
            raise Unavailable(str(error), sent=Sent.NO, reason=error.reason) from None
        except RateLimited as error:
            if not said:
                raise
            # "Nothing was done" would be wrong by now: it is to be looked up, and completed.
            raise Unavailable(str(error), sent=Sent.MAYBE, reason="rate_limited") from None

    async def _said(self, channel: str, of: int, after: str | None) -> dict[int, str]:
        """Our messages of one delivery, by part: among the latest, or those after a message."""
        found: dict[int, str] = {}
        params: dict[str, str | int] = {"limit": PAGE} if after is None else {"limit": PAGE, "after": after}
        page = await self._rest.ask(MESSAGES, params=params, channel_id=channel)
        for message in page:
            mark = mark_of(message)
            if _author(message) == self._guilds.me and mark is not None and mark.of == of:
                found[mark.part] = str(message["id"])
        return found

    async def _ours(self, channel: str, after: str) -> AsyncIterator[dict[str, Any]]:
        """All our messages after an id, oldest first."""
        empty = True
        while True:
            page = await self._rest.ask(MESSAGES, params={"limit": PAGE, "after": after}, channel_id=channel)
            if empty and not page:
                known = await self._channels.described(channel)
                await self._channels.check_readable(channel, known.get("last_message_id"))
            empty = False
            page = sorted(page, key=lambda message: int(message["id"]))
            for message in page:
                if _author(message) == self._guilds.me:
                    yield message
            if len(page) < PAGE:
                return
            after = str(page[-1]["id"])


def _safe(body: dict[str, Any]) -> dict[str, Any]:
    """Whoever is not named may not be pinged, whatever the text looks like: on sends and on edits."""
    return body if "allowed_mentions" in body else {**body, "allowed_mentions": {"parse": []}}


def _author(message: Any) -> str:
    return str((message.get("author") or {}).get("id"))
