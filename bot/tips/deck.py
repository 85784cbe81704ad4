"""A community's shuffled order of tips: none comes twice before all have been told."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import Any


@dataclass(frozen=True, slots=True)
class Deck:
    """One community's deck, whole: what it draws next follows from these values alone.

    `order` holds this round's slugs, of which the first `position` have been told. `off` are those that the community
    does not want; they may be unknown to the library. `round` counts the shuffles from 1; 0 is before the first draw.
    """

    seed: int
    order: tuple[str, ...] = ()
    position: int = 0
    round: int = 0
    off: frozenset[str] = frozenset()

    def plain(self) -> dict[str, Any]:
        """The values as numbers and lists of text, to be saved as columns or JSON; `off` is sorted."""
        return {**asdict(self), "order": list(self.order), "off": sorted(self.off)}

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> Deck:
        """The deck that `plain` saved. KeyError if a value is missing."""
        return cls(
            seed=values["seed"],
            order=tuple(values["order"]),
            position=values["position"],
            round=values["round"],
            off=frozenset(values["off"]),
        )


def draw(deck: Deck, available: Collection[str]) -> tuple[str | None, Deck]:
    """The next tip and the deck after it; None, and the same deck, when nothing is left that is not turned off.

    Tips that came since the last draw, or were turned on, are mixed in among those still to come; those that vanished
    are forgotten. The first tip of a round is never the last of the one before, if there is another.
    """
    wanted = set(available) - deck.off
    if not wanted:
        return None, deck
    deck = _mix_in(deck, wanted)
    if deck.position == len(deck.order):
        deck = _new_round(deck, wanted)
    return deck.order[deck.position], replace(deck, position=deck.position + 1)


def turn_off(deck: Deck, slug: str) -> Deck:
    """The deck that will not give this tip again until it is turned on. Turning off twice changes nothing."""
    return replace(deck, off=deck.off | {slug})


def turn_on(deck: Deck, slug: str) -> Deck:
    """The deck that may give this tip again: in this round, if it has not been told in it yet."""
    return replace(deck, off=deck.off - {slug})


def following(deck: Deck, wanted: Collection[str], slug: str | None = None) -> str | None:
    """Of the tips wanted, the one after `slug`, wanted or not, in the deck's order, which begins again at its end.

    The first of the order without `slug`; None when none is wanted. Nothing is drawn by it.
    """
    place = _places(deck)
    later = [other for other in wanted if slug is not None and place(other) > place(slug)]
    return min(later or wanted, key=place, default=None)


def preceding(deck: Deck, wanted: Collection[str], slug: str) -> str | None:
    """Of the tips wanted, the one before `slug` in that order: the one that will be told next comes last."""
    place = _places(deck)
    earlier = [other for other in wanted if place(other) < place(slug)]
    return max(earlier or wanted, key=place, default=None)


def _places(deck: Deck) -> Callable[[str], tuple[int, bytes]]:
    """Where each tip stands: in the order of this round, or shuffled behind it. Known or not, a tip has one place."""
    of_round = {slug: place for place, slug in enumerate(deck.order)}

    def place(slug: str) -> tuple[int, bytes]:
        return of_round.get(slug, len(of_round)), blake2b(f"{deck.seed}/{slug}".encode(), digest_size=16).digest()

    return place


def _mix_in(deck: Deck, wanted: set[str]) -> Deck:
    """The same round over what is wanted now. What was told stays told, even if it vanishes and comes back."""
    told = deck.order[: deck.position]
    coming = [slug for slug in deck.order[deck.position :] if slug in wanted]
    for slug in sorted(wanted.difference(told, coming)) if deck.round else ():
        coming.insert(_chance(deck, slug).randint(0, len(coming)), slug)
    return replace(deck, order=(*told, *coming))


def _new_round(deck: Deck, wanted: Iterable[str]) -> Deck:
    last = deck.order[-1] if deck.order else None
    deck = replace(deck, round=deck.round + 1, position=0)
    order = sorted(wanted)
    chance = _chance(deck, "")
    chance.shuffle(order)
    if order[0] == last and len(order) > 1:
        other = chance.randrange(1, len(order))
        order[0], order[other] = order[other], order[0]
    return replace(deck, order=tuple(order))


def _chance(deck: Deck, slug: str) -> random.Random:
    # Seeded by text: the same on every machine and in every process, unlike hash().
    return random.Random(f"{deck.seed}/{deck.round}/{slug}")  # noqa: S311 - nobody gains by guessing a tip
