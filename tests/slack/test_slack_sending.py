"""Saying, changing and finding messages, over real HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.slack import sending
from bot.errors import Forbidden, Gone, RateLimited, Rejected, Sent, Unauthorised, Unavailable
from bot.markup import Markup, escape
from bot.model import Member, Ping, PingKind, Place
from bot.post import Button, Item, Picture, Post
from tests.slack.connecting import app, chat_of, community, place, resting
from tests.slack.server import faults
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town

POST = Post("Ada is waiting", Markup("She asks **where**"), buttons=(Button("Claim", "mention.claim", "m1"),))
LONG = Post("Everybody", items=tuple(Item(Markup(f"Number {n}\n" + "x" * 400)) for n in range(60)))
"""More than one message holds."""


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the second between two messages of one post, which this server does not ask for."""
    monkeypatch.setattr(sending, "BETWEEN", 0)


def ago(minutes: float = 1) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


async def test_a_post_carries_its_key_and_is_found_by_it(slack: Slack, acme: Town) -> None:
    """What was said with a key is found by that key, and by no other."""
    mods = acme.channel("mods")
    async with resting(slack, acme) as chat:
        ref = await chat.post(place(acme, mods), POST, "nudge/m1/0")
        assert await chat.find(place(acme, mods), "nudge/m1/0", ago()) == ref
        assert await chat.find(place(acme, mods), "nudge/m1/1", ago()) is None
    assert slack.journal.keys() == ["nudge/m1/0"]


async def test_somebody_elses_message_with_our_key_is_not_ours(slack: Slack, acme: Town) -> None:
    """Metadata is for everybody to write: what another app said with it was not said by us."""
    mods = acme.channel("mods", "ada")
    payload = {"event_type": "vigie_delivery", "event_payload": {"key": "k", "of": 1}}
    acme.person("ada").wrote(mods, "Ada is waiting", metadata=payload)
    async with resting(slack, acme) as chat:
        assert await chat.find(place(acme, mods), "k", ago()) is None


async def test_nothing_in_a_text_becomes_a_link_or_a_preview(slack: Slack, acme: Town) -> None:
    """Automatic names, links and previews are off in every message."""
    mods = acme.channel("mods")
    async with resting(slack, acme) as chat:
        ref = await chat.post(place(acme, mods), POST, "k")
        await chat.edit(ref, POST)
    said = slack.journal.calls_of("chat.postMessage")[0].args
    assert (said["link_names"], said["parse"]) == (False, "none")
    assert (said["unfurl_links"], said["unfurl_media"]) == (False, False)
    changed = slack.journal.calls_of("chat.update")[0].args
    assert (changed["link_names"], changed["parse"]) == (False, "none")


async def test_only_those_who_are_called_are_called(slack: Slack, acme: Town) -> None:
    """What a person wrote calls nobody, in the blocks and in the notification alike."""
    mods, bob = acme.channel("mods"), acme.person("bob")
    hostile = "<!channel> <!here> <@U0ADA> <!subteam^S0TEAM> @everyone"
    post = Post(hostile, escape(hostile), pings=(Ping(PingKind.MEMBER, bob.id),))
    async with resting(slack, acme) as chat:
        await chat.post(place(acme, mods), post, "k")
    said = str(slack.journal.calls_of("chat.postMessage")[0].args)
    assert "<!" not in said
    assert "<@U0ADA" not in said
    assert f"<@{bob.id}>" in said


async def test_a_post_in_a_thread_stands_in_it(slack: Slack, acme: Town) -> None:
    """A reply is said and found in its thread, and not in the channel."""
    mods = acme.channel("mods")
    async with resting(slack, acme) as chat:
        root = await chat.post(place(acme, mods), POST, "root")
        ref = await chat.post(place(acme, mods, root.id), POST, "reply")
        assert ref.place.thread == root.id
        assert await chat.find(place(acme, mods, root.id), "reply", ago()) == ref
        assert await chat.find(place(acme, mods), "reply", ago()) is None


