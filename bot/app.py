"""The bot: takes events, decides, commits. It sends nothing itself but the direct reply to whoever acted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import buttons, channels, commands, daily, nudges, reception
from bot.compose import Voice
from bot.errors import Conflict, VigieError
from bot.events import (
    ActionTaken,
    Addressed,
    ChannelFound,
    ChannelLost,
    CommandInvoked,
    CommunityLost,
    Completing,
    Connected,
    Disconnected,
    Event,
    FormSubmitted,
    HomeOpened,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Private,
    ReactionAdded,
    ReactionRemoved,
    Reply,
    ShortcutUsed,
    TeamChanged,
)
from bot.logger import get_logger
from bot.model import Community, Member, Mention, Platform
from bot.ports import Chat, Clock, Store
from bot.post import Post
from bot.settings import Settings
from bot.shelf import Shelf
from bot.texts import Texts, closest, texts
from bot.watch import Watch

log = get_logger(__name__)

Around = Connected | Disconnected | TeamChanged | ChannelLost | ChannelFound | CommunityLost
Asked = CommandInvoked | ActionTaken | FormSubmitted | Addressed | ShortcutUsed

HEARTBEAT = timedelta(seconds=15)
"""What could not be dealt with when it was due, such as a channel that is behind, is looked at again this soon."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the commands are called in the chat."""

    tip: str = "tip"
    mentions: str = "mentions"
    vigie: str = "vigie"
    privacy: str = "privacy"

    def of(self, command: str) -> str:
        """What the command with this key is called."""
        return str(getattr(self, command))


