"""The custom id of a component or a modal: whose it is, what it does, and for which guild. Pure."""

from __future__ import annotations

from typing import NamedTuple

LENGTH = 100
"""Characters: https://discord.com/developers/docs/components/reference#anatomy-of-a-component"""


class CustomId(NamedTuple):
    guild: str
    action: str
    value: str


def encode(guild: str, action: str, value: str) -> str:
    raise NotImplementedError


def decode(custom_id: object) -> CustomId | None:
    """None for what is not ours."""
    raise NotImplementedError
