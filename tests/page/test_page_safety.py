"""Whatever was typed is shown as text, and nothing comes from elsewhere."""

from __future__ import annotations

import pytest
from browsing import Visitor

pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
from playwright.async_api import Request, expect

HOSTILE = (
    "<img src=x onerror=\"window.pwned=1;alert('x')\">",
    "<script>window.pwned = 1</script>",
    "</textarea><svg onload=window.pwned=1>",
    "javascript:window.pwned=1",
    "[click](javascript:window.pwned=1)",
    'https://example.org/"onmouseover="window.pwned=1',
    "{{constructor.constructor('window.pwned=1')()}} ${window.pwned=1}",
    "\u202egnp.exe <b>not bold</b> **nor this** &lt;&amp;",
    "@everyone <!channel> @here",
)


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_text_wherever_it_is_shown(visitor: Visitor, text: str) -> None:
    """As a message, rewritten, in a thread, in the bot's nudge, in a private answer, and in a suggestion."""
    page = visitor.page
    await visitor.move("move_9")
    await visitor.be("Ada", "support")
    await visitor.say(f"How do I fix this? {text}")
    row = page.locator("#flow article").last
    await expect(row.locator(".row-text")).to_have_text(f"How do I fix this? {text}")
    await page.locator("#message-box").press("ArrowUp")
    await expect(row.locator("textarea")).to_have_value(f"How do I fix this? {text}")
    await row.locator("textarea").fill(f"How do I mend this? {text}")
    await row.locator("textarea").press("Enter")
    await expect(row.locator(".row-text")).to_contain_text(f"How do I mend this? {text}")
    await row.press("r")
    await visitor.say(text, "#reply-box")
    await expect(page.locator("#thread-flow .row-text").last).to_have_text(text)
    await visitor.move("move_1h")
    await visitor.be("Malo", "team")
    await expect(page.locator("#flow article.ours").last.locator("blockquote")).to_contain_text("How do I mend this?")
    await visitor.say(f"/tip {text}")
    await expect(page.locator("#flow article.whisper")).to_have_count(1)
    assert await page.evaluate("window.pwned") is None
    assert await page.locator("#flow img, #flow script, #flow b, #thread img, #thread script, svg[onload]").count() == 0
    for address in await page.locator("a[href]").evaluate_all("links => links.map(link => link.protocol)"):
        assert address in ("http:", "https:")


async def test_addresses_open_elsewhere_and_tell_nothing(visitor: Visitor) -> None:
    """Links that people wrote go to a new tab, without opener or referrer; their end is where a reader sees it."""
    page = visitor.page
    await visitor.be("Ada", "general")
    await visitor.say("See https://example.org/a_(b)?x=1, or (http://example.com).")
    links = page.locator("#flow .row-text a")
    await expect(links).to_have_text(["https://example.org/a_(b)?x=1", "http://example.com"])
    for link in await links.all():
        await expect(link).to_have_attribute("target", "_blank")
        await expect(link).to_have_attribute("rel", "noopener noreferrer")


async def test_everything_comes_from_the_sandbox(visitor: Visitor) -> None:
    """No request leaves for anywhere else."""
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    visitor.page.on("request", note)
    await visitor.page.reload()
    await visitor.page.wait_for_selector("body.ready")
    assert asked
    assert [url for url in asked if not url.startswith(f"{visitor.site.address}/")] == []
