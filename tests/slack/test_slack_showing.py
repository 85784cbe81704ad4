"""Replies find their way to whoever acted, also when the usual way is closed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.events import (
    ActionTaken,
    Addressed,
    CommandInvoked,
    FormSubmitted,
    Home,
    HomeOpened,
    NewLook,
    Private,
    ShortcutUsed,
    ShowForm,
)
from bot.markup import Markup
from bot.post import Button, Form, Input, Post
from tests.slack.connecting import Line, app, chat_of, place, running
from tests.slack.server import faults
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town
from tests.slack.server.waiting import until

SAYS = Private(Post("An answer", Markup("in full"), buttons=(Button("More", "tip.another", "t1"),)))
LOOK = NewLook(Post("As it is now"))
FORM = ShowForm(Form("mention.snooze", "Snooze", "Send", (Input("choice", "How long"),), "m1"))
NUDGE = Post("Ada is waiting", buttons=(Button("Claim", "mention.claim", "m1"),))


@pytest.fixture
async def line(slack: Slack, acme: Town) -> AsyncIterator[Line]:
    acme.channel("support", "ada")
    async with running(chat_of(app(slack, acme))) as line:
        yield line


def whispered(slack: Slack) -> list[str]:
    return [accepted.text.splitlines()[0] for accepted in slack.journal.accepted if accepted.to]


async def test_an_answer_goes_out_when_the_response_url_is_used_up(slack: Slack, acme: Town, line: Line) -> None:
    """Five uses in half an hour; after that another way to the same eyes is taken."""
    line.ear.answers[CommandInvoked] = SAYS
    slack.faults.always("response_url", faults.Fault(status=404, body="used_url"))
    await acme.person("ada").types(acme.channel("support"), "/tip")
    await until(lambda: whispered(slack), "the answer")
    assert slack.journal.calls_of("chat.postEphemeral")[0].args["user"] == "U0ADA"


async def test_an_answer_where_we_are_not_comes_in_private(slack: Slack, acme: Town, line: Line) -> None:
    """A command can be typed in a channel that we are not in."""
    elsewhere, ada = acme.channel("elsewhere", "ada", kind="group", bot=False), acme.person("ada")
    line.ear.answers[CommandInvoked] = SAYS
    slack.faults.always("response_url", faults.Fault(status=404, body="used_url"))
    await ada.types(elsewhere, "/tip")
    await until(lambda: slack.journal.said_in(ada.dm.id), "the answer")


async def test_a_form_that_came_too_late_is_said_to_have(slack: Slack, acme: Town, line: Line) -> None:
    """Slack's three seconds were over: the member is told to press again."""
    line.ear.answers[ActionTaken] = FORM
    ref = await line.chat.post(place(acme, acme.channel("support")), NUDGE, "k")
    slack.triggers.expired = True
    told = await acme.person("ada").presses(acme.channel("support"), ref.id, "Claim")
    await until(lambda: told.responses, "an explanation")
    assert "press once more" in str(told.responses[0])


async def test_a_new_look_of_what_only_one_person_sees(slack: Slack, acme: Town, line: Line) -> None:
    """A private reply is replaced where it stands; when that is over, it is said anew."""
    support, ada = acme.channel("support"), acme.person("ada")
    line.ear.answers |= {CommandInvoked: SAYS, ActionTaken: LOOK}
    await ada.types(support, "/tip")
    await until(lambda: whispered(slack), "the answer")
    shown = slack.journal.accepted[-1].ts
    told = await ada.presses(support, shown, "More")
    await until(lambda: told.responses, "the new look")
    assert told.responses[0]["replace_original"] is True


async def test_a_new_look_of_a_message_is_for_everybody(slack: Slack, acme: Town, line: Line) -> None:
    """The nudge itself is changed, and keeps its key."""
    support = acme.channel("support")
    line.ear.answers[ActionTaken] = LOOK
    ref = await line.chat.post(place(acme, support), NUDGE, "nudge/1")
    await acme.person("ada").presses(support, ref.id, "Claim")
    await until(lambda: acme.shown(support, ref.id).text.startswith("As it is now"), "the new look")
    assert await line.chat.find(ref.place, "nudge/1", slack.now().replace(year=2000)) == ref


