"""Reading what blocks say, as somebody who looks at the screen does."""

from __future__ import annotations

from typing import Any

from tests.slack.server.model import Json


def texts_of(blocks: list[Json]) -> str:
    """All that stands in blocks, for looking for words."""
    return "\n".join(_texts(blocks))


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        found = [value["text"]] if isinstance(value.get("text"), str) else []
        return found + [text for key, item in value.items() if key != "text" or not found for text in _texts(item)]
    return []


def labels(blocks: list[Json]) -> list[str]:
    """What stands on the buttons."""
    elements = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    return [element["text"]["text"] for element in elements if element["type"] == "button"]
