from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.model import DeliveryKind, DeliveryState, MessageRef
from bot.ports import Store
from tests.storage.samples import DAY, LEASE, MINUTE, NOW, OTHERS, OURS, add, claim, delivery, land, look, place, stored

SENT: dict[str, Any] = {
    "state": DeliveryState.SENT,
    "sent_at": NOW,
    "sent_ref": MessageRef(place("general", "7"), "8.8"),
}


async def test_a_delivery_comes_back_as_it_was(store: Store) -> None:
    """Every value survives, lists and figures in its subject included."""
    full = delivery(
        "nudge/é",
        place=place("général", "thread"),
        subject={"mentions": ["a/1", "b/2"], "step": 3, "to": "duty", "none": []},
        attempts=2,
        revision=3,
        leased_by="b",
        leased_until=NOW + LEASE,
        tried_at=NOW,
        problem="50013",
        **SENT,
    )
    await add(store, full, delivery("d2", subject={}))
    assert await stored(store, "nudge/é") == full
    assert await stored(store, "d2") == delivery("d2", subject={})
    async with store.begin() as tx:
        assert await tx.delivery("none") is None


async def test_a_key_is_decided_once(store: Store) -> None:
    """`add_delivery` is False, and nothing changed, when the key exists, even when it is over."""
    await add(store, delivery("d1"), delivery("d2", state=DeliveryState.SENT))
    async with store.begin() as tx:
        assert not await tx.add_delivery(delivery("d1", after=5))
        assert not await tx.add_delivery(delivery("d2"))
    assert await stored(store, "d1") == delivery("d1")
    assert await stored(store, "d2") == delivery("d2", state=DeliveryState.SENT)


async def test_saving_stores_how_it_went_and_gives_the_lease_back(store: Store) -> None:
    """State, due date, attempts and outcome; what is to be said, and where, stays as it was decided."""
    await add(store, delivery())
    await claim(store, "a")
    outcome: dict[str, Any] = {"due_at": NOW + DAY, "attempts": 4, "tried_at": NOW, "problem": "timeout"}
    assert await land(store, "d1", "a", place=place("elsewhere"), subject={"x": 1}, kind=DeliveryKind.TIP, **outcome)
    assert await stored(store, "d1") == delivery(**outcome)
    await claim(store, "b", NOW + DAY)
    assert await land(store, "d1", "b", **SENT, tried_at=None)
    assert await stored(store, "d1") == delivery(**{**outcome, **SENT, "tried_at": None})


async def test_sending_keeps_the_lease(store: Store) -> None:
    """From then on it may have got out: nobody else may touch it before the lease lapses."""
    await add(store, delivery())
    await claim(store, "a")
    assert await land(store, "d1", "a", state=DeliveryState.SENDING, attempts=1)
    sending = await stored(store, "d1")
    assert (sending.state, sending.leased_by, sending.leased_until) == (DeliveryState.SENDING, "a", NOW + LEASE)
    assert await land(store, "d1", "a", state=DeliveryState.PENDING)
    assert (await stored(store, "d1")).leased_by is None


@pytest.mark.parametrize("thief", ["claimed by another", "folded", "given back", "never leased"])
async def test_without_the_lease_nothing_is_saved(store: Store, thief: str) -> None:
    """`save_delivery` is False, and nothing changed, when `owner` does not hold the lease any more."""
    await add(store, delivery())
    if thief != "never leased":
        await claim(store, "a")
    if thief == "claimed by another":
        assert await claim(store, "b", NOW + LEASE) == ["d1"]
    if thief == "folded":
        async with store.begin() as tx:
            await tx.fold(["d1"], "digest/1")
    if thief == "given back":
        assert await land(store, "d1", "a", due_at=NOW + MINUTE)
    before = await stored(store, "d1")
    assert not await land(store, "d1", "a", **SENT)
    assert not await land(store, "d1", "a", state=DeliveryState.SENDING)
    assert await stored(store, "d1") == before


async def test_saving_what_is_gone_changes_nothing(store: Store) -> None:
    """The row of a community that was forgotten meanwhile stays forgotten."""
    async with store.begin() as tx:
        assert not await tx.save_delivery(delivery(leased_by="a"), "a")
        assert await tx.delivery("d1") is None


