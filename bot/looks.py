"""How the bot's posts look: pure functions from data to a Post, in the language given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.excerpt import shorten
from bot.markup import Markup, bold, channel, escape, link, plain, quote
from bot.model import Mention, MentionState, Ping
from bot.post import Button, Item, Post, Style
from bot.settings import Settings
from bot.texts import Texts, later
from bot.tips.library import Library, Tip

EXCERPT = 280
"""Characters of a message that a nudge shows: enough to see what it is about, on a phone without unfolding."""

NAME = 80
"""Characters of somebody's name that are shown."""

DIGEST_ITEMS = 15
"""Mentions that a digest shows one by one: a screenful; each costs the platform a look-up of its message."""

RULES = {
    "ping-bot": later("called Vigie"),
    "ping-member": later("called a member of the team"),
    "ping-role": later("called the team"),
    "ping-reply": later("replied to the team"),
    "keyword": later("used a word that you follow"),
    "question": later("asks a question"),
    "help": later("asks for help"),
    "conversation": later("began a conversation"),
    "tracked": later("awaits an answer, as the team says,"),
}
"""Opening rules in words, to follow a name: *Ada* asks a question."""

CLOSINGS = {
    "thread": later("answered in its thread"),
    "reply": later("answered by a reply"),
    "names-asker": later("answered by a message that names the asker"),
    "goes-on-talking": later("answered by somebody who was talking with the asker"),
    "follows-on": later("answered by the message that follows on from it"),
    "reaction": later("settled by a reaction of the team"),
    "asker-solved": later("the asker says that it is solved"),
    "asker-reaction": later("the asker marked it as solved"),
    "done": later("marked as done"),
    "not-a-mention": later("not a mention"),
    "not-a-mention:chat": later("not a mention: just chatting"),
    "not-a-mention:other": later("not a mention: meant for somebody else"),
    "not-a-mention:spam": later("not a mention: spam"),
    "not-a-mention:handled": later("not a mention: handled elsewhere"),
    "deleted": later("its message was deleted"),
    "edited-away": later("its message was edited and no longer calls anybody"),
    "channel-lost": later("its channel is closed"),
    "thread-lost": later("its thread is closed"),
    "outsider-thread": later("answered by the community in its thread"),
    "outsider-reply": later("answered by the community"),
    "outsider-names-asker": later("answered by the community"),
    "outsider-goes-on-talking": later("answered by the community"),
    "outsider-follows-on": later("answered by the community"),
}

AGAIN = {
    "still-waiting": later("the team says that the asker still waits"),
    "tracked-again": later("the team asked to keep an eye on it again"),
    "reaction-removed": later("the reaction that had settled it was taken back"),
    "channel-found": later("its channel is there again"),
}
"""Rules by which a mention that was closed waits again."""

REASONS = {
    "role": later("role {what}"),
    "member": later("member {what}"),
    "keyword": later("word “{what}”"),
    "reaction": later("reaction {what}"),
    "without": later("named without @"),
    "subject": later("the same subject"),
    "subjects": later("the same subject"),
    "spoke-last": later("they had spoken last"),
    "spoke-before": later("they had spoken just before"),
    "spoke-since": later("they had said something since"),
    "named-them": later("they had been named before"),
    "named-by-them": later("they had named who answered"),
    "asked-and-you": later("they had asked"),
    "verdict": later("a yes or a no"),
    "brief": later("a short reply"),
    "fresh": later("first words after a silence"),
    "fresh-trouble": later("tells of a problem"),
    "greets": later("begins with a greeting"),
    "long": later("tells much"),
}
"""What a rule went by, as its reason begins: `role R1`."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A mention with what can be told of it right now: who asked and what, and who helps, where that is still known."""

    mention: Mention
    asker: str = ""
    excerpt: str = ""
    link: str | None = None
    helper: str = ""


