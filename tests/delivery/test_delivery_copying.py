"""A row that changes is copied as `dataclasses.replace` would, and never changed itself."""

from __future__ import annotations

import dataclasses

import pytest

from bot.copying import replace
from bot.model import Delivery, DeliveryKind, DeliveryState, Mention, MentionState, MessageRef, Place
from tests.fakes import COMMUNITY, MONDAY

PLACE = Place(COMMUNITY, "support")
MENTION = Mention("m1", MessageRef(PLACE, "1"), "U1", MONDAY, "question", since=MONDAY, latest="1", latest_at=MONDAY)
DELIVERY = Delivery("nudge/m1/0", DeliveryKind.NUDGE, PLACE, {"mention": "m1"}, MONDAY, created_at=MONDAY)


def test_a_copy_is_what_dataclasses_makes_of_it() -> None:
    """Both ways give equal rows, and the one that was copied stays as it was."""
    before = dataclasses.replace(MENTION)
    answered = replace(MENTION, state=MentionState.ANSWERED, closed_by="U2")
    assert answered == dataclasses.replace(MENTION, state=MentionState.ANSWERED, closed_by="U2")
    assert hash(answered) != hash(MENTION)
    assert before == MENTION
    sent = replace(DELIVERY, state=DeliveryState.SENT)
    assert sent == dataclasses.replace(DELIVERY, state=DeliveryState.SENT)
    assert replace(PLACE, thread="1") == Place(COMMUNITY, "support", "1")


def test_a_field_that_does_not_exist_is_refused() -> None:
    """A typing error in a field's name cannot pass unseen."""
    with pytest.raises(TypeError, match="stete"):
        replace(MENTION, stete=MentionState.OPEN)  # type: ignore[call-arg]


def test_a_copy_is_as_frozen_as_the_row() -> None:
    """Whoever holds a row can rely on it."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        replace(MENTION, step=1).step = 2  # type: ignore[misc]