async def test_a_lapsed_lease_that_nobody_took_still_counts(store: Store) -> None:
    """Whoever was slow, but alone, records what happened."""
    await add(store, delivery())
    await claim(store, "a")
    assert await land(store, "d1", "a", **SENT)


async def test_a_look_is_asked_for_again(store: Store) -> None:
    """One that is over becomes pending with the next revision, to show what is new, with its tries forgotten."""
    async with store.begin() as tx:
        await tx.ask_look(look())
    assert await stored(store, "look/d1") == look()
    await claim(store, "a")
    await land(store, "look/d1", "a", **SENT, attempts=3, tried_at=NOW)
    async with store.begin() as tx:
        await tx.ask_look(look(after=2))
    renewed = await stored(store, "look/d1")
    assert (renewed.state, renewed.revision, renewed.due_at) == (DeliveryState.PENDING, 1, NOW + 2 * MINUTE)
    assert (renewed.attempts, renewed.tried_at, renewed.problem) == (0, None, None)
    assert renewed.subject == look(after=2).subject


@pytest.mark.parametrize("over", [DeliveryState.CANCELLED, DeliveryState.FAILED])
async def test_a_look_that_came_to_nothing_is_asked_for_again(store: Store, over: DeliveryState) -> None:
    """Whatever ended it, there is something new to show now."""
    await add(store, look())
    await claim(store, "a")
    await land(store, "look/d1", "a", state=over, problem="x")
    async with store.begin() as tx:
        await tx.ask_look(look())
    assert await stored(store, "look/d1") == look(revision=1)


async def test_looks_asked_for_without_pause_are_still_shown(store: Store) -> None:
    """One that is pending keeps the earlier of the two instants, and its tries."""
    await add(store, look(after=1, attempts=2))
    async with store.begin() as tx:
        await tx.ask_look(look(after=5))
        await tx.ask_look(look(after=6))
    assert await stored(store, "look/d1") == look(after=1, attempts=2, revision=2, subject=look(after=6).subject)


async def test_a_look_asked_for_while_it_is_being_shown(store: Store) -> None:
    """Its sender keeps it; saving it as sent makes it pending instead, since there is something new to show."""
    await add(store, look())
    async with store.begin() as tx:
        (held,) = await tx.claim("a", NOW, LEASE, 1, [OURS])
        assert await tx.save_delivery(replace(held, state=DeliveryState.SENDING), "a")
    async with store.begin() as tx:
        await tx.ask_look(look(after=1))
    asked = await stored(store, "look/d1")
    assert (asked.state, asked.leased_by, asked.revision) == (DeliveryState.SENDING, "a", 1)
    assert await claim(store, "b") == []
    async with store.begin() as tx:
        assert await tx.save_delivery(replace(held, **SENT, attempts=1, tried_at=NOW), "a")
    again = await stored(store, "look/d1")
    assert (again.state, again.leased_by, again.attempts, again.tried_at) == (DeliveryState.PENDING, None, 0, None)
    assert again.subject == look(after=1).subject
    assert await claim(store, "b") == ["look/d1"]
    assert await land(store, "look/d1", "b", **SENT)
    assert (await stored(store, "look/d1")).state is DeliveryState.SENT


@pytest.mark.parametrize("ended", [DeliveryState.CANCELLED, DeliveryState.FAILED])
async def test_a_look_asked_for_while_the_last_one_came_to_nothing(store: Store, ended: DeliveryState) -> None:
    """What was cancelled or refused was the older look: the newer one is still to be shown."""
    await add(store, look())
    async with store.begin() as tx:
        (held,) = await tx.claim("a", NOW, LEASE, 1, [OURS])
        await tx.ask_look(look(after=1))
        assert await tx.save_delivery(replace(held, state=ended, problem="too old"), "a")
    again = await stored(store, "look/d1")
    assert (again.state, again.leased_by, again.problem) == (DeliveryState.PENDING, None, None)


