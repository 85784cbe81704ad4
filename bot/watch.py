"""One community being watched: what is remembered in memory, and how memory and database stay one.

Messages are judged from memory; a change is one short transaction, and memory follows only once that is committed.
Messages of one channel are judged one after the other, so that an answer always finds what it answers.
"""

from __future__ import annotations

from asyncio import Lock
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import structlog

from bot.along import ReadingAlong
from bot.errors import Conflict
from bot.events import MessageDeleted, MessageEdited, MessagePosted, ReactionAdded, ReactionRemoved
from bot.mentions.judge import Change, Judge
from bot.mentions.ladder import reopened, timed
from bot.mentions.room import Heard, Room, listen
from bot.model import (
    Community,
    Decision,
    Delivery,
    DeliveryKind,
    Member,
    Mention,
    Message,
    MessageKind,
    Team,
    Verdict,
)
from bot.ports import Chat, Clock, Store, Transaction
from bot.settings import Mode, Settings, emoji_key

log = structlog.get_logger(__name__)

TRIES = 3
"""How often a decision is made anew when another process changed the mention meanwhile."""

MessageEvent = MessagePosted | MessageEdited | MessageDeleted | ReactionAdded | ReactionRemoved


class Watch:
    """The live state of one community; `stored` is told of every mention that was committed."""

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
        self.loaded = False
        self._store = store
        self._clock = clock
        self._stored = stored
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)

    @property
    def team(self) -> Team:
        return self.judge.team

    def lock(self, channel: str) -> Lock:
        """Held by whoever changes mentions of that channel."""
        return self._locks[channel]

    async def load(self) -> None:
        """Read who waits and who the team is. Harmless when repeated."""
        await self.refresh_team()
        async with self._store.begin() as tx:
            await tx.know(self.community, self._clock.now())
            waiting = [(mention, await tx.messages_of(mention.id)) for mention in await tx.waiting(self.community)]
            cursors = await tx.cursors(self.community)
        for mention, messages in waiting:
            # A mention in a channel that is watched no longer still waits: only an answer or a person ends it.
            room = self.rooms.setdefault(mention.place.channel, Room(mention.place.channel, Mode.PINGS))
            room.keep(mention, *messages)
        self.along.begin(cursors)
        self.loaded = True

    def member(self, member_id: str) -> Member:
        """Somebody of whom only the id is known."""
        return Member(self.community, member_id, bot=member_id == self.team.me)

    async def refresh_team(self) -> None:
        self.judge = Judge(self.settings, await self.chat.team(self.community))

    async def hear(self, event: MessageEvent) -> bool:
        """Judge what happened in a channel; true when it changed something that may now be due."""
        ref = event.message.ref if isinstance(event, MessagePosted | MessageEdited) else event.ref
        room = self.rooms.get(ref.place.channel)
        if room is None:
            return False
        if isinstance(event, MessagePosted):
            return await self._posted(event.message, room)
        async with self._locks[room.channel]:
            if isinstance(event, ReactionRemoved):
                return await self._taken_back(event)
            return bool(await self._settle(lambda: self._judge(event, room)))

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
        done: list[tuple[Change, Mention]] = []
        async with self._store.begin() as tx:
            for change in changes:
                stored = await _store(tx, change, self._clock, shows=self.chat.capabilities.edits)
                if stored is not None:
                    done.append((change, stored))
            if also is not None:
                await also(tx)
        for change, stored in done:
            room = self.rooms.get(stored.place.channel)
            if room is not None:
                room.keep(stored, *([change.message.id] if change.message else []))
                if change.left:
                    room.release(change.left.id)
            self._stored(stored)
        return [stored for _, stored in done]

    async def reload(self, mention_id: str) -> Mention | None:
        """The mention as the database has it; memory follows."""
        async with self._store.begin() as tx:
            mention = await tx.mention(mention_id)
            messages = await tx.messages_of(mention_id) if mention else []
        if mention is not None and mention.community != self.community:
            return None
        if mention is not None and (room := self.rooms.get(mention.place.channel)) is not None:
            room.keep(mention, *messages)
        return mention

    async def _posted(self, message: Message, room: Room) -> bool:
        if message.kind is MessageKind.SYSTEM or room.knows(message.ref.id):
            return False
        lock = self._locks[room.channel]
        changes: list[Change] | None = None
        if not lock.locked():
            heard = listen(message, self.team, room)
            changes = self.judge.post(message, heard, room)
            if not changes:
                self._remember(message, heard, room)
                return False
        # A free lock is taken without giving way to anybody, so that what was just judged still holds.
        async with lock:
            if room.knows(message.ref.id):
                return False
            if changes is None:
                heard = listen(message, self.team, room)
            stored = await self._settle(lambda: self.judge.post(message, heard, room), changes)
            self._remember(message, heard, room)
            if room.opened_by(message.ref.id):
                stored += await self._settle(lambda: self._afterwards(message, room))
            return bool(stored)

    async def _settle(self, judge: Callable[[], list[Change]], judged: list[Change] | None = None) -> list[Mention]:
        """Judge, unless that was done already, and commit; anew when another process was faster.

        The mentions about which something was decided: not those that only got a further message.
        """
        for attempt in range(1, TRIES + 1):
            changes = judge() if judged is None else judged
            try:
                stored = await self.commit(changes) if changes else []
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

    def _judge(self, event: MessageEdited | MessageDeleted | ReactionAdded, room: Room) -> list[Change]:
        match event:
            case MessageEdited(message, at):
                return self.judge.edit(message, at, listen(message, self.team, room), room)
            case MessageDeleted(ref, at):
                return self.judge.delete(ref, at, room)
            case ReactionAdded(ref, member, emoji, at):
                return self.judge.reaction(ref, member, emoji, at, room)

    def _afterwards(self, message: Message, room: Room) -> list[Change]:
        """What was known before the message that opened a mention: reactions it came with, answers that overtook it."""
        waiting = room.mention_with(message.ref.id)
        if waiting is None:
            return []
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
        async with self._store.begin() as tx:
            mention = await tx.mention_of(event.ref)
        rules = ("reaction", "asker-reaction")
        if mention is None or mention.closing_rule not in rules or mention.closed_by != event.member.id:
            return False
        return bool(await self.commit([self.reopening(mention, event.member.id, "reaction-removed")]))

    def reopening(self, mention: Mention, by: str, rule: str) -> Change:
        """The change that makes a closed mention wait again; its clock starts anew, what was said stays said."""
        now = self._clock.now()
        again = replace(
            reopened(mention, now),
            since=now,
            closed_at=None,
            closed_by=None,
            closing_rule=None,
            first_answer_at=None,
            worked=None,
        )
        decision = Decision(mention.id, now, Verdict.OPENED, rule, by)
        return Change(timed(again, self.settings), decision)

    def _remember(self, message: Message, heard: Heard, room: Room) -> None:
        room.hear(heard)
        self.along.read(message)


