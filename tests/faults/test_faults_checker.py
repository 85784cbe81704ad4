"""The checker itself, held against histories that are wrong in each way: what it misses, the rig would miss."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.fakes import MONDAY
from tests.faults.checker import Agreed, Asked, Daily, History, Kind, Rung, Span, Uttered, check

AGREED = Agreed(
    hours=[
        Span(MONDAY, MONDAY + timedelta(hours=9)),
        Span(MONDAY + timedelta(days=1), MONDAY + timedelta(days=1, hours=9)),
    ],
    ladder=[Rung(timedelta(minutes=30), "mods"), Rung(timedelta(hours=2), "mods"), Rung(timedelta(hours=8), "lead")],
    daily=Daily("team", [MONDAY + timedelta(hours=1), MONDAY + timedelta(days=1, hours=1)], timedelta(hours=2)),
)


def at(hours: float = 0, minutes: float = 0, days: int = 0) -> datetime:
    return MONDAY + timedelta(days=days, hours=hours, minutes=minutes)


TIPS = [Uttered(at(1), "team", "Listen", "tip/1"), Uttered(at(1, days=1), "team", "Be kind", "tip/2")]
FIRST = Uttered(at(0, 40), "mods", "Ada waits: Q1", "n/0")
SECOND = Uttered(at(2, 10), "mods", "still Q1", "n/1")
THIRD = Uttered(at(8, 10), "lead", "Q1 again", "n/2")
ASKED = Asked("Q1", at(0, 10))


def wrong(*said: Uttered, asked: Asked = ASKED, end: datetime | None = None, tips: bool = True) -> list[Kind]:
    history = History([asked], [*said, *(TIPS if tips else [])], end or at(days=2))
    return [found.kind for found in check(history, AGREED)]


def test_all_is_well() -> None:
    """The whole ladder, in time; and nothing at all while nothing is due."""
    assert wrong(FIRST, SECOND, THIRD) == []
    assert wrong(end=at(0, 39), tips=False) == []


def test_over_before_anything_was_due() -> None:
    """Answered within half an hour: nobody is nudged."""
    assert wrong(asked=Asked("Q1", at(0, 10), over=at(0, 40))) == []


@pytest.mark.parametrize("said", [[], [FIRST], [FIRST, SECOND]], ids=["first", "second", "third"])
def test_lost(said: list[Uttered]) -> None:
    """Each rung that is not there is missed once: what follows it keeps its distance."""
    assert wrong(*said) == [Kind.LOST]


def test_lost_though_it_was_answered_later() -> None:
    """An answer after 50 minutes does not excuse the nudge that was due after 30."""
    assert wrong(asked=Asked("Q1", at(0, 10), over=at(1))) == [Kind.LOST]


def test_late_is_not_lost() -> None:
    """After an outage the next rung counts from the one that came late."""
    late = [Uttered(at(3), "mods", "Q1", "n/0"), Uttered(at(4, 30), "mods", "Q1", "n/1")]
    assert wrong(*late, end=at(9), tips=False) == [Kind.LOST]  # Monday's tip alone


def test_late_is_said_for_the_next_one_too() -> None:
    """The channel could not be written to until the second was due: one message, and then the lead's."""
    both = Uttered(at(2, 10), "mods", "Q1", "n/1")
    assert wrong(both, THIRD) == []
    assert wrong(both) == [Kind.LOST]


def test_not_late_enough_to_be_said_for_the_next_one() -> None:
    """A minute before the second was due."""
    assert wrong(Uttered(at(2, 9), "mods", "Q1", "n/0"), THIRD) == [Kind.LOST]


def test_trouble_excuses_for_as_long_as_it_lasts() -> None:
    """Until twelve nobody could know; the ladder's half-hour counts from then, and after that it is lost."""
    for end, found in ((at(3, 29), []), (at(3, 50), [Kind.LOST])):
        history = History([Asked("Q1", at(0, 0))], TIPS[:1], end, [Span(at(0), at(2)), Span(at(1), at(3))])
        assert [wrong.kind for wrong in check(history, AGREED)] == found


def test_doubled_by_its_key() -> None:
    """The same intention a minute later."""
    assert Kind.DOUBLED in wrong(FIRST, SECOND, THIRD, Uttered(at(8, 11), "lead", "Q1 again", "n/2"))


