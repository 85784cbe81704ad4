"""What the bot says of itself: what can be asked of it, and whether everything is set up well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.markup import Markup, bold, bullets
from bot.model import Finding, Severity
from bot.post import Post
from bot.texts import Texts

if TYPE_CHECKING:
    from bot.app import Bot

MARKS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.OK: "✅"}
"""Worst first, as they are listed."""


def help_post(bot: Bot, speak: Texts, *, team: bool) -> Post:
    """What can be asked of the bot, by everybody or also by the team."""
    lines = [
        speak.rich("/{name}: today’s tip", name=bot.names.tip),
        speak.rich(
            "/{name} engagement: the best advice on a topic, or on a question in your own words", name=bot.names.tip
        ),
        speak.rich("/{name}: what I keep about you, and how to delete it", name=bot.names.privacy),
    ]
    if team:
        lines += [
            speak.rich("/{name}: who is waiting for an answer from the team", name=bot.names.mentions),
            speak.rich("/{name} why LINK: why a message waits for an answer, or does not", name=bot.names.mentions),
            speak.rich("/{name} stats: how fast people get an answer", name=bot.names.mentions),
            speak.rich("/{name} off: the tips that were turned off, to put them back", name=bot.names.tip),
            speak.rich("/{name} check: whether everything is set up well", name=bot.names.vigie),
        ]
    intro = speak.rich(
        "I look out for the people of this community whom nobody has answered yet, and I know a few good tips."
    )
    privately = speak.rich("You can also write to me in private, without the slash.")
    body = Markup("{intro}\n{lines}").format(intro=intro, lines=bullets(lines))
    return Post(speak.t("What I can do"), body, context=privately)


def check_post(findings: Sequence[Finding], speak: Texts) -> Post:
    """What `Chat.check` found: what is wrong first, each with what to do about it."""
    worst = list(MARKS)
    ranked = sorted(findings, key=lambda finding: worst.index(finding.severity))
    wrong = sum(finding.severity is not Severity.OK for finding in findings)
    title = (
        speak.plural("{n} thing to look at", "{n} things to look at", wrong)
        if wrong
        else speak.t("Everything is set up well")
    )
    return Post(title, bullets(_found(finding) for finding in ranked))


def _found(finding: Finding) -> Markup:
    line = Markup("{mark} {subject} · {message}").format(
        mark=MARKS[finding.severity], subject=bold(finding.subject), message=finding.message
    )
    return Markup("{line} → {fix}").format(line=line, fix=finding.fix) if finding.fix else line
