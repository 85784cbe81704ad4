"""What people ask of the bot otherwise than by a command; and who looks after a community or a channel."""

from __future__ import annotations

from dataclasses import replace

import pytest
from village import CALL, FORUM, HELP, MODS, SUPPORT, TIPS, Village, member, place

from bot.commands import COMMANDS, SHORTCUTS
from bot.errors import Forbidden
from bot.events import (
    Addressed,
    ChannelFound,
    ChannelLost,
    Choices,
    Completing,
    Disconnected,
    Home,
    HomeOpened,
    Private,
    Reply,
    ShortcutUsed,
)
from bot.looks import as_text
from bot.model import Finding, MentionState, Message, Place, Severity
from bot.post import Post
from tests.fakes import COMMUNITY


async def speak(
    village: Village, name: str, text: str, *, private: bool = True, locale: str | None = None
) -> Reply | None:
    where = Place(COMMUNITY, f"D-{name}") if private else place(SUPPORT)
    return await village.bot.handle(Addressed(where, member(name, locale), text, village.clock.now(), private=private))


async def choose(village: Village, name: str, shortcut: str, message: Message | None = None) -> Post:
    where = message.ref.place if message else Place(COMMUNITY, f"@{name}")
    return shown(await village.bot.handle(ShortcutUsed(where, member(name), shortcut, village.clock.now(), message)))


def shown(reply: Reply | None) -> Post:
    assert isinstance(reply, Private)
    return reply.post


async def test_help_names_what_one_may_use(village: Village) -> None:
    """Everybody learns of the tips, the team of its own commands too, in the member's language."""
    outside = as_text(shown(await village.command("ada", "vigie")))
    team = as_text(shown(await village.command("tess", "vigie", "help")))
    assert "/tip engagement" in outside
    assert "/mentions" not in outside
    assert "/mentions stats" in team
    assert "/vigie check" in team
    assert shown(await village.command("tess", "vigie", "aide", locale="fr")).title == "Ce que je sais faire"


async def test_check_is_for_the_team_and_tells_what_to_do(village: Village) -> None:
    """What is wrong comes first, each with its fix; all is well when nothing is."""
    assert shown(await village.command("ada", "vigie", "check")).title == "This is for the team"
    assert shown(await village.command("tess", "vigie", "check")).title == "Everything is set up well"
    village.chat.findings = [
        Finding("token", Severity.OK, "works"),
        Finding("#help", Severity.ERROR, "the bot is no member", "/invite @vigie"),
        Finding("clock", Severity.WARNING, "runs 40 s late"),
    ]
    post = shown(await village.command("tess", "vigie", "check"))
    assert post.title == "2 things to look at"
    assert as_text(post).splitlines()[1:] == [
        "• ❌ #help · the bot is no member → /invite @vigie",
        "• ⚠️ clock · runs 40 s late",
        "• ✅ token · works",
    ]


async def test_in_private_no_slash_is_needed(village: Village) -> None:
    """A command's name, a topic, a question in one's own words, or nothing at all: each gets an answer."""
    assert shown(await speak(village, "tess", "mentions")).title == "Nobody is waiting"
    assert shown(await speak(village, "tess", "/mentions stats")).title == "How people are answered"
    assert shown(await speak(village, "ada", "mentions")).title == "This is for the team"
    assert shown(await speak(village, "ada", "")).title == "What I can do"
    assert shown(await speak(village, "ada", "Help!")).title == "What I can do"
    assert shown(await speak(village, "ada", "aide", locale="fr-FR")).title == "Ce que je sais faire"
    assert shown(await speak(village, "ada", "how do I handle trolls")).buttons
    assert shown(await speak(village, "ada", "tip trolls")).title == shown(await speak(village, "ada", "trolls")).title
    assert shown(await speak(village, "ada", "qzxv")).title == "Nothing found"


async def test_in_a_channel_only_commands_are_answered(village: Village) -> None:
    """Somebody who calls the bot there for help with something else waits for people: that opened a mention."""
    assert shown(await speak(village, "ada", "help", private=False)).title == "What I can do"
    assert await speak(village, "ada", "how do I reset my password?", private=False) is None
    assert await speak(village, "ada", "", private=False) is None


async def test_a_message_is_tracked_by_hand(village: Village) -> None:
    """Whatever it says, it waits from now on, once, with the usual nudge; `why` tells that the team asked for it."""
    message = await village.says("ada", "The door of the library is blue.", channel=SUPPORT)
    assert await village.mention(message) is None
    await village.time_passes(20)
    first = await choose(village, "tess", "track", message)
    again = await choose(village, "tim", "track", message)
    assert first.title == again.title == "I keep an eye on it"
    mention = await village.the_mention(message)
    assert (mention.rule, mention.state, mention.opened_at) == ("tracked", MentionState.OPEN, village.clock.now())
    assert [decision.member for decision in await village.decisions(message)] == ["tess"]
    await village.wait(31)
    assert len(village.said_in(MODS)) == 1
    assert "Ada" in as_text(village.said_in(MODS)[0])


async def test_what_was_answered_is_tracked_again(village: Village) -> None:
    """A closed mention waits anew, as after its own button."""
    message = await village.asks()
    await choose(village, "tess", "answered", message)
    assert (await village.the_mention(message)).state is MentionState.ANSWERED
    await choose(village, "tess", "track", message)
    assert (await village.the_mention(message)).state is MentionState.OPEN


