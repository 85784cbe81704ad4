"""A nudge is checked again when it is said, and the living one shows how things are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from village import CALL, FORUM, HELP, MODS, SUPPORT, WATCHED, Village, place, settings

from bot.errors import Forbidden, Gone, RateLimited, Sent, Unavailable
from bot.events import ChannelFound
from bot.model import DeliveryState, Mention, MentionState, Message
from bot.ports import Store
from bot.post import Post
from bot.settings import LADDER, MentionSettings, Mode, Step, Target
from storage.memory import MemoryStore
from tests.fakes import COMMUNITY, MONDAY, Fault, give_way

DOWN = Fault(Unavailable("no connection", sent=Sent.NO, reason="503"))


async def answered(village: Village, question: Message) -> None:
    await village.says("tess", "Like this", thread=question.ref.id)


async def claimed(village: Village, question: Message) -> None:
    await village.press("tess", "mention.claim", (await village.the_mention(question)).id)


async def snoozed(village: Village, question: Message) -> None:
    await village.submit("tess", "mention.snooze", (await village.the_mention(question)).id, choice="day")


async def dismissed(village: Village, question: Message) -> None:
    await village.submit("tess", "mention.false", (await village.the_mention(question)).id, choice="chat")


async def reacted_unheard(village: Village, question: Message) -> None:
    village.mark("tess", question)


async def deleted_unheard(village: Village, question: Message) -> None:
    village.chat.delete(question.ref)


@pytest.mark.parametrize("happens", [answered, claimed, snoozed, dismissed, reacted_unheard, deleted_unheard])
async def test_what_was_taken_care_of_meanwhile_is_not_said(
    village: Village, happens: Callable[[Village, Message], Awaitable[None]]
) -> None:
    """A nudge is re-checked when it is sent: answered, claimed, put off, reacted to or gone, it is not said."""
    question = await village.asks()
    await village.time_passes(30)
    await village.bot.tick()
    mention = await village.the_mention(question)
    await happens(village, question)
    await village.deliverer.deliver_due([COMMUNITY])
    assert not village.said
    assert await village.state_of(f"nudge/{mention.id}/0") is DeliveryState.CANCELLED
    assert (await village.the_mention(question)).state is not MentionState.OPEN


@pytest.mark.parametrize("happens", [answered, claimed, snoozed, dismissed])
@pytest.mark.parametrize("moment", ["fetch: asked", "fetch: done"])
async def test_what_happens_while_a_nudge_is_put_into_words_is_heeded(
    village: Village, moment: str, happens: Callable[[Village, Message], Awaitable[None]]
) -> None:
    """The message is being fetched for its excerpt just when somebody takes care of it: nothing is said."""
    question = await village.asks()
    await village.time_passes(30)
    await village.bot.tick()
    mention = await village.the_mention(question)

    async def meanwhile(what: str) -> None:
        if what == moment:
            village.chat.step = give_way
            await happens(village, question)

    village.chat.step = meanwhile
    await village.deliverer.deliver_due([COMMUNITY])
    assert (await village.the_mention(question)).state is not MentionState.OPEN
    assert not village.said
    assert await village.state_of(f"nudge/{mention.id}/0") is DeliveryState.CANCELLED


async def test_working_time_that_ends_while_a_nudge_is_put_into_words_is_heeded(village: Village) -> None:
    """It is said the next morning."""
    await village.wait_until(MONDAY.replace(hour=17, minute=29, second=55))
    await village.asks()
    await village.time_passes(30)
    assert village.settings.hours.is_open(village.clock.now())

    async def meanwhile(what: str) -> None:
        if what == "fetch: asked":
            village.chat.step = give_way
            await village.time_passes(timedelta(seconds=10))

    village.chat.step = meanwhile
    await village.settle()
    assert not village.settings.hours.is_open(village.clock.now())
    assert not village.said
    await village.wait(timedelta(days=1))
    nudge = village.said[0]
    assert nudge.at == MONDAY.replace(hour=9) + timedelta(days=1)


async def test_the_living_nudge_is_edited_as_things_change(village: Village) -> None:
    """One message tells a mention's whole story: waiting, claimed, given back, answered, waiting again."""
    question = await village.asks()
    await village.wait(30)
    (nudge,) = village.said
    mention = await village.the_mention(question)
    assert nudge.post.title == "Ada is waiting for an answer"
    assert _labels(nudge.post) == ["Open", "Claim", "Snooze", "Done", "Not a mention"]

    async def look() -> Post:
        await village.wait(0.1)
        return village.look(nudge)

    await village.press("tess", "mention.claim", mention.id)
    assert (await look()).title == "Ada is being answered"
    assert _labels(await look())[1] == "Give back"
    await village.press("tess", "mention.release", mention.id)
    assert (await look()).title == "Ada is waiting for an answer"
    await village.says("tim", "Like this", thread=question.ref.id)
    assert (await look()).title == "Ada was answered"
    assert "answered in its thread" in (await look()).context
    assert _labels(await look()) == ["Open", "Still waiting"]
    await village.press("tess", "mention.reopen", mention.id)
    assert (await look()).title == "Ada is waiting for an answer"
    await village.deletes(question)
    gone = await look()
    assert (gone.title, _labels(gone)) == ("Nothing to answer any more", ["Open"])
    assert "password" not in gone.body
    assert len(village.said) == 1


