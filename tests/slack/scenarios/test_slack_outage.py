"""Half an hour without Slack, or without the bot: nothing is lost, nothing is said twice."""

from __future__ import annotations

from datetime import timedelta

from tests.slack.scenarios.living import HELP, MODS, SUPPORT, Life
from tests.slack.scenarios.looking import texts_of
from tests.slack.server.faults import ratelimited
from tests.slack.server.waiting import until


async def test_what_was_said_while_the_bot_was_away(life: Life) -> None:
    """A question, an answered question and a ping in an old thread: read from history on the next start."""
    ada, tess, support, help_ = life.person("ada"), life.person("tess"), life.channel(SUPPORT), life.channel(HELP)
    old = await ada.says(help_, "My printer burns")
    await life.asks("bob", "Where is the manual?")
    await life.wait(1)
    await life.dies()
    await life.time_passes(30)
    asked = ada.wrote(support, "How do I reset my password?")
    answered = life.person("cleo").wrote(support, "How do I change my name?")
    tess.wrote(support, "In your settings", thread=answered)
    pinged = ada.wrote(help_, "<!subteam^S0STAFF> it still burns", thread=old)
    await life.starts()
    await life.settle()
    assert await life.state(asked) == "open"
    assert await life.state(answered) == "answered"
    assert await life.state(pinged, HELP) == "open"


async def test_a_mention_that_was_answered_while_the_bot_was_away_is_not_nudged(life: Life) -> None:
    """Due in the outage, answered in the outage: the answer is read before anything is said."""
    said = await life.asks()
    await life.wait(1)
    await life.dies()
    await life.time_passes(60)
    life.person("tess").wrote(life.channel(SUPPORT), "Like this", thread=said)
    await life.starts()
    await life.settle()
    await life.wait(5)
    assert await life.state(said) == "answered"
    assert life.said_in(MODS) == []


async def test_slack_itself_is_away(life: Life) -> None:
    """Calls fail and sockets are gone; when Slack is back, what was due is said once."""
    said = await life.asks()
    await life.wait(1)
    before = life.connections
    life.slack.goes_down()
    await life.wait(40)
    assert life.said_in(MODS) == []
    life.slack.comes_back()
    await life.slack.sockets.connected()
    await until(lambda: life.connections > before, "the catching up")
    await life.wait(15)
    assert [accepted.key for accepted in life.said_in(MODS)] == [f"nudge/{(await life.the_mention(said)).id}/0"]


async def test_history_is_read_in_pages(life: Life) -> None:
    """A busy half-hour does not fit on one page."""
    await life.asks()
    await life.wait(1)
    await life.dies()
    await life.time_passes(30)
    life.slack.page_size = 15
    said = [life.person(f"asker{i}").wrote(life.channel(SUPPORT), f"How do I do thing {i}?") for i in range(100)]
    await life.starts()
    await life.settle()
    assert [await life.state(one) for one in said] == ["open"] * 100


async def test_only_old_threads_are_asked_for_one_by_one(life: Life) -> None:
    """Slack allows fifty requests a minute: of sixty who wait, a call each only for whom the channel does not show."""
    tess, support = life.person("tess"), life.channel(SUPPORT)
    old = [await life.asks(f"early{i}", f"Where is the manual number {i}?") for i in range(2)]
    await life.wait(timedelta(days=3))
    new = [await life.asks(f"asker{i}", f"How do I do thing {i}?") for i in range(58)]
    await life.wait(1)
    await life.dies()
    await life.time_passes(30)
    for said in (old[0], new[0]):
        tess.wrote(support, "Like this", thread=said)
    before = len(life.slack.journal.calls_of("conversations.replies"))
    await life.starts()
    await life.settle()
    asked = {call.args["ts"] for call in life.slack.journal.calls_of("conversations.replies")[before:]}
    assert asked == {old[0].ts, old[1].ts, new[0].ts}
    assert [await life.state(said) for said in (*old, *new[:2])] == ["answered", "open", "answered", "open"]


