"""The town in which processes are killed: its ids, what was agreed with its people, and the file that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.fakes import MONDAY
from tests.faults.checker import Agreed, Daily, Rung, Span

SECONDS = (40, 80, 130)
"""The ladder of a story that is told while somebody waits for it."""

FILE = """
hours = ["mon-fri 09:00-09:03", "mon-fri 09:04-18:00"]

[team]
members = ["{lead}"]
roles = ["{staff}"]
admins = ["{admin}"]
lead = "{lead}"
on_duty = "{duty}"

[tips]
channel = "{tips}"
at = "09:01"

[mentions]
channel = "{mods}"
watch = {{ "{support}" = "questions" }}
"""
"""What was agreed in a story of minutes: a break of one minute, a tip a minute after the beginning."""

STEP = """
[[mentions.ladder]]
after = "{}s"
to = "{}"
"""


@dataclass(frozen=True)
class Town:
    """Its channels, people and roles, as the platform calls them. `private` is where the lead is told something."""

    support: str
    mods: str
    tips: str
    private: str
    staff: str
    duty: str
    lead: str
    admin: str

    def file(self) -> str:
        """The configuration, as TOML, but for the platform's own part."""
        steps = zip(SECONDS, ("channel", "on_duty", "lead"), strict=True)
        return FILE.format(**vars(self)) + "".join(STEP.format(*step) for step in steps)

    def agreed(self) -> Agreed:
        """The same for the checker."""
        places = (self.mods, self.mods, self.private)
        return Agreed(
            hours=[
                Span(MONDAY, MONDAY + timedelta(minutes=3)),
                Span(MONDAY + timedelta(minutes=4), MONDAY + timedelta(hours=9)),
            ],
            ladder=[Rung(timedelta(seconds=after), to) for after, to in zip(SECONDS, places, strict=True)],
            daily=Daily(self.tips, [MONDAY + timedelta(minutes=1)], timedelta(hours=2)),
            # After the last kill: a lease of 60 s, 30 s to settle, a few tries that back off.
            late=timedelta(seconds=150),
            # What was on its way when somebody answered. Real milliseconds are seconds of the story.
            slack=timedelta(seconds=20),
        )
