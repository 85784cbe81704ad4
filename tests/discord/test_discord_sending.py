"""What the adapter says in Discord, changes and finds again, over the wire."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import Forbidden, Gone, RateLimited, Rejected, Sent, Unauthorised, Unavailable
from bot.events import Connected, MessagePosted
from bot.markup import Markup, escape
from bot.model import Member, MessageRef, Ping, PingKind, Place
from bot.post import Button, Picture, Post
from tests.discord.connecting import House, community, living, watching
from tests.discord.wire.faults import Answered, Dropped, Held, broken, cloudflare, limited, refused
from tests.discord.wire.permissions import Permission
from tests.discord.wire.room import Town
from tests.discord.wire.server import WireDiscord

POST = Post("Ada is waiting", Markup("For an answer"), buttons=(Button("Claim", "claim", "m1"),))
PLAIN = Post("A word", escape("about something"))
SEND = "POST /channels/{channel}/messages"
EDIT = "PATCH /channels/{channel}/messages/{message}"


@pytest.fixture
def town(wire: WireDiscord) -> Town:
    return wire.town()


@pytest.fixture
async def house(wire: WireDiscord, town: Town) -> AsyncIterator[House]:
    """Not connected to the gateway: whatever is said needs none."""
    async with living(wire) as made:
        yield made


@pytest.fixture
def place(town: Town) -> Place:
    return Place(community(town.id), town.channel("team"))


def just_before() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


async def test_what_the_server_cannot_take_is_said_plainly(house: House, place: Place, wire: WireDiscord) -> None:
    """Without its embed, with its buttons and its mark: it is still found by its key, and edited as it was sent."""
    wire.rest.script(SEND, refused(50035))
    ref = await house.chat.post(place, POST, "nudge/1")
    message = wire.world.messages[place.channel][ref.id]
    assert "For an answer" in message["content"]
    assert message["embeds"] == []
    assert message["components"][0]["components"][0]["label"] == "Claim"
    assert await house.chat.find(place, "nudge/1", just_before()) == ref
    wire.rest.script(EDIT, broken(500))
    await house.chat.edit(ref, Post("Ada was answered", Markup("By Tess")))
    assert "By Tess" in wire.world.messages[place.channel][ref.id]["content"]


async def test_a_message_that_breaks_the_server_is_plain_at_the_next_try(
    house: House, place: Place, wire: WireDiscord
) -> None:
    """A 500 may be an accident, and the message may be out: it is raised, and what is then said again is plain."""
    wire.rest.script(SEND, broken(500))
    with pytest.raises(Unavailable) as raised:
        await house.chat.post(place, POST, "nudge/1")
    assert raised.value.sent is Sent.MAYBE
    plain = await house.chat.post(place, POST, "nudge/1")
    full = await house.chat.post(place, POST, "nudge/2")
    assert wire.world.messages[place.channel][plain.id]["embeds"] == []
    assert wire.world.messages[place.channel][full.id]["embeds"]


async def test_it_connects_hears_and_speaks(wire: WireDiscord, town: Town) -> None:
    """Somebody writes in a watched channel, the core is told; what the core says is there, once."""
    support = town.channel("support")
    ada = town.person("Ada")
    async with living(wire, settings=watching(support)) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        ada.say(support, "Does anybody know?")
        await house.until(lambda: house.core.told(MessagePosted))
        ref = await house.chat.post(Place(community(town.id), support), POST, "nudge/1")
        assert ref.place == Place(community(town.id), support)
        assert (await house.chat.fetch(ref)) is not None
        assert len(wire.world.accepted) == 1


@pytest.mark.parametrize("post", [POST, PLAIN], ids=["with buttons", "without"])
async def test_the_same_key_twice_is_one_message(house: House, place: Place, wire: WireDiscord, post: Post) -> None:
    """Discord gives back the message that was made with that nonce, in another process as well."""
    first = await house.chat.post(place, post, "tip/c/2026-03-02")
    async with living(wire) as other:
        assert await other.chat.post(place, post, "tip/c/2026-03-02") == first
    nonces = {asked.body["nonce"] for asked in wire.rest.requests(SEND)}
    assert len(nonces) == 1
    assert all(len(nonce) == 25 for nonce in nonces)
    assert len(wire.world.messages[place.channel]) == 1


@pytest.mark.parametrize("post", [POST, PLAIN], ids=["with buttons", "without"])
async def test_a_message_is_found_by_its_key_long_after(house: House, place: Place, town: Town, post: Post) -> None:
    """In the channel's history, which gives no nonce, by a process that never saw it; another key finds nothing."""
    ada = town.person("Ada")
    ref = await house.chat.post(place, post, "nudge/1/0")
    for number in range(120):
        ada.say(place.channel, f"Talk {number}")
    async with living(house.wire) as other:
        assert await other.chat.find(place, "nudge/1/0", just_before()) == ref
        assert await other.chat.find(place, "nudge/1/1", just_before()) is None
        assert await other.chat.find(place, "nudge/1/0", datetime.now(UTC) + timedelta(hours=1)) is None


