"""The escalation: who is nudged when, never twice for one step and never out of hours."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st
from village import CALL, HELP, MODS, ON_DUTY, Village, everything, place, settings

from bot.app import Bot
from bot.delivery import Deliverer
from bot.events import Connected
from bot.model import Decision, MentionState, Ping, PingKind, Verdict
from bot.settings import MentionSettings, Mode, Outsiders, Step, Target
from storage.memory import MemoryStore
from tests.fakes import COMMUNITY, FAKE, FakeClock


async def test_the_default_ladder(village: Village) -> None:
    """30 min: the moderators' channel; 2 h: the role on duty, under the nudge; 8 h: the lead, in private."""
    question = await village.asks()
    await village.wait(29)
    assert not village.said
    await village.wait(1)
    (nudge,) = village.said
    assert (nudge.ref.place, nudge.post.pings) == (place(MODS), ())
    assert "How do I reset my password" in nudge.post.body
    await village.wait(90)
    reminder = village.said[-1]
    assert reminder.ref.place == place(MODS, thread=nudge.ref.id)
    assert reminder.post.pings == (Ping(PingKind.ROLE, ON_DUTY),)
    await village.wait(6 * 60)
    lead = village.said[-1]
    assert (lead.ref.place, lead.post.pings) == (place("D-lea"), ())
    await village.wait(timedelta(days=3))
    assert len(village.said) == 3
    why = [(d.verdict, d.rule) for d in await village.decisions(question)]
    assert why == [(Verdict.OPENED, "question"), *((Verdict.NUDGED, f"step-{n}") for n in (1, 2, 3))]


async def test_the_clock_counts_working_time_only(village: Village) -> None:
    """A question of Friday evening is nudged on Monday: the weekend is nobody's delay."""
    await village.wait(timedelta(days=4, hours=8, minutes=50))
    question = await village.asks()
    await village.wait(timedelta(days=2, hours=15))
    assert not village.said
    mention = await village.the_mention(question)
    assert mention.due_at == datetime(2026, 3, 9, 9, 20, tzinfo=UTC)
    await village.wait(timedelta(hours=1))
    assert [accepted.at for accepted in village.said] == [mention.due_at]


async def test_steps_that_nobody_is_named_for_are_left_out(village: Village) -> None:
    """Without anybody on duty or a lead, the step is passed over and the mention still climbs."""
    village.settings = settings(team=replace(village.settings.team, lead=None))
    await village.restart()
    await village.asks()
    await village.wait(timedelta(days=3))
    assert len(village.said) == 2


async def test_a_nudge_is_not_said_out_of_hours_however_late_it_is_sent(village: Village) -> None:
    """A nudge that was committed in hours and could not be sent before they ended waits for the next morning."""
    await village.wait(timedelta(hours=8, minutes=29, seconds=59))
    question = await village.asks()
    await village.time_passes(timedelta(minutes=30))
    await village.bot.tick()
    assert (await village.the_mention(question)).step == 1
    await village.time_passes(5)
    await village.deliverer.deliver_due([COMMUNITY])
    assert not village.said
    await village.wait(timedelta(hours=20))
    assert village.said[0].at == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


async def test_nothing_is_said_twice_when_two_bots_share_a_store(village: Village) -> None:
    """Two processes on one store nudge once for each step of each mention."""
    other = Bot(village.store, {FAKE: village.chat}, village.clock, lambda _: village.settings, village.shelf)
    speaker = Deliverer(village.store, {FAKE: village.chat}, village.clock, other.voice, owner="other")
    await other.handle(Connected(COMMUNITY))
    await village.asks()
    for _ in range(60):
        await village.time_passes(10)
        await asyncio.gather(village.bot.tick(), other.tick())
        await asyncio.gather(village.deliverer.deliver_due([COMMUNITY]), speaker.deliver_due([COMMUNITY]))
    assert max(Counter(village.keys).values()) == 1
    assert len(village.said) == 3


async def test_a_claim_stops_the_ladder_and_expires(village: Village) -> None:
    """Claimed, nobody else is nudged; when no answer followed, it is released, nudged on, and `why` tells both."""
    question = await village.asks()
    mention = await village.the_mention(question)
    await village.press("tess", "mention.claim", mention.id)
    await village.wait(119)
    assert not village.said
    assert (await village.the_mention(question)).state is MentionState.CLAIMED
    await village.wait(2)
    assert len(village.said) == 1
    assert (await village.the_mention(question)).state is MentionState.OPEN
    told = [(d.verdict, d.rule) for d in (await village.decisions(question))[-2:]]
    assert told == [(Verdict.RELEASED, "claim-expired"), (Verdict.NUDGED, "step-1")]


