"""What was closed to us and is tried again: an admin knew that it was closed, and is told when it works again.

A trial is a disabled place of its own, so that it outlives the process: `TRIAL` before the channel's id, and alone for
the whole community. Whoever asks for a trial to be over is told whether there was one.
"""

from __future__ import annotations

from datetime import datetime

from bot.model import Community, Place
from bot.ports import TRIAL, Transaction


async def begin(tx: Transaction, community: Community, now: datetime) -> None:
    """Whatever closed a channel may have been mended since; if not, the next attempt closes it again."""
    for channel, reason in (await tx.disabled(community)).items():
        if not channel.startswith(TRIAL):
            await tx.enable(Place(community, channel))
            await tx.disable(_of(Place(community, channel)), reason, now)


async def known(tx: Transaction, place: Place) -> bool:
    """Whether the channel is closed to us as far as is known, on trial or not."""
    closed = await tx.disabled(place.community)
    return place.channel in closed or _of(place).channel in closed


async def shut_out(tx: Transaction, community: Community, reason: str, now: datetime) -> None:
    """All of the community refuses us, so nobody there can be told before it lets us in again."""
    await tx.disable(Place(community, TRIAL), reason, now)


async def over(tx: Transaction, place: Place) -> bool:
    """Whether the channel was on trial; it is not any more."""
    return await tx.enable(_of(place))


async def let_in(tx: Transaction, community: Community) -> bool:
    """Whether the community had refused us; it is taken to do so no more."""
    return await tx.enable(Place(community, TRIAL))


def _of(place: Place) -> Place:
    return Place(place.community, f"{TRIAL}{place.channel}")
