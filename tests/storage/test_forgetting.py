from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.model import Community, DeliveryKind, DeliveryState, MentionState, MessageRef, Platform
from bot.ports import Store
from storage.memory import MemoryStore
from storage.store import SqlStore
from storage.tables import metadata
from tests.storage.samples import (
    DAY,
    LEASE,
    NOW,
    OTHERS,
    OURS,
    Opening,
    add,
    claim,
    decision,
    delivery,
    fill,
    look,
    mention,
    place,
    ref,
    settled,
    stored,
)

MEMBER = "U0SECRET1"
LONGER = Community(Platform("slack"), "E1:T12")  # begins with the id of the other one


async def rows(store: Store) -> Counter[str]:
    """Every row of every table, as text."""
    if isinstance(store, MemoryStore):
        return Counter(_rows_in_memory(store))
    assert isinstance(store, SqlStore)
    found: Counter[str] = Counter()
    async with store._transactions.begin() as session:
        for table in metadata.sorted_tables:
            found.update(f"{table.name} {row}" for row in await session.connection.execute(table.select()))
    return found


def _rows_in_memory(store: MemoryStore) -> list[str]:
    held = store._shelves
    lines = [f"decision {one}" for some in held.decisions.values() for one in some]
    lines += [f"occurrence {one}" for some in held.settled.values() for one in some.items()]
    lines += [f"{name} {item}" for name in ("leases", "letters") for item in getattr(held, name).items()]
    for name in ("mentions", "messages", "deliveries", "pauses", "disabled", "decks", "verdicts", "cursors"):
        lines += [f"{name} {item}" for item in getattr(held, name).items()]
    return lines + [f"community {item}" for item in held.communities.items()]


def of(community: Community, found: Counter[str]) -> Counter[str]:
    name = re.compile(rf"{community}(?!\w)|{re.escape(repr(community))}")
    return Counter({line: count for line, count in found.items() if name.search(line)})


async def filled(store: Store, *communities: Community, times: int = 6) -> None:
    for community in communities:
        async with store.begin() as tx:
            for number in range(times):
                await fill(tx, community, MEMBER, number)


async def test_forgetting_a_member_leaves_no_trace(store: Store) -> None:
    """In no table, as asker, helper, judge or recipient; the result is the number of rows removed or blanked."""
    await filled(store, OURS, OTHERS)
    before = await rows(store)
    assert any(MEMBER in line for line in of(OURS, before))
    async with store.begin() as tx:
        count = await tx.forget_member(OURS, MEMBER)
    after = await rows(store)
    assert not [line for line in of(OURS, after) if MEMBER in line]
    assert not [line for line in of(OURS, after) if "a1-E1T1" in line]
    assert count == (before - after).total()
    assert of(OTHERS, after) == of(OTHERS, before)
    async with store.begin() as tx:
        assert await tx.forget_member(OURS, MEMBER) == 0


async def test_what_others_need_survives_a_member(store: Store) -> None:
    """Mentions that the member helped with, and the digest that also tells of them, stay and can be worked on."""
    await filled(store, OURS, times=2)
    async with store.begin() as tx:
        await tx.forget_member(OURS, MEMBER)
        helped = await tx.mention("h0-E1T1")
        assert helped is not None
        assert (helped.claimed_by, helped.told_by, helped.version) == (None, "nudge/h0-E1T1/1", 1)
        assert await tx.mention("a0-E1T1") is None
        digest = await tx.delivery("digest/d0-E1T1")
        assert digest is not None
        assert digest.subject == {"mentions": ["h0-E1T1/2"], "to": "duty"}
        assert [line.member for line in await tx.decisions("h0-E1T1")] == ["U901", None]
        assert await tx.messages_of("h0-E1T1") == ["h0-E1T1.1", "h0-E1T1.2"]
        assert await tx.delivery("look/nudge/h0-E1T1/1") is not None
        assert await tx.delivery("look/nudge/a0-E1T1/1") is None
        assert await tx.tip_verdicts(OURS) == {"tip-0": {"useful": 1}, "tip-1": {"useful": 1}}
        assert await tx.save_mention(helped)


