"""Speaking to the bot: by its name in a channel, and in private."""

from __future__ import annotations

from bot.events import Addressed, MessagePosted
from tests.slack.scenarios.living import HELP, MODS, SUPPORT, Life
from tests.slack.scenarios.looking import texts_of
from tests.slack.server.waiting import until


async def test_help_by_name_is_answered_to_the_asker_alone(life: Life) -> None:
    """`@vigie help` in a channel: an ephemeral message, and nobody else sees anything."""
    ada = life.person("ada")
    await ada.says(life.channel(SUPPORT), f"<@{life.town.me}> help")
    accepted = await until(lambda: life.slack.journal.accepted, "the help")
    assert (accepted[0].to, accepted[0].channel) == (ada.id, SUPPORT)
    assert "/tip" in texts_of(accepted[0].blocks)


async def test_help_in_a_channel_that_is_not_watched(life: Life) -> None:
    """Whoever calls the bot by name is answered wherever the bot is, and the message is not judged there."""
    elsewhere = life.town.channel("elsewhere", "ada")
    await life.person("ada").says(elsewhere, f"<@{life.town.me}> help")
    await until(lambda: life.slack.journal.accepted, "the help")
    assert life.count(MessagePosted) == 0


async def test_a_call_for_help_by_name_is_a_mention_and_told_once(life: Life) -> None:
    """Slack sends both `message` and `app_mention`: one mention, whatever the order."""
    said = await life.asks(text=f"<@{life.town.me}> my printer burns, can somebody help?", where=HELP)
    assert await life.state(said, HELP) == "open"
    assert len(await life.waiting()) == 1
    assert life.count(MessagePosted) == 1


async def test_a_private_message_is_answered_in_private(life: Life) -> None:
    """A question in the private channel gets a tip there, as a message, and opens nothing."""
    ada = life.person("ada")
    await ada.says(ada.dm, "engagement")
    accepted = await until(lambda: life.said_in(ada.dm.id), "an answer")
    assert len(texts_of(accepted[0].blocks)) > 100
    assert life.count(MessagePosted) == 0
    assert [event.private for event in life.heard_of(Addressed)] == [True]


async def test_a_private_message_in_a_thread_is_answered_in_the_thread(life: Life) -> None:
    """Where somebody asks in a thread, the answer stands there."""
    ada = life.person("ada")
    first = ada.wrote(ada.dm, "hello")
    await ada.says(ada.dm, "help", thread=first)
    accepted = await until(lambda: life.said_in(ada.dm.id), "an answer")
    assert accepted[0].thread_ts == first.ts


async def test_the_bot_does_not_answer_itself(life: Life) -> None:
    """Its own answer in the private channel comes back as an event and is passed over."""
    ada = life.person("ada")
    await ada.says(ada.dm, "help")
    await until(lambda: life.said_in(ada.dm.id), "an answer")
    await life.slack.quiet()
    await life.settle()
    assert len(life.said_in(ada.dm.id)) == 1
    assert life.count(Addressed) == 1


async def test_an_edited_private_message_is_not_answered_again(life: Life) -> None:
    """Ada mends a typo; she has her answer already."""
    ada = life.person("ada")
    said = await ada.says(ada.dm, "hepl")
    await until(lambda: life.said_in(ada.dm.id), "an answer")
    await ada.edits(ada.dm, said, "help")
    await life.settle()
    assert len(life.said_in(ada.dm.id)) == 1


async def test_french_is_answered_in_french(life: Life) -> None:
    """A person's own language, as Slack tells it."""
    life.town.person("chloe", locale="fr-FR")
    life.person("chloe")
    await life.person("chloe").says(life.person("chloe").dm, "aide")
    accepted = await until(lambda: life.said_in(life.person("chloe").dm.id), "an answer")
    assert "Ce que je sais faire" in texts_of(accepted[0].blocks)
    assert life.said_in(MODS) == []
