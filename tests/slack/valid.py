"""What Slack would refuse of our messages and views, by all that is known: limits, published schemas, slack_sdk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.slack.server import schemas
from tests.slack.server.journal import Call
from tests.slack.server.limits import complaints, view_complaints
from tests.slack.server.model import Json


def refused_blocks(text: str, blocks: list[Json], *, published: bool = True) -> list[str]:
    """Of a message. `published`: held against the schemas, too, which takes some time."""
    found = [*complaints(blocks, "message"), *_doubled(blocks), *_parsed(blocks)]
    if published and schemas.available():
        found += _problems("chat.postMessage", channel="C0123ABCD", text=text, blocks=blocks)
    return found if 0 < len(text) <= 4000 else [*found, f"{len(text)} characters of text"]


def refused_view(view: Json, *, published: bool = True) -> list[str]:
    """Of a modal or a home tab."""
    found = [*view_complaints(view, view["type"]), *_doubled(view["blocks"])]
    View(**view).validate_json()
    if published and schemas.available():
        if view["type"] == "home":
            found += _problems("views.publish", user_id="U0123ABCD", view=view)
        else:
            found += _problems("views.open", trigger_id="1.2.abc", view=view)
    return found


def _parsed(blocks: list[Json]) -> Iterator[str]:
    for block in blocks:
        known = Block.parse(block)
        if known is None:
            yield f"unknown block {block['type']}"
        else:
            known.validate_json()


def _problems(method: str, **args: Any) -> list[str]:
    return schemas.problems([Call(datetime.now(UTC), method, args, "xoxb-1", "T1")])


def _doubled(blocks: list[Json]) -> list[str]:
    ids = [element["action_id"] for element in _elements(blocks)]
    return [f"action_id {id_} twice" for id_ in set(ids) if ids.count(id_) > 1]


def _elements(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        inside = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
        yield from (element for element in inside if element and "action_id" in element)


def texts_of(value: Any) -> Iterator[tuple[str, str]]:
    """Every text object, by its type."""
    if isinstance(value, list):
        for item in value:
            yield from texts_of(item)
    elif isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "plain_text") and isinstance(value.get("text"), str):
            yield value["type"], value["text"]
        for item in value.values():
            yield from texts_of(item)


def called(text: str, blocks: list[Json]) -> set[str]:
    """Everybody whom a message calls, as Slack would find them: references in texts that are understood as markup."""
    understood = [text, *(shown for kind, shown in texts_of(blocks) if kind == "mrkdwn")]
    assert all(value is True for value in _verbatim(blocks)), "Slack would make links and names of plain words"
    return {found for one in understood for found in re.findall(r"<([@!][^>]*)>", one)}


def _verbatim(value: Any) -> Iterator[object]:
    if isinstance(value, list):
        for item in value:
            yield from _verbatim(item)
    elif isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value.get("verbatim")
        for item in value.values():
            yield from _verbatim(item)
