"""Several pages, lost connections and repeated requests: everything arrives, once, everywhere."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager

import pytest
from visiting import House, Page, opened, words

from adapters.sandbox.feed import Feed, Tab
from adapters.sandbox.labels import HOLES, LABELS, labels
from adapters.sandbox.scene import demo_scene
from adapters.sandbox.server import PAGE
from bot.errors import StoreUnavailable
from bot.ports import Store, Transaction
from bot.texts import texts


class Trouble:
    """A store that cannot be reached while it is `down`."""

    def __init__(self, store: Store) -> None:
        self.down = False
        self._store = store

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        if self.down:
            raise StoreUnavailable("the database is down")
        return self._store.begin()

    async def close(self) -> None:
        await self._store.close()


async def test_a_request_is_done_once_however_often_it_is_sent(house: House) -> None:
    """The same id again, from this page or another one, gets the same answer and does nothing."""
    page, other = await house.page(), await house.page()
    fields = {"person": "ada", "channel": "general", "text": "once"}
    for asking in (page, page, other):
        await asking.send("say", "the-same", **fields)
        ack = await asking.until(lambda told: told["type"] == "ack")
        assert ack == {"type": "ack", "id": "the-same"}
    assert [message["text"] for message in page.messages.values()] == ["once"]


async def test_a_refusal_is_remembered_as_well(house: House) -> None:
    """A request that was refused is not done later, when it would be possible."""
    page = await house.page()
    await page.send("edit", "too-early", person="ada", message="none", text="x")
    first = await page.until(lambda told: told["type"] == "ack")
    await page.send("edit", "too-early", person="ada", message="none", text="x")
    assert await page.until(lambda told: told["type"] == "ack") == first


async def test_a_page_that_goes_away_half_way_finds_its_request_done_once(house: House) -> None:
    """The connection ends right after the request was sent; sent again, it is not done again."""
    page, other = await house.page(), await house.page()
    await page.send("say", "parting", person="ada", channel="support", text="How do I log in?")
    await page.connection.close()
    await other.until(lambda told: told.get("kind") == "message")
    again = await house.visit(after=page.seq, session=page.hello["session"])
    await again.send("say", "parting", person="ada", channel="support", text="How do I log in?")
    await again.until(lambda told: told["type"] == "ack" and told["id"] == "parting")
    assert [message["text"] for message in again.messages.values()] == ["How do I log in?"]
    while other.seq < again.seq:
        await other.receive()
    assert len(other.panel["mentions"]) == 1


async def test_a_page_that_comes_back_gets_exactly_what_it_missed(house: House) -> None:
    """Neither less nor more, and nothing twice."""
    page, other = await house.page(), await house.page()
    await page.says("ada", "general", "one")
    await other.until(lambda told: told.get("kind") == "message")
    seq = page.seq
    await page.connection.close()
    await other.says("karim", "general", "two")
    await other.does("clock", move="9:00")
    back = await house.visit(after=seq, session=page.hello["session"])
    missed = [change for change in other.changes if change["seq"] > seq]
    assert missed
    assert [await back.receive() for _ in missed] == missed
    await back.says("ada", "general", "three")


@pytest.mark.parametrize(
    "query", [{}, {"after": 0}, {"after": 3, "session": "another"}, {"after": "-1", "session": "y"}]
)
async def test_without_a_session_that_still_counts_a_page_begins_anew(house: House, query: dict[str, str]) -> None:
    page = await house.visit(**query)
    assert (await page.receive())["type"] == "hello"


async def test_who_comes_from_the_future_begins_anew(house: House) -> None:
    """A number that was never given out tells that something is wrong."""
    known = await house.page()
    page = await house.visit(after=known.seq + 1, session=known.hello["session"])
    assert (await page.receive())["type"] == "hello"


async def test_two_pages_see_the_same(house: House) -> None:
    """Also the private replies and forms of a person: either page may speak as anybody."""
    one, two = await house.page(), await house.page()
    await one.does("clock", move="9:00")
    await one.says("ada", "support", "How do I log in?")
    await one.types("malo", "team", "/mentions")
    while two.seq < one.seq:
        await two.receive()
    assert two.changes == one.changes
    later = await house.page()
    assert list(later.messages.values()) == sorted(
        one.messages.values(), key=lambda m: ["general", "support", "team"].index(m["channel"])
    )
    assert set(later.privates) == set(one.privates)
    assert (later.panel, later.clock) == (one.panel, one.clock)


def test_a_page_that_does_not_read_is_left_behind_and_holds_up_nobody() -> None:
    """Its queue is bounded; the others get everything; what it missed waits for it."""
    feed, slow, quick = Feed(), Tab(limit=3), Tab()
    assert feed.resume(slow, 0, feed.session)
    assert feed.resume(quick, 0, feed.session)
    for number in range(10):
        feed.publish({"kind": "deleted", "deleted": str(number)})
    assert slow.left_behind.is_set()
    assert feed.tabs == {quick}
    again = Tab()
    assert feed.resume(again, 3, feed.session)


async def test_a_connection_that_is_never_read_is_cut_and_the_others_go_on(house: House) -> None:
    """What the network does not take piles up to a bound, and then that page is let go; it may come back."""
    slow, quick = await house.page(), await house.page()
    feed = house.sandbox._feed
    while len(feed.tabs) > 1:
        for _ in range(100):
            feed.publish({"kind": "nothing", "padding": "x" * 50_000})
        await quick.until(lambda told: told["seq"] == feed.seq)
    back = await house.visit(after=feed.seq - 1, session=slow.hello["session"])
    assert (await back.receive())["seq"] == feed.seq


async def test_a_store_that_is_down_for_a_moment_loses_nothing(store: Store) -> None:
    """The message is there for everybody at once; the bot is told again until it has taken it in."""
    trouble = Trouble(store)
    async with opened(trouble, demo_scene()) as house:
        page = await house.page()
        await page.does("clock", move="9:00")
        trouble.down = True
        question = await page.says("ada", "support", "How do I log in?")
        await page.does("say", person="malo", channel="team", text="/mentions")
        assert list(page.privates.values())[-1]["private"]["title"] == "Not now"
        assert (await page.ask("clock", move="5m"))["error"] == "I cannot do that right now. Please try again soon."
        trouble.down = False
        await page.does("clock", move="5m")
        assert [row["message"] for row in page.panel["mentions"]] == [question]


def test_only_so_many_changes_are_kept() -> None:
    """Who missed more than is kept begins anew instead of missing some."""
    feed = Feed(kept=5)
    for number in range(10):
        feed.publish({"kind": "deleted", "deleted": str(number)})
    assert not feed.resume(Tab(), 4, feed.session)
    assert feed.resume(Tab(), 5, feed.session)


async def test_beginning_anew_forgets_everything_on_every_page(store: Store) -> None:
    """A new session at the first moment: no message, no mention, and today's tip is still to come."""
    async with opened(store, demo_scene()) as house:
        page, other = await house.page(), await house.page()
        old = page.hello["session"]
        await page.does("clock", move="9:00")
        await page.says("ada", "support", "How do I log in?")
        await page.does("restart", id_="again")
        for one in (page, other):
            if one is other:
                await one.until(lambda told: told["type"] == "hello")
            assert one.hello["session"] != old
            assert one.hello["messages"] == []
            assert one.hello["panel"]["mentions"] == one.hello["panel"]["deliveries"] == []
            assert one.hello["clock"]["local"].endswith("08:55")
        await page.does("clock", move="9:00")
        assert len(page.posts("team")) == 1
        await page.does("restart", id_="again")
        assert len(page.posts("team")) == 1, "the same request is not done again"
        gone = await house.visit(after=1, session=old)
        assert (await gone.receive())["type"] == "hello"


