"""axe-core finds no serious fault in any of the page's main states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import NARROW, WIDE, Visitor

pytest.importorskip("playwright.async_api", reason="Playwright is not installed")

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"

pytestmark = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm install in tests/page")

SERIOUS = ("serious", "critical")


async def faults(visitor: Visitor) -> list[str]:
    await visitor.page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = await visitor.page.evaluate("axe.run()")
    return [
        f"{fault['id']}: {node['target']} {node.get('failureSummary', '')}"
        for fault in found["violations"]
        if fault["impact"] in SERIOUS
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_no_serious_fault(visitor: Visitor, theme: str) -> None:
    """Empty, in the tour, with everything in a conversation, a thread, a form, suggestions, and the drawers."""
    page = visitor.page
    await page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    assert await faults(visitor) == [], "empty"
    await page.locator("#tour-again").click()
    assert await faults(visitor) == [], "tour"
    await visitor.skip_tour()
    await visitor.move("move_9")
    await visitor.be("Ada", "support")
    await visitor.say(f"{visitor.t('tour_question')} @Malo https://example.org")
    await page.wait_for_selector("#flow .row")
    await page.locator("#message-box").press("ArrowUp")
    assert await faults(visitor) == [], "editing"
    await page.keyboard.press("Escape")
    await page.locator("#flow .toolbar button").nth(2).click()
    await page.wait_for_selector("#flow .reaction")
    assert await faults(visitor) == [], "conversation"
    await visitor.move("move_1h")
    await visitor.be("Malo", "team")
    await page.wait_for_selector("#flow [data-action='mention.snooze']")
    assert await faults(visitor) == [], "nudge"
    await page.locator("#flow [data-action='mention.snooze']").click()
    assert await faults(visitor) == [], "form"
    await page.keyboard.press("Escape")
    await visitor.say("/tip engagement")
    await page.wait_for_selector("#flow .whisper")
    await page.locator("#message-box").press_sequentially("/")
    await page.wait_for_selector("[role=option]")
    assert await faults(visitor) == [], "private reply and suggestions"
    await page.locator("#message-box").fill("")
    await page.locator("#flow article.ours").last.press("r")
    assert await faults(visitor) == [], "thread"
    await page.keyboard.press("Escape")
    for side in ("left", "right"):
        if await page.locator(f"#open-{side}").is_visible():
            await page.locator(f"#open-{side}").click()
            assert await faults(visitor) == [], side
            await page.keyboard.press("Escape")