async def test_a_held_clock_starts_again_by_itself(village: Village) -> None:
    """Where another outsider's reply holds the clock, it stands still for a while and nobody is forgotten."""
    rules = MentionSettings(channel=MODS, watch={HELP: Mode.PINGS}, outsiders=Outsiders.HOLD)
    village.settings = settings(mentions=rules)
    await village.restart()
    question = await village.says("ada", "I lost my key @staff", channel=HELP, pings=CALL)
    await village.wait(10)
    await village.says("bob", "Look under the mat", channel=HELP, thread=question.ref.id)
    await village.wait(4 * 60 + 19)
    assert not village.said
    await village.wait(1)
    assert len(village.said) == 1
    assert [d.verdict for d in await village.decisions(question)][1] is Verdict.HELD


async def test_many_restarts_around_a_due_instant_nudge_once(village: Village) -> None:
    """However often the process dies between deciding, sending and recording, a step is said once."""
    await village.asks()
    await village.time_passes(29.9)
    for number in range(12):
        await village.restart()
        await village.time_passes(timedelta(seconds=1))
        if number % 3:
            await village.bot.tick()
        if number % 4 == 2:
            await village.deliverer.deliver_due([COMMUNITY])
    await village.wait(1)
    assert len(village.said) == 1


MINUTES = st.integers(0, 14 * 24 * 60)
LADDERS = st.lists(st.integers(1, 600), min_size=1, max_size=4, unique=True).map(
    lambda minutes: tuple(
        Step(timedelta(minutes=after), list(Target)[n % 3]) for n, after in enumerate(sorted(minutes))
    )
)


@tries(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(asked=st.lists(MINUTES, min_size=1, max_size=5), ladder=LADDERS, pauses=st.lists(MINUTES, max_size=6))
def test_whenever_it_is_asked_no_post_leaves_out_of_hours(
    asked: list[int], ladder: tuple[Step, ...], pauses: list[int]
) -> None:
    """No nudge, digest or notice is ever accepted by the chat outside working hours, and none twice; edits may be."""

    async def live() -> Village:
        rules = MentionSettings(channel=MODS, watch={HELP: Mode.PINGS}, ladder=ladder, digest=3)
        village = Village(MemoryStore(), settings(mentions=rules), FakeClock(datetime(2026, 3, 25, tzinfo=UTC)))
        await village.connect()
        begin = village.clock.now()
        planned = sorted([*((minute, False) for minute in asked), *((minute, True) for minute in pauses)])
        for number, (minute, pauses_now) in enumerate(planned):
            at = begin + timedelta(minutes=minute, seconds=number)
            if pauses_now:
                # Nothing ticks for a while, and then the process is another one.
                await village.clock.advance(max(timedelta(0), at - village.clock.now()))
                await village.restart()
                await village.settle()
                continue
            await village.wait_until(at)
            await village.says(f"guest{number}", "I ask @staff", channel=HELP, pings=CALL)
        await village.wait(timedelta(days=12))
        return village

    village = asyncio.run(live())
    hours = village.settings.hours
    assert village.said
    assert [accepted for accepted in village.said if not hours.is_open(accepted.at)] == []
    steps = Counter(step for accepted in village.said for step in _steps(village, accepted.key))
    assert max(steps.values()) == 1


def _steps(village: Village, key: str | None) -> list[str]:
    """The (mention, step) that a message said."""
    delivery = village.store._shelves.deliveries[key or ""]  # type: ignore[attr-defined]
    listed = delivery.subject.get("mentions")
    return list(listed) if listed else [f"{delivery.subject['mention']}/{delivery.subject['step']}"]


def test_every_decision_of_the_ladder_tells_its_rule() -> None:
    """A claim that expires with nothing due is recorded as such, and an unfinished snooze never is."""

    async def live() -> list[Decision]:
        village = Village(MemoryStore())
        await village.connect()
        question = await village.asks()
        mention = await village.the_mention(question)
        await village.wait(31)
        await village.press("tess", "mention.claim", mention.id)
        await village.wait(121)
        before = await everything(village)
        await village.bot.tick()
        assert await everything(village) == before
        return await village.decisions(question)

    rules = [decision.rule for decision in asyncio.run(live())]
    assert rules == ["question", "step-1", "button", "claim-expired", "step-2"]


async def test_a_mention_that_waits_again_after_the_whole_ladder_is_not_forgotten(village: Village) -> None:
    """A reaction that is taken back reopens the mention; though every step was said, the channel is reminded."""
    village.settings = settings(
        mentions=replace(village.settings.mentions, ladder=(Step(timedelta(minutes=30), Target.CHANNEL),))
    )
    await village.restart()
    question = await village.asks()
    await village.wait(31)
    await village.reacts("tess", question)
    await village.unreacts("tess", question)
    assert (await village.the_mention(question)).state is MentionState.OPEN
    await village.wait(31)
    assert len(village.said_in(MODS)) == 2
    await village.wait(timedelta(days=2))
    assert len(village.said_in(MODS)) == 2
