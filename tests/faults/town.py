"""The workspace in which processes are killed: its people, what was agreed with them, and what its Slack recorded."""

from __future__ import annotations

import json
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from bot.mentions.worktime import WorkingHours
from bot.settings import MentionSettings, Mode, Settings, Step, Target, TeamSettings, TipSettings
from tests.fakes import MONDAY
from tests.faults.checker import Agreed, Daily, Rung, Span, Uttered
from tests.slack.scenarios.living import DUTY, MODS, STAFF, SUPPORT, TIPS
from tests.slack.server.journal import Journal

LEAD = "D0U0LEA"
TEAM = TeamSettings(
    members=frozenset({"U0LEA"}), roles=frozenset({STAFF}), admins=("U0ADAM",), lead="U0LEA", on_duty=DUTY
)

SECONDS = (40, 80, 130)
"""The ladder of a story that is told while somebody waits for it."""

SHORT = Settings(
    hours=WorkingHours.parse(["mon-fri 09:00-09:03, 09:04-18:00"], ZoneInfo("UTC")),
    team=TEAM,
    tips=TipSettings(channel=TIPS, at=time(9, 1)),
    mentions=MentionSettings(
        channel=MODS,
        watch={SUPPORT: Mode.QUESTIONS},
        ladder=tuple(
            Step(timedelta(seconds=after), to)
            for after, to in zip(SECONDS, (Target.CHANNEL, Target.ON_DUTY, Target.LEAD), strict=True)
        ),
    ),
)
"""What was agreed in a story of minutes: a break of one minute, a tip a minute after the beginning."""

AGREED = Agreed(
    hours=[
        Span(MONDAY, MONDAY + timedelta(minutes=3)),
        Span(MONDAY + timedelta(minutes=4), MONDAY + timedelta(hours=9)),
    ],
    ladder=[Rung(timedelta(seconds=after), to) for after, to in zip(SECONDS, (MODS, MODS, LEAD), strict=True)],
    daily=Daily(TIPS, [MONDAY + timedelta(minutes=1)], timedelta(hours=2)),
    # After the last kill: a lease of 60 s, 30 s to settle, a few tries that back off.
    late=timedelta(seconds=150),
    # What was on its way when somebody answered. Real milliseconds are seconds of the story.
    slack=timedelta(seconds=20),
)


def uttered(journal: Journal) -> list[Uttered]:
    """What everybody or somebody could read that nobody had asked for."""
    return [
        Uttered(one.at, one.channel, f"{one.text} {json.dumps(one.blocks)}", one.key)
        for one in journal.accepted
        if one.via == "chat.postMessage" and one.key
    ]
