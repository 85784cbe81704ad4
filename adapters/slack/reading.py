"""What was said: history, threads, single messages, and their addresses."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from adapters.slack.incoming import Malformed, message_of
from adapters.slack.refusals import is_unknown
from adapters.slack.workspaces import Office
from bot.errors import Forbidden, Gone, Rejected
from bot.logger import get_logger
from bot.model import Community, Message, MessageRef, Place

log = get_logger(__name__)

PAGE = 999
"""Messages asked for at once, Slack's maximum: a call is what is limited, 50 a minute, not a message.
https://docs.slack.dev/reference/methods/conversations.history"""

RECENT = timedelta(days=1)
"""How far back a channel is read of which no message was handled yet."""

BATCH = 100
"""Messages whose authors are looked up at once."""

OLDER_THREADS = 48 * 3600
"""Seconds before an outage within which threads began that are looked through for what was said in them meanwhile."""

ASKED_FOR = re.compile(r"<[@!](?:subteam\^)?([A-Z0-9_]+)")
"""Ids of people and groups pinged in a text."""

_PERMALINK = re.compile(r"/archives/(?P<channel>[A-Z0-9]+)/p(?P<ts>[0-9]{12,17})/?")
_TS = re.compile(r"[0-9]{6,11}\.[0-9]{6}")

Found = dict[str, Any]


@dataclass
class Pages:
    """How far a history was read before a limit stopped it: what was found, and where to go on."""

    found: list[Found] = field(default_factory=list)
    cursor: str | None = None
    whole: bool = False
    threads: dict[str, list[Found]] = field(default_factory=dict)


def recent(now: datetime) -> datetime:
    """Where a history without a beginning begins: on the hour, so that one which a limit interrupts stays the same."""
    return (now - RECENT).replace(minute=0, second=0, microsecond=0)


class Reading:
    """Reads on behalf of the core. A history that a limit interrupts is taken up where it stopped when asked again."""

    def __init__(self) -> None:
        self._begun: OrderedDict[tuple[str, str], Pages] = OrderedDict()

    async def history(self, office: Office, place: Place, after: str | None, since: datetime) -> AsyncIterator[Message]:
        """Messages of a place later than `after`, of a channel without it those from `since` on, oldest first.

        Of a channel also the replies in its threads: those that began since, and those that began up to 48 hours
        before, so that nothing said in them during an outage is lost.
        """
        if place.thread is not None:
            found = await self._replies(office, place.channel, place.thread, after)
        else:
            after = after or f"{since.timestamp():.6f}"
            found = await self._channel(office, place.channel, after)
        there = {str(item["ts"]): item for item in found if after is None or _seconds(item["ts"]) > _seconds(after)}
        items = sorted(there.values(), key=lambda item: _seconds(item["ts"]))
        for start in range(0, len(items), BATCH):
            batch = items[start : start + BATCH]
            await office.directory.learn(named_in(batch))
            for item in batch:
                try:
                    message = message_of(item, place.channel, office.workspace)
                except Malformed:
                    continue
                yield message

    async def fetch(self, office: Office, ref: MessageRef) -> Message | None:
        """The message as it is now, with the names of everybody in it; None when it is gone."""
        item = await self.item(office, ref)
        if item is None:
            return None
        await office.directory.learn(named_in([item]))
        return message_of(item, ref.place.channel, office.workspace)

    async def item(self, office: Office, ref: MessageRef) -> Found | None:
        """The message as Slack has it, wherever it stands: in its channel or in a thread."""
        channel, exactly = ref.place.channel, {"oldest": ref.id, "latest": ref.id, "inclusive": True}
        if ref.place.thread in (None, ref.id):
            answer = await office.web.read("conversations.history", channel=channel, limit=1, **exactly)
            if found := _with_id(answer, ref.id):
                return found
        # Given the id of a reply, Slack finds its thread; the root comes along in any case.
        thread = ref.place.thread or ref.id
        try:
            answer = await office.web.read("conversations.replies", channel=channel, ts=thread, limit=2, **exactly)
            items = answer.get("messages") or ()
            if any(item.get("ts") not in (ref.id, thread) for item in items):
                # What stands in for Slack may not know of a time, and gives the beginning of the thread.
                answer = {"messages": await self._replies(office, channel, thread, None)}
        except Gone as error:
            if error.reason in ("thread_not_found", "message_not_found"):
                return None
            raise
        return _with_id(answer, ref.id)

    async def since(self, office: Office, place: Place, oldest: str) -> AsyncIterator[Found]:
        """What was said in a place since an instant, in no particular order, with the metadata of each message."""
        method, where = "conversations.history", {"channel": place.channel}
        if place.thread is not None:
            method, where = "conversations.replies", {"channel": place.channel, "ts": place.thread}
        cursor: str | None = None
        while True:
            answer = await office.web.read(
                method, **where, oldest=oldest, inclusive=True, limit=PAGE, include_all_metadata=True, cursor=cursor
            )
            for item in answer.get("messages") or ():
                yield item
            cursor = _next(answer)
            if cursor is None:
                return

    async def _channel(self, office: Office, channel: str, after: str) -> list[Found]:
        key = (str(office.community) + "/" + channel, after)
        pages = self._begun.setdefault(key, Pages())
        while len(self._begun) > BATCH:
            self._begun.popitem(last=False)
        try:
            await self._read_on(office, channel, after, pages)
        except Rejected:
            # A cursor does not live for ever.
            del self._begun[key]
            raise
        del self._begun[key]
        return [item for part in (pages.found, *pages.threads.values()) for item in part]

    async def _read_on(self, office: Office, channel: str, after: str, pages: Pages) -> None:
        oldest = f"{max(_seconds(after) - OLDER_THREADS, 0):.6f}"
        while not pages.whole:
            answer = await office.web.read(
                "conversations.history", channel=channel, oldest=oldest, limit=PAGE, cursor=pages.cursor
            )
            pages.found += answer.get("messages") or ()
            pages.cursor = _next(answer)
            pages.whole = pages.cursor is None
        for root in pages.found:
            thread = str(root["ts"])
            if _goes_on(root, after) and thread not in pages.threads:
                pages.threads[thread] = await self._thread(office, channel, thread, after)

    async def _thread(self, office: Office, channel: str, thread: str, after: str) -> list[Found]:
        """As `_replies`; nothing where the server cannot tell: `check` tells of that, and the channel is read on."""
        try:
            return await self._replies(office, channel, thread, after)
        except Forbidden as error:
            if not is_unknown(error):
                raise
            log.warning("thread not read", channel=channel, reason=error.reason)
            return []

    async def _replies(self, office: Office, channel: str, thread: str, after: str | None) -> list[Found]:
        found: list[Found] = []
        cursor: str | None = None
        while True:
            answer = await office.web.read(
                "conversations.replies", channel=channel, ts=thread, oldest=after, limit=PAGE, cursor=cursor
            )
            found += answer.get("messages") or ()
            cursor = _next(answer)
            if cursor is None:
                return found