async def test_another_language_from_now_on(house: House) -> None:
    """Labels, commands and what the bot says are in the new language on every page; what was said stays as it is."""
    page, other = await house.page(), await house.page()
    await page.does("clock", move="9:00")
    (tip,) = page.posts("team")
    seq = page.seq
    await page.does("language", language="fr")
    await other.until(lambda told: told["type"] == "hello")
    for one in (page, other):
        assert one.hello["language"] == "fr"
        assert one.hello["texts"]["send"] == "Envoyer"
        assert one.hello["channels"][1]["topic"].startswith("Les questions")
    assert page.messages[tip["id"]]["post"] == tip["post"]
    reply = await page.types("malo", "team", "/tip")
    assert reply["private"]["title"].startswith("Le conseil du jour")
    await page.says("ada", "support", "Comment je réinitialise mon mot de passe ?")
    await page.does("clock", move="1h")
    assert page.posts("team")[-1]["post"]["title"] == "Ada attend une réponse"
    assert page.panel["mentions"][0]["rule"] == "pose une question"
    back = await house.visit(after=seq, session=page.hello["session"])
    assert (await back.receive())["type"] == "hello", "the labels it has are in another language"


HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "**not bold** [not a link](https://evil.example) > no quote\n- no list",
    "@everyone @here @channel <!channel> <@ines> {name} {0} %s",
    "javascript:alert(1) \u202egnirts\u2028\u2029 ‮ \N{ZERO WIDTH JOINER}",
    "'; DROP TABLE mentions; --",
    "how do I [#](channel:team) ?",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_whatever_was_typed_is_text_wherever_it_is_shown(house: House, text: str) -> None:
    """In the message itself, in the nudge's quotation and in the list of who waits: no markup, no link, no ping."""
    page = await house.page()
    await page.does("clock", move="9:00")
    message = await page.says("ada", "support", f"{text} how?")
    assert page.messages[message]["text"] == f"{text} how?"
    await page.says("ada", "support", "How does it work?")
    await page.does("clock", move="1h")
    nudge = page.posts("team")[-1]["post"]
    listed = (await page.types("malo", "team", "/mentions"))["private"]
    quoted = [line for line in nudge["body"] if line["kind"] == "quote"]
    quoted += [line for item in listed["items"] for line in item["body"] if line["kind"] == "quote"]
    assert len(quoted) == 2
    for line in quoted:
        assert [set(span) for span in line["spans"]] == [{"text"}]
    assert text.split()[0] in words(quoted)
    assert nudge["pings"] == []
    assert listed["pings"] == []


