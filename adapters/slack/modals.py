"""Forms, and private replies where there is no channel to show them in, as Slack's modals. Pure.

https://docs.slack.dev/reference/views/modal-views
"""

from __future__ import annotations

from typing import Any

from adapters.slack.blocks import LABEL, plain
from adapters.slack.interactions import private_metadata
from adapters.slack.views import stacked
from bot.model import Place
from bot.post import Form, Input, InputKind, Post

TITLE, INPUT_LABEL, CALLBACK, TYPED = 24, 2000, 255, 3000
RADIOS, CHOICES = 10, 100
"""Options that radio buttons, or a menu, can have at most."""


def form_view(form: Form, place: Place) -> dict[str, Any]:
    """A form to fill in. `private_metadata` carries its id, its value and the place to where it will be sent off.

    The button that closes it is Slack's own, in the language of whoever looks.
    """
    return {
        "type": "modal",
        "callback_id": f"vigie:{form.id}"[:CALLBACK],
        "title": plain(form.title, TITLE),
        "submit": plain(form.submit, TITLE),
        "private_metadata": private_metadata(form.id, form.value, place),
        "blocks": [_input(one) for one in form.inputs],
    }


def post_view(post: Post, title: str) -> dict[str, Any]:
    """A private reply to whoever pressed a button of the home tab or used the app's own menu."""
    return {"type": "modal", "title": plain(title, TITLE), "blocks": stacked([post])}


def _input(one: Input) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": one.name,
        "label": plain(one.label, INPUT_LABEL),
        "optional": not one.required,
        "element": _choice(one) if one.kind is InputKind.CHOICE else _text(one),
    }


def _choice(one: Input) -> dict[str, Any]:
    """A few choices are all seen at once, many are a menu."""
    options = [{"text": plain(label, LABEL), "value": value} for value, label in one.choices[:CHOICES]]
    kind = "radio_buttons" if len(options) <= RADIOS else "static_select"
    chosen = [option for option in options if option["value"] == one.initial]
    return {"type": kind, "action_id": one.name, "options": options} | ({"initial_option": chosen[0]} if chosen else {})


def _text(one: Input) -> dict[str, Any]:
    typed: dict[str, Any] = {"type": "plain_text_input", "action_id": one.name, "max_length": TYPED}
    return typed | ({"initial_value": one.initial[:TYPED]} if one.initial else {})
