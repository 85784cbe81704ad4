"""History, single messages and their addresses, over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.slack.reading import link, ref_of
from bot.errors import Gone, RateLimited, Unavailable
from bot.model import Community, Message, MessageRef, Place
from tests.slack.connecting import SLACK, community, place, resting
from tests.slack.server import faults
from tests.slack.server.model import Channel, Said
from tests.slack.server.slack import Slack
from tests.slack.server.town import Town

BASE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Hours:
    """A clock for the server that goes on when told."""

    def __init__(self) -> None:
        self.now = BASE

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


async def read(slack: Slack, town: Town, where: Channel, after: str | None, thread: str | None = None) -> list[Message]:
    async with resting(slack, town) as chat:
        return [message async for message in chat.history(place(town, where, thread), after)]


def texts(messages: list[Message]) -> list[str]:
    return [message.text for message in messages]


async def test_history_comes_oldest_first_over_all_pages(slack: Slack, acme: Town) -> None:
    """Whatever Slack's order and pages, each message later than `after` is told once, the oldest first."""
    support, ada = acme.channel("support"), acme.person("ada")
    said = [ada.wrote(support, f"m{n}") for n in range(25)]
    slack.page_size = 4
    assert texts(await read(slack, acme, support, said[2].ts)) == [f"m{n}" for n in range(3, 25)]
    assert len(slack.journal.calls_of("conversations.history")) > 5


async def test_a_place_that_was_never_read_gives_what_is_recent(slack: Slack, acme: Town) -> None:
    """Without a beginning, the last day, its threads included."""
    support, ada = acme.channel("support"), acme.person("ada")
    for n in range(120):
        ada.wrote(support, f"m{n}")
    ada.wrote(support, "in a thread", thread=ada.wrote(support, "root"))
    old = ada.wrote(support, "long ago")
    support.messages[old.ts].ts = "1500000000.000100"
    assert texts(await read(slack, acme, support, None)) == [*(f"m{n}" for n in range(120)), "root", "in a thread"]


async def test_what_was_said_in_older_threads_during_an_outage_is_read() -> None:
    """A reply in a thread that began before the outage comes in its place among the channel's own messages."""
    hours = Hours()
    async with Slack(hours) as slack:
        acme = slack.workspace("acme")
        support, ada, bob = acme.channel("support"), acme.person("ada"), acme.person("bob")
        old = bob.wrote(support, "an old thread")
        hours.later(hours=30)
        last = ada.wrote(support, "the last before the outage")
        hours.later(minutes=10)
        ada.wrote(support, "in the channel")
        hours.later(minutes=1)
        ada.wrote(support, "in the old thread", thread=old)
        hours.later(minutes=1)
        new = bob.wrote(support, "a new thread")
        hours.later(minutes=1)
        ada.wrote(support, "in the new thread", thread=new)
        found = await read(slack, acme, support, last.ts)
    assert texts(found) == ["in the channel", "in the old thread", "a new thread", "in the new thread"]
    assert [message.ref.place.thread for message in found] == [None, old.ts, None, new.ts]


async def test_a_reply_that_was_shown_in_the_channel_too_is_told_once(slack: Slack, acme: Town) -> None:
    """A broadcast stands in its thread and in the channel, and is one message."""
    support, ada = acme.channel("support"), acme.person("ada")
    first = ada.wrote(support, "first")
    root = ada.wrote(support, "root")
    ada.wrote(support, "for all", thread=root, broadcast=True)
    found = await read(slack, acme, support, first.ts)
    assert texts(found) == ["root", "for all"]
    assert found[1].ref.place.thread == root.ts


async def test_a_thread_is_read_without_its_beginning(slack: Slack, acme: Town) -> None:
    """Slack sends the root along with every page; it is no answer to itself."""
    support, ada = acme.channel("support"), acme.person("ada")
    root = ada.wrote(support, "root")
    replies = [ada.wrote(support, f"r{n}", thread=root) for n in range(5)]
    slack.page_size = 2
    assert texts(await read(slack, acme, support, root.ts, root.ts)) == ["r0", "r1", "r2", "r3", "r4"]
    assert texts(await read(slack, acme, support, replies[2].ts, root.ts)) == ["r3", "r4"]


async def test_a_limit_interrupts_and_does_not_begin_again(slack: Slack, acme: Town) -> None:
    """After RateLimited, reading goes on where it stopped: the pages that were read are not asked for again."""
    support, ada = acme.channel("support"), acme.person("ada")
    said = [ada.wrote(support, f"m{n}") for n in range(12)]
    slack.page_size = 3
    slack.faults.next("conversations.history", None, None, faults.ratelimited(20))
    async with resting(slack, acme) as chat:
        where = place(acme, support)
        with pytest.raises(RateLimited) as caught:
            [message async for message in chat.history(where, said[0].ts)]
        assert caught.value.retry_after == 20
        asked = len(slack.journal.calls_of("conversations.history"))
        assert texts([message async for message in chat.history(where, said[0].ts)]) == [f"m{n}" for n in range(1, 12)]
    assert len(slack.journal.calls_of("conversations.history")) - asked == 2


async def test_authors_and_those_they_name_are_known_by_name(slack: Slack, acme: Town) -> None:
    """A message that was read tells names, each asked for once."""
    support, ada, bob = acme.channel("support"), acme.person("ada"), acme.person("bob")
    first = ada.wrote(support, "first")
    for n in range(4):
        ada.wrote(support, f"{n}: {bob.mention}")
    found = await read(slack, acme, support, first.ts)
    assert {message.author.name for message in found} == {"ada"}
    assert found[0].text == "0: @bob"
    asked = [call.args["user"] for call in slack.journal.calls_of("users.info")]
    assert sorted(asked) == sorted([ada.id, bob.id])


