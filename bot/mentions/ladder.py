"""The escalation: when a waiting mention needs looking at, and what is to happen then. Pure functions of an instant.

Nudges are numbered from 0. The first ones climb the ladder; should a snooze or a claim outlast it, the moderators'
channel is reminded again: what was put off must not be forgotten. Every (mention, number) is said once, ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.copying import replace
from bot.model import Mention, MentionState, Verdict
from bot.settings import Settings, Target


@dataclass(frozen=True, slots=True)
class Advance:
    """What became of a mention when its time came: its new self, what happened, and whom to nudge, if anybody."""

    mention: Mention
    happened: tuple[Verdict, ...] = ()
    nudge: int | None = None
    target: Target | None = None


def due(mention: Mention, settings: Settings) -> datetime | None:
    """The next instant at which `advance` has something to do; always inside working hours. None: nothing to come.

    Above the ladder's last step nothing comes by itself; an instant that was set there, by `reopened`, stands.
    """
    if mention.state in (MentionState.CLAIMED, MentionState.SNOOZED):
        return mention.until
    ladder = settings.mentions.ladder
    if mention.state is not MentionState.OPEN:
        return None
    if mention.step >= len(ladder):
        return mention.due_at
    left = max(ladder[mention.step].after - mention.waited, timedelta(0))
    return settings.hours.next_open(settings.hours.add(mention.since, left))


def timed(mention: Mention, settings: Settings) -> Mention:
    """The mention with its `due_at` as its state demands."""
    return replace(mention, due_at=due(mention, settings))


def advance(mention: Mention, now: datetime, settings: Settings) -> Advance:
    """What a mention whose `due_at` has come turns into at `now`.

    At most one nudge: when several steps are overdue, as after an outage, the later ones keep their distance from it.
    """
    if not mention.state.waits or mention.due_at is None or mention.due_at > now:
        return Advance(mention)
    if not settings.hours.is_open(now):
        return Advance(replace(mention, due_at=settings.hours.next_open(now)))
    happened: tuple[Verdict, ...] = ()
    if mention.state is MentionState.CLAIMED:
        mention = reopened(mention, now)
        happened = (Verdict.RELEASED,)
        if (when := due(mention, settings)) is not None and when > now:
            return Advance(replace(mention, due_at=when), happened)
    elif mention.state is MentionState.SNOOZED:
        mention = reopened(mention, now)
        happened = (Verdict.WOKEN,)
    elif (when := due(mention, settings)) is not None and when > now:
        return Advance(replace(mention, due_at=when))
    return _nudge(mention, now, settings, happened)


def reopened(mention: Mention, now: datetime) -> Mention:
    """Open again after a claim or a snooze; the clock had gone on, since the asker still waited.

    Even where the ladder was climbed to its end, the moderators' channel is reminded once more.
    """
    return replace(mention, state=MentionState.OPEN, claimed_by=None, until=None, due_at=now)


def _nudge(mention: Mention, now: datetime, settings: Settings, happened: tuple[Verdict, ...]) -> Advance:
    ladder, number = settings.mentions.ladder, mention.step
    step = ladder[number] if number < len(ladder) else None
    waited = step.after if step else mention.waited
    moved = replace(mention, step=number + 1, since=now, waited=max(waited, mention.waited), due_at=None)
    return Advance(timed(moved, settings), (*happened, Verdict.NUDGED), number, target_of(number, settings))


def target_of(number: int, settings: Settings) -> Target:
    """Whom a nudge of that number tells: as the ladder says, above it the moderators' channel."""
    ladder = settings.mentions.ladder
    return ladder[number].to if number < len(ladder) else Target.CHANNEL