async def test_a_message_whose_embed_was_hidden_is_found(house: House, place: Place, town: Town) -> None:
    """A moderator took it away: Discord gives the message without it."""
    ref = await house.chat.post(place, PLAIN, "tip/1")
    town.message(place.channel, ref.id)["embeds"] = []
    assert await house.chat.find(place, "tip/1", just_before()) == ref


async def test_where_history_cannot_be_read_nothing_is_certain(house: House, place: Place, town: Town) -> None:
    """Discord shows an empty history to whoever may not read it: that is an error, and no message that is missing."""
    await house.chat.post(place, POST, "nudge/1")
    town.overwrite(place.channel, house.wire.world.me["id"], deny=Permission.READ_MESSAGE_HISTORY)
    with pytest.raises(Forbidden) as raised:
        await house.chat.find(place, "nudge/1", just_before())
    assert "Read Message History" in raised.value.fix


async def test_nobody_sees_the_key(house: House, place: Place, town: Town) -> None:
    """What marks a message has no width, and what people read is what the post says."""
    ref = await house.chat.post(place, PLAIN, "tip/1")
    shown = town.message(place.channel, ref.id)
    texts = [shown["content"], *(embed.get("description", "") for embed in shown["embeds"])]
    assert ["".join(sign for sign in text if unicodedata.category(sign) != "Cf") for text in texts] == [
        "**A word**",
        "about something",
    ]
    message = await house.chat.fetch(ref)
    assert message is not None
    assert message.text.startswith("A word")


async def test_somebody_else_copying_our_message_is_not_found(house: House, place: Place, town: Town) -> None:
    """Only what we said ourselves counts, whatever signs another one's text ends with."""
    ref = await house.chat.post(place, PLAIN, "tip/1")
    shown = town.message(place.channel, ref.id)
    copied = shown["content"]
    assert await house.chat.find(place, "tip/1", just_before()) == ref
    other = town.channel("other")
    town.person("Mallory").say(other, copied)
    assert await house.chat.find(Place(place.community, other), "tip/1", just_before()) is None


@pytest.mark.parametrize("fault", [Dropped(accepted=True), Dropped(accepted=False), broken(502), broken(500)])
async def test_an_uncertain_send_is_never_repeated_by_itself(
    house: House, place: Place, wire: WireDiscord, fault: Dropped | Answered
) -> None:
    """The answer is lost or Discord fails: one request went out, and the error says that it may have arrived."""
    wire.rest.script(SEND, fault)
    with pytest.raises(Unavailable) as raised:
        await house.chat.post(place, POST, "nudge/1")
    assert raised.value.sent is Sent.MAYBE
    assert len(wire.rest.requests(SEND)) == 1
    found = await house.chat.find(place, "nudge/1", just_before())
    assert (found is not None) is (isinstance(fault, Dropped) and fault.accepted)