async def test_a_button_of_the_page_answers_in_a_window_and_renews_the_page(
    slack: Slack, acme: Town, line: Line
) -> None:
    """There is no channel to whisper in."""
    ada = acme.person("ada")
    line.ear.answers |= {HomeOpened: Home((NUDGE,)), ActionTaken: SAYS}
    await ada.opens_home()
    await until(lambda: acme.home(ada), "the page")
    page = acme.home(ada)
    assert page is not None
    await ada.presses_in_view(page, "Claim")
    await until(lambda: ada.modal, "the window")
    assert ada.modal is not None
    assert "in full" in str(ada.modal["blocks"])
    await line.ear.hears(HomeOpened, 2)


async def test_a_button_in_a_window_answers_in_that_window(slack: Slack, acme: Town, line: Line) -> None:
    """One window, not a heap of them."""
    ada = acme.person("ada")
    line.ear.answers |= {ShortcutUsed: SAYS, ActionTaken: Private(Post("Another one", Markup("second")))}
    await ada.uses_shortcut("tip")
    await until(lambda: ada.modal, "the window")
    assert ada.modal is not None
    await ada.presses_in_view(ada.modal, "More")
    await until(lambda: "second" in str(ada.modal), "the next answer")
    assert len(acme.workspace.modals[ada.id]) == 1


async def test_a_form_is_answered_where_it_was_asked_for(slack: Slack, acme: Town, line: Line) -> None:
    """The place travels with the form, and only the member sees the answer."""
    support, ada = acme.channel("support"), acme.person("ada")
    line.ear.answers |= {ActionTaken: FORM, FormSubmitted: SAYS}
    ref = await line.chat.post(place(acme, support), NUDGE, "k")
    await ada.presses(support, ref.id, "Claim")
    await until(lambda: ada.modal, "the form")
    told = await ada.submits(choice="a day")
    submitted = await line.ear.hears(FormSubmitted)
    assert (submitted.form, submitted.value, submitted.values) == ("mention.snooze", "m1", {"choice": "a day"})
    await until(lambda: whispered(slack), "the answer")
    assert told.acknowledgements == 1
    assert slack.journal.accepted[-1].channel == support.id


async def test_somebody_who_speaks_to_the_bot_is_answered_there(slack: Slack, acme: Town, line: Line) -> None:
    """In private as a message, in a channel so that nobody else sees it."""
    support, ada = acme.channel("support"), acme.person("ada")
    line.ear.answers[Addressed] = SAYS
    await ada.says(ada.dm, "help")
    await until(lambda: slack.journal.said_in(ada.dm.id), "the answer in private")
    await ada.says(support, f"<@{acme.me}> help")
    await until(lambda: whispered(slack), "the answer in the channel")
    assert slack.journal.said_in(support.id) == []


async def test_who_acts_is_told_with_name_and_language(slack: Slack, acme: Town, line: Line) -> None:
    """Slack's payloads hold neither the shown name nor the language."""
    zoe = acme.person("zoe", locale="fr-FR", real_name="Zoé")
    await zoe.types(acme.channel("support"), "/tip", "engagement")
    heard = await line.ear.hears(CommandInvoked)
    assert (heard.name, heard.text, heard.member.locale) == ("tip", "engagement", "fr-FR")


async def test_a_mistake_of_ours_is_told_politely(slack: Slack, acme: Town, line: Line) -> None:
    """Whoever waits for an answer gets one, even when handling it failed."""
    line.ear.failures.append(RuntimeError("a bug"))
    told = await acme.person("ada").types(acme.channel("support"), "/tip")
    await until(lambda: told.responses, "the answer")
    assert "Not now" in str(told.responses[0])
