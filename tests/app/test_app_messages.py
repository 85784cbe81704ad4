"""What people say opens, changes and closes mentions: once, in order, and only once it is committed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from village import CALL, FORUM, HELP, MODS, SUPPORT, WATCHED, Trouble, Village, everything, named, settings

from bot.errors import StoreUnavailable
from bot.events import MessageEdited, MessagePosted, ReactionAdded
from bot.model import Member, MentionState, Ping, PingKind, Verdict
from bot.ports import Store
from bot.settings import MentionSettings, Mode, Outsiders
from tests.fakes import COMMUNITY

OPEN, ANSWERED = MentionState.OPEN, MentionState.ANSWERED


async def test_a_question_opens_and_an_answer_in_its_thread_closes(village: Village) -> None:
    """A message by someone outside that awaits the team opens a mention; a team answer in its thread closes it."""
    question = await village.asks()
    assert (await village.the_mention(question)).state is OPEN
    await village.time_passes(5)
    answer = await village.says("tess", "Like this", thread=question.ref.id)
    mention = await village.the_mention(question)
    assert (mention.state, mention.closing_rule, mention.closed_by) == (ANSWERED, "thread", "tess")
    assert mention.worked == timedelta(minutes=5)
    assert [d.verdict for d in await village.decisions(question)] == [Verdict.OPENED, Verdict.ANSWERED]
    assert (await village.decisions(question))[-1].message == answer.ref.id


@pytest.mark.parametrize("restarts", [False, True])
async def test_whatever_is_delivered_twice_changes_nothing(village: Village, restarts: bool) -> None:
    """A redelivered event changes nothing, at once or after a restart: not the mention, its history or its clock."""
    question = village.write("ada", "How do I reset my password?")
    more = village.write("ada", "I tried the link in the mail")
    answered = village.write("bob", "Can anybody help me?", channel=HELP, pings=CALL)
    answer = village.write("tess", "Sure", channel=HELP, thread=answered.ref.id)
    at = village.clock.now()
    events = [
        MessagePosted(question),
        MessagePosted(more),
        MessagePosted(answered),
        MessagePosted(answer),
        ReactionAdded(question.ref, question.author, "👀", at),
        MessageEdited(question, at + timedelta(seconds=1)),
    ]
    for event in events:
        await village.bot.handle(event)
    before = await everything(village)
    if restarts:
        await village.restart()
    for event in [*events, *events]:
        await village.bot.handle(event)
    assert await everything(village) == before


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_follow_up_delivered_again_wakes_nobody(village: Village, restarts: bool) -> None:
    """What the asker said before a snooze and is delivered again after it does not wake the mention."""
    question = await village.asks()
    more = await village.says("ada", "It is urgent")
    mention = await village.the_mention(question)
    await village.submit("tess", "mention.snooze", mention.id, choice="week")
    if restarts:
        await village.restart()
    for message in (question, more):
        await village.hear(message)
    assert (await village.the_mention(question)).state is MentionState.SNOOZED


async def test_a_failed_commit_changes_nothing_and_the_redelivery_works(store: Store) -> None:
    """A database that is down means no acknowledgement: memory stays as it was, the next delivery is judged anew."""
    trouble = Trouble(store)
    village = Village(trouble)
    await village.connect()
    question = village.write("ada", "How do I reset my password?")
    trouble.failures = 1
    with pytest.raises(StoreUnavailable):
        await village.hear(question)
    assert await village.mention(question) is None
    assert not village.bot.watches[COMMUNITY].rooms[SUPPORT].waiting
    await village.hear(question)
    assert (await village.the_mention(question)).state is OPEN
    answer = village.write("tess", "Like this", thread=question.ref.id)
    trouble.failures = 1
    with pytest.raises(StoreUnavailable):
        await village.hear(answer)
    assert (await village.the_mention(question)).state is OPEN
    await village.hear(answer)
    assert (await village.the_mention(question)).state is ANSWERED


async def test_what_could_not_be_stored_is_read_again_where_nothing_is_redelivered(store: Store) -> None:
    """A platform that does not deliver again loses nothing: the channel is behind until history was read once more."""
    trouble = Trouble(store)
    village = Village(trouble)
    await village.connect()
    await village.says("bob", "good morning everybody, nice day")
    question = village.write("ada", "How do I reset my password?")
    trouble.failures = 1
    with pytest.raises(StoreUnavailable):
        await village.hear(question)
    await village.says("bob", "I had coffee")
    await village.wait(1)
    assert (await village.the_mention(question)).state is OPEN


async def test_messages_of_a_channel_are_judged_in_order_while_commits_suspend(store: Store) -> None:
    """An answer that arrives while the opening is being committed closes it; what is said after it waits."""
    trouble = Trouble(store)
    village = Village(trouble)
    await village.connect()
    trouble.gate = asyncio.Event()
    said = [
        village.write("ada", "How do I reset my password?"),
        village.write("tess", "You do it in the settings"),
        village.write("bob", "I like the new colours a lot"),
    ]
    tasks = [asyncio.create_task(village.hear(message)) for message in said]
    for _ in range(50):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)
    trouble.gate.set()
    await asyncio.gather(*tasks)
    mention = await village.the_mention(said[0])
    assert (mention.state, mention.closing_rule) == (ANSWERED, "follows-on")


async def test_who_queues_is_not_overtaken_when_the_turn_is_given_on(store: Store) -> None:
    """A message that comes between the end of one commit and the beginning of the next waits its turn."""
    trouble = Trouble(store)
    village = Village(trouble)
    await village.connect()
    question = village.write("ada", "How do I reset my password?")
    answer = village.write("tess", "You do it in the settings")
    chatter = village.write("bob", "I like the new colours a lot")

    async def ask_then_chat() -> None:
        await village.hear(question)
        tasks.append(asyncio.create_task(village.hear(chatter)))
        # The turn was given on, and whoever queues for it has not run yet.
        await tasks[-1]

    tasks: list[asyncio.Task[None]] = []
    trouble.gate = asyncio.Event()
    first = asyncio.create_task(ask_then_chat())
    await asyncio.sleep(0)
    second = asyncio.create_task(village.hear(answer))
    await asyncio.sleep(0)
    trouble.gate.set()
    await asyncio.gather(first, second)
    assert (await village.the_mention(question)).state is ANSWERED


async def test_an_answer_that_overtook_its_question_closes_it(village: Village) -> None:
    """Platforms promise no order: an answer heard before its question counts once the question is heard."""
    question = village.write("ada", "How do I reset my password?")
    await village.time_passes(1)
    await village.says("tess", "Like this", thread=question.ref.id)
    await village.hear(question)
    assert (await village.the_mention(question)).state is ANSWERED


async def test_an_overtaken_question_is_closed_even_when_that_fails_at_first(store: Store) -> None:
    """Opening was committed, closing was not: the redelivery of the question closes it after all."""
    trouble = Trouble(store)
    village = Village(trouble)
    await village.connect()
    question = village.write("ada", "How do I reset my password?")
    await village.time_passes(1)
    await village.says("tess", "Like this", thread=question.ref.id)

    def fail_the_second(_mention: object) -> None:
        trouble.failures = 1

    village.bot.stored = fail_the_second
    with pytest.raises(StoreUnavailable):
        await village.hear(question)
    village.bot.stored = lambda _mention: None
    assert (await village.the_mention(question)).state is OPEN
    await village.hear(question)
    assert (await village.the_mention(question)).state is ANSWERED


@pytest.mark.parametrize("text", ["never mind, it works now", "c'est bon, j'ai trouvé"])
async def test_the_asker_says_that_it_is_solved(village: Village, text: str) -> None:
    """The asker's own "solved" closes the mention, and no answer is counted for it."""
    question = await village.asks()
    await village.says("ada", text)
    mention = await village.the_mention(question)
    assert (mention.state, mention.closing_rule, mention.worked) == (ANSWERED, "asker-solved", None)