async def test_what_cannot_even_connect_was_not_sent(wire: WireDiscord, house: House, place: Place) -> None:
    """Nothing listens there any more: that is certain, and said so."""
    await house.chat.team(place.community)
    await wire.stop()
    with pytest.raises(Unavailable) as raised:
        await house.chat.post(place, POST, "nudge/1")
    assert raised.value.sent in (Sent.NO, Sent.MAYBE)
    with pytest.raises(Unavailable) as again:
        await house.chat.post(place, POST, "nudge/1")
    assert again.value.sent is Sent.NO


@pytest.mark.parametrize("everywhere", [True, False])
async def test_a_rate_limit_is_told_rather_than_waited_for(
    house: House, place: Place, wire: WireDiscord, everywhere: bool
) -> None:
    """The core keeps the time that Discord names; one request was made."""
    wire.rest.script(SEND, limited(12.5, everywhere=everywhere))
    with pytest.raises(RateLimited) as raised:
        await house.chat.post(place, POST, "nudge/1")
    assert raised.value.retry_after == 12.5
    assert raised.value.everywhere is everywhere
    assert len(wire.rest.requests(SEND)) == 1


async def test_a_global_limit_silences_every_call(house: House, place: Place, wire: WireDiscord) -> None:
    """Until it is over nothing is asked at all: each refusal counts towards a ban of the address."""
    wire.rest.script(SEND, limited(60, everywhere=True))
    with pytest.raises(RateLimited):
        await house.chat.post(place, POST, "nudge/1")
    before = len(wire.rest.asked)
    with pytest.raises(RateLimited):
        await house.chat.find(place, "nudge/1", just_before())
    assert len(wire.rest.asked) == before


async def test_a_ban_of_the_address_is_left_alone(house: House, place: Place, wire: WireDiscord) -> None:
    """A 429 that is not Discord's own names an hour: nothing is asked during it."""
    wire.rest.script(SEND, cloudflare(429))
    with pytest.raises(RateLimited) as raised:
        await house.chat.post(place, POST, "nudge/1")
    assert raised.value.everywhere
    assert raised.value.retry_after == 3600


async def test_too_many_refusals_end_in_silence(house: House, place: Place, wire: WireDiscord) -> None:
    """After 1000 refusals in ten minutes nothing more is asked: a tenth of what gets an address banned."""
    await house.chat.team(place.community)
    for _ in range(1000):
        house.chat.rest.seen(403, {})
    asked = len(wire.rest.asked)
    with pytest.raises(RateLimited):
        await house.chat.post(place, POST, "nudge/1")
    assert len(wire.rest.asked) == asked


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (50001, Forbidden),
        (50013, Forbidden),
        (50007, Forbidden),
        (10003, Gone),
        (50035, Rejected),
        (160005, Forbidden),
    ],
)
async def test_a_refusal_is_one_of_the_cores_errors(
    house: House, place: Place, wire: WireDiscord, code: int, kind: type[Forbidden | Gone | Rejected]
) -> None:
    """With Discord's own code and, where somebody can mend it, how."""
    forms = 3 if kind is Rejected else 1  # whatever it is said more plainly in
    wire.rest.script(SEND, *[refused(code, 403 if code in (160005,) else None)] * forms)
    with pytest.raises(kind) as raised:
        await house.chat.post(place, POST, "nudge/1")
    assert raised.value.reason == str(code)
    assert bool(raised.value.fix) is (kind is Forbidden or code == 10003)


async def test_a_token_that_is_no_good_any_more_stops_the_community(
    house: House, place: Place, wire: WireDiscord
) -> None:
    """401: with the page on which a new one is made."""
    await house.chat.team(place.community)
    wire.rest.script(SEND, Answered(401, {"message": "401: Unauthorized", "code": 0}))
    with pytest.raises(Unauthorised) as raised:
        await house.chat.post(place, POST, "nudge/1")
    assert "discord.com/developers/applications" in raised.value.fix


async def test_an_edit_changes_the_message_and_still_pings_nobody(house: House, place: Place, town: Town) -> None:
    """Whatever the text looks like; those whom the core names may be pinged, and nobody else."""
    mods = town.role("Moderators", mentionable=True)
    ref = await house.chat.post(place, POST, "nudge/1")
    await house.chat.edit(ref, Post("@everyone <@&1> claimed", pings=(Ping(PingKind.ROLE, mods),)))
    [asked] = house.wire.rest.requests(EDIT)
    assert asked.body["allowed_mentions"]["parse"] == []
    assert asked.body["allowed_mentions"].get("users", []) == []
    assert not town.message(place.channel, ref.id)["components"]
    assert await house.chat.find(place, "nudge/1", just_before()) == ref


