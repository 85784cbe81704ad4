"""What was said while nobody listened is read on every connect, and nobody is nudged about a channel before that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from village import CALL, HELP, MODS, SUPPORT, TIPS, Trouble, Village, everything, named, place, settings

from bot.errors import ChatError, Forbidden, Gone, RateLimited, Sent, Unavailable
from bot.events import Connected, MessagePosted
from bot.markup import plain
from bot.model import MentionState, Message, MessageRef, Place
from bot.ports import Store
from bot.settings import MentionSettings, Mode, TipSettings
from tests.fakes import COMMUNITY, FakeChat, Fault

DOWN = Fault(Unavailable("no connection", sent=Sent.NO, reason="503"))


async def test_what_was_missed_is_judged_in_order(village: Village) -> None:
    """A question asked and answered while we were away opens and closes; one that was not answered waits."""
    await village.says("bob", "I like it here a lot")
    await village.bot.tick()
    answered = village.write("ada", "How do I reset my password?")
    await village.time_passes(1)
    village.write("tess", "In the settings, under your name")
    await village.time_passes(1)
    open_still = village.write("cleo", "Where do I find the invoices?")
    await village.restart()
    assert (await village.the_mention(answered)).state is MentionState.ANSWERED
    assert (await village.the_mention(open_still)).state is MentionState.OPEN


async def test_an_answer_given_in_a_thread_while_we_were_away_counts(village: Village) -> None:
    """Threads of whoever waits are read too: their answers are not in the channel's own history."""
    question = await village.asks()
    await village.bot.tick()
    await village.time_passes(1)
    village.write("tess", "Like this", thread=question.ref.id)
    await village.time_passes(1)
    village.write("ada", "It says that the link is too old")
    await village.connect()
    assert (await village.the_mention(question)).closing_rule == "thread"


async def test_nothing_is_told_before_the_first_connection(store: Store) -> None:
    """No tick and no delivery before a community is connected: what is known of it may be long out of date."""
    village = Village(store, settings(tips=TipSettings(channel=TIPS)))
    await village.connect()
    await village.asks()
    village.die()
    await village.time_passes(31)
    await village.bot.watch(COMMUNITY)
    await village.settle()
    assert not village.said
    await village.connect()
    await village.settle()
    await village.wait(1)
    assert len(village.said_in(MODS)) == len(village.said_in(TIPS)) == 1


async def test_the_first_watch_opens_nothing_from_old_history(store: Store) -> None:
    """What stands in a channel before we ever watched it tells who spoke with whom, and opens nothing."""
    village = Village(store)
    village.write("ada", "How do I reset my password?")
    village.write("bob", "Hello @staff, are you there?", pings=CALL)
    await village.time_passes(1)
    await village.connect()
    assert not await village.waiting()
    question = village.write("cleo", "Where do I find the invoices?")
    await village.restart()
    assert (await village.the_mention(question)).state is MentionState.OPEN


async def test_nobody_is_nudged_about_a_channel_that_is_behind(village: Village) -> None:
    """The answer may be among what was missed, so a mention waits until its channel has caught up."""
    question = await village.asks()
    await village.time_passes(1)
    village.write("tess", "Like this", thread=question.ref.id)
    village.chat.script("history", *[DOWN] * 80, channel=SUPPORT)
    await village.connect()
    await village.wait(35)
    assert not village.said
    await village.wait(15)
    assert (await village.the_mention(question)).state is MentionState.ANSWERED
    assert not village.said


async def test_a_nudge_decided_before_a_connection_was_lost_waits_for_what_was_missed(village: Village) -> None:
    """A nudge, or a digest, that was committed is not said while its channel is behind."""
    questions = [await village.asks(who, channel=HELP, pings=CALL) for who in "abcdef"]
    await village.asks()
    await village.time_passes(30)
    await village.bot.tick()
    village.chat.script("history", *[DOWN] * 2, channel=HELP)
    await village.connect()
    await village.settle()
    assert not village.said
    for question in questions[:4]:
        await village.says("tess", "Like this", channel=HELP, thread=question.ref.id)
    await village.wait(3)
    (digest,) = village.said
    assert len(digest.post.items) == 3


