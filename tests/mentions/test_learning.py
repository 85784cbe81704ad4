"""The weights are learnt by plain code that must not drift: what it finds is what was put in."""

from __future__ import annotations

from math import log

import pytest

from bench.learn_fit import fit


def test_the_log_odds_are_found_again() -> None:
    """One clue, seen in a known share of cases, weighs the log-odds of that share."""
    samples = [(frozenset({"any"}), n < 80, 1.0) for n in range(100)]
    assert fit(samples, 1e-9) == {"any": round(log(80 / 20), 1)}


def test_clues_are_weighed_beside_each_other() -> None:
    """What a second clue adds is its own weight; what it does not change weighs nothing."""
    samples = [(frozenset({"any"}), n < 50, 1.0) for n in range(100)]
    samples += [(frozenset({"any", "likes"}), n < 90, 1.0) for n in range(100)]
    samples += [(frozenset({"any", "idle"}), n < 50, 1.0) for n in range(100)]
    assert fit(samples, 1e-9) == {"likes": round(log(9), 1), "any": 0.0, "idle": 0.0}


def test_what_is_rare_is_not_weighed_and_a_ridge_makes_weights_small() -> None:
    """A clue seen seven times would be learnt by heart, and pulling harder leaves less."""
    samples = [(frozenset({"any"}), True, 1.0)] * 40 + [(frozenset({"any", "rare"}), False, 1.0)] * 7
    assert set(fit(samples, 1.0)) == {"any"}
    assert fit(samples, 100.0)["any"] < fit(samples, 1.0)["any"]


def test_a_sample_counts_as_often_as_it_says() -> None:
    """Ten samples that count for a tenth are one."""
    often = [(frozenset({"any"}), so, 1.0) for so in (True, True, False) for _ in range(10)]
    light = [(frozenset({"any"}), so, 0.1) for so in (True, True, False) for _ in range(100)]
    assert fit(often, 1.0) == pytest.approx(fit(light, 1.0))