def tip_post(
    tip: Tip, library: Library, texts: Texts, *, title: str = "", note: Markup = Markup(""), private: bool = False
) -> Post:
    """A tip with its buttons; `note` is what the community's own figures say of it, when they say anything."""
    said = tip.text(texts.language)
    body = Markup("{body}\n\n{try_label} {try_today}").format(
        body=said.body, try_label=bold(texts.t("Try this today:")), try_today=said.try_today
    )
    if note:
        body = Markup("{body}\n\n{note}").format(body=body, note=note)
    topics = ", ".join(library.topics[topic].label(texts.language) for topic in tip.topics if topic in library.topics)
    about = (
        texts.rich("Tip {number} · {topics}", number=texts.number(tip.number), topics=topics)
        if tip.number
        else texts.rich("A tip of your own team · {topics}", topics=topics)
    )
    useful = Button(texts.t("Useful"), "tip.useful", tip.slug)
    no = Button(texts.t("Not for us"), "tip.off", tip.slug)
    another = Button(texts.t("Another one"), "tip.another", tip.slug)
    buttons = (useful, another) if private else (useful, no, another)
    heading = said.title if not title else f"{title} · {said.title}"
    return Post(title=heading, body=body, buttons=buttons, context=about)


def nudge_post(subject: Subject, settings: Settings, texts: Texts, now: datetime, pings: tuple[Ping, ...] = ()) -> Post:
    """The one living message about a mention, as its state is now."""
    mention = subject.mention
    lines = [_line(subject, texts)]
    if subject.excerpt:
        lines.append(quote(subject.excerpt))
    return Post(
        title=_title(subject, texts),
        body=Markup("\n").join(lines),
        buttons=mention_buttons(subject, texts),
        context=standing(mention, settings, texts, now, subject.helper),
        pings=pings,
    )


def reminder_post(subject: Subject, settings: Settings, texts: Texts, now: datetime, pings: tuple[Ping, ...]) -> Post:
    """A later step of the ladder, under the living nudge or in private."""
    waited = texts.effort(working(subject.mention, settings, now))
    title = (
        texts.t("{name} is still waiting", name=subject.asker)
        if subject.asker
        else texts.t("Somebody is still waiting")
    )
    lines = [_line(subject, texts), texts.rich("Nobody has answered for {waited} of working time.", waited=waited)]
    if subject.excerpt:
        lines.insert(1, quote(subject.excerpt))
    return Post(title=title, body=Markup("\n").join(lines), buttons=mention_buttons(subject, texts), pings=pings)


def digest_post(
    subjects: Sequence[Subject],
    waiting: int,
    hidden: int,
    settings: Settings,
    texts: Texts,
    now: datetime,
    command: str,
) -> Post:
    """Many at once, as after a weekend: one message, those who wait longest first; `hidden` more are only counted."""
    title = (
        texts.plural("{n} person is waiting for an answer", "{n} people are waiting for an answer", waiting)
        if waiting
        else texts.t("Everybody here has been taken care of")
    )
    items = tuple(list_item(subject, settings, texts, now, with_buttons=False) for subject in subjects)
    use = texts.rich("Use /{command} to claim, snooze or close them.", command=command)
    more = texts.rich_plural("And {n} more.", "And {n} more.", hidden) if hidden else Markup("")
    return Post(title=title, items=items, context=Markup(" ").join(part for part in (more, use) if part))


def list_item(
    subject: Subject, settings: Settings, texts: Texts, now: datetime, *, with_buttons: bool, page: int = 0
) -> Item:
    """One mention in a list: what, where, for how long; its buttons bring back that page of the list."""
    mention = subject.mention
    head = _line(subject, texts)
    if subject.excerpt:
        head = Markup("{head}\n{excerpt}").format(head=head, excerpt=quote(shorten(subject.excerpt, 120)))
    body = Markup("{head}\n{standing}").format(
        head=head, standing=standing(mention, settings, texts, now, subject.helper)
    )
    if not with_buttons:
        return Item(body, _open_button(subject, texts))
    buttons = mention_buttons(subject, texts)
    return Item(body, tuple(replace(b, value=f"{b.value}/{page}") if b.action else b for b in buttons))


def mention_buttons(subject: Subject, texts: Texts) -> tuple[Button, ...]:
    """What can be done about a mention in its present state."""
    mention = subject.mention
    to = _open_button(subject, texts)
    if not mention.state.waits:
        if mention.state is MentionState.GONE:
            return to
        return (*to, Button(texts.t("Still waiting"), "mention.reopen", mention.id))
    claim = (
        Button(texts.t("Give back"), "mention.release", mention.id)
        if mention.state is MentionState.CLAIMED
        else Button(texts.t("Claim"), "mention.claim", mention.id, Style.PRIMARY)
    )
    return (
        *to,
        claim,
        Button(texts.t("Snooze"), "mention.snooze", mention.id),
        Button(texts.t("Done"), "mention.done", mention.id),
        Button(texts.t("Not a mention"), "mention.false", mention.id),
    )


