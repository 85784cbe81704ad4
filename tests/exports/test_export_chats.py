"""The chat that we ship, and real ones where they lie beside the repository."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import pytest

from adapters.exports import DEMO_TEAM, demo_export, open_export
from bot.events import MessagePosted
from bot.model import Message, MessageKind, PingKind

CHATS = Path(__file__).parents[2].parent / "shared" / "chats"
ZIPS = sorted(CHATS.glob("*.zip"))


@pytest.mark.skipif(not ZIPS, reason="no real chats beside the repository")
@pytest.mark.parametrize("path", ZIPS, ids=lambda path: path.stem)
def test_real_chats(path: Path) -> None:
    """Every message of a real export arrives exactly once, in order, without a problem."""
    with ZipFile(path) as archive:
        days = [name for name in archive.namelist() if "/" in name]
        expected = Counter(message["ts"] for name in days for message in json.loads(archive.read(name)))
    with open_export(path) as export:
        found = [event.message for event in export.events() if isinstance(event, MessagePosted)]
        assert export.problems == ()
    assert Counter(message.ref.id for message in found) == expected
    assert all(before.at <= after.at for before, after in pairwise(found))


@pytest.fixture(scope="module")
def demo() -> list[Message]:
    with open_export(demo_export()) as export:
        found = [event.message for event in export.events() if isinstance(event, MessagePosted)]
        assert export.problems == ()
        assert set(export.channels.values()) == {"general", "support"}
        assert set(DEMO_TEAM) < export.members.keys()
        assert len([member for member in export.members.values() if not member.bot]) == 11
    return found


def test_demo_is_a_week_end_of_a_community(demo: list[Message]) -> None:
    """About 120 messages from a Thursday to a Monday, by the team, members outside and one bot."""
    assert 110 <= len(demo) <= 130
    assert {message.at.date() for message in demo} == {date(2026, 9, day) for day in range(10, 15)}
    spoke = {message.author.id for message in demo if not message.author.bot}
    assert len(spoke - set(DEMO_TEAM)) == 8
    assert set(DEMO_TEAM) <= spoke
    assert any(message.author.bot and message.kind is MessageKind.NORMAL for message in demo)


def test_demo_has_what_happens_in_chats(demo: list[Message]) -> None:
    """Threads, notices, a file, reactions, and pings of a member, of several and of the team's group."""
    assert sum(message.ref.place.thread is not None for message in demo) > 20
    assert sum(message.kind is MessageKind.SYSTEM for message in demo) >= 4
    assert any(message.attachments for message in demo)
    assert {reaction.member for message in demo for reaction in message.reactions} & set(DEMO_TEAM)
    pinged = [{ping.id for ping in message.pings} for message in demo]
    assert any(len(ids & set(DEMO_TEAM)) == 2 for ids in pinged)
    assert any(ping.kind is PingKind.ROLE for message in demo for ping in message.pings)
    words = " ".join(message.text for message in demo)
    assert "never mind" in words
    assert "merci" in words


def test_demo_leaves_some_unanswered(demo: list[Message]) -> None:
    """Two calls on the team on the last day get no answer from it in their threads."""
    calls = [message for message in demo if "who merges" in message.text or "QR codes" in message.text]
    assert len(calls) == 2
    assert all(message.pings[0].leading for message in calls)
    assert not {message.ref.id for message in calls} & {message.ref.place.thread for message in demo}
