"""Whatever happens in whatever order: memory and database agree, and no nudge is wrong or double."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st
from village import CALL, FORUM, HELP, MODS, SUPPORT, Trouble, Village, named

from bot.errors import StoreUnavailable
from bot.model import MentionState, Message
from storage.memory import MemoryStore
from tests.fakes import COMMUNITY

ASKERS, HELPERS = ("ada", "bob", "cleo"), ("tess", "tim")

Deed = tuple[str, int, int]
"""What is done, by whom or how, and to which message."""

VERBS = [
    *("ask", "say", "answer", "name", "follow", "edit in", "edit out", "delete", "react", "unreact"),
    *("claim", "release", "snooze", "done", "false", "reopen"),
    *("wait", "wait", "sleep", "restart", "reconnect", "missed", "again", "fail"),
]
DEEDS = st.tuples(st.sampled_from(VERBS), st.integers(0, 5), st.integers(0, 30))


@dataclass
class Life:
    """A village in which anything may happen, and which is checked after each thing that did."""

    trouble: Trouble = field(default_factory=lambda: Trouble(MemoryStore()))
    heard: list[Message] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    async def begin(self) -> None:
        self.village = Village(self.trouble)
        self.village.chat.step = self.check_nudge
        await self.village.connect()

    async def check_nudge(self, what: str) -> None:
        """Just before anything is posted: every mention that is about to be told waits."""
        if what != "post: asked":
            return
        sending = [d for d in await self.village.deliveries() if d.state == "sending" and d.key.startswith("nudge/")]
        async with self.village.store.begin() as tx:
            for delivery in sending:
                mention = await tx.mention(str(delivery.subject["mention"]))
                if mention is None or mention.state is not MentionState.OPEN:
                    self.wrong.append(delivery.key)

    async def do(self, deed: Deed) -> None:
        verb, who, which = deed
        village = self.village
        asker, helper, channel = ASKERS[who % 3], HELPERS[who % 2], (SUPPORT, HELP, FORUM)[which % 3]
        message = self.heard[which % len(self.heard)] if self.heard else None
        match verb:
            case "ask":
                self.heard.append(await village.says(asker, "How do I do that @staff?", channel=channel, pings=CALL))
            case "say":
                self.heard.append(await village.says(asker, "I had a nice day in the garden", channel=channel))
            case "wait":
                await village.wait(who * 20 + 1)
            case "sleep":
                await village.time_passes(which * 30)
            case "restart":
                await village.restart()
            case "reconnect":
                await village.connect()
            case "missed":
                village.write(
                    helper, "You do it like this", channel=channel, thread=message.ref.id if message else None
                )
                await village.connect()
            case "fail":
                self.trouble.failures = 1
                lost = village.write(asker, "Does anybody know how that works?", channel=channel)
                try:
                    await village.hear(lost)
                except StoreUnavailable:
                    await village.hear(lost)
                self.trouble.failures = 0
                self.heard.append(lost)
            case _ if message is not None:
                await self.do_to(verb, asker, helper, message)
        await self.check()

    async def do_to(self, verb: str, asker: str, helper: str, message: Message) -> None:
        village, channel = self.village, message.ref.place.channel
        mention = await village.mention(message)
        match verb:
            case "answer":
                await village.says(helper, "You do it like this", channel=channel, thread=message.ref.id)
            case "name":
                await village.says(helper, "so it is", channel=channel, pings=named(message.author.id))
            case "follow":
                self.heard.append(await village.says(message.author.id, "and it is urgent too", channel=channel))
            case "edit in":
                await village.edits(message, "Do you know @staff?", CALL)
            case "edit out":
                await village.edits(message, "I had a nice day")
            case "delete":
                await village.deletes(message)
            case "react":
                await village.reacts(helper, message)
            case "unreact":
                await village.unreacts(helper, message)
            case "again":
                await village.hear(message)
            case "snooze" | "false" if mention:
                await village.submit(helper, f"mention.{verb}", mention.id, choice="1h")
            case "claim" | "release" | "done" | "reopen" if mention:
                await village.press(helper, f"mention.{verb}", mention.id)

    async def check(self) -> None:
        watch = self.village.bot.watches[COMMUNITY]
        await watch.along.save()
        remembered = {m.id: (m.state, m.version) for room in watch.rooms.values() for m in _waiting(room)}
        stored = {m.id: (m.state, m.version) for m in await self.village.waiting()}
        assert remembered == stored
        for room in watch.rooms.values():
            for waiting in room.waiting.values():
                async with self.village.store.begin() as tx:
                    assert waiting.messages == set(await tx.messages_of(waiting.mention.id))

    async def end(self) -> None:
        await self.village.wait(60 * 24 * 4)
        await self.check()
        assert self.wrong == []
        assert max(Counter(self.village.keys).values(), default=0) <= 1
        hours = self.village.settings.hours
        assert all(hours.is_open(accepted.at) for accepted in self.village.said)
        for mention in await self.village.waiting():
            assert mention.told_by or mention.step == 0 or mention.state is MentionState.CLAIMED
        told = {accepted.key: accepted for accepted in self.village.said if accepted.ref.place.channel == MODS}
        for key, accepted in told.items():
            await self.check_look(key or "", self.village.look(accepted).title)

    async def check_look(self, key: str, title: str) -> None:
        """A living nudge shows how its mention stands in the end."""
        async with self.village.store.begin() as tx:
            delivery = await tx.delivery(key)
            assert delivery is not None
            mention = await tx.mention(str(delivery.subject.get("mention")))
        if mention is None or mention.told_by != key:
            return
        ends = {
            MentionState.CLAIMED: "is being answered",
            MentionState.ANSWERED: "was answered",
            MentionState.DISMISSED: "Nothing to answer any more",
            MentionState.GONE: "Nothing to answer any more",
        }
        assert title.endswith(ends.get(mention.state, "is waiting for an answer"))


def _waiting(room: object) -> list[object]:
    return [waiting.mention for waiting in room.waiting.values()]  # type: ignore[attr-defined]


@tries(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(DEEDS, max_size=25))
def test_anything_may_happen(deeds: list[Deed]) -> None:
    """After any story memory is what the database is, each step was said at most once, of open mentions, in hours."""

    async def live() -> None:
        life = Life()
        await life.begin()
        for deed in deeds:
            await life.do(deed)
        await life.end()

    asyncio.run(live())