def _labels(post: Post) -> list[str]:
    return [button.label for button in post.buttons]


@pytest.mark.parametrize("moment", ["post: asked", "post: done"])
async def test_a_change_while_the_nudge_is_in_flight_is_shown(village: Village, moment: str) -> None:
    """An answer that comes while the nudge is being sent is shown on it as soon as it is out."""
    question = await village.asks()

    async def step(what: str) -> None:
        await asyncio.sleep(0)
        if what == moment and (await village.the_mention(question)).state is MentionState.OPEN:
            await village.says("tess", "Like this", thread=question.ref.id)

    village.chat.step = step
    await village.wait(31)
    (nudge,) = village.said
    assert village.look(nudge).title == "Ada was answered"


async def test_an_escalation_without_threads_is_a_message_of_its_own(village: Village) -> None:
    """Where a platform has no threads, the reminder stands in the channel, and the first nudge stays the living one."""
    village.chat.capabilities = replace(village.chat.capabilities, threads=False)
    question = await village.asks()
    await village.wait(125)
    assert [accepted.ref.place for accepted in village.said] == [place(MODS), place(MODS)]
    await village.says("tess", "@Ada look here", reply_to=question.ref.id)
    await village.wait(1)
    assert village.look(village.said[0]).title == "Ada was answered"


async def test_an_escalation_whose_nudge_was_removed_becomes_a_nudge_of_its_own(village: Village) -> None:
    """Somebody deleted the nudge: the next step is said all the same, and is the living one from then on."""
    question = await village.asks()
    await village.wait(31)
    village.chat.delete(village.said[0].ref)
    village.chat.script("post", Fault(Gone("no such thread", reason="thread_not_found")))
    await village.wait(92)
    anew = village.said[-1]
    assert anew.ref.place == place(MODS)
    assert anew.post.pings
    assert not village.said_in("D-adam")
    await village.says("tess", "Like this", thread=question.ref.id)
    await village.wait(1)
    assert village.look(anew).title == "Ada was answered"


async def test_a_moderators_channel_that_moved_gets_its_nudges(village: Village) -> None:
    """After the channel was changed in the settings, what was told in the old one is told on in the new one."""
    await village.asks()
    await village.wait(31)
    village.settings = settings(mentions=replace(village.settings.mentions, channel="new-mods"))
    await village.restart()
    await village.wait(95)
    assert village.said[-1].ref.place == place("new-mods")


async def test_a_message_that_may_not_be_read_is_nudged_about_all_the_same(village: Village) -> None:
    """Where only the bot lost its sight, the team is told without the excerpt rather than never."""
    await village.asks()
    village.chat.script("fetch", Fault(Forbidden("no", reason="missing_scope")))
    await village.wait(31)
    (nudge,) = village.said
    assert nudge.post.title == "Somebody is waiting for an answer"
    assert "/support/" in nudge.post.body


