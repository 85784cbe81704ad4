"""Judging what happens in the watched channels of one community, from what is remembered of them.

Messages of one channel are judged one after the other, so that an answer always finds what it answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.copying import replace
from bot.errors import ChatError, Conflict, Forbidden, Gone, VigieError
from bot.events import MessageDeleted, MessageEdited, MessagePosted, ReactionAdded, ReactionRemoved
from bot.mentions.judge import Change
from bot.mentions.room import Heard, Room, listen
from bot.model import Mention, Message, MessageKind, MessageRef
from bot.ports import Clock, Store
from bot.recording import MARKED, TRIES
from bot.settings import emoji_key

if TYPE_CHECKING:
    from bot.watch import Watch

MOST_READ = 5
"""Messages of one mention that are looked at for marks on them."""

MessageEvent = MessagePosted | MessageEdited | MessageDeleted | ReactionAdded | ReactionRemoved


class Hearing:
    """What a community hears, one event at a time."""

    def __init__(self, watch: Watch, store: Store, clock: Clock) -> None:
        self._watch = watch
        self._store = store
        self._clock = clock

    async def hear(self, event: MessageEvent) -> bool:
        """Judge what happened in a channel; true when something may be to be said about it now."""
        if isinstance(event, MessagePosted):
            message = event.message
            room = self._watch.rooms.get(message.ref.place.channel)
            if room is None:
                return False
            try:
                return await self._posted(message, room)
            except VigieError:
                self._watch.along.missed(room.channel)
                raise
        ref = event.message.ref if isinstance(event, MessageEdited) else event.ref
        room = self._watch.rooms.get(ref.place.channel)
        if room is None:
            return False
        async with self._watch.turn(room.channel):
            if isinstance(event, ReactionRemoved):
                return await self._taken_back(event)
            changed = _shows(await self._watch.settle(lambda: self._judge(event, room)))
            if isinstance(event, MessageEdited):
                room.revise(listen(event.message, self._watch.team, room))
            return changed

    async def replay(self, message: Message, room: Room, *, silent: bool) -> None:
        """A message from history. `silent`: judged already, or older than our watch; it tells who spoke with whom."""
        if not silent:
            await self._posted(message, room)
        elif message.kind is not MessageKind.SYSTEM and not room.knows(message.ref.id) and message.at >= room.latest_at:
            self._remember(message, listen(message, self._watch.team, room), room)

    async def hear_again(self, over: Mention) -> None:
        """Another process closed a mention, and we took what its asker said since for a part of it: judge that anew."""
        room = self._watch.rooms[over.place.channel]
        refs = self._watch.follow_ups.of(over.id)
        messages = [await self._fetched(ref) for ref in refs]
        async with self._watch.turn(room.channel):
            if self._watch.follow_ups.of(over.id) != refs:
                return  # more was said meanwhile: the next wake looks again
            room.keep(over)
            self._watch.follow_ups.drop(over.id)
        for place, message in enumerate(messages):
            if message is not None and over.closed_at is not None and message.at > over.closed_at:
                room.forget(message.ref.id)
                try:
                    await self.hear(MessagePosted(message))
                except VigieError:
                    for ref in refs[place:]:  # the next wake looks again
                        self._watch.follow_ups.add(over.id, ref)
                    raise

    async def _fetched(self, ref: MessageRef) -> Message | None:
        try:
            return await self._watch.chat.fetch(ref)
        except (Forbidden, Gone):
            return None

    async def _posted(self, message: Message, room: Room) -> bool:
        message_id = message.ref.id
        if message.kind is MessageKind.SYSTEM or (room.knows(message_id) and not room.opened_by(message_id)):
            return False
        changes: list[Change] | None = None
        turn = self._watch.turn(room.channel)
        if not turn.wanted and room.mention_with(message_id) is None:
            heard = listen(message, self._watch.judge.team, room)
            changes = self._changes(message, heard, room)
            for change in changes:
                if not change.only_joins:
                    break
            else:
                self._join(changes, message, heard, room)
                return False
        # A turn for which nobody queues is taken without giving way, so that what was just judged still holds.
        async with turn:
            stored: list[Mention] = []
            if not room.knows(message_id):
                if changes is None:
                    heard = listen(message, self._watch.team, room)
                if room.mention_with(message_id) is None:
                    stored += await self._watch.settle(lambda: self._changes(message, heard, room), changes)
                self._remember(message, heard, room)
            if room.opened_by(message_id) and (late := self._afterwards(message, room)):
                stored += await self._watch.settle(lambda: self._afterwards(message, room), late)
            return _shows(stored)

    def _join(self, changes: list[Change], message: Message, heard: Heard, room: Room) -> None:
        """Remember a message that decided nothing, and what it joins: that is stored later, see `FollowUps`."""
        for change in changes:
            room.keep(change.mention, message.ref.id)
            self._watch.follow_ups.add(change.mention.id, message.ref)
        self._remember(message, heard, room)

    def _changes(self, message: Message, heard: Heard, room: Room) -> list[Change]:
        return self._allowed(self._watch.judge.post(message, heard, room), room)

    def _allowed(self, changes: list[Change], room: Room) -> list[Change]:
        """Where nothing is watched any more, what waits may end, and nothing opens."""
        return changes if not changes or self._watch.watches(room.channel) else [c for c in changes if not c.new]

    def _judge(self, event: MessageEdited | MessageDeleted | ReactionAdded, room: Room) -> list[Change]:
        match event:
            case MessageEdited(message, at):
                waiting = room.mention_with(message.ref.id)
                if waiting is not None and at < waiting.mention.opened_at:
                    return []  # delivered again: a later edit was seen since
                heard = listen(message, self._watch.team, room)
                return self._allowed(self._watch.judge.edit(message, at, heard, room), room)
            case MessageDeleted(ref, at):
                return self._watch.judge.delete(ref, at, room)
            case ReactionAdded(ref, member, emoji, at):
                return self._watch.judge.reaction(ref, member, emoji, at, room)

    def _afterwards(self, message: Message, room: Room) -> list[Change]:
        """What was known before the message that opened a mention: reactions it came with, answers that overtook it."""
        waiting = room.mention_with(message.ref.id)
        if waiting is None or waiting.mention.version:
            return []  # what has changed since it opened was changed by somebody who knew
        for reaction in message.reactions:
            by = self._watch.member(reaction.member)
            if changes := self._watch.judge.reaction(message.ref, by, reaction.emoji, message.at, room):
                return changes
        late = self._watch.judge.later(waiting.mention, room)
        return [late] if late else []

    async def _taken_back(self, event: ReactionRemoved) -> bool:
        """A mark that had answered a mention is gone again: where no other stands, it waits as before."""
        mentions = self._watch.settings.mentions
        if emoji_key(event.emoji) not in mentions.answer_reactions | mentions.solved_reactions:
            return False
        for attempt in range(1, TRIES + 1):
            async with self._store.begin() as tx:
                mention = await tx.mention_of(event.ref)
                messages = await tx.messages_of(mention.id) if mention is not None else []
            if mention is None or mention.closing_rule not in MARKED or await self._is_marked(mention, messages, event):
                return False
            try:
                again = self._watch.judge.reopening(mention, event.member.id, event.at, "reaction-removed")
                return _shows(await self._watch.commit([again]))
            except Conflict:
                if attempt == TRIES:
                    raise
        return False

    async def _is_marked(self, mention: Mention, messages: list[str], removed: ReactionRemoved) -> bool:
        """Whether a mark still stands that answers a mention. Where its messages cannot be read: one of another member,
        as far as we know.
        """
        refs = [removed.ref, *(replace(removed.ref, id=id_) for id_ in messages if id_ != removed.ref.id)]
        try:
            found = [await self._watch.chat.fetch(ref) for ref in refs[:MOST_READ]]
        except ChatError:
            return mention.closed_by != removed.member.id
        if len(refs) > MOST_READ and mention.closed_by != removed.member.id:
            return True
        marks = [reaction for message in found if message is not None for reaction in message.reactions]
        return any(self._watch.judge.marks(mention, self._watch.member(mark.member), mark.emoji) for mark in marks)

    def _remember(self, message: Message, heard: Heard, room: Room) -> None:
        room.hear(heard)
        self._watch.along.read(message)


def _shows(stored: list[Mention]) -> bool:
    """Whether one of these has a living nudge, which is to show how things are now."""
    return any(mention.told_by for mention in stored)