async def test_what_one_person_says_in_one_conversation_is_one_mention(village: Village) -> None:
    """Messages by the same person in the same conversation belong to one mention, across a restart too."""
    question = await village.asks()
    more = await village.says("ada", "It says that the link is too old")
    await village.restart()
    again = await village.says("ada", "Does anybody know?")
    await village.bot.tick()
    mentions = {(await village.the_mention(message)).id for message in (question, more, again)}
    assert len(mentions) == len(await village.waiting()) == 1


async def test_a_follow_up_is_stored_with_whatever_is_decided_next(village: Village) -> None:
    """A word that decides nothing costs no transaction; it is stored with what builds on it, or read again."""
    question = await village.asks()
    before = len(await village.decisions(question))
    more = await village.says("ada", "It says that the link is too old")
    assert await village.mention(more) is None
    await village.press("tess", "mention.done", (await village.the_mention(question)).id)
    await village.restart()
    await village.hear(more)
    assert (await village.the_mention(more)).state is MentionState.ANSWERED
    assert len(await village.decisions(question)) == before + 1
    assert not await village.waiting()


async def test_threads_are_conversations_of_their_own(village: Village) -> None:
    """A call inside a thread waits there: an answer in another thread, or in the channel, is not its answer."""
    root = await village.says("bob", "I moved house", channel=HELP)
    inside = await village.says("ada", "@staff may I too?", channel=HELP, thread=root.ref.id, pings=CALL)
    elsewhere = await village.says("cleo", "@staff I was there too", channel=HELP, pings=CALL)
    await village.says("tess", "Hello Cleo", channel=HELP, thread=elsewhere.ref.id)
    assert (await village.the_mention(inside)).state is OPEN
    assert (await village.the_mention(elsewhere)).state is ANSWERED
    await village.says("tess", "You may", channel=HELP, thread=root.ref.id)
    assert (await village.the_mention(inside)).state is ANSWERED


