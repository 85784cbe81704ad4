"""A channel that is lost, and one that is there again: what waits there, and which admin is told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot import notices, trials
from bot.events import ChannelFound, ChannelLost
from bot.mentions.judge import Change
from bot.ports import Transaction

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.watch import Watch

CHANNEL_LOST = "channel-lost"
"""The rule by which what waits in a channel ends with it."""

THREAD_LOST = "thread-lost"
"""The same for a thread, which does not come back with its channel."""

NOT_FORGOTTEN = timedelta(days=7)
"""Whoever had asked in a channel so long before it is there again does not wait for an answer any more."""


async def found(bot: Bot, event: ChannelFound) -> None:
    """We may read and write there: what was said meanwhile is read, and an admin who was alarmed is told.

    What ended with the channel waits again: people may have gone on there while only we were shut out.
    """
    watch = await bot.watch(event.place.community)
    channel = event.place.channel
    async with bot.store.begin() as tx:
        tried_again = await trials.over(tx, event.place)
        if await tx.enable(event.place.flat) or tried_again:
            for notice in notices.found(event.place, watch.settings, event.at):
                await tx.add_delivery(notice)
    if watch.watches(channel):
        await _waits_again(bot, event, watch)
        await watch.along.catch_up_with(channel)
    bot.changed()


async def _waits_again(bot: Bot, event: ChannelFound, watch: Watch) -> None:
    channel = event.place.channel
    async with bot.store.begin() as tx:
        ended = await tx.ended(event.place, CHANNEL_LOST, event.at - NOT_FORGOTTEN)

    def again() -> list[Change]:
        waiting = watch.rooms[channel].waiting  # where another process was faster
        return [watch.judge.reopening(m, None, event.at, "channel-found") for m in ended if m.id not in waiting]

    async with watch.turn(channel):
        await watch.settle(again)


async def lost(bot: Bot, event: ChannelLost) -> None:
    """Nobody can answer there any more: what waits there is over, and an admin is told of a channel that we use."""
    watch = await bot.watch(event.place.community)
    channel = event.place.channel
    used = watch.watches(channel) or channel in (watch.settings.tips.channel, watch.settings.mentions.channel)
    thread = event.place.thread
    told = notices.lost(event, watch.settings) if used and thread is None else []

    def gone() -> list[Change]:
        room = watch.rooms.get(channel)
        there = () if room is None else room.waiting.values() if thread is None else room.in_thread(thread)
        mentions = [waiting.mention for waiting in there]
        rule = CHANNEL_LOST if thread is None else THREAD_LOST
        return [watch.judge.gone(mention, event.at, rule) for mention in mentions]

    async def also(tx: Transaction) -> None:
        if thread is None and await tx.disable(event.place.flat, event.reason, event.at):
            for notice in told:
                await tx.add_delivery(notice)

    async with watch.turn(channel):
        await watch.settle(gone, also=also)
    bot.changed()
