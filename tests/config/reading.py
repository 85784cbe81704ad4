"""The types of the fixtures `read` and `refused`."""

from __future__ import annotations

from collections.abc import Callable

from bot.config import Config

Read = Callable[..., Config]
Refused = Callable[..., str]
