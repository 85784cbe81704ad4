"""How the running bot is: whether it can do its work, and its figures for Prometheus.

Figures carry no ids: neither communities, channels nor members.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.errors import StoreError
from bot.events import Event
from bot.model import Platform
from bot.patience import within

if TYPE_CHECKING:
    from bot.app import Bot

PROBE = timedelta(seconds=5)
"""How long the database may take to answer; a service manager's own limit is rarely below ten seconds."""

LATE = timedelta(minutes=5)
"""A channel that could not be read for so long is told of: the bot keeps silent about it until it can."""


class Health:
    """Probes of a running bot, and its counters."""

    def __init__(self, bot: Bot, platforms: Collection[Platform]) -> None:
        self._bot = bot
        self._platforms = platforms
        self._registry = CollectorRegistry()
        self._events = Counter(
            "vigie_events", "Events taken in.", ["platform", "kind", "outcome"], registry=self._registry
        )
        self._seconds = Histogram(
            "vigie_event_seconds",
            "From an event's arrival to its acknowledgement.",
            ["kind"],
            buckets=(0.001, 0.005, 0.02, 0.1, 0.5, 1, 3, 10),
            registry=self._registry,
        )
        self._connected = Gauge(
            "vigie_connected_communities", "Communities looked after.", ["platform"], registry=self._registry
        )
        self._waiting = Gauge("vigie_waiting_mentions", "People who wait for an answer.", registry=self._registry)
        self._behind = Gauge(
            "vigie_channels_behind", "Watched channels whose history is still being read.", registry=self._registry
        )

    def heard(self, event: Event, platform: Platform, seconds: float, failed: bool) -> None:
        """An event was taken in, which took so long."""
        kind = type(event).__name__
        self._events.labels(platform, kind, "failed" if failed else "done").inc()
        self._seconds.labels(kind).observe(seconds)

    async def problems(self) -> list[str]:
        """What keeps the bot from doing its work; none when it is ready."""
        told: list[str] = []
        try:
            await within(self._bot.clock, PROBE, self._ask_store())
        except StoreError as error:
            told.append(f"database: {error}")
        except TimeoutError:
            told.append("database: no answer")
        told += [f"{platform}: not connected" for platform in self._platforms if not self._communities(platform)]
        overdue = self._bot.clock.now() - LATE
        late = sum(since < overdue for watch in self._bot.watches.values() for since in watch.along.behind_since())
        return [*told, f"channels that cannot be read: {late}"] if late else told

    def metrics(self) -> tuple[bytes, str]:
        """The page for Prometheus and its content type."""
        for platform in self._platforms:
            self._connected.labels(platform).set(self._communities(platform))
        watches = self._bot.watches.values()
        self._waiting.set(sum(len(room.waiting) for watch in watches for room in watch.rooms.values()))
        self._behind.set(sum(len(watch.along.behind) for watch in watches))
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4

    def _communities(self, platform: Platform) -> int:
        return sum(
            watch.along.connected and watch.community.platform == platform for watch in self._bot.watches.values()
        )

    async def _ask_store(self) -> None:
        async with self._bot.store.begin() as tx:
            await tx.known()
