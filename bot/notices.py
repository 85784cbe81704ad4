"""What an admin should mend: told once, in private, with the fix."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from bot import looks
from bot.errors import ChatError
from bot.events import ChannelLost
from bot.insight.alarms import Alarms
from bot.markup import Markup, channel
from bot.model import Community, Delivery, DeliveryKind, Place
from bot.ports import TRIAL
from bot.post import Post
from bot.settings import Mode, Settings
from bot.texts import Texts, later

LOOK_BACK = timedelta(days=30)
"""How long what the team said of mentions counts for a suggestion."""

LOST = later("Let me into it again, or name another channel in the configuration.")
"""What helps against most losses of a channel."""

CHECK = f"{TRIAL}/check"
"""A disabled channel of that name says that an admin was told what the daily check found."""


def refusal(delivery: Delivery, error: ChatError, settings: Settings, now: datetime) -> list[Delivery]:
    """A notice for each admin that a place is closed to us; none about a notice itself, which would go on for ever."""
    if delivery.kind is DeliveryKind.NOTICE:
        return []
    place, once = delivery.place, f"/{delivery.key}"
    return _to_admins("refused", place, error.reason, settings, now, words=error.words, fix=error.fix, once=once)


def lost(event: ChannelLost, settings: Settings) -> list[Delivery]:
    """A notice for each admin that a watched channel or a target cannot be used any more."""
    fix, once = event.fix or LOST, f"/{event.at:%Y-%m-%d}"
    return _to_admins("lost", event.place, event.reason, settings, event.at, words=event.words, fix=fix, once=once)


def found(place: Place, settings: Settings, now: datetime) -> list[Delivery]:
    """A notice for each admin that a channel which had been closed to us can be used again."""
    return _to_admins("found", place, "", settings, now, once=f"/{now.isoformat()}")


def writable(place: Place, settings: Settings, now: datetime) -> list[Delivery]:
    """A notice for each admin that a channel in which we could not write takes what we say again."""
    return _to_admins("writable", place, "", settings, now, once=f"/{now.isoformat()}")


def let_in(community: Community, settings: Settings, now: datetime) -> list[Delivery]:
    """A notice for each admin that a community which had refused us altogether takes us again."""
    return _to_admins("let-in", Place(community, ""), "", settings, now, once=f"/{now.isoformat()}")


def checked(community: Community, settings: Settings, now: datetime, *, well: bool) -> list[Delivery]:
    """A notice for each admin of what the daily check finds wrong when it is told, or that nothing is any more."""
    return _to_admins("well" if well else "check", Place(community, ""), "", settings, now, once=f"/{now.isoformat()}")


def unreadable(place: Place, error: ChatError, settings: Settings, now: datetime) -> list[Delivery]:
    """A notice for each admin, once, that what was said in a watched channel while we were away cannot be read."""
    return _to_admins("unread", place, error.reason, settings, now, words=error.words, fix=error.fix)


def needless(community: Community, found: Alarms, settings: Settings, now: datetime) -> list[Delivery]:
    """A suggestion to each admin, once a month, when a rule does badly in a channel and a setting would help."""
    remedy = _remedy(found, settings)
    if not found.badly or not remedy:
        return []
    place, once = Place(community, found.channel), f"/{found.rule}/{now:%Y-%m}"
    figures: dict[str, str | int] = {"rule": found.rule, "false": found.false, "judged": found.judged}
    return _to_admins("needless", place, "", settings, now, fix=remedy, once=once, figures=figures)


def _remedy(found: Alarms, settings: Settings) -> str:
    """The setting that may help, while it is not made yet; empty when there is none."""
    match found.rule, settings.mentions.watch.get(found.channel):
        case "conversation", Mode.EVERYTHING:
            return later("With the mode “questions” for this channel, such messages would no longer open a mention.")
        case "question" | "help", Mode.QUESTIONS | Mode.EVERYTHING:
            return later("With the mode “pings” for this channel, only those who call the team would open a mention.")
        case "keyword", _ if settings.mentions.keywords:
            return later("Perhaps one of the words in “keywords” is too common.")
        case "ping-role", _ if settings.team.roles:
            return later("Perhaps one of the team’s roles is called for other things too.")
    return ""


def _to_admins(
    notice: str,
    place: Place,
    reason: str,
    settings: Settings,
    now: datetime,
    *,
    words: str = "",
    fix: str = "",
    once: str = "",
    figures: Mapping[str, str | int] = MappingProxyType({}),
) -> list[Delivery]:
    """One for each admin, in private; `once` ends the key under which it is told once and never again."""
    subject = {"notice": notice, "channel": place.channel, "reason": reason, "words": words, "fix": fix, **figures}
    return [
        Delivery(
            key=f"notice/{notice}/{place.channel}/{admin}{once}",
            kind=DeliveryKind.NOTICE,
            place=Place(place.community, f"@{admin}"),
            subject=subject,
            due_at=now,
            created_at=now,
        )
        for admin in settings.team.admins
    ]


def notice_post(delivery: Delivery, texts: Texts) -> Post:
    """The words of a notice."""
    subject = delivery.subject
    where = str(subject["channel"])
    name = Markup("{name}").format(name=where) if where.startswith("@") else channel(where)
    reason = _reason(str(subject["reason"]), str(subject.get("words", "")), texts)
    told = str(subject.get("fix", ""))
    fix = texts.rich(told) if told else Markup("")
    if subject["notice"] == "found":
        body = texts.rich("I can use {channel} again. What was said there meanwhile I am reading now.", channel=name)
        return Post(title=texts.t("A channel is back"), body=body)
    if subject["notice"] == "writable":
        body = texts.rich("I can post in {channel} again, and go on from here.", channel=name)
        return Post(title=texts.t("I can post again"), body=body)
    if subject["notice"] == "let-in":
        body = texts.rich(
            "For a while everything I did here was refused. It works again: what still mattered is said by now, or "
            "about to be."
        )
        return Post(title=texts.t("I am back"), body=body)
    if subject["notice"] == "well":
        body = texts.rich("Whatever I told you to mend is mended. Thank you.")
        return Post(title=texts.t("Everything is set up well again"), body=body)
    if subject["notice"] == "lost":
        body = texts.rich(
            "I can no longer read {channel} ({id} in the configuration): {reason}. I stopped watching it.",
            channel=name,  # of one that was deleted, the platform shows no name any more
            id=where,
            reason=reason,
        )
        return Post(title=texts.t("A channel was lost"), body=body, context=fix)
    if subject["notice"] == "unread":
        body = texts.rich(
            "I cannot read what was said in {channel} while I was away: {reason}. The rest goes on.",
            channel=name,
            reason=reason,
        )
        return Post(title=texts.t("I cannot read a channel"), body=body, context=fix)
    if subject["notice"] == "needless":
        body = texts.rich(
            "In {channel}, {judged} mentions of the last {days} days opened because somebody {rule}. Of {false} you "
            "said that they were none.",
            channel=name,
            judged=texts.number(int(str(subject["judged"]))),
            days=texts.number(LOOK_BACK.days),
            rule=texts.t(looks.RULES[str(subject["rule"])]),
            false=texts.number(int(str(subject["false"]))),
        )
        return Post(title=texts.t("Many false alarms"), body=body, context=fix)
    body = texts.rich(
        "I may not write in {channel}: {reason}. I will not try there again until that is mended; the rest goes on.",
        channel=name,
        reason=reason,
    )
    return Post(title=texts.t("I cannot post in a channel"), body=body, context=fix)


def _reason(code: str, words: str, texts: Texts) -> str:
    """Why, for somebody who does not know the platform's codes, and for one who looks them up."""
    if not words:
        return code or texts.t("no reason given")
    return f"{texts.t(words)} ({code})" if code.isdigit() else texts.t(words)
