"""Mentions, the messages that belong to them, and what was decided about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, select, update

from bot.copying import replace
from bot.model import Community, Decision, Mention, MentionState, MessageRef, Place, Wait
from storage.columns import Number
from storage.rows.base import Rows, is_among, literals, names
from storage.rows.records import WAIT, decision_of, mention_of, mention_values, wait_of
from storage.tables import decisions, mentions, messages

WAITS = mentions.c.state.in_(literals(state for state in MentionState if state.waits))

# What most transactions do is put together once: that costs several times as much as the database does.
_BY_ID = select(mentions).where(mentions.c.id == bindparam("this"))
_BY_MESSAGE = (
    select(mentions)
    .join(messages)
    .where(
        messages.c.community == bindparam("this_community"),
        messages.c.channel == bindparam("this_channel"),
        messages.c.message == bindparam("this_message"),
    )
)
_MESSAGES = select(messages.c.message).where(messages.c.mention == bindparam("this")).order_by(messages.c.number)
_SAVE = (
    update(mentions)
    .where(mentions.c.id == bindparam("this"), mentions.c.version == bindparam("before"))
    .returning(mentions.c.told_by)
)
_OF_COMMUNITY = select(mentions).where(mentions.c.community == bindparam("this"), WAITS)
_IN_ORDER = (mentions.c.opened_at, mentions.c.id)
_WAITING = _OF_COMMUNITY.order_by(*_IN_ORDER)
_MESSAGES_OF_WAITING = (
    select(messages.c.mention, messages.c.message)
    .join(mentions)
    .where(mentions.c.community == bindparam("this"), WAITS)
    .order_by(messages.c.number)
)
_FIRST_WAITING = _WAITING.limit(bindparam("limit", type_=Number))
_DUE = _OF_COMMUNITY.where(mentions.c.due_at <= bindparam("now")).order_by(*_IN_ORDER)
_TOLD = update(mentions).where(mentions.c.id == bindparam("this"))
_WAITS = (
    # Only what is told: with all columns ten thousand of them take seconds.
    select(*(mentions.c[name] for name in WAIT))
    .where(mentions.c.community == bindparam("this"), mentions.c.opened_at >= bindparam("since"))
    .order_by(*_IN_ORDER)
)
_DECIDED = ("at", "verdict", "rule", "member", "message", "reasons")
_RECORD = decisions.insert().from_select(
    ["mention", "community", *_DECIDED],
    select(
        mentions.c.id,
        mentions.c.community,
        *(bindparam(f"given_{name}", type_=decisions.c[name].type) for name in _DECIDED),
    ).where(mentions.c.id == bindparam("this")),
)


class MentionRows(Rows):
    async def mention(self, mention_id: str) -> Mention | None:
        return await self._mention(_BY_ID, {"this": mention_id})

    async def mention_of(self, ref: MessageRef) -> Mention | None:
        community, channel, message = ref.key
        key = {"this_community": community, "this_channel": channel, "this_message": message}
        return await self._mention(_BY_MESSAGE, key)

    async def add_mention(self, mention: Mention) -> bool:
        if not await self._add(mentions, mention_values(mention)):
            return False
        if await self.attach(mention.id, mention.ref):
            return True
        await self._run(delete(mentions).where(mentions.c.id == mention.id))
        return False

    async def attach(self, mention_id: str, ref: MessageRef) -> bool:
        community, channel, message = ref.key
        values = {"mention": mention_id, "community": community, "channel": channel, "message": message}
        return await self._add(messages, values)

    async def detach(self, ref: MessageRef) -> None:
        community, channel, message = ref.key
        await self._run(
            delete(messages).where(
                messages.c.community == community, messages.c.channel == channel, messages.c.message == message
            )
        )

    async def messages_of(self, mention_id: str) -> list[str]:
        rows, _ = await self._prepared(_MESSAGES, {"this": mention_id})
        return [row.message for row in rows]

    async def messages_of_waiting(self, community: Community) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        rows, _ = await self._prepared(_MESSAGES_OF_WAITING, {"this": str(community)})
        for row in rows:
            found.setdefault(row.mention, []).append(row.message)
        return found

    async def save_mention(self, mention: Mention) -> Mention:
        values = mention_values(replace(mention, version=mention.version + 1))
        del values["id"], values["told_by"]
        rows, _ = await self._prepared(_SAVE, {**values, "this": mention.id, "before": mention.version})
        if not rows:
            self._conflict(f"mention {mention.id} was changed meanwhile")
        return replace(mention, told_by=rows[0].told_by, version=mention.version + 1)

    async def note_told(self, mention_id: str, key: str) -> None:
        await self._prepared(_TOLD, {"this": mention_id, "told_by": key})

    async def waiting(self, community: Community, limit: int | None = None) -> list[Mention]:
        if limit is None:
            return await self._mentions(_WAITING, {"this": str(community)})
        return await self._mentions(_FIRST_WAITING, {"this": str(community), "limit": limit})

    async def due_mentions(self, community: Community, now: datetime) -> list[Mention]:
        return await self._mentions(_DUE, {"this": str(community), "now": now})

    async def due_communities(self, communities: Collection[Community], now: datetime) -> set[Community]:
        names = [str(community) for community in communities]
        rows, _ = await self._prepared(_due_among(postgres=self._postgres), {"communities": names, "now": now})
        return {Community.parse(row.community) for row in rows}

    async def ended(self, place: Place, rule: str, since: datetime) -> list[Mention]:
        rows = await self._all(
            select(mentions)
            .where(
                mentions.c.community == str(place.community),
                mentions.c.channel == place.channel,
                mentions.c.closing_rule == rule,
                mentions.c.closed_at >= since,
            )
            .order_by(mentions.c.opened_at, mentions.c.id)
        )
        return [mention_of(row) for row in rows]

    async def mention_states(self, communities: Collection[Community]) -> Mapping[MentionState, int]:
        names = [str(community) for community in communities]
        rows, _ = await self._prepared(_states_among(postgres=self._postgres), {"communities": names})
        return {MentionState(row.state): row.number for row in rows}

    async def record(self, decision: Decision) -> None:
        values = {
            "this": decision.mention,
            "given_at": decision.at,
            "given_verdict": decision.verdict.value,
            "given_rule": decision.rule,
            "given_member": decision.member,
            "given_message": decision.message,
            "given_reasons": list(decision.reasons),
        }
        if not (await self._prepared(_RECORD, values))[1]:
            self._conflict(f"mention {decision.mention} is not there any more")

    async def decisions(self, mention_id: str) -> list[Decision]:
        rows = await self._all(
            select(decisions).where(decisions.c.mention == mention_id).order_by(decisions.c.at, decisions.c.number)
        )
        return [decision_of(row) for row in rows]

    async def waits(self, community: Community, since: datetime) -> list[Wait]:
        rows, _ = await self._prepared(_WAITS, {"this": str(community), "since": since})
        return [wait_of(row) for row in rows]

    async def _mention(self, statement: Select[tuple[object, ...]], values: Mapping[str, Any]) -> Mention | None:
        rows, _ = await self._prepared(statement, values)
        return mention_of(rows[0]) if rows else None

    async def _mentions(self, statement: Select[tuple[object, ...]], values: Mapping[str, Any]) -> list[Mention]:
        rows, _ = await self._prepared(statement, values)
        return [mention_of(row) for row in rows]


@cache
def _states_among(*, postgres: bool) -> Select[Any]:
    ours = is_among(mentions.c.community, "communities", postgres=postgres)
    return select(mentions.c.state, func.count().label("number")).where(ours).group_by(mentions.c.state)


@cache
def _due_among(*, postgres: bool) -> Select[Any]:
    community = names("communities", postgres=postgres)
    # One look into the index for each community, however many mentions are due there.
    due = select(mentions.c.id).where(WAITS, mentions.c.due_at <= bindparam("now"), mentions.c.community == community)
    return select(community.label("community")).where(due.exists())