class Bot:
    """The application.

    `changed` is called whenever something may be to be said now, or a community came or went; `due` with every instant
    at which a mention falls due, once that is committed; `stored` with every mention that was committed. All are for
    whoever runs the bot to set.
    """

    def __init__(
        self,
        store: Store,
        chats: Mapping[Platform, Chat],
        clock: Clock,
        settings: Callable[[Community], Settings],
        shelf: Shelf,
        names: Names | None = None,
    ) -> None:
        self.store = store
        self.chats = chats
        self.clock = clock
        self.shelf = shelf
        self.names = names or Names()
        self.watches: dict[Community, Watch] = {}
        self.voice = Voice(self)
        self.changed: Callable[[], None] = lambda: None
        self.due: Callable[[datetime], None] = lambda _instant: None
        self.stored: Callable[[Mention], None] = lambda _mention: None
        self._settings = settings
        self._failed = False

    async def handle(self, event: Event) -> Reply | None:
        """Take in one event. Whoever awaits this may acknowledge the event once it returns.

        An error means that nothing was committed and the event should come again, except for what a person asked for
        directly: they get a polite answer instead.
        """
        match event:
            case MessagePosted() | MessageEdited():
                community = event.message.ref.place.community
                watch = self.watches.get(community)
                if watch is None or not watch.loaded:
                    watch = await self.watch(community)
                if await watch.hearing.hear(event):
                    self.changed()
            case MessageDeleted(ref, _) | ReactionAdded(ref, _, _, _) | ReactionRemoved(ref, _, _, _):
                watch = await self.watch(ref.place.community)
                if await watch.hearing.hear(event):
                    self.changed()
            case CommandInvoked() | ActionTaken() | FormSubmitted() | Addressed() | ShortcutUsed():
                return await self._answer(event)
            case HomeOpened(member, _):
                return await reception.home(self, await self.watch(member.community), event)
            case Completing():
                return reception.complete(self, event)
            case _:
                await self._around(event)
        return None

    async def watch(self, community: Community) -> Watch:
        """The live state of a community, loaded the first time it is asked for."""
        watch = self._watch(community)
        if not watch.loaded:
            await watch.load()
        return watch

    async def tick(self) -> None:
        """Do whatever is due: catch up, climb ladders, tell tips, save cursors. Harmless whenever it is called.

        One community's trouble is logged and holds up no other.
        """
        live = self._live()
        if live:
            self.shelf.refresh()
        self._failed = False
        if len(live) == 1:
            await self._tick_or_tell(live[0], climbs=True)
        else:
            await self._tick_where_needed(live)

    async def next_due(self, *, tried: bool = True) -> datetime | None:
        """When `tick` or the deliverer will have something to do; never in the past.

        `tried`: what is due already was just seen to, so that trying it again can wait and nothing spins.
        """
        now = self.clock.now()
        soon = now + HEARTBEAT
        live = self._live()
        async with self.store.begin() as tx:
            stored = await tx.next_due([watch.community for watch in live])
        instants = [soon] if self._failed else []
        if stored is not None:
            instants.append(stored if stored > now else soon if tried else now)
        for watch in live:
            if not watch.along.connected:
                instants.append(soon)
            instants.extend(max(when, soon) for when in watch.along.behind.values())
            if (tip := watch.coming.after(now)) is not None:
                instants.append(tip)
        return min(instants, default=None)

    def speak(self, member: Member, watch: Watch) -> Texts:
        """The texts for a private reply to a member: their own language, else the community's."""
        return texts(closest(member.locale, watch.settings.language))

    def address(self, member: Member) -> Texts:
        """The texts for a member, before anything is known of their community but its settings."""
        return texts(closest(member.locale, self._settings(member.community).language))

    def public_texts(self, watch: Watch) -> Texts:
        """The texts for what everybody sees."""
        return texts(watch.settings.language)

    def _live(self) -> list[Watch]:
        return [watch for watch in self.watches.values() if watch.live_since]

    def _stored(self, mention: Mention) -> None:
        self.stored(mention)
        if mention.due_at is not None:
            self.due(mention.due_at)

    def _watch(self, community: Community) -> Watch:
        watch = self.watches.get(community)
        if watch is None:
            chat = self.chats[community.platform]
            watch = Watch(community, self._settings(community), self.store, chat, self.clock, self._stored)
            self.watches[community] = watch
        return watch

    async def _tick_where_needed(self, live: list[Watch]) -> None:
        """One question for all tells where something is due: asked one by one, thousands would take a second."""
        now = self.clock.now()
        try:
            async with self.store.begin() as tx:
                due = await tx.due_communities([watch.community for watch in live], now)
        except VigieError:
            due = {watch.community for watch in live}  # each looks for itself, and tells of its own trouble
        await asyncio.gather(
            *(
                self._tick_or_tell(watch, climbs=watch.community in due)
                for watch in live
                if watch.community in due or watch.has_work(now)
            )
        )

    async def _tick_or_tell(self, watch: Watch, *, climbs: bool) -> None:
        try:
            await self._tick(watch, climbs=climbs)
        except Exception as error:  # noqa: BLE001 (whatever it is, the other communities go on)
            self._failed = True
            why = str(error) if isinstance(error, VigieError) else ""
            log.warning("tick failed", community=str(watch.community), error=type(error).__name__, why=why)

    async def _tick(self, watch: Watch, *, climbs: bool) -> None:
        now = self.clock.now()
        if not watch.along.connected:
            await watch.connect()
            self.changed()
        elif watch.along.behind and not watch.along.reading:
            await watch.along.catch_up()
        changed = climbs and await nudges.climb(watch, self.store, now)
        changed |= await daily.tell_due(watch, self.store, self.shelf, now)
        await watch.along.save()
        if changed:
            self.changed()

    async def _around(self, event: Around) -> None:
        """What happens to a connection, a team, a channel or a whole community."""
        match event:
            case Connected(community):
                await self._connected(community)
            case Disconnected(community):
                await self._disconnected(community)
            case TeamChanged(community):
                await (await self.watch(community)).refresh_team()
            case ChannelLost():
                await channels.lost(self, event)
            case ChannelFound():
                await channels.found(self, event)
            case CommunityLost(community, reason, _):
                log.info("community lost", community=str(community), reason=reason)
                if (gone := self.watches.pop(community, None)) is not None:
                    gone.forgotten = True
                async with self.store.begin() as tx:
                    await tx.forget_community(community)

    async def _answer(self, event: Asked) -> Reply | None:
        community = event.place.community
        speak = self.address(event.member)
        try:
            watch = await self.watch(community)
            await watch.ask()
            reply = await self._reply(event, watch)
        except Conflict:
            return Private(Post(speak.t("Somebody else was faster"), speak.rich("Please look again and retry.")))
        except VigieError as error:
            log.warning("could not answer", error=type(error).__name__, why=str(error))
            return Private(Post(speak.t("Not now"), speak.rich("I cannot do that right now. Please try again soon.")))
        self.changed()
        return reply

    async def _reply(self, event: Asked, watch: Watch) -> Reply | None:
        match event:
            case CommandInvoked():
                return await commands.answer(self, watch, event)
            case Addressed():
                return await reception.addressed(self, watch, event)
            case ShortcutUsed():
                return await reception.shortcut(self, watch, event)
            case _:
                return await buttons.press(self, watch, event)

    async def _connected(self, community: Community) -> None:
        """A connection is not acknowledged and does not come again: what fails now is tried again by `tick`."""
        if (known := self.watches.get(community)) is not None and known.live_since is None:
            # It was asked something while another process looked after it: what it remembers may be out of date.
            del self.watches[community]
        try:
            await self._watch(community).connect()
        except VigieError as error:
            log.warning("not connected yet", community=str(community), error=type(error).__name__, why=str(error))
        self.changed()

    async def _disconnected(self, community: Community) -> None:
        """What is in memory goes; how far we read stays, so that whoever takes over need not begin earlier."""
        watch = self.watches.pop(community, None)
        if watch is None:
            return
        try:
            await watch.along.save()
        except VigieError as error:
            log.warning("cursors not saved; a little will be read again", community=str(community), why=str(error))