async def test_a_channel_whose_history_fails_is_tried_again_and_the_others_go_on(village: Village) -> None:
    """One channel's trouble is its own: the others are read, and it is tried again."""
    village.chat.script("history", DOWN, channel=SUPPORT)
    await village.time_passes(1)
    here, there = (
        village.write("ada", "How do I do that?"),
        village.write("bob", "I ask @staff", channel=HELP, pings=CALL),
    )
    await village.connect()
    assert await village.mention(there)
    assert not await village.mention(here)
    await village.wait(1)
    assert await village.mention(here)


async def test_a_rate_limit_of_history_is_honoured(village: Village) -> None:
    """A limited channel is not asked again before the instant that the platform named."""
    village.chat.script("history", Fault(RateLimited("slow down", retry_after=600)), channel=SUPPORT)
    question = village.write("ada", "How do I do that?")
    await village.connect()
    calls = village.chat.calls.count("history")
    await village.wait(9)
    assert village.chat.calls.count("history") == calls
    assert not await village.mention(question)
    await village.wait(2)
    assert await village.mention(question)


async def test_a_rate_limit_among_many_threads_does_not_begin_again_from_the_first(village: Village) -> None:
    """However many wait, each limit is followed by progress: a thread that was read is not read again."""
    questions = [await village.asks(f"guest{n}", channel=HELP, pings=CALL) for n in range(6)]
    await village.time_passes(1)
    village.write("tess", "Like this", channel=HELP, thread=questions[-1].ref.id)
    limited = Fault(RateLimited("slow down", retry_after=60))
    village.chat.script("history", None, None, None, limited, None, None, None, limited, channel=HELP)
    await village.connect()
    await village.wait(5)
    assert (await village.the_mention(questions[-1])).state is MentionState.ANSWERED


async def test_cursors_are_saved_only_where_we_are_not_behind(village: Village) -> None:
    """A channel that is behind keeps its old cursor however far live messages have gone."""
    here = await village.says("bob", "I like it here a lot")
    there = await village.says("bob", "I like it here a lot", channel=HELP)
    await village.bot.tick()
    assert await _cursors(village) == {SUPPORT: here.ref.id, HELP: there.ref.id, "forum": ""}
    village.chat.script("history", *[DOWN] * 20, channel=HELP)
    await village.connect()
    await village.time_passes(1)
    here, live = [await village.says("bob", "I really do", channel=channel) for channel in (SUPPORT, HELP)]
    await village.bot.tick()
    assert await _cursors(village) == {SUPPORT: here.ref.id, HELP: there.ref.id, "forum": ""}
    await village.wait(30)
    assert (await _cursors(village))[HELP] == live.ref.id


async def _cursors(village: Village) -> dict[str, str]:
    async with village.store.begin() as tx:
        return {cursor.place.channel: cursor.after for cursor in await tx.cursors(COMMUNITY)}


async def test_restarts_in_the_middle_lose_nothing_and_double_nothing(village: Village) -> None:
    """Whenever the process dies, the next one goes on from what was committed."""
    said = []
    for number in range(12):
        said.append(village.write(f"guest{number}", f"How do I do the thing number {number}?"))
        if number % 3:
            await village.hear(said[-1])
        if number % 4 == 1:
            await village.bot.tick()
        if not number % 3 or not number % 4:
            await village.restart()
        await village.time_passes(0.5)
    await village.restart()
    before = await everything(village)
    mentions = {(await village.the_mention(message)).id for message in said}
    assert len(mentions) == len(await village.waiting()) == 12
    await village.restart()
    assert await everything(village) == before


async def test_a_mention_said_to_wait_still_is_not_closed_again_by_a_restart(village: Village) -> None:
    """Reading a thread again does not undo what a moderator said of it since."""
    question = await village.asks()
    await village.says("tess", "I will look into it", thread=question.ref.id)
    mention = await village.the_mention(question)
    await village.bot.tick()
    await village.press("tim", "mention.reopen", mention.id)
    await village.restart()
    assert (await village.the_mention(question)).state is MentionState.OPEN