async def test_a_look_keeps_its_words_while_the_platform_is_down(village: Village) -> None:
    """An edit waits until the message can be fetched, rather than forgetting who asked what."""
    question = await village.asks()
    await village.wait(31)
    village.chat.script("fetch", Fault(Unavailable("down")))
    await claimed(village, question)
    await village.wait(2)
    assert village.look(village.said[0]).title == "Ada is being answered"


async def test_a_nudge_waits_for_its_community_after_a_restart(village: Village) -> None:
    """What was committed before a restart is neither said nor cancelled before the community is connected again."""
    question = await village.asks()
    await village.time_passes(30)
    await village.bot.tick()
    village.die()
    await village.deliverer.deliver_due([COMMUNITY])
    mention = await village.the_mention(question)
    assert await village.state_of(f"nudge/{mention.id}/0") is DeliveryState.PENDING
    await village.connect()
    await village.wait(1)
    assert len(village.said) == 1


async def test_a_thousand_overdue_at_the_start_are_one_digest(village: Village) -> None:
    """After an outage there is one message, not a storm, and it looks up only what it shows."""
    many = 1000 if isinstance(village.store, MemoryStore) else 200  # a file takes its time, and tells nothing more
    asked = [village.write(f"guest{number}", "I ask @staff", channel=HELP, pings=CALL) for number in range(many)]
    async with village.store.begin() as tx:
        for message in asked:
            assert await tx.add_mention(_waiting(message))
    await village.time_passes(14 * 24 * 60)
    await village.restart()
    village.chat.calls.clear()
    await village.settle()
    (digest,) = village.said
    assert digest.post.title == f"{many:,} people are waiting for an answer"
    assert len(digest.post.items) == 15
    assert village.chat.calls.count("fetch") == 15
    assert f"And {many - 15} more." in digest.post.context.replace("\\", "")


def _waiting(message: Message) -> Mention:
    return Mention(
        id=message.ref.id,
        ref=message.ref,
        asker=message.author.id,
        opened_at=message.at,
        rule="ping-role",
        since=message.at,
        due_at=message.at,
        latest=message.ref.id,
        latest_at=message.at,
    )


async def test_nudges_not_yet_said_are_folded_into_the_digest(village: Village) -> None:
    """Few at a time, but more than were sent: what is still pending, a digest too, is said by one digest, once."""
    for number in range(5):
        await village.says(f"guest{number}", "I ask @staff", channel=HELP, pings=CALL)
        await village.time_passes(1)
    await village.time_passes(25)
    for _ in range(5):
        await village.bot.tick()
        await village.time_passes(1)
    await village.deliverer.deliver_due([COMMUNITY])
    await village.wait(3)
    assert [key.partition("/")[0] for key in village.keys] == ["digest"]
    states = [d.state for d in await village.deliveries() if d.key.startswith("nudge/")]
    assert states.count(DeliveryState.FOLDED) == 3


async def test_a_digest_leaves_out_who_was_answered_and_shows_it_later(village: Village) -> None:
    """Whoever was answered, or whose message is gone, before a digest is said is not in it; later changes are shown."""
    asked = [await village.says(f"guest{n}", "I ask @staff", channel=HELP, pings=CALL) for n in range(7)]
    await village.time_passes(30)
    await village.bot.tick()
    await village.says("tess", "Here", channel=HELP, thread=asked[0].ref.id)
    village.chat.delete(asked[1].ref)
    village.mark("tim", asked[2])
    await village.settle()
    (digest,) = village.said
    assert digest.post.title == "4 people are waiting for an answer"
    assert [(await village.the_mention(m)).state.waits for m in asked[:3]] == [False, False, False]
    for message in asked[3:]:
        await village.says("tess", "Here", channel=HELP, thread=message.ref.id)
    await village.wait(1)
    assert village.look(digest).title == "Everybody here has been taken care of"


