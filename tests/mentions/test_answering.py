"""Which waiting mention a message answers, and which it does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talking import ALWAYS, Scene, member, ping, rules

from bot.model import MentionState, Message, MessageRef, Place, Verdict
from bot.settings import MentionSettings, Mode, Outsiders, Settings

QUESTION = "how do I log in?"


def asked(mode: Mode = Mode.QUESTIONS, **more: object) -> Scene:
    scene = Scene(mode, **more)  # type: ignore[arg-type]
    scene.say("ada", QUESTION)
    return scene


def test_a_team_message_in_the_thread_answers() -> None:
    """The platform says so itself: nothing is inferred, not even from thanks alone."""
    scene = asked()
    assert rules(scene.say("malo", "with the green button", thread="1")) == ["thread"]
    assert scene.waiting() == []


def test_a_reply_answers_exactly_what_it_replies_to() -> None:
    """With two people waiting, a reply to one leaves the other."""
    scene = asked()
    first = scene.last.ref.id
    scene.say("bob", "where is the export button?")
    assert rules(scene.say("malo", "with the green one", reply_to=first)) == ["reply"]
    assert scene.askers() == ["bob"]


def test_a_team_message_in_another_thread_answers_nobody_here() -> None:
    """What is said in a thread is said there."""
    scene = asked()
    assert scene.say("malo", "in the settings", thread="77") == []
    assert scene.askers() == ["ada"]


@pytest.mark.parametrize("text", ["with the green button", "Ada: with the green button", "ada, try again", "sorry Ada"])
def test_a_message_that_names_the_asker_answers_them(text: str) -> None:
    """By a ping, or by the name without @ as people write it."""
    scene = asked()
    scene.say("bob", "where is the export button?")
    pings = [] if "da" in text else [ping("ada")]
    assert rules(scene.say("malo", text, *pings)) == ["names-asker"]
    assert scene.askers() == ["bob"]


def test_several_who_are_named_are_answered_in_one_order() -> None:
    """The same history gives the same decisions, one by one, whatever process looks at it."""
    scene = asked()
    people = [f"person{number}" for number in range(12)]
    for person in people:
        scene.say(person, "how do I export my data?", after=1)
    answered = scene.say("malo", "all of you, with the green button", *map(ping, people), after=1)
    assert [change.mention.asker for change in answered] == sorted(people)


def test_another_mentions_answer_is_not_ours() -> None:
    """A team message that names somebody else closes nothing for those whom it does not name."""
    scene = asked()
    assert scene.say("malo", "done for you", ping("zoe")) == []
    scene.say("zoe", "great news for us all here")
    assert scene.say("malo", "Zoe: see the second page too") == []
    assert scene.askers() == ["ada"]


def test_a_message_right_after_the_question_answers_it() -> None:
    """In a flat channel, what follows on from a question answers it."""
    scene = asked()
    assert rules(scene.say("malo", "with the green button on the left")) == ["follows-on"]


def test_what_follows_on_later_than_ten_minutes_is_not_inferred() -> None:
    """A team message long after answers only if it says whom."""
    scene = asked()
    assert scene.say("malo", "the meeting is on Tuesday", after=11) == []


def test_going_on_talking_answers_the_one_talked_with() -> None:
    """Somebody of the team who speaks with Bob goes on answering Bob, not whoever asked in between."""
    scene = asked()
    scene.say("bob", "where is the export button?")
    scene.say("malo", "which page are you on?", ping("bob"))
    scene.say("zoe", "and how do I print labels?")
    assert scene.say("malo", "it is at the bottom of that page") == []
    assert scene.askers() == ["ada", "zoe"]


@pytest.mark.parametrize("text", ["lol", "👍", "thanks all", "good morning everyone"])
def test_small_talk_of_the_team_answers_nobody(text: str) -> None:
    """Thanks, greetings and emoji of the team close nothing in a flat channel."""
    scene = asked()
    assert scene.say("malo", text) == []


def test_a_question_of_the_teams_own_answers_nobody_unless_it_helps_along() -> None:
    """*Do I need…* is the team's own; *which version do you use?* follows up on the question."""
    assert asked().say("malo", "do I need to update my own laptop too?") == []
    assert rules(asked().say("malo", "which version do you use?")) == ["follows-on"]


@pytest.mark.parametrize("who", [member("forge", bot=True), member("bob")])
def test_bots_never_answer_and_outsiders_do_not_by_default(who: object) -> None:
    """Nor does anybody outside the team."""
    scene = asked()
    scene.say(who, "with the green button", thread="1")  # type: ignore[arg-type]
    scene.say(who, "with the green button", ping("ada"))  # type: ignore[arg-type]
    assert scene.askers() == ["ada"]