@pytest.mark.parametrize(
    "error", [Forbidden("no", reason="missing_scope", fix="Add the scope."), Gone("no", reason="x")]
)
async def test_a_channel_that_may_not_be_read_is_told_to_an_admin_once(village: Village, error: ChatError) -> None:
    """Each admin is told once, in private, with the fix; the channel holds up nothing."""
    question = await village.asks()
    for _ in range(3):
        village.chat.script("history", Fault(error), channel=SUPPORT)
        await village.connect()
        await village.settle()
    (notice,) = village.said
    assert notice.ref.place == place("D-adam")
    assert plain(notice.post.context) == error.fix
    await village.wait(31)
    assert (await village.the_mention(question)).step == 1


async def test_a_connection_that_cannot_be_taken_up_at_first_is_not_forgotten(store: Store) -> None:
    """When the platform or the database is down at the connect, the next ticks take it up after all."""
    trouble = Trouble(store)
    village = Village(trouble)
    village.chat.script("team", DOWN)
    await village.connect()
    trouble.failures = 1
    await village.bot.tick()
    question = village.write("ada", "How do I do that?")
    assert await village.bot.next_due() is not None
    await village.wait(1)
    assert (await village.the_mention(question)).state is MentionState.OPEN


async def test_a_community_that_is_slow_or_broken_holds_up_no_other(store: Store) -> None:
    """A tick deals with every community, whatever becomes of one."""
    village = Village(store)
    other = replace(COMMUNITY, id="C2")
    village.chat.teams[other] = village.chat.teams[COMMUNITY]
    village.chat.script("team", DOWN)
    await village.bot.handle(Connected(COMMUNITY))
    await village.bot.handle(Connected(other))
    question = village.write("ada", "How do I do that?")
    there = Message(MessageRef(Place(other, SUPPORT), "q1"), question.author, question.at, question.text)
    await village.bot.handle(MessagePosted(there))
    village.chat.script("team", *[DOWN] * 200)
    await village.time_passes(30)
    await village.bot.tick()
    assert (await village.bot.next_due()) is not None
    async with store.begin() as tx:
        mention = await tx.mention_of(there.ref)
    assert mention is not None
    assert mention.step == 1


async def test_two_connections_at_once_read_each_channel_once_and_well(store: Store) -> None:
    """A tick or a second connection during a catch-up neither fails nor takes the channel for read too early."""
    village = Village(store, settings(mentions=MentionSettings(channel=MODS, watch={SUPPORT: Mode.QUESTIONS})))
    await village.connect()
    page_read, go_on = asyncio.Event(), asyncio.Event()
    first = village.write("ada", "How do I do that?")
    usual = FakeChat.history

    async def slowly(
        self: FakeChat, where: Place, after: str | None, since: datetime | None = None
    ) -> AsyncIterator[Message]:
        page = [message async for message in usual(self, where, after, since)]
        page_read.set()
        await go_on.wait()
        for message in page:
            yield message

    village.chat.history = slowly.__get__(village.chat)  # type: ignore[method-assign]
    connecting = asyncio.create_task(village.connect())
    await page_read.wait()
    second = village.write("bob", "Where do I find the invoices?")
    again = asyncio.create_task(village.connect())
    await asyncio.sleep(0)
    await village.bot.tick()
    go_on.set()
    await asyncio.gather(connecting, again)
    assert (await village.the_mention(first)).state is MentionState.OPEN
    assert (await village.the_mention(second)).state is MentionState.OPEN
    await village.wait(timedelta(minutes=1))
    assert not village.bot.watches[COMMUNITY].along.behind


