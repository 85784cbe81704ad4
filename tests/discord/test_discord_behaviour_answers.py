"""Commands, buttons and forms over the wire: answered in time, in private, whatever is slow or broken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.events import (
    ActionTaken,
    Choices,
    CommandInvoked,
    Completing,
    Connected,
    FormSubmitted,
    NewLook,
    Private,
    Reply,
    ShortcutUsed,
    ShowForm,
)
from bot.markup import Markup, escape
from bot.model import Place
from bot.post import Button, Form, Input, Picture, Post
from tests.discord.connecting import House, PatientClock, community, living, watching
from tests.discord.wire.faults import Held, broken, refused
from tests.discord.wire.interaction import CHOICES, DEFERRED_MESSAGE, DEFERRED_UPDATE, MESSAGE, MODAL, UPDATE
from tests.discord.wire.people import Person
from tests.discord.wire.permissions import Json, Permission
from tests.discord.wire.room import Town
from tests.discord.wire.server import WireDiscord

CALLBACK = "POST /interactions/{interaction}/{token}/callback"
MEMBER = "GET /guilds/{guild}/members/{user}"
NUDGE = Post("Ada is waiting", Markup("For an answer"), buttons=(Button("Claim", "claim", "m1"),))
FORM = Form("snooze", "Snooze", "Snooze", (Input("why", "Why?"),), value="m1")


@pytest.fixture
def town(wire: WireDiscord) -> Town:
    return wire.town(permissions=int(Permission.VIEW_CHANNEL) | 0)


@pytest.fixture
def channel(town: Town) -> str:
    return town.channel("team")


@pytest.fixture
def malo(town: Town) -> Person:
    return town.person("Malo", town.role("Mods", int(Permission.MANAGE_MESSAGES)))


@pytest.fixture
async def house(wire: WireDiscord, channel: str) -> AsyncIterator[House]:
    """Connected, with its commands offered; buttons are given two seconds."""
    async with living(wire, settings=watching(channel), clock=PatientClock()) as made:
        made.start()
        await made.until(lambda: made.core.told(Connected))
        yield made


async def nudge(house: House, town: Town, channel: str) -> Json:
    ref = await house.chat.post(Place(community(town.id), channel), NUDGE, "nudge/1")
    return town.message(channel, ref.id)


async def test_a_command_is_acknowledged_before_it_is_answered(house: House, malo: Person, channel: str) -> None:
    """However long the core takes; what comes then is seen by nobody else."""
    house.core.answers[CommandInvoked] = lambda event: Private(Post("Advice", escape(event.text)))
    house.core.gate = asyncio.Event()
    begun = malo.begin_slash(channel, "tip", topic="engagement")
    await house.until(lambda: begun.callback is not None)
    assert begun.type == DEFERRED_MESSAGE
    assert begun.waits
    house.core.gate.set()
    await malo.answered(begun)
    assert begun.private
    [event] = house.core.told(CommandInvoked)
    assert (event.name, event.text, event.member.id) == ("tip", "engagement", malo.id)


async def test_an_answer_that_takes_several_messages_is_private_throughout(
    house: House, malo: Person, channel: str
) -> None:
    """The first in the place of "is thinking", the others after it."""
    text = escape("\n\n".join("lorem ipsum dolor " * 20 for _ in range(40)))
    house.core.answers[CommandInvoked] = lambda event: Private(Post("Advice", text))
    shown = (await malo.slash(channel, "tip", topic="x")).shown
    await house.until(lambda: all(message["flags"] & 64 for message in shown))
    assert house.wire.world.accepted == []


async def test_a_picture_in_a_private_answer(house: House, malo: Person, channel: str) -> None:
    """As a file of the answer."""
    house.core.answers[CommandInvoked] = lambda event: Private(Post("A card", picture=Picture(b"\x89PNG", "A card")))
    [shown] = (await malo.slash(channel, "tip")).shown
    assert shown["attachments"][0]["description"] == "A card"


async def test_a_bug_in_the_core_is_a_polite_answer(house: House, malo: Person, channel: str) -> None:
    """Nobody is left with "is thinking" for ever."""

    def fail(event: object) -> Reply:
        raise ZeroDivisionError

    house.core.answers[CommandInvoked] = fail
    [shown] = (await malo.slash(channel, "tip")).shown
    assert "Not now" in shown["content"] + str(shown["embeds"])


async def test_answers_speak_the_language_of_whoever_asked(house: House, town: Town, channel: str) -> None:
    """What the adapter itself says, and the locale that the core is told."""
    zoe = town.person("Zoé", locale="fr")
    house.core.answers[CommandInvoked] = lambda event: None
    [shown] = (await zoe.slash(channel, "tip")).shown
    assert house.core.told(CommandInvoked)[0].member.locale == "fr"
    assert "Done" not in shown["content"]


async def test_topics_are_offered_while_typing(house: House, malo: Person, channel: str) -> None:
    """At most 25, as Discord wants."""
    house.core.answers[Completing] = lambda event: Choices(tuple((f"{event.text}{n}", f"{n}!") for n in range(40)))
    offered = await malo.types(channel, "tip", "topic", "eng")
    assert len(offered) == 25
    assert offered[0] == {"name": "0!", "value": "eng0"}


async def test_completion_that_fails_offers_nothing(house: House, malo: Person, channel: str) -> None:
    """And is no error for whoever types."""

    def fail(event: object) -> Reply:
        raise ZeroDivisionError

    house.core.answers[Completing] = fail
    begun = await malo.types(channel, "tip", "topic", "eng")
    assert begun == []


async def test_a_button_that_opens_a_form(house: House, town: Town, malo: Person, channel: str) -> None:
    """The form is Discord's first answer, as it has to be; what is filled in comes back with what it carried along."""
    house.core.answers[ActionTaken] = lambda event: ShowForm(FORM)
    house.core.answers[FormSubmitted] = lambda event: Private(Post("Snoozed", escape(event.values["why"])))
    shown = await malo.press(await nudge(house, town, channel), "Claim")
    assert shown.type == MODAL
    answer = await malo.submit(shown, why="lunch")
    [event] = house.core.told(FormSubmitted)
    assert (event.form, event.value, dict(event.values)) == ("snooze", "m1", {"why": "lunch"})
    assert answer.shown[0]["flags"] & 64


