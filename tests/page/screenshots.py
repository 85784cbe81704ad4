"""`python -m tests.page.screenshots OUT_DIR`: the page's main states as pictures, for the README and the docs."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.texts import texts
from tests.page.pictures import smaller

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.page.browsing import Site, Visitor

LARGEST = 150_000
"""Bytes of a picture that a README may carry."""

CHAT = {
    "en": (
        ("Karim", "Same here: the till in our garden barely gets any wifi."),
        ("Forge", "Release 4.2 is out: receipts in two languages."),
        ("Inès", "Good morning Karim! Sales are kept for three days, so a morning without wifi is no problem."),
        ("Ada", "@Malo does the card reader need the network too?"),
    ),
    "fr": (
        ("Karim", "Pareil ici : la caisse du jardin capte à peine le wifi."),
        ("Forge", "La version 4.2 est sortie : les tickets en deux langues."),
        ("Inès", "Bonjour Karim ! Les ventes sont gardées trois jours, une matinée sans wifi ne pose pas de problème."),
        ("Ada", "@Malo le lecteur de carte a-t-il aussi besoin du réseau ?"),
    ),
}
"""What else is said in the pictures."""


class Camera:
    """Takes pictures of one visitor's page into a folder; `look` goes into every name."""

    def __init__(self, visitor: Visitor, folder: Path, look: str) -> None:
        self.visitor = visitor
        self._folder = folder
        self._look = look

    async def take(self, name: str) -> None:
        """`NAME-LOOK.png`, once everything has come to rest. `ValueError` when it is too large."""
        page = self.visitor.page
        await page.mouse.move(0, 0)
        await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        path = self._folder / f"{name}-{self._look}.png"
        picture = smaller(await page.screenshot(animations="disabled", caret="hide"))
        path.write_bytes(picture)
        if len(picture) > LARGEST:
            raise ValueError(f"{path} has {len(picture)} bytes, more than {LARGEST}")


async def story(camera: Camera, language: str) -> None:
    """The three jobs, from the first visit to the end, with a picture at every turn."""
    visitor, t = camera.visitor, texts(language).t
    page = visitor.page
    await camera.take("first-visit")
    await visitor.skip_tour()
    await visitor.move("move_9")
    await visitor.be("Malo", "team")
    await page.wait_for_selector("#flow article.ours")
    await camera.take("tip")
    await visitor.say(visitor.t("tour_2_command"))
    await page.wait_for_selector("#flow .whisper")
    await camera.take("advice")
    await page.locator("#message-box").press_sequentially("/")
    await page.wait_for_selector("[role=option]")
    await camera.take("commands")
    await page.locator("#message-box").fill("")
    await page.locator("#flow .whisper .link-button").click()
    await visitor.be("Ada", "support")
    await visitor.say(visitor.t("tour_question"))
    await page.wait_for_selector("#flow .row")
    await visitor.move("move_1h")
    await visitor.be("Malo", "team")
    await page.wait_for_selector("[data-action='mention.snooze']")
    await camera.take("nudge")
    await page.locator("[data-action='mention.snooze']").click()
    await page.wait_for_selector("dialog")
    await camera.take("snooze")
    await page.keyboard.press("Escape")
    await page.locator("[data-action='mention.claim']").click()
    await page.get_by_text(t("{name} is being answered", name="Ada")).wait_for()
    await visitor.be("Malo", "support")
    await page.locator("#flow .row").first.press("r")
    await visitor.say(visitor.t("tour_reply"), "#reply-box")
    await page.locator("#thread-flow article").nth(1).wait_for()
    await page.locator("#reply-box").focus()
    await camera.take("thread")
    await page.locator("#thread-close").click()
    for name, text in CHAT[language]:
        await visitor.be(name, "support")
        await visitor.say(text)
        await page.locator("#flow .row:not(.pending)", has_text=text).wait_for()
    await page.locator("#flow .row").nth(1).hover()
    await page.locator("#flow .toolbar button").nth(1).click()
    await page.wait_for_selector("#flow .reaction")
    await page.locator("#message-box").focus()
    await camera.take("conversation")
    await visitor.be("Malo", "team")
    await page.get_by_text(t("{name} was answered", name="Ada")).wait_for()
    await camera.take("answered")


async def drawers(camera: Camera) -> None:
    for side in ("left", "right"):
        await camera.visitor.page.locator(f"#open-{side}").click()
        await camera.take(f"drawer-{side}")
        await camera.visitor.page.keyboard.press("Escape")


async def lost(browser: Browser, where: Site, folder: Path) -> None:
    """The page while its server is away."""
    from tests.page.browsing import WIDE, Visitor

    page = await browser.new_page(viewport=WIDE, reduced_motion="reduce")  # type: ignore[arg-type]
    visitor = Visitor(page, where)
    async with where.served():
        await visitor.arrive()
        await visitor.skip_tour()
        await visitor.be("Ada", "support")
    await page.wait_for_selector("#lost:not([hidden])")
    await visitor.say(visitor.t("tour_question"))
    await page.wait_for_selector(".pending")
    await Camera(visitor, folder, "en").take("reconnecting")


async def picture(browser: Browser, folder: Path, language: str, look: str, options: dict[str, Any]) -> None:
    from tests.page.browsing import NARROW, Visitor, site

    async with site(language) as where, where.served():
        page = await browser.new_page(**options, reduced_motion="reduce")
        visitor = Visitor(page, where)
        await visitor.arrive()
        camera = Camera(visitor, folder, look)
        await story(camera, language)
        if options["viewport"] == NARROW:
            await drawers(camera)
        if visitor.problems:
            raise ValueError("; ".join(visitor.problems))
        await page.close()


async def main(folder: Path) -> None:
    from tests.page.browsing import NARROW, WIDE, chromium, missing, site

    if why := missing():
        sys.exit(why)
    async with chromium() as browser:
        await picture(browser, folder, "en", "en", {"viewport": WIDE})
        await picture(browser, folder, "fr", "fr", {"viewport": WIDE})
        await picture(browser, folder, "en", "dark", {"viewport": WIDE, "color_scheme": "dark"})
        await picture(browser, folder, "fr", "narrow", {"viewport": NARROW})
        async with site() as where:
            await lost(browser, where, folder)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.page.screenshots OUT_DIR")
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(out))
