"""What is made quickly is what `dataclass` would have made."""

from __future__ import annotations

import dataclasses
import pickle
from dataclasses import dataclass

import pytest

from bot.making import made_quickly
from bot.model import Place
from tests.fakes import COMMUNITY


@made_quickly
@dataclass(frozen=True, slots=True)
class Parcel:
    to: str
    weight: int = 1
    fragile: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    to: str
    weight: int = 1
    fragile: bool = False


def test_it_takes_what_it_took() -> None:
    """By position or by name, with the usual values for what is left out."""
    assert dataclasses.astuple(Parcel("Ada")) == dataclasses.astuple(Plain("Ada"))
    assert dataclasses.astuple(Parcel("Ada", 3)) == dataclasses.astuple(Plain("Ada", 3))
    assert dataclasses.astuple(Parcel(fragile=True, to="Ada")) == dataclasses.astuple(Plain(fragile=True, to="Ada"))
    assert Parcel.__init__.__annotations__ == Plain.__init__.__annotations__


@pytest.mark.parametrize(("values", "named"), [((), {}), (("Ada", 1, True, 4), {}), (("Ada",), {"wieght": 3})])
def test_it_refuses_what_it_refused(values: tuple[object, ...], named: dict[str, object]) -> None:
    """Too little, too much, or a field that there is not."""
    for kind in (Parcel, Plain):
        with pytest.raises(TypeError):
            kind(*values, **named)  # type: ignore[arg-type]


def test_it_is_as_frozen_as_before() -> None:
    """Whoever holds one can rely on it."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Place(COMMUNITY, "support").channel = "general"  # type: ignore[misc]


def test_it_is_copied_hashed_and_pickled_as_before() -> None:
    """Equal values are equal, and another value is not."""
    place = Place(COMMUNITY, "support", "1")
    assert dataclasses.replace(place, thread=None) == Place(COMMUNITY, "support") != place
    assert {place} == {Place(COMMUNITY, "support", "1")}
    assert pickle.loads(pickle.dumps(place)) == place
