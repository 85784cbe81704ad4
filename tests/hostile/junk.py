"""What no platform would send: values that stand where others should, and well-formed payloads that were mangled.

Everything comes out of a `Random`: a seed makes it repeatable, hypothesis makes it small, atheris leads it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

SIGNS = (
    *("a", "Z", "0", "9", " ", "\n", "\r", "\t", ".", "-", "_", ":", "/", "|", "\\", '"', "'", "<", ">", "@"),
    *("#", "!", "&", "*", "`", "~", "[", "]", "(", ")", "{", "}", "^", "%", "$", "?", "="),
    *("\x00", "\x1b", "\x7f", "\x85", "\xa0"),
    *("\u0301", "\u200b", "\u200d", "\u202e", "\u2066", "\u2028", "\ufeff", "\ufffd", "\ud800", "\udfff"),
    *("é", "ß", "İ", "٣", "क", "한", "\U0001f468", "\U0001f1eb", "\U000e0067", "\U0010ffff"),
)  # fmt: skip
BITS = (
    *("<@U0ADA>", "<@", "<!channel>", "<!here|x>", "<!subteam^S0STAFF|@staff>", "<#C0SUPPORT|a>", "<https://x.y|z>"),
    *("&lt;!here&gt;", "&amp;lt;", "@everyone", "@here", "<@&1>", "<@!400000000000000003>", "<#200000000000000001>"),
    *("[a](https://x.y)", "**", "```", "||", "> ", "- ", "# ", "?", "please", "merci", "{0}", "{name}", "%s", "\\*"),
)
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**31, 2**63, 2**64, -(2**63), 10**30, 0.5, -0.0, 1e300, float("inf"), float("nan")),
    *("", " ", "0", "-1", "null", "true", "T", "C", "U0ADA", "1790000000.000100", "1e9", "9" * 400),
    *("99999999999.999999", "x" * 5000, "<" * 3000),
    *("2026-03-02T09:00:00+00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59+00:00"),
    *([], {}, [[]], [None], [{}], {"id": None}, {"": ""}, [1, "a", {}], {"type": "message"}, {"channel": {"id": []}}),
)  # fmt: skip
LONGEST = 40


def text(random: Random) -> str:
    """Marks of both platforms, and signs of every kind in any order."""
    return "".join(random.choice(BITS if random.random() < 0.3 else SIGNS) for _ in range(random.randrange(LONGEST)))


def value(random: Random, depth: int = 3) -> Any:
    """Anything that JSON can hold, and the few things beyond it that Python's parser lets pass."""
    kind = random.randrange(8 if depth else 6)
    if kind < 4:
        return deepcopy(random.choice(ODD))
    if kind < 6:
        return text(random)
    if kind == 6:
        return [value(random, depth - 1) for _ in range(random.randrange(4))]
    return {text(random)[:8]: value(random, depth - 1) for _ in range(random.randrange(4))}


def mangled(random: Random, whole: Any, borrowed: Sequence[Any] = ()) -> Any:
    """One to four things in it taken out, replaced by junk or by parts of something else, doubled or wrapped."""
    whole = deepcopy(whole)
    for _ in range(random.randint(1, 4)):
        spots = list(_spots(whole))
        if not spots:
            return value(random)
        holder, key = random.choice(spots)
        random.choice(DEEDS)(random, holder, key, borrowed)
    return whole


def _spots(whole: Any) -> list[tuple[Any, Any]]:
    """Every place in it that something stands in."""
    found: list[tuple[Any, Any]] = []
    waiting = [whole]
    while waiting:
        holder = waiting.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else []
        found += ((holder, key) for key in keys)
        waiting += (holder[key] for key in keys)
    return found


def _removed(_random: Random, holder: Any, key: Any, _borrowed: Sequence[Any]) -> None:
    del holder[key]


def _replaced(random: Random, holder: Any, key: Any, _borrowed: Sequence[Any]) -> None:
    holder[key] = value(random)


def _borrowed(random: Random, holder: Any, key: Any, borrowed: Sequence[Any]) -> None:
    """A part of another payload, where it does not belong."""
    other = random.choice(borrowed) if borrowed else ODD
    spots = _spots(other)
    source, its = random.choice(spots) if spots else ([None], 0)
    holder[key] = deepcopy(source[its])


def _scribbled(random: Random, holder: Any, key: Any, _borrowed: Sequence[Any]) -> None:
    """Something written into a text."""
    if isinstance(holder[key], str):
        at = random.randint(0, len(holder[key]))
        holder[key] = holder[key][:at] + text(random) + holder[key][at:]
    else:
        holder[key] = text(random)


def _wrapped(_random: Random, holder: Any, key: Any, _borrowed: Sequence[Any]) -> None:
    holder[key] = [holder[key]] if not isinstance(holder[key], list) else {"0": holder[key]}


DEEDS: tuple[Callable[[Random, Any, Any, Sequence[Any]], None], ...] = (
    *(_removed, _replaced, _borrowed, _scribbled, _wrapped),
)
