"""What a start promises beside starting."""

from __future__ import annotations

import gc

import pytest

from bot.errors import ConfigError
from bot.wiring.service import serve, unswept


def test_what_was_built_is_set_apart_and_what_comes_is_collected() -> None:
    """While the bot is built nothing is collected; afterwards garbage is, and what was built is not looked at."""
    gc.unfreeze()
    with unswept():
        assert not gc.isenabled()
        built = [[] for _ in range(1000)]
    try:
        assert gc.isenabled()
        assert gc.get_freeze_count() > len(built)
    finally:
        gc.unfreeze()


def test_a_start_that_fails_leaves_the_collector_at_work() -> None:
    """Whatever keeps the bot from starting, Python collects garbage as before."""
    try:
        with pytest.raises(ConfigError):
            serve(None, {"VIGIE_CONFIG": "there/is/none.toml"})
        assert gc.isenabled()
    finally:
        gc.unfreeze()
