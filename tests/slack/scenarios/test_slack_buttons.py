"""Buttons: under nudges, tips and lists, in messages that everybody sees and in private ones."""

from __future__ import annotations

from tests.slack.scenarios.living import MODS, SUPPORT, TIPS, TIPS_AT_TEN, Life, settings
from tests.slack.scenarios.looking import labels, texts_of
from tests.slack.server.waiting import until


async def test_claim_changes_the_nudge_in_place(life: Life) -> None:
    """Tess claims: the same message says who is at it, and no second one appears."""
    said = await life.asks()
    nudge = await life.nudged(said)
    await life.person("tess").presses(life.channel(MODS), nudge.ts, "Claim")
    await until(lambda: life.look(nudge).edited, "the new look")
    assert "is being answered" in texts_of(life.look(nudge).blocks)
    assert "Give back" in labels(life.look(nudge).blocks)
    assert await life.state(said) == "claimed"
    assert len(life.said_in(MODS)) == 1


async def test_done_and_still_waiting(life: Life) -> None:
    """Done closes, Still waiting opens again, both on the one message."""
    said = await life.asks()
    nudge = await life.nudged(said)
    await life.person("tess").presses(life.channel(MODS), nudge.ts, "Done")
    await until(lambda: "Still waiting" in labels(life.look(nudge).blocks), "the new look")
    assert await life.state(said) == "answered"
    await life.person("tess").presses(life.channel(MODS), nudge.ts, "Still waiting")
    await until(lambda: "Claim" in labels(life.look(nudge).blocks), "the old look")
    assert await life.state(said) == "open"


async def test_the_button_keeps_its_metadata(life: Life) -> None:
    """An edit must not lose the key by which the message is found again."""
    said = await life.asks()
    nudge = await life.nudged(said)
    await life.person("tess").presses(life.channel(MODS), nudge.ts, "Claim")
    await until(lambda: life.look(nudge).edited, "the new look")
    note = life.look(nudge).metadata
    assert note is not None
    assert note["event_payload"]["key"] == nudge.key


async def test_a_button_is_for_the_team(life: Life) -> None:
    """Adam administers but is not on the team: he is told so, privately, and nothing changes."""
    said = await life.asks()
    nudge = await life.nudged(said)
    told = await life.person("cleo").presses(life.channel(MODS), nudge.ts, "Claim")
    assert "for the team" in texts_of((await life.answer_to(told))["blocks"])
    assert await life.state(said) == "open"


async def test_two_who_press_at_once(life: Life) -> None:
    """Tess and Tim press Claim together: one has it, the other is told how things stand."""
    said = await life.asks()
    nudge = await life.nudged(said)
    await life.person("tess").presses(life.channel(MODS), nudge.ts, "Claim")
    told = await life.person("tim").presses(life.channel(MODS), nudge.ts, "Claim")
    await life.answer_to(told)
    assert (await life.the_mention(said)).claimed_by == "U0TESS"


async def test_a_link_button_asks_for_nothing(life: Life) -> None:
    """Open leads to the message; Slack tells the app of it all the same, and nothing is said."""
    said = await life.asks()
    nudge = await life.nudged(said)
    told = await life.person("tess").presses(life.channel(MODS), nudge.ts, "Open")
    await life.slack.quiet()
    await life.settle()
    assert told.responses == []
    assert await life.state(said) == "open"


async def test_another_tip_in_a_private_answer(life: Life) -> None:
    """Buttons of an ephemeral answer work: the next tip is shown to the same person alone."""
    ada = life.person("ada")
    first = await life.answer_to(await ada.types(life.channel(SUPPORT), "/tip"))
    shown = await until(lambda: life.slack.journal.accepted, "the tip")
    told = await ada.presses(life.channel(SUPPORT), shown[0].ts, "Another one")
    second = await life.answer_to(told)
    assert texts_of(second["blocks"]) != texts_of(first["blocks"])
    assert life.slack.journal.said_in(SUPPORT) == []


async def test_a_list_turns_its_pages_in_place(life: Life) -> None:
    """Ten wait and the list shows some: pressing on replaces the private list, it does not add another."""
    for index in range(12):
        await life.asks(f"asker{index}", f"How do I do thing {index}?")
    tess = life.person("tess")
    await life.answer_to(await tess.types(life.channel(MODS), "/mentions"))
    shown = life.slack.journal.accepted[-1]
    onward = [label for label in labels(shown.blocks) if label not in ("Claim", "Snooze", "Done", "Not a mention")]
    more = next(label for label in onward if label != "Open")
    told = await tess.presses(life.channel(MODS), shown.ts, more)
    answer = await life.answer_to(told)
    assert answer["replace_original"] is True


async def test_sharing_a_tip_with_the_channel(life: Life) -> None:
    """Share posts it for all to see, once a day."""
    tess = life.person("tess")
    await life.answer_to(await tess.types(life.channel(TIPS), "/tip", "engagement"))
    shown = life.slack.journal.accepted[-1]
    for _ in range(2):
        told = await tess.presses(life.channel(TIPS), shown.ts, "Share with the channel")
        await life.answer_to(told)
        await life.wait(1)
    assert len(life.said_in(TIPS)) == 1


async def test_useful_under_the_daily_tip(life: Life) -> None:
    """A press under the channel's tip is thanked for in private; the tip stays as it is."""
    decided = settings(tips=TIPS_AT_TEN)
    life.settings = lambda _community: decided
    await life.restarts()
    await life.wait(61)
    tip = life.said_in(TIPS)[0]
    told = await life.person("tess").presses(life.channel(TIPS), tip.ts, "Useful")
    answer = await life.answer_to(told)
    assert "Noted" in texts_of(answer["blocks"])
    assert not answer.get("replace_original")
    assert life.look(tip).edited is None
