"""How the running bot is: whether it can do its work, and its figures for Prometheus.

Figures carry no ids: neither communities, channels nor members. Their names follow Prometheus' conventions:
https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.commands import COMMANDS
from bot.errors import RateLimited, StoreError
from bot.events import CommandInvoked, Event
from bot.logger import get_logger
from bot.model import Community, Delivery, DeliveryState, MentionState, Platform
from bot.patience import within

if TYPE_CHECKING:
    from bot.app import Bot

log = get_logger(__name__)

PROBE = timedelta(seconds=5)
"""How long the database may take to answer; a service manager's own limit is rarely below ten seconds."""

LATE = timedelta(minutes=5)
"""A channel that could not be read for so long is told of: the bot keeps silent about it until it can."""


RECENT = timedelta(minutes=1)
"""A database that answers and takes no writes (read-only, full disk) is known by the events that could not be taken."""

REFRESH = timedelta(seconds=15)
"""However often the figures are asked for, the database is asked for its part no more often than that."""

SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 1, 1.5, 3, 10)
LAGS = (1, 2, 5, 15, 60, 300, 900, 3600, 14_400, 86_400)


async def _as_it_should_be() -> str | None:
    return None


class Health:
    """Probes of a running bot, and its figures. `schema` tells what is wrong with the database's, or None."""

    def __init__(
        self,
        bot: Bot,
        platforms: Collection[Platform],
        schema: Callable[[], Awaitable[str | None]] = _as_it_should_be,
    ) -> None:
        self._bot = bot
        self._platforms = platforms
        self._schema = schema
        self._refreshed: datetime | None = None
        self._failed_at: datetime | None = None
        self._registry = registry = CollectorRegistry()
        self._events = Counter("vigie_events", "Events taken in.", ["platform", "kind", "outcome"], registry=registry)
        self._seconds = Histogram(
            "vigie_event_seconds",
            "From an event's arrival to its acknowledgement.",
            ["kind"],
            buckets=SECONDS,
            registry=registry,
        )
        self._commands = Histogram(
            "vigie_command_seconds",
            "From a command's arrival to its answer.",
            ["command", "platform"],
            buckets=SECONDS,
            registry=registry,
        )
        self._deliveries = Counter(
            "vigie_deliveries", "Attempts to say something, and how they ended.", ["kind", "outcome"], registry=registry
        )
        self._lag = Histogram(
            "vigie_delivery_lag_seconds",
            "From deciding to say something to its being out; what waited for working hours included.",
            ["kind"],
            buckets=LAGS,
            registry=registry,
        )
        self._limits = Counter(
            "vigie_rate_limits", "Times that a platform asked us to wait.", ["platform", "scope"], registry=registry
        )
        self._limited = Counter(
            "vigie_rate_limit_wait_seconds",
            "How long platforms asked us to wait.",
            ["platform", "scope"],
            registry=registry,
        )
        self._connection = Gauge(
            "vigie_connected", "1 while the platform is connected, else 0.", ["platform"], registry=registry
        )
        self._connected = Gauge(
            "vigie_connected_communities", "Communities looked after.", ["platform"], registry=registry
        )
        self._mentions = Gauge("vigie_mentions", "Mentions that are stored, by state.", ["state"], registry=registry)
        self._overdue = Gauge(
            "vigie_overdue_seconds", "For how long the oldest thing due has waited.", registry=registry
        )
        self._waiting = Gauge("vigie_waiting_mentions", "People who wait for an answer.", registry=registry)
        self._behind = Gauge(
            "vigie_channels_behind", "Watched channels whose history is still being read.", registry=registry
        )

    def heard(self, event: Event, platform: Platform, seconds: float, failed: bool) -> None:
        """An event was taken in, which took so long."""
        if failed:
            self._failed_at = self._bot.clock.now()
        kind = type(event).__name__
        self._events.labels(platform, kind, "failed" if failed else "done").inc()
        self._seconds.labels(kind).observe(seconds)
        if isinstance(event, CommandInvoked):
            self._commands.labels(event.name if event.name in COMMANDS else "other", platform).observe(seconds)

    def attempted(self, delivery: Delivery, error: Exception | None) -> None:
        """What an attempt made of a delivery was recorded; `error` is what came of calling the platform."""
        outcome = _outcome(delivery, error)
        if outcome is not None:
            self._deliveries.labels(delivery.kind, outcome).inc()
        if outcome == "sent" and delivery.sent_at is not None:
            lag = delivery.sent_at - delivery.created_at
            self._lag.labels(delivery.kind).observe(max(0.0, lag.total_seconds()))
        if isinstance(error, RateLimited):
            labels = delivery.place.community.platform, "everywhere" if error.everywhere else "channel"
            self._limits.labels(*labels).inc()
            self._limited.labels(*labels).inc(max(0.0, error.retry_after))

    async def problems(self) -> list[str]:
        """What keeps the bot from doing its work; none when it is ready."""
        told: list[str] = []
        now = self._bot.clock.now()
        try:
            overdue = await within(self._bot.clock, PROBE, self._ask_store())
            wrong = await within(self._bot.clock, PROBE, self._schema())
        except StoreError as error:
            told.append(f"database: {error}")
        except TimeoutError:
            told.append("database: no answer")
        else:
            if wrong:
                told.append(f"schema: {wrong}")
            if overdue > LATE:
                told.append(f"lag: something has been due for {overdue.total_seconds():.0f} s")
        told += [f"{platform}: not connected" for platform in self._platforms if not self._communities(platform)]
        if self._failed_at is not None and timedelta(0) <= now - self._failed_at < RECENT:
            told.append("events: one could not be taken within the last minute")
        late = sum(since < now - LATE for watch in self._bot.watches.values() for since in watch.along.behind_since())
        return [*told, f"channels that cannot be read: {late}"] if late else told

    async def metrics(self) -> tuple[bytes, str]:
        """The page for Prometheus and its content type. While the database is away, its part stays as it was."""
        for platform in self._platforms:
            communities = self._communities(platform)
            self._connection.labels(platform).set(communities > 0)
            self._connected.labels(platform).set(communities)
        watches = self._bot.watches.values()
        self._waiting.set(sum(len(room.waiting) for watch in watches for room in watch.rooms.values()))
        self._behind.set(sum(len(watch.along.behind) for watch in watches))
        now = self._bot.clock.now()
        if self._refreshed is None or not timedelta(0) <= now - self._refreshed < REFRESH:
            self._refreshed = now
            try:
                await within(self._bot.clock, PROBE, self._refresh())
            except (StoreError, TimeoutError):
                log.warning("figures of the database are not renewed")
        return generate_latest(self._registry), CONTENT_TYPE_PLAIN_0_0_4

    async def _refresh(self) -> None:
        async with self._bot.store.begin() as tx:
            counted = await tx.mention_states(self._ours())
        for state in MentionState:
            self._mentions.labels(state).set(counted.get(state, 0))
        self._overdue.set((await self._ask_store()).total_seconds())

    async def _ask_store(self) -> timedelta:
        """For how long the oldest thing due has waited."""
        async with self._bot.store.begin() as tx:
            due = await tx.next_due(self._ours())
        return max(timedelta(0), self._bot.clock.now() - due) if due else timedelta(0)

    def _ours(self) -> list[Community]:
        return [watch.community for watch in self._bot.watches.values() if watch.along.connected]

    def _communities(self, platform: Platform) -> int:
        return sum(community.platform == platform for community in self._ours())


def _outcome(delivery: Delivery, error: Exception | None) -> str | None:
    """In a word; None when it was only noted that the platform is about to be called."""
    if delivery.state not in (DeliveryState.PENDING, DeliveryState.SENDING):
        return delivery.state
    if isinstance(error, RateLimited):
        return "rate_limited"
    if error is not None:
        return "in_doubt" if delivery.state is DeliveryState.SENDING else "retried"
    return "postponed" if delivery.state is DeliveryState.PENDING else None
