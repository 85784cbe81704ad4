"""What a backtest found, as JSON and as tables for a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.backtest import Nudged, Question, Tally, Waited
from bot.insight.figures import Spread
from bot.looks import RULES
from bot.texts import Texts, texts

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


class Report:
    """The answer to a `Question`. `names` and `channels` are ids to names, `problems` what was skipped in reading."""

    def __init__(
        self,
        question: Question,
        tally: Tally,
        nudges: Sequence[Nudged],
        names: Mapping[str, str],
        channels: Mapping[str, str],
        problems: Sequence[str],
    ) -> None:
        self.question = question
        self.tally = tally
        self.nudges = nudges
        self.problems = problems
        self._names = names
        self._channels = channels

    def as_json(self) -> str:
        """`{"nudges": [...], "summary": {...}}`; durations are in seconds, instants ISO in UTC."""
        nudges = [
            {"channel": n.channel, "ts": n.ts, "user": n.user, "rule": n.rule, "nudged_at": n.nudged_at.isoformat()}
            for n in self.nudges
        ]
        return json.dumps({"nudges": nudges, "summary": self.summary()}, ensure_ascii=False, indent=1)

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
            "problems": len(self.problems),
        }

    def show(self, console: Console | None = None) -> None:
        """Print the tables, in the question's language."""
        from rich.console import Console

        out = console or Console()
        speak = texts(self.question.language)
        out.print(self._outcomes(speak))
        if self.tally.longest:
            out.print(self._waits(speak))
        if self.problems:
            skipped = speak.plural("{n} message was skipped:", "{n} messages were skipped:", len(self.problems))
            out.print("\n".join([skipped, *self.problems[:5]]), style="dim", markup=False)

    def _outcomes(self, speak: Texts) -> Table:
        from rich.table import Table

        tally, limit = self.tally, speak.duration(self.tally.in_time)
        table = Table(title=speak.t("What Vigie would have seen"), show_header=False, title_justify="left", box=None)
        table.add_column(style="bold", justify="right")
        table.add_column()
        rows = [
            (tally.messages, speak.t("messages read")),
            (tally.opened, speak.t("mentions: {rules}", rules=_rules(tally.rules, speak))),
            (tally.answered_in_time, speak.t("answered within {limit}", limit=limit)),
            (tally.answered_late, speak.t("answered later")),
            (tally.solved_by_asker, speak.t("solved by the asker")),
            (tally.gone, speak.t("withdrawn")),
            (tally.never, speak.t("never answered")),
            (len(self.nudges), speak.t("nudges that would have been sent")),
        ]
        for number, label in rows:
            table.add_row(speak.number(number), label)
        worked, wall = tally.first_answers()
        for spread, write, label in (
            (worked, speak.effort, speak.t("typical first answer, in working time")),
            (wall, speak.duration, speak.t("typical first answer, by the clock")),
        ):
            if spread:
                said = speak.t("9 in 10 within {p90}", p90=write(spread.p90))
                table.add_row(write(spread.median), f"{label} ({said})")
        return table

    def _waits(self, speak: Texts) -> Table:
        from rich.table import Table

        table = Table(title=speak.t("Who waited longest"), title_justify="left", box=None, header_style="dim")
        for heading in (speak.t("waited"), speak.t("who"), speak.t("where"), speak.t("since"), ""):
            table.add_column(heading)
        for waited in self._longest():
            table.add_row(
                speak.effort(timedelta(seconds=waited.seconds)),
                _plain(self._names.get(waited.user, waited.user)),
                _plain(f"#{self._channels.get(waited.channel, waited.channel)}"),
                self._since(waited, speak),
                "" if waited.answered else speak.t("never answered"),
            )
        return table

    def _longest(self) -> list[Waited]:
        return sorted(self.tally.longest, reverse=True)

    def _since(self, waited: Waited, speak: Texts) -> str:
        try:
            instant = datetime.fromtimestamp(float(waited.ts), UTC)
        except (ValueError, OverflowError, OSError):
            return waited.ts
        local = instant.astimezone(self.question.zone)
        if local.year > 2200:  # a Discord id is no timestamp
            return waited.ts
        return f"{local:%Y-%m-%d} {speak.clock(instant, self.question.zone)}"


def _plain(text: str) -> str:
    """A name without what a terminal would take for markup or obey as a control sequence."""
    from rich.markup import escape

    return escape("".join(char for char in text if char.isprintable()))


def _rules(rules: Mapping[str, int], speak: Texts) -> str:
    said = sorted(rules.items(), key=lambda item: -item[1])
    return ", ".join(f"{speak.t(RULES[rule])} {speak.number(n)}" for rule, n in said if rule in RULES)


def _seconds(spread: Spread | None) -> dict[str, float] | None:
    if spread is None:
        return None
    return {"median": spread.median.total_seconds(), "p90": spread.p90.total_seconds()}
