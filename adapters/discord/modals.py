"""A Form as a modal: the `data` of an interaction response of type 9 (MODAL). Pure.

Each input stands in a label (type 18), which can hold a text input as well as a menu; discord.py knows them since 2.6.
The button that sends a modal is named by Discord, in the language of the person: a form's own word for it is not shown.
https://discord.com/developers/docs/components/reference#label
"""

from __future__ import annotations

from adapters.discord import custom_ids
from adapters.discord.parts import Body, fitted
from adapters.discord.text import size
from bot.errors import Rejected
from bot.excerpt import signs
from bot.model import Community
from bot.post import Form, Input, InputKind

TEXT_DISPLAY, LABEL, SELECT, TEXT_INPUT = 10, 18, 3, 4
SHORT = 1
"""A text input of one line."""

TITLE, NAME, DESCRIPTION, VALUE = 45, 45, 100, 4000
OPTIONS, OPTION = 25, 100
INPUTS = 5


def modal(form: Form, origin: Community) -> Body:
    """Raises: Rejected: a form that Discord cannot show, which is a bug of ours."""
    custom_id = custom_ids.encode(origin.id, form.id, form.value)
    if custom_id is None or len(form.inputs) > INPUTS:
        raise Rejected("the form is too large for Discord", reason="modal")
    inputs = [_input(field) for field in form.inputs]
    nothing = {"type": TEXT_DISPLAY, "content": fitted(form.title, NAME)}
    return {"custom_id": custom_id, "title": fitted(form.title, TITLE), "components": inputs or [nothing]}


def _input(field: Input) -> Body:
    label: Body = {"type": LABEL, "label": fitted(field.label, NAME)}
    if size(field.label) > NAME:
        label["description"] = fitted(field.label, DESCRIPTION)
    return {**label, "component": _choice(field) if field.kind is InputKind.CHOICE else _text(field)}


def _choice(field: Input) -> Body:
    if not 0 < len(field.choices) <= OPTIONS or any(not 0 < len(value) <= OPTION for value, _ in field.choices):
        raise Rejected("the choice is too large for Discord", reason="modal")
    options = [
        {"label": fitted(label, OPTION), "value": value, "default": value == field.initial}
        for value, label in field.choices
    ]
    return {"type": SELECT, "custom_id": field.name, "options": options, "required": field.required}


def _text(field: Input) -> Body:
    initial = ""
    for sign in signs(field.initial[:VALUE]):
        if size(initial + sign) > VALUE:
            break
        initial += sign
    value = {"value": initial} if initial else {}
    return {"type": TEXT_INPUT, "custom_id": field.name, "style": SHORT, "required": field.required, **value}
