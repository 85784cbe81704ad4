"""A Form as a modal: the `data` of an interaction response of type 9 (MODAL). Pure."""

from __future__ import annotations

from typing import Any

from bot.model import Community
from bot.post import Form


def modal(form: Form, origin: Community) -> dict[str, Any]:
    raise NotImplementedError
