"""Whatever people write, nobody is called by it: through every way in which the bot says something, on both platforms.

Here a few of the thousand texts; `python -m tests.hostile --injections 1000` says them all.
"""

from __future__ import annotations

import pytest

from tests.hostile.injections import everywhere, texts

HERE = 12


@pytest.mark.parametrize("number", range(HERE))
def test_nobody_is_called(number: int) -> None:
    """As a name, a message, a search, a press, a form, a channel's fate: posts, edits, modals, pages, lists."""
    assert everywhere(texts()[number], ("en", "fr")[number % 2]) > 30