async def test_an_edit_is_harmless_when_repeated_and_keeps_the_key(slack: Slack, acme: Town) -> None:
    """An edit changes one message in place; it is still found by its key."""
    mods = acme.channel("mods")
    async with resting(slack, acme) as chat:
        ref = await chat.post(place(acme, mods), POST, "k")
        for _ in range(2):
            await chat.edit(ref, Post("Ada was answered"))
        assert acme.shown(mods, ref.id).text.startswith("Ada was answered")
        assert await chat.find(place(acme, mods), "k", ago()) == ref
    assert len(slack.journal.said_in(mods.id)) == 1


async def test_what_one_message_cannot_hold_goes_out_as_several(slack: Slack, acme: Town) -> None:
    """A long post is split, in order, one message a second, as Slack wants it; it is found when all of it is there."""
    slack.paced = True
    mods = acme.channel("mods")
    async with resting(slack, acme) as chat:
        ref = await chat.post(place(acme, mods), LONG, "digest/1")
        said = slack.journal.said_in(mods.id)
        assert [one.key for one in said] == ["digest/1", *(f"digest/1#{n}" for n in range(2, len(said) + 1))]
        assert len(said) > 1
        assert ref.id == said[0].ts
        assert await chat.find(place(acme, mods), "digest/1", ago()) == ref


@pytest.mark.usefixtures("at_once")
async def test_a_post_that_was_cut_short_is_completed(slack: Slack, acme: Town) -> None:
    """When only a part got out, it is not found; said again, only what was missing is said."""
    mods = acme.channel("mods")
    slack.faults.next("chat.postMessage", None, faults.REFUSED)
    async with resting(slack, acme) as chat:
        with pytest.raises(Unavailable):
            await chat.post(place(acme, mods), LONG, "digest/1")
        assert await chat.find(place(acme, mods), "digest/1", ago()) is None
        ref = await chat.post(place(acme, mods), LONG, "digest/1")
        assert await chat.find(place(acme, mods), "digest/1", ago()) == ref
    keys = slack.journal.keys()
    assert len(keys) == len(set(keys)) > 1


async def test_an_edit_to_something_long_stays_one_message(slack: Slack, acme: Town) -> None:
    """What does not fit into the message that is changed is left out, visibly."""
    mods = acme.channel("mods")
    async with resting(slack, acme) as chat:
        ref = await chat.post(place(acme, mods), POST, "k")
        await chat.edit(ref, LONG)
    blocks = acme.shown(mods, ref.id).blocks
    assert len(blocks) <= 50
    assert "…" in str(blocks[-1])


async def test_a_picture_is_uploaded_and_shown_with_its_words(slack: Slack, acme: Town) -> None:
    """A picture stands in the message, with its alternative text."""
    mods = acme.channel("mods")
    post = Post("The week", Markup("Faster"), picture=Picture(b"\x89PNG", "A curve that falls"))
    async with resting(slack, acme) as chat:
        await chat.post(place(acme, mods), post, "k")
    [image] = [block for block in slack.journal.said_in(mods.id)[0].blocks if block["type"] == "image"]
    assert image["alt_text"] == "A curve that falls"
    assert slack.files[image["slack_file"]["id"]]["content"] == b"\x89PNG"


async def test_a_lost_answer_is_uncertain_and_the_message_is_found(slack: Slack, acme: Town) -> None:
    """A message whose answer was lost may be out, is sent once by us, and is found."""
    mods = acme.channel("mods")
    slack.faults.next("chat.postMessage", faults.DROPPED)
    async with resting(slack, acme) as chat:
        with pytest.raises(Unavailable) as caught:
            await chat.post(place(acme, mods), POST, "k")
        assert caught.value.sent is Sent.MAYBE
        assert await chat.find(place(acme, mods), "k", ago()) is not None
    assert len(slack.journal.calls_of("chat.postMessage")) == 1


@pytest.mark.parametrize("fault", [faults.BROKEN, faults.BROKEN_THOUGH_ACCEPTED, faults.HTML, faults.REFUSED])
async def test_no_answer_in_slacks_words_is_uncertain(slack: Slack, acme: Town, fault: faults.Fault) -> None:
    """Whatever a gateway says instead of Slack, the message may have got out."""
    mods = acme.channel("mods")
    slack.faults.next("chat.postMessage", fault)
    async with resting(slack, acme) as chat:
        with pytest.raises(Unavailable) as caught:
            await chat.post(place(acme, mods), POST, "k")
    assert caught.value.sent is Sent.MAYBE


