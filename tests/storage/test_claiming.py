from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.model import DeliveryKind, DeliveryState, MentionState
from bot.ports import Store
from tests.storage.samples import (
    DAY,
    LEASE,
    MINUTE,
    NOW,
    OTHERS,
    OURS,
    add,
    claim,
    delivery,
    land,
    look,
    mention,
    place,
    ref,
    stored,
)

TICK = timedelta(microseconds=1)


async def next_due(store: Store) -> datetime | None:
    async with store.begin() as tx:
        return await tx.next_due([OURS, OTHERS])


async def test_claiming_leases_what_is_due(store: Store) -> None:
    """The result is what is stored: leased to the owner until the lease ends, its state unchanged."""
    await add(store, delivery("due"), delivery("coming", "random", after=1))
    async with store.begin() as tx:
        claimed = await tx.claim("a", NOW, LEASE, 5, [OURS])
        assert claimed == [delivery("due", leased_by="a", leased_until=NOW + LEASE)]
        assert await tx.delivery("due") == claimed[0]
    assert await claim(store, "b") == []
    assert await claim(store, "b", NOW + MINUTE - TICK) == []


async def test_a_place_is_told_one_thing_at_a_time_and_in_order(store: Store) -> None:
    """The oldest due of each place and no more, then, once that is done, the next."""
    await add(
        store, delivery("second", after=-1), delivery("first", after=-2), delivery("third", kind=DeliveryKind.TIP)
    )
    assert await claim(store) == ["first"]
    assert await claim(store) == []
    assert await claim(store, "b", NOW + LEASE - TICK) == []
    await land(store, "first", "a", state=DeliveryState.SENDING)
    assert await claim(store) == []
    await land(store, "first", "a", state=DeliveryState.SENT, sent_at=NOW)
    assert await claim(store) == ["second"]
    await land(store, "second", "a", state=DeliveryState.FAILED)
    assert await claim(store) == ["third"]


async def test_of_the_same_age_the_first_decided_comes_first(store: Store) -> None:
    """Due at the same instant: by creation, then by key, so that every store and process agrees."""
    await add(store, delivery("a", created_at=NOW + MINUTE), delivery("z"), delivery("y"))
    for expected in ("y", "z", "a"):
        assert await claim(store) == [expected]
        await land(store, expected, state=DeliveryState.CANCELLED)


async def test_what_was_put_off_lets_the_next_one_pass(store: Store) -> None:
    """Only what is due keeps its turn."""
    await add(store, delivery("first", after=-1), delivery("second"))
    assert await claim(store) == ["first"]
    await land(store, "first", due_at=NOW + MINUTE)
    assert await claim(store) == ["second"]


async def test_the_oldest_places_come_first(store: Store) -> None:
    """Up to `limit`, the longest due first, so that no place waits for ever."""
    await add(store, *(delivery(f"d{n}", f"c{n}", after=-n) for n in range(5)))
    assert await claim(store, "a", NOW, 2) == ["d4", "d3"]
    assert await claim(store, "a", NOW, 2) == ["d2", "d1"]
    assert await claim(store, "a", NOW, 0) == []
    assert await claim(store, "a", NOW, 2) == ["d0"]


async def test_threads_are_places_of_their_own(store: Store) -> None:
    """And the same channel id in another community is another place."""
    await add(store, delivery("flat"), delivery("thread", place=place("general", "7"), after=-1))
    await add(store, delivery("foreign", place=place(community=OTHERS), after=-2))
    assert await claim(store) == ["foreign", "thread", "flat"]


async def test_only_communities_that_are_ours(store: Store) -> None:
    """What another process is responsible for is left to it."""
    await add(store, delivery("ours"), delivery("foreign", place=place(community=OTHERS)))
    async with store.begin() as tx:
        assert await tx.claim("a", NOW, LEASE, 5, []) == []
    assert await claim(store, "a", NOW, 5, OURS) == ["ours"]
    assert await claim(store, "a", NOW, 5, OURS) == []
    assert await claim(store, "a", NOW, 5, OURS, OTHERS) == ["foreign"]


@pytest.mark.parametrize("state", [DeliveryState.PENDING, DeliveryState.SENDING])
async def test_a_lapsed_lease_can_be_claimed(store: Store, state: DeliveryState) -> None:
    """From the instant it ends on: its owner is dead, or too slow to be trusted."""
    await add(store, delivery("held"), delivery("behind", after=0.5))
    await claim(store, "a")
    if state is DeliveryState.SENDING:
        await land(store, "held", "a", state=state)
    assert await claim(store, "b", NOW + LEASE - TICK) == []
    assert await claim(store, "b", NOW + LEASE) == ["held"]
    held = await stored(store, "held")
    assert (held.state, held.leased_by, held.leased_until) == (state, "b", NOW + 2 * LEASE)


async def test_in_doubt_until_both_its_lease_and_its_instant_have_come(store: Store) -> None:
    """A sending one with a later due date is claimed then; others of its place go on once its lease is over."""
    await add(store, delivery("doubtful"), delivery("next"))
    await claim(store)
    await land(store, "doubtful", state=DeliveryState.SENDING, due_at=NOW + DAY)
    assert await next_due(store) == NOW + LEASE
    assert await claim(store, "b", NOW + LEASE - TICK) == []
    assert await claim(store, "b", NOW + LEASE) == ["next"]
    await land(store, "next", "b", state=DeliveryState.SENT, sent_at=NOW)
    assert await next_due(store) == NOW + DAY
    assert await claim(store, "b", NOW + DAY) == ["doubtful"]