async def test_a_digest_that_is_overtaken_is_put_into_words_anew(village: Village) -> None:
    """Somebody in it is answered while the messages are fetched: it is said without them."""
    asked = [await village.says(f"guest{n}", "I ask @staff", channel=HELP, pings=CALL) for n in range(7)]
    await village.time_passes(30)

    async def meanwhile(what: str) -> None:
        if what == "fetch: done":
            village.chat.step = give_way
            await village.says("tess", "Here", channel=HELP, thread=asked[3].ref.id)

    village.chat.step = meanwhile
    await village.settle()
    assert not village.said
    await village.wait(1)
    (digest,) = village.said
    assert digest.post.title == "6 people are waiting for an answer"


async def test_an_escalation_of_many_pings_the_role_once(village: Village) -> None:
    """The second step of a digest is one digest again, and pings nobody but the role on duty."""
    for number in range(6):
        await village.says(f"guest{number}", "I ask @staff", channel=HELP, pings=CALL)
    await village.wait(125)
    assert [[ping.id for ping in accepted.post.pings] for accepted in village.said] == [[], ["duty"]]


async def test_a_reaction_taken_back_after_every_step_leaves_nobody_unseen(village: Village) -> None:
    """Reopened after the whole ladder was said, a mention is shown as waiting on its living nudge."""
    question = await village.asks()
    await village.wait(31)
    marked = await village.reacts("tess", question)
    await village.wait(1)
    await village.unreacts("tess", marked)
    await village.wait(1)
    assert village.look(village.said[0]).title == "Ada is waiting for an answer"


@pytest.mark.parametrize("channel", [SUPPORT, HELP, FORUM])
async def test_the_bot_is_not_moved_by_its_own_words(village: Village, channel: str) -> None:
    """What the bot says itself, even in a watched channel, opens no mention."""
    rules = MentionSettings(channel=channel, watch={channel: Mode.EVERYTHING}, ladder=LADDER[:1])
    village.settings = settings(mentions=rules)
    await village.restart()
    await village.says("ada", "I ask @staff", channel=channel, pings=CALL)
    await village.wait(31)
    own = village.said[0].post
    by = replace(village.chat.messages[0].author, id="vigie", name="Vigie", bot=True)
    await village.says("vigie", f"{own.title} {own.body}", channel=channel, by=by)
    assert len(await village.waiting()) == 1


async def _crowd(village: Village, size: int) -> list[Message]:
    """So many who ask one after the other, all of it read and stored."""
    asked = []
    for number in range(size):
        asked.append(await village.asks(f"guest{number}"))
        await village.time_passes(timedelta(seconds=20))
    await village.settle()
    return asked


async def test_a_digest_shows_others_in_place_of_those_who_are_over(village: Village) -> None:
    """A digest shows fifteen: where some of the first are over, those behind them move up, and nobody is left out."""
    asked = await _crowd(village, 20)
    village.die()
    for question in asked[:15]:
        village.mark("tess", question)
    await village.connect()
    await village.time_passes(40)
    await village.wait(1)
    (digest,) = village.said
    assert digest.post.title == "5 people are waiting for an answer"
    assert len(digest.post.items) == 5


async def test_a_digest_is_not_given_up_because_the_last_one_shown_was_answered(village: Village) -> None:
    """Answered while the digest was put together, by the last it showed of the first fifteen: five others wait."""
    asked = await _crowd(village, 20)
    village.die()
    for question in asked[:14]:
        village.mark("tess", question)
    await village.connect()
    fetched = 0

    async def answer(step: str) -> None:
        nonlocal fetched
        fetched += step == "fetch: done"
        if fetched == 15:
            village.chat.step = give_way
            await village.says("tess", "Look into the settings", reply_to=asked[14].ref.id)

    village.chat.step = answer
    await village.time_passes(40)
    await village.wait(1)
    (digest,) = village.said
    assert digest.post.title == "5 people are waiting for an answer"


async def test_a_message_that_is_gone_is_in_no_digest(village: Village) -> None:
    """Gone by itself or with its thread: as for a nudge, its mention is over."""
    asked = [await village.asks(f"guest{n}") for n in range(5)]
    village.chat.script("fetch", Fault(Gone("no such thread", reason="thread_not_found")))
    await village.wait(31)
    (digest,) = village.said
    assert digest.post.title == "4 people are waiting for an answer"
    assert [(await village.the_mention(m)).closing_rule for m in asked].count("deleted") == 1


