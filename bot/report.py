"""What a backtest found, as JSON and as tables for a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.backtest import Nudged, Question, Tally, Waited
from bot.insight.figures import Spread
from bot.terminal import printable
from bot.texts import Texts, later, texts

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

RULES = {
    "ping-bot": later("calls on Vigie"),
    "ping-member": later("calls on a member of the team"),
    "ping-role": later("calls on the team"),
    "ping-reply": later("replies to the team"),
    "keyword": later("keywords"),
    "question": later("questions"),
    "help": later("calls for help"),
    "conversation": later("new conversations"),
}
"""Opening rules as things that can be counted."""

SHOWN_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class Source:
    """What was read: names of members and channels by id, and what was not as it should be.

    `strangers` are those of the team whom the export does not know. `problems` are the first few of `problem_count`.
    """

    names: Mapping[str, str]
    channels: Mapping[str, str]
    strangers: Sequence[str]
    problems: Sequence[str]
    problem_count: int


class Report:
    """The answer to a `Question`."""

    def __init__(self, question: Question, tally: Tally, nudges: Sequence[Nudged], source: Source) -> None:
        self.question = question
        self.tally = tally
        self.nudges = nudges
        self.source = source

    def as_json(self) -> str:
        """`{"nudges": [...], "summary": {...}}`; durations are in seconds, instants ISO in UTC."""
        nudges = [
            {"channel": n.channel, "ts": n.ts, "user": n.user, "rule": n.rule, "nudged_at": n.nudged_at.isoformat()}
            for n in self.nudges
        ]
        return json.dumps({"nudges": nudges, "summary": self.summary()}, indent=1)

    def summary(self) -> dict[str, Any]:
        """The figures, as JSON has them."""
        tally = self.tally
        worked, wall = tally.first_answers()
        return {
            "messages": tally.messages,
            "mentions": tally.opened,
            "by_rule": dict(sorted(tally.rules.items())),
            "in_time_within": tally.in_time.total_seconds(),
            "answered_in_time": tally.answered_in_time,
            "answered_late": tally.answered_late,
            "solved_by_asker": tally.solved_by_asker,
            "withdrawn": tally.gone,
            "never_answered": tally.never,
            "first_answer_working": _seconds(worked),
            "first_answer_wall": _seconds(wall),
            "nudges": len(self.nudges),
            "waited_longest": [
                {"channel": w.channel, "ts": w.ts, "user": w.user, "seconds": w.seconds, "answered": w.answered}
                for w in self._longest()
            ],
            "not_in_export": list(self.source.strangers),
            "problems": self.source.problem_count,
        }

    def show(self, console: Console | None = None, longest: int = 10) -> None:
        """Print the tables, in the question's language; `longest` of those who waited longest."""
        from rich.console import Console

        out = console or Console(highlight=False, emoji=False)
        speak = texts(self.question.language)
        out.print(self._outcomes(speak))
        if self.tally.longest:
            out.print(self._waits(speak, longest))
        for line in self._remarks(speak):
            out.print(_plain(line), style="dim", soft_wrap=True)  # so that a path can be copied

    def _outcomes(self, speak: Texts) -> Table:
        from rich.table import Table

        tally, limit = self.tally, speak.duration(self.tally.in_time)
        table = Table(title=speak.t("What Vigie would have seen"), show_header=False, title_justify="left", box=None)
        table.add_column(style="bold", justify="right", no_wrap=True)
        table.add_column()
        rows = [
            (tally.messages, speak.plural("message read", "messages read", tally.messages)),
            (tally.opened, _mentions(tally, speak)),
            (tally.answered_in_time, speak.t("answered within {limit}", limit=limit)),
            (tally.answered_late, speak.t("answered later")),
            (tally.never, speak.t("never answered")),
            (len(self.nudges), _nudges(len(self.nudges), speak)),
        ]
        rare = [(tally.solved_by_asker, speak.t("solved by the asker")), (tally.gone, speak.t("withdrawn"))]
        rows[4:4] = [row for row in rare if row[0]]
        for number, label in rows:
            table.add_row(speak.number(number), label)
        worked, wall = tally.first_answers()
        spreads = [(wall, speak.duration, speak.t("typical first answer, by the clock"))]
        if worked != wall:
            spreads.insert(0, (worked, speak.effort, speak.t("typical first answer, in working time")))
        for spread, write, label in spreads:
            if spread:
                said = speak.t("9 in 10 within {p90}", p90=write(spread.p90))
                table.add_row(write(spread.median), f"{label} ({said})")
        return table

    def _waits(self, speak: Texts, most: int) -> Table:
        from rich.table import Table

        write = speak.duration if self.question.around_the_clock else speak.effort
        table = Table(title=speak.t("Who waited longest"), title_justify="left", box=None, header_style="dim")
        table.add_column(speak.t("waited"), no_wrap=True)
        for heading in (speak.t("who"), speak.t("where")):
            table.add_column(heading, no_wrap=True, overflow="ellipsis")
        table.add_column(speak.t("since"), no_wrap=True)
        table.add_column(no_wrap=True)
        for waited in self._longest()[:most]:
            since = waited.opened_at.astimezone(self.question.zone)
            table.add_row(
                write(timedelta(seconds=waited.seconds)),
                _plain(self.source.names.get(waited.user, waited.user)),
                _plain(f"#{self.source.channels.get(waited.channel, waited.channel)}"),
                f"{since.date().isoformat()} {speak.clock(waited.opened_at, self.question.zone)}",
                "" if waited.answered else speak.t("never answered"),
            )
        return table

    def _longest(self) -> list[Waited]:
        return sorted(self.tally.longest, reverse=True)

    def _remarks(self, speak: Texts) -> list[str]:
        source = self.source
        remarks = []
        if source.strangers:
            listed = ", ".join(source.strangers)
            remarks.append(speak.t("Of the team, this export does not know: {listed}", listed=listed))
        if source.problem_count:
            n = source.problem_count
            remarks.append(speak.plural("{n} thing looked wrong:", "{n} things looked wrong:", n))
            remarks += source.problems[:SHOWN_PROBLEMS]
        return remarks


def _plain(text: str) -> Text:
    """What somebody wrote: nothing in it is markup, and nothing that a terminal would obey is left in it."""
    from rich.text import Text

    return Text(printable(text))


def _mentions(tally: Tally, speak: Texts) -> str:
    said = sorted(tally.rules.items(), key=lambda item: -item[1])
    counted = ", ".join(f"{speak.t(RULES[rule])} ({speak.number(n)})" for rule, n in said if rule in RULES)
    if not counted:
        return speak.plural("mention", "mentions", tally.opened)
    return speak.plural("mention: {rules}", "mentions: {rules}", tally.opened, rules=counted)


def _nudges(n: int, speak: Texts) -> str:
    return speak.plural("nudge that would have been sent", "nudges that would have been sent", n)


def _seconds(spread: Spread | None) -> dict[str, float] | None:
    if spread is None:
        return None
    return {"median": spread.median.total_seconds(), "p90": spread.p90.total_seconds()}
