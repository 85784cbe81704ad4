"""The deck: no tip twice before all have been told, whatever happens in between."""

import json
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.tips.deck import Deck, draw, following, preceding, turn_off, turn_on

SLUGS = [f"tip-{letter}" for letter in "abcdefgh"]
STEPS = st.lists(
    st.tuples(st.sampled_from(["draw", "draw", "draw", "add", "remove", "off", "on"]), st.sampled_from(SLUGS))
)


def restarted(deck: Deck) -> Deck:
    """The deck as it comes back from the database."""
    return Deck.from_plain(json.loads(json.dumps(deck.plain())))


def told(deck: Deck, available: list[str], times: int) -> tuple[list[str], Deck]:
    slugs = []
    for _ in range(times):
        slug, deck = draw(deck, available)
        assert slug is not None
        slugs.append(slug)
    return slugs, deck


@given(seed=st.integers(), available=st.sets(st.sampled_from(SLUGS)), steps=STEPS)
def test_no_repeat_until_all_are_told(seed: int, available: set[str], steps: list[tuple[str, str]]) -> None:
    """However tips come, vanish, are turned off and on, and the bot restarts: a tip comes again only once every one
    that could be told has been, and a new round never begins with the tip that ended the last."""
    deck, round_so_far, last = Deck(seed), set[str](), None
    for step, slug in steps:
        if step == "add":
            available.add(slug)
        elif step == "remove":
            available.discard(slug)
        elif step in ("off", "on"):
            deck = (turn_off if step == "off" else turn_on)(deck, slug)
        else:
            wanted = available - deck.off
            before = deck
            drawn, deck = draw(restarted(deck), available)
            if not wanted:
                assert (drawn, deck) == (None, before)
                continue
            if not wanted - round_so_far:
                round_so_far.clear()
                assert drawn != last or len(wanted) == 1
            assert drawn in wanted - round_so_far
            round_so_far.add(drawn)
            last = drawn


@given(seed=st.integers(), order=st.permutations(SLUGS))
def test_same_seed_same_order(seed: int, order: list[str]) -> None:
    """The order follows from the seed alone, not from the order in which tips are listed."""
    assert told(Deck(seed), order, 20) == told(Deck(seed), SLUGS, 20)


def test_communities_have_different_orders() -> None:
    """Two seeds give two orders, and so do two rounds."""
    orders = {tuple(told(Deck(seed), SLUGS, 8)[0]) for seed in range(50)}
    slugs, _ = told(Deck(1), SLUGS, 16)
    assert len(orders) > 45
    assert slugs[:8] != slugs[8:]


def test_first_draw_is_fair() -> None:
    """Over many communities each tip comes first about as often."""
    firsts = Counter(told(Deck(seed), SLUGS, 1)[0][0] for seed in range(800))
    assert set(firsts) == set(SLUGS)
    assert all(60 < count < 140 for count in firsts.values()), firsts


def test_new_tip_is_mixed_in() -> None:
    """A tip that comes during a round is told in it, at a place that chance decides."""
    places = set()
    for seed in range(100):
        _, deck = told(Deck(seed), SLUGS, 3)
        rest, _ = told(deck, [*SLUGS, "new"], 6)
        places.add(rest.index("new"))
    assert places == set(range(6))


def test_tip_turned_off_is_not_told() -> None:
    """A tip turned off does not come, this round or the next."""
    deck = turn_off(Deck(7), SLUGS[0])
    slugs, _ = told(deck, SLUGS, 30)
    assert SLUGS[0] not in slugs


def test_tip_turned_on_again_is_told_in_this_round() -> None:
    """A tip turned off before it was told and on again does not have to wait for the next round."""
    slugs, deck = told(turn_off(Deck(7), SLUGS[0]), SLUGS, 4)
    rest, _ = told(turn_on(deck, SLUGS[0]), SLUGS, 4)
    assert set(slugs) | set(rest) == set(SLUGS)


def test_tip_that_comes_back_is_not_told_twice() -> None:
    """A tip told in this round whose file vanishes for a while is not told again before the others."""
    (gone,), deck = told(Deck(3), SLUGS, 1)
    _, deck = told(deck, [slug for slug in SLUGS if slug != gone], 2)
    rest, _ = told(deck, SLUGS, 5)
    assert gone not in rest


def test_all_off_gives_nothing() -> None:
    """With every tip turned off, or none at all, there is no tip, and the deck stays as it was."""
    deck = Deck(1)
    for slug in SLUGS:
        deck = turn_off(deck, slug)
    assert draw(deck, SLUGS) == (None, deck)
    assert draw(Deck(1), []) == (None, Deck(1))


def test_single_tip_is_repeated() -> None:
    """A community with one tip gets it every time."""
    assert told(Deck(1), ["only"], 3)[0] == ["only"] * 3


@given(seed=st.integers(), draws=st.integers(0, 20), wanted=st.sets(st.sampled_from(SLUGS), min_size=1))
def test_the_order_can_be_walked_without_drawing(seed: int, draws: int, wanted: set[str]) -> None:
    """From any tip, wanted or not, one after another comes to each wanted one before any twice; and so it does back,
    the same way."""
    deck = Deck(seed)
    for _ in range(draws):
        _, deck = draw(deck, SLUGS)
    for start in (*SLUGS, "long-gone"):
        ahead, back = [following(deck, wanted, start)], [preceding(deck, wanted, start)]
        for _ in range(len(wanted) - 1):
            ahead.append(following(deck, wanted, ahead[-1]))
            back.append(preceding(deck, wanted, str(back[-1])))
        assert set(ahead) == set(back) == wanted
        assert following(deck, wanted, ahead[-1]) == ahead[0]
        if start not in wanted:
            assert ahead == back[::-1]
    assert following(deck, wanted) in wanted
    assert following(deck, [], "tip-a") is preceding(deck, [], "tip-a") is following(deck, []) is None


@given(seed=st.integers(), draws=st.integers(1, 7))
def test_back_from_the_last_one_told_come_those_told_before(seed: int, draws: int) -> None:
    """Within a round, what is to be told next comes last on the way back."""
    slugs, deck = told(Deck(seed), SLUGS, draws)
    coming, _ = draw(deck, SLUGS)
    back = [slugs[-1]]
    while len(back) < len(SLUGS):
        back.append(str(preceding(deck, SLUGS, back[-1])))
    assert back[:draws] == slugs[::-1]
    assert back[-1] == coming


@given(seed=st.integers(), off=st.sets(st.sampled_from(SLUGS)), draws=st.integers(0, 20))
def test_deck_survives_being_saved(seed: int, off: set[str], draws: int) -> None:
    """What is saved as JSON comes back as the same deck."""
    deck = Deck(seed, off=frozenset(off))
    for _ in range(draws):
        _, deck = draw(deck, SLUGS)
    assert restarted(deck) == deck
