"""What speaks for whom in a flat channel, and what the weights make of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talking import TEAM, Scene, ping, rules

from bot import looks
from bot.mentions import clues, weights
from bot.mentions.clues import awaiting, meant_for
from bot.mentions.people import AROUND
from bot.mentions.room import Heard, listen
from bot.settings import Mode


def heard(scene: Scene, who: str, text: str, after: float = 1) -> Heard:
    """What the room would hear if somebody said this now, without its being said."""
    message = replace(scene.message(who, text), at=scene.at.replace(second=scene.at.second + int(after)))
    return listen(message, TEAM, scene.room)


def test_every_clue_is_weighed_and_every_weight_is_of_a_clue() -> None:
    """A clue that nobody weighs says nothing, and a weight without its clue is dead."""
    source = Path(clues.__file__).read_text("utf-8")
    named = set(re.findall(r'"([a-z]+(?:-[a-z]+)*)"', source))
    assert named == set(weights.MEANT) | set(weights.AWAITS)


def test_every_clue_that_can_be_told_has_its_words() -> None:
    """`why` names the clues that spoke for an answer, or for a conversation that begins."""
    told = {clue for clue, weight in weights.MEANT.items() if weight > 0}
    told |= {clue for clue, weight in weights.AWAITS.items() if weight > 0}
    assert told - {"marked", "question-form", "help-form"} <= set(looks.REASONS)


def likeliest(scene: Scene, who: str, text: str) -> str | None:
    found = meant_for(heard(scene, who, text), scene.room)
    return max(found, key=lambda one: one.likely).person.last.author if found else None


def two_wait() -> Scene:
    scene = Scene()
    scene.say("ada", "the invoice export stops with a strange code, any idea?")
    scene.say("bob", "how do I print labels on the old printer?", after=0.2)
    return scene


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("the export needs the new invoice template", "ada"),
        ("choose another printer driver and print again", "bob"),
        ("sure, in the settings", "bob"),
    ],
)
def test_the_subject_tells_for_whom_it_is_and_else_who_spoke_last(text: str, whom: str) -> None:
    """Two people ask in the same minute: shared words tell whose answer it is."""
    assert likeliest(two_wait(), "malo", text) == whom


def test_an_answer_about_the_first_question_leaves_the_second() -> None:
    """The one answered is the one whose subject it is, and `why` can tell so."""
    scene = two_wait()
    (change,) = scene.say("malo", "the export needs the new invoice template", after=0.3)
    assert change.mention.asker == "ada"
    assert change.decision is not None
    assert change.decision.reasons[0] == "subjects"
    assert scene.askers() == ["bob"]


@pytest.mark.parametrize("answer", ["yes", "no", "oui", "non"])
def test_a_bare_yes_or_no_right_after_the_question_answers_it(answer: str) -> None:
    """*does it work with 8.10?* – *yes*."""
    scene = Scene()
    scene.say("ada", "does it work with the old version?")
    assert rules(scene.say("malo", answer)) == ["follows-on"]


def test_somebody_of_the_team_with_a_problem_of_their_own_answers_nobody() -> None:
    """Whoever is being helped by a colleague goes on with that."""
    scene = Scene()
    scene.say("ruth", "my own mail client cannot send anything since the move")
    scene.say("malo", "which server is in the settings?", ping("ruth"))
    scene.say("ada", "is there a way to merge two accounts?")
    assert scene.say("ruth", "but I have another provider and there my login works", after=0.5) == []
    assert scene.askers() == ["ada"]


def test_helping_somebody_of_the_team_awaits_nothing() -> None:
    """The team asks too, and whoever answers them is not waiting."""
    scene = Scene()
    scene.say("malo", "does anybody know a good scanner for receipts?")
    assert scene.say("ada", "the small one of the library works well", ping("malo")) == []


def test_a_statement_that_goes_on_is_no_call_for_help() -> None:
    """What has the form of a call for help in the midst of a conversation is usually a remark."""
    scene = Scene()
    scene.say("malo", "try the other cable", ping("ada"))
    assert scene.say("ada", "so it was broken after all, you said it") == []


def test_a_mark_alone_opens_nothing_unless_it_calls_the_team() -> None:
    """*??* after nothing; *@Malo ??* does call."""
    assert Scene().say("ada", "??") == []
    assert rules(Scene().say("ada", "??", ping("malo"))) == ["ping-member"]


def test_a_reminder_belongs_to_the_mention_whatever_the_silence() -> None:
    """*anyone?* and *nobody for my question?* ask nothing new, something else asked after ten minutes does."""
    scene = Scene()
    scene.say("ada", "how do I log in?")
    for reminder in ("anyone?", "personne pour ma question sur la connexion ?"):
        scene.say("ada", reminder, after=40)
        assert len(scene.waiting()) == 1
    scene.say("ada", "and where do the yearly invoices go?", after=12)
    assert len(scene.waiting()) == 2


WHO = st.sampled_from(["ada", "bob", "zoe", "eve", "tim", "pam", "sam", "malo", "ruth", "VIGIE"])
SAID = st.sampled_from(
    ["how do I log in?", "in the settings", "merci", "yes", "ok", "ada: look", "bob", "", "??", "l'export plante"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(WHO, SAID, st.sampled_from([0.1, 1, 6, 40])), max_size=25), st.sampled_from(list(Mode)))
def test_whatever_was_said_clues_are_few_known_and_never_of_the_author(
    said: list[tuple[str, str, float]], mode: Mode
) -> None:
    """At most five people who spoke lately, none of them twice, a bot or the author; each clue once, and weighed."""
    scene = Scene(mode)
    for who, text, after in said:
        scene.at = scene.at.replace(microsecond=0)
        message = scene.message(who, text)
        now = listen(message, TEAM, scene.room)
        found = meant_for(now, scene.room)
        people = [one.person.last.author for one in found]
        assert len(people) == len(set(people)) <= AROUND
        assert not {who, TEAM.me} & set(people)
        for one in found:
            assert len(one.clues) == len(set(one.clues))
            assert set(one.clues) <= set(weights.MEANT)
        assert set(awaiting(now, scene.room)) <= set(weights.AWAITS)
        scene.say(who, text, after=after)
