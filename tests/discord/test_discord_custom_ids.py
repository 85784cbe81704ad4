"""What a button needs is in the button."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.discord.custom_ids import LENGTH, CustomId, decode, encode
from bot.mentions.judge import mention_id
from bot.model import MessageRef, Place
from bot.shelf import Shelf
from tests.discord.speaking import COMMUNITY

LONGEST_GUILD = str((1 << 64) - 1)


def test_every_button_of_the_core_is_readable() -> None:
    """With the longest guild id there can be: mentions on any page, every tip and topic of the library."""
    library, mention = Shelf().library, mention_id(MessageRef(Place(COMMUNITY, "1"), "2"))
    verbs = ("claim", "release", "snooze", "done", "false", "reopen")
    buttons = [(f"mention.{verb}", f"{mention}/999999999") for verb in verbs]
    buttons += [(f"tip.{verb}", slug) for verb in ("useful", "another", "off", "share") for slug in library.tips]
    buttons += [("tip.topic", topic) for topic in library.topics]
    for action, value in buttons:
        assert encode(LONGEST_GUILD, action, value) == f"v1|{LONGEST_GUILD}|{action}|{value}"


@given(st.text("0123456789", max_size=20), st.text("abc.", max_size=20), st.text(max_size=200))
@example("", "aaaaa", "\x00")
@settings(max_examples=150, deadline=None)
def test_what_is_encoded_comes_back(guild: str, action: str, value: str) -> None:
    """Or cannot be encoded at all; never is anything cut."""
    custom_id = encode(guild, action, value)
    if custom_id is not None:
        assert len(custom_id) <= LENGTH
        assert decode(custom_id) == CustomId(guild, action, value)


def test_the_long_name_of_a_teams_own_tip_is_packed() -> None:
    """A tip's name is its file's, which can be longer than a custom id."""
    slug = "-".join(["how", "we", "welcome", "people"] * 6)
    custom_id = encode(LONGEST_GUILD, "tip.another", slug)
    assert custom_id is not None
    assert len(custom_id) <= LENGTH
    assert decode(custom_id) == CustomId(LONGEST_GUILD, "tip.another", slug)


def test_what_is_too_long_even_so_is_refused() -> None:
    """Rather than cut, which would act on something else."""
    assert encode(LONGEST_GUILD, "tip.another", "x" * 200) is None
    assert encode(LONGEST_GUILD, "tip.another", "é" * 100) is None


@pytest.mark.parametrize("foreign", [None, 7, "", "v1", "v1|1|2", "v2|abc", "v2|", "v3|1|2|3", "x" * 500, "v2|一"])
def test_what_is_not_ours_is_nothing(foreign: object) -> None:
    """Custom ids of other versions and of nobody."""
    assert decode(foreign) is None


@given(st.text(max_size=120))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_decoding_fail(text: str) -> None:
    """Whatever comes as a custom id, decoding says what it is or that it is nothing."""
    for custom_id in (text, f"v1|{text}", f"v2|{text}"):
        found = decode(custom_id)
        assert found is None or isinstance(found, CustomId)
