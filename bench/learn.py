"""Learns what each clue weighs from annotated chats, and tells how well that carries over to other chats.

`python -m bench.learn FOLDER` writes bot/mentions/weights.py; with `--hold-out` it writes nothing there, learns once
without each annotated chat and once without each community, tries the weights on what was left out, and puts the
figures between the marks of docs/accuracy.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from bench.accuracy import COLUMNS, MINUTES, PAGE, Counts, added, put, score, summary
from bench.learn_fit import fit
from bench.learn_samples import Chat, Samples, chats, lived, samples
from bot.mentions import weights
from bot.model import Mention

WEIGHTS = Path(weights.__file__)
BEGIN, END = "<!-- figures: made by python -m bench.learn --hold-out -->", "<!-- end of held-out figures -->"

MEANT_RIDGE, AWAITS_RIDGE = 1.0, 3.3
"""There are ten times as many samples of the former."""


def main(folder: Path, *, hold_out: bool) -> None:
    """Learn, and write what was learnt or how it fares."""
    given = chats(folder)
    meant = {chat.name: samples(chat) for chat in given}
    with _weighing(_meant(meant.values()), {}):
        both = {chat.name: Samples(meant[chat.name].meant, samples(chat).awaits) for chat in given if chat.truth}
    both = {**meant, **both}
    if not hold_out:
        _write(_meant(both.values()), _awaits(both.values()))
        return
    annotated = [chat for chat in given if chat.truth]
    lines = [f"| held out | {COLUMNS} |", "|---|--:|--:|--:|--:|--:|--:|"]
    for title, folds in (
        ("each chat in turn", [[chat.name] for chat in annotated]),
        ("each community in turn", [[c.name for c in given if c.kind == kind] for kind in _kinds(annotated)]),
    ):
        for kind, counts in _tried(annotated, both, folds).items():
            lines.append(summary(f"{title}: {kind}", counts))
    put(PAGE, BEGIN, END, "\n".join(lines))


def _kinds(annotated: list[Chat]) -> list[str]:
    return sorted({chat.kind for chat in annotated})


def _tried(annotated: list[Chat], known: Mapping[str, Samples], folds: list[list[str]]) -> dict[str, Counts]:
    """The counts by community of chats from which nothing was learnt; French is no part of all the given ones."""
    found: dict[str, Counts] = {}
    for out in folds:
        rest = [learnt for name, learnt in known.items() if name not in out]
        with _weighing(_meant(rest), _awaits(rest)):
            for chat in annotated:
                if chat.name in out:
                    kinds = (chat.kind,) if chat.kind == "french" else (chat.kind, "all given")
                    counts = _counts(chat)
                    for kind in kinds:
                        found[kind] = added(found.get(kind, (0, 0, 0)), counts)
    return dict(sorted(found.items()))


def _counts(chat: Chat) -> Counts:
    """What a backtest finds, by the judge alone: whoever still waits after ten minutes is nudged about."""
    mentions: dict[str, Mention] = {}
    for _ in lived(chat, mentions):
        pass
    late = timedelta(minutes=MINUTES)
    waited = [m for m in mentions.values() if m.closed_at is None or m.closed_at > m.opened_at + late]
    assert chat.truth is not None
    return score(chat.truth, [m.ref.id for m in waited], MINUTES)


def _meant(learnt: Iterable[Samples]) -> dict[str, float]:
    return fit((sample for one in learnt for sample in one.meant), MEANT_RIDGE)


def _awaits(learnt: Iterable[Samples]) -> dict[str, float]:
    return fit((sample for one in learnt for sample in one.awaits), AWAITS_RIDGE)


@contextmanager
def _weighing(meant: dict[str, float], awaits: dict[str, float]) -> Iterator[None]:
    """The clues weigh this meanwhile."""
    tables = ((weights.MEANT, meant), (weights.AWAITS, awaits))
    before = [dict(table) for table, _ in tables]
    for table, new in tables:
        table.clear()
        table.update(new)
    try:
        yield
    finally:
        for (table, _), old in zip(tables, before, strict=True):
            table.clear()
            table.update(old)


def _write(meant: dict[str, float], awaits: dict[str, float]) -> None:
    text = WEIGHTS.read_text("utf-8")
    for name, table in (("MEANT", meant), ("AWAITS", awaits)):
        begin = f"{name}: dict[str, float] = {{\n"
        head, rest = text.split(begin)
        lines = "".join(f'    "{clue}": {weight},\n' for clue, weight in table.items())
        text = f"{head}{begin}{lines}{rest[rest.index('}') :]}"
    WEIGHTS.write_text(text, "utf-8")


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--hold-out"]
    if len(arguments) != 1:
        sys.exit("usage: python -m bench.learn [--hold-out] FOLDER")
    main(Path(arguments[0]), hold_out="--hold-out" in sys.argv)
