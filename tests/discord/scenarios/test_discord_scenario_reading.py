"""Catching up: however much was said, and however slowly Discord lets us read it, it is judged once and in order."""

from __future__ import annotations

import pytest

from bot.model import DeliveryState
from tests.discord.scenarios.harbour import Harbour
from tests.discord.wire.faults import Dropped, Fault, broken, limited, refused
from tests.discord.wire.permissions import Permission

HELP = "How do I reset my password?"
READ = "GET /channels/{channel}/messages"
SAY = "POST /channels/{channel}/messages"


async def test_a_long_absence_is_read_page_by_page(harbour: Harbour) -> None:
    """Three hundred and fifty messages, an answer and a question among them; live ones go on meanwhile."""
    await harbour.start()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.opened(asked)
    await harbour.settle()
    harbour.wire.gateway.expire()
    harbour.wire.gateway.drop()
    for number in range(350):
        harbour.bob.say(harbour.support, f"Number {number} of the story")
        if number == 200:
            harbour.tess.reply(harbour.support, asked, "Like this.")
    late = harbour.town.person("Zoe").say(harbour.support, "Where do I find the log?")
    await harbour.opened(late)
    assert (await harbour.closed(asked)).closed_by == harbour.tess.id


@pytest.mark.parametrize("fault", [limited(600), broken(503), Dropped(False)], ids=["429", "503", "dropped"])
async def test_nobody_is_nudged_about_a_channel_that_cannot_be_read_yet(harbour: Harbour, fault: Fault) -> None:
    """The answer may be among what was missed. It is; and once it can be read, nobody has been bothered."""
    await harbour.start()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.opened(asked)
    await harbour.settle()
    await harbour.die()
    await harbour.clock.advance(20 * 60)
    harbour.tess.reply(harbour.support, asked, "Like this.")
    harbour.wire.rest.script(READ, *[fault] * 5, channel=harbour.support)
    harbour.listen()
    await harbour.until(lambda: harbour.community in harbour.bot.watches)
    for _ in range(20):
        await harbour.clock.advance(5 * 60)
        await harbour.through(harbour.settle())
    assert (await harbour.closed(asked)).closed_by == harbour.tess.id
    assert harbour.said_in(harbour.mods) == []


async def test_a_message_is_not_said_again_where_it_cannot_be_looked_up(harbour: Harbour) -> None:
    """Without Read Message History Discord answers with an empty history, which proves nothing."""
    await harbour.start()
    harbour.town.overwrite(harbour.mods, harbour.town.id, deny=Permission.READ_MESSAGE_HISTORY)
    await harbour.opened(harbour.ada.say(harbour.support, HELP))
    harbour.wire.rest.script(SAY, Dropped(True), channel=harbour.mods)
    await harbour.wait(60)
    assert len(harbour.said_in(harbour.mods)) == 1
    harbour.town.overwrite(harbour.mods, harbour.town.id, allow=Permission.READ_MESSAGE_HISTORY)
    await harbour.wait(30)
    assert len(harbour.said_in(harbour.mods)) == 1
    assert {each.state for each in await harbour.deliveries()} == {DeliveryState.SENT}


async def test_many_who_wait_are_one_digest(harbour: Harbour) -> None:
    """Thirty people at once are one message, within Discord's limits, and its buttons are theirs."""
    await harbour.start()
    for number in range(30):
        harbour.town.person(f"Guest {number}").say(harbour.support, f"How do I reset password number {number}?")
    await harbour.until(lambda: _waiting(harbour, 30))
    await harbour.wait(60)
    assert len(harbour.said_in(harbour.mods)) == 1


async def _waiting(harbour: Harbour, number: int) -> bool:
    return len(await harbour.waiting()) == number


async def test_an_interaction_that_came_too_late_stops_nothing(harbour: Harbour) -> None:
    """10062 is noted and nothing more; the next one is answered."""
    await harbour.start()
    harbour.tess.begin_slash(harbour.support, "tip").expired = True
    callback = "POST /interactions/{interaction}/{token}/callback"
    await harbour.until(lambda: harbour.wire.rest.requests(callback) and harbour.wire.rest.requests(callback)[0].done)
    assert harbour.wire.rest.requests(callback)[0].status == 404
    assert (await harbour.tess.slash(harbour.support, "tip")).shown


async def test_what_people_did_to_a_message_while_the_bot_was_away(harbour: Harbour) -> None:
    """A check mark, an edit and a deletion that nobody told of: no nudge about them is wrong.

    Discord tells a new session of no reaction, and a message only of how many: who gave one has to be asked.
    """
    await harbour.start()
    marked = harbour.ada.say(harbour.support, HELP)
    by_strangers = harbour.bob.say(harbour.support, "Where is the manual?")
    deleted = harbour.town.person("Zoe").say(harbour.support, "Is there an invoice somewhere?")
    for asked in (marked, by_strangers, deleted):
        await harbour.opened(asked)
    await harbour.settle()
    await harbour.die()
    await harbour.clock.advance(10 * 60)
    harbour.tess.react(harbour.support, marked, "✅")
    harbour.ada.react(harbour.support, by_strangers, "✅")
    harbour.tess.react(harbour.support, by_strangers, "👀")
    harbour.town.person("Zoe").delete(harbour.support, deleted)
    await harbour.start()
    await harbour.wait(40)
    assert (await harbour.closed(marked)).closing_rule == "reaction"
    assert (await harbour.closed(deleted)).closing_rule == "deleted"
    assert len(harbour.said_in(harbour.mods)) == 1, "about the one that only a stranger marked"


async def test_a_message_is_not_gone_because_its_marks_are_not_told(harbour: Harbour) -> None:
    """Discord knows an emoji no more, or refuses to tell who gave it: the question is there, and waits."""
    await harbour.start()
    asked = harbour.ada.say(harbour.support, HELP)
    await harbour.opened(asked)
    harbour.bob.react(harbour.support, asked, "✅")
    route = "GET /channels/{channel}/messages/{message}/reactions/{emoji}"
    harbour.wire.rest.script(route, refused(10014), channel=harbour.support)
    await harbour.wait(40)
    assert len(harbour.said_in(harbour.mods)) == 1
