"""Edits, deletions and reactions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from talking import Scene, member, ping, rules

from bot.mentions.judge import Change, mention_id
from bot.mentions.room import listen
from bot.model import MentionState, Message, Ping
from bot.settings import Mode

QUESTION = "how do I log in?"


def edit(scene: Scene, message: Message, text: str, *pings: Ping) -> list[Change]:
    changed = replace(message, text=text, pings=pings)
    changes = scene.judge.edit(changed, scene.at, listen(changed, scene.judge.team, scene.room), scene.room)
    scene.apply(changes)
    return changes


def test_an_edit_that_adds_a_ping_opens() -> None:
    """The team was called, only later; the clock starts at the edit."""
    scene = Scene(Mode.PINGS)
    scene.say("ada", "the labels are blank")
    message = scene.last
    scene.say("bob", "same here", after=10)
    (change,) = edit(scene, message, "@malo the labels are blank", ping("malo"))
    assert change.new
    assert change.mention.opened_at == scene.at


def test_an_edit_that_removes_the_ping_closes() -> None:
    """Nobody is called any more: the mention is gone, not answered."""
    scene = Scene(Mode.PINGS)
    scene.say("ada", "@malo the labels are blank", ping("malo"))
    (change,) = edit(scene, scene.last, "the labels are blank")
    assert change.mention.state is MentionState.GONE
    assert rules([change]) == ["edited-away"]


def test_an_edit_that_changes_nothing_of_the_call_changes_nothing() -> None:
    """A corrected typo neither opens nor closes, and a link unfurled is no edit at all."""
    scene = Scene()
    scene.say("ada", QUESTION)
    assert edit(scene, scene.last, "how do I log in now?") == []
    scene.say("malo", "with the green button")
    scene.say("ada", "we moved to the new version today", after=60)
    assert edit(scene, scene.last, "we moved to the new version, today") == []


def test_edits_by_the_team_and_bots_open_nothing() -> None:
    """As their messages do."""
    scene = Scene()
    scene.say("malo", "hello")
    assert edit(scene, scene.last, QUESTION, ping("ruth")) == []
    scene.say(member("forge", bot=True), "released")
    assert edit(scene, scene.last, QUESTION, ping("malo")) == []


def test_deleting_the_only_message_closes_and_deleting_one_of_several_does_not() -> None:
    """A mention lives as long as one of its messages."""
    scene = Scene()
    scene.say("ada", QUESTION)
    first = scene.last.ref
    scene.say("ada", "it is on the new laptop")
    second = scene.last.ref
    changes = scene.judge.delete(first, scene.at, scene.room)
    scene.apply(changes)
    (mention,) = scene.waiting()
    assert mention.ref.id == second.id
    assert mention.id == mention_id(first)
    (change,) = scene.judge.delete(second, scene.at, scene.room)
    assert change.mention.state is MentionState.GONE
    assert scene.judge.delete(first, scene.at, scene.room) == []


@pytest.mark.parametrize(
    ("who", "emoji", "expected"),
    [
        ("malo", "white_check_mark", ["reaction"]),
        ("malo", "✅", ["reaction"]),
        ("malo", "✔️", ["reaction"]),
        ("malo", "eyes", []),
        ("bob", "white_check_mark", []),
        ("ada", "white_check_mark", ["asker-reaction"]),
        ("ada", "heart", []),
    ],
)
def test_a_listed_reaction_of_the_team_answers_and_one_of_the_asker_says_solved(
    who: str, emoji: str, expected: list[str]
) -> None:
    """Nobody else's does, and no other reaction."""
    scene = Scene()
    scene.say("ada", QUESTION)
    assert rules(scene.judge.reaction(scene.last.ref, member(who), emoji, scene.at, scene.room)) == expected


def test_a_reaction_of_a_bot_or_on_another_message_changes_nothing() -> None:
    """Bots never answer, and what does not wait cannot be answered."""
    scene = Scene()
    scene.say("ada", QUESTION)
    asked = scene.last.ref
    bot = replace(member("malo"), bot=True)
    assert scene.judge.reaction(asked, bot, "white_check_mark", scene.at, scene.room) == []
    scene.say("bob", "hello there friends of mine")
    assert scene.judge.reaction(scene.last.ref, member("malo"), "white_check_mark", scene.at, scene.room) == []


def test_a_message_is_judged_as_it_last_read() -> None:
    """A question edited away and asked again opens again: the earlier wording does not count for ever."""
    scene = Scene()
    scene.say("ada", "how do I reset it?")
    message = scene.last
    assert rules(edit(scene, message, "I have it reset")) == ["edited-away"]
    scene.room.revise(listen(replace(message, text="I have it reset"), scene.judge.team, scene.room))
    assert rules(edit(scene, message, "how do I reset it?")) == ["question"]