async def test_time_goes_on_by_itself(house: House) -> None:
    """While the clock runs, what falls due is done without anybody asking; a stopped one does nothing."""
    page = await house.page()
    for _ in range(400):  # 5 min and more, a beat at a time
        house.watch.seconds += 1
        await house.sandbox.world.timeline.go_on()
    assert page.posts("team") == []
    await page.does("clock", running=True)
    assert page.clock["running"]
    while not page.posts("team"):
        house.watch.seconds += 60
        await page.ask("complete", person="ada", text="/")
    assert page.posts("team")[0]["local"] == "Fri 09:00"
    assert house.sandbox.world.clock.now() >= demo_scene().start


async def older_ones(page: Page) -> list[str]:
    ack = await page.ask("older", channel="general", before=page.hello["messages"][0]["id"])
    assert ack["older"] is False
    return [message["text"] for message in ack["messages"]]


async def test_a_page_gets_a_window_and_asks_for_what_is_older(house: House) -> None:
    """The latest 200 with their threads; older ones on demand, in order."""
    first = await house.page()
    for number in range(205):
        await first.send("say", person="ada", channel="general", text=f"word {number}")
    await first.until(lambda told: told["type"] == "ack" and len(first.acks) == 205)
    root = next(iter(first.messages))
    await first.says("karim", "general", "late reply", thread=root)
    page = await house.page()
    window = [message["text"] for message in page.hello["messages"]]
    assert window == [f"word {number}" for number in range(5, 205)]
    assert page.hello["older"] == {"general": True, "support": False, "team": False}
    assert await older_ones(page) == [*(f"word {number}" for number in range(5)), "late reply"]


def test_every_label_is_there_in_both_languages() -> None:
    """Whatever key the page uses has its label; labels leave open only what the page fills in."""
    for language in ("en", "fr"):
        spoken = labels(texts(language))
        assert set(spoken) == set(LABELS)
        for label in spoken.values():
            assert label
            assert set(re.findall(r"\{(\w+)\}", label)) <= set(HOLES)
    used = set()
    for path in PAGE.glob("*.js"):
        used |= set(re.findall(r"(?<![\w.])t\(\"([a-z_0-9]+)\"", path.read_text("utf-8")))
    for path in PAGE.glob("*.html"):
        used |= set(re.findall(r"data-t(?:-label)?=\"([a-z_0-9]+)\"", path.read_text("utf-8")))
    assert used - set(LABELS) == set()