async def test_history_that_is_limited_is_read_later(life: Life) -> None:
    """429 while catching up: nobody is nudged about that channel before it was read."""
    said = await life.asks()
    await life.wait(1)
    await life.dies()
    await life.time_passes(40)
    life.person("tess").wrote(life.channel(SUPPORT), "Like this", thread=said)
    life.slack.faults.next("conversations.history", ratelimited(60), channel=SUPPORT)
    await life.starts()
    await life.settle()
    assert life.said_in(MODS) == []
    await life.wait(5)
    assert await life.state(said) == "answered"
    assert life.said_in(MODS) == []


async def test_many_overdue_are_one_digest(life: Life) -> None:
    """After the outage forty people are overdue: one message, not forty."""
    await life.asks()
    await life.wait(1)
    await life.dies()
    await life.time_passes(5)
    for index in range(40):
        life.person(f"asker{index}").wrote(life.channel(SUPPORT), f"How do I do thing {index}?")
    await life.time_passes(55)
    await life.starts()
    await life.settle()
    assert len(life.said_in(MODS)) == 1
    assert "people are waiting" in texts_of(life.said_in(MODS)[0].blocks) + life.said_in(MODS)[0].text


async def test_what_people_did_to_a_message_while_the_bot_was_away(life: Life) -> None:
    """A check mark, an edit and a deletion that nobody told of: no nudge about them is wrong."""
    support = life.channel(SUPPORT)
    marked = await life.asks("ada", "How do I reset my password?")
    edited = await life.asks("bob", "Where is the manual?")
    deleted = await life.asks("cleo", "Is there an invoice somewhere?")
    await life.wait(1)
    await life.dies()
    await life.time_passes(10)
    marked.reactions["white_check_mark"] = ["U0TESS"]
    edited.text = "Where is the other manual?"
    del support.messages[deleted.ts]
    await life.starts()
    await life.wait(40)
    shown = [texts_of(accepted.blocks) for accepted in life.said_in(MODS)]
    assert not any("password" in text for text in shown), "answered by a reaction"
    assert not any("invoice" in text for text in shown), "deleted"
    assert sum("other manual" in text for text in shown) == 1


async def test_no_connection_can_be_made(life: Life) -> None:
    """What certainly did not get out is not looked up: it is said as soon as Slack can be reached, once."""
    said = await life.asks()
    await life.wait(29)
    before = life.connections
    await life.slack.is_unplugged()
    await life.wait(6)
    await life.slack.is_plugged_in()
    await life.slack.sockets.connected()
    await until(lambda: life.connections > before, "the catching up")
    calls = len(life.slack.journal.calls)
    await life.wait(10)
    assert [accepted.key for accepted in life.said_in(MODS)] == [f"nudge/{(await life.the_mention(said)).id}/0"]
    looked_up = [call for call in life.slack.journal.calls[calls:] if call.args.get("include_all_metadata")]
    assert looked_up == []


async def test_a_new_channel_in_which_nothing_was_said_before_the_outage(life: Life) -> None:
    """More than a hundred messages, and a call in a thread, where no message was ever heard; three days later."""
    help_ = life.channel(HELP)
    await life.wait(1)
    await life.dies()
    await life.time_passes(30)
    first = life.person("bob").wrote(help_, "<!subteam^S0STAFF> the shop is down")
    thread = life.person("dora").wrote(help_, "My printer burns and I cannot put it out")
    pinged = life.person("ada").wrote(help_, "<!subteam^S0STAFF> mine burns as well", thread=thread)
    for number in range(120):
        life.person(f"asker{number}").wrote(help_, f"My order number {number} has arrived")
    await life.time_passes(timedelta(days=3))
    await life.starts()
    await life.settle()
    assert await life.state(first, HELP) == "open"
    assert await life.state(pinged, HELP) == "open"