@pytest.mark.parametrize("scope", [str(OURS), f"{OURS}/general"])
async def test_nothing_goes_to_what_is_paused(store: Store, scope: str) -> None:
    """Before the pause ends, in the channel and its threads or the whole community; a pause is never shortened."""
    await add(store, delivery("flat"), delivery("thread", place=place("general", "7")))
    await add(store, delivery("foreign", place=place(community=OTHERS)))
    async with store.begin() as tx:
        await tx.pause(scope, NOW + 2 * MINUTE)
        await tx.pause(scope, NOW + MINUTE)
    assert await claim(store) == ["foreign"]
    assert await next_due(store) == NOW + LEASE
    await land(store, "foreign", state=DeliveryState.SENT)
    assert await next_due(store) == NOW + 2 * MINUTE
    assert await claim(store, "a", NOW + 2 * MINUTE - TICK) == []
    assert await claim(store, "a", NOW + 2 * MINUTE) == ["flat", "thread"]


async def test_the_longer_of_two_pauses_counts(store: Store) -> None:
    """That of the channel and that of its community are independent."""
    await add(store, delivery("general"), delivery("random", "random"))
    async with store.begin() as tx:
        await tx.pause(str(OURS), NOW + MINUTE)
        await tx.pause(f"{OURS}/general", NOW + 3 * MINUTE)
    assert await next_due(store) == NOW + MINUTE
    assert await claim(store, "a", NOW + MINUTE) == ["random"]
    await land(store, "random", state=DeliveryState.SENT)
    assert await next_due(store) == NOW + 3 * MINUTE


async def test_nothing_goes_to_what_is_disabled(store: Store) -> None:
    """A channel and its threads; `disable` is False if it was disabled already, `enable` True if it had been."""
    await add(store, delivery("flat"), delivery("thread", place=place("general", "7")), delivery("other", "random"))
    async with store.begin() as tx:
        assert await tx.disable(place("general", "7"), "is_archived", NOW)
        assert not await tx.disable(place("general"), "another reason", NOW)
        assert await tx.disabled(OURS) == {"general": "is_archived"}
        assert await tx.disabled(OTHERS) == {}
    assert await claim(store) == ["other"]
    await land(store, "other", state=DeliveryState.SENT)
    assert await next_due(store) is None
    async with store.begin() as tx:
        assert await tx.enable(place("general"))
        assert not await tx.enable(place("general"))
        assert not await tx.enable(place("random"))
    assert await next_due(store) == NOW
    assert await claim(store) == ["flat", "thread"]


async def test_what_is_over_is_never_claimed(store: Store) -> None:
    """Sent, cancelled, folded or failed."""
    over = [state for state in DeliveryState if state not in (DeliveryState.PENDING, DeliveryState.SENDING)]
    await add(store, *(delivery(state.value, state.value, state=state) for state in over))
    assert await claim(store) == []
    assert await next_due(store) is None


async def test_next_due_is_the_earliest_instant_with_something_to_do(store: Store) -> None:
    """A mention that is due or a delivery to claim, past instants included; None when nothing is to come."""
    assert await next_due(store) is None
    await add(store, mention("never"), mention("over", due_at=NOW, state=MentionState.ANSWERED))
    assert await next_due(store) is None
    await add(store, delivery(after=3))
    assert await next_due(store) == NOW + 3 * MINUTE
    await add(store, mention("snoozed", due_at=NOW + MINUTE, state=MentionState.SNOOZED))
    assert await next_due(store) == NOW + MINUTE
    await add(store, delivery("past", "random", after=-1))
    assert await next_due(store) == NOW - MINUTE
    await add(store, mention("foreign", ref=ref("1", community=OTHERS), due_at=NOW - DAY))
    assert await next_due(store) == NOW - DAY
    async with store.begin() as tx:
        assert await tx.next_due([OURS]) == NOW - MINUTE
        assert await tx.next_due([]) is None


async def test_next_due_is_when_a_claim_gives_something(store: Store) -> None:
    """Behind leases, pauses and doubts: nothing just before, something then."""
    await add(store, delivery("a1"), delivery("a2"), delivery("b", "b", after=-5), look("x", place=place("c"), after=2))
    await claim(store, "gone", NOW, 2)
    async with store.begin() as tx:
        await tx.pause(f"{OURS}/b", NOW + 4 * MINUTE)
        await tx.pause(f"{OURS}/c", NOW + MINUTE)
    said = []
    for _ in range(4):
        due = await next_due(store)
        assert due is not None
        assert await claim(store, "a", due - TICK) == []
        (key,) = await claim(store, "a", due)
        await land(store, key, state=DeliveryState.SENT, sent_at=due)
        said.append((key, due - NOW))
    assert said == [("a1", MINUTE), ("a2", timedelta(0)), ("look/x", 2 * MINUTE), ("b", 4 * MINUTE)]
