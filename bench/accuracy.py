"""Who was still waiting? Vigie's nudges against people's own annotations of real chats, and of ours in French.

`python -m bench.accuracy CHATS` backtests every zip of a folder that also holds the annotations (`NAME.truth.json`),
and the French stretches of tests/mentions/french, and puts the figures between the marks of docs/accuracy.md.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.backtest import Question
from bot.report import Report
from bot.settings import Mode
from bot.wiring.backtest import backtest_export

MINUTES = 10
ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "accuracy.md"
FRENCH = ROOT / "tests" / "mentions" / "french"
BEGIN, END = "<!-- figures: made by python -m bench.accuracy -->", "<!-- end of figures -->"

Counts = tuple[int, int, int]
"""Nudges that were right, nudges that were wrong, people who were missed."""

COLUMNS = "right | wrong | missed | precision | recall | F1"


def main(folder: Path) -> None:
    """Backtest, score, and write the page's figures."""
    rows: list[str] = []
    by_kind: dict[str, Counts] = {}
    for chat, kinds in [*_given(folder), *french("tuned"), *french("heldout")]:
        truth_file = chat.with_name(f"{chat.stem}.truth.json")
        truth = json.loads(truth_file.read_text("utf-8")) if truth_file.exists() else None
        report = _backtest(chat, truth["team"] if truth else None)
        counts = score(truth, [nudge.ts for nudge in report.nudges], MINUTES) if truth else None
        rows.append(_row(chat.stem, report, counts))
        for kind in kinds if counts else ():
            by_kind[kind] = added(by_kind.get(kind, (0, 0, 0)), counts or (0, 0, 0))
    head = f"| community | {COLUMNS} |", "|---|--:|--:|--:|--:|--:|--:|"
    text = "\n".join([*_HEAD, *rows, "", *head, *(summary(kind, counts) for kind, counts in by_kind.items())])
    put(PAGE, BEGIN, END, text)


_HEAD = [
    "| chat | messages | mentions | in time | late | never | nudges | right | wrong | missed | F1 |",
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
]


def _given(folder: Path) -> list[tuple[Path, tuple[str, ...]]]:
    return [(chat, (chat.stem.partition("-")[0], "all given")) for chat in sorted(folder.glob("*.zip"))]


def french(half: str) -> list[tuple[Path, tuple[str, ...]]]:
    """The French stretches that rules and weights were made with (`tuned`), or those kept aside (`heldout`)."""
    return [(chat, (f"French, {half}",)) for chat in sorted((FRENCH / half).iterdir()) if chat.is_dir()]


def put(page: Path, begin: str, end: str, text: str) -> None:
    """Say `text` and write it between two marks of a page."""
    print(text)
    content = page.read_text("utf-8")
    before, after = content.partition(begin)[0], content.partition(end)[2]
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")


@dataclass
class _Wait:
    """One person waiting, in however many messages that began something."""

    latest: float
    request: bool = False
    found: bool = False


def score(truth: dict[str, Any], nudged: Iterable[str], minutes: float) -> Counts:
    """Hold the messages nudged about, by their `ts`, against annotations.

    Somebody waits when nobody of the team answered within `minutes` what they began, and they are one person waiting
    however often they began something until so long after; they count when anything of it calls for a response. A nudge
    is right when it is the first about such a wait, or a later message of its conversation; about a further question
    that got no answer in time it is neither right nor wrong. What is outside of the annotated window, or too near to
    its end, does not count.
    """
    wait, end = minutes * 60, float(truth["until"]) - minutes * 60
    waits, by_root, current = [], {}, dict[str, _Wait]()
    for ask in sorted(truth["asks"], key=lambda ask: float(ask["ts"])):
        at = float(ask["ts"])
        if at > end or not _late(ask, wait):
            continue
        waiting = current.get(ask["user"])
        if waiting is None or at - waiting.latest > wait:
            waiting = current[ask["user"]] = _Wait(at)
            waits.append(waiting)
        waiting.latest, waiting.request = at, waiting.request or ask["request"]
        by_root[ask["ts"]] = waiting
    later = {message["ts"]: message for message in truth["messages"]}
    wrong = 0
    for ts in sorted(set(nudged), key=float):
        if not float(truth["from"]) <= float(ts) <= end:
            continue
        message = later.get(ts)
        about = by_root.get(ts) or (by_root.get(message["root"]) if message else None)
        if about is not None and about.request and not about.found:
            about.found = True
        elif about is not None or not (message and truth["questions"].get(ts) and _late(message, wait)):
            wrong += 1
    right = sum(waiting.found for waiting in waits)
    return right, wrong, sum(waiting.request for waiting in waits) - right


def _late(said: dict[str, Any], wait: float) -> bool:
    return said["answered_ts"] is None or float(said["answered_ts"]) > float(said["ts"]) + wait


def _backtest(chat: Path, team: list[str] | None) -> Report:
    """With the annotated team; where nobody says who the team is, with the five who wrote most."""
    question = Question(mode=Mode.EVERYTHING, after=timedelta(minutes=MINUTES))
    return backtest_export(chat, team or _busiest(chat), question, progress=False)


def _busiest(chat: Path) -> list[str]:
    from adapters.exports import open_export
    from bot.events import MessagePosted

    with open_export(chat) as export:
        wrote = Counter(event.message.author.id for event in export.events() if isinstance(event, MessagePosted))
    return [author for author, _ in wrote.most_common(5)]


def _row(name: str, report: Report, counts: Counts | None) -> str:
    s = report.summary()
    scored = [*counts, f"{f1(counts):.2f}" if sum(counts) else "–"] if counts else [""] * 4
    columns = ("messages", "mentions", "answered_in_time", "answered_late", "never_answered", "nudges")
    return f"| {' | '.join(map(str, [name, *(s[column] for column in columns), *scored]))} |"


def summary(kind: str, counts: Counts) -> str:
    """A line of a table with `COLUMNS`."""
    right, wrong, missed = counts
    precision, recall = right / max(right + wrong, 1), right / max(right + missed, 1)
    return f"| {kind} | {right} | {wrong} | {missed} | {precision:.2f} | {recall:.2f} | {f1(counts):.2f} |"


def added(one: Counts, other: Counts) -> Counts:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def f1(counts: Counts) -> float:
    right, wrong, missed = counts
    return 2 * right / max(2 * right + wrong + missed, 1)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.accuracy FOLDER")
    main(Path(sys.argv[1]))
