"""Everything by keyboard alone."""

from __future__ import annotations

import pytest
from browsing import Visitor

pytest.importorskip("playwright.async_api", reason="Playwright is not installed")
from playwright.async_api import Page, expect


async def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press a key until that has the focus."""
    for _ in range(60):
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"{selector} is not reached")


async def test_a_conversation_without_a_mouse(visitor: Visitor) -> None:
    """Skip to the box, write, rewrite, react, reply, close the thread, delete."""
    page, keyboard = visitor.page, visitor.page.keyboard
    await page.reload()
    await page.wait_for_selector("body.ready")
    await keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await keyboard.press("Enter")
    await expect(page.locator("#message-box")).to_be_focused()
    await keyboard.type("first line")
    await keyboard.press("Shift+Enter")
    await keyboard.type("second line")
    await keyboard.press("Enter")
    row = page.locator("#flow article").last
    await expect(row.locator(".row-text")).to_have_text("first line\nsecond line")
    await keyboard.press("ArrowUp")
    await expect(row.locator("textarea")).to_be_focused()
    await keyboard.type(" better")
    await keyboard.press("Enter")
    await expect(row.locator(".row-text")).to_have_text("first line\nsecond line better (edited)")
    await expect(row).to_be_focused()
    await keyboard.press("Tab")
    await keyboard.press("Enter")
    await expect(row.locator(".reaction")).to_have_attribute("aria-pressed", "true")
    await keyboard.press("Shift+Tab")
    await tab_to(page, "#flow", "Shift+Tab")
    await keyboard.press("End")
    await expect(row).to_be_focused()
    await keyboard.press("r")
    await expect(page.locator("#reply-box")).to_be_focused()
    await keyboard.type("a reply")
    await keyboard.press("Enter")
    await expect(page.locator("#thread-flow article")).to_have_count(2)
    await keyboard.press("Escape")
    await expect(page.locator("#thread")).to_be_hidden()
    await expect(row).to_be_focused()
    await keyboard.press("Delete")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await tab_to(page, "dialog [type=submit]")
    await keyboard.press("Enter")
    await expect(page.locator("#flow .row")).to_have_count(0)


async def test_channels_people_clock_and_forms_without_a_mouse(visitor: Visitor) -> None:
    """Speak as Ada, ask, let time go by, and snooze the nudge as Malo."""
    page, keyboard = visitor.page, visitor.page.keyboard
    await page.locator("body").press("Home")
    await tab_to(page, "[data-move='9:00']")
    await keyboard.press("Enter")
    await tab_to(page, "[data-channel=support]")
    await keyboard.press("Enter")
    await tab_to(page, "[name=person]")
    for _ in range(5):
        if await page.get_by_role("radio", name="Ada").is_checked():
            break
        await keyboard.press("ArrowDown")
    await tab_to(page, "#message-box")
    await keyboard.type("Does it work offline?")
    await keyboard.press("Enter")
    await expect(page.locator("#right .thought")).to_have_count(1)
    await tab_to(page, "[data-move='1h']", "Shift+Tab")
    await keyboard.press("Space")
    await tab_to(page, "[data-channel=team]")
    await keyboard.press("Enter")
    await tab_to(page, "[name=person]")
    for _ in range(5):
        if await page.get_by_role("radio", name="Malo").is_checked():
            break
        await keyboard.press("ArrowDown")
    await tab_to(page, "[data-action='mention.snooze']")
    await keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await keyboard.press("ArrowDown")
    await keyboard.press("Enter")
    await expect(page.locator("#right .thought .chip")).to_have_attribute("data-state", "snoozed")


@pytest.mark.parametrize("viewport", [{"width": 380, "height": 800}])
async def test_drawers_take_and_give_back_the_focus(visitor: Visitor) -> None:
    """Opened by their buttons, closed by Escape; what is behind cannot be reached meanwhile."""
    page, keyboard = visitor.page, visitor.page.keyboard
    for side in ("left", "right"):
        await tab_to(page, f"#open-{side}")
        await keyboard.press("Enter")
        await expect(page.locator(f"#{side}")).to_be_visible()
        assert await page.evaluate("side => document.getElementById(side).contains(document.activeElement)", side)
        await expect(page.locator("#conversation")).to_have_js_property("inert", value=True)
        await keyboard.press("Escape")
        await expect(page.locator(f"#open-{side}")).to_be_focused()
        await expect(page.locator(f"#{side}")).to_be_hidden()


async def test_new_messages_are_read_out(visitor: Visitor) -> None:
    """Politely, in the channel that one is in; those of other channels are counted."""
    page = visitor.page
    other = Visitor(await page.context.new_page(), visitor.site)
    await other.arrive()
    await visitor.be("Karim", "general")
    await other.be("Ada", "general")
    await other.say("Good morning")
    await expect(page.locator("#announcer")).to_contain_text("Ada: Good morning")
    await other.be("Ada", "support")
    await other.say("Anybody here?")
    await expect(page.locator("[data-channel=support] .count")).to_contain_text("1")
    await expect(page.locator("#announcer")).not_to_contain_text("Anybody here?")
    assert other.problems == []