async def test_another_mentions_answer_is_not_ours(village: Village) -> None:
    """In a flat channel a team message closes the mention whose asker it names, and no other."""
    first = await village.asks("ada", "How do I reset my password?")
    second = await village.asks("bob", "Where do I find the invoices?")
    await village.says("tess", "@Ada in the settings", pings=named("ada"))
    assert (await village.the_mention(first)).state is ANSWERED
    assert (await village.the_mention(second)).state is OPEN


async def test_nobody_is_nudged_about_what_asks_nothing(village: Village) -> None:
    """Bots, the team, thanks and greetings open nothing in any channel; a conversation opens one where all do."""
    await village.says("rss", "How to reset a password?", by=Member(COMMUNITY, "rss", "RSS", bot=True))
    for who, text in (("ada", "thanks a lot!"), ("bob", "good morning"), ("tess", "How are you all?"), ("cleo", "👍")):
        await village.says(who, text, channel=FORUM)
    assert not await village.waiting()
    await village.time_passes(1)
    await village.says("dora", "My garden is full of snails this year", channel=FORUM)
    assert len(await village.waiting()) == 1


async def test_what_waits_in_a_channel_no_longer_watched_can_be_answered_but_nothing_opens_there(store: Store) -> None:
    """Taking a channel off the list forgets nobody who waits there, and opens nothing new."""
    village = Village(store)
    await village.connect()
    question = await village.says("ada", "I was there yesterday @staff", channel=HELP, pings=CALL)
    village.settings = settings(mentions=MentionSettings(channel=MODS, watch={SUPPORT: Mode.QUESTIONS}))
    await village.restart()
    other = await village.says("bob", "I was there yesterday @staff", channel=HELP, pings=CALL)
    assert await village.mention(other) is None
    await village.says("tess", "Hello", channel=HELP, thread=question.ref.id)
    assert not await village.waiting()