def covers(thread: Place, after: str) -> bool:
    """Whether a thread's root is among the messages that are read with a channel from `after` on."""
    root = _seconds(thread.thread or "")
    return root > 0 and root >= _seconds(after) - OLDER_THREADS


def link(url: str, ref: MessageRef) -> str | None:
    """The address of a message in a workspace's own domain; None while that is not known."""
    if not url:
        return None
    address = f"{url.rstrip('/')}/archives/{ref.place.channel}/p{ref.id.replace('.', '')}"
    thread = ref.place.thread
    return address if thread in (None, ref.id) else f"{address}?thread_ts={thread}&cid={ref.place.channel}"


def ref_of(url: str, community: Community, address: str) -> MessageRef | None:
    """The message at an address that somebody pasted; None when it is none of that workspace's."""
    try:
        parts = urlsplit(address.strip().strip("<>").partition("|")[0])
    except ValueError:
        return None
    match = _PERMALINK.fullmatch(parts.path)
    if match is None or not _same_house(parts.netloc, urlsplit(url).netloc):
        return None
    digits = match["ts"]
    id_ = f"{digits[:-6]}.{digits[-6:]}"
    thread = parse_qs(parts.query).get("thread_ts", [""])[0]
    inside = thread if _TS.fullmatch(thread) and thread != id_ else None
    return MessageRef(Place(community, match["channel"], inside), id_)


def named_in(items: Iterable[Mapping[str, Any]]) -> set[str]:
    """Ids of everybody who wrote these messages or is pinged in them."""
    ids: set[str] = set()
    for item in items:
        ids.add(str(item.get("user") or item.get("bot_id") or ""))
        ids.update(ASKED_FOR.findall(str(item.get("text") or "")))
    return ids


def _same_house(host: str, ours: str) -> bool:
    """Whether two hosts belong to one workspace: Enterprise Grid puts `.enterprise` into some addresses."""
    return bool(host) and host.replace(".enterprise.", ".") == ours.replace(".enterprise.", ".")


def _with_id(answer: Mapping[str, Any], id_: str) -> Found | None:
    items: Sequence[Found] = answer.get("messages") or ()
    found = next((item for item in items if item.get("ts") == id_), None)
    return None if found is None or found.get("subtype") == "tombstone" else found


def _goes_on(root: Found, after: str) -> bool:
    """Whether something was said in a thread later than that; where only the number of replies is told, perhaps."""
    latest = root.get("latest_reply")
    return _seconds(latest) > _seconds(after) if latest else bool(root.get("reply_count"))


def _next(answer: Mapping[str, Any]) -> str | None:
    """Where the next page begins; None when there is none."""
    return (answer.get("response_metadata") or {}).get("next_cursor") or None


def _seconds(ts: str) -> float:
    """A message's id as a number. Sixteen digits are exact in a float."""
    try:
        return float(ts)
    except ValueError:
        return 0.0