async def test_a_button_that_changes_its_message(house: House, town: Town, malo: Person, channel: str) -> None:
    """In the same step; no other message comes of it."""
    house.core.answers[ActionTaken] = lambda event: NewLook(Post("Claimed by Malo"))
    message = await nudge(house, town, channel)
    pressed = await malo.press(message, "Claim")
    assert pressed.type == UPDATE
    now = town.message(channel, message["id"])
    assert "Claimed by Malo" in now["content"]
    assert now["components"] == []
    [event] = house.core.told(ActionTaken)
    assert event.ref is not None
    assert (event.action, event.value, event.ref.id) == ("claim", "m1", message["id"])


async def test_a_button_that_answers_in_private(house: House, town: Town, malo: Person, channel: str) -> None:
    """Only whoever pressed sees it."""
    house.core.answers[ActionTaken] = lambda event: Private(Post("Not yours"))
    pressed = await malo.press(await nudge(house, town, channel), "Claim")
    assert pressed.type == MESSAGE
    assert pressed.private


async def test_a_button_without_an_answer_is_acknowledged(house: House, town: Town, malo: Person, channel: str) -> None:
    """Nothing to show is no failure."""
    pressed = await malo.press(await nudge(house, town, channel), "Claim")
    assert pressed.type == DEFERRED_UPDATE


@pytest.mark.parametrize("reply", [NewLook(Post("Claimed")), Private(Post("Claimed")), ShowForm(FORM)])
async def test_a_slow_button_is_acknowledged_in_time(
    house: House, town: Town, malo: Person, channel: str, reply: Reply
) -> None:
    """After two seconds, so that Discord's three are kept; a form can only be asked for again."""
    house.core.answers[ActionTaken] = lambda event: reply
    house.core.gate = asyncio.Event()
    message = await nudge(house, town, channel)
    pressing = asyncio.create_task(malo.press(message, "Claim"))
    await house.until(lambda: house.core.told(ActionTaken))
    house.clock.ring()
    await house.until(lambda: any(i.type == DEFERRED_UPDATE for i in house.wire.interactions.values()))
    house.core.gate.set()
    pressed = await pressing
    if isinstance(reply, NewLook):
        await house.until(lambda: "Claimed" in town.message(channel, message["id"])["content"])
    else:
        await house.until(lambda: pressed.followups)
        assert pressed.followups[0]["flags"] & 64


async def test_a_button_works_after_a_restart(house: House, town: Town, malo: Person, channel: str) -> None:
    """What it does stands in the button itself."""
    message = await nudge(house, town, channel)
    house.core.events.clear()
    await house.restart()
    await house.until(lambda: house.core.told(Connected))
    house.core.answers[ActionTaken] = lambda event: Private(Post("Claimed"))
    await malo.press(message, "Claim")
    assert house.core.told(ActionTaken)[0].value == "m1"


async def test_a_button_in_private_belongs_to_its_guild(house: House, town: Town, malo: Person) -> None:
    """The lead is reminded in private, where Discord names no guild; the member's roles are those of that guild."""
    house.wire.town("Another").admit(malo)
    where = Place(community(town.id), malo.private)
    ref = await house.chat.post(where, NUDGE, "nudge/lead")
    house.core.answers[ActionTaken] = lambda event: NewLook(Post("Claimed"))
    await malo.press(town.message(malo.private, ref.id), "Claim")
    [event] = house.core.told(ActionTaken)
    assert event.place.community.id == town.id
    assert event.member.roles == frozenset(town.guild.members[malo.id]["roles"])


