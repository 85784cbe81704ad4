"""Logistic regression on clues that are there or not, in plain Python: the same result everywhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from math import exp

Sample = tuple[frozenset[str], bool, float]
"""The clues, whether it was so, and how much the sample counts."""

RARE = 8
"""A clue seen less often is not weighed: it would be learnt by heart."""

STEPS = 12


def fit(samples: Iterable[Sample], ridge: float) -> dict[str, float]:
    """The weights of the clues, to a tenth, the heaviest first; `ridge` pulls each towards nothing."""
    counted: defaultdict[tuple[frozenset[str], bool], float] = defaultdict(float)
    seen = Counter[str]()
    for clues, so, counts in samples:
        counted[clues, so] += counts
        seen.update(clues)
    names = [name for name, times in seen.items() if times >= RARE]
    place = {name: at for at, name in enumerate(names)}
    rows = [([place[c] for c in clues if c in place], so, counts) for (clues, so), counts in counted.items()]
    weights = [0.0] * len(names)
    for _ in range(STEPS):
        weights = _step(rows, weights, ridge)
    found = {name: round(weight, 1) for name, weight in zip(names, weights, strict=True)}
    return {name: found[name] + 0.0 for name in sorted(found, key=lambda name: (-found[name], name))}


def _step(rows: list[tuple[list[int], bool, float]], weights: list[float], ridge: float) -> list[float]:
    """One of Newton's."""
    size = len(weights)
    slope = [-ridge * weight for weight in weights]
    bend = [[ridge if column == line else 0.0 for column in range(size)] for line in range(size)]
    for places, so, counts in rows:
        likely = 1 / (1 + exp(-sum(weights[at] for at in places)))
        pull, stiff = counts * (so - likely), counts * likely * (1 - likely)
        for at in places:
            slope[at] += pull
            line = bend[at]
            for other in places:
                line[other] += stiff
    return [weight + by for weight, by in zip(weights, _solved(bend, slope), strict=True)]


def _solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gauss: `matrix` is symmetric and definite, so that no pivot need be looked for."""
    size = len(right)
    lines = [[*line, value] for line, value in zip(matrix, right, strict=True)]
    for at in range(size):
        for below in range(at + 1, size):
            factor = lines[below][at] / lines[at][at]
            if factor:
                lines[below] = [b - factor * a for a, b in zip(lines[at], lines[below], strict=True)]
    found = [0.0] * size
    for at in reversed(range(size)):
        known = sum(lines[at][other] * found[other] for other in range(at + 1, size))
        found[at] = (lines[at][size] - known) / lines[at][at]
    return found
