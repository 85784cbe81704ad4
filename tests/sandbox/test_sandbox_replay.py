"""A history played back: its own people and channels, its own time, and the bot at work on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from visiting import House, opened

from adapters.exports import DEMO_TEAM, demo_export, open_export
from adapters.sandbox.scene import replayed_scene
from adapters.sandbox.transcript import name_of
from adapters.sandbox.world import FASTEST, Replay
from bot.events import Event, MessagePosted, ReactionAdded
from bot.insight.survey import Survey
from bot.model import Community, Member, Message, MessageRef, Place, Platform
from bot.ports import Store

SPEED = 600
COMMUNITY = Community(Platform("export"), "T1")


@pytest.fixture
async def played(store: Store) -> AsyncIterator[House]:
    """The chat that ships with us, from its first moment, standing still."""
    survey = Survey()
    with open_export(demo_export()) as export:
        for event in export.events():
            survey.see(event)
        assert survey.first is not None
        assert survey.last is not None
        scene = replayed_scene(
            export.community,
            survey.people.values(),
            export.channels,
            survey.likely_team(),
            survey.first - timedelta(minutes=1),
        )
        replay = Replay("demo", export.events, survey.first, survey.last, SPEED)
        async with opened(store, scene, replay=replay) as house:
            yield house


def messages() -> Iterator[MessagePosted]:
    with open_export(demo_export()) as export:
        yield from (event for event in export.events() if isinstance(event, MessagePosted))


async def test_the_history_plays_by_itself_and_the_bot_works_on_it(played: House) -> None:
    """Every message appears once and in its channel; who was left waiting is told to the team, in working time."""
    page = await played.page()
    assert {channel["name"] for channel in page.hello["channels"]} == {"general", "support", "vigie"}
    assert page.hello["messages"] == []
    assert page.hello["replay"] == {"name": "demo", "playing": False, "speed": SPEED, "done": 0.0}
    await page.does("replay", playing=True, speed=FASTEST)
    done = 0.0
    while done < 1:
        played.watch.seconds += 1
        await page.ask("complete", person="U0MALO", text="/")
        done = next((c["replay"]["done"] for c in reversed(page.changes) if c["kind"] == "replay"), 0.0)
    wanted = {name_of(event.message.ref) for event in messages()}
    theirs = {id_ for id_, message in page.messages.items() if "post" not in message}
    assert theirs == wanted
    told = page.posts("vigie")
    tips = [message for message in told if message["post"]["title"].startswith("Tip of the day")]
    assert len(tips) == len({message["local"] for message in tips}) == 3  # Thursday, Friday, Monday
    nudges = [message for message in told if message not in tips]
    assert nudges
    for message in told:
        assert message["local"][:3] not in ("Sat", "Sun")
        assert "09:00" <= message["local"][4:] < "18:00"


async def test_pausing_and_changing_speed(played: House) -> None:
    """Paused, nothing happens; faster, more happens in the same time, never more than a day in a second."""
    page = await played.page()
    played.watch.seconds += 10
    await page.does("replay", speed=1200)
    assert page.messages == {}
    view = page.changes[-1]["replay"]
    assert (view["playing"], view["speed"]) == (False, 1200)
    await page.does("replay", playing=True)
    played.watch.seconds += 1
    before = played.sandbox.world.clock.now()
    await page.ask("complete", person="U0MALO", text="/")
    await page.does("replay", playing=False)
    assert played.sandbox.world.clock.now() - before == timedelta(seconds=1200)
    await page.does("replay", speed=10**12)
    assert page.changes[-1]["replay"]["speed"] == FASTEST


async def test_moving_the_clock_plays_what_lies_between(played: House) -> None:
    """Nothing of the history is jumped over; and a visitor may speak up in it."""
    page = await played.page()
    await page.does("clock", move="9:00")
    until = played.sandbox.world.clock.now()
    wanted = [name_of(event.message.ref) for event in messages() if event.message.at <= until]
    assert [id_ for id_, message in page.messages.items() if "post" not in message] == wanted
    support = next(channel["id"] for channel in page.hello["channels"] if channel["name"] == "support")
    await page.says("U0FEMI", support, "@Malo how do I print two labels at once?")
    assert page.panel["mentions"][-1]["asker"] == "Femi"


def test_those_who_answer_most_are_taken_for_the_team() -> None:
    """The first look at the history that ships with us finds exactly those who look after it."""
    survey = Survey()
    for event in messages():
        survey.see(event)
    assert set(survey.likely_team()) == set(DEMO_TEAM)


async def test_the_same_moment_in_two_channels(store: Store) -> None:
    """A message's id counts in its channel only: two of the same are two messages, each answered where it stands."""
    ada, first = Member(COMMUNITY, "U1", "Ada"), datetime(2026, 9, 11, 8, 0, tzinfo=UTC)
    said = [Message(MessageRef(Place(COMMUNITY, c), "1.1"), ada, first, f"said in {c}") for c in ("C1", "C2")]
    channels = {"C1": "one", "C2": "two"}
    scene = replayed_scene(COMMUNITY, [ada, Member(COMMUNITY, "U2", "Tess")], channels, ["U2"], first)

    def events() -> Iterator[Event]:
        yield from map(MessagePosted, said)
        yield ReactionAdded(said[1].ref, ada, "white_check_mark", first)

    async with opened(store, scene, replay=Replay("two", events, first, first, SPEED)) as house:
        page = await house.page()
        await page.does("clock", move="5m")
        assert {name: m["text"] for name, m in page.messages.items() if "text" in m} == {
            "C1/1.1": "said in C1",
            "C2/1.1": "said in C2",
        }
        shown = [(r["emoji"], r["shown"]) for r in page.messages["C2/1.1"]["reactions"]]
        assert shown == [("white_check_mark", "✅")]
        assert page.messages["C1/1.1"]["reactions"] == []
        await page.does("delete", person="U2", message="C2/1.1")
        assert [name for name, m in page.messages.items() if "text" in m] == ["C1/1.1"]