@pytest.fixture
async def two(wire: WireDiscord) -> AsyncIterator[tuple[House, Town, Person]]:
    """Malo is a member of two guilds, and on the team of the second."""
    first, second = wire.town("First"), wire.town("Second")
    team = second.role("Team")
    malo = second.admit(first.person("Malo"), team)
    async with living(wire, settings=watching(roles=(team,)), clock=PatientClock()) as house:
        house.start()
        await house.until(lambda: len(house.core.told(Connected)) == 2)
        yield house, second, malo


@pytest.mark.parametrize("command", [("tip", None), ("vigie", "check")])
async def test_a_command_in_private_is_asked_of_the_guild_on_whose_team_one_is(
    two: tuple[House, Town, Person], command: tuple[str, str | None]
) -> None:
    """With the roles that one has there; the buttons of the answer belong to the same guild."""
    house, town, malo = two
    house.core.answers[CommandInvoked] = lambda event: Private(NUDGE)
    house.core.answers[ActionTaken] = lambda event: Private(Post("Claimed"))
    answer = await malo.slash(malo.private, *command)
    await malo.press(answer.shown[0], "Claim")
    for event in (*house.core.told(CommandInvoked), *house.core.told(ActionTaken)):
        assert event.place == Place(community(town.id), malo.private)
        assert event.member.roles == frozenset(town.guild.members[malo.id]["roles"])
    assert len(house.core.events) == 2 + 2


async def test_a_command_in_private_is_acknowledged_before_anybody_is_looked_up(
    two: tuple[House, Town, Person],
) -> None:
    """Discord may take its time to say who is a member where."""
    house, _, malo = two
    house.core.answers[CommandInvoked] = lambda event: Private(Post("Advice"))
    gate = asyncio.Event()
    house.wire.rest.script(MEMBER, Held(gate))
    begun = malo.begin_slash(malo.private, "tip")
    await house.until(lambda: begun.type == DEFERRED_MESSAGE)
    gate.set()
    assert (await malo.answered(begun)).shown


async def test_that_somebody_is_no_member_is_remembered_as_that(two: tuple[House, Town, Person]) -> None:
    """Asked again, they are still nobody there; where they joined meanwhile, they are somebody."""
    house, town, _ = two
    zoe = Person(town, house.wire.world.add_user("Zoé"))
    first = next(guild for guild in house.wire.world.guilds.values() if guild.id != town.id)
    house.core.answers[CommandInvoked] = lambda event: Private(Post("Advice"))
    await zoe.slash(zoe.private, "tip")
    town.admit(zoe)
    town.give(zoe.id)
    await house.until(lambda: house.chat.rest and len(house.wire.rest.requests(MEMBER)) == 2)
    await zoe.slash(zoe.private, "tip")
    asked = [event.place.community.id for event in house.core.told(CommandInvoked)]
    assert asked == [first.id, town.id]


async def test_where_the_bot_is_in_no_guild_nobody_can_be_answered(wire: WireDiscord) -> None:
    """As just after a start: politely, and the core is not told of a community that does not exist."""
    town = wire.town()
    ada = town.person("Ada")
    town.remove_bot()
    async with living(wire) as house:
        house.start()
        await house.until(lambda: wire.gateway.connected and wire.commands)
        [shown] = (await ada.slash(ada.private, "tip")).shown
        assert "Not now" in shown["content"]
        assert await ada.types(ada.private, "tip", "topic", "eng") == []
        assert house.core.events == []


async def test_a_message_menu(house: House, town: Town, malo: Person, channel: str) -> None:
    """The core is told the message on which it was used."""
    asked = town.person("Ada").say(channel, "Does anybody know?")
    house.core.answers[ShortcutUsed] = lambda event: Private(Post("Noted"))
    await malo.choose(channel, asked, "Track as mention")
    [event] = house.core.told(ShortcutUsed)
    assert event.name == "track"
    assert event.message is not None
    assert (event.message.ref.id, event.message.text) == (asked, "Does anybody know?")


async def test_discord_failing_once_is_survived(house: House, malo: Person, channel: str) -> None:
    """An interaction that cannot be answered is logged, and the next one is answered."""
    house.wire.rest.script(CALLBACK, broken(500), refused(10062))
    house.core.answers[CommandInvoked] = lambda event: Private(Post("Advice"))
    malo.begin_slash(channel, "tip")
    malo.begin_slash(channel, "tip")
    await house.until(lambda: len(house.wire.rest.requests(CALLBACK)) >= 2)
    assert (await malo.slash(channel, "tip")).shown


async def test_offers_come_as_choices(house: House, malo: Person, channel: str) -> None:
    """Completion is answered with choices even when there are none."""
    await malo.types(channel, "tip", "topic", "x")
    assert [i.type for i in house.wire.interactions.values()] == [CHOICES]
