"""What forgetting a member leaves of what was stored: pure, and the same in every store."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from bot.model import Community, Decision, Delivery, DeliveryKind, Mention
from bot.ports import TRIAL


class Oblivion:
    """What has to go when a member of a community is forgotten, given the mentions that go with them."""

    def __init__(self, community: Community, member: str, mentions: Mapping[str, str | None]) -> None:
        """`mentions`: those the member asked, with the delivery that told of each."""
        self.private = f"@{member}"
        self.doors = (self.private, f"{TRIAL}{self.private}")
        self._community = community
        self._member = member
        self._mentions = frozenset(mentions)
        self._told = frozenset(key for key in mentions.values() if key is not None)
        # An id inside a longer one is somebody else: U12 is not in U123.
        self._trace = re.compile(rf"(?<![^\W_]){re.escape(member)}(?![^\W_])")

    def mention(self, mention: Mention, removed: Collection[str]) -> Mention:
        """Somebody else's mention without the member and the `removed` deliveries; itself when there is no trace."""
        claimed_by = None if mention.claimed_by == self._member else mention.claimed_by
        closed_by = None if mention.closed_by == self._member else mention.closed_by
        told_by = None if mention.told_by in removed else mention.told_by
        if (claimed_by, closed_by, told_by) == (mention.claimed_by, mention.closed_by, mention.told_by):
            return mention
        return replace(
            mention, claimed_by=claimed_by, closed_by=closed_by, told_by=told_by, version=mention.version + 1
        )

    def decision(self, decision: Decision) -> Decision:
        """A decision about somebody else's mention without the member; itself when there is no trace."""
        if decision.member != self._member and not any(map(self._traced, decision.reasons)):
            return decision
        return replace(decision, member=None, message=None, reasons=())

    def deliveries(self, deliveries: Iterable[Delivery]) -> list[tuple[Delivery, Delivery | None]]:
        """Those of the community that change: as they are, and as they shall be, None for those that go."""
        ours = [delivery for delivery in deliveries if delivery.place.community == self._community]
        said = [(d, self._delivery(d)) for d in ours if d.kind is not DeliveryKind.LOOK]
        kept = {left.key for _, left in said if left is not None}
        looks = [
            (d, d if d.subject.get("of") in kept else self._delivery(d)) for d in ours if d.kind is DeliveryKind.LOOK
        ]
        return [(before, after) for before, after in said + looks if after is not before]

    def _delivery(self, delivery: Delivery) -> Delivery | None:
        if self._traced(delivery.key) or delivery.place.channel == self.private:
            return None
        subject = dict(delivery.subject)
        for name, value in delivery.subject.items():
            if isinstance(value, list):
                subject[name] = [item for item in value if not self._goes(item)]
            elif isinstance(value, str) and self._goes(value):
                return None
        lists = [value for value in subject.values() if isinstance(value, list)]
        if not any(lists) and (subject != delivery.subject or self._about(delivery)):
            return None
        # A digest that tells of others as well stays under its key, though that may name a mention that goes.
        problem = None if self._traced(delivery.problem) else delivery.problem
        if subject == delivery.subject and problem == delivery.problem:
            return delivery
        return replace(delivery, subject=subject, problem=problem)

    def _about(self, delivery: Delivery) -> bool:
        return delivery.key in self._told or not self._mentions.isdisjoint(delivery.key.split("/"))

    def _goes(self, value: str) -> bool:
        return not self._mentions.isdisjoint(value.split("/")) or self._traced(value)

    def _traced(self, text: str | None) -> bool:
        return text is not None and self._trace.search(text) is not None