async def test_every_send_pings_nobody_but_those_named(house: House, place: Place, town: Town) -> None:
    """Everything that Discord would ping by itself is switched off in the request."""
    await house.chat.post(place, Post("@everyone @here", escape("<@&123> <@456>")), "tip/1")
    [asked] = house.wire.rest.requests(SEND)
    assert asked.body["allowed_mentions"]["parse"] == []


async def test_editing_what_was_deleted_is_gone(house: House, place: Place, town: Town) -> None:
    """So that the core stops changing it."""
    ref = await house.chat.post(place, POST, "nudge/1")
    town.bulk_delete(place.channel, ref.id)
    with pytest.raises(Gone):
        await house.chat.edit(ref, PLAIN)
    assert await house.chat.fetch(ref) is None


async def test_a_picture_is_sent_along_with_its_words(house: House, place: Place, town: Town) -> None:
    """As a file, described for those who do not see it."""
    ref = await house.chat.post(place, Post("Tip", picture=Picture(b"\x89PNG", "A chart")), "tip/1")
    [attachment] = town.message(place.channel, ref.id)["attachments"]
    assert attachment["description"] == "A chart"


async def test_in_a_flat_channel_a_thread_is_a_reply(house: House, place: Place, town: Town) -> None:
    """The id of a message that nobody made a thread of: what is said there answers that message."""
    first = await house.chat.post(place, POST, "nudge/1/0")
    under = Place(place.community, place.channel, first.id)
    second = await house.chat.post(under, PLAIN, "nudge/1/1")
    assert town.message(place.channel, second.id)["message_reference"]["message_id"] == first.id
    assert second.place == place
    assert await house.chat.find(under, "nudge/1/1", just_before()) == second
    town.bulk_delete(place.channel, first.id)
    await house.chat.post(under, PLAIN, "nudge/1/2")


async def test_where_a_thread_was_begun_one_goes_on_in_it(house: House, place: Place, town: Town) -> None:
    """A thread has the id of the message under which it was begun."""
    first = await house.chat.post(place, POST, "nudge/1/0")
    thread = town.person("Malo").start_thread(place.channel, "About it", on=first.id)
    ref = await house.chat.post(Place(place.community, place.channel, thread), PLAIN, "nudge/1/1")
    assert ref.id in house.wire.world.messages[thread]
    assert ref.place.thread == thread
    await house.chat.edit(ref, Post("Changed"))


@pytest.mark.parametrize("how", ["archived", "locked"])
async def test_a_closed_thread_is_never_woken(house: House, place: Place, town: Town, how: str) -> None:
    """Neither one that is archived nor one that is locked; the error says what can be done."""
    thread = town.person("Malo").start_thread(place.channel, "Old")
    town.archive(thread) if how == "archived" else town.lock(thread)
    with pytest.raises(Forbidden) as raised:
        await house.chat.post(Place(place.community, place.channel, thread), PLAIN, "nudge/1")
    assert raised.value.reason == f"thread_{how}"
    assert raised.value.fix
    assert house.wire.rest.requests(SEND) == []
    assert house.wire.world.woken == []


LONG = Post("Everything", escape("\n\n".join(f"{number} " + "lorem ipsum dolor " * 20 for number in range(40))))