def test_doubled_under_another_key() -> None:
    """Nobody has to know keys to see that somebody is told the same twice."""
    again = Uttered(at(0, 41), "mods", "Ada waits: Q1", "n/0/anew")
    assert Kind.DOUBLED in wrong(FIRST, again, end=at(0, 50), tips=False)


def test_doubled_within_a_digest() -> None:
    """Nudged alone and, a minute later, in a digest."""
    digest = Uttered(at(0, 41), "mods", "2 people wait: Q1, Q2", "d/1")
    assert Kind.DOUBLED in wrong(FIRST, digest, end=at(0, 50), tips=False)


def test_early() -> None:
    """A minute too soon."""
    assert wrong(Uttered(at(0, 39), "mods", "Q1", "n/0"), end=at(0, 50), tips=False) == [Kind.EARLY]


def test_nights_do_not_count() -> None:
    """Asked ten minutes before closing: twenty minutes after opening, no sooner."""
    asked = Asked("Q1", at(8, 50))
    right = Uttered(at(0, 20, days=1), "mods", "Q1", "n/0")
    assert wrong(right, asked=asked, end=at(0, 30, days=1), tips=False) == [Kind.LOST]  # Monday's tip is not there
    soon = Uttered(at(0, 19, days=1), "mods", "Q1", "n/0")
    assert Kind.EARLY in wrong(soon, asked=asked, end=at(0, 30, days=1), tips=False)


@pytest.mark.parametrize("minutes", [-1, 9 * 60], ids=["before opening", "at closing"])
def test_out_of_hours(minutes: float) -> None:
    """A minute before the office opens, and at the very moment when it closes."""
    notice = Uttered(at(0, minutes), "admin", "I cannot write there", "x")
    assert wrong(FIRST, SECOND, THIRD, notice) == [Kind.OUT_OF_HOURS]


def test_about_an_answered_mention() -> None:
    """A minute after the answer."""
    assert wrong(FIRST, SECOND, asked=Asked("Q1", at(0, 10), over=at(2, 9))) == [Kind.ANSWERED]


def test_beyond_the_ladder() -> None:
    """A fourth message where three were agreed."""
    assert wrong(FIRST, SECOND, THIRD, Uttered(at(8, 50), "lead", "Q1", "n/3")) == [Kind.BEYOND]


def test_elsewhere() -> None:
    """Where nobody was to be told of it at all."""
    assert wrong(FIRST, SECOND, THIRD, Uttered(at(5), "garden", "Q1", "n/9")) == [Kind.ELSEWHERE]


def test_the_right_number_in_the_wrong_channels() -> None:
    """The lead is told for the moderators, too soon, and once too often."""
    second = Uttered(at(2, 10), "lead", "Q1", "n/1")
    assert sorted(wrong(FIRST, second, THIRD)) == sorted([Kind.EARLY, Kind.BEYOND, Kind.LOST])


def test_channels_do_not_wait_for_each_other() -> None:
    """The moderators' channel was limited for hours; the lead was told in time."""
    assert wrong(FIRST, Uttered(at(8, 50), "mods", "Q1", "n/1"), THIRD) == []


def test_about_nothing() -> None:
    """Where people are nudged, every message is about somebody who asked."""
    assert wrong(FIRST, SECOND, THIRD, Uttered(at(5), "mods", "Somebody waits", "n/9")) == [Kind.UNKNOWN]


def test_a_tip_that_is_not_there() -> None:
    """Tuesday's."""
    assert wrong(FIRST, SECOND, THIRD, TIPS[0], tips=False) == [Kind.LOST]


def test_a_tip_that_came_twice() -> None:
    """Half an hour after Monday's, under a key of its own."""
    again = Uttered(at(1, 30), "team", "Another", "tip/3")
    assert wrong(FIRST, SECOND, THIRD, again) == [Kind.DOUBLED]


@pytest.mark.parametrize("minutes", [50, 4 * 60], ids=["before", "long after"])
def test_a_tip_at_another_time(minutes: float) -> None:
    """Before it is due, or after the window in which it may be caught up."""
    assert wrong(FIRST, SECOND, THIRD, Uttered(at(0, minutes), "team", "Another", "tip/3")) == [Kind.EARLY]