def standing(mention: Mention, settings: Settings, texts: Texts, now: datetime, helper: str = "") -> Markup:
    """How a mention stands, in one line; `helper` is the name of whoever claimed or closed it, empty when unknown."""
    zone = settings.zone
    match mention.state:
        case MentionState.OPEN:
            waited, when = working(mention, settings, now), texts.when(mention.opened_at, zone, now)
            if waited < timedelta(minutes=1):
                return texts.rich("Waiting since {when}", when=when)
            return texts.rich(
                "Waiting for {waited} of working time, since {when}", waited=texts.effort(waited), when=when
            )
        case MentionState.CLAIMED if mention.until and helper:
            return texts.rich("{name} is on it until {when}", name=helper, when=texts.when(mention.until, zone, now))
        case MentionState.CLAIMED if mention.until:
            return texts.rich("Claimed until {when}", when=texts.when(mention.until, zone, now))
        case MentionState.SNOOZED if mention.until:
            return texts.rich("Snoozed until {when}", when=texts.when(mention.until, zone, now))
        case _:
            return closing(mention, settings, texts, now, helper)


def closing(mention: Mention, settings: Settings, texts: Texts, now: datetime, helper: str = "") -> Markup:
    """How and when a mention ended."""
    rule = CLOSINGS.get(mention.closing_rule or "", "")
    how = texts.t(rule) if rule else mention.closing_rule or ""
    when = texts.when(mention.closed_at, settings.zone, now) if mention.closed_at else ""
    if mention.state is MentionState.ANSWERED and mention.worked is not None:
        after = texts.effort(mention.worked)
        if helper:
            return texts.rich(
                "Answered by {name} ({when}), after {after} of working time: {how}",
                name=helper,
                when=when,
                after=after,
                how=how,
            )
        return texts.rich("Answered {when}, after {after} of working time: {how}", when=when, after=after, how=how)
    if helper:
        return texts.rich("Closed by {name} ({when}): {how}", name=helper, when=when, how=how)
    return texts.rich("Closed {when}: {how}", when=when, how=how)


def working(mention: Mention, settings: Settings, now: datetime) -> timedelta:
    """Working time since a mention opened."""
    return settings.hours.between(mention.opened_at, now)


def _title(subject: Subject, texts: Texts) -> str:
    name, mention = subject.asker, subject.mention
    if mention.state is MentionState.CLAIMED:
        return texts.t("{name} is being answered", name=name) if name else texts.t("Somebody is being answered")
    if mention.state is MentionState.ANSWERED:
        return texts.t("{name} was answered", name=name) if name else texts.t("Somebody was answered")
    if mention.state in (MentionState.DISMISSED, MentionState.GONE):
        return texts.t("Nothing to answer any more")
    return (
        texts.t("{name} is waiting for an answer", name=name) if name else texts.t("Somebody is waiting for an answer")
    )


def _line(subject: Subject, texts: Texts) -> Markup:
    """Who, what and where, in one sentence: Ada asks a question in #support."""
    mention = subject.mention
    rule = texts.t(RULES.get(mention.rule, RULES["conversation"]))
    where = channel(mention.place.channel)
    place = (
        Markup("{where} ({link})").format(where=where, link=link(texts.t("open"), subject.link))
        if subject.link
        else where
    )
    who = bold(subject.asker) if subject.asker else escape(texts.t("Somebody"))
    return texts.rich("{who} {rule} in {place}", who=who, rule=rule, place=place)


def _open_button(subject: Subject, texts: Texts) -> tuple[Button, ...]:
    return (Button(texts.t("Open"), url=subject.link),) if subject.link else ()


def as_text(post: Post) -> str:
    """A post as plain text: for a terminal, a log of a demonstration, a notification."""
    parts = [post.title, plain(post.body)]
    parts += [f"{field.name}: {plain(field.value)}" for field in post.fields]
    for item in post.items:
        parts.append("\n".join(f"  {line}" for line in plain(item.body).splitlines()))
        if item.buttons:
            parts.append("  " + " ".join(f"[{button.label}]" for button in item.buttons))
    parts.append(plain(post.context))
    if post.buttons:
        parts.append(" ".join(f"[{button.label}]" for button in post.buttons))
    return "\n".join(part for part in parts if part)
