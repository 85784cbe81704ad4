"""What `/mentions` shows: who waits, why, and how fast people are answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import looks
from bot.insight.alarms import Alarms, alarms
from bot.insight.figures import Figures, Spread, figures
from bot.markup import Markup, bullets, channel, escape, link
from bot.model import Decision, DeliveryState, Mention, MessageRef, Verdict, Wait
from bot.ports import Transaction
from bot.post import Button, Field, Post
from bot.steps import nudge_of
from bot.subjects import helper_of, subjects_of
from bot.texts import Texts, later

if TYPE_CHECKING:
    from bot.app import Bot
    from bot.watch import Watch

PAGE = 8
"""Mentions on one page of the list: with their buttons, more would not fit a Slack message of 50 blocks."""

NEEDLESS = 5
"""Channels and rules told with their share of false alarms: those with the most."""

VERDICTS = {
    Verdict.OPENED: later("opened: {why}"),
    Verdict.HELD: later("somebody of the community replied: the clock is held"),
    Verdict.CLAIMED: later("claimed by the team"),
    Verdict.RELEASED: later("the claim ended without an answer"),
    Verdict.SNOOZED: later("snoozed by the team"),
    Verdict.WOKEN: later("woken"),
    Verdict.NUDGED: later("the team was nudged"),
    Verdict.ANSWERED: later("closed: {why}"),
    Verdict.DISMISSED: later("closed: {why}"),
    Verdict.GONE: later("closed: {why}"),
}


async def waiting_post(bot: Bot, watch: Watch, speak: Texts, offset: int = 0) -> Post:
    """A page of the mentions that wait, oldest first, each with its age, link and buttons."""
    most = offset + PAGE + 1
    async with bot.store.begin() as tx:
        waiting = await tx.waiting(watch.community, most)
    if not waiting:
        return Post(speak.t("Nobody is waiting"), speak.rich("Every mention has been taken care of. Well done."))
    offset = min(offset, (len(waiting) - 1) // PAGE * PAGE)
    page = waiting[offset : offset + PAGE]
    subjects = await subjects_of(page, watch)
    now = bot.clock.now()
    items = tuple(looks.list_item(s, watch.settings, speak, now, with_buttons=True, page=offset) for s in subjects)
    buttons = []
    if offset:
        buttons.append(Button(speak.t("Previous"), "mentions.page", str(max(0, offset - PAGE))))
    if offset + PAGE < len(waiting):
        buttons.append(Button(speak.t("Next"), "mentions.page", str(offset + PAGE)))
    # Thousands may wait, and each would have to be read: how many is known from memory.
    number = len(waiting) if len(waiting) < most else max(_number_of(watch), len(waiting))
    title = speak.plural("{n} person is waiting for an answer", "{n} people are waiting for an answer", number)
    return Post(title, items=items, buttons=tuple(buttons))


def _number_of(watch: Watch) -> int:
    """How many wait."""
    return sum(len(room.waiting) for room in watch.rooms.values())


async def why_post(bot: Bot, watch: Watch, speak: Texts, address: str) -> Post:
    """The history of the mention to which a message belongs: what was decided when, and by which rule."""
    ref = watch.chat.ref(watch.community, address) if address else None
    if ref is None:
        how = speak.rich("/{name} why LINK, with the link of a message from this community", name=bot.names.mentions)
        return Post(speak.t("Which message?"), how)
    async with bot.store.begin() as tx:
        mention = await tx.mention_of(ref)
        decisions = await tx.decisions(mention.id) if mention else []
        nudges = [await _nudge_of(decision, tx) for decision in decisions]
    if mention is None:
        return Post(speak.t("No mention"), _never(ref, watch, speak))
    now = bot.clock.now()
    lines = [
        _told(decision, nudge, mention, watch, bot, speak) for decision, nudge in zip(decisions, nudges, strict=True)
    ]
    return Post(
        speak.t("Why"),
        bullets(lines),
        context=looks.standing(mention, watch.settings, speak, now, helper_of(mention, watch)),
    )


NUDGES = {
    DeliveryState.PENDING: later("the team is about to be nudged"),
    DeliveryState.SENDING: later("the team is about to be nudged"),
    DeliveryState.CANCELLED: later("a nudge was due, but no longer needed"),
    DeliveryState.FAILED: later("a nudge was due, but could not be posted"),
}
"""What is told of a nudge that was decided, where it was not simply said."""


async def stats_post(bot: Bot, watch: Watch, speak: Texts, periods: Sequence[int] = (7, 30)) -> Post:
    """How many wait, and how fast people were answered in each of the last so many days."""
    now = bot.clock.now()
    async with bot.store.begin() as tx:
        waits = await tx.waits(watch.community, now - timedelta(days=max(periods)))
        states = await tx.mention_states([watch.community])
    waiting = sum(number for state, number in states.items() if state.waits)
    ladder = watch.settings.mentions.ladder
    in_time = ladder[0].after if ladder else timedelta(minutes=30)
    fields = [Field(speak.t("Waiting now"), escape(speak.number(waiting)))]
    hours = watch.settings.hours

    def late(wait: Wait) -> bool:  # whoever is claimed or snoozed waits all the same
        return hours.between(wait.opened_at, now) > in_time

    for days in periods:
        period = figures(waits, now - timedelta(days=days), in_time, late)
        fields.append(
            Field(speak.plural("Last {n} day", "Last {n} days", days), _period(period, in_time, speak)),
        )
    needless = alarms(waits, now - timedelta(days=max(periods)))
    if needless:
        lines = [_needless(found, speak) for found in needless[:NEEDLESS]]
        fields.append(
            Field(speak.plural("False alarms, last {n} day", "False alarms, last {n} days", max(periods)), _list(lines))
        )
    return Post(speak.t("How people are answered"), fields=tuple(fields))


def _needless(found: Alarms, speak: Texts) -> Markup:
    return speak.rich(
        "{channel}, whoever {rule}: {false} of {judged} ({share})",
        channel=channel(found.channel),
        rule=speak.t(looks.RULES[found.rule]),
        false=speak.number(found.false),
        judged=speak.number(found.judged),
        share=speak.percent(found.rate),
    )


def _list(lines: Sequence[Markup]) -> Markup:
    """A list, unless there is but one line."""
    return lines[0] if len(lines) == 1 else bullets(lines)


def _never(ref: MessageRef, watch: Watch, speak: Texts) -> Markup:
    mode = watch.settings.mentions.watch.get(ref.place.channel)
    where = channel(ref.place.channel)
    if mode is None:
        return speak.rich("I do not watch {channel}.", channel=where)
    modes = {
        "pings": speak.t("messages that call the team"),
        "questions": speak.t("messages that call the team, questions and calls for help"),
        "everything": speak.t("every conversation that somebody outside the team opens"),
    }
    return speak.rich(
        "This message opened none. In {channel} I look for {mode}; never for thanks, greetings, bots or the team.",
        channel=where,
        mode=modes[mode],
    )


async def _nudge_of(decision: Decision, tx: Transaction) -> DeliveryState | None:
    """What became of the nudge that was decided; None where that is known no more, and of any other decision."""
    number = decision.rule.removeprefix("step-")
    if decision.verdict is not Verdict.NUDGED or not number.isdecimal():
        return None
    nudge = await nudge_of(tx, decision.mention, int(number) - 1)
    return nudge.state if nudge is not None else None


def _told(
    decision: Decision, nudge: DeliveryState | None, mention: Mention, watch: Watch, bot: Bot, speak: Texts
) -> Markup:
    when = speak.when(decision.at, watch.settings.zone, bot.clock.now())
    rule = {**looks.CLOSINGS, **looks.RULES, **looks.AGAIN}.get(decision.rule)
    verdict = NUDGES.get(nudge) if nudge is not None else None
    what = speak.rich(verdict or VERDICTS[decision.verdict], why=speak.t(rule) if rule else decision.rule)
    line = Markup("{when} {what}").format(when=when, what=what)
    if decision.reasons:
        reasons = ", ".join(_reason(reason, speak) for reason in decision.reasons)
        line = Markup("{line} ({reasons})").format(line=line, reasons=reasons)
    if decision.message and decision.message != mention.ref.id:
        address = watch.chat.link(MessageRef(mention.place, decision.message))
        if address:
            line = Markup("{line} ({link})").format(line=line, link=link(speak.t("open"), address))
    return line


def _reason(reason: str, speak: Texts) -> str:
    kind, _, what = reason.partition(" ")
    return speak.t(looks.REASONS[kind], what=what) if kind in looks.REASONS else reason


def _period(period: Figures, in_time: timedelta, speak: Texts) -> Markup:
    if not period.opened and not period.dismissed:
        return speak.rich("no mention")
    lines = [speak.rich_plural("{n} mention", "{n} mentions", period.opened)]
    if period.in_time is not None:
        share = speak.percent(period.in_time)
        lines.append(speak.rich("{share} answered within {limit}", share=share, limit=speak.duration(in_time)))
    if period.worked and period.wall:
        worked, wall = _spread(period.worked, speak.effort, speak), _spread(period.wall, speak.duration, speak)
        lines.append(speak.rich("first answer, working time: {spread}", spread=worked))
        lines.append(speak.rich("first answer, by the clock: {spread}", spread=wall))
    if period.dismissed:
        lines.append(
            speak.rich_plural("{n} was not a mention", "{n} were not mentions", period.dismissed),
        )
    return _list(lines)


def _spread(spread: Spread, write: Callable[[timedelta], str], speak: Texts) -> str:
    median, p90 = write(spread.median), write(spread.p90)
    return speak.t("median {median}, 9 in 10 within {p90}", median=median, p90=p90)