async def test_a_digest_named_after_a_forgotten_mention_still_tells_the_others(store: Store) -> None:
    """It goes when it tells of nobody else; so does the look of it."""
    shared = delivery("digest/m1/1", kind=DeliveryKind.DIGEST, subject={"mentions": ["m1/1", "m2/1"], "to": "duty"})
    alone = delivery("digest/m1/2", kind=DeliveryKind.DIGEST, subject={"mentions": ["m1/2"], "to": "duty"})
    await add(store, mention("m1", told_by=shared.key), mention("m2", asker="U2", told_by=shared.key))
    await add(store, shared, alone, look(shared.key), look(alone.key))
    async with store.begin() as tx:
        await tx.forget_member(OURS, "U1")
        assert await tx.delivery(alone.key) is None
        assert await tx.delivery(f"look/{alone.key}") is None
        assert await tx.delivery(f"look/{shared.key}") == look(shared.key)
        assert await tx.mention("m2") == mention("m2", asker="U2", told_by=shared.key)
    assert (await stored(store, shared.key)).subject == {"mentions": ["m2/1"], "to": "duty"}


async def test_a_longer_id_is_somebody_else(store: Store) -> None:
    """U1 in U12 or xU1 is no trace of U1, nor is it one in another community."""
    others = [
        delivery("notice/U12/1", place=place("@U12"), subject={"to": "xU1", "list": ["U12"]}, problem="U12 left"),
        delivery("private", place=place("@U1", community=OTHERS)),
    ]
    rows_of_others = [mention("m1", asker="U12", claimed_by="U11"), mention("m2", ref=ref("1", community=OTHERS))]
    await add(store, *rows_of_others, *others)
    async with store.begin() as tx:
        await tx.record(decision(member="U12", reasons=("pings U12",)))
    before = await rows(store)
    async with store.begin() as tx:
        assert await tx.forget_member(OURS, "U1") == 0
    assert await rows(store) == before


async def test_forgetting_a_nudge_forgets_who_was_told_by_it(store: Store) -> None:
    """A private nudge to a forgotten team member is no longer anybody's living nudge."""
    await add(store, mention("m1", asker="U5"), delivery("nudge/m1/3", place=place("@U1")))
    async with store.begin() as tx:
        await tx.note_told("m1", "nudge/m1/3")
        assert await tx.forget_member(OURS, "U1") == 2
        assert await tx.mention("m1") == mention("m1", asker="U5", version=1)


async def test_forgetting_a_community_leaves_nothing(store: Store) -> None:
    """Every table; the result is the number of rows; other communities, and what belongs to none, stay whole."""
    await filled(store, OURS, OTHERS, LONGER)
    async with store.begin() as tx:
        await tx.settle(settled(schedule="of nobody"))
        await tx.take_lease("slack", "holder", NOW, LEASE)
    before = await rows(store)
    assert of(OURS, before)
    async with store.begin() as tx:
        count = await tx.forget_community(OURS)
    after = await rows(store)
    assert not of(OURS, after)
    assert count == (before - after).total()
    assert of(OTHERS, after) == of(OTHERS, before)
    assert of(LONGER, after) == of(LONGER, before)
    async with store.begin() as tx:
        assert await tx.forget_community(OURS) == 0
        assert await tx.know(OURS, NOW)
        assert await tx.next_due([OURS]) is None


