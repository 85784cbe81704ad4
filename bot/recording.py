"""What a change does to the database: the mention, its messages, the decision, and the look of its living nudge."""

from __future__ import annotations

from datetime import datetime

from bot.copying import replace
from bot.mentions.judge import Change
from bot.model import Decision, Delivery, DeliveryKind, Mention, Verdict
from bot.ports import Clock, Transaction

TRIES = 3
"""How often something is decided or recorded anew when another process changed the same mention meanwhile."""

MARKED = ("reaction", "asker-reaction")
"""The rules of answers that are no message but a mark on one."""


async def store(tx: Transaction, change: Change, clock: Clock, *, shows: bool) -> Mention | None:
    """The mention as it is now stored; None when what was said belongs to another one, or to one that is over."""
    mention, decision = change.mention, change.decision
    if decision is not None and await _was_taken_back(tx, mention, decision):
        return None
    if change.new:
        if not await tx.add_mention(mention):
            known = await tx.mention_of(mention.ref)
            if known is None or known.state.waits:
                return known
            over_since = known.closed_at
            if over_since is None or over_since > mention.opened_at:
                return None
            if known.closing_rule != "edited-away" and not change.adds:
                return None
            # The ping that had been edited away is back, or a new one is there: the same mention waits again, what was
            # said stays said.
            again = replace(mention, id=known.id, step=known.step, version=known.version)
            mention = await tx.save_mention(again)
            decision = decision and replace(decision, mention=known.id)
    elif change.message and not await tx.attach(mention.id, change.message):
        return None
    else:
        mention = await tx.save_mention(mention)
    if change.left:
        await tx.detach(change.left)
    if decision:
        await tx.record(decision)
    if shows and decision and decision.verdict is not Verdict.HELD:
        await ask_look(tx, mention, clock)
    return mention


async def _was_taken_back(tx: Transaction, mention: Mention, decision: Decision) -> bool:
    """Whether just this answer was taken as one before, and somebody of the team said since that the mention waits.

    What is delivered again, or read again after a restart, must not undo that. A mark may be given anew, after that.
    """
    if decision.verdict is not Verdict.ANSWERED or decision.message is None or mention.since == mention.opened_at:
        return False  # a clock that runs since the beginning: nobody made it wait again
    before = await tx.decisions(mention.id)
    again = max((d.at for d in before if d.verdict is Verdict.OPENED and d.message is None), default=None)
    if again is None:
        return False
    same = (decision.rule, decision.member, decision.message)
    known = any(d.verdict is Verdict.ANSWERED and (d.rule, d.member, d.message) == same for d in before)
    return known and (decision.rule not in MARKED or decision.at <= again)


async def ask_look(tx: Transaction, mention: Mention, clock: Clock) -> None:
    """Have the living nudge of a mention show how things are now, if there is one."""
    told = await tx.delivery(mention.told_by) if mention.told_by else None
    if told is not None:
        await tx.ask_look(look_of(told, clock.now()))


def look_of(told: Delivery, now: datetime, due_at: datetime | None = None) -> Delivery:
    """The edit that has the message of `told` show how things are."""
    key, due_at = f"look/{told.key}", due_at or now
    return Delivery(key, DeliveryKind.LOOK, told.place, {"of": told.key}, due_at, created_at=now)
