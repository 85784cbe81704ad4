"""A small community to tell stories about: its people, its channels, its settings, and the bot that looks after it.

The team is Tess, Tim and Lea, who leads it; Adam administers; Ada, Bob and Cleo are outside. Office hours are nine to
six in UTC, and every story begins on a Monday at nine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import count
from typing import Any

from bot.app import Bot
from bot.delivery import Deliverer
from bot.errors import StoreUnavailable
from bot.events import (
    ActionTaken,
    CommandInvoked,
    Connected,
    FormSubmitted,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    ReactionAdded,
    ReactionRemoved,
    Reply,
)
from bot.model import (
    Decision,
    Delivery,
    DeliveryState,
    Member,
    Mention,
    Message,
    MessageRef,
    Ping,
    PingKind,
    Place,
    Reaction,
    Team,
)
from bot.ports import Store, Transaction
from bot.post import Post
from bot.settings import MentionSettings, Mode, Settings, TeamSettings, TipSettings
from bot.shelf import Shelf
from tests.fakes import COMMUNITY, FAKE, Accepted, FakeChat, FakeClock

SUPPORT, HELP, FORUM, MODS, TIPS = "support", "help", "forum", "mods", "team"
WATCHED = {SUPPORT: Mode.QUESTIONS, HELP: Mode.PINGS, FORUM: Mode.EVERYTHING}

ME = "vigie"
TEAM_ROLE, ON_DUTY = "staff", "duty"
TEAM = Team(me=ME, members=frozenset({"tess", "tim", "lea"}), roles=frozenset({TEAM_ROLE}))

TIPS_AT_TEN = TipSettings(channel=TIPS, at=time(10))

CALL = (Ping(PingKind.ROLE, TEAM_ROLE),)
"""The pings of a message that calls the team."""

SHELF = Shelf()
"""The shipped tips, read and indexed once for all stories."""


def member(name: str, locale: str | None = None) -> Member:
    """Somebody whose name is their id with a capital."""
    return Member(COMMUNITY, name, name.title(), locale=locale)


def place(channel: str, thread: str | None = None) -> Place:
    return Place(COMMUNITY, channel, thread)


def named(name: str) -> tuple[Ping, ...]:
    return (Ping(PingKind.MEMBER, name, leading=True),)


def settings(**changes: Any) -> Settings:
    """What this community decided, unless a story says otherwise."""
    usual: dict[str, Any] = {
        "team": TeamSettings(admins=("adam",), lead="lea", on_duty=ON_DUTY),
        "mentions": MentionSettings(channel=MODS, watch=WATCHED),
    }
    return Settings(**{**usual, **changes})


class Trouble:
    """A store whose next transactions fail when they are to be committed, or wait at that point until `gate` is set."""

    def __init__(self, store: Store) -> None:
        self.failures = 0
        self.gate: asyncio.Event | None = None
        self._store = store

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        async with self._store.begin() as tx:
            yield tx
            if self.gate is not None:
                await self.gate.wait()
            if self.failures:
                self.failures -= 1
                raise StoreUnavailable("the database is down")

    async def close(self) -> None:
        await self._store.close()


class Village:
    def __init__(self, store: Store, decided: Settings | None = None, clock: FakeClock | None = None) -> None:
        self.store = store
        self.settings = decided or settings()
        self.clock = clock or FakeClock()
        self.chat = FakeChat(self.clock)
        self.chat.teams[COMMUNITY] = TEAM
        self.shelf = SHELF
        self._ids = count(1)
        self.die()

    def die(self) -> None:
        """Everything that was only in memory is gone, and the next process is not connected yet."""
        self.bot = Bot(self.store, {FAKE: self.chat}, self.clock, lambda _: self.settings, self.shelf)
        self.deliverer = Deliverer(self.store, {FAKE: self.chat}, self.clock, self.bot.voice, owner="village")

    # the machine

    async def connect(self) -> None:
        await self.bot.handle(Connected(COMMUNITY))

    async def restart(self) -> None:
        """The process dies, and the next one connects."""
        self.die()
        await self.connect()

    async def settle(self) -> None:
        """Do what is due at this instant."""
        await self.bot.tick()
        await self.deliverer.deliver_due([COMMUNITY])

    async def wait(self, length: timedelta | float) -> None:
        """Let time pass (a number is of minutes); what falls due meanwhile happens at its own instant."""
        await self.wait_until(
            self.clock.now() + (length if isinstance(length, timedelta) else timedelta(minutes=length))
        )

    async def wait_until(self, instant: datetime) -> None:
        await self.settle()
        while (due := await self.bot.next_due()) is not None and due <= instant:
            await self.clock.advance(due - self.clock.now())
            await self.settle()
        await self.clock.advance(instant - self.clock.now())

    async def time_passes(self, length: timedelta | float) -> None:
        """Time goes by while the bot does nothing: it is busy, or dead."""
        await self.clock.advance(length if isinstance(length, timedelta) else timedelta(minutes=length))

    # the people

    def write(
        self,
        author: str,
        text: str,
        *,
        channel: str = SUPPORT,
        thread: str | None = None,
        reply_to: str | None = None,
        pings: tuple[Ping, ...] = (),
        at: datetime | None = None,
        by: Member | None = None,
    ) -> Message:
        """Somebody says something; the bot does not hear it yet."""
        ref = MessageRef(place(channel, thread), f"p{next(self._ids):05}")
        at = at or self.clock.now()
        message = Message(ref, by or member(author), at, text, pings=pings, reply_to=reply_to)
        self.chat.messages.append(message)
        return message

    async def hear(self, message: Message) -> None:
        await self.bot.handle(MessagePosted(message))

    async def says(self, author: str, text: str, **how: Any) -> Message:
        """Somebody says something, and the bot hears it."""
        message = self.write(author, text, **how)
        await self.hear(message)
        return message

    async def asks(self, author: str = "ada", text: str = "How do I reset my password?", **how: Any) -> Message:
        return await self.says(author, text, **how)

    async def edits(self, message: Message, text: str, pings: tuple[Ping, ...] = ()) -> Message:
        changed = self._change(replace(message, text=text, pings=pings))
        await self.bot.handle(MessageEdited(changed, self.clock.now()))
        return changed

    def rewrite(self, message: Message, text: str) -> None:
        """Somebody edits, pings away; the bot does not hear of it."""
        self._change(replace(message, text=text, pings=()))

    async def deletes(self, message: Message) -> None:
        self.chat.delete(message.ref)
        await self.bot.handle(MessageDeleted(message.ref, self.clock.now()))

    def mark(self, name: str, message: Message, emoji: str = "✅") -> Message:
        """Somebody reacts; the bot does not hear of it."""
        return self._change(replace(message, reactions=(*message.reactions, Reaction(emoji, name))))

    async def reacts(self, name: str, message: Message, emoji: str = "✅") -> Message:
        marked = self.mark(name, message, emoji)
        await self.bot.handle(ReactionAdded(message.ref, member(name), emoji, self.clock.now()))
        return marked

    async def unreacts(self, name: str, message: Message, emoji: str = "✅") -> None:
        left = tuple(r for r in message.reactions if (r.emoji, r.member) != (emoji, name))
        self._change(replace(message, reactions=left))
        await self.bot.handle(ReactionRemoved(message.ref, member(name), emoji, self.clock.now()))

    async def press(self, name: str, action: str, value: str, on: Accepted | None = None, **who: Any) -> Reply | None:
        where = on.ref.place if on else place(MODS)
        return await self.bot.handle(
            ActionTaken(where, member(name, **who), action, value, self.clock.now(), on.ref if on else None)
        )

    async def submit(self, name: str, form: str, value: str, **values: str) -> Reply | None:
        return await self.bot.handle(
            FormSubmitted(place(MODS), member(name), form, value, self.clock.now(), values=values)
        )

    async def command(
        self,
        name: str,
        command: str,
        text: str = "",
        *,
        channel: str = TIPS,
        locale: str | None = None,
        private: bool = False,
    ) -> Reply | None:
        return await self.bot.handle(
            CommandInvoked(place(channel), member(name, locale), command, text, self.clock.now(), private)
        )

    def _change(self, message: Message) -> Message:
        known = next(i for i, m in enumerate(self.chat.messages) if m.ref.key == message.ref.key)
        self.chat.messages[known] = message
        return message

    # what came of it

    async def mention(self, message: Message) -> Mention | None:
        """The mention to which a message belongs."""
        async with self.store.begin() as tx:
            return await tx.mention_of(message.ref)

    async def the_mention(self, message: Message) -> Mention:
        found = await self.mention(message)
        assert found is not None
        return found

    async def decisions(self, message: Message) -> list[Decision]:
        mention = await self.the_mention(message)
        async with self.store.begin() as tx:
            return await tx.decisions(mention.id)

    async def waiting(self) -> list[Mention]:
        async with self.store.begin() as tx:
            return await tx.waiting(COMMUNITY)

    async def deliveries(self) -> list[Delivery]:
        """Oldest first."""
        async with self.store.begin() as tx:
            return (await tx.deliveries(COMMUNITY, 10_000))[::-1]

    async def state_of(self, key: str) -> DeliveryState:
        async with self.store.begin() as tx:
            found = await tx.delivery(key)
        assert found is not None
        return found.state

    @property
    def keys(self) -> list[str]:
        return self.chat.keys()

    @property
    def said(self) -> list[Accepted]:
        """What the bot posted, oldest first."""
        return self.chat.accepted()

    def said_in(self, channel: str) -> list[Post]:
        return [accepted.post for accepted in self.said if accepted.ref.place.channel == channel]

    def look(self, accepted: Accepted) -> Post:
        """How one of the bot's messages looks now."""
        post = self.chat.look(accepted.ref)
        assert post is not None
        return post


async def everything(village: Village) -> object:
    """All that the store knows about the community, to tell whether something changed it."""
    async with village.store.begin() as tx:
        mentions = [m for message in village.chat.messages if (m := await tx.mention_of(message.ref))]
        decisions = [await tx.decisions(mention.id) for mention in mentions]
        attached = [await tx.messages_of(mention.id) for mention in mentions]
        return mentions, decisions, attached, await tx.deliveries(COMMUNITY, 10_000)


MINUTES_30, HOURS_2, HOURS_8 = timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8)