async def test_a_channel_in_which_nothing_was_ever_said_is_read_from_when_it_was_first_watched(
    village: Village,
) -> None:
    """However long the outage: there is no message to read on from, so the platform is given the instant."""
    await village.connect()
    await village.wait(1)
    village.die()
    first = village.write("ada", "Where is the key?", at=village.clock.now())
    await village.time_passes(timedelta(days=3))
    asked: list[tuple[str | None, datetime | None]] = []
    history = village.chat.history

    def noted(place: Place, after: str | None, since: datetime | None = None) -> AsyncIterator[Message]:
        asked.append((after, since))
        return history(place, after, since)

    village.chat.history = noted  # type: ignore[method-assign]
    await village.connect()
    assert (await village.the_mention(first)).state is MentionState.OPEN
    begins = [since for after, since in asked if after is None]
    assert begins
    assert all(since is not None and since <= first.at for since in begins)


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_restart_forgets_nobody_who_was_just_spoken_with(village: Village, restarts: bool) -> None:
    """The team answers in the open channel without a name: a restart in between makes no false nudge of it."""
    question = await village.asks()
    await village.wait(2)
    if restarts:
        await village.restart()
    await village.says("tess", "Under Settings, then Security.")
    await village.wait(40)
    assert (await village.the_mention(question)).closing_rule == "follows-on"
    assert not village.said


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_restart_makes_no_mention_of_what_only_goes_on(village: Village, restarts: bool) -> None:
    """*@tess ok, doing it* awaits nobody, whether or not the process that heard Tess is still the same."""
    await village.says("tess", "@ada please clear the cache", channel=HELP, pings=named("ada"))
    await village.settle()
    await village.wait(1)
    if restarts:
        await village.restart()
    reply = await village.says("ada", "@tess ok, doing it", channel=HELP, pings=named("tess"))
    assert await village.mention(reply) is None


async def test_what_was_said_before_a_restart_is_read_again_and_judged_no_more(village: Village) -> None:
    """Reading what went before a cursor opens nothing: what was dismissed stays so."""
    question = await village.asks()
    await village.press("tess", "mention.false", (await village.the_mention(question)).id)
    await village.submit("tess", "mention.false", (await village.the_mention(question)).id, choice="chat")
    await village.wait(5)
    before = await everything(village)
    await village.restart()
    assert await everything(village) == before


async def test_a_ping_edited_away_while_nobody_listened_nudges_nobody(village: Village) -> None:
    """The message is fetched when its nudge is said: where its ping is gone, so is the mention."""
    question = await village.says("ada", "@staff the page is broken", channel=HELP, pings=CALL)
    await village.wait(5)
    village.die()
    village.rewrite(question, "I found it, all good")
    await village.connect()
    await village.wait(60)
    assert (await village.the_mention(question)).closing_rule == "edited-away"
    assert not village.said


async def test_an_answer_read_again_does_not_undo_that_somebody_still_waits(village: Village) -> None:
    """*Still waiting* stands, even if the process dies before it has stored how far it had read."""
    question = await village.asks()
    await village.settle()
    await village.wait(1)
    await village.says("tess", "Under Settings", reply_to=question.ref.id)
    await village.press("tess", "mention.reopen", (await village.the_mention(question)).id)
    await village.restart()
    assert (await village.the_mention(question)).state is MentionState.OPEN
    await village.says("tim", "In your profile", reply_to=question.ref.id)
    assert (await village.the_mention(question)).state is MentionState.ANSWERED, "another answer counts"


async def test_what_was_said_before_does_not_push_aside_what_is_said_now(village: Village) -> None:
    """A question asked live while the half hour before a restart is read: the next words of the team are about it."""
    for who, text in (
        ("ada", "good morning everybody"),
        ("bob", "The new version is nice"),
        ("tim", "Glad you like it"),
    ):
        await village.says(who, text)
        await village.wait(1)
    await village.bot.tick()
    village.die()
    asked: list[Message] = []

    async def ask(step: str) -> None:
        if step.startswith("history: asked") and not asked:
            asked.append(village.write("ada", "How do I reset my password?"))
            await village.hear(asked[0])

    village.chat.step = ask
    await village.connect()
    await village.wait(1)
    await village.says("tess", "Under Settings, then Security.")
    assert (await village.the_mention(asked[0])).closing_rule == "follows-on"
