"""One community being watched: what is remembered in memory, and how memory and database stay one.

Messages are judged from memory; a change is one short transaction, and memory follows only once that is committed.
Messages of one channel are judged one after the other, so that an answer always finds what it answers.
"""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot import trials
from bot.along import ReadingAlong
from bot.coming import Coming, schedule_of
from bot.errors import Conflict, VigieError
from bot.events import MessageDeleted, MessageEdited, MessagePosted, ReactionAdded, ReactionRemoved
from bot.follow_ups import FollowUps
from bot.logger import get_logger
from bot.mentions.judge import Change, Judge
from bot.mentions.room import Heard, Room, listen
from bot.model import Community, Member, Mention, MentionState, Message, MessageKind, Team
from bot.ports import Chat, Clock, Store, Transaction
from bot.recording import store
from bot.settings import Mode, Settings, emoji_key
from bot.turns import Turn, Turns

log = get_logger(__name__)

TRIES = 3
"""How often a decision is made anew when another process changed the mention meanwhile."""

MessageEvent = MessagePosted | MessageEdited | MessageDeleted | ReactionAdded | ReactionRemoved


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
        self.loaded = False
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
        self.judge = Judge(self.settings, await self.chat.team(self.community))

    async def _meet_team_again(self) -> None:
        """Who belongs to it may have changed while nobody told us; if that cannot be asked now, it stays as it was."""
        try:
            await self.refresh_team()
        except VigieError as error:
            log.warning("team not read anew", community=str(self.community), error=type(error).__name__, why=str(error))

    async def hear(self, event: MessageEvent) -> bool:
        """Judge what happened in a channel; true when something may be to be said about it now."""
        if isinstance(event, MessagePosted):
            message = event.message
            room = self.rooms.get(message.ref.place.channel)
            if room is None:
                return False
            try:
                return await self._posted(message, room)
            except VigieError:
                self.along.missed(room.channel)
                raise
        ref = event.message.ref if isinstance(event, MessageEdited) else event.ref
        room = self.rooms.get(ref.place.channel)
        if room is None:
            return False
        async with self.turn(room.channel):
            if isinstance(event, ReactionRemoved):
                return await self._taken_back(event)
            changed = _shows(await self.settle(lambda: self._judge(event, room)))
            if isinstance(event, MessageEdited):
                room.revise(listen(event.message, self.team, room))
            return changed

    async def replay(self, message: Message, room: Room, *, silent: bool) -> None:
        """A message from history. `silent`: from before we ever watched, so it only tells who spoke with whom."""
        if not silent:
            await self._posted(message, room)
        elif message.kind is not MessageKind.SYSTEM and not room.knows(message.ref.id):
            self._remember(message, listen(message, self.team, room), room)

    async def commit(
        self, changes: Sequence[Change], also: Callable[[Transaction], Awaitable[None]] | None = None
    ) -> list[Mention]:
        """Store changes and what follows from them as one; memory follows. What is known already changes nothing.

        Raises `Conflict` when a mention was changed elsewhere: judge it again as it is now.
        """
        done: list[tuple[Change, Mention, list[str]]] = []
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

    async def _posted(self, message: Message, room: Room) -> bool:
        message_id = message.ref.id
        if message.kind is MessageKind.SYSTEM or (room.knows(message_id) and not room.opened_by(message_id)):
            return False
        changes: list[Change] | None = None
        if self._turns.is_free(room.channel) and room.mention_with(message_id) is None:
            heard = listen(message, self.judge.team, room)
            changes = self._changes(message, heard, room)
            for change in changes:
                if not change.only_joins:
                    break
            else:
                self._join(changes, message, heard, room)
                return False
        # A turn for which nobody queues is taken without giving way, so that what was just judged still holds.
        async with self.turn(room.channel):
            stored: list[Mention] = []
            if not room.knows(message_id):
                if changes is None:
                    heard = listen(message, self.team, room)
                if room.mention_with(message_id) is None:
                    stored += await self.settle(lambda: self._changes(message, heard, room), changes)
                self._remember(message, heard, room)
            if room.opened_by(message_id) and (late := self._afterwards(message, room)):
                stored += await self.settle(lambda: self._afterwards(message, room), late)
            return _shows(stored)

    def _join(self, changes: list[Change], message: Message, heard: Heard, room: Room) -> None:
        """Remember a message that decided nothing, and what it joins: that is stored later, see `FollowUps`."""
        for change in changes:
            room.keep(change.mention, message.ref.id)
            self.follow_ups.add(change.mention.id, message.ref)
        self._remember(message, heard, room)

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

    def _changes(self, message: Message, heard: Heard, room: Room) -> list[Change]:
        return self._allowed(self.judge.post(message, heard, room), room)

    def _allowed(self, changes: list[Change], room: Room) -> list[Change]:
        """Where nothing is watched any more, what waits may end, and nothing opens."""
        return changes if not changes or self.watches(room.channel) else [c for c in changes if not c.new]

    def _judge(self, event: MessageEdited | MessageDeleted | ReactionAdded, room: Room) -> list[Change]:
        match event:
            case MessageEdited(message, at):
                waiting = room.mention_with(message.ref.id)
                if waiting is not None and at < waiting.mention.opened_at:
                    return []  # delivered again: a later edit was seen since
                return self._allowed(self.judge.edit(message, at, listen(message, self.team, room), room), room)
            case MessageDeleted(ref, at):
                return self.judge.delete(ref, at, room)
            case ReactionAdded(ref, member, emoji, at):
                return self.judge.reaction(ref, member, emoji, at, room)

    def _afterwards(self, message: Message, room: Room) -> list[Change]:
        """What was known before the message that opened a mention: reactions it came with, answers that overtook it."""
        waiting = room.mention_with(message.ref.id)
        if waiting is None or waiting.mention.version:
            return []  # what has changed since it opened was changed by somebody who knew
        for reaction in message.reactions:
            by = self.member(reaction.member)
            if changes := self.judge.reaction(message.ref, by, reaction.emoji, message.at, room):
                return changes
        late = self.judge.later(waiting.mention, room)
        return [late] if late else []

    async def _taken_back(self, event: ReactionRemoved) -> bool:
        """The reaction that had answered a mention is gone again: it waits as before."""
        if (
            emoji_key(event.emoji)
            not in self.settings.mentions.answer_reactions | self.settings.mentions.solved_reactions
        ):
            return False
        for attempt in range(1, TRIES + 1):
            async with self._store.begin() as tx:
                mention = await tx.mention_of(event.ref)
            if mention is None or not _closed_by(event, mention):
                return False
            try:
                again = self.judge.reopening(mention, event.member.id, self._clock.now(), "reaction-removed")
                return _shows(await self.commit([again]))
            except Conflict:
                if attempt == TRIES:
                    raise
        return False

    def _remember(self, message: Message, heard: Heard, room: Room) -> None:
        room.hear(heard)
        self.along.read(message)


def _shows(stored: list[Mention]) -> bool:
    """Whether one of these has a living nudge, which is to show how things are now."""
    return any(mention.told_by for mention in stored)


def _closed_by(event: ReactionRemoved, mention: Mention) -> bool:
    return mention.closing_rule in ("reaction", "asker-reaction") and mention.closed_by == event.member.id
