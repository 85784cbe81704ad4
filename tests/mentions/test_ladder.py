"""The ladder: when something is due, and what happens then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from talking import HERE

from bot.mentions.ladder import advance, due, timed
from bot.mentions.worktime import WorkingHours
from bot.model import Mention, MentionState, MessageRef, Place, Verdict
from bot.settings import MentionSettings, Settings, Step, Target

PARIS = ZoneInfo("Europe/Paris")
OFFICE = Settings(zone=PARIS, hours=WorkingHours.parse("mon-fri 09:00-12:30, mon-fri 13:30-18:00", PARIS))
FRIDAY = datetime(2026, 3, 6, 16, 48, tzinfo=UTC)  # 17:48 in Paris


def opened(at: datetime, chosen: Settings = OFFICE) -> Mention:
    ref = MessageRef(Place(HERE, "support"), "1")
    return timed(Mention("m", ref, "ada", at, "question", since=at, latest_at=at), chosen)


def test_the_default_ladder_counts_working_time_only() -> None:
    """Asked on Friday 17:48: 30 min later is Monday 9:18, 2 h is 10:48, 8 h is Monday 17:48, after lunch."""
    mention = opened(FRIDAY)
    seen = []
    while mention.due_at is not None and len(seen) < 5:
        move = advance(mention, mention.due_at, OFFICE)
        seen.append((f"{mention.due_at.astimezone(PARIS):%a %H:%M}", move.nudge, move.target))
        mention = move.mention
    assert seen == [
        ("Mon 09:18", 0, Target.CHANNEL),
        ("Mon 10:48", 1, Target.ON_DUTY),
        ("Mon 17:48", 2, Target.LEAD),
    ]


def test_before_its_time_nothing_happens() -> None:
    """Looking early changes nothing, however often."""
    mention = opened(FRIDAY)
    assert advance(mention, FRIDAY + timedelta(minutes=29), OFFICE).mention == mention


def test_out_of_hours_it_waits_for_the_next_opening() -> None:
    """A mention found overdue in the night is put off, not nudged about."""
    mention = replace(opened(FRIDAY), due_at=FRIDAY)
    move = advance(mention, datetime(2026, 3, 7, 3, tzinfo=UTC), OFFICE)
    assert move.nudge is None
    assert move.mention.due_at == datetime(2026, 3, 9, 8, tzinfo=UTC)


def test_after_an_outage_one_step_is_said_and_the_next_keeps_its_distance() -> None:
    """Overdue by days, a mention is nudged about once; the next step comes as much later as the ladder says."""
    mention = opened(datetime(2026, 3, 2, 9, tzinfo=UTC))
    late = datetime(2026, 3, 5, 9, tzinfo=UTC)
    move = advance(mention, late, OFFICE)
    assert move.nudge == 0
    assert move.mention.due_at == late + timedelta(minutes=90)


def test_a_claim_holds_nudges_back_and_its_end_brings_them() -> None:
    """While claimed nothing is said; an expired claim is released, and the overdue step follows at once."""
    until = datetime(2026, 3, 9, 12, tzinfo=UTC)
    claimed = timed(replace(opened(FRIDAY), state=MentionState.CLAIMED, claimed_by="malo", until=until), OFFICE)
    assert claimed.due_at == until
    move = advance(claimed, until, replace(OFFICE, hours=WorkingHours.parse("always", PARIS)))
    assert move.mention.state is MentionState.OPEN
    assert Verdict.RELEASED in move.happened
    assert move.nudge == 0


def test_a_mention_put_off_beyond_the_ladder_is_brought_back() -> None:
    """When every step was said, the end of a snooze or of a claim still reminds the moderators' channel."""
    for state in (MentionState.SNOOZED, MentionState.CLAIMED):
        until = datetime(2026, 3, 9, 9, tzinfo=UTC)
        put_off = timed(replace(opened(FRIDAY), state=state, until=until, step=3), OFFICE)
        move = advance(put_off, until, OFFICE)
        assert (move.nudge, move.target) == (3, Target.CHANNEL)
        assert move.mention.due_at is None


DAYS = st.integers(0, 60 * 24 * 60).map(lambda minutes: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes))
STEPS = st.lists(st.integers(1, 3000), min_size=1, max_size=4, unique=True).map(sorted)


@settings(max_examples=200, deadline=None)
@given(DAYS, STEPS, st.lists(st.integers(1, 5000), max_size=40))
def test_no_nudge_is_out_of_hours_and_none_is_said_twice(at: datetime, minutes: list[int], looks: list[int]) -> None:
    """However irregularly somebody looks: numbers rise by one from 0, always inside working hours, each step once."""
    ladder = tuple(Step(timedelta(minutes=m), Target.CHANNEL) for m in minutes)
    chosen = replace(OFFICE, mentions=MentionSettings(ladder=ladder))
    mention, now, said = opened(at, chosen), at, []
    for wait in looks:
        now += timedelta(minutes=wait)
        move = advance(mention, now, chosen)
        if move.nudge is not None:
            said.append(move.nudge)
            assert OFFICE.hours.is_open(now)
            needed = ladder[move.nudge].after
            assert OFFICE.hours.between(at, now) >= needed
        mention = move.mention
        assert mention.due_at is None or mention.due_at > now
    assert said == list(range(len(said)))
    assert len(said) <= len(ladder)


@given(DAYS, st.sampled_from([MentionState.ANSWERED, MentionState.DISMISSED, MentionState.GONE]))
def test_what_has_ended_is_never_due(at: datetime, state: MentionState) -> None:
    """An answered, dismissed or vanished mention has no next step."""
    mention = replace(opened(at), state=state)
    assert due(mention, OFFICE) is None
    assert advance(replace(mention, due_at=at), at, OFFICE).nudge is None


def test_a_mention_reopened_after_the_whole_ladder_is_brought_back_once() -> None:
    """An instant that was set beyond the last step stands until it has come, and is not set again by itself."""
    then = datetime(2026, 3, 9, 9, tzinfo=UTC)
    again = timed(replace(opened(FRIDAY), step=3, due_at=then), OFFICE)
    assert again.due_at == then
    move = advance(again, then, OFFICE)
    assert (move.nudge, move.target, move.mention.due_at) == (3, Target.CHANNEL, None)