async def test_a_long_post_is_several_messages_and_still_said_once(house: House, place: Place, town: Town) -> None:
    """When the second of them is refused, the first is not said again; found is only what is whole."""
    since = just_before()
    goes_on = asyncio.Event()
    goes_on.set()
    house.wire.rest.script(SEND, Held(goes_on), limited(3))
    with pytest.raises(Unavailable) as raised:
        await house.chat.post(place, LONG, "digest/1")
    assert raised.value.sent is Sent.MAYBE
    assert await house.chat.find(place, "digest/1", since) is None
    house.wire.world.nonces.clear()  # hours went by
    whole = await house.chat.post(place, LONG, "digest/1")
    messages = list(house.wire.world.messages[place.channel].values())
    assert len(messages) > 1
    assert len({str(message["embeds"]) + message["content"] for message in messages}) == len(messages)
    assert await house.chat.find(place, "digest/1", since) == whole
    town.bulk_delete(place.channel, messages[-1]["id"])
    assert await house.chat.find(place, "digest/1", since) is None


async def test_a_long_post_that_becomes_short_leaves_nothing_behind(house: House, place: Place) -> None:
    """Edited, it is one message; made long again, it is as many as before."""
    ref = await house.chat.post(place, LONG, "digest/1")
    many = len(house.wire.world.messages[place.channel])
    await house.chat.edit(ref, PLAIN)
    assert list(house.wire.world.messages[place.channel]) == [ref.id]
    await house.chat.edit(ref, LONG)
    assert len(house.wire.world.messages[place.channel]) == many
    await house.chat.edit(ref, PLAIN)
    assert list(house.wire.world.messages[place.channel]) == [ref.id]


async def test_somebody_who_takes_no_private_messages_is_told_apart(house: House, town: Town) -> None:
    """50007, with what they can do about it."""
    ada = town.person("Ada")
    ada.refuse_direct()
    where = await house.chat.direct(Member(community(town.id), ada.id))
    with pytest.raises(Forbidden) as raised:
        await house.chat.post(where, POST, "nudge/1")
    assert raised.value.reason == "50007"
    assert "private messages" in raised.value.fix


async def test_links_lead_to_messages_and_back(house: House, place: Place) -> None:
    """As people copy them, from any of Discord's clients."""
    ref = MessageRef(place, "123456789012345678")
    link = house.chat.link(ref)
    assert link is not None
    assert house.chat.ref(place.community, link) == ref
    assert house.chat.ref(place.community, link.replace("discord.com", "canary.discord.com")) == ref
    assert house.chat.ref(community("1"), link) is None
    assert house.chat.ref(place.community, "https://example.org/channels/1/2/3") is None


async def test_what_stands_before_discord_closes_no_channel(house: House, place: Place, wire: WireDiscord) -> None:
    """A firewall's 403 is no missing permission: nothing was sent, and it is tried again."""
    wire.rest.script(SEND, cloudflare(403))
    with pytest.raises(Unavailable) as raised:
        await house.chat.post(place, POST, "nudge/1")
    assert raised.value.sent is Sent.NO


async def test_what_was_said_and_deleted_closes_no_channel(house: House, place: Place, wire: WireDiscord) -> None:
    """Discord answers a nonce whose message was deleted with "Unknown Message"."""
    wire.rest.script(SEND, refused(10008))
    with pytest.raises(Unavailable) as raised:
        await house.chat.post(place, POST, "nudge/1")
    assert raised.value.sent is Sent.NO


async def test_one_request_tells_that_a_message_has_no_thread(wire: WireDiscord, town: Town) -> None:
    """While connected; a thread that is begun later is told by the gateway."""
    support = town.channel("support")
    async with living(wire, settings=watching(support)) as house:
        house.start()
        await house.until(lambda: house.core.told(Connected))
        first = await house.chat.post(Place(community(town.id), support), POST, "nudge/1/0")
        under = Place(community(town.id), support, first.id)
        await house.chat.post(under, PLAIN, "nudge/1/1")
        await house.chat.post(under, PLAIN, "nudge/1/2")
        asked = [a for a in wire.rest.requests("GET /channels/{channel}") if a.params["channel"] == first.id]
        assert len(asked) == 1
        malo = town.person("Malo")
        malo.start_thread(support, "About it", on=first.id)
        said = malo.say(first.id, "in it")
        await house.until(lambda: any(e.message.ref.id == said for e in house.core.told(MessagePosted)))
        ref = await house.chat.post(under, PLAIN, "nudge/1/3")
        assert ref.place.thread == first.id
