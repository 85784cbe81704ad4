"""Made-up rows, and how to fill a store with traces of one member."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model import (
    Community,
    Cursor,
    Decision,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Letter,
    Mention,
    MentionState,
    MessageRef,
    OccurrenceState,
    Place,
    Platform,
    Settled,
    Verdict,
)
from bot.ports import Store, Transaction
from bot.tips.deck import Deck
from storage.store import SqlStore

Opening = Callable[[str], SqlStore]
"""Opens the store at an address; it is closed when the test ends."""

OURS = Community(Platform("slack"), "E1:T1")
OTHERS = Community(Platform("discord"), "4242")
NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
LEASE = timedelta(seconds=60)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def place(channel: str = "general", thread: str | None = None, community: Community = OURS) -> Place:
    return Place(community, channel, thread)


def ref(message: str = "1.1", channel: str = "general", community: Community = OURS) -> MessageRef:
    return MessageRef(place(channel, community=community), message)


def mention(id_: str = "m1", message: str | None = None, *, after: float = 0, **changes: Any) -> Mention:
    """One opened `after` minutes; its message is `message`, or as unique as its id."""
    at = NOW + after * MINUTE
    plain = Mention(
        id=id_,
        ref=ref(message or f"of-{id_}"),
        asker="U1",
        opened_at=at,
        rule="asks-team",
        since=at,
        latest=message or f"of-{id_}",
        latest_at=at,
    )
    return replace(plain, **changes)


def delivery(key: str = "d1", channel: str = "general", *, after: float = 0, **changes: Any) -> Delivery:
    """One due `after` minutes."""
    plain = Delivery(
        key=key,
        kind=DeliveryKind.NUDGE,
        place=place(channel),
        subject={"mention": "m1", "step": 1, "to": "channel"},
        due_at=NOW + after * MINUTE,
        created_at=NOW,
    )
    return replace(plain, **changes)


def look(of: str = "d1", *, after: float = 0, **changes: Any) -> Delivery:
    subject = {"of": of, "note": str(after)}
    return delivery(f"look/{of}", after=after, **{"kind": DeliveryKind.LOOK, "subject": subject, **changes})


def decision(of: str = "m1", *, after: float = 0, **changes: Any) -> Decision:
    plain = Decision(of, NOW + after * MINUTE, Verdict.OPENED, "asks-team", "U1", "1.1", ("pings team", "question"))
    return replace(plain, **changes)


def settled(day: str = "2026-03-02", schedule: str = f"tip/{OURS}", **changes: Any) -> Settled:
    return replace(Settled(schedule, day, NOW, OccurrenceState.TOLD, "be-patient"), **changes)


async def add(store: Store, *rows: Mention | Delivery) -> None:
    async with store.begin() as tx:
        for row in rows:
            assert await (tx.add_mention(row) if isinstance(row, Mention) else tx.add_delivery(row))


async def claim(store: Store, owner: str = "a", now: datetime = NOW, limit: int = 10, *of: Community) -> list[str]:
    """The keys of what is claimed."""
    async with store.begin() as tx:
        return [row.key for row in await tx.claim(owner, now, LEASE, limit, of or (OURS, OTHERS))]


async def land(store: Store, key: str, owner: str = "a", **changes: Any) -> bool:
    """Save a delivery with these changes."""
    async with store.begin() as tx:
        stored = await tx.delivery(key)
        assert stored is not None
        return await tx.save_delivery(replace(stored, **changes), owner)


async def stored(store: Store, key: str) -> Delivery:
    async with store.begin() as tx:
        found = await tx.delivery(key)
    assert found is not None
    return found


async def fill(tx: Transaction, community: Community, member: str, number: int) -> None:
    """Every kind of row, in which `member` has asked, answered, claimed, judged and been told in private."""

    def at(channel: str) -> Place:
        return Place(community, channel)

    channel = f"C{number % 7}"
    name = community.id.replace(":", "")
    asked, helped = f"a{number}-{name}", f"h{number}-{name}"
    for id_, asker, helper in ((asked, member, "U900"), (helped, "U901", member)):
        message = MessageRef(at(channel), f"{id_}.1")
        closed: dict[str, Any] = (
            {"closed_at": NOW, "closed_by": helper, "state": MentionState.ANSWERED} if number % 2 else {}
        )
        await tx.add_mention(mention(id_, ref=message, asker=asker, claimed_by=helper, latest=message.id, **closed))
        await tx.attach(id_, MessageRef(at(channel), f"{id_}.2"))
        await tx.record(decision(id_, member=asker, message=message.id))
        await tx.record(decision(id_, member=helper, message=f"{helper}.9", reasons=(f"by {helper}",)))
        nudge = delivery(f"nudge/{id_}/1", place=at("mods"), subject={"mention": id_, "step": 1, "to": "channel"})
        sent: dict[str, Any] = {
            "state": DeliveryState.SENT,
            "sent_at": NOW,
            "sent_ref": MessageRef(at("mods"), f"s{id_}"),
        }
        await tx.add_delivery(replace(nudge, **sent) if number % 2 else nudge)
        await tx.note_told(id_, nudge.key)
        await tx.ask_look(look(nudge.key, place=at("mods"), subject={"of": nudge.key}))
    both = {"mentions": [f"{asked}/2", f"{helped}/2"], "to": "duty"}
    digest = delivery(f"digest/d{number}-{name}", place=at("mods"), kind=DeliveryKind.DIGEST, subject=both)
    await tx.add_delivery(digest)
    private = at(f"@{member}")
    await tx.add_delivery(delivery(f"notice/{member}/{number}-{name}", place=private, kind=DeliveryKind.NOTICE))
    await tx.settle(settled(f"2026-03-{number % 28 + 1:02}", f"tip/{community}"))
    await tx.pause(f"{community}/{private.channel}", NOW)
    await tx.disable(private, "closed", NOW)
    await tx.save_deck(community, Deck(1, ("a", "b"), 1, 1, frozenset({"c"})))
    await tx.judge_tip(community, f"tip-{number}", member, "useful", NOW)
    await tx.judge_tip(community, f"tip-{number}", "U900", "useful", NOW)
    await tx.save_cursors([Cursor(at(channel), "7.7", NOW), Cursor(private, "8.8", NOW)])
    await tx.take_lease(f"socket/{community}", "holder", NOW, LEASE)
    await tx.put_letter(Letter("slack", community, member, {"user": member}, NOW))
    await tx.put_letter(Letter("slack", community, "U900", {"user": "U900"}, NOW))
    await tx.know(community, NOW)
