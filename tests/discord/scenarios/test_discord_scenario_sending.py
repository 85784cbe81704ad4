"""Whatever befalls a send: it is out exactly once, or an admin knows why not; and nothing else waits for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import DeliveryState
from tests.discord.scenarios.harbour import Harbour
from tests.discord.wire.faults import Dropped, Fault, broken, cloudflare, limited, refused
from tests.discord.wire.permissions import EVERYONE, Permission
from tests.discord.wire.rest import Asked

HELP = "How do I reset my password?"
SAY = "POST /channels/{channel}/messages"
READ = "GET /channels/{channel}/messages"


def sends(harbour: Harbour, channel: str) -> list[Asked]:
    return [asked for asked in harbour.wire.rest.requests(SAY) if asked.params["channel"] == channel]


@pytest.mark.parametrize("fault", [Dropped(True), Dropped(False), broken(500), broken(502), broken(503)], ids=repr)
async def test_a_nudge_whose_answer_is_lost_is_out_once(harbour: Harbour, fault: Fault) -> None:
    """Looked up before it is said again, whether or not Discord had taken it."""
    await harbour.start()
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    harbour.wire.rest.script(SAY, fault, channel=harbour.mods)
    await harbour.wait(45)
    assert len(harbour.said_in(harbour.mods)) == 1
    assert [key.partition("/")[0] for key in await harbour.sent()] == ["nudge"]


@pytest.mark.parametrize("accepted", [True, False])
async def test_the_next_process_looks_up_what_the_last_one_left_in_doubt(harbour: Harbour, accepted: bool) -> None:
    """The key travels with the message and in the database, not in the process."""
    await harbour.start()
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    harbour.wire.rest.script(SAY, Dropped(accepted), channel=harbour.mods)
    # Dies as soon as it was sent, before it could be looked up.
    await harbour.wait_until(harbour.clock.now() + timedelta(minutes=30, seconds=1))
    assert len(sends(harbour, harbour.mods)) == 1
    await harbour.restart()
    await harbour.wait(15)
    assert len(harbour.said_in(harbour.mods)) == 1


async def test_a_message_is_found_after_discord_has_forgotten_its_nonce(harbour: Harbour) -> None:
    """The history cannot be read for ten minutes: the doubt lasts longer than Discord remembers nonces."""
    await harbour.start()
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    harbour.wire.rest.script(SAY, Dropped(True), channel=harbour.mods)
    await harbour.die()
    await harbour.start()
    await harbour.wait_until(harbour.clock.now() + timedelta(minutes=31))
    assert len(sends(harbour, harbour.mods)) == 1
    await harbour.die()
    await harbour.clock.advance(timedelta(minutes=10))
    await harbour.start()
    await harbour.wait(10)
    assert len(harbour.said_in(harbour.mods)) == 1
    assert [key.partition("/")[0] for key in await harbour.sent()] == ["nudge"]


async def test_a_channels_limit_is_waited_out_and_others_go_on(harbour: Harbour) -> None:
    """Retry-After is kept over a restart: one request before, none during, one after; the tip is on time."""
    harbour.settings = harbour.with_tips()
    await harbour.start()
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    harbour.wire.rest.script(SAY, limited(3600), channel=harbour.mods)
    await harbour.wait(40)
    await harbour.restart()
    await harbour.wait(35)
    assert len(harbour.said_in(harbour.team_room)) == 1
    assert len(sends(harbour, harbour.mods)) == 1
    await harbour.wait(30)
    assert len(harbour.said_in(harbour.mods)) == 1
    assert len(sends(harbour, harbour.mods)) == 2


@pytest.mark.parametrize("fault", [limited(1800, everywhere=True), cloudflare(429)], ids=["global", "cloudflare"])
async def test_a_limit_of_everything_silences_the_bot(harbour: Harbour, fault: Fault) -> None:
    """Nothing is asked while it lasts, wherever it would go; afterwards everything is said once."""
    harbour.settings = harbour.with_tips()
    await harbour.start()
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    harbour.wire.rest.script(SAY, fault, channel=harbour.mods)
    await harbour.wait_until(harbour.clock.now() + timedelta(minutes=31))
    assert len(sends(harbour, harbour.mods)) == 1
    asked = len(harbour.wire.rest.asked)
    await harbour.wait(20)
    assert len(harbour.wire.rest.asked) == asked
    await harbour.wait(60)
    assert len(harbour.said_in(harbour.mods)) == len(harbour.said_in(harbour.team_room)) == 1


async def test_a_closed_channel_is_told_to_an_admin_once_and_stops_nothing_else(harbour: Harbour) -> None:
    """50013: the lead reads in private which channel, and what to do; the tip comes all the same."""
    harbour.settings = harbour.with_tips()
    await harbour.start()
    harbour.town.overwrite(harbour.mods, harbour.town.id, deny=Permission.SEND_MESSAGES)
    for person in (harbour.ada, harbour.bob):
        await harbour.opened(person.say(harbour.support, HELP))
        await harbour.wait(40)
    assert harbour.said_in(harbour.mods) == []
    assert harbour.mods in await harbour.disabled()
    assert len(harbour.said_in(harbour.lea.private)) == 1
    assert len(harbour.said_in(harbour.team_room)) == 1
    assert harbour.wire.rest.invalid <= 2


async def test_closed_private_messages_fail_that_nudge_alone(harbour: Harbour) -> None:
    """50007 at the third step; the nudge in the moderators' channel is changed as ever."""
    await harbour.start()
    harbour.lea.refuse_direct()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.opened(asked)
    await harbour.wait(8 * 60 + 30)
    states = {each.key.rpartition("/")[2]: each.state for each in await harbour.deliveries() if "nudge/" in each.key}
    assert states["2"] is DeliveryState.FAILED
    harbour.tess.reply(harbour.support, asked, "Like this.")
    await harbour.closed(asked)
    before = [message["edited_timestamp"] for message in harbour.said_in(harbour.mods)]
    await harbour.wait(5)
    assert [message["edited_timestamp"] for message in harbour.said_in(harbour.mods)] != before


