"""The limits of Block Kit that Slack enforces and JSON Schemas do not tell, from https://docs.slack.dev/reference/block-kit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.slack.server.model import Json

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
TEXT = 40_000

KNOWN = {
    "message": {"section", "context", "divider", "image", "actions", "header", "input", "rich_text", "markdown"},
    "modal": {"section", "context", "divider", "image", "actions", "header", "input", "rich_text"},
    "home": {"section", "context", "divider", "image", "actions", "header", "input", "rich_text"},
}


def complaints(blocks: Any, surface: str) -> list[str]:
    """What Slack would refuse, each with where it is; nothing when all is well."""
    if not isinstance(blocks, list):
        return ["[ERROR] must be an array of blocks [json-pointer:/blocks]"]
    most = MESSAGE_BLOCKS if surface == "message" else VIEW_BLOCKS
    found = [f"[ERROR] no more than {most} items allowed [json-pointer:/blocks]"] if len(blocks) > most else []
    ids: set[str] = set()
    for index, block in enumerate(blocks):
        found += [f"[ERROR] {problem} [json-pointer:/blocks/{index}]" for problem in _block(block, surface, ids)]
    return found


def _block(block: Any, surface: str, ids: set[str]) -> Iterator[str]:
    if not isinstance(block, dict) or block.get("type") not in KNOWN[surface]:
        yield f"unsupported type: {block.get('type') if isinstance(block, dict) else block!r}"
        return
    id_ = block.get("block_id")
    if id_ is not None:
        if id_ in ids:
            yield f"block_id already exists: {id_}"
        ids.add(id_)
        yield from _text_length(id_, 255, "block_id")
    kind = block["type"]
    if kind == "section":
        yield from _section(block)
    elif kind == "header":
        yield from _text(block.get("text"), 150, "header text", only="plain_text")
    elif kind == "context":
        yield from _count(block.get("elements"), 1, 10, "elements")
        for element in block.get("elements") or []:
            yield from _image(element) if element.get("type") == "image" else _text(element, 3000, "context text")
    elif kind == "actions":
        yield from _actions(block)
    elif kind == "image":
        yield from _image(block)
        if "title" in block:
            yield from _text(block["title"], 2000, "image title", only="plain_text")
    elif kind == "input":
        yield from _text(block.get("label"), 2000, "input label", only="plain_text")
        yield from _element(block.get("element") or {})


def _section(block: Json) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield "missing required field: text or fields"
    if "text" in block:
        yield from _text(block["text"], 3000, "section text")
    if "fields" in block:
        yield from _count(block["fields"], 1, 10, "fields")
        for one in block["fields"]:
            yield from _text(one, 2000, "field text")
    if "accessory" in block:
        yield from _element(block["accessory"])


def _actions(block: Json) -> Iterator[str]:
    elements = block.get("elements")
    yield from _count(elements, 1, 25, "elements")
    actions = [element.get("action_id") for element in elements or []]
    if len(set(actions)) != len(actions):
        yield "action_id must be unique within a block"
    for element in elements or []:
        yield from _element(element)


def _element(element: Json) -> Iterator[str]:
    kind = element.get("type")
    if not kind:
        yield "an element without a type"
    if "action_id" in element:
        yield from _text_length(element["action_id"], 255, "action_id")
    if "placeholder" in element:
        yield from _text(element["placeholder"], 150, "placeholder", only="plain_text")
    if kind == "button":
        yield from _button(element)
    elif kind == "image":
        yield from _image(element)
    elif kind in ("static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow"):
        yield from _choices(element)
    elif kind == "plain_text_input" and len(element.get("initial_value", "")) > element.get("max_length", 3000):
        yield "initial_value is too long"


def _button(element: Json) -> Iterator[str]:
    yield from _text(element.get("text"), 75, "button text", only="plain_text")
    if "value" in element:
        yield from _text_length(element["value"], 2000, "button value")
    if "url" in element:
        yield from _text_length(element["url"], 3000, "button url")
    if element.get("style") not in (None, "primary", "danger"):
        yield f"unknown style: {element['style']}"


def _choices(element: Json) -> Iterator[str]:
    kind, options = element["type"], element.get("options") or []
    most = {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}.get(kind, 100)
    yield from _count(options, 1, most, "options")
    for option in options:
        yield from _text(option.get("text"), 75, "option text")
        yield from _text_length(option.get("value"), 150, "option value")
    if "initial_option" in element and element["initial_option"] not in options:
        yield "initial_option is none of the options"


def _image(block: Json) -> Iterator[str]:
    if ("image_url" in block) == ("slack_file" in block):
        yield "image_url or slack_file, one of them, is required"
    yield from _text_length(block.get("alt_text"), 2000, "alt_text")
    if "image_url" in block:
        yield from _text_length(block["image_url"], 3000, "image_url")


def _text(text: Any, most: int, name: str, only: str | None = None) -> Iterator[str]:
    if not isinstance(text, dict) or text.get("type") not in ("plain_text", "mrkdwn"):
        yield f"{name} is not a text object"
        return
    if only and text["type"] != only:
        yield f"{name} must be {only}"
    unknown = text.keys() - (
        {"type", "text", "emoji"} if text["type"] == "plain_text" else {"type", "text", "verbatim"}
    )
    if unknown:
        yield f"{name} has unknown keys {sorted(unknown)}"
    yield from _text_length(text.get("text"), most, name)


def _text_length(text: Any, most: int, name: str) -> Iterator[str]:
    if not isinstance(text, str) or not 1 <= len(text) <= most:
        yield f"{name} must have 1 to {most} characters"


def _count(items: Any, least: int, most: int, name: str) -> Iterator[str]:
    if not isinstance(items, list) or not least <= len(items) <= most:
        yield f"{name} must have {least} to {most} items"


def view_complaints(view: Any, kind: str) -> list[str]:
    """The same for a modal or a home tab."""
    if not isinstance(view, dict) or view.get("type") != kind:
        return [f"[ERROR] view must be of type {kind} [json-pointer:/view/type]"]
    found = complaints(view.get("blocks"), kind)
    if kind == "modal":
        found += [f"[ERROR] {problem} [json-pointer:/view]" for problem in _modal(view)]
    for key, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if len(view.get(key, "")) > most:
            found.append(f"[ERROR] must be less than {most + 1} characters [json-pointer:/view/{key}]")
    return found


def _modal(view: Json) -> Iterator[str]:
    yield from _text(view.get("title"), 24, "title", only="plain_text")
    for key in ("submit", "close"):
        if key in view:
            yield from _text(view[key], 24, key, only="plain_text")
    if "submit" not in view and any(block.get("type") == "input" for block in view.get("blocks") or []):
        yield "submit is required when an input block is within blocks"
