"""A channel with ten thousand messages: only what is seen is in the document, and it stays where it is."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from browsing import Site, Visitors

pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
from playwright.async_api import Page, WebSocketRoute, expect

from adapters.sandbox.transcript import Entry, name_of
from bot.model import Message, MessageRef, Place

MANY = 10_000


def fill(where: Site, channel: str, count: int) -> None:
    """A long conversation, as if it had been before the page came."""
    world = where.sandbox.world
    transcript, scene = world.chat.transcript, world.scene
    for n in range(count):
        at = scene.start - timedelta(minutes=count - n)
        ref = MessageRef(Place(scene.community, channel), transcript.new_id(channel, at))
        text = f"number {n}" + " and some more words" * (n % 7)
        transcript.add(Entry(Message(ref, scene.member("ada" if n % 3 else "karim"), at, text)))


async def first_seen(page: Page) -> tuple[str, float]:
    """The first message in view, and how far below the top of the window it is."""
    text, top = await page.evaluate(
        """() => {
          const flow = document.getElementById("flow"), edge = flow.getBoundingClientRect().top;
          const row = [...flow.querySelectorAll(".row")].find(row => row.getBoundingClientRect().bottom > edge + 20);
          return [row.querySelector(".row-text").textContent, row.getBoundingClientRect().top - edge];
        }"""
    )
    return text, top


async def drawn(page: Page) -> None:
    """The page has drawn what changed until now."""
    await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


async def scroll_to(page: Page, top: int) -> None:
    """As a reader does."""
    await page.locator("#flow").evaluate("(flow, top) => { flow.scrollTop = top; }", top)
    await drawn(page)


async def until_older(page: Page, before: int) -> None:
    """Until the list has grown."""
    await page.wait_for_function("before => document.getElementById('flow').scrollHeight > before + 1000", arg=before)


async def test_ten_thousand_messages_cost_some_hundreds_of_nodes(served: Site, visitors: Visitors) -> None:
    """At the end of the channel to begin with, and after going far up as well."""
    fill(served, "general", MANY)
    visitor = await visitors()
    page = visitor.page
    await visitor.arrive()
    await visitor.skip_tour()
    await visitor.be("Ada", "general")
    await expect(page.locator("#flow .row").last).to_contain_text(f"number {MANY - 1}")
    for _ in range(5):
        before = await page.evaluate("document.getElementById('flow').scrollHeight")
        await scroll_to(page, 0)
        await until_older(page, before)
    assert await page.evaluate("document.querySelectorAll('#flow *').length") < 1000
    assert await page.locator("#flow .row").count() < 120


async def test_what_one_reads_stays_where_it_is(served: Site, visitors: Visitors) -> None:
    """While older messages are put above it, new ones below it, and the window changes its size."""
    fill(served, "general", 1000)
    visitor, other = await visitors(), await visitors()
    page = visitor.page
    held: asyncio.Queue[Callable[[], None]] = asyncio.Queue()

    def route(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def downwards(frame: str | bytes) -> None:
            told = json.loads(frame)
            if told["type"] == "ack" and "messages" in told:
                held.put_nowait(lambda: socket.send(frame))
            else:
                socket.send(frame)

        server.on_message(downwards)

    await page.route_web_socket(re.compile("/ws"), route)
    for somebody in (visitor, other):
        await somebody.arrive()
        await somebody.skip_tour()
        await somebody.be("Ada", "general")
    before = await page.evaluate("document.getElementById('flow').scrollHeight")
    await scroll_to(page, 300)
    seen = await first_seen(page)
    (await held.get())()
    await until_older(page, before)
    assert await first_seen(page) == (seen[0], pytest.approx(seen[1], abs=2))
    await other.say("a new one")
    await expect(page.locator("#to-end")).to_be_visible()
    assert await first_seen(page) == (seen[0], pytest.approx(seen[1], abs=2))
    await page.set_viewport_size({"width": 1000, "height": 600})
    await expect(page.locator("#open-right")).to_be_visible()
    await drawn(page)
    assert (await first_seen(page))[0] == seen[0]
    await page.locator("#to-end").click()
    await expect(page.locator("#flow .row").last).to_contain_text("a new one")
    await expect(page.locator("#to-end")).to_be_hidden()
    await other.say("one more")
    await expect(page.locator("#flow .row").last).to_contain_text("one more")
    await expect(page.locator("#flow .row").last).to_be_in_viewport()


async def test_a_link_to_an_old_message_finds_it(served: Site, visitors: Visitors) -> None:
    """However far back it is, it is loaded, brought into view and given the focus."""
    fill(served, "support", 900)
    visitor = await visitors()
    page = visitor.page
    old = next(iter(served.sandbox.world.chat.transcript.flat_after("support", None))).ref
    await page.goto(f"{served.address}/#/support/{old.id}")
    found = page.locator(f"#flow [data-key='{name_of(old)}']")
    await expect(found).to_contain_text("number 0")
    await expect(found).to_be_in_viewport()
    await expect(found).to_be_focused()
