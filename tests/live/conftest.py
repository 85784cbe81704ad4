from __future__ import annotations

from tests.discord.conftest import wire

__all__ = ["wire"]
