"""What the team says of needless alarms is counted, and a rule that does badly in a channel is told to the admin."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.insight.alarms import Alarms, alarms
from bot.markup import plain
from bot.model import MentionState, Wait
from bot.rounds import CHECK, Rounds
from bot.settings import Mode
from tests.app.village import SUPPORT, Village
from tests.fakes import MONDAY


def wait(state: MentionState, why: str = "", rule: str = "question", channel: str = "c", day: int = 0) -> Wait:
    return Wait(channel, rule, MONDAY + timedelta(days=day), state, 0, None, None, why)


ANSWERED = wait(MentionState.ANSWERED)
FALSE = wait(MentionState.DISMISSED, "not-a-mention:chat")


def test_what_counts_as_a_false_alarm() -> None:
    """Dismissed counts, unless handled elsewhere; who waits, whose message is gone, what was tracked do not."""
    told = [
        FALSE,
        wait(MentionState.DISMISSED, "not-a-mention"),
        wait(MentionState.DISMISSED, "not-a-mention:handled"),
        ANSWERED,
        wait(MentionState.OPEN),
        wait(MentionState.GONE),
        wait(MentionState.DISMISSED, "not-a-mention", rule="tracked"),
        wait(MentionState.DISMISSED, "not-a-mention", day=-1),
        wait(MentionState.DISMISSED, "not-a-mention", rule="help"),
        wait(MentionState.ANSWERED, channel="d"),
    ]
    assert alarms(told, MONDAY) == [Alarms("c", "question", 4, 2), Alarms("c", "help", 1, 1)]
    assert alarms(told, MONDAY)[0].rate == 0.5


@pytest.mark.parametrize(
    ("judged", "false", "badly"),
    [(4, 4, False), (5, 5, True), (8, 5, True), (10, 5, False), (20, 10, True), (100, 30, False), (100, 40, True)],
)
def test_a_rule_does_badly_only_beyond_doubt(judged: int, false: int, badly: bool) -> None:
    """Neither a few unlucky days nor a share that may be luck is a reason to change a setting."""
    assert Alarms("c", "question", judged, false).badly is badly


async def needless(village: Village, number: int) -> None:
    for guest in range(number):
        question = await village.asks(f"guest{guest}")
        await village.submit("tess", "mention.false", (await village.the_mention(question)).id, choice="chat")


def suggestions(village: Village) -> list[str]:
    return [
        f"{plain(post.body)} {plain(post.context)}"
        for post in village.said_in("D-adam")
        if post.title == "Many false alarms"
    ]


async def test_an_admin_is_told_once_what_setting_would_help(village: Village) -> None:
    """Once a month, across restarts; the words name channel, rule, figures and the setting."""
    await needless(village, 5)
    for _ in range(2):
        await Rounds(village.bot).once()
        await village.wait(CHECK)
        await village.restart()
    assert suggestions(village) == [
        (
            "In #support, 5 mentions of the last 30 days opened because somebody asks a question. Of 5 you said that "
            "they were none. "
            "With the mode “pings” for this channel, only those who call the team would open a mention."
        )
    ]


async def test_few_false_alarms_are_not_told(village: Village) -> None:
    """Four are no reason to change anything."""
    await needless(village, 4)
    await Rounds(village.bot).once()
    await village.wait(CHECK)
    assert suggestions(village) == []


async def test_a_setting_changed_already_is_not_suggested(village: Village) -> None:
    """Whoever went over to pings knows."""
    await needless(village, 6)
    rules = replace(village.settings.mentions, watch={SUPPORT: Mode.PINGS})
    village.settings = replace(village.settings, mentions=rules)
    await village.restart()
    await Rounds(village.bot).once()
    await village.wait(CHECK)
    assert suggestions(village) == []