async def test_purging_removes_what_was_over_before(store: Store) -> None:
    """Closed mentions with all that hangs on them, ended deliveries, lapsed pauses and leases; not at the instant."""
    old, now = NOW - DAY, NOW
    closed: dict[str, Any] = {"state": MentionState.ANSWERED, "closed_at": old}
    sent: dict[str, Any] = {"state": DeliveryState.SENT, "sent_at": old, "due_at": old - DAY}
    await add(
        store,
        mention("old", **closed),
        mention("recent", **{**closed, "closed_at": now}),
        mention("waiting", after=-9000),
        delivery("old", **sent),
        delivery("recent", **{**sent, "sent_at": now}),
        delivery("cancelled", state=DeliveryState.CANCELLED, due_at=old),
        delivery("folded", state=DeliveryState.FOLDED, due_at=now),
        delivery("pending", due_at=old - 100 * DAY),
        delivery("sending", state=DeliveryState.SENDING, due_at=old - 100 * DAY),
    )
    async with store.begin() as tx:
        await tx.attach("old", ref("2"))
        for id_ in ("old", "recent"):
            await tx.record(decision(id_))
        await tx.settle(settled("2020-01-01", instant=old))
        for channel, until in (("a", old), ("b", now)):
            await tx.pause(f"{OURS}/{channel}", until)
            await tx.take_lease(channel, "holder", until - LEASE, LEASE)
    async with store.begin() as tx:
        assert await tx.purge(NOW) == len(
            ("mention", "2 messages", "again", "decision", "sent", "off", "pause", "lease")
        )
        assert await tx.purge(NOW) == 0
        assert {d.key for d in await tx.deliveries(OURS, 99)} == {"recent", "folded", "pending", "sending"}
        assert [await tx.mention(id_) is None for id_ in ("old", "recent", "waiting")] == [True, False, False]
        assert await tx.mention_of(ref("2")) is None
        assert await tx.decisions("old") == []
        assert await tx.decisions("recent") == [decision("recent")]
        assert await tx.last_settled(settled().schedule) is not None
        assert await tx.add_mention(mention("old"))
        assert await tx.decisions("old") == []


async def test_purging_keeps_the_living_nudge(store: Store) -> None:
    """However long ago it was sent: as long as its mention is there, it is to be edited."""
    sent: dict[str, Any] = {"state": DeliveryState.SENT, "sent_at": NOW - DAY, "sent_ref": MessageRef(place(), "9")}
    await add(store, mention(told_by="nudge/m1/1"), delivery("nudge/m1/1", **sent), delivery("nudge/m1/2", **sent))
    async with store.begin() as tx:
        assert await tx.purge(NOW) == 1
    assert await stored(store, "nudge/m1/1") == delivery("nudge/m1/1", **sent)
    assert await claim(store) == []


async def test_purging_frees_memory() -> None:
    """A dict keeps its size however many keys are deleted: what was purged must be given back all the same."""
    store = MemoryStore()
    async with store.begin() as tx:
        for number in range(2000):
            gone = number % 100 > 0
            await tx.add_mention(mention(f"m{number}", state=MentionState.GONE if gone else MentionState.OPEN))
    full = store._shelves.messages.__sizeof__()
    async with store.begin() as tx:
        assert await tx.purge(NOW + DAY) == 2 * 1980
    assert store._shelves.messages.__sizeof__() < full / 20
    assert len(store._shelves.mentions) == len(store._shelves.attached) == 20


@pytest.mark.parametrize("how", ["member", "community", "age"])
async def test_the_file_forgets_too(sqlite_url: str, how: str, opening: Opening) -> None:
    """Not one byte of the ids is left in the database's file, its log or its index of the log."""
    store = opening(sqlite_url)
    await filled(store, OURS, times=120)
    async with store.begin() as tx:
        for number in range(0, 120, 3):  # rows move about in their pages, and leave copies behind
            found = await tx.mention(f"a{number}-E1T1")
            assert found is not None
            await tx.save_mention(replace(found, closing_rule="x" * number, claimed_by=MEMBER))
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    assert MEMBER.encode() in _bytes(path)
    async with store.begin() as tx:
        match how:
            case "member":
                assert await tx.forget_member(OURS, MEMBER)
            case "community":
                assert await tx.forget_community(OURS)
            case _:
                assert await tx.purge(NOW + DAY)
    left = _bytes(path)
    if how == "age":  # those with an odd number are closed
        assert re.search(rb"a\d*[13579]-E1T1\.1", left) is None
        assert re.search(rb"a\d*[02468]-E1T1\.1", left) is not None
        return
    assert MEMBER.encode() not in left
    assert re.search(rb"a\d+-E1T1", left) is None
    assert (str(OURS).encode() in left) == (how == "member")


def _bytes(path: Path) -> bytes:
    return b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))
