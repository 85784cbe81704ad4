"""Connections break, sessions end, Discord refuses: nothing that people said is lost, and nothing is judged twice."""

from __future__ import annotations

import pytest

from bot.errors import ChatError, Unauthorised
from bot.model import MentionState
from tests.discord.scenarios.harbour import Harbour
from tests.discord.wire.intents import Intent

HELP = "How do I reset my password?"


async def test_what_was_said_while_the_network_was_down_is_heard_once(harbour: Harbour) -> None:
    """RESUME repeats it: one login, one mention, and the answer that came meanwhile counts."""
    await harbour.start()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.opened(asked)
    harbour.wire.gateway.drop()
    harbour.tess.reply(harbour.support, asked, "Like this.")
    missed = harbour.bob.say(harbour.support, "Where is the log?")
    await harbour.opened(missed)
    answered = await harbour.closed(asked)
    assert (answered.state, answered.closed_by) == (MentionState.ANSWERED, harbour.tess.id)
    assert (len(harbour.wire.gateway.identifies), harbour.wire.gateway.resumes) == (1, 1)


async def test_an_expired_session_is_caught_up_from_history(harbour: Harbour) -> None:
    """Nothing is repeated then: channel, thread and forum are read after their cursors, answers among it."""
    await harbour.start()
    asked = harbour.ada.say(harbour.support, HELP)
    other = harbour.bob.say(harbour.quiet, "Can anybody help me with the import?")
    await harbour.opened(asked)
    await harbour.opened(other, harbour.quiet)
    thread = harbour.ada.start_thread(harbour.support, "Password", on=asked)
    await harbour.settle()
    harbour.wire.gateway.expire()
    harbour.wire.gateway.drop()
    harbour.tess.say(thread, "Like this.")
    harbour.tim.reply(harbour.quiet, other, "Yes, gladly.")
    post = harbour.bob.open_post(harbour.forum, "It does not start", "The log says nothing.")
    late = harbour.bob.say(harbour.support, "Where is the log?")
    await harbour.opened(late)
    await harbour.opened(post, harbour.forum)
    assert (await harbour.closed(asked)).closed_by == harbour.tess.id
    assert (await harbour.closed(other, harbour.quiet)).closed_by == harbour.tim.id
    assert (len(harbour.wire.gateway.identifies), harbour.wire.gateway.resumes) == (2, 0)


async def test_ready_twice_says_nothing_twice(harbour: Harbour) -> None:
    """A session that begins anew finds the same mentions, and one nudge comes of each."""
    await harbour.start()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.opened(asked)
    for logins in (2, 3):
        await harbour.wire.gateway.invalidate(resumable=False)
        await harbour.until(lambda logins=logins: len(harbour.wire.gateway.identifies) == logins)
        await harbour.until(harbour.is_current)
    await harbour.wait(35)
    assert len(harbour.said_in(harbour.mods)) == 1
    assert len(await harbour.waiting()) == 1


@pytest.mark.parametrize("asked_by", ["op 7", "op 9, resumable", "close 4000", "close 1001"])
async def test_a_reconnect_that_discord_asks_for_costs_no_login(harbour: Harbour, asked_by: str) -> None:
    """The session goes on on another connection."""
    await harbour.start()
    gateway = harbour.wire.gateway
    if asked_by == "op 7":
        await gateway.reconnect()
    elif asked_by.startswith("op 9"):
        await gateway.invalidate(resumable=True)
    else:
        await gateway.close(int(asked_by[-4:]))
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    assert (len(gateway.identifies), gateway.resumes) == (1, 1)


async def test_a_zombie_is_given_up_and_resumed(harbour: Harbour) -> None:
    """A connection on which nothing comes any more, no acknowledgement either, is replaced."""
    harbour.wire.gateway.heartbeat_interval = 50
    harbour.listen()
    # One minute in life: the library's own setting, which the adapter leaves as it is.
    harbour.chat.client._connection.heartbeat_timeout = 0.5
    await harbour.until(harbour.is_current)
    harbour.wire.gateway.mute()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.opened(asked)
    assert (len(harbour.wire.gateway.identifies), harbour.wire.gateway.resumes) == (1, 1)


async def test_a_gateway_that_is_down_is_waited_for(harbour: Harbour) -> None:
    """Whatever was said until it is back is heard then: the session is resumed, without a further login."""
    await harbour.start()
    harbour.wire.gateway.refusing = True
    harbour.wire.gateway.drop()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.until(lambda: harbour.wire.gateway.turned_away >= 3)
    harbour.wire.gateway.refusing = False
    await harbour.opened(asked)
    assert len(harbour.wire.gateway.identifies) == 1


async def test_intents_that_are_not_switched_on_are_named(harbour: Harbour) -> None:
    """4014 ends the chat with the page where they are switched on, after one login."""
    harbour.wire.gateway.refused_intents = Intent.MESSAGE_CONTENT
    with pytest.raises(Unauthorised) as refused:
        await harbour.start()
    assert refused.value.reason == "4014"
    assert f"{harbour.wire.world.application['id']}/bot" in str(refused.value)
    assert refused.value.fix
    assert len(harbour.wire.gateway.identifies) == 1


async def test_a_wrong_token_is_named_and_not_tried_again(harbour: Harbour) -> None:
    """401 ends the chat at once: each attempt counts towards the ban of the address. The token is told nowhere."""
    harbour.token = "not-the-token"
    with pytest.raises(Unauthorised) as refused:
        await harbour.start()
    assert refused.value.fix
    assert harbour.token not in str(refused.value)
    assert harbour.wire.rest.invalid == 1
    assert harbour.wire.gateway.identifies == []


@pytest.mark.parametrize("code", [4010, 4011, 4012, 4013])
async def test_a_login_that_makes_no_sense_is_not_repeated(harbour: Harbour, code: int) -> None:
    """A wrong shard, too few shards, a wrong version, unknown intents: connecting again would be no use."""
    listening = harbour.listen()
    await harbour.until(harbour.is_current)
    await harbour.wire.gateway.close(code)
    with pytest.raises(ChatError) as refused:
        await listening
    assert refused.value.reason == str(code)
    assert len(harbour.wire.gateway.identifies) == 1


async def test_a_token_that_is_reset_while_we_run_ends_the_chat(harbour: Harbour) -> None:
    """4004."""
    listening = harbour.listen()
    await harbour.until(harbour.is_current)
    await harbour.wire.gateway.close(4004)
    with pytest.raises(Unauthorised):
        await listening


async def test_too_many_logins_stop_the_bot_before_discord_resets_its_token(harbour: Harbour) -> None:
    """Fifty in a day, whichever process made them: the fifty-first is not made, by the next process neither."""
    for _ in range(48):
        await harbour.keeper.note(f"discord/identify/{harbour.wire.world.application['id']}", harbour.clock.now())
    listening = harbour.listen()
    await harbour.until(harbour.is_current)
    gateway = harbour.wire.gateway
    await gateway.invalidate(resumable=False)
    await harbour.until(lambda: len(gateway.identifies) == 2 and gateway.connected)
    await gateway.invalidate(resumable=False)
    with pytest.raises(ChatError) as stopped:
        await harbour.until(lambda: len(gateway.identifies) == 3)
    assert "1000" in str(stopped.value)
    assert listening.done()
    await harbour.die()
    with pytest.raises(ChatError):
        await harbour.start()
    assert len(gateway.identifies) == 2