async def test_marking_a_message_ends_its_mention(village: Village) -> None:
    """The asker's message or anything in its thread: nobody is nudged any more; where nobody waits it says so."""
    question = await village.says("ada", "I ask @staff", channel=HELP, pings=CALL)
    reply = await village.says("bob", "I wonder as well", channel=HELP, thread=question.ref.id)
    assert (await choose(village, "tess", "answered", reply)).title == "Done"
    assert (await village.the_mention(question)).state is MentionState.ANSWERED
    assert (await choose(village, "tess", "answered", question)).title == "Nobody waits there"
    await village.wait(600)
    assert village.said_in(MODS) == []


@pytest.mark.parametrize("name", [name for name, shortcut in SHORTCUTS.items() if shortcut.on_message])
async def test_menus_of_the_team_are_refused_to_others(village: Village, name: str) -> None:
    """Politely, and nothing is changed."""
    question = await village.asks()
    assert (await choose(village, "bob", name, question)).title == "This is for the team"
    assert (await village.the_mention(question)).state is MentionState.OPEN


async def test_what_cannot_wait_is_not_tracked(village: Village) -> None:
    """The team's own words, a bot's, and channels in which an answer would not be noticed."""
    own = await village.says("tim", "Lunch?")
    robot = await village.says("robot", "Build failed", by=replace(member("robot"), bot=True))
    elsewhere = await village.says("ada", "Is anybody here?", channel="elsewhere")
    assert (await choose(village, "tess", "track", own)).title == "Nobody waits there"
    assert (await choose(village, "tess", "track", robot)).title == "Nobody waits there"
    assert (await choose(village, "tess", "track", elsewhere)).title == "I do not watch that channel"
    assert await village.waiting() == []


async def test_todays_tip_from_the_menu(village: Village) -> None:
    """The same as the command's; a menu that this version does not know gets help."""
    assert await choose(village, "ada", "tip") == shown(await village.command("ada", "tip"))
    assert "unheard-of" in (await choose(village, "ada", "unheard-of")).title


async def test_topics_are_offered_while_typing(village: Village) -> None:
    """In the member's language; what is chosen is found. Options without a choice offer nothing."""
    offered = await village.bot.handle(Completing(place(TIPS), member("ada", "fr"), "tip", "topic", "conf"))
    assert isinstance(offered, Choices)
    (value, label), *_ = offered.offered
    assert label.casefold().startswith("conf")
    assert shown(await village.command("ada", "tip", value, locale="fr")).buttons
    for name, option in (("mentions", "link"), ("tip", "nonsense"), ("nonsense", "topic")):
        assert await village.bot.handle(Completing(place(TIPS), member("ada"), name, option, "")) == Choices(())


async def test_every_command_completes_what_it_says_it_does(village: Village) -> None:
    """An option declared as completing offers something for an empty text, at most what platforms show."""
    completing = [(c.name, o.name) for c in COMMANDS.values() for o in c.options if o.completes]
    assert completing
    for name, option in completing:
        choices = await village.bot.handle(Completing(place(TIPS), member("ada"), name, option, ""))
        assert isinstance(choices, Choices)
        assert 0 < len(choices.offered) <= 25


async def test_home_shows_each_what_is_theirs(village: Village) -> None:
    """Today's tip and help for everybody; who waits, with buttons, and the week's figures for the team alone."""
    await village.says("ada", "I ask @staff", channel=HELP, pings=CALL)

    async def home(name: str, locale: str | None = None) -> list[Post]:
        reply = await village.bot.handle(HomeOpened(member(name, locale), village.clock.now()))
        assert isinstance(reply, Home)
        return list(reply.posts)

    assert [post.title.partition(" · ")[0] for post in await home("bob")] == ["Today’s tip", "What I can do"]
    tip, waiting, figures, _ = await home("tess", "fr")
    assert tip.title.startswith("Le conseil du jour")
    assert waiting.title == "1 personne attend une réponse"
    assert len(waiting.items[0].buttons) == 5
    assert len(figures.fields) == 2


async def test_another_process_takes_over(village: Village) -> None:
    """After `Disconnected` nothing is due or said here; with the next `Connected` the store is read anew."""
    question = await village.asks()
    await village.bot.handle(Disconnected(COMMUNITY))
    assert await village.bot.next_due() is None
    await village.wait(45)
    assert village.said == []
    await village.press("tess", "mention.done", (await village.the_mention(question)).id)
    other = Village(village.store, village.settings, village.clock)
    other.chat = village.chat
    other.die()
    await other.connect()
    second = await other.says("bob", "I ask @staff", channel=HELP, pings=CALL)
    await village.connect()
    await village.wait(31)
    assert [mention.id for mention in await village.waiting()] == [(await village.the_mention(second)).id]
    assert len(village.said_in(MODS)) == 1


async def test_a_channel_that_comes_back_is_read_and_an_admin_told(village: Village) -> None:
    """What was said there meanwhile is dealt with; an admin who was told of the loss hears of its end, once each."""
    await village.bot.handle(ChannelLost(place(FORUM), "channel_archived", village.clock.now()))
    village.chat.closed[FORUM] = Forbidden("closed", reason="is_archived")
    await village.wait(10)
    village.write("ada", "Is somebody here?", channel=FORUM)
    del village.chat.closed[FORUM]
    for _ in range(2):
        await village.bot.handle(ChannelFound(place(FORUM), village.clock.now()))
    await village.wait(2)
    assert [mention.ref.place.channel for mention in await village.waiting()] == [FORUM]
    assert [post.title for post in village.said_in("D-adam")] == ["A channel was lost", "A channel is back"]
