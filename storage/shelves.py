"""What `MemoryStore` holds: dictionaries, the indexes that keep what is due at hand, and a log to undo with."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from bot.model import Community, Cursor, Decision, Delivery, Letter, Mention, Place, Settled
from storage.transitions import LIVE, Order, order

if TYPE_CHECKING:
    from bot.tips.deck import Deck

Key = tuple[str, str, str]
"""`MessageRef.key`."""

Aged = tuple[datetime, str]

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Queue:
    """The live deliveries of one place, oldest first, and until when some of them are leased."""

    __slots__ = ("leases", "rows")

    def __init__(self) -> None:
        self.rows: list[Order] = []
        self.leases: dict[str, datetime] = {}

    def free_at(self) -> datetime:
        """When nothing is in flight to the place any more."""
        return max(self.leases.values(), default=LONG_AGO)


class Shelves:
    """Every change goes through a method that logs how to undo it; `commit` or `undo` ends a transaction."""

    def __init__(self) -> None:
        self.mentions: dict[str, Mention] = {}
        self.messages: dict[Key, str] = {}
        self.attached: dict[str, tuple[Key, ...]] = {}
        self.decisions: dict[str, tuple[Decision, ...]] = {}
        self.deliveries: dict[str, Delivery] = {}
        self.pauses: dict[tuple[str, str], datetime] = {}
        self.disabled: dict[tuple[str, str], tuple[str, datetime]] = {}
        self.settled: dict[str, dict[str, Settled]] = defaultdict(dict)
        self.decks: dict[Community, Deck] = {}
        self.verdicts: dict[tuple[Community, str, str], tuple[str, datetime]] = {}
        self.cursors: dict[Place, Cursor] = {}
        self.leases: dict[str, tuple[str, datetime]] = {}
        self.notes: dict[str, tuple[datetime, ...]] = {}
        self.letters: dict[int, Letter] = {}
        self.communities: dict[Community, datetime] = {}

        self.waiting: dict[Community, list[Aged]] = defaultdict(list)
        self.due: dict[Community, list[Aged]] = defaultdict(list)
        self.queues: dict[Place, Queue] = {}
        self._log: list[tuple[Callable[..., None], tuple[Any, ...]]] = []

    def undo(self) -> None:
        while self._log:
            function, arguments = self._log.pop()
            function(*arguments)

    def commit(self) -> None:
        self._log.clear()

    def put(self, shelf: dict[Any, Any], key: Any, value: Any) -> None:
        """Set or, with None, remove. Not for mentions and deliveries, which are indexed."""
        self._log.append((_set, (shelf, key, shelf.get(key))))
        _set(shelf, key, value)

    def attach(self, mention_id: str, message: Key) -> None:
        """A message belongs to a mention from now on."""
        self.put(self.messages, message, mention_id)
        self.put(self.attached, mention_id, (*self.attached.get(mention_id, ()), message))

    def put_mention(self, id_: str, mention: Mention | None) -> None:
        self._log.append((self._set_mention, (id_, self.mentions.get(id_))))
        self._set_mention(id_, mention)

    def put_delivery(self, key: str, delivery: Delivery | None) -> None:
        self._log.append((self._set_delivery, (key, self.deliveries.get(key))))
        self._set_delivery(key, delivery)

    def drop_mention(self, id_: str) -> int:
        """Remove a mention with its messages and decisions: how many rows that was."""
        messages = self.attached.get(id_, ())
        decisions = self.decisions.get(id_, ())
        for key in messages:
            self.put(self.messages, key, None)
        self.put(self.attached, id_, None)
        self.put(self.decisions, id_, None)
        self.put_mention(id_, None)
        return 1 + len(messages) + len(decisions)

    def compact(self) -> None:
        """Give back the memory of what was removed: a dict keeps its size however many of its keys are deleted."""
        for name in ("mentions", "messages", "attached", "decisions", "deliveries"):
            old = getattr(self, name)
            self._log.append((setattr, (self, name, old)))
            setattr(self, name, old.copy())

    def due_by(self, community: Community, now: datetime) -> list[str]:
        """Ids of the mentions whose instant has come."""
        rows = self.due.get(community, [])
        return [id_ for _, id_ in rows[: bisect_right(rows, now, key=itemgetter(0))]]

    def queues_of(self, communities: Iterable[Community]) -> Iterator[tuple[Place, Queue]]:
        """Places with live deliveries that are not closed to us."""
        if not self.queues:
            return
        wanted = {community: str(community) for community in communities}
        for place, queue in self.queues.items():
            name = wanted.get(place.community)
            if name is not None and (name, place.channel) not in self.disabled:
                yield place, queue

    def paused_until(self, place: Place) -> datetime:
        name = str(place.community)
        return max(self.pauses.get((name, ""), LONG_AGO), self.pauses.get((name, place.channel), LONG_AGO))

    def _set_mention(self, id_: str, mention: Mention | None) -> None:
        old = self.mentions.get(id_)
        _set(self.mentions, id_, mention)
        _move(self.waiting, id_, _waiting_since(old), _waiting_since(mention))
        _move(self.due, id_, _due_at(old), _due_at(mention))

    def _set_delivery(self, key: str, delivery: Delivery | None) -> None:
        old = self.deliveries.get(key)
        if old is not None and delivery is not None and _same_turn(old, delivery):
            self.deliveries[key] = delivery
            _lease(self.queues[delivery.place], delivery)
            return
        if old is not None and old.state in LIVE:
            queue = self.queues[old.place]
            del queue.rows[bisect_left(queue.rows, order(old))]
            queue.leases.pop(key, None)
            if not queue.rows:
                del self.queues[old.place]
        _set(self.deliveries, key, delivery)
        if delivery is not None and delivery.state in LIVE:
            queue = self.queues.setdefault(delivery.place, Queue())
            insort(queue.rows, order(delivery))
            _lease(queue, delivery)


def _set(shelf: dict[Any, Any], key: Any, value: Any) -> None:
    if value is None:
        shelf.pop(key, None)
    else:
        shelf[key] = value


def _waiting_since(mention: Mention | None) -> tuple[Community, datetime] | None:
    return (mention.community, mention.opened_at) if mention is not None and mention.state.waits else None


def _due_at(mention: Mention | None) -> tuple[Community, datetime] | None:
    if mention is None or mention.due_at is None or not mention.state.waits:
        return None
    return (mention.community, mention.due_at)


def _move(
    index: dict[Community, list[Aged]],
    id_: str,
    before: tuple[Community, datetime] | None,
    after: tuple[Community, datetime] | None,
) -> None:
    """Keep an index in order, where it has to change at all."""
    if before == after:
        return
    if before is not None:
        community, instant = before
        rows = index[community]
        del rows[bisect_left(rows, (instant, id_))]
        if not rows:
            del index[community]
    if after is not None:
        community, instant = after
        insort(index[community], (instant, id_))


def _same_turn(old: Delivery, new: Delivery) -> bool:
    """Whether both stand at the same spot in the same queue."""
    if old.state not in LIVE or new.state not in LIVE:
        return False
    return old.due_at == new.due_at and old.created_at == new.created_at and old.place == new.place


def _lease(queue: Queue, delivery: Delivery) -> None:
    if delivery.leased_until is None:
        queue.leases.pop(delivery.key, None)
    else:
        queue.leases[delivery.key] = delivery.leased_until
