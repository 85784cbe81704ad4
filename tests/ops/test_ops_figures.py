"""`/healthz`, `/readyz` and `/metrics`, asked over HTTP of a bot at work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.web.site import Probes, Site
from bot.delivery import Deliverer
from bot.errors import Forbidden, RateLimited
from bot.events import CommandInvoked, MessagePosted
from bot.health import LATE, RECENT, REFRESH, Health
from bot.ports import Store
from tests.app.village import CALL, HELP, MODS, TIPS_AT_TEN, Trouble, Village, member, place, settings
from tests.fakes import COMMUNITY, FAKE, Fault

IDS = {"support", "help", "forum", MODS, "team", "ada", "bob", "tess", "adam", COMMUNITY.id}


@dataclass
class Watched:
    village: Village
    store: Trouble
    health: Health
    port: int
    wrong: list[str]

    async def get(self, path: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.port}{path}") as answer:
            return answer.status, await answer.text()

    async def figures(self) -> dict[tuple[str, tuple[str, ...]], float]:
        """Each sample by its name and the values of its labels."""
        _, page = await self.get("/metrics")
        return {
            (sample.name, tuple(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
        }


@pytest.fixture
async def watched(store: Store) -> AsyncIterator[Watched]:
    trouble = Trouble(store)
    village = Village(trouble, settings(tips=TIPS_AT_TEN))
    wrong: list[str] = []

    async def schema() -> str | None:
        return wrong[0] if wrong else None

    health = Health(village.bot, [FAKE], schema)
    village.deliverer = Deliverer(
        trouble, {FAKE: village.chat}, village.clock, village.bot.voice, owner="ops", observe=health.attempted
    )
    site = Site("127.0.0.1", 0, Probes(health.problems, health.metrics))
    yield Watched(village, trouble, health, await site.start(), wrong)
    await site.stop()


async def test_figures_tell_what_happened(watched: Watched) -> None:
    """Tips and nudges by outcome, their lag, waits for limits, mentions by state, commands, connections."""
    village = watched.village
    assert (await watched.figures())["vigie_connected", ("fake",)] == 0
    await village.connect()
    question = await village.asks("ada")
    await village.says("bob", "I ask @staff", channel=HELP, pings=CALL)
    village.chat.script("post", Fault(RateLimited("slow down", retry_after=90)), channel=MODS)
    await village.wait(95)
    await village.press("tess", "mention.done", (await village.the_mention(question)).id)
    await village.wait(1)
    for name in ("tip", "nonsense ada"):
        event = CommandInvoked(place("team"), member("ada"), name, "", village.clock.now())
        watched.health.heard(event, FAKE, 0.2, failed=False)
    watched.health.heard(MessagePosted(question), FAKE, 0.01, failed=True)
    found = await watched.figures()
    assert found["vigie_connected", ("fake",)] == 1
    assert found["vigie_connected_communities", ("fake",)] == 1
    assert found["vigie_mentions", ("open",)] == 1
    assert found["vigie_mentions", ("answered",)] == 1
    assert found["vigie_mentions", ("snoozed",)] == 0
    assert found["vigie_waiting_mentions", ()] == 1
    assert found["vigie_deliveries_total", ("tip", "sent")] == 1
    assert found["vigie_deliveries_total", ("nudge", "sent")] == 2
    assert found["vigie_deliveries_total", ("nudge", "rate_limited")] == 1
    assert found["vigie_rate_limits_total", ("fake", "channel")] == 1
    assert found["vigie_rate_limit_wait_seconds_total", ("fake", "channel")] == 90
    assert found["vigie_delivery_lag_seconds_count", ("nudge",)] == 2
    assert found["vigie_delivery_lag_seconds_sum", ("nudge",)] >= 90
    assert found["vigie_command_seconds_count", ("tip", "fake")] == 1
    assert found["vigie_command_seconds_count", ("other", "fake")] == 1
    assert found["vigie_events_total", ("MessagePosted", "failed", "fake")] == 1
    assert found["vigie_overdue_seconds", ()] == 0


async def test_no_figure_carries_an_id(watched: Watched) -> None:
    """Whatever happens, labels are platforms, kinds, outcomes, states: never somebody, a place or a community."""
    village = watched.village
    await village.connect()
    await village.asks("ada")
    village.chat.closed[MODS] = Forbidden("no", reason="not_in_channel")
    await village.wait(timedelta(hours=3))
    watched.health.heard(CommandInvoked(place("team"), member("ada"), "ada", "", village.clock.now()), FAKE, 1, False)
    found = await watched.figures()
    assert ("vigie_deliveries_total", ("nudge", "failed")) in found
    values = {value for _, labels in found for value in labels}
    assert not values & IDS
    assert not any(id_ in value for value in values for id_ in IDS - {"team"})


async def test_names_follow_the_conventions(watched: Watched) -> None:
    """Counters end in _total, times are in seconds, each has a help text and our own prefix."""
    await watched.village.connect()
    _, page = await watched.get("/metrics")
    families = list(text_string_to_metric_families(page))
    assert families
    for family in families:
        assert family.name.startswith("vigie_")
        assert family.documentation.endswith(".")
        if family.type == "counter":
            assert all(sample.name.endswith(("_total", "_created")) for sample in family.samples)
        if family.type == "histogram":
            assert family.name.endswith("_seconds")


async def test_scraping_asks_the_database_now_and_then(watched: Watched) -> None:
    """However often the page is asked for, it is one look in 15 seconds; one that fails leaves the page as it was."""
    await watched.village.connect()
    await watched.village.asks("ada")
    asked = 0
    begin = watched.store.begin

    def counted():  # type: ignore[no-untyped-def]
        nonlocal asked
        asked += 1
        return begin()

    watched.store.begin = counted  # type: ignore[method-assign]
    for _ in range(20):
        assert (await watched.figures())["vigie_mentions", ("open",)] == 1
    assert asked <= 2
    await watched.village.clock.advance(REFRESH)
    watched.store.failures = 2
    assert (await watched.figures())["vigie_mentions", ("open",)] == 1
    assert asked > 2


async def test_ready_means_connected_and_in_time_with_the_right_schema(watched: Watched) -> None:
    """Each reason why not is told; alive is alive all the while."""
    village = watched.village
    status, page = await watched.get("/readyz")
    assert (status, "fake: not connected" in page) == (503, True)
    await village.connect()
    assert (await watched.get("/readyz"))[0] == 200
    watched.wrong.append("it is another version's")
    status, page = await watched.get("/readyz")
    assert (status, "another version" in page) == (503, True)
    watched.wrong.clear()
    watched.store.failures = 1
    status, page = await watched.get("/readyz")
    assert (status, "database" in page) == (503, True)
    await village.asks("ada")
    await village.time_passes(timedelta(minutes=31))
    assert (await watched.get("/readyz"))[0] == 200
    await village.time_passes(LATE)
    status, page = await watched.get("/readyz")
    assert (status, "lag" in page) == (503, True)
    assert (await watched.figures())["vigie_overdue_seconds", ()] > LATE.total_seconds()
    await village.settle()
    assert (await watched.get("/readyz"))[0] == 200
    # A full disk: the database answers, and nothing can be stored.
    watched.health.heard(MessagePosted(village.write("ada", "How?")), FAKE, 0.01, failed=True)
    status, page = await watched.get("/readyz")
    assert (status, "could not be taken" in page) == (503, True)
    await village.time_passes(RECENT)
    assert (await watched.get("/readyz"))[0] == 200
    assert await watched.get("/healthz") == (200, '{"status": "alive"}')
