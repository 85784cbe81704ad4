"""One community being watched: what is remembered in memory, and how memory and database stay one.

Messages are judged from memory (see `bot.hearing`); a change is one short transaction, and memory follows only once
that is committed.
"""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import trials
from bot.along import ReadingAlong
from bot.coming import Coming, schedule_of
from bot.errors import Conflict, VigieError
from bot.follow_ups import FollowUps
from bot.hearing import Hearing
from bot.logger import get_logger
from bot.mentions.judge import Change, Judge
from bot.mentions.room import Room
from bot.model import Community, Member, Mention, MentionState, Team
from bot.ports import Chat, Clock, Store, Transaction
from bot.recording import TRIES, store
from bot.settings import Mode, Settings
from bot.turns import Turn, Turns

log = get_logger(__name__)

HEARSAY = timedelta(minutes=5)
"""How long who the team is may be taken from memory where nobody would tell of a change."""


class Watch:
    """The live state of one community; `stored` is told of every mention that was committed.

    `live_since` the first connection that was made; `forgotten` once the community is lost, about which nothing is
    stored any more.
    """

    def __init__(
        self,
        community: Community,
        settings: Settings,
        store: Store,
        chat: Chat,
        clock: Clock,
        stored: Callable[[Mention], None],
    ) -> None:
        self.community = community
        self.settings = settings
        self.chat = chat
        self.judge = Judge(settings, Team(me=""))
        self.rooms = {channel: Room(channel, mode) for channel, mode in settings.mentions.watch.items()}
        self.along = ReadingAlong(self, store, clock)
        self.coming = Coming(schedule_of(community, settings))
        self.hearing = Hearing(self, store, clock)
        self.loaded = False
        self._met_at: datetime | None = None
        self.live_since: datetime | None = None
        self.forgotten = False
        self._store = store
        self._clock = clock
        self._stored = stored
        self._loading = Lock()
        self._turns = Turns()
        self.follow_ups = FollowUps()

    @property
    def team(self) -> Team:
        return self.judge.team

    def turn(self, channel: str) -> Turn:
        """Held, in `async with`, by whoever changes mentions of that channel."""
        return self._turns.of(channel)

    async def connect(self) -> None:
        """A connection was made: read what was missed. What fails is tried again with the next `tick`."""
        self.live_since = self.live_since or self._clock.now()
        if self.loaded:
            await self._meet_team_again()
        await self.load()
        self.along.fall_behind()
        await self.along.catch_up()

    async def load(self) -> None:
        """Read who waits and who the team is. Harmless when repeated."""
        async with self._loading:
            if self.loaded:
                return
            await self.refresh_team()
            async with self._store.begin() as tx:
                await tx.know(self.community, self._clock.now())
                await trials.begin(tx, self.community, self._clock.now())
                waiting, messages = await tx.waiting(self.community), await tx.messages_of_waiting(self.community)
                cursors = await tx.cursors(self.community)
            for mention in waiting:
                self._keep(mention, *messages.get(mention.id, ()))
            self.along.begin(cursors)
            self.loaded = True

    def watches(self, channel: str) -> bool:
        """Whether messages in that channel may open mentions."""
        return channel in self.settings.mentions.watch

    def is_current(self, channel: str) -> bool:
        """Whether somebody may be nudged about what waits there: all that was said in a channel we read is known."""
        return channel not in self.rooms or self.along.is_current(channel)

    def has_work(self, now: datetime) -> bool:
        """Whether there is something to do at that instant but to climb ladders."""
        along = self.along
        return not along.connected or bool(along.behind) or along.unsaved or self.coming.may_have_come(now)

    def member(self, member_id: str) -> Member:
        """Somebody of whom only the id is known."""
        return Member(self.community, member_id, bot=member_id == self.team.me)

    async def refresh_team(self) -> None:
        self._met_at = self._clock.now()
        self.judge = Judge(self.settings, await self.chat.team(self.community))

    async def ask(self) -> None:
        """Somebody asks something of us. Where another process judges, nobody tells us how the team changes: look."""
        if self.live_since is None and (self._met_at is None or self._clock.now() - self._met_at > HEARSAY):
            await self._meet_team_again()

    async def _meet_team_again(self) -> None:
        """Who belongs to it may have changed while nobody told us; if that cannot be asked now, it stays as it was."""
        try:
            await self.refresh_team()
        except VigieError as error:
            log.warning("team not read anew", community=str(self.community), error=type(error).__name__, why=str(error))

    async def commit(
        self, changes: Sequence[Change], also: Callable[[Transaction], Awaitable[None]] | None = None
    ) -> list[Mention]:
        """Store changes and what follows from them as one; memory follows. What is known already changes nothing.

        Raises `Conflict` when a mention was changed elsewhere: judge it again as it is now.
        """
        done: list[tuple[Change, Mention, list[str]]] = []
        for change in changes:
            if change.left is not None:
                self.follow_ups.discard(change.mention.id, change.left)
        async with self._store.begin() as tx:
            if self.forgotten:
                return []
            written = await self.follow_ups.write(tx, [change.mention.id for change in changes])
            for change in changes:
                stored = await store(tx, change, self._clock, shows=self.chat.capabilities.edits)
                if stored is not None:
                    done.append((change, stored, await self._messages(tx, change, stored)))
            if also is not None:
                await also(tx)
        written()
        for change, stored, messages in done:
            room = self._keep(stored, *messages)
            if room is not None and change.left:
                room.release(change.left.id)
            self._stored(stored)
        return [stored for _, stored, _ in done]

    async def _messages(self, tx: Transaction, change: Change, stored: Mention) -> list[str]:
        """The messages of a mention that memory does not know to be part of it."""
        room = self.rooms.get(stored.place.channel)
        if stored.state.waits and (room is None or stored.id not in room.waiting):
            return await tx.messages_of(stored.id)
        return [change.message.id] if change.message else []

    async def decide(self, mention: Mention, change: Callable[[Mention], Change | None]) -> bool:
        """Change a mention from what the database has of it now; anew when another process was faster.

        False where there is nothing to change any more. Memory is not asked: it may be another process that judges.
        """
        for attempt in range(1, TRIES + 1):
            async with self.turn(mention.place.channel):
                as_it_is = await self.reload(mention.id)
                wanted = change(as_it_is) if as_it_is is not None else None
                if wanted is None:
                    return False
                try:
                    await self.commit([wanted])
                except Conflict:
                    if attempt == TRIES:
                        raise
                else:
                    return True
        return False

    async def find(self, mention_id: str) -> Mention | None:
        """A mention of this community as the database has it."""
        return (await self._read(mention_id))[0]

    async def reload(self, mention_id: str) -> Mention | None:
        """The mention as the database has it; memory follows, so whoever calls this holds the channel's turn."""
        mention, messages = await self._read(mention_id)
        if mention is not None:
            self._keep(mention, *messages)
            return mention
        for room in self.rooms.values():
            if forgotten := room.waiting.get(mention_id):
                room.keep(replace(forgotten.mention, state=MentionState.GONE))
        return None

    async def _read(self, mention_id: str) -> tuple[Mention | None, list[str]]:
        async with self._store.begin() as tx:
            mention = await tx.mention(mention_id)
            if mention is None or mention.community != self.community:
                return None, []
            return mention, await tx.messages_of(mention_id)

    def _keep(self, mention: Mention, *messages: str) -> Room | None:
        """Memory follows. In a channel that is watched no longer, what waits still waits until somebody ends it."""
        channel = mention.place.channel
        if mention.state.waits and channel not in self.rooms:
            self.rooms[channel] = Room(channel, Mode.PINGS)
        room = self.rooms.get(channel)
        if room is not None:
            room.keep(mention, *messages)
        return room

    async def settle(
        self,
        judge: Callable[[], list[Change]],
        judged: list[Change] | None = None,
        also: Callable[[Transaction], Awaitable[None]] | None = None,
    ) -> list[Mention]:
        """Judge, unless that was done already, and commit; anew when another process was faster.

        The mentions about which something was decided: not those that only got a further message.
        """
        for attempt in range(1, TRIES + 1):
            changes = judge() if judged is None else judged
            try:
                stored = await self.commit(changes, also) if changes or also else []
            except Conflict:
                if attempt == TRIES:
                    raise
                judged = None
                for change in changes:
                    await self.reload(change.mention.id)
            else:
                decided = {change.mention.id for change in changes if change.decision}
                return [mention for mention in stored if mention.id in decided]
        return []