async def _store(tx: Transaction, change: Change, clock: Clock, *, shows: bool) -> Mention | None:
    mention = change.mention
    if change.new:
        if not await tx.add_mention(mention):
            known = await tx.mention_of(mention.ref)
            if known is None or known.closing_rule != "edited-away":
                return None
            # The ping that had been edited away is back: the same mention waits again, what was said stays said.
            again = replace(mention, step=known.step, version=known.version)
            mention = await tx.save_mention(again)
    else:
        mention = await tx.save_mention(mention)
    if change.message:
        await tx.attach(mention.id, change.message)
    if change.left:
        await tx.detach(change.left)
    if change.decision:
        await tx.record(change.decision)
    if shows and change.decision and change.decision.verdict is not Verdict.HELD:
        await ask_look(tx, mention, clock)
    return mention


async def ask_look(tx: Transaction, mention: Mention, clock: Clock) -> None:
    """Have the living nudge of a mention show how things are now, if there is one."""
    told = await tx.delivery(mention.told_by) if mention.told_by else None
    if told is None:
        return
    now = clock.now()
    subject: dict[str, str | int | list[str]] = {"of": told.key}
    await tx.ask_look(Delivery(f"look/{told.key}", DeliveryKind.LOOK, told.place, subject, now, created_at=now))
