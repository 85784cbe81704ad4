"""Reloads, several tabs, lost connections: nothing is lost, nothing is there twice."""

from __future__ import annotations

import asyncio
import re

import pytest
from browsing import Site, Visitor, Visitors

pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
from playwright.async_api import WebSocketRoute, expect


async def test_a_reload_finds_everything_as_it_was(visitor: Visitor) -> None:
    """The channel, the person, the open thread, drafts there and here, and each message once."""
    page = visitor.page
    await visitor.be("Karim", "support")
    await visitor.say("How do I print a receipt?")
    await page.locator("#flow article", has_text="receipt").hover()
    await visitor.press(visitor.t("reply_in_thread"), "#flow")
    await visitor.say("On a Brother printer, that is.", "#reply-box")
    await expect(page.locator("#thread-flow article")).to_have_count(2)
    await page.locator("#reply-box").fill("half a reply")
    await page.locator("#message-box").fill("half a message")
    await page.reload()
    await expect(page.locator("#message-box")).to_have_value("half a message")
    await expect(page.locator("#reply-box")).to_have_value("half a reply")
    await expect(page.locator("#channel-name")).to_have_text("#support")
    await expect(page.get_by_role("radio", name="Karim")).to_be_checked()
    await expect(page.locator("#thread-flow article")).to_have_count(2)
    await expect(page.locator("#flow article", has_text="receipt")).to_have_count(1)
    await expect(page.locator("#tour")).to_be_hidden()


async def test_a_private_reply_outlives_a_reload_unless_it_was_hidden(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.be("Malo", "general")
    await visitor.say("/tip engagement")
    await expect(page.locator("#flow article.whisper")).to_have_count(1)
    await visitor.say("/tip topics")
    await expect(page.locator("#flow article.whisper")).to_have_count(2)
    await page.locator("#flow article.whisper").last.get_by_role("button", name=visitor.t("dismiss")).click()
    await page.reload()
    await expect(page.locator("#flow article.whisper")).to_have_count(1)


async def test_a_reload_in_the_middle_of_the_tour_goes_on_with_it(served: Site, visitors: Visitors) -> None:
    visitor = await visitors()
    await visitor.arrive()
    await visitor.page.locator("#tour-go").click()
    await expect(visitor.page.locator(".tour-text")).to_have_text(visitor.t("tour_1_seen"))
    await visitor.page.reload()
    await expect(visitor.page.locator(".tour-text")).to_have_text(visitor.t("tour_1_seen"))


async def test_two_tabs_see_the_same_and_only_one_is_asked(visitor: Visitor) -> None:
    """What one tab does the other shows; a form opens where its button was pressed, and nowhere else."""
    page = visitor.page
    other = Visitor(await page.context.new_page(), visitor.site)
    await other.arrive()
    for tab in (visitor, other):
        await tab.be("Malo", "team")
    await other.move("move_9")
    await visitor.be("Ada", "support")
    await visitor.say("Does it work offline?")
    await visitor.move("move_1h")
    await visitor.be("Malo", "team")
    for tab in (visitor, other):
        await expect(tab.page.locator("#flow article.ours")).to_have_count(2)
    await other.page.locator("#flow").get_by_role("button", name="Snooze", exact=True).click()
    await expect(other.page.get_by_role("dialog")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await other.page.keyboard.press("Escape")
    await other.say("from the other tab")
    await expect(page.locator("#flow article", has_text="from the other tab")).to_have_count(1)
    assert other.problems == []


async def test_a_lost_connection_is_told_mended_and_caught_up_with(closed: Site, visitors: Visitors) -> None:
    """What was said meanwhile by either side arrives once it is back, and the page says that it is away."""
    visitor = await visitors()
    page = visitor.page
    async with closed.served():
        await visitor.arrive()
        await visitor.skip_tour()
        await visitor.be("Ada", "support")
        await visitor.say("before")
        await expect(page.locator("#flow .row:not(.pending)", has_text="before")).to_have_count(1)
    await expect(page.locator("#lost")).to_have_text(visitor.t("reconnecting"))
    await visitor.say("meanwhile")
    await expect(page.locator("#flow article.pending")).to_contain_text("meanwhile")
    async with closed.served():
        await expect(page.locator("#lost")).to_be_hidden(timeout=15_000)
        await expect(page.locator("#flow article.pending")).to_have_count(0)
        await expect(page.locator("#flow article", has_text="meanwhile")).to_have_count(1)
        await expect(page.locator("#flow .row:not(.pending)", has_text="before")).to_have_count(1)
        assert [entry.message.text for entry in closed.sandbox.world.chat.transcript.latest("support", 9)[0]] == [
            "before",
            "meanwhile",
        ]


async def test_what_was_written_offline_survives_a_reload_too(closed: Site, visitors: Visitors) -> None:
    visitor = await visitors()
    page = visitor.page
    async with closed.served():
        await visitor.arrive()
        await visitor.skip_tour()
        await visitor.be("Ada", "general")
    await visitor.say("into the void")
    await expect(page.locator("#flow article.pending")).to_have_count(1)
    async with closed.served():
        await page.reload()
        await expect(page.locator("#flow article:not(.pending)", has_text="into the void")).to_have_count(1)
    assert len(closed.sandbox.world.chat.transcript.latest("general", 9)[0]) == 1


async def test_a_request_whose_answer_got_lost_is_done_once(served: Site, visitors: Visitors) -> None:
    """The connection breaks after the request arrived and before its acknowledgement did."""
    visitor = await visitors()
    sent: list[str] = []
    broken = asyncio.Event()

    def route(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        async def upwards(frame: str | bytes) -> None:
            server.send(frame)
            if '"say"' in str(frame):
                sent.append(str(frame))

        async def downwards(frame: str | bytes) -> None:
            if sent and not broken.is_set() and '"ack"' in str(frame):
                broken.set()
                await socket.close()
            else:
                socket.send(frame)

        socket.on_message(upwards)
        server.on_message(downwards)

    await visitor.page.route_web_socket(re.compile("/ws"), route)
    await visitor.arrive()
    await visitor.skip_tour()
    await visitor.be("Ada", "general")
    await visitor.say("once")
    await broken.wait()
    await expect(visitor.page.locator("#flow article:not(.pending)", has_text="once")).to_have_count(1)
    await visitor.say("and for all")
    await expect(visitor.page.locator("#flow article:not(.pending)", has_text="and for all")).to_have_count(1)
    await expect(visitor.page.locator("#flow article:not(.pending)", has_text="once")).to_have_count(1)
    assert len(sent) == 3
    assert sent[0] == sent[1]


async def test_beginning_anew_forgets_everything(visitor: Visitor) -> None:
    """After a question, and without the tour that was skipped; drafts stay."""
    page = visitor.page
    await visitor.be("Ada", "general")
    await visitor.say("soon forgotten")
    await expect(page.locator("#flow article", has_text="soon forgotten")).to_have_count(1)
    await page.locator("#message-box").fill("a draft")
    await page.locator("#restart").click()
    await page.get_by_role("dialog").get_by_role("button", name=visitor.t("restart")).click()
    await expect(page.locator("#flow article", has_text="soon forgotten")).to_have_count(0)
    await expect(page.locator("#tour")).to_be_hidden()
    await expect(page.locator("#message-box")).to_have_value("a draft")