async def test_steps_that_could_not_be_said_do_not_pile_up(village: Village) -> None:
    """When what could not be posted for hours can be again, the latest step is said, and not the ones before it."""
    question = await village.asks()
    village.chat.script("post", *[DOWN] * 400, channel=MODS)
    await village.wait(timedelta(hours=3))
    village.chat.unscript()
    await village.wait(timedelta(hours=1))
    mention = await village.the_mention(question)
    assert village.keys == [f"nudge/{mention.id}/1"]
    assert await village.state_of(f"nudge/{mention.id}/0") is DeliveryState.CANCELLED


async def test_a_channel_that_opens_again_gets_digests_and_no_storm(village: Village) -> None:
    """Thirty who asked while the moderators' channel was closed: one message for each step, not one for each."""
    village.chat.closed[MODS] = Forbidden("no", reason="not_in_channel")
    for number in range(30):
        await village.asks(f"guest{number}")
        await village.wait(10)
    await village.wait(200)
    del village.chat.closed[MODS]
    before = len(village.said_in(MODS))
    await village.bot.handle(ChannelFound(place(MODS), village.clock.now()))
    await village.wait(5)
    posts = village.said_in(MODS)[before:]
    assert len(posts) <= len(LADDER)
    assert sum(bool(post.pings) for post in posts) <= 1


async def test_whoever_is_on_duty_is_pinged_twice_about_one_mention_and_no_more(store: Store) -> None:
    """However many steps of the ladder name them."""
    ladder = tuple(Step(timedelta(minutes=30 * n), Target.ON_DUTY) for n in range(1, 6))
    village = Village(store, settings(mentions=MentionSettings(channel=MODS, watch=WATCHED, ladder=ladder)))
    await village.connect()
    await village.asks()
    await village.wait(200)
    assert [bool(accepted.post.pings) for accepted in village.said] == [True, True, False, False, False]


@pytest.mark.parametrize(
    "targets", [(Target.ON_DUTY, Target.ON_DUTY, Target.ON_DUTY), (Target.ON_DUTY, Target.CHANNEL)]
)
async def test_whoever_is_on_duty_is_pinged_even_if_earlier_steps_could_not_be_said(
    store: Store, targets: tuple[Target, ...]
) -> None:
    """What was not said pinged nobody, and a step that pings is not replaced by one that does not."""
    ladder = tuple(Step(timedelta(minutes=30 * n), target) for n, target in enumerate(targets, start=1))
    village = Village(store, settings(mentions=MentionSettings(channel=MODS, watch=WATCHED, ladder=ladder)))
    await village.connect()
    await village.asks()
    village.chat.script("post", *[DOWN] * 600, channel=MODS)
    await village.wait(30 * len(targets) + 1)
    village.chat.unscript()
    await village.wait(60)
    assert sum(bool(accepted.post.pings) for accepted in village.said) == 1


async def test_digests_that_could_not_be_said_do_not_pile_up(village: Village) -> None:
    """Of two about the same people, the later step is said and the earlier is not."""
    for number in range(4):
        await village.asks(f"guest{number}")
    village.chat.script("post", *[DOWN] * 600, channel=MODS)
    await village.wait(130)
    village.chat.unscript()
    await village.wait(60)
    assert [(a.post.title, bool(a.post.pings)) for a in village.said] == [("4 people are waiting for an answer", True)]


async def test_a_digest_takes_over_a_nudge_that_was_to_be_said_anew(store: Store) -> None:
    """Its thread was gone, then the channel was limited, then another fell due: one digest about both."""
    rules = MentionSettings(channel=MODS, watch=WATCHED, digest=2)
    village = Village(store, settings(mentions=rules))
    await village.connect()
    await village.asks()
    await village.wait(31)
    await village.asks("bob", "How do I export my data?")
    await village.wait(60)
    limited = Fault(RateLimited("slow down", retry_after=3600))
    village.chat.script("post", Fault(Gone("no such thread", reason="thread_not_found")), limited, channel=MODS)
    await village.wait(120)
    assert village.said[-1].post.title == "2 people are waiting for an answer"
