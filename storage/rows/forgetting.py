"""Forgetting a member, a community and what is old."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice

from sqlalchemy import Select, delete, func, or_, select, update

from bot.model import Community
from storage.oblivion import Oblivion
from storage.rows.base import Rows
from storage.rows.deliveries import live
from storage.rows.mentions import WAITS
from storage.rows.records import decision_of, delivery_of, delivery_values, mention_of, mention_values
from storage.tables import (
    communities,
    cursors,
    decisions,
    decks,
    deliveries,
    disabled,
    leases,
    letters,
    mentions,
    messages,
    occurrences,
    pauses,
    verdicts,
)

_AT_ONCE = 500
"""Values in one statement: databases have limits, and plans for long lists are slow to make."""


class ForgettingRows(Rows):
    """`removed` tells the store that rows went for good, of which a file may keep copies."""

    removed = False

    async def forget_member(self, community: Community, member: str) -> int:
        name = str(community)
        asked = (mentions.c.community == name, mentions.c.asker == member)
        told = {row.id: row.told_by for row in await self._all(select(mentions.c.id, mentions.c.told_by).where(*asked))}
        count = await self._drop_mentions(select(mentions.c.id).where(*asked))
        oblivion = Oblivion(community, member, told)
        removed, changed = await self._forget_deliveries(name, oblivion)
        count += changed
        count += await self._blank_mentions(name, member, oblivion, removed)
        count += await self._blank_decisions(name, oblivion)
        count += await self._count(delete(verdicts).where(verdicts.c.community == name, verdicts.c.member == member))
        count += await self._count(delete(letters).where(letters.c.community == name, letters.c.member == member))
        for table in (pauses, disabled, cursors):
            private = (table.c.community == name, table.c.channel.in_(oblivion.doors))
            count += await self._count(delete(table).where(*private))
        return self._removed(count)

    async def _forget_deliveries(self, name: str, oblivion: Oblivion) -> tuple[set[str], int]:
        """The keys of those removed, and how many were removed or blanked."""
        rows = await self._all(select(deliveries).where(deliveries.c.community == name))
        changes = oblivion.deliveries(delivery_of(row) for row in rows)
        removed = {before.key for before, after in changes if after is None}
        for keys in _chunks(removed):
            await self._run(delete(deliveries).where(deliveries.c.key.in_(keys)))
        for before, after in changes:
            if after is not None:
                values = delivery_values(after)
                await self._run(update(deliveries).where(deliveries.c.key == before.key).values(values))
        return removed, len(changes)

    async def _blank_mentions(self, name: str, member: str, oblivion: Oblivion, removed: Collection[str]) -> int:
        traced = [or_(mentions.c.claimed_by == member, mentions.c.closed_by == member)]
        traced += [mentions.c.told_by.in_(keys) for keys in _chunks(removed)]
        found = {}
        for trace in traced:
            for row in await self._all(select(mentions).where(mentions.c.community == name, trace)):
                found[row.id] = mention_of(row)
        for mention in found.values():
            values = mention_values(oblivion.mention(mention, removed))
            await self._run(update(mentions).where(mentions.c.id == mention.id).values(values))
        return len(found)

    async def _blank_decisions(self, name: str, oblivion: Oblivion) -> int:
        count = 0
        for row in await self._all(select(decisions).where(decisions.c.community == name)):
            before = decision_of(row)
            if oblivion.decision(before) is not before:
                blank = update(decisions).values(member=None, message=None, reasons=[])
                await self._run(blank.where(decisions.c.number == row.number))
                count += 1
        return count

    async def forget_community(self, community: Community) -> int:
        name = str(community)
        count = await self._drop_mentions(select(mentions.c.id).where(mentions.c.community == name))
        for table in (
            deliveries,
            occurrences,
            pauses,
            disabled,
            decks,
            verdicts,
            cursors,
            leases,
            letters,
            communities,
        ):
            count += await self._count(delete(table).where(table.c.community == name))
        return self._removed(count)

    async def purge(self, before: datetime) -> int:
        closed = func.coalesce(mentions.c.closed_at, mentions.c.latest_at, type_=mentions.c.closed_at.type) < before
        count = await self._drop_mentions(select(mentions.c.id).where(~WAITS, closed))
        ended = func.coalesce(deliveries.c.sent_at, deliveries.c.due_at, type_=deliveries.c.due_at.type) < before
        # The living nudge of a mention that stays is still to be edited.
        living = select(mentions.c.told_by).where(mentions.c.told_by.is_not(None))
        count += await self._count(delete(deliveries).where(~live(deliveries), ended, deliveries.c.key.not_in(living)))
        count += await self._count(delete(pauses).where(pauses.c.until < before))
        count += await self._count(delete(leases).where(leases.c.until < before))
        count += await self._count(delete(letters).where(letters.c.at < before))
        return self._removed(count)

    def _removed(self, count: int) -> int:
        self.removed |= count > 0
        return count

    async def _drop_mentions(self, ids: Select[tuple[str]]) -> int:
        count = 0
        for table in (messages, decisions):
            count += await self._count(delete(table).where(table.c.mention.in_(ids)))
        return count + await self._count(delete(mentions).where(mentions.c.id.in_(ids)))


def _chunks(keys: Collection[str]) -> Iterator[list[str]]:
    rest = iter(sorted(keys))
    while chunk := list(islice(rest, _AT_ONCE)):
        yield chunk