def test_the_asker_does_not_answer_themselves_but_may_say_that_it_is_solved() -> None:
    """Saying more is following up; *solved* closes; a check mark of their own does too."""
    scene = asked()
    assert rules(scene.say("ada", "I tried both passwords")) == []
    assert scene.askers() == ["ada"]
    (change,) = scene.say("ada", "never mind, found it")
    assert change.mention.state is MentionState.ANSWERED
    assert change.decision is not None
    assert change.decision.rule == "asker-solved"
    assert change.mention.worked is None


def test_an_outsiders_reply_holds_the_clock_where_that_is_chosen() -> None:
    """The clock stands still for the time chosen, and goes on by itself or with the asker's next word."""
    hold = Settings(hours=ALWAYS, mentions=MentionSettings(outsiders=Outsiders.HOLD))
    scene = asked(settings=hold)
    (before,) = scene.waiting()
    (change,) = scene.say("bob", "with the green button", ping("ada"), after=10)
    assert change.decision is not None
    assert change.decision.verdict is Verdict.HELD
    assert before.due_at is not None
    assert change.mention.due_at == before.due_at + hold.mentions.hold
    (woken,) = scene.say("ada", "that button is not there", after=5)
    assert woken.mention.due_at is not None
    assert (woken.mention.due_at - before.due_at).total_seconds() == 5 * 60


def test_an_outsiders_reply_counts_where_that_is_chosen() -> None:
    """Then it closes, by a rule that says who it was."""
    scene = asked(settings=Settings(hours=ALWAYS, mentions=MentionSettings(outsiders=Outsiders.COUNT)))
    assert rules(scene.say("bob", "with the green button", ping("ada"))) == ["outsider-names-asker"]


def test_an_answer_is_never_earlier_than_its_question() -> None:
    """A late, redelivered or reordered team message does not answer what was asked after it."""
    scene = asked()
    early = Message(
        MessageRef(Place(scene.last.ref.place.community, "support", "1"), "0"),
        member("malo"),
        scene.last.at.replace(year=2025),
        "in the settings",
    )
    from bot.mentions.room import listen

    heard = listen(early, scene.judge.team, scene.room)
    assert scene.judge.post(early, heard, scene.room) == []


def test_follow_ups_belong_to_the_mention_and_a_question_after_long_silence_is_another() -> None:
    """The same person in the same conversation is one mention; half an hour later, a new question is a new one."""
    scene = asked()
    scene.say("ada", "it is on the new laptop", after=5)
    scene.say("ada", "and on the old one as well?", after=5)
    assert len(scene.waiting()) == 1
    scene.say("ada", "where do I find the invoices?", after=45)
    assert len(scene.waiting()) == 2


SPEAKERS = st.sampled_from(["ada", "bob", "zoe", "malo", "ruth", "VIGIE"])
TEXTS = st.sampled_from(
    [QUESTION, "in the settings", "thanks", "never mind", "Ada: yes", "ok", "it fails again", "which version?", "bob"]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(SPEAKERS, TEXTS, st.sampled_from([None, "ada", "bob", "malo"]), st.sampled_from([None, "1", "3"])),
        max_size=30,
    ),
    st.sampled_from(list(Mode)),
    st.sampled_from(list(Outsiders)),
)
def test_whatever_is_said_a_mention_is_in_exactly_one_state(
    said: list[tuple[str, str, str | None, str | None]], mode: Mode, outsiders: Outsiders
) -> None:
    """A mention is waiting, or ended by one decision and never touched by a message again; the room agrees."""
    scene = Scene(mode, settings=Settings(hours=ALWAYS, mentions=MentionSettings(outsiders=outsiders)))
    ended: set[str] = set()
    opened: set[str] = set()
    for who, text, called, thread in said:
        for change in scene.say(who, text, *([ping(called)] if called else []), thread=thread):
            mention = change.mention
            assert change.new == (mention.id not in opened)
            assert mention.id not in ended
            opened.add(mention.id)
            if not mention.state.waits:
                ended.add(mention.id)
                assert mention.due_at is None
                assert mention.closing_rule
                assert change.decision is not None
            assert mention.asker not in ("malo", "ruth", "VIGIE")
    assert {m.id for m in scene.waiting()} == opened - ended


def test_a_message_of_the_same_instant_that_was_heard_first_is_no_answer() -> None:
    """Two messages of one instant: what was heard before the question did not answer it."""
    scene = Scene()
    scene.say("malo", "the meeting is on Tuesday")
    scene.say("ada", QUESTION, after=0)
    (mention,) = scene.waiting()
    assert scene.judge.later(mention, scene.room) is None
