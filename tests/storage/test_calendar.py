from __future__ import annotations

from datetime import date

from bot.model import Cursor, Letter, OccurrenceState
from bot.ports import NOTED_FOR, Store
from bot.tips.deck import Deck
from tests.storage.samples import LEASE, MINUTE, NOW, OTHERS, OURS, place, settled


async def test_an_occurrence_is_settled_once(store: Store) -> None:
    """`settle` is False, and nothing changed, when this (schedule, local date) was settled before."""
    async with store.begin() as tx:
        assert await tx.settle(settled())
    async with store.begin() as tx:
        assert not await tx.settle(settled(state=OccurrenceState.SKIPPED, slug=None))
        assert await tx.settle(settled("2026-03-03"))
        assert await tx.settle(settled(schedule="report"))
        assert await tx.settled(settled().schedule, date(2026, 3, 1)) == [settled(), settled("2026-03-03")]


async def test_what_was_settled_since_a_date(store: Store) -> None:
    """In the order of the local dates, that one included."""
    async with store.begin() as tx:
        for day in ("2026-03-04", "2026-02-28", "2026-03-01"):
            await tx.settle(settled(day))
        since = await tx.settled(settled().schedule, date(2026, 3, 1))
        assert [one.local_date for one in since] == ["2026-03-01", "2026-03-04"]
        assert await tx.settled("unknown", date(2026, 3, 1)) == []


async def test_the_last_settled_and_the_last_told(store: Store) -> None:
    """The ones with the latest local date, whatever the order in which they were settled."""
    skipped = settled("2026-03-06", state=OccurrenceState.SKIPPED, slug=None)
    async with store.begin() as tx:
        assert await tx.last_settled(settled().schedule) is None
        assert await tx.last_told(settled().schedule) is None
        await tx.settle(skipped)
        assert await tx.last_told(settled().schedule) is None
        await tx.settle(settled("2026-03-05"))
        await tx.settle(settled("2026-03-04"))
        await tx.settle(settled("2027-01-01", schedule="another"))
        assert await tx.last_settled(settled().schedule) == skipped
        assert await tx.last_told(settled().schedule) == settled("2026-03-05")


async def test_a_deck_comes_back_as_it_was(store: Store) -> None:
    """One of each community; saving replaces it."""
    full = Deck(2**62, ("b", "é"), 1, 3, frozenset({"x", "y"}))
    async with store.begin() as tx:
        assert await tx.deck(OURS) is None
        await tx.save_deck(OURS, Deck(1))
        await tx.save_deck(OURS, full)
        await tx.save_deck(OTHERS, Deck(2))
    async with store.begin() as tx:
        assert await tx.deck(OURS) == full
        assert await tx.deck(OTHERS) == Deck(2)


async def test_the_latest_opinion_of_a_member_counts(store: Store) -> None:
    """`tip_verdicts` is slug → verdict → count; a later opinion replaces the one before."""
    async with store.begin() as tx:
        assert await tx.tip_verdicts(OURS) == {}
        for slug, member, verdict in (
            ("a", "U1", "useful"),
            ("a", "U2", "useful"),
            ("a", "U3", "known"),
            ("b", "U1", "known"),
            ("b", "U1", "useful"),
        ):
            await tx.judge_tip(OURS, slug, member, verdict, NOW)
        await tx.judge_tip(OTHERS, "a", "U1", "known", NOW)
    async with store.begin() as tx:
        assert await tx.tip_verdicts(OURS) == {"a": {"useful": 2, "known": 1}, "b": {"useful": 1}}


async def test_cursors_replace_each_other(store: Store) -> None:
    """One of each place; of several for one place the last one given counts."""
    thread = place("general", "7")
    async with store.begin() as tx:
        await tx.save_cursors([])
        await tx.save_cursors([Cursor(thread, "1", NOW), Cursor(place(), "2", NOW)])
        await tx.save_cursors(
            [Cursor(place("a"), "0", NOW), Cursor(place(), "3", NOW), Cursor(place(), "4", NOW + MINUTE)]
        )
        await tx.save_cursors([Cursor(place(community=OTHERS), "9", NOW)])
    async with store.begin() as tx:
        assert await tx.cursors(OURS) == [
            Cursor(place("a"), "0", NOW),
            Cursor(place(), "4", NOW + MINUTE),
            Cursor(thread, "1", NOW),
        ]