async def test_without_a_connection_nothing_can_have_got_out(slack: Slack, acme: Town) -> None:
    """Where nobody listens, it is certain that nothing was sent."""
    mods = acme.channel("mods")
    nowhere = replace(app(slack, acme), api_url="http://127.0.0.1:1/api/")
    chat = chat_of(nowhere)
    with pytest.raises(Unavailable) as caught:
        await chat.post(place(acme, mods), POST, "k")
    await chat.close()
    assert caught.value.sent is Sent.NO


async def test_a_limit_tells_how_long_and_how_far(slack: Slack, acme: Town) -> None:
    """A channel's limit holds up that channel, another method's the whole workspace."""
    mods = acme.channel("mods")
    slack.faults.next("chat.postMessage", faults.ratelimited(7))
    slack.faults.next("conversations.history", faults.ratelimited(30))
    async with resting(slack, acme) as chat:
        with pytest.raises(RateLimited) as posting:
            await chat.post(place(acme, mods), POST, "k")
        with pytest.raises(RateLimited) as reading:
            await chat.find(place(acme, mods), "k", ago())
    assert (posting.value.retry_after, posting.value.everywhere) == (7, False)
    assert (reading.value.retry_after, reading.value.everywhere) == (30, True)


REFUSALS: list[tuple[str, type[Exception]]] = [
    ("channel_not_found", Gone),
    ("not_in_channel", Forbidden),
    ("is_archived", Forbidden),
    ("restricted_action_read_only_channel", Forbidden),
    ("invalid_auth", Unauthorised),
    ("account_inactive", Unauthorised),
    ("msg_too_long", Rejected),
]


@pytest.mark.parametrize(("code", "error"), REFUSALS)
async def test_a_refusal_is_the_cores_error(slack: Slack, acme: Town, code: str, error: type[Exception]) -> None:
    """Slack's codes arrive as the core's errors, named by the code."""
    mods = acme.channel("mods")
    slack.faults.next("chat.postMessage", faults.refused(code))
    async with resting(slack, acme) as chat:
        with pytest.raises(error) as caught:
            await chat.post(place(acme, mods), POST, "k")
    told: Any = caught.value
    assert told.reason == code


async def test_a_missing_scope_is_named(slack: Slack, acme: Town) -> None:
    """The admin is told which scope it is."""
    mods = acme.channel("mods")
    acme.granted.scopes -= {"chat:write"}
    async with resting(slack, acme) as chat:
        with pytest.raises(Forbidden) as caught:
            await chat.post(place(acme, mods), POST, "k")
    assert caught.value.reason == "missing_scope: chat:write"
    assert caught.value.fix


async def test_the_private_channel_with_a_member(slack: Slack, acme: Town) -> None:
    """It is one and the same however often it is asked for; nobody's is Gone."""
    async with resting(slack, acme) as chat:
        lea = acme.person("lea")
        first = await chat.direct(Member(community(acme), lea.id))
        assert first == await chat.direct(Member(community(acme), lea.id)) == Place(community(acme), lea.dm.id)
        with pytest.raises(Gone):
            await chat.direct(Member(community(acme), "U0NOBODY"))


async def test_a_workspace_that_never_let_us_in(slack: Slack, acme: Town) -> None:
    """Nothing is sent to it by another one's token."""
    other = slack.workspace("other")
    mods = other.channel("mods")
    async with resting(slack, acme) as chat:
        with pytest.raises(Unauthorised):
            await chat.post(place(other, mods), POST, "k")
    assert slack.journal.calls_of("chat.postMessage") == []


async def test_several_workspaces_each_have_their_own_token(slack: Slack, acme: Town) -> None:
    """A message goes out by the token of its workspace."""
    other = slack.workspace("other")
    async with resting(slack, acme, other) as chat:
        for town in (acme, other):
            await chat.post(place(town, town.channel("mods")), POST, f"k/{town.id}")
    assert [call.token for call in slack.journal.calls_of("chat.postMessage")] == [acme.token, other.token]