async def test_a_name_that_cannot_be_had_holds_nothing_up(slack: Slack, acme: Town) -> None:
    """Messages are read even when nobody tells who wrote them."""
    support, ada = acme.channel("support"), acme.person("ada")
    first = ada.wrote(support, "first")
    ada.wrote(support, "second")
    slack.faults.always("users.info", faults.refused("missing_scope", needed="users:read"))
    assert texts(await read(slack, acme, support, first.ts)) == ["second"]


@pytest.mark.parametrize("in_thread", [False, True])
async def test_one_message_is_fetched_as_it_is_now(slack: Slack, acme: Town, in_thread: bool) -> None:
    """A message of the channel or of a thread, with its text of now and its reactions."""
    support, ada, tess = acme.channel("support"), acme.person("ada"), acme.person("tess")
    root = ada.wrote(support, "root")
    said: Said = ada.wrote(support, "as it was", thread=root) if in_thread else root
    said.text = "as it is"
    said.reactions["eyes"] = [tess.id]
    async with resting(slack, acme) as chat:
        ref = MessageRef(place(acme, support, root.ts if in_thread else None), said.ts)
        found = await chat.fetch(ref)
        assert found is not None
        assert (found.text, found.author.name, found.ref) == ("as it is", "ada", ref)
        assert [(one.emoji, one.member) for one in found.reactions] == [("eyes", tess.id)]


async def test_a_reply_is_fetched_without_knowing_its_thread(slack: Slack, acme: Town) -> None:
    """Somebody who pastes a link to a reply may leave the thread out."""
    support, ada = acme.channel("support"), acme.person("ada")
    root = ada.wrote(support, "root")
    reply = ada.wrote(support, "reply", thread=root)
    async with resting(slack, acme) as chat:
        found = await chat.fetch(MessageRef(place(acme, support), reply.ts))
    assert found is not None
    assert found.ref.place.thread == root.ts


async def test_a_deleted_message_is_gone(slack: Slack, acme: Town) -> None:
    """None, for a message, a reply, and the root of a thread that left a tombstone."""
    support, ada = acme.channel("support"), acme.person("ada")
    single, root = ada.wrote(support, "single"), ada.wrote(support, "root")
    reply = ada.wrote(support, "reply", thread=root)
    lost = ada.wrote(support, "lost reply", thread=root)
    for said in (single, root, lost):
        await ada.deletes(support, said)
    async with resting(slack, acme) as chat:
        for said, thread in ((single, None), (root, None), (lost, root.ts)):
            assert await chat.fetch(MessageRef(place(acme, support, thread), said.ts)) is None
        assert await chat.fetch(MessageRef(place(acme, support, root.ts), reply.ts)) is not None


async def test_what_keeps_us_from_knowing_raises(slack: Slack, acme: Town) -> None:
    """An error is never taken for an absence."""
    support = acme.channel("support")
    slack.faults.next("conversations.history", faults.BROKEN, faults.HTML)
    async with resting(slack, acme) as chat:
        with pytest.raises(Unavailable):
            await chat.fetch(MessageRef(place(acme, support), "1700000000.000100"))
        with pytest.raises(Unavailable):
            await chat.find(place(acme, support), "k", BASE)
        with pytest.raises(Gone):
            await chat.find(Place(community(acme), "C0NOWHERE"), "k", BASE)


async def test_only_our_own_messages_are_found(slack: Slack, acme: Town) -> None:
    """Another app may write whatever metadata it likes."""
    support, eve = acme.channel("support"), acme.person("eve")
    eve.wrote(support, "fake", metadata={"event_type": "vigie_delivery", "event_payload": {"key": "tip/1"}})
    async with resting(slack, acme) as chat:
        assert await chat.find(place(acme, support), "tip/1", datetime.now(UTC) - timedelta(minutes=5)) is None


HOME = "https://acme.slack.com/"
COMMUNITY = Community(SLACK, "T0ACME")


@pytest.mark.parametrize("thread", [None, "1700000000.000100"])
def test_an_address_leads_back_to_its_message(thread: str | None) -> None:
    """`ref_of` is the opposite of `link`, in a channel and in a thread."""
    ref = MessageRef(Place(COMMUNITY, "C0SUPPORT", thread), "1700000001.000200")
    address = link(HOME, ref)
    assert address is not None
    assert address.startswith("https://acme.slack.com/archives/C0SUPPORT/p1700000001000200")
    assert ref_of(HOME, COMMUNITY, address) == ref
    assert ref_of(HOME, COMMUNITY, f" <{address}|a label> ") == ref


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hello",
        "https://acme.slack.com/",
        "https://acme.slack.com/archives/C0SUPPORT",
        "https://acme.slack.com/archives/C0SUPPORT/p12",
        "https://other.slack.com/archives/C0SUPPORT/p1700000001000200",
        "https://acme.slack.com.evil.example/archives/C0SUPPORT/p1700000001000200",
        "http://[broken/archives/C0SUPPORT/p1700000001000200",
    ],
)
def test_what_is_no_address_of_a_message_there(address: str) -> None:
    """None, and no error, whatever was pasted."""
    assert ref_of(HOME, COMMUNITY, address) is None


def test_a_thread_that_is_no_id_is_left_out() -> None:
    """An address is what somebody pasted: nothing in it is believed."""
    ref = ref_of(HOME, COMMUNITY, "https://acme.slack.com/archives/C0SUPPORT/p1700000001000200?thread_ts=<script>")
    assert ref == MessageRef(Place(COMMUNITY, "C0SUPPORT"), "1700000001.000200")
