"""The core's posts and messages as the page shows them. Pure: every text stays text, markup becomes spans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Literal

from babel.dates import format_datetime

from adapters.sandbox.emoji import shown
from adapters.sandbox.protocol import (
    ButtonView,
    ChannelView,
    ClockView,
    FieldView,
    FormView,
    InputView,
    ItemView,
    Line,
    MessageView,
    OptionView,
    Person,
    PostView,
    ReactionView,
    Span,
)
from adapters.sandbox.scene import ME, Scene
from adapters.sandbox.transcript import Entry, name_of
from bot.markup import Markup, parse
from bot.markup import Span as Part
from bot.mentions.worktime import NeverOpen
from bot.model import Member, Ping, PingKind
from bot.post import Button, Form, InputKind, Post
from bot.settings import Settings
from bot.texts import Texts


def lines(text: Markup) -> list[Line]:
    """No line at all for an empty text."""
    if not text:
        return []
    return [{"kind": line.kind.value, "spans": [_span(part) for part in line.spans]} for line in parse(text)]


def _span(part: Part) -> Span:
    span: Span = {"text": part.text}
    if part.bold:
        span["bold"] = True
    if part.url is not None:
        span["url"] = part.url
    if part.channel is not None:
        span["channel"] = part.channel
    return span


def post_view(post: Post, called: Callable[[Ping], str]) -> PostView:
    """`called` gives the name under which somebody who is pinged is shown."""
    return {
        "title": post.title,
        "body": lines(post.body),
        "fields": [FieldView(name=field.name, value=lines(field.value)) for field in post.fields],
        "items": [ItemView(body=lines(item.body), buttons=_buttons(item.buttons)) for item in post.items],
        "buttons": _buttons(post.buttons),
        "context": lines(post.context),
        "pings": [called(ping) for ping in post.pings],
    }


def _buttons(buttons: Sequence[Button]) -> list[ButtonView]:
    return [_button(button) for button in buttons]


def _button(button: Button) -> ButtonView:
    view: ButtonView = {
        "label": button.label,
        "action": button.action,
        "value": button.value,
        "style": button.style.value,
    }
    if button.url is not None:
        view["url"] = button.url
    return view


def form_view(form: Form) -> FormView:
    inputs = [
        InputView(
            name=field.name,
            label=field.label,
            kind="choice" if field.kind is InputKind.CHOICE else "text",
            choices=[OptionView(value=value, label=label) for value, label in field.choices],
            required=field.required,
            initial=field.initial,
        )
        for field in form.inputs
    ]
    return {"id": form.id, "title": form.title, "submit": form.submit, "inputs": inputs, "value": form.value}


def message_view(entry: Entry, scene: Scene, speak: Texts) -> MessageView:
    message = entry.message
    view: MessageView = {
        "id": entry.name,
        "channel": message.ref.place.channel,
        "thread": None if entry.alone or entry.thread is None else name_of(replace(entry.ref, id=entry.thread)),
        "author": message.author.id,
        "at": message.at.isoformat(),
        "local": short_time(message.at, scene.settings.zone, speak),
        "edited": entry.edited,
        "reactions": [
            ReactionView(emoji=emoji, shown=shown(emoji), members=list(who)) for emoji, who in entry.reactions.items()
        ],
        "replies": entry.replies,
    }
    if entry.post is not None:
        view["post"] = post_view(entry.post, lambda ping: ping_name(ping, scene))
    else:
        view["text"] = message.text or "📎" * min(message.attachments, 10)
    return view


def ping_name(ping: Ping, scene: Scene) -> str:
    """As people write it: @Malo, @moderators."""
    return f"@{scene.name(ping.id) if ping.kind is PingKind.MEMBER else ping.id}"


def short_time(at: datetime, zone: tzinfo, speak: Texts) -> str:
    """Fri 17:48."""
    return format_datetime(at, "EEE HH:mm", tzinfo=zone, locale=speak.language)


def clock_view(now: datetime, settings: Settings, speak: Texts, *, running: bool, speed: float) -> ClockView:
    working = settings.hours.is_open(now)
    return {
        "now": now.isoformat(),
        "local": long_time(now, settings.zone, speak),
        "working": working,
        "opens": None if working else _opens(now, settings, speak),
        "running": running,
        "speed": speed,
    }


def _opens(now: datetime, settings: Settings, speak: Texts) -> str | None:
    try:
        return long_time(settings.hours.next_open(now), settings.zone, speak)
    except NeverOpen:
        return None


def long_time(at: datetime, zone: tzinfo, speak: Texts) -> str:
    """Friday 11 September, 17:48."""
    return speak.t("{day}, {time}", day=speak.day(at.astimezone(zone).date()), time=speak.clock(at, zone))


def person_view(member: Member, scene: Scene, language: str) -> Person:
    kind = _kind(member, scene)
    return {"id": member.id, "name": member.name or member.id, "kind": kind, "locale": language}


def _kind(member: Member, scene: Scene) -> Literal["community", "team", "bot", "vigie"]:
    if member.id == ME:
        return "vigie"
    if member.bot:
        return "bot"
    return "team" if scene.team.has(scene.member(member.id)) else "community"


def channel_views(scene: Scene, speak: Texts) -> list[ChannelView]:
    return [
        {"id": channel.id, "name": channel.name, "topic": speak.t(channel.topic) if channel.topic else ""}
        for channel in scene.channels.values()
    ]
