"""Who was still waiting? Vigie's nudges against people's own annotations of real chats.

`python -m bench.accuracy CHATS` backtests every zip of a folder that also holds the annotations (`NAME.truth.json`)
and the scorer (`score.py`), and puts the figures between the marks of docs/accuracy.md.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from bot.backtest import Question
from bot.report import Report
from bot.settings import Mode
from bot.wiring.backtest import backtest_export

MINUTES = 10
PAGE = Path(__file__).parent.parent / "docs" / "accuracy.md"
BEGIN, END = "<!-- figures: made by python -m bench.accuracy -->", "<!-- end of figures -->"
Counts = tuple[int, int, int]


def main(folder: Path) -> None:
    """Backtest, score, and write the page's figures."""
    scorer = _scorer(folder / "score.py")
    rows, by_kind = [], defaultdict[str, Counts](lambda: (0, 0, 0))
    for chat in sorted(folder.glob("*.zip")):
        truth_file = chat.with_suffix(".truth.json")
        truth = json.loads(truth_file.read_text("utf-8")) if truth_file.exists() else None
        report = _backtest(chat, truth["team"] if truth else None)
        counts = scorer.score(truth, json.loads(report.as_json()), MINUTES) if truth else None
        rows.append(_row(chat.stem, report, counts))
        for kind in (chat.stem.partition("-")[0], "all together"):
            if counts:
                by_kind[kind] = tuple(map(sum, zip(by_kind[kind], counts, strict=True)))  # type: ignore[assignment]
    text = "\n".join([*_HEAD, *rows, "", *_SUMMARY_HEAD, *(_summary(kind, c) for kind, c in by_kind.items())])
    page = PAGE.read_text("utf-8")
    before, after = page.partition(BEGIN)[0], page.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")
    print(text)


_HEAD = [
    "| chat | messages | mentions | in time | late | never | nudges | right | wrong | missed | F1 |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
]
_SUMMARY_HEAD = ["| community | right | wrong | missed | precision | recall | F1 |", "|---|--:|--:|--:|--:|--:|--:|"]


def _backtest(chat: Path, team: list[str] | None) -> Report:
    """With the annotated team; where nobody says who the team is, with the five who wrote most."""
    question = Question(mode=Mode.EVERYTHING, after=timedelta(minutes=MINUTES))
    return backtest_export(chat, team or _busiest(chat), question, progress=False)


def _busiest(chat: Path) -> list[str]:
    from collections import Counter

    from adapters.exports import open_export
    from bot.events import MessagePosted

    with open_export(chat) as export:
        wrote = Counter(event.message.author.id for event in export.events() if isinstance(event, MessagePosted))
    return [author for author, _ in wrote.most_common(5)]


def _row(name: str, report: Report, counts: Counts | None) -> str:
    s = report.summary()
    scored = [*counts, f"{_f1(counts):.2f}" if sum(counts) else "–"] if counts else [""] * 4
    cells = [
        name,
        s["messages"],
        s["mentions"],
        s["answered_in_time"],
        s["answered_late"],
        s["never_answered"],
        s["nudges"],
        *scored,
    ]
    return f"| {' | '.join(map(str, cells))} |"


def _summary(kind: str, counts: Counts) -> str:
    right, wrong, missed = counts
    precision, recall = right / max(right + wrong, 1), right / max(right + missed, 1)
    return f"| {kind} | {right} | {wrong} | {missed} | {precision:.2f} | {recall:.2f} | {_f1(counts):.2f} |"


def _f1(counts: Counts) -> float:
    right, wrong, missed = counts
    return 2 * right / max(2 * right + wrong + missed, 1)


def _scorer(path: Path) -> ModuleType:
    spec = spec_from_file_location("score", path)
    if spec is None or spec.loader is None or not path.exists():
        sys.exit(f"{path} is missing: the folder must hold the scorer and the annotated chats")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.accuracy FOLDER")
    main(Path(sys.argv[1]))
