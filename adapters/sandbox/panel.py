"""What the bot is thinking, read from its store as anybody could: who waits, what comes, what was sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from adapters.sandbox.protocol import DeliveryRow, MentionRow, OccurrenceRow, Panel
from adapters.sandbox.scene import Scene
from adapters.sandbox.transcript import name_of
from bot.coming import schedule_of
from bot.looks import RULES, working
from bot.model import Delivery, DeliveryKind, DeliveryState, Mention, MentionState
from bot.ports import Store
from bot.schedule import NeverDue, Occurrence, occurrences
from bot.settings import Settings, Target
from bot.texts import Texts, later

COMING = 3
LATEST = 12

STATES = {
    MentionState.OPEN: later("waiting"),
    MentionState.CLAIMED: later("claimed"),
    MentionState.SNOOZED: later("snoozed"),
    MentionState.ANSWERED: later("answered"),
    MentionState.DISMISSED: later("dismissed"),
    MentionState.GONE: later("gone"),
}

TARGETS = {
    Target.CHANNEL: later("#{channel}, {when}"),
    Target.ON_DUTY: later("#{channel}, calling @{role}, {when}"),
    Target.LEAD: later("{lead} in private, {when}"),
}
"""The next step of the ladder: whom it nudges, and when."""

KINDS = {
    DeliveryKind.TIP: later("Tip of the day"),
    DeliveryKind.NUDGE: later("Nudge"),
    DeliveryKind.DIGEST: later("Digest"),
    DeliveryKind.LOOK: later("Nudge brought up to date"),
    DeliveryKind.SHARE: later("Shared tip"),
    DeliveryKind.NOTICE: later("Notice to an admin"),
}

SENDING = {
    DeliveryState.PENDING: later("to be sent"),
    DeliveryState.SENDING: later("being sent"),
    DeliveryState.SENT: later("sent"),
    DeliveryState.CANCELLED: later("no longer needed"),
    DeliveryState.FOLDED: later("in a digest"),
    DeliveryState.FAILED: later("failed"),
}


async def read_panel(store: Store, scene: Scene, settings: Settings, now: datetime, speak: Texts) -> Panel:
    """Everything in one transaction, so that it fits together. Raises what the store raises."""
    async with store.begin() as tx:
        waiting = await tx.waiting(scene.community)
        deliveries = await tx.deliveries(scene.community, LATEST)
    words = _Words(scene, settings, now, speak)
    return {
        "mentions": [words.mention(mention) for mention in waiting],
        "occurrences": [words.occurrence(coming) for coming in _coming(scene, settings, now)],
        "deliveries": [words.delivery(delivery) for delivery in deliveries],
    }


def _coming(scene: Scene, settings: Settings, now: datetime) -> list[Occurrence]:
    schedule = schedule_of(scene.community, settings)
    if schedule is None:
        return []

    def later_than_now() -> Iterator[Occurrence]:
        yield from (o for o in occurrences(schedule, now.astimezone(settings.zone).date()) if o.instant > now)

    try:
        return list(islice(later_than_now(), COMING))
    except NeverDue:
        return []


@dataclass(frozen=True, slots=True)
class _Words:
    scene: Scene
    settings: Settings
    now: datetime
    speak: Texts

    def mention(self, mention: Mention) -> MentionRow:
        return {
            "id": mention.id,
            "asker": self.scene.name(mention.asker),
            "channel": mention.place.channel,
            "message": name_of(mention.ref),
            "state": mention.state.value,
            "state_label": self.speak.t(STATES[mention.state]),
            "rule": self.speak.t(RULES.get(mention.rule, RULES["conversation"])),
            "waited": self.speak.effort(working(mention, self.settings, self.now)),
            "next": self._next_step(mention),
        }

    def _next_step(self, mention: Mention) -> str | None:
        if mention.due_at is None:
            return None
        when = self._when(mention.due_at)
        if mention.state is MentionState.CLAIMED:
            name = self.scene.name(mention.claimed_by or "")
            return self.speak.t("{name} answers, else it is free again {when}", name=name, when=when)
        if mention.state is MentionState.SNOOZED:
            return self.speak.t("back {when}", when=when)
        ladder = self.settings.mentions.ladder
        target = ladder[mention.step].to if mention.step < len(ladder) else Target.CHANNEL
        team = self.settings.team
        return self.speak.t(
            TARGETS[target],
            channel=self._channel(self.settings.mentions.channel or ""),
            role=team.on_duty,
            lead=self.scene.name(team.lead or ""),
            when=when,
        )

    def occurrence(self, coming: Occurrence) -> OccurrenceRow:
        return {"what": self.speak.t(KINDS[DeliveryKind.TIP]), "when": self._when(coming.instant)}

    def delivery(self, delivery: Delivery) -> DeliveryRow:
        return {
            "key": delivery.key,
            "what": self.speak.t(KINDS[delivery.kind]),
            "where": self._where(delivery.place.channel),
            "state": delivery.state.value,
            "state_label": self.speak.t(SENDING[delivery.state]),
            "when": self._when(delivery.sent_at or delivery.due_at),
        }

    def _where(self, channel: str) -> str:
        if channel.startswith("@"):
            return f"@{self.scene.name(channel[1:])}"
        return f"#{self._channel(channel)}"

    def _channel(self, id_: str) -> str:
        known = self.scene.channels.get(id_)
        return known.name if known else id_

    def _when(self, instant: datetime) -> str:
        return self.speak.when(instant, self.settings.zone, self.now)
