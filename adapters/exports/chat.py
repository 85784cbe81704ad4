"""A chat that plays an export back: it listens like the community did, and keeps what the bot says to itself."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from bot.events import Event, MessageDeleted, MessageEdited, MessagePosted
from bot.model import Community, Finding, Member, Message, MessageRef, Place, Platform, Team
from bot.ports import Capabilities, Handler
from bot.post import Post
from bot.texts import Texts

REMEMBERED = 2000
"""Messages kept to quote from; an older one is quoted without its words, so that memory does not grow."""

Said = Callable[[Place, Post, str], None]


class ExportChat:
    """Implements `Chat` over one export. Nothing leaves the machine; `on_post` and `on_edit` are told what was said."""

    platform = Platform("export")

    def __init__(self, community: Community, team: Team, *, edits: bool = False) -> None:
        self.capabilities = Capabilities(threads=False, forms=False, edits=edits)
        self.on_post: Said | None = None
        self.on_edit: Said | None = None
        self._community = community
        self._team = team
        self._recent: OrderedDict[tuple[str, str], Message] = OrderedDict()
        self._sent: OrderedDict[str, MessageRef] = OrderedDict()
        self._said = 0

    def remember(self, event: Event) -> None:
        """Take note of what the community wrote, before the core hears of it."""
        if isinstance(event, (MessagePosted, MessageEdited)):
            message = event.message
            self._recent[message.ref.place.channel, message.ref.id] = message
            if len(self._recent) > REMEMBERED:
                self._recent.popitem(last=False)
        elif isinstance(event, MessageDeleted):
            self._recent.pop((event.ref.place.channel, event.ref.id), None)

    async def run(self, handle: Handler) -> None:
        """An export is fed by whoever holds the clock: there is nothing to connect to."""

    async def post(self, place: Place, post: Post, key: str) -> MessageRef:
        self._said += 1
        ref = self._sent[key] = MessageRef(place, f"said-{self._said}")
        if len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)
        if self.on_post:
            self.on_post(place, post, key)
        return ref

    async def edit(self, ref: MessageRef, post: Post) -> None:
        if self.on_edit:
            self.on_edit(ref.place, post, ref.id)

    async def find(self, place: Place, key: str, since: datetime) -> MessageRef | None:  # noqa: ARG002  # the port's
        return self._sent.get(key)

    async def fetch(self, ref: MessageRef) -> Message | None:
        known = self._recent.get((ref.place.channel, ref.id))
        if known is not None:
            return known
        return Message(ref, Member(self._community, ""), datetime.fromtimestamp(0, UTC), "")

    async def history(  # the port's: whatever was said comes as an event
        self,
        place: Place,  # noqa: ARG002
        after: str | None,  # noqa: ARG002
        since: datetime | None = None,  # noqa: ARG002
    ) -> AsyncIterator[Message]:
        nothing: tuple[Message, ...] = ()
        for message in nothing:
            yield message

    def covers(self, thread: Place, after: str) -> bool:  # noqa: ARG002  # a thread is read by itself
        return False

    def name(self, member: Member) -> str:  # noqa: ARG002  # the port's
        return ""

    def link(self, ref: MessageRef) -> str | None:  # noqa: ARG002  # the port's
        return None

    def ref(self, community: Community, link: str) -> MessageRef | None:
        """Backtests are asked about `channel/ts`."""
        channel, slash, message_id = link.rpartition("/")
        return MessageRef(Place(community, channel), message_id) if slash else None

    async def direct(self, member: Member) -> Place:
        return Place(self._community, f"direct-{member.id}")

    async def team(self, community: Community) -> Team:  # noqa: ARG002  # an export has one community
        return self._team

    async def check(self, speak: Texts, community: Community | None = None) -> list[Finding]:  # noqa: ARG002  # all is there
        return []

    async def close(self) -> None:
        """Nothing is open."""
