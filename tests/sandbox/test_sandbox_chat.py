"""The sandbox keeps the promises of the port `Chat`, and reads what people type as they mean it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.sandbox import translate
from adapters.sandbox.chat import SandboxChat
from adapters.sandbox.clock import destination
from adapters.sandbox.render import form_view, lines, post_view
from adapters.sandbox.scene import START, demo_scene, folded
from adapters.sandbox.transcript import Entry
from bot.clock import SimulatedClock
from bot.errors import Gone
from bot.events import CommandInvoked, Connected, Event
from bot.markup import Markup, bold, channel, link, quote
from bot.model import Member, Message, MessageRef, Ping, PingKind, Place
from bot.ports import Chat
from bot.post import Button, Field, Form, Input, InputKind, Item, Post, Style

SCENE = demo_scene()
SUPPORT = Place(SCENE.community, "support")
ADDRESS = "http://127.0.0.1:8420"


class Told:
    def __init__(self) -> None:
        self.clock = SimulatedClock(START)
        self.entries: list[Entry] = []
        self.chat = SandboxChat(SCENE, self.clock, ADDRESS, self.entries.append)

    def writes(self, text: str, id_: str, thread: str | None = None) -> MessageRef:
        ref = MessageRef(Place(SCENE.community, "support", thread), id_)
        self.chat.transcript.add(Entry(Message(ref, SCENE.member("ada"), self.clock.now(), text)))
        return ref


@pytest.fixture
def told() -> Told:
    return Told()


async def test_a_repeated_post_is_harmless(told: Told) -> None:
    """The key makes it one message, which is found by its key in its place and not before it was sent."""
    chat: Chat = told.chat
    ref = await chat.post(SUPPORT, Post("Hello"), "key")
    assert await chat.post(SUPPORT, Post("Hello"), "key") == ref
    assert len(told.entries) == 1
    assert await chat.find(SUPPORT, "key", START) == ref
    assert await chat.find(SUPPORT, "key", START + timedelta(seconds=1)) is None
    assert await chat.find(SUPPORT, "other", START) is None
    assert await chat.find(Place(SCENE.community, "team"), "key", START) is None


async def test_an_edit_changes_that_message_and_is_harmless_when_repeated(told: Told) -> None:
    ref = await told.chat.post(SUPPORT, Post("Hello"), "key")
    await told.chat.edit(ref, Post("Goodbye"))
    await told.chat.edit(ref, Post("Goodbye"))
    assert [entry.post and entry.post.title for entry in told.entries] == ["Goodbye"] * 2
    fetched = await told.chat.fetch(ref)
    assert fetched is not None
    assert fetched.author.id == "vigie"


async def test_what_is_gone_is_told_as_gone(told: Told) -> None:
    """A channel, a thread and a message that are not there, and a person who is not."""
    chat = told.chat
    root = told.writes("how?", "1")
    inside = Place(SCENE.community, "support", "1")
    reply = await chat.post(inside, Post("so"), "reply")
    with pytest.raises(Gone):
        await chat.edit(root, Post("not ours"))
    for ref in (root, reply):
        entry = chat.transcript.get("support", ref.id)
        assert entry is not None
        chat.transcript.remove(entry)
        assert await chat.fetch(ref) is None
    with pytest.raises(Gone):
        await chat.post(inside, Post("again"), "again")
    with pytest.raises(Gone):
        await chat.edit(reply, Post("x"))
    with pytest.raises(Gone):
        await chat.post(Place(SCENE.community, "nowhere"), Post("x"), "nowhere")
    with pytest.raises(Gone):
        await chat.direct(Member(SCENE.community, "nobody"))
    with pytest.raises(Gone):
        [message async for message in chat.history(Place(SCENE.community, "nowhere"), None)]


async def test_history_is_later_than_the_message_named_and_knows_threads_apart(told: Told) -> None:
    """Oldest first; a reply that was seen last is no reason to read the channel from its beginning."""
    chat = told.chat
    for id_ in ("1", "2"):
        told.writes(f"message {id_}", id_)
    told.writes("reply", "3", thread="1")
    told.writes("message 4", "4")

    async def read(place: Place, after: str | None) -> list[str]:
        return [message.ref.id async for message in chat.history(place, after)]

    thread = Place(SCENE.community, "support", "1")
    assert await read(SUPPORT, None) == ["1", "2", "4"]
    assert await read(SUPPORT, "1") == ["2", "4"]
    assert await read(SUPPORT, "3") == ["4"]
    assert await read(thread, None) == ["3"]
    assert await read(thread, "1") == ["3"]
    assert await read(thread, "3") == []


async def test_addresses_lead_to_messages_and_back(told: Told) -> None:
    inside = told.writes("reply", "3", thread=told.writes("root", "1").id)
    address = told.chat.link(inside)
    assert address == f"{ADDRESS}/#/support/3"
    assert told.chat.ref(SCENE.community, address) == inside
    assert told.chat.ref(SCENE.community, f" {address} ") == inside
    for strange in (
        "",
        "3",
        "https://elsewhere.example/#/support/3",
        f"{ADDRESS}/#/nowhere/3",
        f"{ADDRESS}/x#/support/3",
    ):
        assert told.chat.ref(SCENE.community, strange) is None


async def test_listening_begins_with_a_connection_and_ends_when_closed(told: Told) -> None:
    heard: list[Event] = []

    async def handle(event: Event) -> None:
        heard.append(event)

    running = asyncio.create_task(told.chat.run(handle))
    await told.chat.connected.wait()
    assert heard == [Connected(SCENE.community)]
    await told.chat.close()
    await running


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("hello @Malo", [Ping(PingKind.MEMBER, "malo")]),
        ("@Malo hello", [Ping(PingKind.MEMBER, "malo", leading=True)]),
        (
            "@ines, @Malo: hello @Ada",
            [Ping(PingKind.MEMBER, "ines", True), Ping(PingKind.MEMBER, "malo", True), Ping(PingKind.MEMBER, "ada")],
        ),
        ("@moderators help", [Ping(PingKind.ROLE, "moderators", leading=True)]),
        ("@vigie are you there?", [Ping(PingKind.MEMBER, "vigie", leading=True)]),
        ("@everyone", [Ping(PingKind.EVERYONE, "everyone", leading=True)]),
        ("ada@malo.example @Malone @nobody @", []),
        ("@Malo and @malo", [Ping(PingKind.MEMBER, "malo", leading=True)]),
        ("ⓘ İ @Malo", [Ping(PingKind.MEMBER, "malo")]),
    ],
)
def test_who_is_called(text: str, called: list[Ping]) -> None:
    """Names without regard to accents and capitals, whole and not inside other words; each once."""
    assert list(translate.pings(text, SCENE)) == called


def test_folding_keeps_every_character_in_its_place() -> None:
    for text in ("Inès", "İstanbul", "ﬁn", "ß", "a\u0301b", "👍🏽", "ǅ"):
        assert len(folded(text)) == len(text)
    assert folded("INÈS") == "ines"


def test_a_line_that_begins_with_a_slash_is_a_command() -> None:
    ada = SCENE.member("ada", "fr")
    found = translate.command("/astuce  engagement ", SUPPORT, ada, START, {"astuce": "tip"})
    assert found == CommandInvoked(SUPPORT, ada, "tip", "engagement", START)
    assert translate.command("and/or", SUPPORT, ada, START, {}) is None


def test_a_post_is_spans_and_never_html() -> None:
    """Every part of a post in its place, markup resolved, whatever a person wrote left as it was."""
    hostile = "<b>**x**</b> [y](https://z.example)"
    body = Markup("\n").join([bold("loud"), link("here", "https://a.example/b"), channel("team"), quote(hostile)])
    post = Post(
        title=hostile,
        body=body,
        fields=(Field("name", bold("1")),),
        items=(Item(Markup("- one"), (Button("go", "a", "v", Style.DANGER),)),),
        buttons=(Button("open", url="https://a.example/"),),
        pings=(Ping(PingKind.ROLE, "moderators"),),
    )
    view = post_view(post, lambda ping: f"@{ping.id}")
    assert view["title"] == hostile
    assert view["body"] == [
        {"kind": "text", "spans": [{"text": "loud", "bold": True}]},
        {"kind": "text", "spans": [{"text": "here", "url": "https://a.example/b"}]},
        {"kind": "text", "spans": [{"text": "#team", "channel": "team"}]},
        {"kind": "quote", "spans": [{"text": hostile}]},
    ]
    assert view["fields"] == [{"name": "name", "value": [{"kind": "text", "spans": [{"text": "1", "bold": True}]}]}]
    assert view["items"][0]["body"][0]["kind"] == "item"
    assert view["items"][0]["buttons"] == [{"label": "go", "action": "a", "value": "v", "style": "danger"}]
    assert view["buttons"] == [
        {"label": "open", "action": "", "value": "", "style": "default", "url": "https://a.example/"}
    ]
    assert (view["context"], view["pings"]) == ([], ["@moderators"])
    assert lines(Markup("")) == []


def test_a_form_is_its_inputs() -> None:
    form = Form(
        "f", "Title", "Send", (Input("a", "A"), Input("b", "B", InputKind.CHOICE, (("x", "X"),), False, "x")), "v"
    )
    view = form_view(form)
    assert (view["id"], view["title"], view["submit"], view["value"]) == ("f", "Title", "Send", "v")
    assert [(field["kind"], field["required"], field["initial"]) for field in view["inputs"]] == [
        ("text", True, ""),
        ("choice", False, "x"),
    ]
    assert view["inputs"][1]["choices"] == [{"value": "x", "label": "X"}]


@pytest.mark.parametrize(
    ("move", "now", "then"),
    [
        ("5m", "2026-09-11T06:55", "2026-09-11T07:00"),
        ("1h", "2026-09-11T06:55", "2026-09-11T07:55"),
        ("9:00", "2026-09-11T06:55", "2026-09-11T07:00"),
        ("9:00", "2026-09-11T07:00", "2026-09-12T07:00"),
        ("monday", "2026-09-11T06:55", "2026-09-14T07:00"),
        ("monday", "2026-09-14T07:00", "2026-09-21T07:00"),
        ("9:00", "2026-10-24T12:00", "2026-10-25T08:00"),  # the clocks went back that night
        ("1y", "2026-09-11T06:55", None),
    ],
)
def test_where_the_clock_is_moved(move: str, now: str, then: str | None) -> None:
    """By a length of time, or to the next nine o'clock that the community's clocks show."""
    moved = destination(move, datetime.fromisoformat(now).replace(tzinfo=UTC), ZoneInfo("Europe/Paris"))
    assert moved == (datetime.fromisoformat(then).replace(tzinfo=UTC) if then else None)
