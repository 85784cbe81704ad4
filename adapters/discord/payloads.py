"""Taking raw payloads for what they should be: whatever stands there, nothing here raises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
"""Of snowflakes: https://discord.com/developers/docs/reference#snowflakes"""

THREADS = (10, 11, 12)
"""Channels that are threads: https://docs.discord.com/developers/resources/channel#channel-object-channel-types"""

DIGITS = 20
"""Of the longest snowflake, which has 64 bits."""

_LISTS_OF_IDS = frozenset({"roles", "mention_roles", "ids", "channel_ids"})
_NONE: frozenset[str] = frozenset()


def as_dict(value: object) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """Without what a database cannot hold: NUL, and halves of surrogate pairs."""
    if not isinstance(value, str):
        return ""
    text = value.replace("\x00", "")
    return text if text.isascii() else text.encode(errors="replace").decode()


def as_id(value: object) -> str:
    """A snowflake; empty for anything else. Some libraries write them as numbers."""
    if isinstance(value, str):
        return value if len(value) <= DIGITS and value.isdigit() and value.isascii() else ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if 0 <= value < 1 << 64 else ""
    return ""


def as_ids(value: object) -> frozenset[str]:
    return frozenset([id_ for item in as_list(value) if (id_ := as_id(item))]) if value else _NONE


def parsed(answer: Any) -> Any:
    """An answer's JSON. The library leaves it as text when its type names a character set too, as Express writes it."""
    if not isinstance(answer, str) or not answer.startswith(("{", "[")):
        return answer
    try:
        return json.loads(answer)
    except ValueError:
        return answer


def text_ids(payload: Any) -> Any:
    """With every id as text, as Discord writes them; what comes from a server that writes numbers is made anew."""
    sample = payload[0] if isinstance(payload, list) and payload else payload
    if not isinstance(sample, dict):
        return payload
    if _writes_numbers(sample) or _writes_numbers(sample.get("user")):
        return _with_text_ids(payload)
    for value in sample.values():
        if value and isinstance(value, list) and _writes_numbers(value[0]):
            return _with_text_ids(payload)
    return payload


def _writes_numbers(sample: object) -> bool:
    """Whether one of the ids that tell how a server writes them is a number."""
    return isinstance(sample, dict) and (
        type(sample.get("id")) is int
        or type(sample.get("channel_id")) is int
        or type(sample.get("guild_id")) is int
        or type(sample.get("user_id")) is int
    )


def _with_text_ids(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        # The ids of components are numbers everywhere, and ours to choose.
        return {k: v if k == "components" else _with_text_ids(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_text_ids(item, "id" if key in _LISTS_OF_IDS else "") for item in value]
    return str(value) if type(value) is int and (key == "id" or key.endswith("_id")) else value


def as_int(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def instant(value: object) -> datetime | None:
    """An ISO 8601 timestamp with its offset, in UTC."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def created_at(snowflake: str) -> datetime:
    """When that id was given; the beginning of Discord's time for what is none."""
    if not as_id(snowflake):
        return EPOCH
    return EPOCH + timedelta(milliseconds=int(snowflake) >> 22)


def lowest_id(at: datetime) -> int:
    """Of all that could be given at that instant."""
    return max((at - EPOCH) // timedelta(milliseconds=1), 0) << 22