async def test_a_mention_forgotten_elsewhere_does_not_block_its_channel(village: Village) -> None:
    """When a mention vanishes from the database, as when its asker wants to be forgotten, messages are judged on."""
    question = await village.asks()
    async with village.store.begin() as tx:
        await tx.forget_member(COMMUNITY, "ada")
    answer = village.write("tess", "Like this", thread=question.ref.id)
    await village.hear(answer)
    other = await village.asks("bob")
    assert (await village.the_mention(other)).state is OPEN


@pytest.mark.parametrize(("after", "closed"), [(20, True), (180, False)])
async def test_an_answer_ends_what_was_asked_lately_and_not_what_was_hours_ago(
    village: Village, after: int, closed: bool
) -> None:
    """In an open channel the team's words are about somebody's latest question, not one of the same person's before."""
    first = await village.asks(text="How do I reset my password?")
    await village.wait(after)
    second = await village.asks(text="Can I change the colour of the invoices?")
    await village.wait(2)
    await village.says("tess", "@ada yes, in Billing", pings=named("ada"))
    assert (await village.the_mention(second)).closing_rule == "names-asker"
    assert (await village.the_mention(first)).state.waits is not closed


async def test_handing_somebody_on_is_no_answer(village: Village) -> None:
    """*@tim can you help @ada?* speaks to Tim: Ada still waits."""
    question = await village.asks()
    pings = (Ping(PingKind.MEMBER, "tim", leading=True), Ping(PingKind.MEMBER, "ada"))
    await village.says("tess", "@tim can you help @ada please?", pings=pings)
    assert (await village.the_mention(question)).state.waits
    await village.says("tim", "@ada sure, look into your settings", pings=named("ada"))
    assert (await village.the_mention(question)).closing_rule == "names-asker"


@pytest.mark.parametrize(
    ("text", "pings", "rule"),
    [
        ("@staff", CALL, "ping-role"),
        ("@staff !!!", CALL, "ping-role"),
        ("@Tess,", named("tess"), "ping-member"),
        ("@staff 👋", CALL, None),
        ("@staff hello", CALL, None),
        ("@Tess, thanks!", named("tess"), None),
    ],
)
async def test_a_name_and_not_a_word_more_calls(
    village: Village, text: str, pings: tuple[Ping, ...], rule: str | None
) -> None:
    """Whoever calls the team and says nothing else awaits somebody; a greeting, thanks or an emoji alone do not."""
    message = await village.says("ada", text, channel=HELP, pings=pings)
    mention = await village.mention(message)
    assert (mention and mention.rule) == rule


@pytest.mark.parametrize("waits", [False, True])
async def test_somebody_who_waits_may_help_another(store: Store, waits: bool) -> None:
    """Where the community's answers count, those of somebody with a question of their own do, too."""
    rules = MentionSettings(channel=MODS, watch=WATCHED, outsiders=Outsiders.COUNT)
    village = Village(store, settings(mentions=rules))
    await village.connect()
    question = await village.asks("bob", "How do I export my data?")
    if waits:
        await village.asks("ada")
    await village.says("ada", "@Bob it is in the export menu", reply_to=question.ref.id, pings=named("bob"))
    assert (await village.the_mention(question)).closing_rule == "outsider-reply"


async def test_speaking_to_two_people_of_the_community_answers_the_one_who_waits(village: Village) -> None:
    """*@bob did that help? @ada look there*: nobody was handed on, Ada has her answer."""
    await village.says("bob", "I like it here")
    question = await village.asks()
    pings = (Ping(PingKind.MEMBER, "bob", leading=True), Ping(PingKind.MEMBER, "ada"))
    await village.says("tess", "@bob did that help? @ada please go to Settings, then Security.", pings=pings)
    assert (await village.the_mention(question)).closing_rule == "names-asker"
