"""The sandbox's page with 10,000 messages in a channel, in a real Chromium at 1280 by 800.

*first paint* is the browser's own figure for the first content, *conversation shown* counts from the start of the
navigation to the first message. Then everything older is loaded, and the whole conversation is scrolled through from
its first message to its last, a screenful a frame. A frame that takes more than two is dropped; a task of more than
50 ms is long.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from adapters.sandbox.transcript import Entry
from bot.model import Message, MessageRef, Place

if TYPE_CHECKING:
    from tests.page.browsing import Site

MESSAGES = 10_000

WATCH = """() => {
  window.long = [];
  new PerformanceObserver(list => list.getEntries().forEach(task => window.long.push(task.duration)))
    .observe({ type: "longtask", buffered: true });
  const shown = new MutationObserver(() => {
    if (!document.querySelector("#flow .row")) return;
    shown.disconnect();
    requestAnimationFrame(() => { window.shown = performance.now(); });
  });
  shown.observe(document, { childList: true, subtree: true });
}"""

UP = """async () => {
  const flow = document.getElementById("flow");
  while (!document.querySelector("#flow .no_older")) {
    flow.scrollTop = 0;
    await new Promise(requestAnimationFrame);
  }
}"""

DOWN = """async () => {
  const flow = document.getElementById("flow"), times = [];
  let nodes = 0, last = performance.now();
  window.long.length = 0;
  flow.scrollTop = 0;
  while (flow.scrollTop + flow.clientHeight < flow.scrollHeight - 20) {
    flow.scrollTop += flow.clientHeight;
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
    nodes = Math.max(nodes, document.querySelectorAll("*").length);
  }
  times.sort((a, b) => a - b);
  return { frames: times.length, median: times[times.length >> 1], worst: times.at(-1),
           dropped: times.filter(time => time > 34).length, long: window.long.length, nodes };
}"""


def run() -> dict[str, float]:
    """Milliseconds, frames and nodes. Exits where there is no browser."""
    return asyncio.run(_run())


async def _run() -> dict[str, float]:
    from tests.page.browsing import WIDE, chromium, missing, site

    if why := missing():
        sys.exit(why)
    async with site() as where, where.served(), chromium() as browser:
        _fill(where)
        page = await browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
        await page.add_init_script(f"({WATCH})()")
        await page.add_init_script("localStorage.setItem('vigie-tour', 'seen')")
        await page.goto(where.address)
        await page.wait_for_function(
            "() => window.shown && performance.getEntriesByName('first-contentful-paint').length"
        )
        paint = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        shown = await page.evaluate("window.shown")
        start = await page.evaluate("document.querySelectorAll('*').length")
        await page.evaluate(UP)
        scrolled: dict[str, Any] = await page.evaluate(DOWN)
    return {
        "messages": MESSAGES,
        "first_paint_ms": round(paint),
        "conversation_shown_ms": round(shown),
        "nodes_at_first": start,
        "nodes_at_most": scrolled["nodes"],
        "frames_scrolled": scrolled["frames"],
        "median_frame_ms": round(scrolled["median"], 1),
        "worst_frame_ms": round(scrolled["worst"], 1),
        "dropped_frames": scrolled["dropped"],
        "long_tasks": scrolled["long"],
    }


def _fill(where: Site) -> None:
    world = where.sandbox.world
    transcript, scene = world.chat.transcript, world.scene
    for n in range(MESSAGES):
        at = scene.start - timedelta(minutes=MESSAGES - n)
        ref = MessageRef(Place(scene.community, "general"), transcript.new_id("general", at))
        text = f"Message {n}." + " Some more words to read, as people write them." * (n % 6)
        transcript.add(Entry(Message(ref, scene.member(("ada", "karim", "ines")[n // 2 % 3]), at, text)))


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name.replace('_', ' '):24}{figure:>10}")