async def test_a_token_that_rest_refuses_stops_the_sends(harbour: Harbour) -> None:
    """401: not one request for each thing that is due, and once it is accepted again everything is said."""
    harbour.settings = harbour.with_tips()
    await harbour.start()
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    harbour.wire.rest.script(SAY, refused(0))
    await harbour.wait(50)
    assert [asked.status for asked in harbour.wire.rest.requests(SAY)] == [401]
    await harbour.wait(70)
    assert len(harbour.said_in(harbour.mods)) >= 1
    assert len(harbour.said_in(harbour.team_room)) == 1


async def test_an_hour_of_refusals_stays_far_from_the_ban(harbour: Harbour) -> None:
    """Every request is refused with 403 for an hour, in three channels, with twenty people waiting."""
    harbour.settings = harbour.with_tips()
    await harbour.start()
    harbour.town.give_bot(0)
    for channel in (harbour.mods, harbour.team_room):
        harbour.town.overwrite(channel, harbour.town.id, deny=EVERYONE)
    for number in range(20):
        asked = harbour.town.person(f"Guest {number}").say(harbour.support, HELP)
        await harbour.opened(asked)
    await harbour.wait(120)
    assert harbour.wire.rest.invalid < 50


async def test_only_whom_the_core_names_is_pinged(harbour: Harbour) -> None:
    """A hostile text pings nobody, in the nudge or in its edits; the second step pings the role on duty, once."""
    harbour.town.change_role(harbour.staff, mentionable=True)
    await harbour.start()
    harbour.town.give_bot(EVERYONE | Permission.MENTION_EVERYONE)
    bait = f"@everyone @here <@&{harbour.staff}> <@{harbour.bob.id}> help?"
    asked = harbour.ada.say(harbour.support, bait)
    await harbour.opened(asked)
    await harbour.wait(3 * 60)
    mine = [
        event.data
        for event in harbour.wire.world.events
        if event.name in ("MESSAGE_CREATE", "MESSAGE_UPDATE") and event.channel == harbour.mods
    ]
    assert len(harbour.said_in(harbour.mods)) == 2
    assert not any(message["mention_everyone"] or message["mentions"] for message in mine)
    created = [event for event in harbour.wire.world.events if event.name == "MESSAGE_CREATE"]
    called = [event.data["mention_roles"] for event in created if event.channel == harbour.mods]
    assert called == [[], [harbour.duty]]


async def test_a_nudge_that_somebody_deleted_is_not_said_again(harbour: Harbour) -> None:
    """Its next look finds nothing to change."""
    await harbour.start()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.opened(asked)
    await harbour.wait(35)
    [nudge] = harbour.said_in(harbour.mods)
    harbour.tess.delete(harbour.mods, nudge["id"])
    harbour.tess.reply(harbour.support, asked, "Like this.")
    await harbour.closed(asked)
    await harbour.wait(30)
    assert harbour.said_in(harbour.mods) == []


async def test_a_nudge_deleted_before_it_could_be_looked_up_closes_no_channel(harbour: Harbour) -> None:
    """Discord refuses to make it once more (10008 for the same nonce): that says nothing about the channel."""
    await harbour.start()
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    harbour.wire.rest.script(SAY, Dropped(True), channel=harbour.mods)
    await harbour.wait_until(harbour.clock.now() + timedelta(minutes=30, seconds=1))
    [nudge] = harbour.said_in(harbour.mods)
    harbour.tess.delete(harbour.mods, nudge["id"])
    await harbour.wait(30)
    assert await harbour.disabled() == {}
    assert harbour.said_in(harbour.lea.private) == []
    await harbour.opened(harbour.bob.say(harbour.quiet, HELP), harbour.quiet)
    await harbour.wait(35)
    assert len(harbour.said_in(harbour.mods)) >= 1


async def test_a_forum_named_for_nudges_is_told_to_an_admin(harbour: Harbour) -> None:
    """40058: nothing can be posted there; it is the configuration's fault, and an admin reads so."""
    mentions = harbour.settings.mentions
    harbour.settings = replace(harbour.settings, mentions=replace(mentions, channel=harbour.forum))
    await harbour.start()
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    await harbour.wait(35)
    assert harbour.forum in await harbour.disabled()
    assert len(harbour.said_in(harbour.lea.private)) == 1
