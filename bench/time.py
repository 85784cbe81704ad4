"""What working time and civil schedules cost: a call, near and far, and how many times faster than counting minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import partial
from time import perf_counter
from zoneinfo import ZoneInfo

from bot.holidays import Holidays
from bot.mentions.worktime import WorkingHours
from bot.schedule import Schedule, due, next_occurrence

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 3, 27, 15, 20, tzinfo=UTC)  # a Friday; the clocks change on the Sunday
MINUTE = timedelta(minutes=1)
SPANS = {"2 hours": timedelta(hours=2), "3 days": timedelta(days=3), "90 days": timedelta(days=90)}


def run() -> dict[str, float]:
    """Costs in microseconds a call (best of five rounds), and ratios to the oracle in the same run."""
    hours = WorkingHours.parse("mon-fri 09:00-12:30, mon-fri 13:30-18:00", PARIS, Holidays("FR"))
    always = WorkingHours.parse("always", PARIS)
    figures: dict[str, float] = {}
    for name, span in SPANS.items():
        end = START + span
        worked = hours.between(START, end)
        slow = _cost(partial(_count, hours, START, end), 1)
        between = _cost(partial(hours.between, START, end), 2000)
        add = _cost(partial(hours.add, START, worked), 2000)
        figures |= {
            f"between {name}, µs": between,
            f"add {name}, µs": add,
            f"between {name}, times faster than counting": slow / between,
            f"add {name}, times faster than counting": slow / add,
        }
    cold = WorkingHours(PARIS, hours.week, hours.holidays)
    begun = perf_counter()
    cold.between(START, START + SPANS["90 days"])
    figures["between 90 days, first call, µs"] = (perf_counter() - begun) * 1e6

    tip = Schedule("tip", PARIS, time(9), frozenset(range(5)), Holidays("FR"))
    settled = START.date() - timedelta(days=1)
    figures |= {
        "is_open, µs": _cost(lambda: hours.is_open(START), 5000),
        "next_open, µs": _cost(lambda: hours.next_open(START + timedelta(hours=5)), 5000),
        "next_day_open, µs": _cost(lambda: hours.next_day_open(START), 5000),
        "always: between 90 days, µs": _cost(lambda: always.between(START, START + SPANS["90 days"]), 5000),
        "next_occurrence, µs": _cost(lambda: next_occurrence(tip, START), 2000),
        "due, settled yesterday, µs": _cost(lambda: due(tip, START, settled, timedelta(hours=2)), 2000),
    }
    return figures


def _count(hours: WorkingHours, start: datetime, end: datetime) -> timedelta:
    """The oracle: look at the wall clock, minute by minute."""
    total, at = timedelta(), start
    while at < end:
        local = at.astimezone(hours.zone)
        minute = local.hour * 60 + local.minute
        if local.date() not in hours.holidays and any(a <= minute < b for a, b in hours.week[local.weekday()]):
            total += MINUTE
        at += MINUTE
    return total


def _cost(call: Callable[[], object], times: int) -> float:
    best = float("inf")
    for _ in range(5):
        begun = perf_counter()
        for _ in range(times):
            call()
        best = min(best, perf_counter() - begun)
    return best / times * 1e6


if __name__ == "__main__":
    for label, figure in run().items():
        print(f"{label:<50} {figure:>12,.1f}")
