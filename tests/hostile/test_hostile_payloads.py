"""Whatever comes in by any door: nothing breaks, and nobody is moved by it.

Here a small share; `python -m tests.hostile --payloads 100000` tries as many.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.doors import DOORS

TRIED = 600


@pytest.mark.parametrize("name", DOORS)
def test_a_share_of_what_the_long_form_tries(name: str) -> None:
    """The first seeds of each door, the same in every run."""
    door, share = DOORS[name]
    for seed in range(max(int(TRIED * share), 20)):
        door(Random(seed))


@pytest.mark.parametrize("name", DOORS)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False))
def test_what_hypothesis_finds(name: str, random: Random) -> None:
    """The same led by hypothesis, which makes small what it finds."""
    DOORS[name][0](random)
