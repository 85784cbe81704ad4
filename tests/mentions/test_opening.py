"""The truth table of what opens a mention."""

from __future__ import annotations

import pytest
from talking import EVERYONE, ROLE, Scene, member, ping, rules

from bot.model import MessageKind, Ping, PingKind
from bot.settings import Mode

QUESTION, HELP, STATEMENT = "how do I log in?", "I can't log in since monday", "we moved to the new version today"
MODES = (Mode.PINGS, Mode.QUESTIONS, Mode.EVERYTHING)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("one", "rule"),
    [
        (ping("VIGIE"), "ping-bot"),
        (ping("malo"), "ping-member"),
        (ping("malo", leading=False), "ping-member"),
        (ROLE, "ping-role"),
        (Ping(PingKind.REPLY, "ruth"), "ping-reply"),
    ],
)
def test_a_call_on_the_team_opens_in_every_mode(mode: Mode, one: Ping, rule: str) -> None:
    """The bot, a member, a role, or a reply to the team: each opens, whatever is said."""
    assert rules(Scene(mode).say("ada", STATEMENT, one)) == [rule]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "wish", ["could you have a look", "can you help", "you there?", "peux-tu regarder", "j'ai un souci", "une idée ?"]
)
def test_a_call_on_somebody_silent_opens_however_short_its_request(mode: Mode, wish: str) -> None:
    """A ping of the team that goes on with nothing is never weighed away, even amid the talk of others."""
    assert rules(Scene(mode).say("ada", wish, ping("malo"))) == ["ping-member"]
    scene = Scene(mode)
    scene.say("bob", "the small scanner of the library works well", ping("tim"))
    assert rules(scene.say("ada", wish, ping("malo"))) == ["ping-member"]


@pytest.mark.parametrize("mode", MODES)
def test_a_keyword_opens_as_a_word_and_not_inside_one(mode: Mode) -> None:
    """Brand keywords call the team, in any case and without accents, but never as part of another word."""
    assert rules(Scene(mode, keywords=("Café",)).say("ada", "the CAFE is empty again")) == ["keyword"]
    assert rules(Scene(Mode.PINGS, keywords=("art",)).say("ada", "a smart party started here")) == []


@pytest.mark.parametrize(
    ("mode", "text", "expected"),
    [
        (Mode.PINGS, QUESTION, []),
        (Mode.PINGS, HELP, []),
        (Mode.PINGS, STATEMENT, []),
        (Mode.QUESTIONS, QUESTION, ["question"]),
        (Mode.QUESTIONS, HELP, ["help"]),
        (Mode.QUESTIONS, STATEMENT, []),
        (Mode.EVERYTHING, QUESTION, ["question"]),
        (Mode.EVERYTHING, HELP, ["help"]),
        (Mode.EVERYTHING, STATEMENT, ["conversation"]),
    ],
)
def test_each_mode_opens_what_it_promises(mode: Mode, text: str, expected: list[str]) -> None:
    """`questions` adds questions and calls for help to pings, `everything` adds conversations."""
    assert rules(Scene(mode).say("ada", text)) == expected


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", ["thanks @malo", "merci !", "hello @malo", "bonjour à tous", "👍", "ok"])
def test_thanks_greetings_and_emoji_never_open(mode: Mode, text: str) -> None:
    """Not even with a ping: nobody has to answer them."""
    assert Scene(mode).say("ada", text, ping("malo")) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", [member("forge", bot=True), member("VIGIE"), member("malo")])
def test_bots_the_team_and_ourselves_never_open(mode: Mode, who: object) -> None:
    """Whatever they say, and whomever they ping."""
    assert Scene(mode).say(who, QUESTION, ping("ruth"), ROLE) == []  # type: ignore[arg-type]


def test_a_role_makes_the_team_where_the_platform_tells_roles() -> None:
    """Somebody with a team role is the team, though no list names them; from outside the organisation they are not."""
    assert Scene().say(member("zoe", roles=["HELPERS"]), QUESTION) == []
    assert rules(Scene().say(member("zoe", roles=["HELPERS"], home=False), QUESTION)) == ["question"]
    assert rules(Scene().say(member("malo", home=False), QUESTION)) == ["question"]


@pytest.mark.parametrize("mode", MODES)
def test_system_messages_and_everyone_pings_open_nothing_of_themselves(mode: Mode) -> None:
    """A join is no call, and `@here` addresses nobody in particular."""
    assert Scene(mode).say("ada", "ada has joined", ping("malo"), kind=MessageKind.SYSTEM) == []
    assert "ping-member" not in rules(Scene(mode).say("ada", STATEMENT, EVERYONE))


def test_a_picture_without_words_that_pings_the_team_opens() -> None:
    """A screenshot sent to the team says something; an emoji does not."""
    assert rules(Scene().say("ada", "", ping("malo"), attachments=1)) == ["ping-member"]
    assert Scene().say("ada", "👍", ping("malo")) == []


@pytest.mark.parametrize("mode", [Mode.QUESTIONS, Mode.EVERYTHING])
def test_what_is_said_to_somebody_else_is_not_said_to_the_team(mode: Mode) -> None:
    """A ping of another outsider, a reply to one, or a question in their thread is theirs to answer."""
    assert Scene(mode).say("ada", QUESTION, ping("bob")) == []
    scene = Scene(mode)
    scene.say("bob", "here is my little guide about labels")
    first = scene.last.ref.id
    assert scene.say("ada", QUESTION, reply_to=first) == []
    assert scene.say("ada", QUESTION, thread=first) == []


def test_a_question_in_ones_own_thread_or_the_teams_opens() -> None:
    """Inside a thread that the asker or the team began, a question is for the team."""
    scene = Scene()
    scene.say("malo", "Version 4.2 is out")
    announcement = scene.last.ref.id
    assert rules(scene.say("ada", QUESTION, thread=announcement)) == ["question"]


def test_a_reply_in_a_running_conversation_opens_only_if_it_asks_or_was_asked_for() -> None:
    """*@Malo ok, will do* awaits nobody; a further question does, and so does what Malo had asked for."""
    scene = Scene()
    scene.say("malo", "restart the service", ping("ada"))
    assert scene.say("ada", "ok I will do it tonight then", ping("malo")) == []
    assert rules(scene.say("ada", "how do I restart it?", ping("malo"))) == ["question"] or scene.askers() == ["ada"]
    other = Scene()
    other.say("malo", "which version do you use?", ping("bob"))
    assert rules(other.say("bob", "version 4.1.7 on the old laptop", ping("malo"))) == ["ping-member"]


def test_in_everything_mode_a_running_conversation_opens_once() -> None:
    """A conversation begins after silence, and not by answering somebody who called."""
    scene = Scene(Mode.EVERYTHING)
    assert rules(scene.say("ada", STATEMENT)) == ["conversation"]
    assert rules(scene.say("ada", "and it went rather well for us")) == []
    scene = Scene(Mode.EVERYTHING)
    scene.say("bob", "did you move already?", ping("ada"))
    assert "conversation" not in rules(scene.say("ada", STATEMENT))