async def test_a_lease_has_one_holder(store: Store) -> None:
    """`take_lease` takes or renews; False while somebody else holds it; free from the instant it ends on."""

    async def take(holder: str, minutes: float) -> bool:
        async with store.begin() as tx:
            return await tx.take_lease("socket/slack:T1", holder, NOW + minutes * MINUTE, LEASE)

    assert await take("a", 0)
    assert not await take("b", 0.99)
    assert await take("a", 0.5)
    assert not await take("b", 1)
    assert await take("b", 1.5)
    assert not await take("a", 1.5)


async def test_only_its_holder_gives_a_lease_back(store: Store) -> None:
    """And then anybody may take it at once."""
    async with store.begin() as tx:
        await tx.take_lease("x", "a", NOW, LEASE)
        await tx.give_lease("x", "b")
        await tx.give_lease("unknown", "b")
        assert not await tx.take_lease("x", "b", NOW, LEASE)
        await tx.give_lease("x", "a")
        assert await tx.take_lease("x", "b", NOW, LEASE)


async def test_what_happens_once(store: Store) -> None:
    """True for whoever asks first, until it lapses; a lease of that name is something else."""

    async def once(name: str, minutes: float) -> bool:
        now = NOW + minutes * MINUTE
        async with store.begin() as tx:
            return await tx.once(name, now, now + MINUTE)

    assert await once("a", 0)
    assert not await once("a", 0.99)
    assert await once("b", 0.5)
    assert await once("a", 1)
    assert not await once("b", 1)
    async with store.begin() as tx:
        assert await tx.take_lease("a", "somebody", NOW, LEASE)
    assert not await once("a", 1.5)


async def test_what_happened_is_counted(store: Store) -> None:
    """By name and from an instant on, that instant included; what is older than two days is forgotten."""
    async with store.begin() as tx:
        for minutes in (0, 5, 10):
            await tx.note("logins/1", NOW + minutes * MINUTE)
        await tx.note("logins/2", NOW)
        assert await tx.noted("logins/1", NOW + 5 * MINUTE) == 2
        assert await tx.noted("logins/3", NOW) == 0
    async with store.begin() as tx:
        await tx.note("logins/1", NOW + NOTED_FOR + 5 * MINUTE)
        assert await tx.noted("logins/1", NOW) == 3
        assert await tx.noted("logins/2", NOW) == 1


async def test_letters_wait_for_whoever_holds_the_lease(store: Store) -> None:
    """Oldest first, each box by itself, a few at a time, until they are dropped; what is old goes with a purge."""
    async with store.begin() as tx:
        for box, what in (("slack/1", "a"), ("slack/2", "b"), ("slack/1", "c"), ("slack/1", "d")):
            await tx.put_letter(Letter(box, OURS, "U1", {"ts": what, "nested": {"n": 1}}, NOW))
    async with store.begin() as tx:
        first, second = await tx.letters("slack/1", 2)
        assert [first.body, second.body["ts"]] == [{"ts": "a", "nested": {"n": 1}}, "c"]
        assert (first.box, first.community, first.member, first.at) == ("slack/1", OURS, "U1", NOW)
        await tx.drop_letter(first.number)
        await tx.drop_letter(first.number)
    async with store.begin() as tx:
        assert [letter.body["ts"] for letter in await tx.letters("slack/1", 10)] == ["c", "d"]
        assert await tx.letters("slack/3", 10) == []
        assert await tx.purge(NOW) == 0
        assert await tx.purge(NOW + MINUTE) == 3
        assert await tx.letters("slack/1", 10) == []


async def test_a_community_is_new_once(store: Store) -> None:
    """`know` is True the first time; `known` gives all of them."""
    async with store.begin() as tx:
        assert await tx.know(OURS, NOW)
        assert await tx.know(OTHERS, NOW)
        assert not await tx.know(OURS, NOW + MINUTE)
    async with store.begin() as tx:
        assert await tx.known() == [OTHERS, OURS]
