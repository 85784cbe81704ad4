"""What is stored that names a member."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Table, or_, select

from bot.model import Community, Decision
from bot.traces import Opinion, Traces
from storage.oblivion import Oblivion
from storage.rows.base import Rows
from storage.rows.records import cursor_of, decision_of, delivery_of, letter_of, mention_of
from storage.tables import cursors, decisions, deliveries, disabled, letters, mentions, messages, pauses, verdicts


class TraceRows(Rows):
    async def traces(self, community: Community, member: str) -> Traces:
        name = str(community)
        by_age = select(mentions).where(mentions.c.community == name).order_by(mentions.c.opened_at, mentions.c.id)
        asked = [mention_of(row) for row in await self._all(by_age.where(mentions.c.asker == member))]
        helper = or_(mentions.c.claimed_by == member, mentions.c.closed_by == member)
        helped = await self._all(by_age.where(helper, mentions.c.asker != member))
        oblivion = Oblivion(community, member, {mention.id: mention.told_by for mention in asked})
        theirs, said = await self._decisions(name, oblivion, {mention.id for mention in asked})
        told = await self._all(
            select(deliveries).where(deliveries.c.community == name).order_by(deliveries.c.created_at)
        )
        judged = await self._all(
            select(verdicts).where(verdicts.c.community == name, verdicts.c.member == member).order_by(verdicts.c.at)
        )
        waits = await self._all(
            select(letters).where(letters.c.community == name, letters.c.member == member).order_by(letters.c.number)
        )
        paused = await self._private(pauses, name, oblivion)
        closed = await self._private(disabled, name, oblivion)
        read = await self._private(cursors, name, oblivion)
        return Traces(
            asked=tuple([(m, await self._messages(m.id), tuple(theirs.get(m.id, ()))) for m in asked]),
            helped=tuple(mention_of(row) for row in helped),
            said=tuple(said),
            deliveries=tuple(before for before, _ in oblivion.deliveries(delivery_of(row) for row in told)),
            opinions=tuple(Opinion(row.slug, row.verdict, row.at) for row in judged),
            paused_until=paused[0].until if paused else None,
            closed=(closed[0].reason, closed[0].at) if closed else None,
            read=tuple(cursor_of(row) for row in read),
            letters=tuple(letter_of(row) for row in waits),
        )

    async def _decisions(
        self, name: str, oblivion: Oblivion, asked: set[str]
    ) -> tuple[dict[str, list[Decision]], list[Decision]]:
        """Those about the mentions `asked`, and those about others' that name the member."""
        rows = await self._all(
            select(decisions).where(decisions.c.community == name).order_by(decisions.c.at, decisions.c.number)
        )
        theirs: dict[str, list[Decision]] = {}
        said = []
        for decision in map(decision_of, rows):
            if decision.mention in asked:
                theirs.setdefault(decision.mention, []).append(decision)
            elif oblivion.decision(decision) is not decision:
                said.append(decision)
        return theirs, said

    async def _messages(self, mention_id: str) -> tuple[str, ...]:
        rows = await self._all(
            select(messages.c.message).where(messages.c.mention == mention_id).order_by(messages.c.number)
        )
        return tuple(row.message for row in rows)

    async def _private(self, table: Table, name: str, oblivion: Oblivion) -> list[Row[Any]]:
        """What a table holds of the private channel with the member."""
        return list(
            await self._all(select(table).where(table.c.community == name, table.c.channel.in_(oblivion.doors)))
        )
