"""Climbing the ladder: what is due becomes Delivery rows, in the transaction that moves the mention one step up."""

from __future__ import annotations

from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

from bot.errors import Conflict
from bot.mentions.judge import Change
from bot.mentions.ladder import Advance, advance
from bot.model import Community, Decision, Delivery, DeliveryKind, Mention, Place, Verdict
from bot.ports import Store, Transaction
from bot.settings import Settings, Target
from bot.steps import Step, nudge_key, steps_of, written
from bot.watch import Watch

WHY = {Verdict.RELEASED: "claim-expired", Verdict.WOKEN: "snooze-over"}
"""The rule by which something happens to a mention because its time has come."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """One step of one mention, about to be said."""

    mention: Mention
    number: int
    target: Target

    @property
    def step(self) -> Step:
        return self.mention.id, self.number


async def climb(watch: Watch, store: Store, now: datetime) -> bool:
    """Move every due mention of a community on; true when something is to be said.

    Mentions in a channel that has not caught up are left alone: the answer may be among what was missed.
    """
    async with store.begin() as tx:
        found = await tx.due_mentions(watch.community, now)
    channels = sorted({m.place.channel for m in found if watch.is_current(m.place.channel)})
    if not channels:
        return False
    turns = [watch.turn(channel) for channel in channels]
    changing = any(turn.wanted for turn in turns)
    async with AsyncExitStack() as stack:
        for turn in turns:
            await stack.enter_async_context(turn)
        if changing:  # else what was just read still holds: turns that nobody wants are taken without giving way
            async with store.begin() as tx:
                found = await tx.due_mentions(watch.community, now)
        due = [m for m in found if m.place.channel in channels and watch.is_current(m.place.channel)]
        moves = [advance(mention, now, watch.settings) for mention in due]
        changes = [
            _change(move, now)
            for before, move in zip(due, moves, strict=True)
            if move.happened or move.mention != before
        ]
        nudges = [Nudge(m.mention, m.nudge, m.target) for m in moves if m.nudge is not None and m.target is not None]

        async def also(tx: Transaction) -> None:
            for move in moves:
                for verdict in move.happened[1:]:
                    await tx.record(_decision(move, verdict, now))
            await _announce(tx, nudges, watch.community, watch.settings, now)

        try:
            await watch.commit(changes, also)
        except Conflict:
            # Somebody pressed a button in another process: the next tick sees how things are now.
            for mention in due:
                await watch.reload(mention.id)
            return False
    return bool(nudges)


def place_of(target: Target, community: Community, settings: Settings) -> Place | None:
    """Where a step is said; None when nobody was named for it."""
    if target is Target.LEAD:
        lead = settings.team.lead
        return Place(community, f"@{lead}") if lead else None
    channel = settings.mentions.channel
    return Place(community, channel) if channel else None


def _change(move: Advance, now: datetime) -> Change:
    """The mention as it moved, with the first thing that happened to it; what came of that is recorded after it."""
    return Change(move.mention, _decision(move, move.happened[0], now) if move.happened else None)


def _decision(move: Advance, verdict: Verdict, now: datetime) -> Decision:
    rule = WHY.get(verdict) or f"step-{move.mention.step}"
    return Decision(move.mention.id, now, verdict, rule)


async def _announce(
    tx: Transaction, nudges: list[Nudge], community: Community, settings: Settings, now: datetime
) -> None:
    """One delivery for each nudge, or a digest where so many would be a storm."""
    by_target: defaultdict[Target, list[Nudge]] = defaultdict(list)
    for nudge in nudges:
        by_target[nudge.target].append(nudge)
    for target, group in by_target.items():
        place = place_of(target, community, settings)
        if place is None:
            continue
        pending = [d for d in await tx.pending_nudges(place, now) if d.subject.get("to") == target]
        steps = [*dict.fromkeys(step for d in pending for step in steps_of(d)), *(nudge.step for nudge in group)]
        if len(steps) < settings.mentions.digest:
            for nudge in group:
                await tx.add_delivery(_nudge(nudge, place, now))
            continue
        digest = _digest(steps, target, place, now)
        if await tx.add_delivery(digest):
            await tx.fold([d.key for d in pending], digest.key)


def _nudge(nudge: Nudge, place: Place, now: datetime) -> Delivery:
    return Delivery(
        key=nudge_key(*nudge.step),
        kind=DeliveryKind.NUDGE,
        place=place,
        subject={"mention": nudge.mention.id, "step": nudge.number, "to": str(nudge.target)},
        due_at=now,
        created_at=now,
    )


def _digest(steps: list[Step], target: Target, place: Place, now: datetime) -> Delivery:
    entries = written(steps)
    # Every step happens once, so the last of them makes the key unique: the first may be another digest's.
    return Delivery(
        key=f"digest/{entries[-1]}",
        kind=DeliveryKind.DIGEST,
        place=place,
        subject={"mentions": entries, "to": str(target)},
        due_at=now,
        created_at=now,
    )
