"""Slash commands: acknowledged at once, answered to the one who typed them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.slack.scenarios.living import MODS, SUPPORT, TIPS, TIPS_AT_TEN, Life, settings
from tests.slack.scenarios.looking import labels, texts_of
from tests.slack.server.faults import BROKEN, held
from tests.slack.server.waiting import until


async def test_tip_gives_todays_tip_to_whoever_asks(life: Life) -> None:
    """`/tip` is answered privately, with a tip in it."""
    told = await life.person("ada").types(life.channel(SUPPORT), "/tip")
    answer = await life.answer_to(told)
    assert answer["response_type"] == "ephemeral"
    assert "Today’s tip" in texts_of(answer["blocks"])
    assert life.slack.journal.said_in(SUPPORT) == []


async def test_advice_on_a_topic(life: Life) -> None:
    """`/tip engagement` gives the best tip on it, with more as buttons; what is unknown says so."""
    told = await life.person("tess").types(life.channel(TIPS), "/tip", "engagement")
    answer = await life.answer_to(told)
    assert "Share with the channel" in labels(answer["blocks"])
    told = await life.person("tess").types(life.channel(TIPS), "/tip", "xyzzy plugh")
    assert "Nothing found" in texts_of((await life.answer_to(told))["blocks"])


async def test_mentions_lists_who_waits_to_the_team_only(life: Life) -> None:
    """Tess sees Ada in the list; Ada is told that it is for the team."""
    await life.asks()
    listed = await life.answer_to(await life.person("tess").types(life.channel(MODS), "/mentions"))
    assert "ada" in texts_of(listed["blocks"])
    refused = await life.answer_to(await life.person("ada").types(life.channel(SUPPORT), "/mentions"))
    assert "for the team" in texts_of(refused["blocks"])


async def test_why_tells_the_rule_of_a_pasted_link(life: Life) -> None:
    """The permalink that Slack copies leads back to the mention."""
    said = await life.asks()
    link = life.slack.link(life.town.workspace, life.channel(SUPPORT), said)
    for text in (f"why {link}", f"why <{link}>"):
        told = await life.person("tess").types(life.channel(MODS), "/mentions", text)
        assert "asks a question" in texts_of((await life.answer_to(told))["blocks"]), text


async def test_wrong_use_is_answered_helpfully(life: Life) -> None:
    """An unknown word names what there is."""
    told = await life.person("tess").types(life.channel(MODS), "/mentions", "frobnicate")
    assert "/mentions stats" in texts_of((await life.answer_to(told))["blocks"])


async def test_help_and_check_by_command(life: Life) -> None:
    """`/vigie help` for everybody, `/vigie check` for the team, with what is wrong first."""
    told = await life.person("ada").types(life.channel(SUPPORT), "/vigie", "help")
    assert "What I can do" in texts_of((await life.answer_to(told))["blocks"])
    life.channel(MODS).members.discard(life.town.me)
    told = await life.person("tess").types(life.channel(MODS), "/vigie", "check")
    assert "❌" in texts_of((await life.answer_to(told))["blocks"])
    told = await life.person("ada").types(life.channel(SUPPORT), "/vigie", "check")
    assert "for the team" in texts_of((await life.answer_to(told))["blocks"])


async def test_whoever_asks_is_forgotten(life: Life) -> None:
    """`/privacy` tells Ada what is kept about her, and deletes it once she says so."""
    said = await life.asks()
    told = await life.person("ada").types(life.channel(SUPPORT), "/privacy")
    assert "1 mention" in texts_of((await life.answer_to(told))["blocks"])
    told = await life.person("ada").types(life.channel(SUPPORT), "/privacy", "forget-me")
    asked = await life.answer_to(told)
    shown = life.slack.journal.accepted[-1]
    pressed = await life.person("ada").presses(life.channel(SUPPORT), shown.ts, labels(asked["blocks"])[0])
    assert "You are forgotten" in texts_of((await life.answer_to(pressed))["blocks"])
    assert await life.mention(said) is None


async def test_a_command_is_acknowledged_before_any_work(life: Life) -> None:
    """Slack gives three seconds: the acknowledgement comes while the answer still waits for Slack's own API."""
    gate = asyncio.Event()
    life.slack.faults.always("*", held(gate))
    told = await life.person("tess").types(life.channel(MODS), "/mentions")
    await asyncio.wait_for(told.acknowledged.wait(), 20)
    assert told.responses == []
    gate.set()
    life.slack.faults.lift()
    await life.answer_to(told)


async def test_a_command_works_where_the_bot_is_not_a_member(life: Life) -> None:
    """The response_url works everywhere; a private channel without the bot too."""
    secret = life.town.channel("secret", "ada", kind="group", bot=False)
    told = await life.person("ada").types(secret, "/tip")
    assert "Today’s tip" in texts_of((await life.answer_to(told))["blocks"])


async def test_an_answer_gets_out_although_the_response_url_fails(life: Life) -> None:
    """A response_url that breaks is replaced by an ephemeral message."""
    life.slack.faults.next("response_url", BROKEN)
    told = await life.person("ada").types(life.channel(SUPPORT), "/tip")
    accepted = await until(lambda: life.slack.journal.accepted, "an answer")
    assert told.responses == []
    assert (accepted[0].via, accepted[0].to) == ("chat.postEphemeral", "U0ADA")


async def test_todays_tip_is_the_one_that_was_told(life: Life) -> None:
    """What the channel got at ten is what `/tip` shows at eleven."""
    decided = settings(tips=TIPS_AT_TEN)
    life.settings = lambda _community: decided
    await life.restarts()
    await life.wait(timedelta(hours=2))
    tip = life.said_in(TIPS)
    assert len(tip) == 1
    title = texts_of(tip[0].blocks[:1]).rpartition("· ")[2]
    told = await life.person("ada").types(life.channel(SUPPORT), "/tip")
    assert title in texts_of((await life.answer_to(told))["blocks"])


async def test_a_foreign_command_is_left_alone(life: Life) -> None:
    """A command that is not ours is acknowledged, and nothing is said."""
    told = await life.person("ada").types(life.channel(SUPPORT), "/weather")
    await life.slack.quiet()
    await life.settle()
    assert told.responses == []
    assert life.slack.journal.accepted == []


async def test_a_tip_is_shared_from_a_channel_only(life: Life) -> None:
    """In the private channel with the bot there is nobody to share it with: no such button."""
    tess = life.person("tess")
    told = await tess.types(life.channel(MODS), "/tip", "engagement")
    assert "Share with the channel" in labels((await life.answer_to(told))["blocks"])
    told = await tess.types(tess.dm, "/tip", "engagement")
    assert "Useful" in labels((await life.answer_to(told))["blocks"])
    assert "Share with the channel" not in labels((await life.answer_to(told))["blocks"])
