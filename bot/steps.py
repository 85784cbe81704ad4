"""Which steps of which mentions a nudge or a digest says, and whether that is needed still."""

from __future__ import annotations

from collections.abc import Iterable

from bot.mentions.ladder import target_of
from bot.model import Delivery, DeliveryState, Mention
from bot.ports import Transaction
from bot.settings import Settings, Target

Step = tuple[str, int]
"""A mention's id and the number of its nudge."""


def nudge_key(mention: str, number: int) -> str:
    """The key of the nudge that says a step; one that had to be said anew has `/anew` behind it."""
    return f"nudge/{mention}/{number}"


async def nudge_of(tx: Transaction, mention: str, number: int) -> Delivery | None:
    """The nudge that says a step, the one said anew if there is one."""
    key = nudge_key(mention, number)
    return await tx.delivery(f"{key}/anew") or await tx.delivery(key)


def written(steps: Iterable[Step]) -> list[str]:
    """Steps as they stand in the subject of a digest."""
    return [f"{mention}/{number}" for mention, number in steps]


def steps_of(delivery: Delivery) -> list[Step]:
    """What a NUDGE or a DIGEST is about."""
    subject = delivery.subject
    listed = subject["mentions"] if "mentions" in subject else [f"{subject['mention']}/{subject['step']}"]
    parts = [entry.split("/") for entry in listed] if isinstance(listed, list) else []
    return [(mention, int(number)) for mention, number, *_ in parts]


def mentions_of(delivery: Delivery) -> list[str]:
    """The mentions that a NUDGE or a DIGEST is about, each once.

    A digest has one twice where it took over another, and the mention came a step further meanwhile.
    """
    return list(dict.fromkeys(mention for mention, _ in steps_of(delivery)))


def is_replaced(mention: Mention, number: int, settings: Settings) -> bool:
    """Whether, while a step could not be said, one came that says it as well: to the same people, and no quieter."""
    target = target_of(number, settings)
    instead = (target, Target.ON_DUTY) if target is Target.CHANNEL else (target,)
    return any(target_of(later, settings) in instead for later in range(number + 1, mention.step))


async def pings_before(tx: Transaction, mention: str, number: int, settings: Settings) -> int:
    """How often whoever is on duty was pinged about a mention before its nudge of that number."""
    on_duty = [n for n in range(number) if target_of(n, settings) is Target.ON_DUTY]
    said = [await nudge_of(tx, mention, n) for n in on_duty]
    return sum(nudge is not None and nudge.state in (DeliveryState.SENT, DeliveryState.FOLDED) for nudge in said)