async def test_a_look_in_doubt_stays_in_doubt(store: Store) -> None:
    """A newer revision changes what was settled; what may be out is looked into first."""
    await add(store, look())
    async with store.begin() as tx:
        (held,) = await tx.claim("a", NOW, LEASE, 1, [OURS])
        await tx.ask_look(look(after=1))
        assert await tx.save_delivery(replace(held, state=DeliveryState.SENDING, attempts=1), "a")
    doubtful = await stored(store, "look/d1")
    assert (doubtful.state, doubtful.attempts, doubtful.leased_by) == (DeliveryState.SENDING, 1, "a")
    assert (doubtful.revision, doubtful.subject) == (1, look(after=1).subject)


async def test_pending_nudges_of_a_place(store: Store) -> None:
    """Nudges and digests that are due, never tried and not leased, oldest first: what a digest may take over."""
    await add(
        store,
        delivery("b", after=-1),
        delivery("a", after=-2),
        delivery("due-now"),
        delivery("several", kind=DeliveryKind.DIGEST, after=-4),
        delivery("coming", after=1),
        delivery("tried", tried_at=NOW),
        delivery("tip", kind=DeliveryKind.TIP),
        delivery("sent", state=DeliveryState.SENT),
        delivery("sending", state=DeliveryState.SENDING),
        delivery("elsewhere", "random"),
        delivery("in-thread", place=place("general", "7")),
        delivery("leased", leased_by="a", leased_until=NOW + LEASE),
        delivery("lapsed", after=-3, leased_by="a", leased_until=NOW),
    )
    async with store.begin() as tx:
        assert [d.key for d in await tx.pending_nudges(place(), NOW)] == ["several", "lapsed", "a", "b", "due-now"]
        assert await tx.pending_nudges(place("nowhere"), NOW) == []


async def test_folding_takes_only_what_is_pending(store: Store) -> None:
    """A folded nudge tells which digest said it, and is never claimed; what may be out already is left alone."""
    await add(store, delivery("a"), delivery("b", "random"), delivery("sending", "c", state=DeliveryState.SENDING))
    await add(store, delivery("sent", state=DeliveryState.SENT))
    await claim(store, "x", NOW, 1)
    async with store.begin() as tx:
        await tx.fold(["a", "b", "sending", "sent", "unknown"], "digest/1")
        await tx.fold([], "digest/2")
    folded: dict[str, Any] = {"state": DeliveryState.FOLDED, "problem": "digest/1"}
    assert await stored(store, "a") == delivery("a", **folded)
    assert await stored(store, "b") == delivery("b", "random", **folded)
    assert await stored(store, "sent") == delivery("sent", state=DeliveryState.SENT)
    assert await claim(store, "y") == ["sending"]


async def test_the_latest_deliveries_come_newest_first(store: Store) -> None:
    """Of one community, whatever their state, up to the limit."""
    await add(store, *(delivery(f"d{n}", created_at=NOW + n * MINUTE) for n in range(4)))
    await add(store, delivery("foreign", place=place(community=OTHERS)), delivery("d2b", created_at=NOW + 2 * MINUTE))
    async with store.begin() as tx:
        assert [d.key for d in await tx.deliveries(OURS, 3)] == ["d3", "d2b", "d2"]
        assert [d.key for d in await tx.deliveries(OTHERS, 3)] == ["foreign"]


async def test_counting_what_was_sent(store: Store) -> None:
    """Since an instant, that one included, in that community, and of the kinds asked for."""
    await add(
        store,
        delivery("now", **SENT),
        delivery("later", **{**SENT, "sent_at": NOW + DAY}),
        delivery("before", **{**SENT, "sent_at": NOW - DAY}),
        delivery("failed", **{**SENT, "state": DeliveryState.FAILED}),
        delivery("foreign", **{**SENT, "place": place(community=OTHERS)}),
        delivery("edited", kind=DeliveryKind.LOOK, **SENT),
    )
    async with store.begin() as tx:
        assert await tx.count_sent(OURS, NOW, [DeliveryKind.NUDGE]) == 2
        assert await tx.count_sent(OTHERS, NOW + DAY, [DeliveryKind.NUDGE]) == 0
        assert await tx.count_sent(OURS, NOW, [DeliveryKind.NUDGE, DeliveryKind.LOOK]) == 3
        assert await tx.count_sent(OURS, NOW, []) == 0
