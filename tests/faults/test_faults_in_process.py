"""Seeded stories in one process, on a clock that is told: databases, calls, events, clocks and copies that fail.

Each story is repeatable from its seed. What Slack recorded is held against the checker, with no slack: nothing here
takes time but what the story says.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from bot.errors import StoreUnavailable
from storage.memory import MemoryStore
from tests.faults.day import Story, Troubled, disconnect, tried_enough
from tests.slack.scenarios.living import MODS, living
from tests.slack.server.faults import BROKEN, BROKEN_THOUGH_ACCEPTED, DROPPED, HTML, REFUSED, ratelimited
from tests.slack.server.waiting import until

SEEDS = range(3)


@pytest.fixture
async def told() -> AsyncIterator[Callable[[int], Story]]:
    store = Troubled(MemoryStore())
    async with living(store) as life:
        yield lambda seed: Story(life, store, seed)


@pytest.mark.parametrize("seed", SEEDS)
async def test_calls_that_fail(told: Callable[[int], Story], seed: int) -> None:
    """Reset before and after Slack took a message, 5xx, a page of HTML, 429 with 1, 60 and 3600 s, at any call."""
    faults = [
        DROPPED,
        REFUSED,
        BROKEN,
        BROKEN_THOUGH_ACCEPTED,
        HTML,
        ratelimited(1),
        ratelimited(60),
        ratelimited(3600),
    ]

    def trouble(story: Story) -> None:
        method = story.random.choice(["chat.postMessage", "chat.postMessage", "chat.update", "conversations.history"])
        if story.random.random() < 0.5:
            story.life.slack.faults.next(method, story.random.choice(faults))

    assert await told(seed).tell(trouble) == []


@pytest.mark.parametrize("seed", SEEDS[:1])
async def test_connections_that_end(told: Callable[[int], Story], seed: int) -> None:
    """Renewed by Slack, closed, cut, refused anew, dead without a sign, with people talking: 500 in the long form."""
    assert await told(seed).tell(disconnect) == []


@pytest.mark.parametrize("seed", SEEDS)
async def test_processes_that_end(told: Callable[[int], Story], seed: int) -> None:
    """Ended at any time for up to an hour, with people talking meanwhile, of whom Slack tells nobody."""

    async def trouble(story: Story) -> None:
        if story.random.random() < 0.4:
            await story.life.dies()
            story.give_up()
            story.life.slack.telling.lost = True
            await story.life.time_passes(story.random.uniform(1, 60))
            await story.somebody_acts()
            story.life.slack.telling.lost = False
            await story.life.starts()

    assert await told(seed).tell(trouble) == []


@pytest.mark.parametrize("only_writes", [False, True], ids=["down", "read-only"])
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_database_that_fails(told: Callable[[int], Story], seed: int, only_writes: bool) -> None:
    """Down, or unable to commit (read-only, full disk), while people talk: not acknowledged, and not lost either."""

    async def trouble(story: Story) -> None:
        if story.random.random() < 0.4:
            story.store.only_writes = only_writes
            story.store.error = lambda: StoreUnavailable("no")
            before = len(story.life.slack.journal.told)
            await story.somebody_acts()
            for event in story.life.slack.journal.told[before:]:
                await until(partial(tried_enough, event), "the last try")
            await story.life.time_passes(story.random.uniform(1, 15))
            story.store.error = None
            story.give_up()

    assert await told(seed).tell(trouble) == []


@pytest.mark.parametrize("seed", SEEDS)
async def test_events_out_of_order(told: Callable[[int], Story], seed: int) -> None:
    """Held back for up to a quarter of an hour, then told twice and in any order."""

    async def trouble(story: Story) -> None:
        if story.random.random() < 0.6:
            telling, journal = story.life.slack.telling, story.life.slack.journal
            telling.held = True
            before = len(journal.told)
            for _ in range(3):
                await story.somebody_acts()
                await story.life.time_passes(story.random.uniform(0, 5))
            telling.held = False
            late = journal.told[before:] * 2
            story.random.shuffle(late)
            await telling.redeliver(*late)

    assert await told(seed).tell(trouble) == []


@pytest.mark.parametrize("hours", [1, 24])
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_clock_that_jumps(told: Callable[[int], Story], seed: int, hours: int) -> None:
    """An hour or a day on, once, as when a machine is suspended: what fell due meanwhile comes late, and once."""
    story = told(seed)
    jumps = iter([False] * story.random.randint(1, 5) + [True])

    async def trouble(story: Story) -> None:
        if next(jumps, False):
            await story.life.time_passes(60 * hours)

    # A tip whose window went by in the jump is skipped, as agreed.
    wrong = await story.tell(trouble, hours=33 + hours)
    assert [each for each in wrong if "the tip of" not in each.what] == []


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_channel_that_is_archived_for_a_while(told: Callable[[int], Story], seed: int) -> None:
    """The moderators' channel: an admin is told once each time, in private; the tip and the lead's nudges go on."""
    story = told(seed)
    archived = {"times": 0}

    async def trouble(story: Story) -> None:
        mods = story.life.channel(MODS)
        if story.random.random() < 0.3 and not archived["times"]:
            archived["times"] += 1
            await story.life.town.archive(mods)
            await story.life.wait(20)
            await story.life.town.unarchive(mods)

    assert await story.tell(trouble) == []
    notices = story.life.said_in("D0U0ADAM")
    assert len(notices) == 2 * archived["times"]  # that it is closed, and that it is open again


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_token_that_is_revoked(told: Callable[[int], Story], seed: int) -> None:
    """For an hour every call is refused: nothing is tried in a loop, and afterwards nothing is lost."""
    story = told(seed)
    calls: list[int] = []

    async def trouble(story: Story) -> None:
        if story.random.random() < 0.3 and not calls:
            before = len(story.life.slack.journal.calls)
            story.life.town.granted.state = "account_inactive"
            await story.life.wait(60)
            story.life.town.granted.state = ""
            calls.append(len(story.life.slack.journal.calls) - before)

    assert await story.tell(trouble) == []
    assert all(number < 60 for number in calls), calls
