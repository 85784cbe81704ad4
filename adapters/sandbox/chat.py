"""The sandbox as a chat platform: what the bot says lands in the transcript, what people do reaches the bot."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote, unquote

from adapters.sandbox.scene import ME, Scene
from adapters.sandbox.transcript import Entry, Transcript
from bot.errors import Gone
from bot.events import Connected, Event, Reply
from bot.looks import as_text
from bot.model import Community, Finding, Member, Message, MessageRef, Place, Team
from bot.ports import Capabilities, Clock, Handler
from bot.post import Post
from bot.texts import Texts

_ADDRESS = re.compile(r"(?P<before>[^#]*)#/(?P<channel>[^/#?]+)/(?P<id>[^/#?]+)")


class SandboxChat:
    """Implements `Chat` over one transcript. `address` is where the page is, without a slash at its end.

    The private channel with a member is `@` and their id. `show` is told of every message of ours, new or changed.
    """

    def __init__(self, scene: Scene, clock: Clock, address: str, show: Callable[[Entry], None]) -> None:
        self.community = scene.community
        self.platform = scene.community.platform
        self.capabilities = Capabilities()
        self.transcript = Transcript([*scene.channels, *(f"@{id_}" for id_ in scene.people)])
        self.connected = asyncio.Event()
        self._scene = scene
        self._clock = clock
        self._address = address
        self._show = show
        self._handle: Handler | None = None
        self._closing = asyncio.Event()

    async def tell(self, event: Event) -> Reply | None:
        """Something happened; what the bot answers to whoever did it. Raises what the handler raises."""
        await self.connected.wait()
        if self._handle is None:
            raise RuntimeError("nobody listens to the sandbox")
        return await self._handle(event)

    # the port

    async def run(self, handle: Handler) -> None:
        self._handle = handle
        await handle(Connected(self.community))
        self.connected.set()
        await self._closing.wait()

    async def post(self, place: Place, post: Post, key: str) -> MessageRef:
        if known := self.transcript.sent_with(key):
            return known.ref
        if not self.transcript.has(place.channel):
            raise Gone(f"there is no channel {place.channel}", reason="channel_not_found")
        if place.thread is not None and self.transcript.get(place.channel, place.thread) is None:
            raise Gone("that thread was deleted", reason="thread_not_found")
        now = self._clock.now()
        ref = MessageRef(place, self.transcript.new_id(place.channel, now))
        entry = Entry(Message(ref, self._scene.member(ME), now, as_text(post)), post, key)
        self.transcript.add(entry)
        self._show(entry)
        return ref

    async def edit(self, ref: MessageRef, post: Post) -> None:
        entry = self.transcript.get(ref.place.channel, ref.id)
        if entry is None or entry.post is None:
            raise Gone("that message was deleted", reason="message_not_found")
        if entry.post == post:
            return
        entry.post = post
        entry.message = replace(entry.message, text=as_text(post))
        self._show(entry)

    async def find(self, place: Place, key: str, since: datetime) -> MessageRef | None:
        entry = self.transcript.sent_with(key)
        if entry is None or entry.ref.place != place or entry.message.at < since:
            return None
        return entry.ref

    async def fetch(self, ref: MessageRef) -> Message | None:
        entry = self.transcript.get(ref.place.channel, ref.id)
        return entry.known() if entry else None

    async def history(self, place: Place, after: str | None, since: datetime | None = None) -> AsyncIterator[Message]:
        if not self.transcript.has(place.channel):
            raise Gone(f"there is no channel {place.channel}", reason="channel_not_found")
        if place.thread is None:
            there = self.transcript.flat_after(place.channel, after)
        else:
            there = self.transcript.replies_after(place.channel, place.thread, after)
        for entry in list(there):
            if since is None or entry.message.at >= since:
                yield entry.known()

    def covers(self, thread: Place, after: str) -> bool:  # noqa: ARG002  # a thread is read by itself
        return False

    def name(self, member: Member) -> str:
        person = self._scene.people.get(member.id)
        return person.name if person else ""

    def link(self, ref: MessageRef) -> str | None:
        return f"{self._address}/#/{quote(ref.place.channel, safe='')}/{quote(ref.id, safe='')}"

    def ref(self, community: Community, link: str) -> MessageRef | None:
        """Also without the page's address: `#/support/1789…`."""
        match = _ADDRESS.fullmatch(link.strip())
        if match is None or match["before"].rstrip("/") not in ("", self._address):
            return None
        channel, id_ = unquote(match["channel"]), unquote(match["id"])
        if not self.transcript.has(channel):
            return None
        entry = self.transcript.get(channel, id_)
        return entry.ref if entry else MessageRef(Place(community, channel), id_)

    async def direct(self, member: Member) -> Place:
        if member.id not in self._scene.people:
            raise Gone(f"there is nobody called {member.id}", reason="user_not_found")
        return Place(member.community, f"@{member.id}")

    async def team(self, community: Community) -> Team:  # noqa: ARG002  # the sandbox has one community
        return self._scene.team

    async def check(self, speak: Texts, community: Community | None = None) -> list[Finding]:  # noqa: ARG002  # all is well here
        return []

    async def close(self) -> None:
        self._closing.set()
