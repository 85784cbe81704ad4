"""A value is what it says, wherever it is made."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from subprocess import run
from sys import executable

from bot.making import value


@value(frozen=True, slots=True, order=True)
class Spot:
    x: int
    y: int = 0


def test_values_are_equal_and_hashed_by_their_fields() -> None:
    """So that they are the same key of a dictionary, whoever made them."""
    assert {Spot(1): "a"}[Spot(1, 0)] == "a"
    assert Spot(1) != Spot(2)
    assert sorted([Spot(2), Spot(1, 1), Spot(1)]) == [Spot(1), Spot(1, 1), Spot(2)]
    assert replace(Spot(1), y=2) == Spot(1, 2)
    assert [field.name for field in fields(Spot)] == ["x", "y"]
    assert not hasattr(Spot(1), "__dict__")


def test_the_type_checker_lets_nobody_change_one(tmp_path: Path) -> None:
    """They are frozen for it alone: at run time that would cost too much."""
    changing = tmp_path / "changing.py"
    changing.write_text("from bot.model import Place\ndef move(place: Place) -> None:\n    place.channel = ''\n")
    mypy = [executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(changing)]
    told = run(mypy, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert 'Property "channel" defined in "Place" is read-only' in told.stdout
