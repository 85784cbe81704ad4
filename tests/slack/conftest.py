"""A Slack on loopback for every test that wants one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.postgres import postgres
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town

__all__ = ["acme", "postgres", "slack"]


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    """Following real time; a test whose clock stands still makes its own with `Slack(clock.now)`."""
    async with Slack() as slack:
        yield slack


@pytest.fixture
def acme(slack: Slack) -> Town:
    """The workspace of most tests."""
    return slack.workspace("acme")
